//! Everything that knows Slurm's words: its clients, the broker that runs them for a
//! session, what they may be asked, jobs and their scripts.

pub mod client;
pub mod owner;
pub mod proof;
pub mod query;
pub mod race;
pub mod spool;
pub mod submit;
pub mod vet;
