//! Stage 1, the latent action model: two frames go in, a few codebook entries must explain the second.
//!
//! The model is the reference's to the last quirk, and its parameters have the reference's names, so that weights go
//! both ways. What differs is how it is computed: what the reference computes twice is computed once here.
//!
//! INVARIANT: [`Model::step`] draws only from the generator it is given.

pub mod config;
pub mod replacement;
pub mod supervision;

#[cfg(feature = "torch")]
mod attention;
#[cfg(feature = "torch")]
mod batch;
#[cfg(feature = "torch")]
mod bias;
#[cfg(feature = "torch")]
mod decoders;
#[cfg(feature = "torch")]
mod encoder;
#[cfg(feature = "torch")]
mod layers;
#[cfg(feature = "torch")]
mod losses;
#[cfg(feature = "torch")]
mod model;
#[cfg(feature = "torch")]
mod nsvq;
#[cfg(feature = "torch")]
mod objectives;
#[cfg(feature = "torch")]
mod transformer;

#[cfg(feature = "torch")]
pub use batch::{Batch, BatchError};
pub use config::{Ablation, Config, ConfigError};
#[cfg(feature = "torch")]
pub use losses::{Outcome, perplexity};
#[cfg(feature = "torch")]
pub use model::{Missed, Model};
