//! How weights are changed: AdamW with two groups, the rate of every step, clipping, and an average of the weights.

mod schedule;

#[cfg(feature = "torch")]
mod adamw;
#[cfg(feature = "torch")]
mod average;
#[cfg(feature = "torch")]
mod packed;

use serde::Deserialize;

#[cfg(feature = "torch")]
pub use adamw::{AdamW, StateError};
#[cfg(feature = "torch")]
pub use average::Average;
pub use schedule::{Kind as ScheduleKind, PlateauMode, Schedule, ScheduleError};

/// The `training.optimizer` node of a composed configuration.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Which optimiser.
    #[serde(rename = "type")]
    pub kind: Kind,
    /// The highest rate.
    pub lr: f64,
    /// How slowly the averages of the gradient and of its square change.
    pub betas: (f64, f64),
    /// Keeps quotients finite.
    pub eps: f64,
    /// What share of a matrix is taken off at every step, times the rate.
    pub weight_decay: f64,
}

/// An optimiser there is.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
pub enum Kind {
    /// `AdamW`, arXiv 1711.05101.
    AdamW,
}

/// The `training.gradient` node.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Clip {
    /// The longest gradient, or its largest number; none or 0 clips nothing.
    pub clip_val: Option<f64>,
    /// Which of the two.
    pub clip_algorithm: ClipKind,
}

/// What of a gradient is bounded.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
pub enum ClipKind {
    /// The length of the whole gradient.
    Norm,
    /// Every number of it.
    Value,
}
