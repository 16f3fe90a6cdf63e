//! `cancel`: named jobs of one's own.

use std::sync::Arc;
use std::time::Duration;

use rmcp::RoleServer;
use rmcp::model::{CallToolRequestParams, CallToolResponse, Tool, ToolAnnotations};
use rmcp::service::RequestContext;
use schemars::JsonSchema;
use serde::Deserialize;

use super::super::answer::{Fault, parameters};
use super::super::desk::Seat;
use super::super::program;
use super::{describe, outcome};

const DESCRIPTION: &str = "\
Cancel jobs of yours by id, and look whether they end. Jobs of others are denied; all at once cannot be named here. A job that is over \
stays as it is.";

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Input {
    /// Job ids: `123`, or `123_4` for a task of an array
    #[schemars(length(min = 1))]
    jobs: Vec<String>,
    /// Send this signal to the job's script in place of ending it: USR1, TERM, KILL
    #[serde(default)]
    signal: Option<String>,
}

const LIMIT: Duration = Duration::from_secs(120);

pub(super) fn tool() -> Tool {
    let hints = ToolAnnotations::with_title("Cancel jobs")
        .read_only(false)
        .destructive(true)
        .idempotent(true)
        .open_world(false);
    describe::<Input, outcome::Output>("cancel", DESCRIPTION, hints)
}

pub(super) async fn call(
    seat: &Arc<Seat>,
    mut call: CallToolRequestParams,
    context: &RequestContext<RoleServer>,
) -> Result<CallToolResponse, Fault> {
    let input: Input = parameters(call.arguments.take())?;
    if input.jobs.is_empty() {
        return Err(Fault::new("`jobs` names no job", "`jobs` lists them"));
    }
    // Each is named here, so nothing is left to be made sure of.
    let mut words = vec!["cancel", "--json", "--yes"];
    let signal = input
        .signal
        .as_ref()
        .map(|signal| format!("--signal={signal}"));
    words.extend(signal.as_deref());
    words.push("--");
    for job in &input.jobs {
        words.push(program::job_id(job)?);
    }
    let line = program::line(&words)?;
    outcome::of(seat, &line, LIMIT, &call, context, None).await
}
