//! The tools: six, each with what it takes, what it gives, and honest hints. Hints are
//! hints; the gate decides.

mod cancel;
mod check;
mod jobs;
mod outcome;
mod policy;
mod run;
mod submit;

use std::sync::Arc;

use rmcp::RoleServer;
use rmcp::model::{CallToolRequestParams, CallToolResponse, ErrorData, Tool, ToolAnnotations};
use rmcp::service::RequestContext;
use schemars::JsonSchema;

use super::answer::Fault;
use super::desk::Seat;
use super::schema;

/// Returns every tool, always in this order.
pub(super) fn all() -> Vec<Tool> {
    vec![
        check::tool(),
        run::tool(),
        submit::tool(),
        jobs::tool(),
        cancel::tool(),
        policy::tool(),
    ]
}

/// Calls a tool; `None` where there is none of that name.
pub(super) async fn call(
    seat: &Arc<Seat>,
    call: CallToolRequestParams,
    context: RequestContext<RoleServer>,
) -> Option<Result<CallToolResponse, ErrorData>> {
    let answer = match &*call.name {
        "check" => check::call(seat, call).await,
        "run" => run::call(seat, call, &context).await,
        "submit" => submit::call(seat, call, &context).await,
        "jobs" => jobs::call(seat, call, &context).await,
        "cancel" => cancel::call(seat, call, &context).await,
        "policy" => policy::call(seat, call).await,
        _ => return None,
    };
    Some(Ok(answer.unwrap_or_else(|fault| fault.answer(seat))))
}

/// Does what may wait for the disk or for Slurm where nothing else waits for it.
async fn aside<T: Send + 'static>(
    seat: &Arc<Seat>,
    work: impl FnOnce(&Seat) -> T + Send + 'static,
) -> Result<T, Fault> {
    let seat = Arc::clone(seat);
    let done = tokio::task::spawn_blocking(move || work(&seat)).await;
    done.map_err(|_| Fault::new("a fault of this program: the work was given up", ""))
}

/// Describes a tool.
fn describe<I: JsonSchema, O: JsonSchema>(
    name: &'static str,
    description: &'static str,
    hints: ToolAnnotations,
) -> Tool {
    Tool::new(name, description, schema::of_input::<I>())
        .with_raw_output_schema(schema::of_output::<O>())
        .with_annotations(hints)
}
