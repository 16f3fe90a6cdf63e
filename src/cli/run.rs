//! Runs a line, a script or a program, guarded: judge, ask, launch.

use std::path::PathBuf;

use crate::bash::{analyse, analyse_program};
use crate::error::{Error, code};
use crate::gate::example::vouch;
use crate::gate::{Answer, Gate, Judged, Judgement};
use crate::policy::Origin;
use crate::session::{Request, Session};
use crate::ui::{self, Denial};

use super::launch::{launch, record};
use super::world::Here;

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

/// What is said where there is nothing to run.
pub(super) const NOT_INTERACTIVE: &str = "\
nothing to run, and there is no interactive shell yet: `hlrp-sh -c LINE` runs a line, \
`hlrp-sh SCRIPT` a script, `hlrp-sh run -- PROGRAM` a program; `hlrp-sh --help` says more";

/// What a shell is asked to run.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Job {
    /// Lines that a person types.
    Interactive,
    /// One line, `$0` and positional arguments.
    Line {
        /// The line.
        line: String,
        /// Flags for the shell besides `-c`: `-l`, `-e`.
        flags: Vec<String>,
        /// `$0`, `$1`, …
        arguments: Vec<String>,
    },
    /// A script and its arguments.
    Script {
        /// The script.
        path: PathBuf,
        /// `$1`, `$2`, …
        arguments: Vec<String>,
    },
    /// One program without a shell.
    Program {
        /// The program and its arguments.
        arguments: Vec<String>,
    },
}

pub(super) fn program(args: Args) -> Result<u8, Error> {
    job(Job::Program {
        arguments: args.program,
    })
}

/// Judges a job, asks where the law says so, and launches it.
pub(super) fn job(job: Job) -> Result<u8, Error> {
    if job == Job::Interactive {
        return Err(Error::Usage(NOT_INTERACTIVE.to_owned()));
    }
    let mut session = Session::open(&Request::default())?;
    super::trace::begin(&session.places.state);
    let _line = tracing::info_span!(
        "shell.line",
        session = session.id,
        job = crate::audit::redact(&format!("{job:?}"))
    )
    .entered();
    session.context.guard = Some(super::launch::level());
    vouch(&session.policy, &session.layers, &session.places.state)?;
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
            Ok(code::DENIED)
        }
    }
}

fn judge(session: &Session, job: &Job) -> Judgement {
    let world = Here::new(session);
    let gate = Gate::new(&session.policy, &session.context);
    match job {
        Job::Interactive => gate.judge("", crate::bash::Analysis::default()),
        Job::Line { line, .. } => gate.judge(line, analyse(line, &world)),
        Job::Script { path, arguments } => {
            let path = path.to_string_lossy().into_owned();
            let words = ["bash".to_owned(), path];
            let words: Vec<String> = words.into_iter().chain(arguments.iter().cloned()).collect();
            gate.judge(&words.join(" "), analyse_program(&words, &world))
        }
        Job::Program { arguments } => {
            gate.judge(&arguments.join(" "), analyse_program(arguments, &world))
        }
    }
}

/// Asks a person about one action, with the denial as the question.
fn ask(judgement: &Judgement, judged: &Judged) -> Answer {
    ui::say(&Denial::new(&judgement.line, judged).render());
    ui::ask::ask("Go ahead?")
}

/// Shows every denial: to a person as text, to an agent as JSON lines.
fn show(session: &Session, judgement: &Judgement) {
    let denials = Denial::all(judgement);
    match session.context.origin {
        Origin::Person | Origin::Script => ui::say(&ui::denial::render_all(&denials)),
        Origin::Agent(_) => {
            for denial in &denials {
                if let Ok(text) = serde_json::to_string(denial) {
                    ui::say(&text);
                }
            }
        }
    }
}
