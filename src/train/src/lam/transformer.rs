//! A transformer over a grid of tokens: convolution, attention, attention to a context where there is one, feed-forward.

use tch::Tensor;

use super::attention::{Attention, Shape};
use super::layers::{Linear, Norm, drop_out, start};
use crate::parameters::Scope;
use crate::precision::Precision;

/// Tokens without a source that a context always has.
const NULLS: i64 = 2;

/// What a transformer is built from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    /// Layers.
    pub depth: i64,
    /// Of its attention.
    pub shape: Shape,
    /// Dropout of its feed-forward layers.
    pub dropout: f64,
    /// Whether it looks at a context.
    pub has_context: bool,
}

/// A grid of tokens over time: `[batch, times, rows, columns]`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Grid {
    /// Pairs of a batch.
    pub batch: i64,
    /// Frames.
    pub times: i64,
    /// Rows and columns of patches.
    pub side: i64,
}

/// A transformer.
#[derive(Debug)]
pub(crate) struct Transformer {
    layers: Vec<Layer>,
    norm: Norm,
}

#[derive(Debug)]
struct Layer {
    neighbours: Neighbours,
    attention: Attention,
    cross: Option<Attention>,
    feed: Feed,
}

impl Transformer {
    pub(crate) fn new(scope: &mut Scope, plan: Plan) -> Self {
        let mut layers = scope.enter("layers");
        Self {
            layers: (0..plan.depth)
                .map(|index| Layer::new(&mut layers.enter(index), plan))
                .collect(),
            norm: Norm::centred(&mut scope.enter("norm_out"), plan.shape.dim),
        }
    }

    /// Tokens `[B, n, dim]`, where B times n is the whole grid; the context is `[B, m, dim]`, the bias `[heads, n, n]`.
    pub(crate) fn apply(
        &self,
        tokens: &Tensor,
        grid: Grid,
        context: Option<&Tensor>,
        bias: Option<&Tensor>,
    ) -> Tensor {
        let mut x = tokens.shallow_clone();
        for layer in &self.layers {
            x = layer.neighbours.apply(&x, grid) + x;
            x = layer.attention.apply(&x, None, bias) + x;
            if let (Some(cross), Some(context)) = (&layer.cross, context) {
                x = cross.apply(&x, Some(context), None) + x;
            }
            x = layer.feed.apply(&x) + x;
        }
        self.norm.apply(&x)
    }
}

impl Layer {
    fn new(scope: &mut Scope, plan: Plan) -> Self {
        Self {
            neighbours: Neighbours::new(&mut scope.enter("0.dsconv"), plan.shape),
            attention: Attention::within(&mut scope.enter(1), plan.shape),
            cross: plan
                .has_context
                .then(|| Attention::across(&mut scope.enter(2), plan.shape, NULLS)),
            feed: Feed::new(&mut scope.enter(3), plan),
        }
    }
}

/// A convolution that tells every token what is around it, and what was there before: the position of the tokens.
#[derive(Debug)]
struct Neighbours {
    /// `[dim, 1, 3, 3, 3]`: a kernel over time, rows and columns for every number of a token.
    kernel: Tensor,
    bias: Tensor,
    precision: Precision,
}

impl Neighbours {
    fn new(scope: &mut Scope, shape: Shape) -> Self {
        let dim = shape.dim;
        Self {
            kernel: scope.trained("weight", &[dim, 1, 3, 3, 3], start(27)),
            bias: scope.trained("bias", &[dim], start(27)),
            precision: shape.precision,
        }
    }

    /// The tokens of the grid, whatever their shape `[.., dim]`; the result has the same.
    ///
    /// NOTE: the temporal transformer's tokens come as `[(B h w), T, dim]` and are read as a grid in the order they lie,
    /// as the reference does.
    ///
    /// The past is padded with zeros, so that with one or two frames most of the kernel in time meets nothing: instead of
    /// a convolution in three dimensions it is one in two for every distance in time.
    fn apply(&self, tokens: &Tensor, grid: Grid) -> Tensor {
        let Grid { batch, times, side } = grid;
        let dim = self.bias.size().first().copied().unwrap_or(1);
        let frames = tokens.reshape([batch, times, side, side, dim]);
        let sum = self.look_back(&frames, 0, Some(&self.bias));
        for distance in 1..times.min(3) {
            let past = frames.narrow(1, 0, times - distance);
            let seen = self.look_back(&past, distance, None);
            let _ = sum.narrow(1, distance, times - distance).g_add_(&seen);
        }
        sum.reshape(tokens.size())
    }

    /// What frames `[B, T, h, w, dim]` add to those `distance` later, `[B, T, h, w, dim]`.
    fn look_back(&self, frames: &Tensor, distance: i64, bias: Option<&Tensor>) -> Tensor {
        let size = frames.size();
        let kernel = self.kernel.select(2, 2 - distance);
        let groups = kernel.size().first().copied().unwrap_or(1);
        let images = frames.flatten(0, 1).permute([0, 3, 1, 2]);
        let seen = self
            .precision
            .convolve(&images, &kernel, bias, (1, 1), groups);
        seen.permute([0, 2, 3, 1]).reshape(size)
    }
}

/// A feed-forward layer, gated.
#[derive(Debug)]
struct Feed {
    norm: Norm,
    to_inner: Linear,
    to_out: Linear,
    dropout: f64,
}

impl Feed {
    fn new(scope: &mut Scope, plan: Plan) -> Self {
        let Shape { dim, precision, .. } = plan.shape;
        // int(4 * 2 / 3 * dim), as the reference rounds it.
        #[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss)]
        let inner = (4.0 * (2.0 / 3.0) * dim as f64) as i64;
        Self {
            norm: Norm::shifted(&mut scope.enter(0), dim),
            to_inner: Linear::without_bias(&mut scope.enter(1), dim, 2 * inner, precision),
            to_out: Linear::without_bias(&mut scope.enter(4), inner, dim, precision),
            dropout: plan.dropout,
        }
    }

    fn apply(&self, tokens: &Tensor) -> Tensor {
        let inner = self.to_inner.apply(&self.norm.apply(tokens));
        let halves = inner.chunk(2, -1);
        let [x, gate] = &halves[..] else {
            return inner;
        };
        let gated = x * gate.gelu("none");
        self.to_out.apply(&drop_out(gated, self.dropout))
    }
}
