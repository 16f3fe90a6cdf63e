//! The whole model: encoder, bottleneck, decoders, and one step of them.

use std::rc::Rc;

use tch::{Device, Tensor, no_grad};

use super::attention::Shape;
use super::batch::{Batch, BatchError};
use super::config::{Ablation, Config, ConfigError};
use super::decoders::Task;
use super::encoder::{Encoded, Encoder};
use super::layers::cut;
use super::losses::Outcome;
use super::nsvq::{Quantised, Quantiser};
use super::objectives::{Given, Objectives, frames};
use super::replacement::Usage;
use super::transformer::Plan;
use crate::parameters::Parameters;
use crate::precision::Precision;
use crate::random::Generator;
use crate::vision::{Dinov3, Frozen};

/// A loss of a batch, and its parts by name.
pub type Missed = (Tensor, Vec<(&'static str, Tensor)>);

/// The latent action model.
#[derive(Debug)]
pub struct Model {
    config: Config,
    parameters: Parameters,
    encoder: Encoder,
    quantiser: Quantiser,
    objectives: Objectives,
    frozen: Rc<Frozen>,
}

impl Model {
    /// Makes a model on a device, with weights drawn from the generator; the networks that it looks through are read from
    /// their files.
    ///
    /// # Errors
    ///
    /// Where the configuration describes no model, or one that needs weights nobody gave.
    pub fn new(
        config: &Config,
        precision: Precision,
        device: Device,
        generator: &mut Generator,
    ) -> Result<Self, ConfigError> {
        config.check()?;
        let frozen = Rc::new(Frozen::load(config, precision, device)?);
        Ok(Self::through(frozen, config, precision, device, generator))
    }

    /// Makes another model of the same configuration that looks through the same networks.
    #[must_use]
    pub fn sibling(&self, precision: Precision, generator: &mut Generator) -> Self {
        let device = self.codebook().device();
        let frozen = Rc::clone(&self.frozen);
        Self::through(frozen, &self.config, precision, device, generator)
    }

    fn through(
        frozen: Rc<Frozen>,
        config: &Config,
        precision: Precision,
        device: Device,
        generator: &mut Generator,
    ) -> Self {
        let mut parameters = Parameters::new(device);
        let scope = &mut parameters.root(generator);
        let plan = Plan {
            depth: config.spatial_depth,
            shape: Shape {
                dim: config.dim,
                heads: config.heads,
                dim_head: config.dim_head,
                dropout: config.attn_dropout,
                precision,
            },
            dropout: config.ff_dropout,
            has_context: false,
        };
        let features = frozen.encoder.as_ref().map(Dinov3::width);
        let encoder = Encoder::new(scope, config, plan, features);
        let quantiser = Quantiser::new(&mut scope.enter("vq"), config, precision);
        let objectives = Objectives::new(scope, config, plan);
        parameters.alias("pixel_projection", "decoder_context_projection");
        if features.is_some() {
            parameters.alias("dino_encoder", "encoder_projection.encoder");
        } else {
            parameters.alias("pixel_projection", "encoder_projection");
        }
        Self {
            config: config.clone(),
            parameters,
            encoder,
            quantiser,
            objectives,
            frozen,
        }
    }

    /// All tensors of the model, by name.
    #[must_use]
    pub fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    /// What the model was made from.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The codebook, `[K, D]`.
    pub fn codebook(&self) -> &Tensor {
        self.quantiser.codebook()
    }

    /// Computes the loss of a batch at a step (1 is the first), counts the codes, and replaces entries where the schedule
    /// says so. Call it within [`tch::no_grad`] to measure only; step 0 replaces nothing.
    ///
    /// # Errors
    ///
    /// Where the batch is not for this model.
    pub fn step(
        &mut self,
        batch: &Batch,
        step: u64,
        generator: &mut Generator,
    ) -> Result<Outcome, BatchError> {
        let pairs = batch.frames.size().first().copied().unwrap_or(0);
        let shape = self.quantiser.noise_shape(&self.config, pairs);
        let count = usize::try_from(shape.iter().product::<i64>()).unwrap_or(0);
        let noise = Tensor::from_slice(&generator.normal(count)).view(shape);
        self.step_with_noise(batch, step, &noise, generator)
    }

    /// The same with given noise of the bottleneck, `[B * s, D]`; the generator is for everything else.
    ///
    /// # Errors
    ///
    /// Where the batch or the noise is not for this model.
    pub fn step_with_noise(
        &mut self,
        batch: &Batch,
        step: u64,
        noise: &Tensor,
        generator: &mut Generator,
    ) -> Result<Outcome, BatchError> {
        let pairs = self.check(batch)?;
        let wanted = self.quantiser.noise_shape(&self.config, pairs);
        if noise.size() != wanted {
            return Err(BatchError::Noise {
                found: noise.size(),
                wanted: wanted.to_vec(),
            });
        }
        if self.config.attn_dropout > 0.0 || self.config.ff_dropout > 0.0 {
            // Dropout draws from libtorch's generator, whose state cannot be read: it starts anew at every step.
            tch::manual_seed(generator.bits().cast_signed());
        }
        let device = batch.frames.device();
        let patches = cut(&batch.frames, self.config.patch());
        let encoded = self.encode_patches(&batch.frames, &patches);
        let (first, last) = (&encoded.first, &encoded.last);
        let quantised = if self.config.is_continuous(step) {
            self.quantiser.bypass(first, last)
        } else {
            self.quantiser.train(first, last, &noise.to_device(device))
        };

        let share = self.config.threshold(step);
        let usage = Usage::of(self.quantiser.counters(), share);
        let replaced = self.config.replaces(step).then(|| {
            let codebook = self.quantiser.codebook().shallow_clone();
            Usage::replace(&codebook, self.quantiser.counters(), share, generator)
        });

        let actions = match self.config.latent_ablation {
            Ablation::None => quantised.actions,
            Ablation::PermuteBatch => {
                let order = order(generator, pairs).to_device(device);
                quantised.actions.index_select(0, &order)
            }
        };
        let flow = self.flow(batch, step);
        let given = Given {
            encoded: &encoded,
            actions: &actions,
            patches: &patches,
            flow: flow.as_ref(),
        };
        let losses = self.objectives.losses(&self.config, &given, step);
        Ok(Outcome {
            loss: losses.whole,
            parts: losses.parts,
            weights: losses.weights,
            codes: quantised.codes,
            usage,
            replaced,
            entries: self.config.codebook_size,
        })
    }

    /// Whether the codes must explain more than pixels.
    #[must_use]
    pub fn explains_more_than_pixels(&self) -> bool {
        self.config.flow().is_some() || self.config.dino().is_some()
    }

    /// What the model is off by in all but pixels (flow, and the encoder's own tokens) with the codes that it chooses, at
    /// the full weights: their sum, and its parts by name. Nothing is counted.
    ///
    /// # Errors
    ///
    /// Where the batch is not for this model.
    pub fn losses_but_pixels(&self, batch: &Batch) -> Result<Missed, BatchError> {
        self.check(batch)?;
        Ok(no_grad(|| {
            let patches = cut(&batch.frames, self.config.patch());
            let (encoded, quantised) = self.look(&batch.frames);
            let flow = self.flow(batch, u64::MAX);
            let given = Given {
                encoded: &encoded,
                actions: &quantised.actions,
                patches: &patches,
                flow: flow.as_ref(),
            };
            let objectives = &self.objectives;
            let losses = objectives.losses_but_pixels(&self.config, &given, u64::MAX);
            (losses.whole, losses.parts)
        }))
    }

    /// The entries that explain pairs, `[B, s]`.
    ///
    /// # Errors
    ///
    /// Where the frames are not for this model.
    pub fn codes(&self, frames: &Tensor) -> Result<Tensor, BatchError> {
        self.check_frames(frames)?;
        Ok(no_grad(|| self.look(frames).1.codes))
    }

    /// What the bottleneck sees of pairs before it chooses entries, `[B, s, D]`.
    ///
    /// # Errors
    ///
    /// Where the frames are not for this model.
    pub fn differences(&self, frames: &Tensor) -> Result<Tensor, BatchError> {
        let pairs = self.check_frames(frames)?;
        Ok(no_grad(|| {
            let encoded = self.encode(frames);
            self.quantiser
                .difference(&encoded.first, &encoded.last)
                .view([pairs, -1, self.config.quant_dim])
        }))
    }

    /// Starts the codebook anew from differences `[N, D]` of pairs of the training data: centres of that many rounds of
    /// k-means. The counters start anew as well. This is what is to be done after the last step without a codebook.
    pub fn start_codebook(&mut self, differences: &Tensor, rounds: u32, generator: &mut Generator) {
        let rows = differences.reshape([-1, self.config.quant_dim]);
        self.quantiser.start(&rows, rounds, generator);
    }

    /// The second frames `[B, C, H, W]` that the first ones and codes `[B, s]` give; with no codes the pairs' own.
    /// Nothing where the model has no decoder of pixels.
    ///
    /// # Errors
    ///
    /// Where frames or codes are not for this model.
    pub fn reconstruct(
        &self,
        pairs: &Tensor,
        codes: Option<&Tensor>,
    ) -> Result<Option<Tensor>, BatchError> {
        let wanted = [self.check_frames(pairs)?, self.config.code_seq_len];
        if let Some(codes) = codes.filter(|codes| codes.size() != wanted) {
            return Err(BatchError::Codes {
                found: codes.size(),
                wanted: wanted.to_vec(),
            });
        }
        let Some(decoder) = self.objectives.painter() else {
            return Ok(None);
        };
        Ok(Some(no_grad(|| {
            let (encoded, own) = self.look(pairs);
            let actions = codes.map_or(own.actions, |codes| self.quantiser.tokens(codes));
            let first = cut(&pairs.narrow(2, 0, 1), self.config.patch());
            let first = first.select(1, 0).flatten(1, 2);
            let made = decoder.picture(Task::of(&encoded, &actions), &first);
            frames(&self.config, &made)
        })))
    }

    fn encode(&self, frames: &Tensor) -> Encoded {
        self.encode_patches(frames, &cut(frames, self.config.patch()))
    }

    fn encode_patches(&self, frames: &Tensor, patches: &Tensor) -> Encoded {
        self.encoder.apply(patches, self.features(frames).as_ref())
    }

    /// What another network sees in frames, where one sees for the encoder: `[B, 2, h, w, width]`.
    fn features(&self, frames: &Tensor) -> Option<Tensor> {
        let network = self.frozen.encoder.as_ref()?;
        let pictures = frames.transpose(1, 2).flatten(0, 1);
        let seen = network.look(&pictures);
        let grid = self.config.grid();
        let seen = if network.grid() == grid {
            seen
        } else {
            let maps = seen.permute([0, 3, 1, 2]).adaptive_avg_pool2d([grid, grid]);
            maps.permute([0, 2, 3, 1])
        };
        Some(seen.unflatten(0, [-1, 2]))
    }

    /// The flow that a batch is measured by, where it has a weight at a step: its own, or what the teacher sees.
    fn flow(&self, batch: &Batch, step: u64) -> Option<Tensor> {
        let flow = self.config.flow().filter(|flow| flow.weight(step) > 0.0)?;
        if let Some(own) = &batch.flow {
            return Some(own.shallow_clone());
        }
        let teacher = self.frozen.teacher.as_ref()?;
        let (refinements, together) = (flow.teacher_num_flow_updates, flow.teacher_chunk_size);
        Some(teacher.flow(&batch.frames, refinements, together))
    }

    fn look(&self, frames: &Tensor) -> (Encoded, Quantised) {
        let encoded = self.encode(frames);
        let quantised = self.quantiser.look(&encoded.first, &encoded.last);
        (encoded, quantised)
    }

    /// Says whether a batch is for this model, and how many pairs it has.
    fn check(&self, batch: &Batch) -> Result<i64, BatchError> {
        let pairs = self.check_frames(&batch.frames)?;
        let side = self.config.image_size;
        let wanted = [pairs, 2, side, side];
        match &batch.flow {
            None if self.lacks_flow() => Err(BatchError::NoFlow),
            Some(flow) if flow.size() != wanted => Err(BatchError::Flow {
                found: flow.size(),
                wanted: wanted.to_vec(),
            }),
            _ => Ok(pairs),
        }
    }

    /// Whether nothing tells the flow unless a batch does.
    fn lacks_flow(&self) -> bool {
        self.config.flow().is_some() && self.frozen.teacher.is_none()
    }

    fn check_frames(&self, frames: &Tensor) -> Result<i64, BatchError> {
        let found = frames.size();
        let pairs = found.first().copied().unwrap_or(0);
        let side = self.config.image_size;
        let wanted = [pairs.max(1), self.config.channels, 2, side, side];
        if found == wanted {
            Ok(pairs)
        } else {
            Err(BatchError::Frames {
                found,
                wanted: wanted.to_vec(),
            })
        }
    }
}

/// An order of the pairs of a batch.
#[allow(clippy::cast_possible_wrap)] // a batch is small
fn order(generator: &mut Generator, pairs: i64) -> Tensor {
    let order = generator.permutation(usize::try_from(pairs).unwrap_or(0));
    let order: Vec<i64> = order.into_iter().map(|place| place as i64).collect();
    Tensor::from_slice(&order)
}
