//! Tests of native training, one binary. Those that compute need libtorch: build with `--features torch` and `LIBTORCH`
//! set.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    missing_docs,
    reason = "tests stop where something is not as it should be"
)]

#[cfg(feature = "torch")]
mod commands;
mod config;
mod data;
#[cfg(not(feature = "torch"))]
mod door;
mod events;
#[cfg(feature = "torch")]
mod exchange;
#[cfg(feature = "torch")]
mod fixture;
#[cfg(feature = "torch")]
mod optim;
#[cfg(feature = "torch")]
mod parity;
#[cfg(feature = "torch")]
mod recipe;
#[cfg(feature = "torch")]
mod replacement;
#[cfg(feature = "torch")]
mod restarting;
#[cfg(feature = "torch")]
mod running;
mod skip;
#[cfg(feature = "torch")]
mod teachers;
#[cfg(feature = "torch")]
mod vision;
mod wandb;
#[cfg(feature = "torch")]
mod weights;

/// Says once that nothing was computed.
#[cfg(not(feature = "torch"))]
#[test]
fn parity_with_the_reference() {
    skip::skip("train::parity", "built without libtorch");
}
