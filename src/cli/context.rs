//! Says where this is, and why it is believed to be so.

use serde::Serialize;

use crate::error::{Error, code};
use crate::policy::{Context, GuardLevel, Origin};
use crate::session::{Request, Session};
use crate::ui::{self, Paint, clean};

/// Show where this is: kind of machine, roots, and the evidence
///
/// A login node, a compute node or a workstation; the directories that may be written;
/// on whose behalf lines run. Each belief comes with its evidence.
///
///   hlrp-sh context
///   hlrp-sh context --json | jq .roots
#[derive(clap::Args, Debug)]
#[command(verbatim_doc_comment)]
pub(super) struct Args {}

#[derive(Serialize)]
struct Shown<'a> {
    schema: &'static str,
    #[serde(flatten)]
    context: &'a Context,
    advice: &'a Option<String>,
}

pub(super) fn run(_args: &Args, json: bool) -> Result<u8, Error> {
    let session = Session::open(&Request::default())?;
    let context = &session.context;
    if json {
        ui::json(&Shown {
            schema: "hlrp.context/1",
            context,
            advice: &session.advice,
        })?;
        return Ok(code::DONE);
    }
    let origin = match &context.origin {
        Origin::Person => "a person".to_owned(),
        Origin::Script => "a script".to_owned(),
        Origin::Agent(name) => format!("the agent {}", clean(name)),
    };
    let guard = match context.guard {
        Some(GuardLevel::A) => "level A",
        Some(GuardLevel::B) => "level B",
        Some(GuardLevel::C) => "level C",
        Some(GuardLevel::D) => "level D: only reading is possible",
        None => "not in this process; `hlrp-sh doctor` says what this machine can do",
    };
    let mut text = String::new();
    let mut row = |name: &str, value: &str| {
        text.push_str(&format!(
            "{}  {}\n",
            Paint::Dim.on(&format!("{name:<9}")),
            clean(value)
        ));
    };
    row(
        "machine",
        &format!("{} ({})", context.class.as_str(), context.host),
    );
    row("user", &format!("{}, for {origin}", context.user));
    row("guard", guard);
    if let Some(job) = &context.job {
        row("job", job);
    }
    if context.roots.is_empty() {
        row("may write", "nothing: this session may only read");
    }
    for root in &context.roots {
        row("may write", &root.display().to_string());
    }
    for fact in &context.evidence {
        row("because", fact);
    }
    ui::data(&text)?;
    if let Some(advice) = &session.advice {
        ui::say(&format!("to be able to write: {advice}"));
    }
    Ok(code::DONE)
}
