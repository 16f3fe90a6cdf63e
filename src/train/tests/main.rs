//! Tests of native training. Those that compute need libtorch: build with `--features torch` and `LIBTORCH` set.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    missing_docs
)]

mod config;
mod events;
#[cfg(feature = "torch")]
mod fixture;
#[cfg(feature = "torch")]
mod optim;
#[cfg(feature = "torch")]
mod parity;
#[cfg(feature = "torch")]
mod replacement;
mod skip;
mod wandb;
#[cfg(feature = "torch")]
mod weights;

/// Says once that nothing was computed.
#[cfg(not(feature = "torch"))]
#[test]
fn parity_with_the_reference() {
    skip::skip("train::parity", "built without libtorch");
}
