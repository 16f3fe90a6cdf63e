//! Shows what this machine can do for a session.

use std::io::{PipeReader, PipeWriter, Read, Write};

use serde::Serialize;

use crate::doctor::{Finding, Started, State, examine};
use crate::error::{Error, code};
use crate::guard;
use crate::guard::level::Offer;
use crate::launch::prepare;
use crate::launch::words::environment;
use crate::session::{Request, Session};
use crate::sys::process::{self, Side};
use crate::ui::{self, Paint, clean};

/// Look whether everything a session needs is here
///
/// Asks the kernel what it offers, starts a program in the guard and has it try what must
/// be refused (the audit has it); looks at bash, Slurm, the roots, the policy and the
/// places that are written.
///
///   hlrp-sh doctor
///   hlrp-sh doctor --json | jq '.findings[] | select(.state != "ok")'
///
/// Exit status 1 where something is missing.
#[derive(clap::Args, Debug)]
#[command(verbatim_doc_comment)]
pub(super) struct Args {}

#[derive(Serialize)]
struct Shown<'a> {
    schema: &'static str,
    version: &'static str,
    healthy: bool,
    findings: &'a [Finding],
}

pub(super) fn run(_args: &Args, json: bool) -> Result<u8, Error> {
    let session = Session::open(&Request::default());
    let findings = examine(&session, &trial);
    let healthy = findings
        .iter()
        .all(|finding| finding.state != State::Missing);
    if json {
        ui::json(&Shown {
            schema: "hlrp.doctor/1",
            version: env!("CARGO_PKG_VERSION"),
            healthy,
            findings: &findings,
        })?;
    } else {
        let lines: Vec<String> = findings.iter().map(line).collect();
        ui::data(&lines.join("\n"))?;
    }
    Ok(if healthy { code::DONE } else { code::NO })
}

fn line(finding: &Finding) -> String {
    let (paint, state, before) = match finding.state {
        State::Ok => (Paint::Green, "ok", ""),
        State::Degraded => (Paint::Yellow, "degraded", "so"),
        State::Missing => (Paint::Red, "missing", "fix"),
    };
    let mut text = format!(
        "{}  {}  {}",
        paint.on(&format!("{state:<8}")),
        Paint::Cyan.on(&format!("{:<13}", finding.subject)),
        clean(&finding.found),
    );
    if let Some(then) = &finding.then {
        let before = Paint::Dim.on(&format!("{before:>23}"));
        text.push_str(&format!("\n{before}  {}", clean(then)));
    }
    text
}

/// Starts a program that does nothing in the guard, from a process of its own: whoever
/// waits for a guarded program lets go of its own input and output.
fn trial() -> Started {
    let told = |error: std::io::Error| error.to_string();
    let (mut answer, question) = std::io::pipe().map_err(told)?;
    match process::fork().map_err(told)? {
        Side::Child => {
            drop(answer);
            tell(question);
            process::exit_now(0)
        }
        Side::Parent(child) => {
            drop(question);
            let answer = read(&mut answer);
            let _ = nix::sys::wait::waitpid(child, None);
            answer
        }
    }
}

fn tell(mut pipe: PipeWriter) {
    let started = start();
    if let Ok(text) = serde_json::to_string(&started) {
        let _ = writeln!(pipe, "{text}");
    }
}

fn read(pipe: &mut PipeReader) -> Started {
    let mut text = String::new();
    pipe.read_to_string(&mut text)
        .map_err(|error| error.to_string())?;
    serde_json::from_str(&text).unwrap_or_else(|_| Err("the trial gave no answer".to_owned()))
}

fn start() -> Started {
    let session = Session::open(&Request::default()).map_err(|error| error.to_string())?;
    let environment = environment(&session, None, std::env::vars_os());
    let program = "/bin/true";
    let launch = prepare(
        session,
        program.into(),
        vec![program.into()],
        environment,
        Offer::ask(),
        None,
        false,
    );
    let outcome = guard::launch(launch).map_err(|failure| {
        let cause = std::error::Error::source(&failure).map(ToString::to_string);
        format!("{failure}: {}", cause.unwrap_or_default())
    })?;
    match outcome.level {
        Some(level) if outcome.status == 0 && !outcome.guard_lost => Ok(level),
        Some(_) | None => Err(format!("it ended with status {}", outcome.status)),
    }
}
