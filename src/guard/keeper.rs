//! The keeper: a process beside the front that watches how much room is left while a
//! session runs, and stops the session when there is none. It comes when a session has
//! lasted a second, so that short lines do not pay for it.
//!
//! INVARIANT: it is outside the session, and nothing in it can signal or trace it; once it
//! has said that the session is halted, only its own word lifts that. If it dies then, the
//! session stays halted.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufRead as _, BufReader, Read, Write};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::unistd::Pid;

use super::withdrawal::withdraw;
use crate::sys::process::{self, Side};
use crate::sys::times::{self, Times};
use crate::sys::{spawn, state};

/// How long a session lasts before it is watched.
const GRACE: Duration = Duration::from_secs(1);
/// How long a session is being stopped at first; it is looked at again for as long as it is halted.
const STOPPING: Duration = Duration::from_millis(500);
/// How long it is looked at again each time.
const HOLDING: Duration = Duration::from_millis(20);
/// Looks one after the other that find nothing that runs, before it counts as stopped.
const QUIET: usize = 3;
const HALT: u8 = b'h';
const GO_ON: u8 = b'g';

/// What the keeper does, until the session is over.
pub type Keep = Box<dyn FnOnce(Kept)>;
/// Says something to the person.
pub type Say = Box<dyn Fn(&str)>;

/// Who watches a session, and who speaks for them.
pub struct Keeping {
    /// What the keeper does.
    pub keep: Keep,
    /// Says what the keeper wants said; called in the front.
    pub say: Say,
}

/// The session, as its keeper has it.
#[derive(Debug)]
pub struct Kept {
    supervisor: i32,
    life: OwnedFd,
    word: io::PipeWriter,
    voice: io::PipeWriter,
    /// What was stopped here, and began when.
    stopped: BTreeMap<i32, u64>,
}

impl Kept {
    /// Waits; returns false when the session is over.
    pub fn pause(&self, time: Duration) -> bool {
        let end = Instant::now() + time;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            // Rounded up, else it would spin through the last millisecond.
            let wait = left.as_micros().div_ceil(1000);
            let wait = PollTimeout::try_from(wait).unwrap_or(PollTimeout::MAX);
            let mut life = [PollFd::new(self.life.as_fd(), PollFlags::POLLIN)];
            match poll(&mut life, wait) {
                Ok(0) if left.is_zero() => return true,
                Ok(0) | Err(_) => {}
                Ok(_) => return false,
            }
        }
    }

    /// Returns the session's supervisor.
    pub fn supervisor(&self) -> i32 {
        self.supervisor
    }

    /// Has the session say something to its person.
    pub fn say(&mut self, text: &str) {
        // Nobody may be there any more: the session goes on in the background.
        let _ = serde_json::to_writer(&self.voice, text);
        let _ = self.voice.write_all(b"\n");
    }

    /// Has every change refused, and stops every process, parents first; returns how many are stopped.
    pub fn halt(&mut self) -> usize {
        let _ = self.word.write_all(&[HALT]);
        self.stop(STOPPING);
        self.stopped.len()
    }

    /// Stops what runs all the same: what was forked faster than was looked, or continued by somebody.
    pub fn hold(&mut self) {
        self.stop(HOLDING);
    }

    fn stop(&mut self, patience: Duration) {
        let end = Instant::now() + patience;
        let mut quiet = 0;
        let mut seen: BTreeSet<(i32, u64)> = BTreeSet::new();
        while quiet < QUIET && Instant::now() < end {
            let mut is_quiet = true;
            for one in times::below(self.supervisor) {
                let is_new = seen.insert((one.process, one.started));
                // What a person has stopped stays so when the session goes on.
                if one.is_stopped() || !is_new && !one.is_running() {
                    continue;
                }
                is_quiet = false;
                if one.signal(libc::SIGSTOP).is_ok() {
                    self.stopped.insert(one.process, one.started);
                }
            }
            quiet = if is_quiet { quiet + 1 } else { 0 };
        }
    }

    /// Lets the session change things again, and continues what was stopped, children first.
    pub fn go_on(&mut self) {
        let _ = self.word.write_all(&[GO_ON]);
        // The supervisor must have heard it before anybody tries to write.
        std::thread::sleep(Duration::from_millis(50));
        let mut stopped: Vec<_> = std::mem::take(&mut self.stopped).into_iter().collect();
        stopped.sort_by_cached_key(|(one, _)| std::cmp::Reverse(depth(*one)));
        for (one, started) in stopped {
            let same = Times::of(one).filter(|found| found.started == started);
            if let Some(same) = same
                && process::descends_from(one, self.supervisor)
            {
                // One that has gone meanwhile needs no word.
                let _ = same.signal(libc::SIGCONT);
            }
        }
    }

    /// Returns the files that the session's processes have open for writing, each with a program that has.
    pub fn open_files(&self) -> BTreeMap<PathBuf, String> {
        let mut found = BTreeMap::new();
        for process in process::members(self.supervisor) {
            let program = process::program(process).unwrap_or_default();
            for path in state::written_files(process) {
                found.entry(path).or_insert_with(|| program.clone());
            }
        }
        found
    }

    /// Returns the directories that the session's processes are in.
    pub fn directories(&self) -> Vec<PathBuf> {
        let of = |process: &i32| std::fs::read_link(format!("/proc/{process}/cwd")).ok();
        let mut found: Vec<PathBuf> = process::members(self.supervisor)
            .iter()
            .filter_map(of)
            .collect();
        found.sort();
        found.dedup();
        found.retain(|one| one.parent().is_some() && one != Path::new("/"));
        found
    }
}

/// Returns how far below the first process one is.
fn depth(process: i32) -> usize {
    let above = std::iter::successors(Some(process), |one| {
        process::parent(*one).filter(|parent| *parent > 1)
    });
    above.take(4096).count()
}

/// Does what the keeper says, in the supervisor, for as long as there may be one.
pub(super) fn obey(mut word: io::PipeReader, is_halted: Arc<AtomicBool>) {
    let obeying = move || {
        let mut said = [0];
        while let Ok(1) = word.read(&mut said) {
            is_halted.store(said == [HALT], Ordering::SeqCst);
        }
    };
    // Without it a halted session's processes are stopped all the same.
    let _ = std::thread::Builder::new()
        .stack_size(64 * 1024)
        .spawn(obeying);
}

/// The front's side: starts the keeper in time, and says what it wants said.
pub(super) struct Beginning {
    keeping: Option<Keeping>,
    say: Option<Say>,
    word: Option<io::PipeWriter>,
    voice: Option<BufReader<io::PipeReader>>,
    due: Option<Instant>,
}

impl Beginning {
    pub(super) fn new(keeping: Option<Keeping>, word: io::PipeWriter) -> Self {
        Self {
            word: keeping.is_some().then_some(word),
            keeping,
            say: None,
            voice: None,
            due: None,
        }
    }

    /// The program runs.
    pub(super) fn started(&mut self) {
        self.due = self.keeping.as_ref().map(|_| Instant::now() + GRACE);
    }

    /// Returns how long the front may wait before it looks here again.
    pub(super) fn patience(&self) -> PollTimeout {
        let left = self
            .due
            .map(|due| due.saturating_duration_since(Instant::now()));
        left.map_or(PollTimeout::NONE, |left| {
            PollTimeout::try_from(left.as_millis() + 1).unwrap_or(PollTimeout::NONE)
        })
    }

    /// Starts the keeper where it is time.
    pub(super) fn look(&mut self, supervisor: Pid) {
        if self.due.is_some_and(|due| due <= Instant::now()) {
            self.begin(supervisor);
        }
    }

    /// Starts the keeper now, where it is not there yet.
    pub(super) fn begin(&mut self, supervisor: Pid) {
        self.due = None;
        let (Some(keeping), Some(word)) = (self.keeping.take(), self.word.take()) else {
            return;
        };
        let Ok((voice, speaker)) = io::pipe() else {
            return;
        };
        let Ok(life) = process::handle(supervisor.as_raw()) else {
            return;
        };
        match process::fork() {
            Ok(Side::Child) => {
                spawn::keep_only(&[word.as_raw_fd(), speaker.as_raw_fd(), life.as_raw_fd()]);
                withdraw();
                (keeping.keep)(Kept {
                    supervisor: supervisor.as_raw(),
                    life,
                    word,
                    voice: speaker,
                    stopped: BTreeMap::new(),
                });
                process::exit_now(0)
            }
            Ok(Side::Parent(_)) => {
                self.say = Some(keeping.say);
                self.voice = Some(BufReader::new(voice));
            }
            Err(_) => {}
        }
    }

    /// Returns what the keeper speaks through.
    pub(super) fn voice(&self) -> Option<&io::PipeReader> {
        self.voice.as_ref().map(BufReader::get_ref)
    }

    /// Says what the keeper has to say.
    pub(super) fn listen(&mut self) {
        let Some(voice) = self.voice.as_mut() else {
            return;
        };
        let mut line = String::new();
        match voice.read_line(&mut line) {
            Ok(0) | Err(_) => self.voice = None,
            Ok(_) => {
                if let (Some(say), Ok(text)) = (&self.say, serde_json::from_str::<String>(&line)) {
                    say(&text);
                }
            }
        }
    }
}
