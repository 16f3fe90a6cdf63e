//! What the tools answer that run the program's own subcommands.

use std::sync::Arc;
use std::time::Duration;

use rmcp::RoleServer;
use rmcp::model::{CallToolRequestParams, CallToolResponse};
use rmcp::service::RequestContext;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use super::super::answer::{Fault, Place, data};
use super::super::desk::Seat;
use super::super::line::{self, Done};
use super::super::program::{self, Answered};
use crate::error::code;
use crate::policy::Decision;

/// Objects that are answered at most.
const MOST: usize = 200;

/// What a subcommand answered.
#[derive(JsonSchema, Serialize)]
pub(super) struct Output {
    /// The format of this answer.
    schema: &'static str,
    /// `allow` and it was done; else it was not.
    decision: Decision,
    /// 0 done, 1 the answer is no, 69 Slurm is unreachable, 77 denied, 78 the configuration is bad. Absent where nothing ran.
    #[serde(skip_serializing_if = "Option::is_none")]
    exit_code: Option<u8>,
    /// The objects that the command answers with `--json`, each with its own `schema`.
    #[schemars(with = "Vec<Map<String, Value>>")]
    objects: Vec<Value>,
    /// So many more objects are left out.
    #[serde(skip_serializing_if = "is_zero")]
    left_out: usize,
    /// What was refused: rule, span, because, instead.
    #[schemars(with = "Vec<Map<String, Value>>")]
    denials: Vec<Value>,
    /// What it said in words; of a log, the lines.
    #[serde(skip_serializing_if = "String::is_empty")]
    said: String,
    /// What else there is to know.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<String>,
    /// Where this holds.
    place: Place,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
fn is_zero(number: &usize) -> bool {
    *number == 0
}

/// Runs a subcommand's line, and answers what it answered.
pub(super) async fn of(
    seat: &Arc<Seat>,
    line: &str,
    limit: Duration,
    call: &CallToolRequestParams,
    context: &RequestContext<RoleServer>,
    note: Option<&str>,
) -> Result<CallToolResponse, Fault> {
    let mut output = Output {
        schema: "hlrp.outcome/1",
        decision: Decision::Allow,
        exit_code: None,
        objects: Vec::new(),
        left_out: 0,
        denials: Vec::new(),
        said: String::new(),
        notes: note.map(str::to_owned).into_iter().collect(),
        place: Place::of(seat),
    };
    match line::run(seat, line, Some(limit), Some(call), context).await? {
        Done::Later(question) => return Ok((*question).into()),
        Done::Refused(refused) => {
            output.decision = refused.decision;
            let denials = refused.denials.iter();
            output.denials = denials
                .filter_map(|one| serde_json::to_value(one).ok())
                .collect();
            output.notes.extend(refused.note);
        }
        Done::Ran(ran) => {
            let Answered {
                mut objects,
                denials,
                said,
            } = program::answered(&ran);
            output.left_out = objects.len().saturating_sub(MOST);
            objects.truncate(MOST);
            output.exit_code = Some(ran.status);
            if ran.status == code::DENIED {
                output.decision = Decision::Deny;
            }
            output.objects = objects;
            output.denials = denials;
            output.said = said;
            output.notes.extend(ran.notes);
        }
    }
    let failed = output.exit_code != Some(code::DONE);
    data(&output, failed)
}
