//! Networks that others trained, and that a model looks through: RAFT, which tells the flow that the model should predict,
//! and DINOv3, which sees for its encoder. Their weights are files that the user has.
//!
//! INVARIANT: their tensors are in no list of parameters: they are never trained, averaged, counted or saved.

pub mod dinov3;
pub mod raft;

mod store;

use std::path::{Path, PathBuf};

use tch::Device;

pub use self::dinov3::Dinov3;
pub use self::raft::Raft;
use crate::lam::Config;
use crate::lam::supervision::Teacher;
use crate::precision::Precision;
use crate::weights;

/// The key of RAFT's weights.
const TEACHER: &str = "model.flow.teacher_weights";
/// The key of DINOv3's weights.
const ENCODER: &str = "model.dinov3_weights";

/// Why a network cannot be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// RAFT.
    #[error("`{TEACHER}` gives no {name}")]
    Teacher {
        /// Which one was asked for.
        name: &'static str,
        /// Why.
        #[source]
        source: weights::Error,
    },
    /// DINOv3.
    #[error("`{ENCODER}` gives no DINOv3")]
    Encoder(#[source] dinov3::Error),
    /// A DINOv3 of other patches than the model expects.
    #[error(
        "`{path}` sees a grid of {found} by {found}, and the model has one of {wanted} by {wanted}: set \
         `model.dinov3_pool_to_grid={wanted}`"
    )]
    Grid {
        /// The weights.
        path: PathBuf,
        /// What the network has.
        found: i64,
        /// What the model has.
        wanted: i64,
    },
}

/// The networks that a model looks through.
#[derive(Debug, Default)]
pub struct Frozen {
    /// What tells the true flow.
    pub teacher: Option<Raft>,
    /// What sees for the encoder.
    pub encoder: Option<Dinov3>,
}

impl Frozen {
    /// Reads those that a configuration asks for.
    ///
    /// # Errors
    ///
    /// Where a file is not there, or is not that of the network.
    pub fn load(config: &Config, precision: Precision, device: Device) -> Result<Self, Error> {
        Ok(Self {
            teacher: teacher(config, device)?,
            encoder: encoder(config, precision, device)?,
        })
    }
}

fn teacher(config: &Config, device: Device) -> Result<Option<Raft>, Error> {
    let flow = config.flow().filter(|flow| flow.teacher == Teacher::Raft);
    let Some((flow, path)) = flow.and_then(|flow| Some((flow, flow.teacher_weights.as_ref()?)))
    else {
        return Ok(None);
    };
    let raft = Raft::load(path, flow.model, device);
    let raft = raft.map_err(|source| Error::Teacher {
        name: flow.model.name(),
        source,
    });
    raft.map(Some)
}

fn encoder(config: &Config, precision: Precision, device: Device) -> Result<Option<Dinov3>, Error> {
    let path: Option<&Path> = config.dinov3_weights.as_deref();
    let Some(path) = path.filter(|_| config.use_dinov3_encoder) else {
        return Ok(None);
    };
    let (name, side) = (&config.dinov3_model_name, config.image_size);
    let network = Dinov3::load(path, name, side, precision, device).map_err(Error::Encoder)?;
    let wanted = config.grid();
    if config.dinov3_pool_to_grid.is_none() && network.grid() != wanted {
        return Err(Error::Grid {
            path: path.to_owned(),
            found: network.grid(),
            wanted,
        });
    }
    Ok(Some(network))
}
