//! What a line writes: its beginning and its end are kept for the answer, the whole in a
//! file of the session's scratch where it is longer.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use schemars::JsonSchema;
use serde::Serialize;

/// Bytes of the beginning that are kept.
const HEAD: usize = 8 * 1024;
/// Bytes of the end that are kept.
const TAIL: usize = 24 * 1024;
/// Bytes that are stored at most.
const STORED: u64 = 256 * 1024 * 1024;

/// One of a line's two streams.
#[derive(Debug)]
pub(super) struct Capture {
    state: Mutex<State>,
    caught_up: Condvar,
}

#[derive(Debug)]
struct State {
    head: Vec<u8>,
    tail: VecDeque<u8>,
    count: u64,
    /// Where the whole goes once it is longer than what is kept.
    place: PathBuf,
    store: Option<File>,
    is_stored: bool,
    /// The line is over: what is there now is what it wrote.
    is_over: bool,
    has_all: bool,
}

/// A stream as it is answered.
#[derive(Debug, JsonSchema, Serialize)]
pub(super) struct Written {
    /// The text; of a long one the beginning and the end, with a line between them that says what was left out.
    pub(super) text: String,
    /// How many bytes it was.
    bytes: u64,
    /// Where the whole is, where it is longer than what is shown. Read it with `run`; it goes when the session ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) whole: Option<String>,
}

impl Capture {
    /// Returns a capture that will store what is too long at `place`.
    pub(super) fn new(place: PathBuf) -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::new(State {
                head: Vec::new(),
                tail: VecDeque::new(),
                count: 0,
                place,
                store: None,
                is_stored: false,
                is_over: false,
                has_all: false,
            }),
            caught_up: Condvar::new(),
        })
    }

    /// Reads until nobody writes any more, on a thread of its own.
    pub(super) fn follow(self: &Arc<Self>, source: File) {
        let capture = Arc::clone(self);
        let followed = std::thread::Builder::new()
            .name("capture".to_owned())
            .spawn(move || capture.read(source));
        if followed.is_err() {
            self.state().has_all = true;
        }
    }

    /// Says that the line is over, and waits until what it wrote has been read.
    pub(super) fn finish(&self) {
        const PATIENCE: Duration = Duration::from_secs(2);
        let begun = Instant::now();
        let mut state = self.state();
        state.is_over = true;
        while !state.has_all && begun.elapsed() < PATIENCE {
            let waited = self
                .caught_up
                .wait_timeout(state, Duration::from_millis(100));
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Returns how many bytes there are, and the last line.
    pub(super) fn latest(&self) -> (u64, String) {
        let state = self.state();
        let bytes: Vec<u8> = if state.tail.is_empty() {
            state.head.clone()
        } else {
            state.tail.iter().copied().collect()
        };
        let text = String::from_utf8_lossy(&bytes);
        let last = text.trim_end().lines().next_back().unwrap_or_default();
        (
            state.count,
            crate::ui::clean(last).chars().take(120).collect(),
        )
    }

    /// Returns what is answered.
    pub(super) fn written(&self) -> Written {
        let state = self.state();
        let tail: Vec<u8> = state.tail.iter().copied().collect();
        let kept = (state.head.len() + tail.len()) as u64;
        let mut text = String::from_utf8_lossy(&state.head).into_owned();
        let whole = (state.count > kept).then(|| {
            let left_out = state.count - kept;
            let place = state.place.display().to_string();
            let said = if state.store.is_some() {
                format!("the whole is in {place}")
            } else {
                "the whole could not be stored".to_owned()
            };
            text.push_str(&format!("\n[… {left_out} bytes left out; {said} …]\n"));
            state.store.is_some().then_some(place)
        });
        text.push_str(&String::from_utf8_lossy(&tail));
        Written {
            text,
            bytes: state.count,
            whole: whole.flatten(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read(&self, mut source: File) {
        let mut bytes = vec![0; 64 * 1024];
        loop {
            let mut watched = [PollFd::new(source.as_fd(), PollFlags::POLLIN)];
            let _ = poll(&mut watched, PollTimeout::from(50_u8));
            let [watched] = watched;
            let found = watched.revents().unwrap_or(PollFlags::empty());
            let is_gone = found.intersects(PollFlags::POLLHUP | PollFlags::POLLERR);
            if found.contains(PollFlags::POLLIN) {
                // Without a writer yet there is nothing to read, which is not the end.
                if let Ok(count) = source.read(&mut bytes)
                    && count > 0
                {
                    self.state().take(bytes.get(..count).unwrap_or_default());
                    continue;
                }
            }
            let mut state = self.state();
            if state.is_over || is_gone {
                state.has_all = true;
                self.caught_up.notify_all();
            }
            if is_gone {
                return;
            }
        }
    }
}

impl State {
    fn take(&mut self, bytes: &[u8]) {
        self.count += bytes.len() as u64;
        let room = HEAD.saturating_sub(self.head.len()).min(bytes.len());
        let (first, rest) = bytes.split_at(room);
        self.head.extend_from_slice(first);
        if !self.is_stored && self.tail.len() + rest.len() > TAIL {
            self.store();
        }
        self.tail.extend(rest);
        if let Some(store) = &mut self.store
            && self.count <= STORED
        {
            // What cannot be stored is said to be left out.
            if store.write_all(rest).is_err() {
                self.store = None;
            }
        }
        let surplus = self.tail.len().saturating_sub(TAIL);
        self.tail.drain(..surplus);
    }

    /// Opens the store, with what there is so far but for what just came. The directory is the session's own: nothing
    /// that was planted there is written to.
    fn store(&mut self) {
        self.is_stored = true;
        let made = File::options()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .custom_flags(libc::O_NOFOLLOW)
            .open(&self.place);
        let Ok(mut file) = made else {
            return;
        };
        let tail: Vec<u8> = self.tail.iter().copied().collect();
        if file
            .write_all(&self.head)
            .and_then(|()| file.write_all(&tail))
            .is_ok()
        {
            self.store = Some(file);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn head_and_tail_are_kept_and_the_whole_is_stored() {
        let directory = tempfile::tempdir().unwrap();
        let capture = Capture::new(directory.path().join("out"));
        let mut whole = Vec::new();
        for number in 0..20_000 {
            let line = format!("line {number}\n");
            whole.extend_from_slice(line.as_bytes());
            capture.state().take(line.as_bytes());
        }
        let written = capture.written();
        assert!(written.text.starts_with("line 0\nline 1\n"));
        assert!(written.text.ends_with("line 19999\n"));
        assert!(written.text.contains("bytes left out; the whole is in "));
        assert!(written.text.len() < HEAD + TAIL + 200);
        assert_eq!(written.bytes as usize, whole.len());
        assert_eq!(std::fs::read(written.whole.unwrap()).unwrap(), whole);
    }

    #[test]
    fn a_long_stream_that_comes_at_once_is_stored_once() {
        let directory = tempfile::tempdir().unwrap();
        let capture = Capture::new(directory.path().join("out"));
        capture.state().take(&[b'x'; HEAD + TAIL + 1]);
        let stored = std::fs::read(capture.written().whole.unwrap()).unwrap();
        assert_eq!(stored.len(), HEAD + TAIL + 1);
    }

    #[test]
    fn what_is_short_is_all_there() {
        let directory = tempfile::tempdir().unwrap();
        let capture = Capture::new(directory.path().join("out"));
        capture.state().take(&[b'x'; HEAD + TAIL]);
        let written = capture.written();
        assert_eq!(written.text.len(), HEAD + TAIL);
        assert!(written.whole.is_none());
        assert!(!directory.path().join("out").exists());
    }
}
