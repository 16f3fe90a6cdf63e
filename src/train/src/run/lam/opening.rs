//! What a run begins with: episodes, a model, and what a checkpoint holds.

use std::path::Path;

use serde::de::IntoDeserializer as _;
use serde::{Deserialize as _, de::value::Error as WordError};
use serde_json::Value;
use tch::{Device, no_grad};

use super::Error;
use crate::lam::Model;
use crate::optim::{AdamW, Average, StateError};
use crate::precision::Precision;
use crate::random::Generator;
use crate::run::checkpoint::{self, Checkpoint};
use crate::run::settings::{self, Settings};
use crate::weights;

/// Makes a model as it is before its first step.
pub(super) fn fresh(settings: &Settings, device: Device) -> Result<Model, settings::Error> {
    let mut drawn = Generator::new(settings.seed, "weights");
    let precision = precision(&settings.precision)?;
    Ok(Model::new(&settings.model, precision, device, &mut drawn)?)
}

/// Makes another model as it is before its first step, which looks through the same networks.
pub(super) fn untrained(settings: &Settings, model: &Model) -> Result<Model, settings::Error> {
    let mut drawn = Generator::new(settings.seed, "weights");
    Ok(model.sibling(precision(&settings.precision)?, &mut drawn))
}

/// Reads a precision by Lightning's name.
fn precision(name: &str) -> Result<Precision, settings::Error> {
    let word: serde::de::value::StrDeserializer<'_, WordError> = name.into_deserializer();
    Precision::deserialize(word).map_err(|fault| settings::Error::Key {
        key: "precision".to_owned(),
        fault: fault.to_string(),
    })
}

/// Gives a run what a checkpoint holds.
pub(super) fn restore(
    found: &Checkpoint,
    model: &mut Model,
    optimiser: &mut AdamW,
    average: Option<&mut Average>,
) -> Result<(), Error> {
    let state = |source| Error::State {
        path: found.path.clone(),
        source,
    };
    optimiser.load(&found.optimiser).map_err(state)?;
    if let Some(average) = average {
        average.load(optimiser, &found.optimiser).map_err(state)?;
    }
    for (name, mut tensor) in model.parameters().state() {
        let Some(kept) = found.optimiser.get(&name) else {
            return Err(state(StateError::Missing(name)));
        };
        if kept.size() != tensor.size() {
            return Err(state(StateError::Size {
                name,
                found: kept.size(),
                wanted: tensor.size(),
            }));
        }
        no_grad(|| tensor.copy_(kept));
    }
    Ok(())
}

/// Which weights of a checkpoint are meant.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Weights {
    /// Their moving average where the run kept one, which is what its validations measure.
    Averaged,
    /// Those that were trained.
    Raw,
}

/// Opens the model of a checkpoint, with the configuration it was trained by.
///
/// # Errors
///
/// Where it is no checkpoint.
pub fn open_model(
    path: &Path,
    device: Device,
    wanted: Weights,
) -> Result<(Settings, Model), Error> {
    check_place(path)?;
    let file = path.join(checkpoint::CONFIG);
    let text = std::fs::read_to_string(&file).map_err(|source| Error::File {
        path: file.clone(),
        source,
    })?;
    let all: Value = serde_json::from_str(&text).map_err(|fault| Error::File {
        path: file,
        source: fault.into(),
    })?;
    let settings = Settings::of(all)?;
    let model = fresh(&settings, device)?;
    weights::load_into(&path.join(weights::MODEL), model.parameters())?;
    if settings.training.use_ema && wanted == Weights::Averaged {
        let averages = Average::of(&checkpoint::load(path)?.optimiser);
        let named = model.parameters().named().into_iter();
        let own: Vec<_> = named
            .filter(|(name, _)| averages.contains_key(name))
            .collect();
        weights::fit(path, averages, &own)?;
    }
    Ok((settings, model))
}

/// Sees that a path leads to a checkpoint, and says what it leads to instead.
pub(super) fn check_place(path: &Path) -> Result<(), Error> {
    let what = if !path.exists() {
        "there is nothing"
    } else if !path.is_dir() {
        "it is a file"
    } else if path.join(checkpoint::PLACE).is_dir() {
        "it is a run directory"
    } else if !path.join(checkpoint::CONFIG).exists() {
        "it has no `config.json`"
    } else {
        return Ok(());
    };
    Err(Error::NoCheckpoint {
        path: path.to_owned(),
        what,
    })
}
