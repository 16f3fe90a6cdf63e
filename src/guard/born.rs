//! Which files this session made: by birth time where the file system can be trusted
//! with it, else by a table of what the supervisor itself created.
//!
//! INVARIANT: unknown means pre-existing.

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::sys::clock::{self, Stamp};
use crate::sys::file::{self, Status};

/// Local file systems that stamp birth with this machine's clock: ext2/3/4, xfs, btrfs, tmpfs, f2fs. See statfs(2).
const LOCAL: [i64; 5] = [0xEF53, 0x5846_5342, 0x9123_683E, 0x0102_1994, 0xF2F5_2010];

/// A file that cannot be mistaken for a later one with the same number: device, inode, birth.
type Made = ((u32, u32), u64, Option<Stamp>);

fn made(status: &Status) -> Made {
    let (device, inode) = status.identity();
    (device, inode, status.birth)
}

/// Knows what was born in this session.
#[derive(Debug)]
pub struct Births {
    start: Stamp,
    start_tick: Stamp,
    trusted: HashSet<(u32, u32)>,
    made: Mutex<HashSet<Made>>,
    /// The run directory of a job that was requeued, and when it first started.
    run: Option<(PathBuf, Stamp)>,
    untrusted_roots: Vec<PathBuf>,
}

impl Births {
    /// Takes the time, and looks at which of the trees keep birth times.
    pub fn begin(trees: &[PathBuf]) -> Self {
        let mut trusted = HashSet::new();
        let mut untrusted_roots = Vec::new();
        for tree in trees {
            match look_at(tree) {
                Ok((device, true)) => {
                    trusted.insert(device);
                }
                Ok((_, false)) | Err(_) => untrusted_roots.push(tree.clone()),
            }
        }
        Self {
            start: clock::fine(),
            start_tick: clock::coarse(),
            trusted,
            made: Mutex::default(),
            run: None,
            untrusted_roots,
        }
    }

    /// Counts what was made in a run's directory since the run first started.
    pub fn of_run(&mut self, run: Option<(PathBuf, Stamp)>) {
        self.run = run;
    }

    /// Returns whether the run of this job made a file, before it was requeued.
    pub fn is_of_run(&self, path: &Path, status: &Status) -> bool {
        self.run.as_ref().is_some_and(|(directory, start)| {
            path.starts_with(directory)
                && self.trusted.contains(&status.device)
                && status
                    .birth
                    .is_some_and(|birth| birth > *start && birth <= clock::fine())
        })
    }

    /// Returns the moment that the session counts from.
    pub fn start(&self) -> Stamp {
        self.start
    }

    /// Returns whether every tree keeps birth times, so that creation need not be watched.
    pub fn are_kept(&self) -> bool {
        self.untrusted_roots.is_empty()
    }

    /// Waits until files made from now on are told apart from those made before; a clock tick at most.
    pub fn settle(&self) {
        // A tick is 10 ms on the slowest kernels; the bound only guards against a clock set back.
        for _ in 0..100 {
            if clock::coarse() > self.start {
                return;
            }
            std::thread::sleep(std::time::Duration::from_micros(200));
        }
    }

    /// Returns whether the session made this file.
    pub fn has(&self, status: &Status) -> bool {
        let by_time = self.trusted.contains(&status.device)
            && status
                .birth
                .is_some_and(|birth| birth > self.start && birth <= clock::fine());
        by_time || self.lock().contains(&made(status))
    }

    /// Remembers a file that the supervisor has just made for the session.
    pub fn remember(&self, status: &Status) {
        // What the file system says was there before was not made now, whatever raced with the making.
        let is_older = self.trusted.contains(&status.device)
            && status.birth.is_some_and(|birth| birth < self.start_tick);
        if !is_older {
            self.lock().insert(made(status));
        }
    }

    /// Returns whether the supervisor itself made this file for the session.
    pub fn remembers(&self, status: &Status) -> bool {
        self.lock().contains(&made(status))
    }

    /// Forgets a file that is gone, whose number may come again.
    pub fn forget(&self, status: &Status) {
        self.lock().remove(&made(status));
    }

    /// Returns whether a time lies after the session's start.
    pub fn is_since_start(&self, stamp: Stamp) -> bool {
        stamp > self.start
    }

    /// Returns the second the session began in.
    pub fn start_seconds(&self) -> i64 {
        self.start.seconds
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashSet<Made>> {
        self.made.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn look_at(tree: &Path) -> io::Result<((u32, u32), bool)> {
    use std::os::fd::AsFd;
    let fd = file::open_path(tree, nix::fcntl::OFlag::O_PATH)?;
    let status = file::status(fd.as_fd())?;
    let local = LOCAL.contains(&file::filesystem_magic(fd.as_fd())?);
    Ok((status.device, local && status.birth.is_some()))
}
