//! `submit`: an experiment, composed, judged, shown, and only then queued.

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
Compose an experiment from `config/` with Hydra overrides, judge it, and show the sbatch scripts that would be queued (dry_run, the \
default: nothing is made, nothing is queued). With dry_run=false the run directories are made and the jobs queued, with the guard inside \
them; the answer has the job ids. Problems come all at once, each with what to do about it.";

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Input {
    /// Overrides as Hydra reads them: `experiment=NAME`, `cluster=NAME`, `key=value`, `+new=1`, `~gone`, `seed=1,2,3` for a sweep
    overrides: Vec<String>,
    /// Only show what would be queued
    #[serde(default = "yes")]
    dry_run: bool,
    /// Start only when this job has ended well
    #[serde(default)]
    after: Option<String>,
}

fn yes() -> bool {
    true
}

/// Composing a large sweep, and queueing it, takes its time.
const LIMIT: Duration = Duration::from_secs(1800);

pub(super) fn tool() -> Tool {
    let hints = ToolAnnotations::with_title("Submit an experiment to Slurm")
        .read_only(false)
        .destructive(false)
        .idempotent(false)
        .open_world(true);
    describe::<Input, outcome::Output>("submit", DESCRIPTION, hints)
}

pub(super) async fn call(
    seat: &Arc<Seat>,
    mut call: CallToolRequestParams,
    context: &RequestContext<RoleServer>,
) -> Result<CallToolResponse, Fault> {
    let input: Input = parameters(call.arguments.take())?;
    let mut words = vec!["submit", "--json"];
    if input.dry_run {
        words.push("--dry-run");
    }
    if let Some(job) = &input.after {
        words.extend(["--after", program::job_id(job)?]);
    }
    words.push("--");
    words.extend(input.overrides.iter().map(String::as_str));
    let line = program::line(&words)?;
    outcome::of(
        seat,
        &line,
        LIMIT,
        &call,
        context,
        input.dry_run.then_some("a dry run: nothing was queued"),
    )
    .await
}
