//! Why a run ends before its last step.

use std::path::PathBuf;

use hlrp_sh::error::code;

use crate::lam::BatchError;
use crate::optim::StateError;
use crate::run::{checkpoint, identity, settings};
use crate::{data, device, encode, measure, weights};

/// Why a run ends before its last step.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// What it is told.
    #[error(transparent)]
    Settings(#[from] settings::Error),
    /// What it is trained on.
    #[error(transparent)]
    Data(#[from] data::Error),
    /// A batch that is not for this model.
    #[error(transparent)]
    Batch(#[from] BatchError),
    /// A device that is not there.
    #[error(transparent)]
    Device(#[from] device::Error),
    /// A checkpoint that cannot be read or written.
    #[error(transparent)]
    Checkpoint(#[from] checkpoint::Error),
    /// A path that leads elsewhere.
    #[error("`{path}` is no checkpoint: {what}; name a directory `checkpoints/step_…`")]
    NoCheckpoint {
        /// The path.
        path: PathBuf,
        /// What is there.
        what: &'static str,
    },
    /// Weights that are another model's.
    #[error(transparent)]
    Weights(#[from] weights::Error),
    /// An optimiser's state that is another model's.
    #[error("`{path}` is of another run")]
    State {
        /// The checkpoint.
        path: PathBuf,
        /// What does not fit.
        #[source]
        source: StateError,
    },
    /// The run directory.
    #[error("`{path}` cannot be read or written")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// It cannot be measured.
    #[error(transparent)]
    Measure(#[from] measure::Error),
    /// The validation is not as it is asked for.
    #[error(transparent)]
    Plan(#[from] measure::PlanError),
    /// Latents or weights that cannot be written.
    #[error(transparent)]
    Encode(#[from] encode::Error),
    /// The run directory is another run's.
    #[error(transparent)]
    Identity(#[from] identity::Error),
    /// The loss or its gradient is no number any more.
    #[error(
        "at step {step} the loss is {loss}, and its gradient is {length} long; the batch that made it is in `{batch}`, the \
         last whole checkpoint is as it was"
    )]
    Diverged {
        /// The step.
        step: u64,
        /// The loss.
        loss: f64,
        /// The length of its gradient.
        length: f64,
        /// Where its batch is.
        batch: PathBuf,
    },
}

impl Error {
    /// Returns the exit status.
    #[must_use]
    pub fn code(&self) -> u8 {
        match self {
            Self::Settings(fault) => fault.code(),
            Self::Data(fault) => fault.code(),
            Self::Device(_) => code::UNREACHABLE,
            Self::Identity(fault) => fault.code(),
            Self::Measure(measure::Error::NoPairs | measure::Error::NoCamera)
            | Self::NoCheckpoint { .. } => code::CONFIG,
            Self::Plan(_) | Self::Batch(_) | Self::Weights(_) | Self::State { .. } => code::CONFIG,
            Self::Measure(_)
            | Self::Encode(_)
            | Self::Checkpoint(_)
            | Self::File { .. }
            | Self::Diverged { .. } => code::NO,
        }
    }
}
