//! Waits for something to happen: a file grows, a signal comes, nobody reads any more, time passes.

use std::io;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::time::Duration;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify};
use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};

/// What it is woken by.
pub(in crate::cli) struct Wake {
    signals: SignalFd,
    files: Option<Inotify>,
    watched: Vec<PathBuf>,
}

/// Why it woke.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::cli) enum Woken {
    /// Something changed, or time passed.
    Look,
    /// A key was pressed.
    Key,
    /// Nobody reads what is written.
    Unread,
    /// A signal came.
    Signal(i32),
}

impl Wake {
    /// Takes these signals instead of being ended by them.
    pub(in crate::cli) fn new(signals: &[Signal]) -> io::Result<Self> {
        let mut set = SigSet::empty();
        signals.iter().for_each(|signal| set.add(*signal));
        set.thread_block()?;
        Ok(Self {
            signals: SignalFd::with_flags(&set, SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK)?,
            // Without it, as on file systems of other machines, time alone wakes.
            files: Inotify::init(InitFlags::IN_CLOEXEC | InitFlags::IN_NONBLOCK).ok(),
            watched: Vec::new(),
        })
    }

    /// Wakes when something in a file's directory changes.
    pub(in crate::cli) fn watch(&mut self, path: &Path) {
        let Some(directory) = path
            .parent()
            .filter(|it| !self.watched.iter().any(|one| one == it))
        else {
            return;
        };
        let flags =
            AddWatchFlags::IN_MODIFY | AddWatchFlags::IN_CREATE | AddWatchFlags::IN_MOVED_TO;
        let added = self
            .files
            .as_ref()
            .map(|files| files.add_watch(directory, flags));
        if matches!(added, Some(Ok(_))) {
            self.watched.push(directory.to_owned());
        }
    }

    /// Waits so long at most; with `keys` also for a key.
    pub(in crate::cli) fn wait(&self, longest: Duration, keys: bool) -> io::Result<Woken> {
        let (stdin, stdout) = (io::stdin(), io::stdout());
        let mut watched = vec![
            PollFd::new(self.signals.as_fd(), PollFlags::POLLIN),
            PollFd::new(stdout.as_fd(), PollFlags::empty()),
        ];
        if keys {
            watched.push(PollFd::new(stdin.as_fd(), PollFlags::POLLIN));
        }
        if let Some(files) = &self.files {
            watched.push(PollFd::new(files.as_fd(), PollFlags::POLLIN));
        }
        let longest = PollTimeout::try_from(longest).unwrap_or(PollTimeout::MAX);
        match poll(&mut watched, longest) {
            Ok(_) | Err(nix::errno::Errno::EINTR) => {}
            Err(fault) => return Err(fault.into()),
        }
        let any = |at: usize| watched.get(at).and_then(PollFd::any).unwrap_or(false);
        let (is_signal, is_unread, is_key) = (any(0), any(1), keys && any(2));
        if is_signal && let Some(info) = self.signals.read_signal()? {
            return Ok(Woken::Signal(i32::try_from(info.ssi_signo).unwrap_or(0)));
        }
        if is_unread {
            return Ok(Woken::Unread);
        }
        if let Some(files) = &self.files {
            // What changed is found by looking; the events are only taken away.
            while files.read_events().is_ok_and(|events| !events.is_empty()) {}
        }
        Ok(if is_key { Woken::Key } else { Woken::Look })
    }
}
