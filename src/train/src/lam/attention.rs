//! Attention with normalised queries and keys, as the reference has it.
//!
//! NOTE: queries come from normalised tokens, keys and values from the tokens as they are; a context is normalised.

use tch::{Kind, Tensor};

use super::layers::{Linear, Norm, drop_out};
use crate::parameters::{Scope, Start};
use crate::precision::Precision;

/// The fixed scale of the products of normalised queries and keys.
const SCALE: f64 = 8.0;
/// Below it a length counts as none.
const EPSILON: f64 = 1e-12;

/// The sizes of an attention layer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    /// Width of a token.
    pub dim: i64,
    /// Heads.
    pub heads: i64,
    /// Width of a head.
    pub dim_head: i64,
    /// Dropout of the weights.
    pub dropout: f64,
    /// Of the products.
    pub precision: Precision,
}

/// One attention layer.
#[derive(Debug)]
pub(crate) struct Attention {
    shape: Shape,
    norm: Norm,
    /// Where it looks at a context.
    cross: Option<Cross>,
    to_q: Linear,
    to_kv: Linear,
    to_out: Linear,
    q_scale: Tensor,
    k_scale: Tensor,
}

/// What a layer has that looks at a context.
#[derive(Debug)]
struct Cross {
    norm: Norm,
    /// Keys and values that are always there: `[heads, 2 n, dim_head]`, in turns.
    null_kv: Tensor,
}

impl Attention {
    /// Attention of tokens to one another.
    pub(crate) fn within(scope: &mut Scope, shape: Shape) -> Self {
        Norm::idle(&mut scope.enter("context_norm"), shape.dim);
        // In files, with no number in it.
        let none = [shape.heads, 0, shape.dim_head];
        let _ = scope.trained("null_kv", &none, Start::Constant(0.0));
        Self::new(scope, shape, None)
    }

    /// Attention of tokens to a context, and to `nulls` tokens that are always there.
    pub(crate) fn across(scope: &mut Scope, shape: Shape, nulls: i64) -> Self {
        let cross = Cross {
            norm: Norm::centred(&mut scope.enter("context_norm"), shape.dim),
            null_kv: scope.trained(
                "null_kv",
                &[shape.heads, 2 * nulls, shape.dim_head],
                Start::Normal,
            ),
        };
        Self::new(scope, shape, Some(cross))
    }

    fn new(scope: &mut Scope, shape: Shape, cross: Option<Cross>) -> Self {
        let (dim, inner) = (shape.dim, shape.heads * shape.dim_head);
        let mut linear = |name: &str, from, to| {
            Linear::without_bias(&mut scope.enter(name), from, to, shape.precision)
        };
        Self {
            to_q: linear("to_q", dim, inner),
            to_kv: linear("to_kv", dim, 2 * inner),
            to_out: linear("to_out", inner, dim),
            norm: Norm::centred(&mut scope.enter("norm"), dim),
            q_scale: scope.trained("q_scale", &[shape.dim_head], Start::Constant(1.0)),
            k_scale: scope.trained("k_scale", &[shape.dim_head], Start::Constant(1.0)),
            shape,
            cross,
        }
    }

    /// Tokens `[B, n, dim]`, which may look at a context `[B, m, dim]`; the bias is `[heads, n, n]`.
    pub(crate) fn apply(
        &self,
        tokens: &Tensor,
        context: Option<&Tensor>,
        bias: Option<&Tensor>,
    ) -> Tensor {
        let source = match (&self.cross, context) {
            (Some(cross), Some(context)) => cross.norm.apply(context),
            _ => tokens.shallow_clone(),
        };
        let queries = self.heads(&self.to_q.apply(&self.norm.apply(tokens)), 1);
        let both = self.heads(&self.to_kv.apply(&source), 2);
        let (keys, values) = self.with_nulls(&both);

        // The two scales and the fixed one go with the queries, which are fewer than keys and products.
        let scale = &self.q_scale * &self.k_scale * SCALE;
        let queries = unit(&queries) * scale;
        let products = self
            .shape
            .precision
            .matmul(&queries, &unit(&keys).transpose(-2, -1));
        let products = match bias {
            Some(bias) => products + bias,
            None => products,
        };
        let weights = drop_out(products.softmax(-1, Kind::Float), self.shape.dropout);
        let mixed = self.shape.precision.matmul(&weights, &values);
        let mixed = mixed.transpose(1, 2).flatten(2, 3);
        self.to_out.apply(&mixed)
    }

    /// `[B, n, parts * heads * dim_head]` to `[B, parts * heads, n, dim_head]`.
    fn heads(&self, x: &Tensor, parts: i64) -> Tensor {
        let Shape {
            heads, dim_head, ..
        } = self.shape;
        x.unflatten(-1, [parts * heads, dim_head]).transpose(1, 2)
    }

    /// Keys and values, each `[B, heads, m, dim_head]`, of `[B, 2 heads, m, dim_head]`.
    fn with_nulls(&self, both: &Tensor) -> (Tensor, Tensor) {
        let heads = self.shape.heads;
        let (keys, values) = (both.narrow(1, 0, heads), both.narrow(1, heads, heads));
        let Some(cross) = &self.cross else {
            return (keys, values);
        };
        let nulls = cross
            .null_kv
            .unflatten(1, [-1, 2])
            .unsqueeze(0)
            .to_kind(both.kind());
        let before = |nulls: Tensor, x: &Tensor| {
            let shape = [x.size().first().copied().unwrap_or(1), -1, -1, -1];
            Tensor::cat(&[nulls.expand(shape, false), x.shallow_clone()], 2)
        };
        (
            before(nulls.select(3, 0), &keys),
            before(nulls.select(3, 1), &values),
        )
    }
}

/// Vectors of the last dimension, of length 1.
fn unit(x: &Tensor) -> Tensor {
    let length = x.norm_scalaropt_dim(2, [-1], true);
    x / length.clamp_min(EPSILON)
}
