//! What decoders are measured by, and the numbers that are logged of a step.

use tch::{Kind, Reduction, Tensor, no_grad};

use super::replacement::{Replaced, Usage};
use super::supervision::Flow;
use crate::precision::widen;

/// Keeps logarithms finite.
const EPSILON: f64 = 1e-12;
/// The change of a pixel, of 0 to 1, from which on it has its full weight.
const CHANGED: f64 = 0.1;

/// What one step of the model gave. All tensors hold one number, and stay on the device until they are read.
#[derive(Debug)]
pub struct Outcome {
    /// The loss to minimise.
    pub loss: Tensor,
    /// Its parts, by the name they are logged under.
    pub parts: Vec<(&'static str, Tensor)>,
    /// The weights of the parts at this step.
    pub weights: Vec<(&'static str, f64)>,
    /// The entries that were chosen, `[B, s]`.
    pub codes: Tensor,
    /// How the codebook was used in the window that this step belongs to.
    pub usage: Usage,
    /// What was replaced at this step.
    pub replaced: Option<Replaced>,
    /// How many entries the codebook has.
    pub(crate) entries: i64,
}

impl Outcome {
    /// All numbers of the step by the reference's names, without `train/` before them. Reading them waits for the GPU.
    #[must_use]
    pub fn metrics(&self) -> Vec<(&'static str, f64)> {
        let read = |tensor: &Tensor| tensor.double_value(&[]);
        let usage = &self.usage;
        let mut metrics = vec![
            ("loss", read(&self.loss)),
            (
                "code_usage_perplexity_in_batch",
                read(&perplexity(&self.codes, self.entries)),
            ),
            (
                "replacement_applied_this_step",
                f64::from(u8::from(self.replaced.is_some())),
            ),
            (
                "entries_below_usage_threshold_count_in_window",
                read(&usage.below),
            ),
            (
                "entries_at_or_above_usage_threshold_count_in_window",
                read(&usage.at_or_above),
            ),
            ("usage_count_threshold_in_window", read(&usage.threshold)),
            (
                "discarding_threshold_fraction_of_expected_usage",
                usage.share,
            ),
            ("code_assignments_in_window", read(&usage.total)),
        ];
        metrics.extend(self.weights.iter().copied());
        metrics.extend(self.parts.iter().map(|(name, part)| (*name, read(part))));
        metrics
    }

    /// How many different entries the batch was given.
    #[must_use]
    pub fn unique_codes(&self) -> usize {
        let (unique, _, _) = self.codes.internal_unique2(false, false, false);
        unique.numel()
    }
}

/// The perplexity of codes: how many entries they would be if all were chosen equally often.
pub fn perplexity(codes: &Tensor, entries: i64) -> Tensor {
    no_grad(|| {
        let flat = codes.flatten(0, -1);
        let counts = flat.bincount(None::<&Tensor>, entries).to_kind(Kind::Float);
        let shares = &counts / counts.sum(Kind::Float);
        let logarithms = (&shares + EPSILON).log();
        (shares * logarithms).sum(Kind::Float).neg().exp()
    })
}

/// The mean squared error.
pub(crate) fn squared(predicted: &Tensor, truth: &Tensor) -> Tensor {
    widen(predicted).mse_loss(truth, Reduction::Mean)
}

/// The error of predicted patches `[B, n, colours * k]` where pixels count `weight` more that change between the first
/// and the last.
pub(crate) fn pixel_error(
    predicted: &Tensor,
    (first, last): (&Tensor, &Tensor),
    weight: f64,
    colours: i64,
) -> Tensor {
    if weight <= 0.0 {
        return squared(predicted, last);
    }
    let by_colour = |patches: &Tensor| patches.unflatten(2, [colours, -1]);
    let change = by_colour(&(last - first))
        .abs()
        .mean_dim(2, true, Kind::Float);
    let weights = (change / CHANGED).clamp_max(1.0) * weight + 1.0;
    let off = by_colour(&(widen(predicted) - last)).square();
    (&weights / weights.mean(Kind::Float) * off).mean(Kind::Float)
}

/// Flow in shares of the frame: `[B, 2, n]` of flow `[B, 2, H, W]` in pixels, first across, then down.
pub(crate) fn share_of_frame(flow: &Tensor) -> Tensor {
    let size = flow.size();
    let (height, width) = match size[..] {
        [_, _, height, width] => (height, width),
        _ => (1, 1),
    };
    #[allow(clippy::cast_precision_loss)] // frames are small
    let sides = Tensor::from_slice(&[width as f32, height as f32])
        .view([1, 2, 1])
        .to_device(flow.device());
    widen(flow).flatten(2, 3) / sides
}

/// The flow of whole frames, weighted by its own magnitude: `[B, 2]` of flow `[B, 2, n]`.
pub(crate) fn mean_flow(flow: &Tensor, config: &Flow) -> Tensor {
    let epsilon = config.summary_static_eps;
    let magnitude = flow.norm_scalaropt_dim(2, [1], true);
    let total = magnitude.sum_dim_intlist(2, true, Kind::Float);
    let weights = magnitude / (&total + epsilon);
    let weighted = (flow * weights).sum_dim_intlist(2, false, Kind::Float);
    let plain = flow.mean_dim(2, false, Kind::Float);
    plain.where_self(&total.le(epsilon).squeeze_dim(2), &weighted)
}
