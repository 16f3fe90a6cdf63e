//! Runs a line, a script or a program, guarded: judge, ask, launch.

use std::io::Read;

use clap::CommandFactory;

use crate::error::Error;
use crate::gate::example::vouch;
use crate::gate::{Answer, Gate};
use crate::launch::judge::{Job, ask, judge, show};
use crate::launch::{self, launch, record, room};
use crate::session::{Request, Session};
use crate::shell;
use crate::ui;

/// Run one program, without a shell, guarded
///
/// The arguments go to the program as they are. Its exit status is this one's.
///
///   hlrp-sh run -- python3 prepare.py --out data/clean
#[derive(clap::Args, Debug)]
#[command(verbatim_doc_comment)]
pub(super) struct Args {
    /// The program and its arguments, after `--`
    #[arg(required = true, last = true, value_name = "PROGRAM")]
    program: Vec<String>,
}

pub(super) fn program(args: Args) -> Result<u8, Error> {
    job(Job::Program {
        arguments: args.program,
    })
}

/// Judges a job, asks where the law says so, and launches it.
pub(super) fn job(job: Job) -> Result<u8, Error> {
    let job = match job {
        Job::Interactive { login } if shell::is_interactive() => {
            return shell::run(login, super::Cli::command());
        }
        Job::Interactive { login } => from_input(login)?,
        job => job,
    };
    let mut session = match open() {
        Ok(session) => session,
        Err(error) => return shell::lost(&job, error),
    };
    launch::trace::begin(&session.places.state);
    let _line = tracing::info_span!(
        "shell.line",
        session = session.id,
        job = crate::audit::redact(&format!("{job:?}"))
    )
    .entered();
    session.context.guard = Some(launch::level());
    let judgement = judge(&session, &job);
    match Gate::new(&session.policy, &session.context).pass(judgement, &mut ask) {
        Ok(permit) => launch(session, job, permit),
        Err(refusal) => {
            record(&session, &refusal.judgement, true);
            // What was asked about has been shown with the question.
            if refusal.answer.is_none() {
                show(&session, &refusal.judgement);
            }
            if refusal.answer == Some(Answer::Nobody) {
                ui::say("nobody could be asked: a person at a terminal must say yes to this");
            }
            Ok(room::status(&refusal.judgement))
        }
    }
}

fn open() -> Result<Session, Error> {
    let session = Session::open(&Request::default())?;
    vouch(&session.policy, &session.layers, &session.places.state)?;
    Ok(session)
}

/// Takes what stands on standard input as one text, where nobody is at a terminal.
fn from_input(login: bool) -> Result<Job, Error> {
    const MOST: u64 = 1 << 20;
    let mut line = String::new();
    std::io::stdin()
        .lock()
        .take(MOST + 1)
        .read_to_string(&mut line)
        .map_err(|source| Error::Io {
            what: "standard input",
            source,
        })?;
    if line.len() as u64 > MOST {
        let what = "standard input holds more than a MiB; `hlrp-sh SCRIPT` runs a script";
        return Err(Error::Usage(what.to_owned()));
    }
    let flags = if login {
        vec!["-l".to_owned()]
    } else {
        Vec::new()
    };
    Ok(Job::Line {
        line,
        flags,
        arguments: Vec::new(),
    })
}
