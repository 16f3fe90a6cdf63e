//! Submission: from a composed configuration to jobs in the queue.
//!
//! [`settings`] reads what is asked for, [`job`] places it, [`script`] writes it down,
//! [`check`] finds what stands against it, [`queue`] hands it to Slurm and [`manifest`]
//! remembers. Nothing here decides what may be done, and nothing writes to a terminal.
//!
//! INVARIANT: planning touches nothing; what was handed to Slurm stands in the manifest
//! before it is handed over.

pub mod carry;
pub mod check;
pub mod cluster;
pub mod defaults;
pub mod edit;
pub mod folder;
pub mod git;
pub mod here;
pub mod image;
mod install;
pub mod job;
mod limit;
pub mod local;
pub mod manifest;
mod mounts;
pub mod name;
mod place;
pub mod plan;
pub mod problem;
pub mod queue;
pub mod race;
mod reader;
pub mod resume;
pub mod script;
pub mod secret;
pub mod settings;
pub mod sweep;
pub mod typed;
pub mod unit;
pub mod value;
pub mod word;

pub use job::{Host, Job, Overrides};
pub use limit::minutes;
pub use plan::{Composed, Composer, Plan, Request};
pub use problem::{Kind, Problem, Subject};
pub use script::{Script, Serves, render};
pub use settings::{Checkpoint, Select, Settings};
pub use unit::Unit;
pub use value::Value;
