//! Judges what a shell is asked to run; asks and explains as every door does.

use std::path::{Path, PathBuf};

use crate::bash::{analyse, analyse_program};
use crate::gate::{Answer, Gate, Judged, Judgement};
use crate::policy::{Context, Origin};
use crate::session::Session;
use crate::ui::{self, Denial};

use super::room;
use super::world::Here;

/// What is said where there is nothing to run.
pub(crate) const NOT_INTERACTIVE: &str = "\
nothing to run, and there is no interactive shell yet: `hlrp-sh -c LINE` runs a line, \
`hlrp-sh SCRIPT` a script, `hlrp-sh run -- PROGRAM` a program; `hlrp-sh --help` says more";

/// What a shell is asked to run.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Job {
    /// Lines that a person types.
    Interactive {
        /// As the first shell of a sitting.
        login: bool,
    },
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

/// Judges a job by the law of its session.
pub(crate) fn judge(session: &Session, job: &Job) -> Judgement {
    let world = Here::new(session);
    let gate = room::gate(session);
    match job {
        Job::Interactive { .. } => gate.judge("", crate::bash::Analysis::default()),
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

/// Judges a line as it would run in a directory.
pub(crate) fn judge_line(session: &Session, cwd: &Path, line: &str) -> Judgement {
    let context = Context {
        cwd: cwd.to_owned(),
        ..session.context.clone()
    };
    let world = Here::at(session, cwd);
    let gate = Gate::new(&session.policy, &context).within(&room::standing(session));
    gate.judge(line, analyse(line, &world))
}

/// The same for a line that is being typed: quickly, without asking Slurm.
pub(crate) fn judge_half(session: &Session, cwd: &Path, line: &str) -> Judgement {
    let context = Context {
        cwd: cwd.to_owned(),
        ..session.context.clone()
    };
    let world = Here::at(session, cwd).without_slurm();
    Gate::new(&session.policy, &context).judge(line, analyse(line, &world))
}

/// Asks a person about one action, with the denial as the question.
pub(crate) fn ask(judgement: &Judgement, judged: &Judged) -> Answer {
    ui::say(&Denial::new(&judgement.line, judged).render());
    ui::ask::ask("Go ahead?")
}

/// Shows every denial: to a person as text, to an agent as JSON lines.
pub(crate) fn show(session: &Session, judgement: &Judgement) {
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
