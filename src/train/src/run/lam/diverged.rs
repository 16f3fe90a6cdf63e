//! The batch at which a loss was no number any more, written down for whoever looks for the reason.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use tch::{Device, Kind, Tensor};

use super::{Error, pairs};
use crate::{data, weights};

/// Writes down the batch of a step, as it came, and where it is from; returns the file.
pub(super) fn keep(directory: &Path, step: u64, batch: &data::Batch) -> Result<PathBuf, Error> {
    let path = directory.join(format!("diverged_{step:07}.safetensors"));
    let numbers = |values: &[i64]| Tensor::from_slice(values);
    let pairs = pairs(batch, Device::Cpu);
    let frames = pairs.frames.to_kind(Kind::Uint8);
    let mut tensors = vec![
        ("frames".to_owned(), frames),
        ("source".to_owned(), numbers(&batch.source)),
        ("episode".to_owned(), numbers(&batch.episode)),
        ("frame".to_owned(), numbers(&batch.frame)),
    ];
    tensors.extend(pairs.flow.map(|flow| ("flow".to_owned(), flow)));
    let about = HashMap::from([("step".to_owned(), step.to_string())]);
    weights::save(&path, &tensors, about)?;
    Ok(path)
}
