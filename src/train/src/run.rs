//! A training run: what it is told, its loop, and what it leaves in its run directory.
//!
//! | | |
//! |---|---|
//! | `settings` | the composed configuration, as far as the loop reads it |
//! | `inert` | what it is told and does not do |
//! | `journal` | `metrics.jsonl`, one JSON object a line |
//! | `checkpoint` | everything that a run needs to go on, written whole or not at all |
//! | `identity` | `run.json`: which run a run directory is of |
//! | `asked` | the signals by which Slurm, or a person, asks a run to end |
//! | `lam` | stage 1: pairs of frames in, a latent action model out |
//!
//! INVARIANT: a run that is killed at any moment and started again in the same directory writes the lines that the
//! unbroken run would have written.

pub mod asked;
#[cfg(feature = "torch")]
pub mod checkpoint;
pub mod identity;
pub mod inert;
pub mod journal;
#[cfg(feature = "torch")]
pub mod lam;
pub mod settings;
