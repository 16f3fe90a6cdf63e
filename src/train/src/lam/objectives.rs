//! All that the codes of a model must explain: its decoders, and the loss that they add up to.

use tch::{Device, Kind, Tensor};

use super::config::Config;
use super::decoders::{Decoder, FlowError, Task};
use super::encoder::Encoded;
use super::layers::join;
use super::losses::{pixel_error, squared};
use super::transformer::Plan;
use crate::parameters::Scope;

/// The decoders of a model.
#[derive(Debug)]
pub(crate) struct Objectives {
    pixels: Option<Decoder>,
    aux: Option<Decoder>,
    flow: Option<Decoder>,
    dino: Option<Decoder>,
}

/// What there is to explain.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Given<'a> {
    /// Where decoders start from.
    pub encoded: &'a Encoded,
    /// Tokens of the actions, `[B, s, dim]`.
    pub actions: &'a Tensor,
    /// Patches of both frames, `[B, 2, h, w, numbers]`.
    pub patches: &'a Tensor,
    /// The true flow, `[B, 2, H, W]`, where it has a weight.
    pub flow: Option<&'a Tensor>,
}

/// A loss as it is being added up.
#[derive(Debug)]
pub(crate) struct Losses {
    /// The sum.
    pub whole: Tensor,
    /// Its parts, without their weights.
    pub parts: Vec<(&'static str, Tensor)>,
    /// Weights that change with the step.
    pub weights: Vec<(&'static str, f64)>,
}

impl Losses {
    /// Starts with 0.
    pub(crate) fn none(device: Device) -> Self {
        Self {
            whole: Tensor::zeros([], (Kind::Float, device)),
            parts: Vec::new(),
            weights: Vec::new(),
        }
    }

    fn add(&mut self, name: &'static str, weight: f64, part: &Tensor) {
        self.whole = &self.whole + part * weight;
        self.parts.push((name, part.detach()));
    }
}

impl Objectives {
    pub(crate) fn new(scope: &mut Scope, config: &Config, plan: Plan) -> Self {
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
        Self {
            pixels: main,
            aux,
            flow,
            dino,
        }
    }

    /// The decoder that makes pictures, where there is one.
    pub(crate) fn painter(&self) -> Option<&Decoder> {
        self.aux.as_ref().or(self.pixels.as_ref())
    }

    /// What all decoders are off by at a step.
    pub(crate) fn losses(&self, config: &Config, given: &Given, step: u64) -> Losses {
        let mut losses = Losses::none(given.patches.device());
        self.explain_tokens(config, given, step, &mut losses);
        self.explain_pixels(config, given, &mut losses);
        self.explain_flow(config, given, step, &mut losses);
        losses
    }

    /// What the decoders of all but pixels are off by.
    pub(crate) fn losses_but_pixels(&self, config: &Config, given: &Given, step: u64) -> Losses {
        let mut losses = Losses::none(given.patches.device());
        self.explain_tokens(config, given, step, &mut losses);
        self.explain_flow(config, given, step, &mut losses);
        losses
    }

    fn explain_tokens(&self, config: &Config, given: &Given, step: u64, losses: &mut Losses) {
        let (Some(decoder), Some(dino)) = (&self.dino, config.dino()) else {
            return;
        };
        let weight = dino.weight(step);
        losses.weights.push(("dino_weight", weight));
        if weight > 0.0 {
            let encoded = given.encoded;
            let task = Task {
                canvas: &encoded.own,
                ..Task::of(encoded, given.actions)
            };
            let target = encoded.target.detach();
            let error = squared(&decoder.apply(task), &target);
            losses.add("dino_loss", weight, &error);
        }
    }

    fn explain_pixels(&self, config: &Config, given: &Given, losses: &mut Losses) {
        let frame = |index| given.patches.select(1, index).flatten(1, 2);
        let (first, last) = (frame(0), frame(1));
        let error = |decoder: &Decoder, actions: &Tensor| {
            let made = decoder.picture(Task::of(given.encoded, actions), &first);
            let (weight, colours) = (config.change_weight, config.channels);
            pixel_error(&made, (&first, &last), weight, colours)
        };
        if let Some(decoder) = &self.pixels {
            losses.add("pixel_loss", 1.0, &error(decoder, given.actions));
        }
        if let Some(decoder) = &self.aux {
            losses.add("aux_loss", 1.0, &error(decoder, &given.actions.detach()));
        }
    }

    fn explain_flow(&self, config: &Config, given: &Given, step: u64, losses: &mut Losses) {
        let (Some(decoder), Some(flow)) = (&self.flow, config.flow()) else {
            return;
        };
        let weight = flow.weight(step);
        losses.weights.extend([
            ("flow_weight", weight),
            ("flow_summary_weight", flow.summary_loss_weight),
        ]);
        let Some(truth) = given.flow.filter(|_| weight > 0.0) else {
            return;
        };
        let patches = decoder.apply(Task::of(given.encoded, given.actions));
        let error = FlowError::of(&frames(config, &patches), truth, flow);
        losses.add("flow_loss", weight, &error.pixels);
        if let Some(summary) = error.summary {
            let weight = weight * flow.summary_loss_weight;
            losses.add("flow_summary_loss", weight, &summary);
        }
        if let Some((across, down)) = error.off {
            losses.parts.push(("flow_mean_dx_abs_err", across));
            losses.parts.push(("flow_mean_dy_abs_err", down));
        }
    }
}

/// Patches `[B, n, numbers]` as frames `[B, C, H, W]`.
pub(crate) fn frames(config: &Config, patches: &Tensor) -> Tensor {
    let grid = config.grid();
    join(&patches.unflatten(1, [grid, grid]), config.patch())
}
