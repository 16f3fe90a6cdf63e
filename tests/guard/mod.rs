//! The guard against a real kernel: real programs, real signals, nothing pretended.
//!
//! Everything runs as an unprivileged user: as the caller, or as [`bench::NOBODY`] where the caller is root.

mod battery;
pub mod bench;
mod closed;
mod filter;
mod levels;
mod ordinary;
mod retain;
pub mod running;
mod storm;
mod table;
