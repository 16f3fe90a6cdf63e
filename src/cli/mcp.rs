//! Serves an agent on stdin and stdout.

use crate::agent::mcp;
use crate::error::Error;

/// Serve an agent: the Model Context Protocol on stdin and stdout
///
/// An agent's client starts this; nobody types it. Six tools: `check` a line, `run` it guarded,
/// `submit` an experiment (dry run unless told otherwise), `jobs`, `cancel`, and `policy`, which
/// explains the law. The same law holds as for everybody; a denial is data that says what to do
/// instead. What a person must be asked about is asked through the client, or denied.
///
/// One connection is one session: it keeps directory and variables from call to call, and when the
/// client goes, everything it started here ends. What is to outlive it belongs into a job.
///
///   hlrp-sh mcp
///   claude mcp add hlrp -- hlrp-sh mcp
///   codex mcp add hlrp -- hlrp-sh mcp
///   ssh ai hlrp-sh mcp
///
/// Revisions 2025-06-18 to 2026-07-28 of the protocol are spoken.
#[derive(clap::Args, Debug)]
#[command(verbatim_doc_comment)]
pub(super) struct Args {}

pub(super) fn run(_args: &Args) -> Result<u8, Error> {
    mcp::serve()
}
