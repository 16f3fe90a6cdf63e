//! The interactive shell: a line editor outside the guard, and one bash inside it.
//!
//! INVARIANT: bash gets no line but by permit; built-ins of ours (`hlrp …`) are done here,
//! outside, and only for lines that a person typed at the prompt.

pub mod afar;
pub mod announce;
pub mod cache;
mod complete;
pub mod editor;
mod fallback;
mod foreground;
mod highlight;
mod history;
mod names;
mod own;
pub mod paint;
mod past;
mod plain;
pub mod prompt;
mod reach;
mod recall;
mod sitting;
mod validate;
pub mod verdict;

use std::fs::DirBuilder;
use std::io::IsTerminal;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::error::Error;
use crate::gate::example::vouch;
use crate::guard::level::Offer;
use crate::launch::judge::Job;
use crate::launch::{self, judge};
use crate::policy::{GuardLevel, HostClass};
use crate::session::{Request, Session};
use crate::slurm::client::Clients;
use crate::sys;
use crate::ui;

use cache::Cache;
use editor::Options;
use foreground::Foreground;
use paint::Look;
use prompt::Facts;
use sitting::{Begun, Shell};

/// Runs the interactive shell until its bash ends, and returns that one's status. It never locks
/// anybody out: what keeps the guard from standing leaves a shell that only reads.
pub(crate) fn run(login: bool, program: clap::Command) -> Result<u8, Error> {
    if sys::process::is_guarded() {
        return Err(nested());
    }
    let session = match open() {
        Ok(session) => Arc::new(session),
        Err(error) => return fallback::run(&reason(&error)),
    };
    let foreground = Foreground::take().map_err(|source| Error::Io {
        what: "the terminal",
        source,
    })?;
    let mut startup = true;
    loop {
        match Shell::start(&session, &foreground, &program, (login, startup)) {
            Ok(Begun::Ready(mut shell)) => return shell.go(),
            Ok(Begun::Ended(status)) if startup => {
                ui::say(&format!(
                    "hlrp-sh: the start-up files ended the shell (status {status}), so it starts without them"
                ));
                startup = false;
            }
            Ok(Begun::Ended(status)) => {
                drop(foreground);
                return fallback::run(&format!("bash ended at once (status {status})"));
            }
            Err(error) => {
                drop(foreground);
                return fallback::run(&reason(&error));
            }
        }
    }
}

fn open() -> Result<Session, Error> {
    let mut session = Session::open(&Request::default())?;
    launch::trace::begin(&session.places.state);
    let offer = Offer::ask();
    if offer.level() == GuardLevel::D {
        return Err(Error::Guard(offer.reason()));
    }
    session.context.guard = Some(offer.level());
    vouch(&session.policy, &session.layers, &session.places.state)?;
    Ok(session)
}

/// Returns an error with its cause.
fn reason(error: &Error) -> String {
    match std::error::Error::source(error) {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}

/// Does what is left of a job where no session can be opened. Who comes by ssh and has this as login
/// shell has no other: a line that only reads still runs, and says why it may not do more.
pub(crate) fn lost(job: &Job, error: Error) -> Result<u8, Error> {
    match job {
        Job::Line {
            line, arguments, ..
        } if arguments.is_empty() && is_only_way_in() => fallback::line(line, &reason(&error)),
        _ => Err(error),
    }
}

/// Whether sshd started this, as the shell of its user.
fn is_only_way_in() -> bool {
    let shell = std::env::var_os("SHELL").unwrap_or_default();
    let own = std::env::current_exe().unwrap_or_default();
    std::env::var_os("SSH_CONNECTION").is_some()
        && Path::new(&shell)
            .canonicalize()
            .is_ok_and(|shell| shell == own)
}

/// Inside a session there is a guard already: a bash is all that is missing.
fn nested() -> Error {
    use std::os::unix::process::CommandExt;
    ui::say("hlrp-sh: this is inside a session already: a bash, guarded as everything here");
    Error::File {
        path: "bash".into(),
        source: std::process::Command::new("bash").arg("-i").exec(),
    }
}

/// Returns what the editor needs to know.
fn options(
    session: &Arc<Session>,
    place: &Arc<Mutex<PathBuf>>,
    program: &clap::Command,
) -> Options {
    let context = &session.context;
    let facts = Facts {
        class: context.class,
        host: context.host.clone(),
        user: context.user.clone(),
        cwd: context.cwd.clone(),
        home: context.home.clone(),
        guard: context.guard,
        denials: 0,
        status: 0,
        halted: None,
        session: session.id.clone(),
        names: Vec::new(),
        quota: None,
        afar: Vec::new(),
    };
    let slurm = match context.class {
        HostClass::Workstation => None,
        HostClass::Login | HostClass::Compute => {
            let roots = context.roots.iter().chain([&context.home]);
            let roots: Vec<&Path> = roots.map(PathBuf::as_path).collect();
            Clients::find(&roots).ok()
        }
    };
    let history = session.places.state.join("history");
    // Without it there is no history, which the editor says.
    let _ = DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&history);
    let (judged, place) = (Arc::clone(session), Arc::clone(place));
    let judge = move |line: &str| {
        let cwd = place.lock().unwrap_or_else(PoisonError::into_inner).clone();
        judge::judge_half(&judged, &cwd, line)
    };
    Options {
        facts,
        // Not in the state directory itself, whose new names the guard would take for planted.
        state: history,
        judge: Arc::new(judge),
        slurm,
        cache: Cache::default(),
        program: program.clone(),
        look: Look::of_environment(),
    }
}

/// Whether somebody could be typing.
pub(crate) fn is_interactive() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}
