//! Machines as users: agents speak the Model Context Protocol to `mcp`, their clients ask `hook`
//! before a tool of their own acts.
//!
//! INVARIANT: neither door has a rule of its own; both ask the gate. On whose behalf
//! something happens is the door's word, never a parameter's.

mod answer;
mod approval;
mod capture;
mod desk;
mod frame;
pub mod hook;
mod line;
pub(crate) mod mcp;
mod program;
mod resources;
mod schema;
mod server;
mod shell;
mod tools;
mod wire;
