//! Native training of what the pipeline trains in three stages. Stage 1, the latent action model, is in [`lam`]; what it
//! trains on is read by [`data`]; networks that others trained are in `vision`; optimisers, weights, devices and
//! randomness are for all stages.
//!
//! Whatever touches a tensor is compiled with the feature `torch` only; the rest builds and is tested everywhere.
//!
//! INVARIANT: nothing draws from a hidden generator. All randomness comes from a [`random::Generator`] whose state can
//! be saved, so that a resumed run is the unbroken one.

pub mod canvas;
pub mod cli;
pub mod data;
#[cfg(feature = "torch")]
pub mod device;
#[cfg(feature = "torch")]
pub mod encode;
pub mod events;
pub mod fresh;
pub mod lam;
pub mod measure;
pub mod optim;
#[cfg(feature = "torch")]
pub mod parameters;
#[cfg(feature = "torch")]
pub mod precision;
pub mod random;
pub mod run;
#[cfg(feature = "torch")]
mod sys;
pub mod threads;
#[cfg(feature = "torch")]
pub mod vision;
pub mod wandb;
#[cfg(feature = "torch")]
pub mod weights;
