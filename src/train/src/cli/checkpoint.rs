//! What is done with a checkpoint: `eval` measures it, `encode` gives the latents of a data set, `export` its weights.

use std::collections::HashMap;
use std::path::PathBuf;

use hlrp_sh::error::code;
use hlrp_sh::ui;
use serde_json::{Map, Value};

use crate::data::{Set, Spec};
use crate::measure::{self, Plan, validate};
use crate::run::lam::{Error, Weights, open_model};
use crate::{device, encode};

/// The arguments of `eval`.
#[derive(Debug, clap::Args)]
pub(super) struct Eval {
    /// The checkpoint: a directory `checkpoints/step_…`
    checkpoint: PathBuf,
    /// Another data set than the checkpoint's own
    #[arg(long, value_name = "PATH")]
    data: Option<String>,
    /// Where pictures go; without it none are drawn
    #[arg(long, value_name = "DIR")]
    pictures: Option<PathBuf>,
    /// Take the weights that were trained, not their moving average
    #[arg(long)]
    raw: bool,
    /// `cpu`, `cuda` or `cuda:N`
    #[arg(long, default_value = "cpu")]
    device: String,
}

/// The arguments of `encode`.
#[derive(Debug, clap::Args)]
pub(super) struct Encode {
    /// The checkpoint: a directory `checkpoints/step_…`
    checkpoint: PathBuf,
    /// The data set, a directory or ORG/NAME in the caches; without it the checkpoint's own
    #[arg(long, value_name = "PATH")]
    data: Option<String>,
    /// The safetensors file to write: codes, vectors, episodes and frames
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Take the weights that were trained, not their moving average
    #[arg(long)]
    raw: bool,
    /// `cpu`, `cuda` or `cuda:N`
    #[arg(long, default_value = "cpu")]
    device: String,
}

/// The arguments of `export`.
#[derive(Debug, clap::Args)]
pub(super) struct Export {
    /// The checkpoint: a directory `checkpoints/step_…`
    checkpoint: PathBuf,
    /// The safetensors file to write, with the reference's names
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Take the weights that were trained, not their moving average
    #[arg(long)]
    raw: bool,
}

impl Eval {
    /// Runs it and returns the exit status.
    pub(super) fn run(self) -> u8 {
        answer(self.measure())
    }

    fn measure(&self) -> Result<u8, Error> {
        let (device, _) = device::open(self.device.parse()?)?;
        let (settings, model) = open_model(&self.checkpoint, device, weights(self.raw))?;
        let settings = settings.on(self.data.as_deref());
        let set = Set::open(&settings.data)?;
        let (train, held) = set.split(&settings.split())?;
        let node = settings.all.get("validation").unwrap_or(&Value::Null);
        let mut plan = Plan::from_node(node, settings.data.batch_size, settings.seed)?;
        if self.pictures.is_none() {
            plan.drawings.clear();
        }
        // There is no next validation that could draw what is not due at this one.
        for drawing in &mut plan.drawings {
            drawing.every = 1;
        }
        let data = measure::Data {
            held: &held,
            train: &train,
            request: &settings.data.request,
        };
        let place = self.pictures.clone().unwrap_or_default();
        let report = validate(&model, None, data, &plan, &place, plan.interval)?;
        let values = report.values.into_iter();
        let values: Map<String, Value> = values
            .map(|(name, value)| (name, Value::from(value)))
            .collect();
        if ui::json(&Value::Object(values)).is_err() {
            return Ok(code::SOFTWARE);
        }
        Ok(code::DONE)
    }
}

impl Encode {
    /// Runs it and returns the exit status.
    pub(super) fn run(self) -> u8 {
        answer(self.encode())
    }

    fn encode(&self) -> Result<u8, Error> {
        let (device, _) = device::open(self.device.parse()?)?;
        let (settings, model) = open_model(&self.checkpoint, device, weights(self.raw))?;
        let mut settings = settings.on(self.data.as_deref());
        // Latents follow from frames alone.
        settings.data.read_flow(None);
        let set = Set::open(&settings.data)?;
        let spec = Spec {
            batch_size: settings.data.batch_size,
            workers: settings.data.workers,
            ..Spec::default()
        };
        let request = &settings.data.request;
        let done = encode::encode(&model, &set.all(), request, &spec, &self.output, |_| {})?;
        ui::say(&format!("{done} pairs, in {}", self.output.display()));
        Ok(code::DONE)
    }
}

impl Export {
    /// Runs it and returns the exit status.
    pub(super) fn run(self) -> u8 {
        answer(self.export())
    }

    fn export(&self) -> Result<u8, Error> {
        let (device, _) = device::open(device::Choice::Cpu)?;
        let (_, model) = open_model(&self.checkpoint, device, weights(self.raw))?;
        let from = self.checkpoint.display().to_string();
        encode::export(
            &model,
            &self.output,
            HashMap::from([("from".to_owned(), from)]),
        )?;
        Ok(code::DONE)
    }
}

fn weights(raw: bool) -> Weights {
    match raw {
        true => Weights::Raw,
        false => Weights::Averaged,
    }
}

fn answer(done: Result<u8, Error>) -> u8 {
    done.unwrap_or_else(|fault| {
        ui::error(&fault);
        fault.code()
    })
}
