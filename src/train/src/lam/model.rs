//! The whole model: encoder, bottleneck, decoders, and one step of them.

use tch::{Device, Kind, Tensor, no_grad};

use super::attention::Shape;
use super::batch::{Batch, BatchError};
use super::config::{Ablation, Config, ConfigError};
use super::decoders::{Decoder, FlowError, Task};
use super::encoder::{Encoded, Encoder};
use super::layers::{cut, join};
use super::losses::{Outcome, pixel_error, squared};
use super::nsvq::Quantiser;
use super::replacement::Usage;
use super::transformer::Plan;
use crate::parameters::Parameters;
use crate::precision::Precision;
use crate::random::Generator;

/// The latent action model.
#[derive(Debug)]
pub struct Model {
    config: Config,
    parameters: Parameters,
    encoder: Encoder,
    quantiser: Quantiser,
    pixels: Option<Decoder>,
    aux: Option<Decoder>,
    flow: Option<Decoder>,
    dino: Option<Decoder>,
}

impl Model {
    /// Makes a model on a device, with weights drawn from the generator.
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
        let encoder = Encoder::new(scope, config, plan);
        let quantiser = Quantiser::new(&mut scope.enter("vq"), config, precision);
        let dino = config
            .dino()
            .map(|_| Decoder::tokens(scope, "dino_decoder", config, plan));
        let mut pixels = |names: (&str, &str)| Decoder::pixels(scope, names, config, plan);
        let main = config
            .use_pixel_decoder
            .then(|| pixels(("pixel_decoder", "pixel_to_pixels.0")));
        let aux = config
            .use_aux_decoder
            .then(|| pixels(("aux_decoder", "aux_to_pixels.0")));
        let flow = config
            .flow()
            .map(|flow| Decoder::flow(scope, flow, config, plan));
        for other in ["encoder_projection", "decoder_context_projection"] {
            parameters.alias("pixel_projection", other);
        }
        Ok(Self {
            config: config.clone(),
            parameters,
            encoder,
            quantiser,
            pixels: main,
            aux,
            flow,
            dino,
        })
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
        let patches = cut(&batch.frames, self.config.patch_size);
        let encoded = self.encoder.apply(&patches);
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
        let mut outcome = Outcome {
            loss: Tensor::zeros([], (Kind::Float, device)),
            parts: Vec::new(),
            weights: Vec::new(),
            codes: quantised.codes,
            usage,
            replaced,
            entries: self.config.codebook_size,
        };
        self.explain(batch, step, (&encoded, &actions, &patches), &mut outcome);

        Ok(outcome)
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
        frames: &Tensor,
        codes: Option<&Tensor>,
    ) -> Result<Option<Tensor>, BatchError> {
        let pairs = self.check_frames(frames)?;
        let wanted = [pairs, self.config.code_seq_len];
        if let Some(codes) = codes.filter(|codes| codes.size() != wanted) {
            return Err(BatchError::Codes {
                found: codes.size(),
                wanted: wanted.to_vec(),
            });
        }
        let Some(decoder) = self.aux.as_ref().or(self.pixels.as_ref()) else {
            return Ok(None);
        };
        Ok(Some(no_grad(|| {
            let (encoded, own) = self.look(frames);
            let actions = codes.map_or(own.actions, |codes| self.quantiser.tokens(codes));
            let task = Task {
                encoded: &encoded,
                actions: &actions,
            };
            let first = cut(&frames.narrow(2, 0, 1), self.config.patch_size);
            self.join(&decoder.picture(task, &first.select(1, 0).flatten(1, 2)))
        })))
    }

    /// Adds what the decoders are off by.
    fn explain(
        &self,
        batch: &Batch,
        step: u64,
        (encoded, actions, patches): (&Encoded, &Tensor, &Tensor),
        outcome: &mut Outcome,
    ) {
        let task = Task { encoded, actions };
        let frame = |index| patches.select(1, index).flatten(1, 2);
        let (first, last) = (frame(0), frame(1));
        let pixel_error = |decoder: &Decoder, task| {
            let made = decoder.picture(task, &first);
            let Config {
                change_weight,
                channels,
                ..
            } = self.config;
            pixel_error(&made, (&first, &last), change_weight, channels)
        };
        let mut add = |name, weight: f64, part: Tensor| {
            outcome.loss = &outcome.loss + &part * weight;
            outcome.parts.push((name, part.detach()));
        };
        if let (Some(decoder), Some(dino)) = (&self.dino, self.config.dino()) {
            let weight = dino.weight(step);
            outcome.weights.push(("dino_weight", weight));
            if weight > 0.0 {
                let target = encoded.target.detach();
                add("dino_loss", weight, squared(&decoder.apply(task), &target));
            }
        }
        if let Some(decoder) = &self.pixels {
            add("pixel_loss", 1.0, pixel_error(decoder, task));
        }
        if let Some(decoder) = &self.aux {
            let actions = &actions.detach();
            add(
                "aux_loss",
                1.0,
                pixel_error(decoder, Task { encoded, actions }),
            );
        }
        if let (Some(decoder), Some(flow)) = (&self.flow, self.config.flow()) {
            let weight = flow.weight(step);
            outcome.weights.push(("flow_weight", weight));
            outcome
                .weights
                .push(("flow_summary_weight", flow.summary_loss_weight));
            if let Some(truth) = batch.flow.as_ref().filter(|_| weight > 0.0) {
                let error = FlowError::of(&self.join(&decoder.apply(task)), truth, flow);
                add("flow_loss", weight, error.pixels);
                if let Some(summary) = error.summary {
                    let weight = weight * flow.summary_loss_weight;
                    add("flow_summary_loss", weight, summary);
                }
                if let Some((across, down)) = error.off {
                    outcome.parts.push(("flow_mean_dx_abs_err", across));
                    outcome.parts.push(("flow_mean_dy_abs_err", down));
                }
            }
        }
    }

    fn encode(&self, frames: &Tensor) -> Encoded {
        self.encoder.apply(&cut(frames, self.config.patch_size))
    }

    fn look(&self, frames: &Tensor) -> (Encoded, super::nsvq::Quantised) {
        let encoded = self.encode(frames);
        let quantised = self.quantiser.look(&encoded.first, &encoded.last);
        (encoded, quantised)
    }

    /// Patches `[B, n, numbers]` as frames `[B, C, H, W]`.
    fn join(&self, patches: &Tensor) -> Tensor {
        let grid = self.config.grid();
        join(&patches.unflatten(1, [grid, grid]), self.config.patch_size)
    }

    /// Says whether a batch is for this model, and how many pairs it has.
    fn check(&self, batch: &Batch) -> Result<i64, BatchError> {
        let pairs = self.check_frames(&batch.frames)?;
        let side = self.config.image_size;
        let wanted = [pairs, 2, side, side];
        match &batch.flow {
            None if self.flow.is_some() => Err(BatchError::NoFlow),
            Some(flow) if flow.size() != wanted => Err(BatchError::Flow {
                found: flow.size(),
                wanted: wanted.to_vec(),
            }),
            _ => Ok(pairs),
        }
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
