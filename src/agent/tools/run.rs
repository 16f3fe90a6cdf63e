//! `run`: a line in the session's own guarded bash.

use std::sync::Arc;
use std::time::Duration;

use rmcp::RoleServer;
use rmcp::model::{CallToolRequestParams, CallToolResponse, Tool, ToolAnnotations};
use rmcp::service::RequestContext;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::policy::Decision;
use crate::ui::Denial;

use super::super::answer::{Fault, Place, data, parameters};
use super::super::capture::Written;
use super::super::desk::Seat;
use super::super::line::{self, Done};
use super::check::checked;
use super::describe;

const DESCRIPTION: &str = "\
Run a bash line in this session's guarded shell. Directory, variables and functions last from call to call; lines run one after \
the other. If any part of the line is denied, nothing of it runs. What programs then try is judged again in the kernel: those \
denials name program and path, and the program saw `Operation not permitted`. Standard input is empty. Long output keeps its \
beginning and end here, and the whole in a file. Everything ends with the connection, but for what the line detaches with `nohup` or `setsid`.";

/// A line may take so long unless it is said otherwise.
const LIMIT: u32 = 600;
const LONGEST_LIMIT: u32 = 86_400;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Input {
    /// The bash line; several lines are fine
    line: String,
    /// After so many seconds it is interrupted
    #[serde(default = "limit")]
    #[schemars(range(min = 1, max = 86_400))]
    timeout_seconds: u32,
}

fn limit() -> u32 {
    LIMIT
}

#[derive(JsonSchema, Serialize)]
struct Output {
    /// The format of this answer.
    schema: &'static str,
    /// What was decided about the line: `allow` and it ran; `ask` and nobody said yes, or `deny`, and nothing of it ran.
    decision: Decision,
    /// The exit status as bash has it: 128 and the number for a signal. Absent where nothing ran.
    #[serde(skip_serializing_if = "Option::is_none")]
    exit_code: Option<u8>,
    /// What it wrote to standard output.
    #[serde(skip_serializing_if = "Option::is_none")]
    stdout: Option<Written>,
    /// What it wrote to standard error.
    #[serde(skip_serializing_if = "Option::is_none")]
    stderr: Option<Written>,
    /// What was refused, of the line or, with program and path, by the kernel.
    denials: Vec<Denial>,
    /// How long it took.
    #[serde(skip_serializing_if = "Option::is_none")]
    seconds: Option<f64>,
    /// What else there is to know.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<String>,
    /// Where the shell is afterwards.
    place: Place,
}

pub(super) fn tool() -> Tool {
    let hints = ToolAnnotations::with_title("Run a line, guarded")
        .read_only(false)
        .destructive(true)
        .idempotent(false)
        .open_world(true);
    describe::<Input, Output>("run", DESCRIPTION, hints)
}

pub(super) async fn call(
    seat: &Arc<Seat>,
    mut call: CallToolRequestParams,
    context: &RequestContext<RoleServer>,
) -> Result<CallToolResponse, Fault> {
    let input: Input = parameters(call.arguments.take())?;
    let text = checked(input.line)?;
    if input.timeout_seconds == 0 || input.timeout_seconds > LONGEST_LIMIT {
        let said = format!("`timeout_seconds` is from 1 to {LONGEST_LIMIT}");
        return Err(Fault::new(
            said,
            "what takes longer belongs into a job: `submit`",
        ));
    }
    let limit = Duration::from_secs(input.timeout_seconds.into());
    let done = line::run(seat, &text, Some(limit), Some(&call), context).await?;
    let mut output = Output {
        schema: "hlrp.run/1",
        decision: Decision::Allow,
        exit_code: None,
        stdout: None,
        stderr: None,
        denials: Vec::new(),
        seconds: None,
        notes: Vec::new(),
        place: Place::of(seat),
    };
    match done {
        Done::Later(question) => return Ok((*question).into()),
        Done::Refused(refused) => {
            output.decision = refused.decision;
            output.denials = refused.denials;
            output.notes.extend(refused.note);
        }
        Done::Ran(ran) => {
            output.exit_code = Some(ran.status);
            output.stdout = Some(ran.out);
            output.stderr = Some(ran.err);
            output.denials = ran.denials;
            output.seconds = Some(ran.seconds);
            output.notes = ran.notes;
        }
    }
    let is_refused = output.decision != Decision::Allow;
    data(&output, is_refused)
}
