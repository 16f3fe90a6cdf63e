//! What the codes can be asked to explain besides pixels: flow, and the encoder's own tokens. The nodes `model.flow` and
//! `model.dino`, with the weights of their losses at every step.

use std::path::PathBuf;

use serde::Deserialize;

use super::config::{ConfigError, demand};

/// Supervision by optical flow.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Flow {
    /// Whether it is used.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// Where the true flow comes from.
    #[serde(default)]
    pub teacher: Teacher,
    /// The teacher's weights, a safetensors file.
    #[serde(default)]
    pub teacher_weights: Option<PathBuf>,
    /// `raft_large` or `raft_small`.
    pub model: String,
    /// Refinements of the teacher.
    pub teacher_num_flow_updates: i64,
    /// Pairs the teacher looks at together.
    pub teacher_chunk_size: i64,
    /// Layers of the decoder.
    pub decoder_depth: i64,
    /// Weight in the loss.
    pub loss_weight: f64,
    /// Steps in which the weight grows from 0.
    pub warmup_steps: u64,
    /// Weight of the mean flow, within the weight of the flow.
    pub summary_loss_weight: f64,
    /// The sum of magnitudes below which a flow counts as none.
    pub summary_static_eps: f64,
}

/// Supervision by the encoder's own tokens of the second frame.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Dino {
    /// Whether it is used.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// Weight in the loss.
    pub loss_weight: f64,
    /// Steps in which the weight grows from 0.
    pub warmup_steps: u64,
}

/// Where the true flow comes from.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
pub enum Teacher {
    /// A frozen RAFT, whose weights the user has.
    #[default]
    Raft,
    /// The data set: every batch brings it.
    Dataset,
}

impl Flow {
    /// The weight at a step.
    #[must_use]
    pub fn weight(&self, step: u64) -> f64 {
        warmed(self.loss_weight, self.warmup_steps, step)
    }

    pub(super) fn check(&self) -> Result<(), ConfigError> {
        demand(
            matches!(self.model.as_str(), "raft_large" | "raft_small"),
            "flow.model",
            &self.model,
            "there are `raft_large` and `raft_small`",
        )?;
        demand(
            self.loss_weight > 0.0,
            "flow.loss_weight",
            self.loss_weight,
            "it must be above 0",
        )?;
        demand(
            self.decoder_depth > 0,
            "flow.decoder_depth",
            self.decoder_depth,
            "it must be 1 or more",
        )?;
        demand(
            self.summary_loss_weight >= 0.0,
            "flow.summary_loss_weight",
            self.summary_loss_weight,
            "it must be 0 or more",
        )?;
        demand(
            self.summary_static_eps > 0.0,
            "flow.summary_static_eps",
            self.summary_static_eps,
            "it must be above 0",
        )?;
        match (self.teacher, &self.teacher_weights) {
            (Teacher::Dataset, _) => Ok(()),
            (Teacher::Raft, None) => Err(ConfigError::NoTeacher(self.model.clone())),
            (Teacher::Raft, Some(path)) => Err(ConfigError::NoNetwork {
                path: path.clone(),
                network: "the RAFT teacher",
            }),
        }
    }
}

impl Dino {
    /// The weight at a step.
    #[must_use]
    pub fn weight(&self, step: u64) -> f64 {
        warmed(self.loss_weight, self.warmup_steps, step)
    }
}

/// A weight that grows from 0 in a straight line.
#[allow(clippy::cast_precision_loss)] // steps are far below 2^52
fn warmed(weight: f64, warmup: u64, step: u64) -> f64 {
    if warmup == 0 {
        weight
    } else {
        weight * (step as f64 / warmup as f64).min(1.0)
    }
}

fn yes() -> bool {
    true
}
