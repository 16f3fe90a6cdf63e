//! What a run is told: the composed configuration, as far as the loop reads it. There are no defaults here; what a key
//! is stands in `config/`.

use std::path::{Path, PathBuf};

use hlrp_sh::compose::composition::Request;
use hlrp_sh::compose::tree::Tree;
use hlrp_sh::error::code;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::lam::supervision::Teacher;
use crate::{data, lam, optim};

/// The primary configuration.
pub const PRIMARY: &str = "config";

/// Why there is nothing to run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No configuration near.
    #[error(
        "neither here nor above is a directory with `config/{PRIMARY}.yaml`: name it with --config-dir"
    )]
    NoProject,
    /// It does not compose.
    #[error("{0}")]
    Compose(#[from] hlrp_sh::compose::composition::Error),
    /// A key is missing, or is not what it must be.
    #[error("`{key}`: {fault}")]
    Key {
        /// The key.
        key: String,
        /// What is wrong.
        fault: String,
    },
    /// No latent action model.
    #[error(transparent)]
    Model(#[from] lam::ConfigError),
    /// No data.
    #[error(transparent)]
    Data(#[from] data::Error),
    /// A schedule that cannot be followed.
    #[error(transparent)]
    Schedule(#[from] optim::ScheduleError),
}

impl Error {
    /// Returns the exit status.
    #[must_use]
    pub fn code(&self) -> u8 {
        code::CONFIG
    }
}

/// Everything a run of stage 1 is told.
#[derive(Clone, Debug)]
pub struct Settings {
    /// All of it, resolved, as it is saved with every checkpoint.
    pub all: Value,
    /// The run directory.
    pub directory: PathBuf,
    /// What all randomness is drawn from.
    pub seed: u64,
    /// `cpu`, `cuda` or `cuda:N`.
    pub device: String,
    /// What products are computed in, as Lightning names it.
    pub precision: String,
    /// The model.
    pub model: lam::Config,
    /// What it is trained on.
    pub data: data::Config,
    /// How.
    pub training: Training,
    /// How often it is measured.
    pub validation: Validation,
}

/// The `training` node, as far as native training reads it.
#[derive(Clone, Debug, Deserialize)]
pub struct Training {
    /// Steps in all.
    pub max_steps: u64,
    /// A checkpoint to go on from, where the run directory has none: weights, optimiser, step.
    pub resume_from_checkpoint: Option<PathBuf>,
    /// Weights to begin with.
    pub load_weights_from: Option<PathBuf>,
    /// The optimiser.
    pub optimizer: optim::Config,
    /// Its rate.
    pub scheduler: optim::Schedule,
    /// Clipping.
    pub gradient: optim::Clip,
    /// Whether a moving average of the weights is kept, and measured.
    pub use_ema: bool,
    /// What is kept of it.
    pub ema_decay: f64,
    /// Every so many steps.
    pub ema_update_every: u64,
    /// Once so many steps have passed.
    pub ema_update_after_step: u64,
    /// When a checkpoint is written.
    pub checkpoint: Checkpoints,
    /// Lines of `metrics.jsonl`: every so many steps.
    pub log_every_n_steps: u64,
    /// Native training alone.
    pub native: Native,
}

/// The `training.checkpoint` node.
#[derive(Clone, Debug, Deserialize)]
pub struct Checkpoints {
    /// Every so many steps.
    pub every_n_train_steps: u64,
    /// How many of this run's own are kept; all where it does not say.
    #[serde(default)]
    pub keep: Option<usize>,
}

/// The `training.native` node.
#[derive(Clone, Debug, Deserialize)]
pub struct Native {
    /// `cpu`, `cuda` or `cuda:N`.
    pub device: String,
    /// Pairs that the codebook starts from, after the steps without one.
    pub codebook_pairs: usize,
    /// Rounds of k-means.
    pub codebook_rounds: u32,
    /// Every how many episodes one is held out, where no data set says `val_episode_count`.
    pub hold_out_every: usize,
    /// Bytes of decoded pictures that are kept in memory.
    pub keep_decoded_mb: usize,
}

/// The `validation` node, as far as the loop reads it; the rest is [`crate::measure::Plan`]'s.
#[derive(Clone, Debug, Deserialize)]
pub struct Validation {
    /// Every so many steps.
    pub check_interval: u64,
}

impl Settings {
    /// Composes what overrides say, in the project at or above this directory or in the configuration that is named.
    ///
    /// # Errors
    ///
    /// Where nothing composes, or something stands against training it natively.
    pub fn compose(overrides: &[String], config: Option<&Path>, name: &str) -> Result<Self, Error> {
        let here = std::env::current_dir().unwrap_or_default();
        let config = match config {
            Some(config) => here.join(config),
            None => Tree::nearest(&here, name).ok_or(Error::NoProject)?,
        };
        let tree = Tree::open(&config)?;
        let composition = tree.compose(&Request {
            config_name: Some(name.to_owned()),
            ..Request::new(overrides)
        })?;
        let all = serde_json::to_value(composition.resolved()?).map_err(|fault| Error::Key {
            key: name.to_owned(),
            fault: fault.to_string(),
        })?;
        Self::of(all)
    }

    /// Reads a composed configuration.
    ///
    /// # Errors
    ///
    /// Where a key is missing, or something stands against training it natively.
    pub fn of(all: Value) -> Result<Self, Error> {
        let training: Training = read(&all, "training")?;
        let mut model: lam::Config = read(&all, "model")?;
        model.check()?;
        training.scheduler.check(training.max_steps)?;
        for (key, count) in [
            ("training.log_every_n_steps", training.log_every_n_steps),
            (
                "training.checkpoint.every_n_train_steps",
                training.checkpoint.every_n_train_steps,
            ),
            ("training.max_steps", training.max_steps),
            (
                "validation.check_interval",
                read(&all, "validation.check_interval")?,
            ),
        ] {
            if count == 0 {
                return Err(wrong(key, "it cannot be 0"));
            }
        }
        if model.continuous_steps > 0 && training.native.codebook_pairs == 0 {
            let why = "the codebook starts from them where `model.continuous_steps` is not 0";
            return Err(wrong("training.native.codebook_pairs", why));
        }
        if training.load_weights_from.is_some() {
            // The codebook is among them: it must not start anew.
            model.continuous_steps = 0;
        }
        let mut data = data::Config::from_node(all.get("data").unwrap_or(&Value::Null))?;
        let frames = data
            .request
            .cameras
            .first()
            .map_or(0, |camera| camera.frames.len());
        if data.request.cameras.len() != 1 || frames != 2 {
            return Err(wrong(
                "data.request.image_requests",
                "stage 1 takes pairs of one camera: `primary: {deltas_steps: [0, 5]}`",
            ));
        }
        let side = usize::try_from(model.image_size).unwrap_or(0);
        if data.request.image_size != Some([side, side]) {
            return Err(wrong(
                "data.request.image_size",
                &format!("the model takes frames of {side} by {side}, as `model.image_size` says"),
            ));
        }
        let own = model.flow().filter(|flow| flow.teacher == Teacher::Dataset);
        let field = own.map(|flow| data::FieldConfig {
            key: flow.dataset_key.clone(),
            size: [side, side],
        });
        data.read_flow(field.as_ref());
        Ok(Self {
            directory: read::<PathBuf>(&all, "logging.runs_dir")?,
            seed: read(&all, "seed")?,
            device: training.native.device.clone(),
            precision: read(&all, "precision")?,
            validation: read(&all, "validation")?,
            model,
            data,
            training,
            all,
        })
    }
}

impl Settings {
    /// The same on another data set, where one is named.
    #[must_use]
    pub fn on(mut self, data: Option<&str>) -> Self {
        if let (Some(data), Some(source)) = (data, self.data.sources.first_mut()) {
            data.clone_into(&mut source.repo_id);
            self.data.sources.truncate(1);
        }
        self
    }

    /// Returns how episodes are held out: as the data sets say, else every so many.
    #[must_use]
    pub fn split(&self) -> data::Split {
        let mut sources = self.data.sources.iter();
        match sources.any(|source| source.val_episode_count > 0) {
            true => data::Split::Configured {
                seed: self.data.seed,
            },
            false => data::Split::Every {
                nth: self.training.native.hold_out_every,
            },
        }
    }
}

/// Reads a key of a configuration, by its path with dots.
///
/// # Errors
///
/// Where it is missing, or of another shape.
pub fn read<T: DeserializeOwned>(all: &Value, key: &str) -> Result<T, Error> {
    let found = key.split('.').try_fold(all, |node, part| node.get(part));
    let found = found.ok_or_else(|| wrong(key, "it is not said"))?;
    T::deserialize(found).map_err(|fault| wrong(key, &fault.to_string()))
}

fn wrong(key: &str, fault: &str) -> Error {
    Error::Key {
        key: key.to_owned(),
        fault: fault.to_owned(),
    }
}
