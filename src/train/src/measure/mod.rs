//! What a latent action model is judged by, on held-out episodes: does it predict better than a copy of the first frame,
//! does the prediction need the right codes, how many codes live, and what do they say about the hand. And pictures.
//!
//! The measures are those of `tests/train/measures.py`, by which the Python reference is judged.
//!
//! INVARIANT: nothing here changes the model, counts its codes, or draws from the run's generators; what is measured
//! depends on the weights, the data and the plan's seed alone.

pub mod chart;
pub mod probe;

#[cfg(feature = "torch")]
mod album;
#[cfg(feature = "torch")]
mod centres;
mod plan;
#[cfg(feature = "torch")]
pub(crate) mod seen;
#[cfg(feature = "torch")]
mod sheet;
#[cfg(feature = "torch")]
mod validation;

pub use self::plan::{Drawing, Kind, Plan, PlanError};
#[cfg(feature = "torch")]
pub use self::validation::{Data, Drawn, Error, Report, validate};
#[cfg(feature = "torch")]
pub use self::{album::drawn, seen::pairs_there};
