//! `jobs`: the queue, one job, or the end of its log.

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
Without `job`: your jobs, running, waiting (and why) and lately ended. With `job`: all that is known of it, and with `log_lines` the last \
lines that it wrote as well (`said`). Call it again to follow a job.";

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Input {
    /// A job: `123`, or `123_4` for a task of an array
    #[serde(default)]
    job: Option<String>,
    /// So many last lines of the job's output and errors
    #[serde(default)]
    #[schemars(range(max = 1000))]
    log_lines: u32,
    /// Without `job`: also what ended since: `90m`, `12h`, `7d`, or a date; default `1d`
    #[serde(default)]
    since: Option<String>,
}

const LIMIT: Duration = Duration::from_secs(120);

pub(super) fn tool() -> Tool {
    let hints = ToolAnnotations::with_title("Look at jobs")
        .read_only(true)
        .destructive(false)
        .idempotent(true)
        .open_world(false);
    describe::<Input, outcome::Output>("jobs", DESCRIPTION, hints)
}

pub(super) async fn call(
    seat: &Arc<Seat>,
    mut call: CallToolRequestParams,
    context: &RequestContext<RoleServer>,
) -> Result<CallToolResponse, Fault> {
    let input: Input = parameters(call.arguments.take())?;
    if input.log_lines > 1000 {
        return Err(Fault::new(
            "`log_lines` is at most 1000",
            "the whole file is named in the job's `output`",
        ));
    }
    let line = match (&input.job, &input.since) {
        (Some(_), Some(_)) => {
            return Err(Fault::new(
                "`since` is for the list of jobs",
                "leave `job` or `since` out",
            ));
        }
        (Some(job), None) => {
            let status = program::line(&["status", "--json", "--", program::job_id(job)?])?;
            match input.log_lines {
                0 => status,
                lines => format!("{status} && {}", program::log(job, lines)?),
            }
        }
        (None, _) if input.log_lines > 0 => {
            return Err(Fault::new("`log_lines` needs a `job`", ""));
        }
        (None, since) => {
            let since = since.as_deref().unwrap_or("1d");
            program::line(&["jobs", "--json", &format!("--since={since}")])?
        }
    };
    outcome::of(seat, &line, LIMIT, &call, context, None).await
}
