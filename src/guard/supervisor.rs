//! The supervisor: receives notified calls, has each handled, answers. One worker,
//! and a spare whenever a handler may have to wait.
//!
//! INVARIANT: a call is performed at most once: an answer that could not be delivered
//! is remembered and given to the same call when the thread makes it again.

use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::born::Births;
use super::call::{Call, Reply, errno};
use super::denial::{Denial, describe};
use super::memo::Memo;
use super::owner::Owners;
use crate::broker::Identity;
use crate::policy::{Action, Context, PathFacts, Place, Presence, Target, Verdict};
use crate::retain::Store;
use crate::sys::file::Status;
use crate::sys::seccomp::{Listener, Waiting};

/// Threads at most; above it a call that would wait is told to try again.
const MOST_WORKERS: usize = 256;

/// Judges an action of a program (by the name the law knows it by, where that matters).
pub type Judge = Box<dyn Fn(&Action, Option<&str>) -> Verdict + Send + Sync>;

/// What the guard is told by those above it.
pub struct Law {
    /// The facts of the session.
    pub context: Context,
    /// The one policy engine.
    pub judge: Judge,
    /// Whether a program may edit a file in place that is too big to copy.
    pub in_place: Box<dyn Fn(&str) -> bool + Send + Sync>,
    /// Bytes up to which a removed file of the session's own is kept.
    pub born_limit: u64,
    /// The broker's socket, by device and inode: connecting to it is no question.
    pub door: Option<Identity>,
    /// Sockets that prove to Slurm who somebody is, by device and inode, whatever their path: never connected to.
    pub proofs: Vec<Identity>,
    /// Character devices that may be opened for writing, besides the usual ones.
    pub devices: Vec<PathBuf>,
    /// Devices that nobody may open, not even for reading; canonical.
    pub unreadable: Vec<PathBuf>,
    /// For a program that makes namespaces of its own: all it may write, whatever the roots are.
    pub sealed: Option<Vec<PathBuf>>,
}

impl std::fmt::Debug for Law {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Law")
            .field("context", &self.context)
            .finish_non_exhaustive()
    }
}

/// The supervisor of one session.
pub struct Supervisor {
    pub(super) listener: Listener,
    pub(super) law: Law,
    pub(super) stores: Vec<Store>,
    pub(super) births: Births,
    pub(super) moved: AtomicUsize,
    own_process: i32,
    pub(super) memo: Memo,
    ready: AtomicUsize,
    workers: AtomicUsize,
    pub(super) owners: Owners,
    report: Box<dyn Fn(&Denial) + Send + Sync>,
    pub(super) waiting: Waiting,
    names: Mutex<()>,
}

impl Supervisor {
    /// Puts together a supervisor.
    pub fn new(
        listener: Listener,
        law: Law,
        stores: Vec<Store>,
        births: Births,
        waiting: Waiting,
        report: Box<dyn Fn(&Denial) + Send + Sync>,
    ) -> Arc<Self> {
        Arc::new(Self {
            listener,
            law,
            stores,
            births,
            moved: AtomicUsize::new(0),
            own_process: i32::try_from(std::process::id()).unwrap_or(0),
            memo: Memo::default(),
            ready: AtomicUsize::new(0),
            workers: AtomicUsize::new(0),
            owners: Owners::default(),
            report,
            waiting,
            names: Mutex::new(()),
        })
    }

    /// Starts one more worker.
    ///
    /// # Errors
    /// When no thread can be made.
    pub fn start_worker(self: &Arc<Self>) -> io::Result<()> {
        if self.workers.fetch_add(1, Ordering::SeqCst) >= MOST_WORKERS {
            self.workers.fetch_sub(1, Ordering::SeqCst);
            return Err(errno(libc::EAGAIN));
        }
        self.ready.fetch_add(1, Ordering::SeqCst);
        let supervisor = Arc::clone(self);
        let started = std::thread::Builder::new()
            .stack_size(256 * 1024)
            .spawn(move || supervisor.work());
        if started.is_err() {
            self.ready.fetch_sub(1, Ordering::SeqCst);
            self.workers.fetch_sub(1, Ordering::SeqCst);
        }
        started.map(drop)
    }

    fn work(self: &Arc<Self>) {
        // Without a mask of its own two workers would make files with each other's: then there is no worker.
        if crate::sys::process::own_mask().is_err() {
            return;
        }
        loop {
            match self.listener.receive() {
                Ok(Some(notification)) => self.serve(notification),
                Ok(None) if self.listener.is_over() => return,
                Ok(None) => {}
                Err(_) => return,
            }
            // A spare that is not needed any more retires.
            let surplus = self
                .ready
                .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |ready| {
                    (ready > 2).then(|| ready - 1)
                });
            if surplus.is_ok() {
                self.workers.fetch_sub(1, Ordering::SeqCst);
                return;
            }
        }
    }

    /// Runs something that may have to wait, with another worker standing in.
    ///
    /// # Errors
    /// `EAGAIN` when there are too many waiting already.
    pub(super) fn waiting<T>(self: &Arc<Self>, wait: impl FnOnce() -> T) -> io::Result<T> {
        if self.ready.fetch_sub(1, Ordering::SeqCst) <= 1 {
            self.start_worker().inspect_err(|_| {
                self.ready.fetch_add(1, Ordering::SeqCst);
            })?;
        }
        let answer = wait();
        self.ready.fetch_add(1, Ordering::SeqCst);
        Ok(answer)
    }

    /// Does one call, by its number.
    pub(super) fn handle(self: &Arc<Self>, call: &Call<'_>) -> io::Result<Reply> {
        const CWD: i32 = libc::AT_FDCWD;
        let number = libc::c_long::from(call.notification.number);
        match number {
            libc::SYS_open => self.open(call, CWD, 0, call.int(1), call.unsigned(2)),
            libc::SYS_creat => self.open(
                call,
                CWD,
                0,
                libc::O_CREAT | libc::O_WRONLY | libc::O_TRUNC,
                call.unsigned(1),
            ),
            libc::SYS_openat => self.open(call, call.int(0), 1, call.int(2), call.unsigned(3)),
            libc::SYS_truncate => self.truncate(call, call.word(1).cast_signed()),
            libc::SYS_ftruncate => {
                self.truncate_descriptor(call, call.int(0), call.word(1).cast_signed())
            }
            libc::SYS_fcntl => self.stop_appending(call, call.int(0), call.int(2)),
            libc::SYS_unlink => self.unlink(call, CWD, 0, 0),
            libc::SYS_rmdir => self.unlink(call, CWD, 0, libc::AT_REMOVEDIR),
            libc::SYS_unlinkat => self.unlink(call, call.int(0), 1, call.int(2)),
            libc::SYS_rename => self.rename(call, (CWD, 0), (CWD, 1), 0),
            libc::SYS_renameat => self.rename(call, (call.int(0), 1), (call.int(2), 3), 0),
            libc::SYS_renameat2 => {
                self.rename(call, (call.int(0), 1), (call.int(2), 3), call.unsigned(4))
            }
            libc::SYS_link => self.link(call, (CWD, 0), (CWD, 1), 0),
            libc::SYS_linkat => self.link(call, (call.int(0), 1), (call.int(2), 3), call.int(4)),
            libc::SYS_mkdir => self.make_directory(call, CWD, 0, call.unsigned(1)),
            libc::SYS_mkdirat => self.make_directory(call, call.int(0), 1, call.unsigned(2)),
            libc::SYS_mknod => self.make_node(call, CWD, 0, call.unsigned(1), call.word(2)),
            libc::SYS_mknodat => {
                self.make_node(call, call.int(0), 1, call.unsigned(2), call.word(3))
            }
            libc::SYS_symlink => self.make_symlink(call, CWD, 1),
            libc::SYS_symlinkat => self.make_symlink(call, call.int(1), 2),
            libc::SYS_bind => self.bind(call),
            libc::SYS_connect => self.connect(call),
            libc::SYS_kill
            | libc::SYS_tkill
            | libc::SYS_tgkill
            | libc::SYS_rt_sigqueueinfo
            | libc::SYS_rt_tgsigqueueinfo
            | libc::SYS_pidfd_send_signal => self.signal(call, number),
            libc::SYS_shmctl | libc::SYS_msgctl | libc::SYS_semctl => self.change_ipc(call, number),
            _ => self.change_attributes(call, number),
        }
    }

    // What handlers share.

    /// Makes the scratch directory of a session that was begun without one, when a path in it is first used.
    pub(super) fn make_scratch(&self, text: &std::ffi::CStr) {
        use std::os::unix::ffi::OsStrExt;
        use std::os::unix::fs::DirBuilderExt;
        let Some(scratch) = self.law.context.scratch.first() else {
            return;
        };
        if text.to_bytes().starts_with(scratch.as_os_str().as_bytes()) && !scratch.exists() {
            // If it cannot be made, the call that wanted it fails with ENOENT.
            let _ = std::fs::DirBuilder::new().mode(0o700).create(scratch);
        }
    }

    /// Makes something with the caller's file mode mask, which a default access control list overrides as natively.
    pub(super) fn masked<T>(
        &self,
        call: &Call<'_>,
        make: impl FnOnce() -> io::Result<T>,
    ) -> io::Result<T> {
        let mask = crate::sys::process::umask(call.thread())?;
        crate::sys::file::set_umask(mask);
        let made = make();
        crate::sys::file::set_umask(0o077);
        made
    }

    /// Holds every other handler off the names of the session, so that what was looked at is what is acted on.
    pub(super) fn hold_names(&self) -> std::sync::MutexGuard<'_, ()> {
        self.names.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the process the supervisor runs as.
    pub(super) fn own_process(&self) -> i32 {
        self.own_process
    }

    /// Judges an action, and reports a denial.
    ///
    /// # Errors
    /// `EPERM` when it is not allowed (`EACCES` outside the roots, as Landlock has it).
    pub(super) fn permit(&self, call: &Call<'_>, action: &Action) -> io::Result<()> {
        if (self.law.judge)(action, None).is_allowed() {
            return Ok(());
        }
        // Only exceptions depend on who acts, so the name is looked up last.
        let verdict = (self.law.judge)(action, Some(call.actor()));
        if verdict.is_allowed() {
            return Ok(());
        }
        let (word, target) = describe(action);
        self.tell(&Denial {
            rule: verdict.rule.to_string(),
            action: word.to_owned(),
            target,
            program: call.actor().to_owned(),
            process: call.thread(),
            because: verdict.because.to_string(),
            instead: verdict.instead.to_string(),
            decision: verdict.decision.to_string(),
        });
        Err(errno(match &*verdict.rule {
            "fs.outside-roots" => libc::EACCES,
            "quota.halt" => libc::EDQUOT,
            _ => libc::EPERM,
        }))
    }

    /// Tells of something refused.
    pub(super) fn tell(&self, denial: &Denial) {
        (self.report)(denial);
    }

    /// Returns the target of an action on a path.
    pub(super) fn target(&self, path: &Path, status: Option<&Status>) -> Target {
        let born = status.map(|status| self.is_born(path, status));
        Target::Path(PathFacts {
            path: path.to_owned(),
            presence: presence(status),
            born,
        })
    }

    /// Returns whether the session made a file. What lies in its own scratch it made: nothing else gets in there.
    pub(super) fn is_born(&self, path: &Path, status: &Status) -> bool {
        self.law.context.place(path) == Place::Scratch
            || self.births.has(status)
            || self.births.is_of_run(path, status)
    }

    /// Returns the store for a path.
    ///
    /// # Errors
    /// `EPERM` where the path lies in no root: what cannot be kept is not done.
    pub(super) fn store(&self, path: &Path) -> io::Result<&Store> {
        let mut stores: Vec<&Store> = self
            .stores
            .iter()
            .filter(|store| path.starts_with(store.root()))
            .collect();
        stores.sort_by_key(|store| store.root().as_os_str().len());
        stores.pop().ok_or_else(|| errno(libc::EPERM))
    }

    /// Returns whether a directory holds something the guard must keep in place: a root, a store, its own state.
    pub(super) fn holds_own(&self, path: &Path) -> bool {
        let context = &self.law.context;
        context
            .own
            .iter()
            .chain(&context.roots)
            .chain(&context.scratch)
            .any(|own| own.starts_with(path))
    }
}

fn presence(status: Option<&Status>) -> Presence {
    match status {
        None => Presence::Absent,
        Some(status) if status.is_directory() => Presence::Directory,
        Some(status) if status.is_regular() && status.size == 0 => Presence::EmptyFile,
        Some(status) if status.is_regular() => Presence::File,
        Some(_) => Presence::Other,
    }
}

/// A descriptor for the caller, closed on exec where the caller asked for that.
pub(super) fn descriptor(fd: OwnedFd, flags: i32) -> Reply {
    Reply::Descriptor {
        fd,
        close_on_exec: flags & libc::O_CLOEXEC != 0,
    }
}
