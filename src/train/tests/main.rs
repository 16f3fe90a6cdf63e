//! Tests of native training. Those that compute need libtorch: build with `--features torch` and `LIBTORCH` set.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    missing_docs
)]

mod config;
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
mod skip;
#[cfg(feature = "torch")]
mod weights;

/// Says once that nothing was computed.
#[cfg(not(feature = "torch"))]
#[test]
fn parity_with_the_reference() {
    skip::skip("train::parity", "built without libtorch");
}
