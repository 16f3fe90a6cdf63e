//! Exclusive creation stays native, so a protected name may come to be without being
//! asked about. It is watched for, and parked the moment it appears.
//!
//! The window between the two is named in the threat model.

use std::os::fd::AsFd;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify, WatchDescriptor};

use super::denial::Denial;
use super::supervisor::Supervisor;
use crate::policy::{Action, Node, PathFacts, Presence, Target};
use crate::retain::{Operation, Stored};
use crate::sys::file;

/// Directories whose new names are looked at, below a root; those that exist when the session starts.
const WATCHED: [&str; 19] = [
    "",
    ".ssh",
    ".config/systemd/user",
    ".local/share/systemd/user",
    ".config/fish",
    ".config/fish/conf.d",
    ".config/environment.d",
    ".config/autostart",
    ".local/share/hlrp-sh",
    ".config/zsh",
    ".config/systemd/user.control",
    ".config/containers/systemd",
    ".local/share/dbus-1/services",
    ".lmod.d",
    ".claude",
    ".codex",
    ".cursor",
    ".gemini",
    ".copilot",
];

/// What is watched, and where.
pub(super) struct Watch {
    supervisor: Arc<Supervisor>,
    inotify: Inotify,
    directories: Vec<(WatchDescriptor, PathBuf)>,
    turn: Mutex<()>,
}

/// Watches for planted names until the session ends; `None` where the kernel has no watch left to give.
pub(super) fn watch(supervisor: &Arc<Supervisor>) -> Option<Arc<Watch>> {
    let inotify = Inotify::init(InitFlags::IN_CLOEXEC | InitFlags::IN_NONBLOCK).ok()?;
    let home = supervisor.law.context.home.clone();
    let flags = AddWatchFlags::IN_CREATE
        | AddWatchFlags::IN_MOVED_TO
        | AddWatchFlags::IN_ONLYDIR
        | AddWatchFlags::IN_DONT_FOLLOW;
    let mut directories = Vec::new();
    // Policy, state, and the stores' own directories, which are made before the program begins.
    let own = supervisor.law.context.own.iter().cloned();
    let below = WATCHED.iter().map(|below| home.join(below));
    // What lies below a protected directory is protected too; home itself is only looked at by name.
    let deeper: Vec<PathBuf> = below.clone().skip(1).flat_map(directories_in).collect();
    for directory in below.chain(deeper).chain(own) {
        if let Ok(watch) = inotify.add_watch(&directory, flags) {
            directories.push((watch, directory));
        }
    }
    let watch = Arc::new(Watch {
        supervisor: Arc::clone(supervisor),
        inotify,
        directories,
        turn: Mutex::new(()),
    });
    let watching = Arc::clone(&watch);
    let watches = move || {
        loop {
            let mut source = [PollFd::new(watching.inotify.as_fd(), PollFlags::POLLIN)];
            if poll(&mut source, PollTimeout::NONE).is_err() {
                return;
            }
            watching.catch_up();
        }
    };
    // Without a thread the names are parked when the program ends.
    let _ = std::thread::Builder::new()
        .stack_size(128 * 1024)
        .spawn(watches);
    Some(watch)
}

fn directories_in(directory: PathBuf) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    let directories = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
    directories.map(|entry| entry.path()).collect()
}

impl Watch {
    /// Looks at every new name there is so far; returns when they have been dealt with.
    pub(super) fn catch_up(&self) {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        while let Ok(events) = self.inotify.read_events() {
            for event in events {
                let directory = self
                    .directories
                    .iter()
                    .find_map(|(watch, directory)| (*watch == event.wd).then_some(directory));
                if let (Some(directory), Some(name)) = (directory, event.name) {
                    self.supervisor.look_at(directory.join(name));
                }
            }
        }
    }
}

impl Supervisor {
    /// Parks a new name that nobody was asked about and that may not be.
    fn look_at(&self, path: PathBuf) {
        let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
            return;
        };
        let flags = nix::fcntl::OFlag::O_PATH | nix::fcntl::OFlag::O_DIRECTORY;
        let (Ok(parent), Ok(name)) = (file::open_path(parent, flags), file::c_path(name.as_ref()))
        else {
            return;
        };
        let Ok(status) = file::status_at(parent.as_fd(), &name) else {
            return;
        };
        // Directories and what else was made through the supervisor are judged already; what was made before is not ours to move.
        if status.is_directory() || self.births.remembers(&status) || !self.births.has(&status) {
            return;
        }
        let target = Target::Path(PathFacts {
            path: path.clone(),
            presence: Presence::Absent,
            born: None,
        });
        let verdict = (self.law.judge)(
            &Action::Create {
                target,
                node: Node::File,
            },
            None,
        );
        if verdict.is_allowed() {
            return;
        }
        let what = Stored {
            path: &path,
            status: &status,
            op: Operation::Create,
            program: "",
        };
        let parked = self
            .store(&path)
            .and_then(|store| store.park(parent.as_fd(), &name, what));
        self.tell(&Denial {
            rule: verdict.rule.to_string(),
            action: if parked.is_ok() {
                "create"
            } else {
                "create, which could not be taken back:"
            }
            .to_owned(),
            target: path.display().to_string(),
            program: "a program of the session".to_owned(),
            process: 0,
            because: verdict.because.to_string(),
            instead: verdict.instead.to_string(),
            decision: verdict.decision.to_string(),
        });
    }
}
