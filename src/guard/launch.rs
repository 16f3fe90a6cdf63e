//! Starts a program inside the guard: front, supervisor, program; each one fork.
//!
//! The front is the process its caller waits for: it holds no descriptor of the
//! program's, passes signals on, and ends with the program's status. The supervisor
//! lives on until the session's last process has gone.

use std::ffi::OsString;
use std::io::{self, BufReader};
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};

use nix::sys::signal::{SigSet, SigmaskHow, sigprocmask};
use nix::sys::wait::{Id, WaitPidFlag, WaitStatus, waitid, waitpid};
use nix::unistd::Pid;

use super::attendant::Attendant;
use super::beside;
use super::born::Births;
use super::denial::Denial;
use super::domain;
use super::front;
use super::image::{Image, KILLABLE};
use super::inherited;
use super::keeper::{self, Beginning, Keeping};
use super::level::Offer;
use super::lineage;
use super::planted;
use super::report::{EXEC, Report, Reporter, tell};
use super::supervisor::{Law, Supervisor};
use super::withdrawal::withdraw;
use crate::broker::Broker;
use crate::policy::GuardLevel;
use crate::retain::Store;
use crate::sys::landlock::Domain;
use crate::sys::namespace::Proc;
use crate::sys::process::{self, Side};
use crate::sys::seccomp::{Listener, Waiting};
use crate::sys::{namespace, socket};

/// A program, and the guard it is to run in.
pub struct Launch {
    /// The program's file.
    pub program: PathBuf,
    /// Its arguments, the first its name.
    pub arguments: Vec<OsString>,
    /// Its environment, `NAME=value`.
    pub environment: Vec<OsString>,
    /// What the guard is told.
    pub law: Law,
    /// One store a root.
    pub stores: Vec<Store>,
    /// What the kernel offers.
    pub offer: Offer,
    /// Whether the program is likely to make files: then births are told by time, and a clock tick must pass before it
    /// begins. Else every creation is seen by the supervisor, and nothing need be waited for.
    pub creates: bool,
    /// Whether a received call may be interrupted; [`Waiting::Killable`] unless a test wants the old way.
    pub waiting: Waiting,
    /// Told of every denial where it happens, in the supervisor (for the audit).
    pub witness: Box<dyn Fn(&Denial) + Send + Sync>,
    /// Runs Slurm's clients for the session, where there are any.
    pub broker: Option<Broker>,
    /// Watches the room there is, where anything is written.
    pub keeping: Option<Keeping>,
    /// Set while the session is halted; the law looks at it.
    pub is_halted: Arc<AtomicBool>,
    /// Called once, in the supervisor, when the session's last process has gone.
    pub farewell: Box<dyn FnOnce()>,
    /// Told of everything as it happens.
    pub attendant: Option<Attendant>,
}

/// How it ended.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// The exit status as bash has it: the program's own, or 128 and the signal's number.
    pub status: u8,
    /// The signal that ended it.
    pub signal: Option<i32>,
    /// What was refused while it ran.
    pub denials: Vec<Denial>,
    /// The supervisor ended before the program did.
    pub guard_lost: bool,
    /// The level it ran at.
    pub level: Option<GuardLevel>,
}

/// Why it could not be started.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Failure {
    /// The guard could not be set up.
    #[error("{step}")]
    Guard {
        /// Which step.
        step: String,
        /// What the kernel said.
        #[source]
        source: io::Error,
    },
    /// The program could not be executed.
    #[error("`{program}`")]
    Program {
        /// Which.
        program: String,
        /// What the kernel said.
        #[source]
        source: io::Error,
    },
}

/// Runs a program inside the guard and waits for it.
///
/// INVARIANT: the calling process has one thread.
///
/// # Errors
/// When the guard or the program cannot be started; nothing has run then.
pub fn launch(mut launch: Launch) -> Result<Outcome, Failure> {
    let guard = |step: &'static str| {
        move |source| Failure::Guard {
            step: step.to_owned(),
            source,
        }
    };
    let program = launch.program.display().to_string();
    let (reports, reporter) = io::pipe().map_err(guard("no pipe for reports"))?;
    // Nothing may arrive before somebody listens; the program gets the old mask back.
    let mut old = SigSet::empty();
    sigprocmask(SigmaskHow::SIG_BLOCK, Some(&SigSet::all()), Some(&mut old))
        .map_err(|errno| guard("no signal mask")(errno.into()))?;
    let scratch = launch.law.context.scratch.clone();
    let attendant = launch.attendant.take();
    let keeping = launch.keeping.take();
    let (word, speaker) = io::pipe().map_err(guard("no pipe for the keeper"))?;
    match process::fork().map_err(guard("no process for the supervisor"))? {
        Side::Child => {
            drop((reports, attendant, keeping, speaker));
            let reporter = Arc::new(Mutex::new(reporter));
            supervise(launch, old, &reporter, word);
            process::exit_now(0)
        }
        Side::Parent(supervisor) => {
            drop((reporter, launch, word));
            let beginning = Beginning::new(keeping, speaker);
            let reports = BufReader::new(reports);
            let outcome = front::wait(reports, supervisor, &old, &program, attendant, beginning);
            let _ = sigprocmask(SigmaskHow::SIG_SETMASK, Some(&old), None);
            // The supervisor clears its scratch away; in a mount namespace the directory itself stays for us.
            for scratch in scratch {
                let _ = std::fs::remove_dir(scratch);
            }
            outcome
        }
    }
}

/// The supervisor's life.
fn supervise(launch: Launch, mask: SigSet, reporter: &Reporter, word: io::PipeReader) {
    let failed = |step: &str, error: &io::Error| {
        tell(
            reporter,
            &Report::Failed {
                step: step.to_owned(),
                errno: error.raw_os_error().unwrap_or(libc::EIO),
            },
        );
    };
    let scratch = launch.law.context.scratch.clone();
    let is_halted = Arc::clone(&launch.is_halted);
    let begun = match begin(launch, mask, reporter) {
        Ok(begun) => begun,
        Err((step, error)) => return failed(&step, &error),
    };
    let child = begun.child;
    let started = Report::Started {
        process: child.as_raw(),
        level: begun.level,
    };
    tell(reporter, &started);
    keeper::obey(word, is_halted);
    let ended = |status: u8, signal: Option<i32>| {
        if let Some(watch) = &begun.watch {
            watch.catch_up();
        }
        let ended = Report::Ended {
            status,
            signal,
            goes_on: has_others(),
        };
        tell(reporter, &ended);
    };
    loop {
        match waitpid(None, None) {
            Ok(WaitStatus::Exited(gone, status)) if gone == child => {
                ended(u8::try_from(status & 0xFF).unwrap_or(1), None);
            }
            Ok(WaitStatus::Signaled(gone, signal, _)) if gone == child => {
                let number = signal as i32;
                ended(128 + u8::try_from(number).unwrap_or(0), Some(number));
            }
            Err(nix::errno::Errno::ECHILD) => break,
            _ => {}
        }
    }
    if let Some(watch) = &begun.watch {
        watch.catch_up();
    }
    drop(begun.beside);
    (begun.farewell)();
    // The session's own scratch, made by us a moment before it began; no link in it is followed.
    for scratch in scratch {
        if std::fs::remove_dir_all(&scratch).is_err() {
            open_up(&scratch);
            let _ = std::fs::remove_dir_all(scratch);
        }
    }
}

/// Returns whether processes of the session are left.
fn has_others() -> bool {
    let flags = WaitPidFlag::WNOHANG | WaitPidFlag::WNOWAIT | WaitPidFlag::WEXITED;
    waitid(Id::All, flags).is_ok()
}

/// A program that runs.
struct Begun {
    child: Pid,
    level: GuardLevel,
    watch: Option<Arc<planted::Watch>>,
    /// While this is open the broker lives.
    beside: Option<OwnedFd>,
    farewell: Box<dyn FnOnce()>,
}

/// Sets the guard up and starts the program in it.
fn begin(launch: Launch, mask: SigSet, reporter: &Reporter) -> Result<Begun, (String, io::Error)> {
    let at = |step: &'static str| move |error: io::Error| (step.to_owned(), error);
    let Launch {
        program,
        arguments,
        environment,
        mut law,
        stores,
        offer,
        creates,
        waiting,
        witness,
        broker,
        farewell,
        attendant: _,
        keeping: _,
        is_halted: _,
    } = launch;
    let sealed = law.sealed.clone();
    let mut level = match &sealed {
        Some(_) => GuardLevel::B,
        None => offer.level(),
    };
    let roots: Vec<&Path> = law.context.roots.iter().map(PathBuf::as_path).collect();
    let shared = PathBuf::from("/dev/shm");
    let born_in: Vec<PathBuf> = law.context.roots.iter().chain([&shared]).cloned().collect();
    let mut births = Births::begin(&born_in);
    let mut trees = roots;
    trees.extend(law.context.scratch.iter().map(PathBuf::as_path));
    trees.push(&shared);
    // A scratch directory that is not there yet is made by the supervisor when it is first wanted.
    let makes_scratch = law.context.scratch.iter().any(|scratch| !scratch.exists());
    if makes_scratch {
        trees.extend(
            law.context
                .scratch
                .iter()
                .filter_map(|scratch| scratch.parent()),
        );
    }
    inherited::keep(&stores).map_err(at(inherited::STEP))?;
    if creates {
        for store in &stores {
            // A root that cannot be written keeps nothing, and so nothing in it can be changed.
            let _ = store.prepare();
        }
        births.of_run(lineage::first_start(&law.context, births.start()));
    }
    process::renounce_privileges().map_err(at("no_new_privs"))?;
    let scopes = if let Some(trees) = &sealed {
        seal(trees).map_err(at(
            "users can make no namespaces on this machine, and enroot needs them",
        ))?
    } else if level == GuardLevel::A {
        domain::enter_domains(&trees, &law).map_err(at("Landlock refused its rules"))?
    } else {
        if level == GuardLevel::B && namespace::enter_read_only(&trees, Proc::ReadOnly).is_err() {
            level = GuardLevel::C;
        }
        None
    };
    law.context.guard = Some(level);
    law.door = broker.as_ref().map(|broker| broker.door.identity());
    let beside = broker.map(beside::start).transpose();
    let beside = beside.map_err(at("no process for the broker"))?;
    process::become_subreaper().map_err(at("no subreaper"))?;
    let filter = match &sealed {
        Some(_) => offer.sealed_filter(),
        None => offer.filter(level, creates && births.are_kept()),
    };
    let filter = filter.assemble();
    let image =
        Image::new(&program, arguments, environment).map_err(at("the arguments hold a NUL"))?;
    let (ours, theirs) = socket::pair().map_err(at("no socket for the listener"))?;
    let child = match process::fork().map_err(at("no process for the program"))? {
        Side::Child => {
            let settle = creates.then_some(&births);
            image.become_it(&filter, scopes.as_ref(), waiting, &theirs, &mask, settle)
        }
        Side::Parent(child) => child,
    };
    drop(theirs);
    withdraw();
    let (listener, note) =
        socket::receive_descriptor(ours.as_fd()).map_err(at("no seccomp listener"))?;
    let waiting = if note == KILLABLE {
        Waiting::Killable
    } else {
        Waiting::Interruptible
    };
    let listener = Listener::new(listener);
    listener.prefer_synchronous_wake_up();
    let tell_denials = Arc::clone(reporter);
    let report = Box::new(move |denial: &Denial| {
        witness(denial);
        tell(&tell_denials, &Report::Denied(denial.clone()));
    });
    let supervisor = Supervisor::new(listener, law, stores, births, waiting, report);
    supervisor.start_worker().map_err(at("no thread"))?;
    let watch = if creates {
        planted::watch(&supervisor)
    } else {
        None
    };
    if creates {
        socket::give_go(ours.as_fd());
    }
    // The image is replaced by exec, which closes the socket; else the errno comes.
    match socket::receive_descriptor(ours.as_fd()) {
        Err(error) if error.raw_os_error() == Some(libc::ECONNRESET) => Ok(Begun {
            child,
            level,
            watch,
            beside,
            farewell,
        }),
        Err(error) => Err((EXEC.to_owned(), error)),
        Ok(_) => Err((
            "the program's process spoke out of turn".to_owned(),
            io::Error::from_raw_os_error(libc::EPROTO),
        )),
    }
}

/// Makes all but some trees unwritable, so that it stays so in every namespace made inside; root's powers would undo it.
fn seal(trees: &[PathBuf]) -> io::Result<Option<Domain>> {
    if nix::unistd::geteuid().is_root() {
        return Err(io::Error::from_raw_os_error(libc::EPERM));
    }
    let trees: Vec<&Path> = trees.iter().map(PathBuf::as_path).collect();
    namespace::enter_read_only(&trees, Proc::Writable)?;
    Domain::of_scopes()
}

/// Gives the owner access to every directory of a scratch tree, so that it can be cleared away.
fn open_up(directory: &Path) {
    use std::os::unix::fs::PermissionsExt;
    let _ = std::fs::set_permissions(directory, std::fs::Permissions::from_mode(0o700));
    for entry in std::fs::read_dir(directory).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            open_up(&entry.path());
        }
    }
}
