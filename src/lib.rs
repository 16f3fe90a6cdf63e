//! A shell that cannot lose your data: one policy engine judges every line before
//! it runs and every process again in the kernel.
//!
//! `docs/ARCHITECTURE.md` tells the story; imports go downwards only, and
//! `tests/layering.rs` holds them to it.
//!
//! INVARIANT: nothing has an effect without a [`gate::Permit`], and only the gate
//! makes permits.

pub mod agent;
pub mod audit;
pub mod bash;
pub mod broker;
pub mod cli;
pub mod compose;
pub mod doctor;
pub mod error;
pub mod gate;
pub mod guard;
mod launch;
pub mod policy;
pub mod quota;
pub mod record;
pub mod remote;
pub mod retain;
pub mod session;
pub mod shell;
pub mod slurm;
pub mod sys;
pub mod ui;
