//! `check`: what would be decided about a text. Nothing runs.

use std::path::PathBuf;
use std::sync::Arc;

use rmcp::model::{CallToolRequestParams, CallToolResponse, Tool, ToolAnnotations};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::bash::Site;
use crate::gate::Judgement;
use crate::policy::Decision;
use crate::ui::{self, Denial};

use super::super::answer::{Fault, Place, data, parameters};
use super::super::desk::Seat;
use super::{aside, describe};

const DESCRIPTION: &str = "\
Judge a bash line (or a whole script) without running anything. Returns the decision, every action found with its verdict, and \
each denial with rule, span (bytes of the line), because and instead. The answer is what `run` would be told here and now.";

/// The longest text that is judged; the analyser has the same limit.
pub(super) const LONGEST: usize = 64 * 1024;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Input {
    /// The bash text
    line: String,
    /// Judge as in this directory, absolute or from the session's; default: where the session is
    #[serde(default)]
    directory: Option<PathBuf>,
    /// Judge as if no kernel guard stood behind it: for what you mean to run elsewhere. What cannot be worked out is then `ask`
    #[serde(default)]
    unguarded: bool,
}

#[derive(JsonSchema, Serialize)]
struct Output {
    /// The format of this answer.
    schema: &'static str,
    /// The strictest decision: `ask` is a no unless a person says yes.
    decision: Decision,
    /// What is not simply allowed, the strictest first.
    denials: Vec<Denial>,
    /// Every action found, in the order of the text.
    actions: Vec<Found>,
    /// Why some of it could not be worked out.
    #[serde(skip_serializing_if = "Option::is_none")]
    incomplete: Option<String>,
    /// Where this holds.
    place: Place,
}

/// One action with its verdict.
#[derive(JsonSchema, Serialize)]
struct Found {
    /// In a few words.
    what: String,
    /// What is decided about it.
    decision: Decision,
    /// By which rule.
    rule: String,
    /// The bytes of the line that say so.
    span: std::ops::Range<usize>,
    /// Whether the line itself says it, or a `file` that it names.
    #[schemars(with = "String")]
    stage: crate::policy::Stage,
    /// Where it would happen: `here`, in a `job`, on another machine (`on HOST`), or in a job there (`job on HOST`).
    site: String,
    /// What was followed to find it, outermost first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    via: Vec<String>,
}

pub(super) fn tool() -> Tool {
    let hints = ToolAnnotations::with_title("Judge a line")
        .read_only(true)
        .destructive(false)
        .idempotent(true)
        .open_world(false);
    describe::<Input, Output>("check", DESCRIPTION, hints)
}

pub(super) async fn call(
    seat: &Arc<Seat>,
    call: CallToolRequestParams,
) -> Result<CallToolResponse, Fault> {
    let input: Input = parameters(call.arguments)?;
    let line = checked(input.line)?;
    let judgement = aside(seat, move |seat| {
        let mut context = seat.context();
        if input.directory.is_some() || input.unguarded {
            let context = Arc::make_mut(&mut context);
            if let Some(directory) = &input.directory {
                let directory = context.cwd.join(directory);
                context.cwd = directory.canonicalize().unwrap_or(directory);
            }
            if input.unguarded {
                context.guard = None;
            }
        }
        seat.judge(&context, &line)
    });
    let judgement = judgement.await?;
    data(&output(judgement, seat), false)
}

/// Refuses what is too long to be judged.
pub(super) fn checked(line: String) -> Result<String, Fault> {
    if line.len() > LONGEST {
        return Err(Fault::new(
            format!(
                "the text has {} bytes; at most {LONGEST} are judged",
                line.len()
            ),
            "write it to a file and run that: a script is judged as it lies there",
        ));
    }
    if line.contains('\0') {
        return Err(Fault::new(
            "the text holds a NUL byte",
            "bash cannot run it either",
        ));
    }
    Ok(line)
}

fn output(judgement: Judgement, seat: &Seat) -> Output {
    let denials = Denial::all(&judgement);
    let found = judgement.actions.into_iter().map(|judged| Found {
        what: ui::denial::describe(&judged.action),
        decision: judged.verdict.decision,
        rule: judged.verdict.rule.to_string(),
        span: judged.span,
        stage: judged.stage,
        site: site(&judged.site),
        via: judged.via,
    });
    Output {
        schema: judgement.schema,
        decision: judgement.decision,
        denials,
        actions: found.collect(),
        incomplete: judgement.incomplete,
        place: Place::of(seat),
    }
}

fn site(site: &Site) -> String {
    match site {
        Site::Here => "here".to_owned(),
        Site::Job => "job".to_owned(),
        Site::Remote(host) => format!("on {host}"),
        Site::RemoteJob(host) => format!("job on {host}"),
    }
}
