//! What the codes can be asked to explain besides pixels: flow, and the encoder's own tokens. The nodes `model.flow` and
//! `model.dino`, with the weights of their losses at every step.

use std::path::PathBuf;

use serde::Deserialize;

use super::config::{COLOURS, Config, ConfigError, demand};

/// The least side of a frame for RAFT: an eighth of it is halved three times, and two points must be left.
const SMALLEST: i64 = 128;
/// What a side must be a whole multiple of for RAFT.
const MULTIPLE: i64 = 8;

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
    /// The key of the data set's own flow: `[2, height, width]` of a frame, across and down, in pixels, to the frame that is
    /// the second of its pair.
    #[serde(default = "flow_key")]
    pub dataset_key: String,
    /// Which teacher.
    pub model: Size,
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

/// Which RAFT, as torchvision names it.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
pub enum Size {
    /// 5.3 million parameters.
    #[serde(rename = "raft_large")]
    Large,
    /// 1.0 million parameters, and less memory.
    #[serde(rename = "raft_small")]
    Small,
}

impl Size {
    /// Returns torchvision's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Large => "raft_large",
            Self::Small => "raft_small",
        }
    }
}

impl Flow {
    /// The weight at a step.
    #[must_use]
    pub fn weight(&self, step: u64) -> f64 {
        warmed(self.loss_weight, self.warmup_steps, step)
    }

    pub(super) fn check(&self, model: &Config) -> Result<(), ConfigError> {
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
        match self.teacher {
            Teacher::Dataset => Ok(()),
            Teacher::Raft => self.check_teacher(model),
        }
    }

    fn check_teacher(&self, model: &Config) -> Result<(), ConfigError> {
        let counts = [
            (
                "flow.teacher_num_flow_updates",
                self.teacher_num_flow_updates,
            ),
            ("flow.teacher_chunk_size", self.teacher_chunk_size),
        ];
        for (key, value) in counts {
            demand(value > 0, key, value, "it must be 1 or more")?;
        }
        if self.teacher_weights.is_none() {
            return Err(ConfigError::NoTeacher(self.model.name().to_owned()));
        }
        let side = model.image_size;
        demand(
            side >= SMALLEST && side % MULTIPLE == 0,
            "image_size",
            side,
            "the RAFT teacher takes frames of 128 pixels or more a side, a multiple of 8; set `model.flow.teacher=dataset` \
             or `model.flow.enabled=false` for others",
        )?;
        demand(model.channels == 3, "channels", model.channels, COLOURS)
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

fn flow_key() -> String {
    "observation.flow".to_owned()
}

fn yes() -> bool {
    true
}
