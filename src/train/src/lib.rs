//! Native training of what the pipeline trains in three stages. What it trains on is read by [`data`].
//!
//! INVARIANT: nothing draws from a hidden generator. All randomness comes from a [`random::Generator`] whose state can
//! be saved, so that a resumed run is the unbroken one.

pub mod cli;
pub mod data;
pub mod random;
