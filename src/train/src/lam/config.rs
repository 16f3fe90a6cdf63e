//! What the model is built from: the `model` node of a composed configuration, every key of it.

use std::cmp::Ordering;
use std::path::PathBuf;

use serde::Deserialize;

use super::replacement::{Interval, Share};
use super::supervision::{Dino, Flow};

/// Height and width of the patches of every published `DINOv3` that is a vision transformer.
const DINOV3_PATCH: i64 = 16;
/// Why a network that others trained takes no other frames.
pub(super) const COLOURS: &str = "the network that sees them takes three colours";

/// Why a configuration describes no model.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// A value that is not possible.
    #[error("`model.{key}` cannot be {value}: {reason}")]
    Value {
        /// The key below `model`.
        key: &'static str,
        /// What it is.
        value: String,
        /// Why that is not possible.
        reason: &'static str,
    },
    /// Nothing would train.
    #[error(
        "the codes have nothing to explain: set `model.use_pixel_decoder`, `model.flow.enabled` or `model.dino.enabled`"
    )]
    NoDecoder,
    /// The encoder's features need weights that nobody gave.
    #[error(
        "`model.use_dinov3_encoder` needs the weights of `{0}`: name a safetensors file in `model.dinov3_weights`, or set \
         `model.use_dinov3_encoder=false`"
    )]
    NoDino(String),
    /// The flow's teacher needs weights that nobody gave.
    #[error(
        "`model.flow.teacher=raft` needs the weights of torchvision's `{0}`: name a safetensors file of its state dict in \
         `model.flow.teacher_weights`, use the data set's own flow with `model.flow.teacher=dataset`, or set \
         `model.flow.enabled=false`"
    )]
    NoTeacher(String),
    /// The weights that were given are not what the model needs.
    #[cfg(feature = "torch")]
    #[error(transparent)]
    Network(#[from] crate::vision::Error),
}

/// The latent action model.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The name of the architecture.
    #[serde(default)]
    pub name: String,
    /// Height and width of a frame.
    pub image_size: i64,
    /// Height and width of a patch; frames are cut into a grid of 8 or 16 by as many.
    pub patch_size: i64,
    /// Colours.
    pub channels: i64,
    /// Width of the transformers.
    pub dim: i64,
    /// Layers of the spatial encoder, and of the pixel decoders.
    pub spatial_depth: i64,
    /// Layers of the temporal encoder.
    pub temporal_depth: i64,
    /// Attention heads.
    pub heads: i64,
    /// Width of a head.
    pub dim_head: i64,
    /// Dropout of attention weights.
    pub attn_dropout: f64,
    /// Dropout inside feed-forward layers.
    pub ff_dropout: f64,
    /// Entries of the codebook.
    pub codebook_size: i64,
    /// Numbers of an entry.
    pub quant_dim: i64,
    /// Entries of an action.
    pub code_seq_len: i64,
    /// The share of the average use below which an entry is replaced, where there is no schedule.
    pub vq_discarding_threshold: f64,
    /// The same by steps.
    #[serde(default)]
    pub vq_discarding_threshold_schedule: Option<Vec<Share>>,
    /// When entries are replaced.
    #[serde(default)]
    pub codebook_replace_schedule: Vec<Interval>,
    /// Whether the encoder looks at features of `DINOv3` instead of pixels.
    #[serde(default)]
    pub use_dinov3_encoder: bool,
    /// Which `DINOv3`.
    #[serde(default)]
    pub dinov3_model_name: String,
    /// The grid its features are pooled to.
    #[serde(default)]
    pub dinov3_pool_to_grid: Option<i64>,
    /// Its weights, a safetensors file.
    #[serde(default)]
    pub dinov3_weights: Option<PathBuf>,
    /// Whether the second frame's pixels are predicted.
    pub use_pixel_decoder: bool,
    /// Whether the flow between the frames is predicted.
    #[serde(default)]
    pub flow: Option<Flow>,
    /// Whether the encoder's own view of the second frame is predicted.
    #[serde(default)]
    pub dino: Option<Dino>,
    /// Whether pixels are predicted for pictures alone.
    #[serde(default)]
    pub use_aux_decoder: bool,
    /// Whose action a pair is decoded with.
    #[serde(default)]
    pub latent_ablation: Ablation,
    /// Whether decoders of pixels give the change of the first frame, and begin with none. The reference's do not.
    #[serde(default)]
    pub residual: bool,
    /// How much more a pixel counts that changes. The reference's count alike.
    #[serde(default)]
    pub change_weight: f64,
    /// Steps without a codebook, the differences themselves being the actions; the codebook starts from them afterwards.
    /// The reference has none.
    #[serde(default)]
    pub continuous_steps: u64,
}

/// Whose action a pair is decoded with.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "snake_case")]
pub enum Ablation {
    /// Its own.
    #[default]
    None,
    /// Another pair's of the batch.
    PermuteBatch,
}

impl Config {
    /// Patches along one side of a frame.
    #[must_use]
    pub fn grid(&self) -> i64 {
        match self.dinov3_pool_to_grid {
            Some(grid) if self.use_dinov3_encoder => grid,
            None if self.use_dinov3_encoder => whole_patches(self.image_size, DINOV3_PATCH),
            _ => self.image_size / self.patch_size.max(1),
        }
    }

    /// Height and width of a patch of pixels, so that they are as many as what the encoder sees has.
    #[must_use]
    pub fn patch(&self) -> i64 {
        self.image_size / self.grid().max(1)
    }

    /// Numbers of a patch.
    #[must_use]
    pub fn patch_numbers(&self) -> i64 {
        self.channels * self.patch() * self.patch()
    }

    /// The flow's settings, where flow is used.
    #[must_use]
    pub fn flow(&self) -> Option<&Flow> {
        self.flow.as_ref().filter(|flow| flow.enabled)
    }

    /// The settings of the prediction of tokens, where it is used.
    #[must_use]
    pub fn dino(&self) -> Option<Dino> {
        self.dino.filter(|dino| dino.enabled)
    }

    /// The share of the average use below which an entry is replaced at a step.
    #[must_use]
    pub fn threshold(&self, step: u64) -> f64 {
        self.vq_discarding_threshold_schedule
            .as_deref()
            .and_then(|schedule| Share::at(schedule, step))
            .unwrap_or(self.vq_discarding_threshold)
    }

    /// Whether a step leaves the codebook out.
    #[must_use]
    pub fn is_continuous(&self, step: u64) -> bool {
        step != 0 && step <= self.continuous_steps
    }

    /// Whether entries are replaced at a step; never at 0, which only measures.
    #[must_use]
    pub fn replaces(&self, step: u64) -> bool {
        step > self.continuous_steps
            && self
                .codebook_replace_schedule
                .iter()
                .any(|interval| interval.falls_on(step))
    }

    /// Says whether there is such a model.
    ///
    /// # Errors
    ///
    /// The first key that does not go, and why.
    pub fn check(&self) -> Result<(), ConfigError> {
        self.check_sizes()?;
        self.check_codebook()?;
        if !self.use_pixel_decoder && self.flow().is_none() && self.dino().is_none() {
            return Err(ConfigError::NoDecoder);
        }
        if self.use_dinov3_encoder {
            demand(self.channels == 3, "channels", self.channels, COLOURS)?;
            if self.dinov3_weights.is_none() {
                return Err(ConfigError::NoDino(self.dinov3_model_name.clone()));
            }
        }
        demand(
            self.change_weight >= 0.0,
            "change_weight",
            self.change_weight,
            "it must be 0 or more",
        )?;
        self.flow().map_or(Ok(()), |flow| flow.check(self))
    }

    fn check_sizes(&self) -> Result<(), ConfigError> {
        let sizes = [
            ("image_size", self.image_size),
            ("patch_size", self.patch_size),
            ("channels", self.channels),
            ("dim", self.dim),
            ("spatial_depth", self.spatial_depth),
            ("temporal_depth", self.temporal_depth),
            ("heads", self.heads),
            ("dim_head", self.dim_head),
            ("codebook_size", self.codebook_size),
            ("quant_dim", self.quant_dim),
        ];
        for (key, value) in sizes {
            demand(value > 0, key, value, "it must be 1 or more")?;
        }
        demand(
            self.image_size % self.patch_size == 0,
            "patch_size",
            self.patch_size,
            "a frame must be whole patches",
        )?;
        let grid = self.grid();
        demand(
            grid > 0 && self.image_size % grid == 0,
            if self.use_dinov3_encoder {
                "dinov3_pool_to_grid"
            } else {
                "patch_size"
            },
            grid,
            "a frame must be as many whole patches",
        )?;
        let shares = [
            ("attn_dropout", self.attn_dropout),
            ("ff_dropout", self.ff_dropout),
        ];
        for (key, value) in shares {
            demand(
                (0.0..1.0).contains(&value),
                key,
                value,
                "it must be 0 or more, and below 1",
            )?;
        }
        Ok(())
    }

    fn check_codebook(&self) -> Result<(), ConfigError> {
        let (lengths, reason): (&[i64], _) = match self.grid() {
            8 => (
                &[1, 2, 4],
                "a grid of 8 by 8 patches gives 1, 2 or 4 codes an action",
            ),
            16 => (
                &[1, 4, 16, 64],
                "a grid of 16 by 16 patches gives 1, 4, 16 or 64 codes an action",
            ),
            _ => {
                return match self.use_dinov3_encoder {
                    true => {
                        let reason = "what DINOv3 sees must be pooled to a grid of 8 or 16";
                        demand(false, "dinov3_pool_to_grid", self.grid(), reason)
                    }
                    false => {
                        let reason = "`image_size` over `patch_size` must be 8 or 16";
                        demand(false, "patch_size", self.patch_size, reason)
                    }
                };
            }
        };
        demand(
            lengths.contains(&self.code_seq_len),
            "code_seq_len",
            self.code_seq_len,
            reason,
        )?;
        demand(
            self.vq_discarding_threshold >= 0.0,
            "vq_discarding_threshold",
            self.vq_discarding_threshold,
            "it must be 0 or more",
        )?;
        if let Some(schedule) = &self.vq_discarding_threshold_schedule {
            Share::check(schedule).map_err(|reason| ConfigError::Value {
                key: "vq_discarding_threshold_schedule",
                value: format!("{schedule:?}"),
                reason,
            })?;
        }
        demand(
            self.codebook_replace_schedule
                .iter()
                .all(|interval| interval.every > 0),
            "codebook_replace_schedule",
            "every 0 steps",
            "an interval must be 1 or more",
        )
    }
}

/// Patches, a side, of the whole number of patches that is nearest to a frame's side; of two as near, the even number.
pub(crate) fn whole_patches(side: i64, patch: i64) -> i64 {
    let patch = patch.max(1);
    let (whole, rest) = (side / patch, side % patch);
    match (2 * rest).cmp(&patch) {
        Ordering::Less => whole,
        Ordering::Equal => whole + whole % 2,
        Ordering::Greater => whole + 1,
    }
}

pub(super) fn demand(
    holds: bool,
    key: &'static str,
    value: impl ToString,
    reason: &'static str,
) -> Result<(), ConfigError> {
    if holds {
        return Ok(());
    }
    Err(ConfigError::Value {
        key,
        value: value.to_string(),
        reason,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_brought_to_the_nearest_whole_number_of_patches() {
        for (side, patches) in [(256, 16), (64, 4), (60, 4), (24, 2), (40, 2), (41, 3)] {
            assert_eq!(whole_patches(side, 16), patches, "{side}");
        }
    }
}
