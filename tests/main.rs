//! The one test binary: one link, fast runs.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::string_slice,
    clippy::unwrap_used,
    unreachable_pub,
    reason = "tests stop where something is not as it should be"
)]

mod agent;
mod agent_hook;
mod agent_law;
mod analyse;
mod audit;
mod cli;
mod compose_cli;
#[path = "compose/mod.rs"]
mod compose_parity;
mod compose_units;
mod context;
mod fuzz;
mod gate;
mod guard;
mod law;
mod layering;
mod lines;
mod override_grammar;
mod policy;
mod race;
mod results;
mod retain;
mod room;
mod session;
mod shell;
mod shell_editor;
mod slurm_broker;
mod slurm_query;
#[path = "slurm/mod.rs"]
mod slurm_real;
mod slurm_vet;
mod ssh;
mod submit;
