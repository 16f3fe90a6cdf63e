//! The hidden entry `__child`: the process of one thread that sets a guard up around a bash and
//! stands in front of it, telling the door what happens.
//!
//! What it is to do comes over a socket, its standard input. When the door goes away, so does
//! what was started, but for what asked to be left (`nohup`, `setsid`).

use std::cell::Cell;
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{SigSet, Signal};

use super::bash;
use super::event::{Event, Reports, Wanted, seal};
use crate::error::Error;
use crate::guard::level::Offer;
use crate::guard::{self, Attendant, Notice};
use crate::launch::vetting::Approved;
use crate::launch::words::{environment, find};
use crate::launch::{broker, make_scratch, prepare};
use crate::policy::GuardLevel;
use crate::session::{Request, Session};
use crate::sys::{process, socket, spawn, state, terminal};

/// What the entry is called.
pub(crate) const CHILD: &str = "__child";

/// Returns whether the arguments are those of the hidden entry.
pub(crate) fn is_entry(arguments: &[OsString]) -> bool {
    arguments.get(1).is_some_and(|word| word == CHILD)
}

/// Sets the guard up, and stands in front of it until bash ends.
pub(crate) fn run() -> Result<u8, Error> {
    let cannot = |what: &str| Error::Guard(what.to_owned());
    if process::is_guarded() {
        return Err(cannot("there is a guard already"));
    }
    // What the door was handed is not for those that the shell starts.
    spawn::keep_only(&[]);
    for signal in Signal::iterator() {
        let is_fixed = matches!(signal, Signal::SIGKILL | Signal::SIGSTOP | Signal::SIGPIPE);
        if !is_fixed {
            process::set_signal(signal, false);
        }
    }
    let _ = SigSet::all().thread_unblock();
    let control = io::stdin().as_fd().try_clone_to_owned();
    let control = control.map_err(|_| cannot("it was started by hand"))?;
    match begin(&control) {
        Ok(status) => Ok(status),
        Err(error) => {
            let mut reason = error.to_string();
            if let Some(source) = std::error::Error::source(&error) {
                reason.push_str(&format!(": {source}"));
            }
            tell(&control, &Event::Failed { reason });
            Ok(error.code())
        }
    }
}

fn tell(control: &OwnedFd, event: &Event) {
    if let Ok(bytes) = serde_json::to_vec(event) {
        // A door that is gone needs no telling.
        let _ = socket::send_with(control.as_fd(), &bytes, &[]);
    }
}

fn begin(control: &OwnedFd) -> Result<u8, Error> {
    let io_error = |what: &'static str| move |source| Error::Io { what, source };
    let mut bytes = vec![0; 64 * 1024];
    let (count, descriptors) =
        socket::receive_with(control.as_fd(), &mut bytes).map_err(io_error("the door"))?;
    let wanted: Option<Wanted> =
        serde_json::from_slice(bytes.get(..count).unwrap_or_default()).ok();
    let descriptors: Result<[OwnedFd; 2], _> = descriptors.try_into();
    let (Some(wanted), Ok([commands, input])) = (wanted, descriptors) else {
        return Err(Error::Guard("it was started by hand".to_owned()));
    };
    let mut session = Session::open(&Request {
        origin: Some(wanted.origin.clone()),
        id: Some(wanted.session.clone()),
        cwd: Some(PathBuf::from(&wanted.law)),
        ..Request::default()
    })?;
    // A line may have led the way to the law elsewhere, in between.
    if seal(&session) != wanted.seal {
        return Err(Error::Guard(
            "the law has changed since the session was opened".to_owned(),
        ));
    }
    if let Ok(cwd) = std::env::current_dir() {
        session.context.cwd = cwd;
    }
    let offer = Offer::ask();
    if offer.level() == GuardLevel::D {
        return Err(Error::Guard(offer.reason()));
    }
    session.context.guard = Some(offer.level());
    let approved = Approved::of_session(&session);
    let scratch = session.places.scratch.clone();
    make_own_scratch(&scratch)?;
    let broker = broker::open(&mut session, approved)?;
    let shims = broker
        .as_ref()
        .map(|broker| broker.door.directory().to_owned());
    let environment = environment(&session, shims.as_deref(), std::env::vars_os());
    let Some(program) = find(Some(&OsString::from("bash"))) else {
        return Err(Error::Guard("there is no `bash` on PATH".to_owned()));
    };
    let arguments = ["bash", "--noprofile", "--noediting", "--rcfile"].map(OsString::from);
    let startup = OsString::from(format!("/dev/fd/{}", bash::STARTUP));
    let arguments = arguments.into_iter().chain([startup, "-i".into()]);
    let mut launch = prepare(
        session,
        program,
        arguments.collect(),
        environment,
        offer,
        broker,
        true,
    );
    let report = settle(&wanted, &commands, &input, shims.as_deref())
        .map_err(io_error("descriptors for bash"))?;
    drop((commands, input));
    let door = control.try_clone().map_err(io_error("the door"))?;
    let started = Rc::new(Cell::new(None));
    launch.attendant = Some(attendant(door, report, Rc::clone(&started)));
    match guard::launch(launch) {
        Ok(outcome) => {
            let (status, signal) = (outcome.status, outcome.signal);
            if is_gone(control) {
                // Bash has seen the end of its input before we saw the end of the door.
                end(started.get());
            }
            tell(control, &Event::Ended { status, signal });
            Ok(status)
        }
        Err(failure) => {
            // Nothing has run in it.
            let _ = std::fs::remove_dir(scratch);
            let mut reason = failure.to_string();
            if let Some(source) = std::error::Error::source(&failure) {
                reason.push_str(&format!(": {source}"));
            }
            Err(Error::Guard(reason))
        }
    }
}

/// Makes the scratch directory; where this session had a bash before, its guard may still be clearing up.
fn make_own_scratch(scratch: &Path) -> Result<(), Error> {
    const PATIENCE: Duration = Duration::from_secs(3);
    let begun = Instant::now();
    loop {
        let made = make_scratch(scratch);
        match &made {
            Err(Error::File { source, .. })
                if source.kind() == io::ErrorKind::AlreadyExists && begun.elapsed() < PATIENCE => {}
            _ => return made,
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Puts what bash is given at its numbers, takes the terminal, and returns what bash will report through.
fn settle(
    wanted: &Wanted,
    commands: &OwnedFd,
    input: &OwnedFd,
    shims: Option<&Path>,
) -> io::Result<OwnedFd> {
    let (report, reporter) = io::pipe()?;
    let text = bash::startup(wanted.startup, wanted.login, shims);
    let startup = spawn::memory_file(text.as_bytes())?;
    if wanted.private {
        terminal::begin_session(input.as_fd())?;
        let null = File::open("/dev/null")?;
        terminal::place(null.as_fd(), bash::INPUT)?;
    } else {
        // A bash that is not in the foreground when it begins stops itself.
        let own = nix::unistd::Pid::from_raw(0);
        nix::unistd::setpgid(own, own)?;
        terminal::give(input, nix::unistd::getpid().as_raw())?;
        terminal::place(input.as_fd(), bash::INPUT)?;
    }
    terminal::place(reporter.as_fd(), bash::REPORT)?;
    terminal::place(startup.as_fd(), bash::STARTUP)?;
    nix::unistd::dup2_stdin(commands)?;
    Ok(report.into())
}

/// Returns who tells the door, and notes the terminal session that bash begins in.
fn attendant(door: OwnedFd, report: OwnedFd, started: Rc<Cell<Option<i32>>>) -> Attendant {
    let mut reports = Reports::default();
    let watched = door.try_clone().into_iter().chain([report]).collect();
    let notice = move |notice: Notice<'_>| match notice {
        Notice::Started { process, level } => {
            started.set(state::session(process));
            tell(&door, &Event::Started { process, level });
            true
        }
        Notice::Denied(denial) => {
            tell(&door, &Event::Denied(denial.clone()));
            true
        }
        Notice::Lost => {
            tell(&door, &Event::Lost);
            true
        }
        Notice::Ready(_, 0) => {
            // The door says nothing more: it is gone.
            end(started.get());
            false
        }
        Notice::Ready(fd, _) => {
            let mut bytes = [0; 4096];
            let read = fd
                .try_clone()
                .map(File::from)
                .and_then(|mut pipe| pipe.read(&mut bytes));
            let count = read.unwrap_or(0);
            for event in reports.take(bytes.get(..count).unwrap_or_default()) {
                tell(&door, &event);
            }
            count > 0
        }
    };
    Attendant {
        watched,
        notice: Box::new(notice),
    }
}

/// Returns whether the door has gone.
fn is_gone(control: &OwnedFd) -> bool {
    let mut source = [PollFd::new(control.as_fd(), PollFlags::empty())];
    let asked = poll(&mut source, PollTimeout::ZERO);
    let [source] = source;
    let told = source.revents().unwrap_or(PollFlags::empty());
    asked.is_ok() && told.contains(PollFlags::POLLHUP)
}

/// Tells those of bash's terminal session that the door has gone; what does not listen is killed, but for what asked to be left.
fn end(session: Option<i32>) {
    const PATIENCE: Duration = Duration::from_secs(2);
    if session.is_none() {
        return;
    }
    let own = nix::unistd::getpid().as_raw();
    let ours = || -> Vec<i32> {
        let members = process::members(own).into_iter();
        members
            .filter(|member| state::session(*member) == session && !state::ignores_hang_up(*member))
            .collect()
    };
    for signal in [libc::SIGHUP, libc::SIGKILL] {
        for member in ours() {
            let _ = process::send_signal(member, signal);
            let _ = process::send_signal(member, libc::SIGCONT);
        }
        let begun = Instant::now();
        while !ours().is_empty() && begun.elapsed() < PATIENCE {
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}
