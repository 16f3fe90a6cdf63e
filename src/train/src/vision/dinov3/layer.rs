//! One layer: attention with rotated queries and keys, then a feed-forward, each scaled and added to what came in.

use tch::Tensor;

use super::about::{About, Activation};
use super::position::Rotation;
use crate::precision::{Precision, widen};
use crate::vision::store::Place;

/// A linear layer.
#[derive(Debug)]
struct Linear {
    weight: Tensor,
    /// Keys have none.
    bias: Option<Tensor>,
    precision: Precision,
}

impl Linear {
    fn new(place: &mut Place<'_>, (from, to): (i64, i64), precision: Precision) -> Self {
        Self {
            weight: place.take("weight", &[to, from]),
            bias: place.take_where("bias", &[to]),
            precision,
        }
    }

    fn apply(&self, x: &Tensor) -> Tensor {
        self.precision.linear(x, &self.weight, self.bias.as_ref())
    }
}

/// Brings the last dimension to mean 0 and deviation 1, then scales and shifts it.
#[derive(Debug)]
pub(super) struct Norm {
    scale: Tensor,
    shift: Tensor,
    epsilon: f64,
}

impl Norm {
    pub(super) fn new(place: &mut Place<'_>, width: i64, epsilon: f64) -> Self {
        Self {
            scale: place.take("weight", &[width]),
            shift: place.take("bias", &[width]),
            epsilon,
        }
    }

    pub(super) fn apply(&self, x: &Tensor) -> Tensor {
        let (scale, shift) = (Some(&self.scale), Some(&self.shift));
        widen(x).layer_norm(self.scale.size(), scale, shift, self.epsilon, true)
    }
}

/// What a layer is built from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    /// Width of a token.
    pub(super) width: i64,
    /// Width inside the feed-forward.
    pub(super) inner: i64,
    /// Whether the feed-forward is gated.
    pub(super) is_gated: bool,
    /// What tensors do not say.
    pub(super) about: About,
    /// Of its products.
    pub(super) precision: Precision,
}

/// A layer.
#[derive(Debug)]
pub(super) struct Layer {
    norms: [Norm; 2],
    scales: [Tensor; 2],
    query: Linear,
    key: Linear,
    value: Linear,
    output: Linear,
    gate: Option<Linear>,
    up: Linear,
    down: Linear,
    plan: Plan,
}

impl Layer {
    pub(super) fn new(place: &mut Place<'_>, plan: Plan) -> Self {
        let Plan {
            width,
            inner,
            about,
            precision,
            ..
        } = plan;
        let mut norm = |name| Norm::new(&mut place.enter(name), width, about.epsilon);
        let norms = [norm("norm1"), norm("norm2")];
        let mut scale = |name| place.enter(name).take("lambda1", &[width]);
        let scales = [scale("layer_scale1"), scale("layer_scale2")];
        let mut attention = place.enter("attention");
        let mut whole = |name| Linear::new(&mut attention.enter(name), (width, width), precision);
        let [query, key, value, output] = ["q_proj", "k_proj", "v_proj", "o_proj"].map(&mut whole);
        let mut feed = place.enter("mlp");
        let mut linear = |name, sides| Linear::new(&mut feed.enter(name), sides, precision);
        Self {
            norms,
            scales,
            query,
            key,
            value,
            output,
            gate: (plan.is_gated).then(|| linear("gate_proj", (width, inner))),
            up: linear("up_proj", (width, inner)),
            down: linear("down_proj", (inner, width)),
            plan,
        }
    }

    /// Tokens `[B, n, width]`, of which the last are patches.
    pub(super) fn apply(&self, tokens: &Tensor, rotation: &Rotation) -> Tensor {
        let [first, second] = &self.norms;
        let [attended, fed] = &self.scales;
        let x = tokens + self.attend(&first.apply(tokens), rotation) * attended;
        let fed = self.feed(&second.apply(&x)) * fed;
        x + fed
    }

    fn attend(&self, x: &Tensor, rotation: &Rotation) -> Tensor {
        let heads = self.plan.about.heads;
        let split = |layer: &Linear| layer.apply(x).unflatten(-1, [heads, -1]).transpose(1, 2);
        let [query, key] = [&self.query, &self.key].map(|layer| rotation.apply(&split(layer)));
        let mixed = self
            .plan
            .precision
            .attend(&query, &key, &split(&self.value));
        self.output.apply(&mixed.transpose(1, 2).flatten(2, 3))
    }

    fn feed(&self, x: &Tensor) -> Tensor {
        let activate = |x: Tensor| match self.plan.about.activation {
            Activation::Gelu => x.gelu("none"),
            Activation::GeluTanh => x.gelu("tanh"),
            Activation::Silu => x.silu(),
        };
        let up = self.up.apply(x);
        let inner = match &self.gate {
            Some(gate) => activate(gate.apply(x)) * up,
            None => activate(up),
        };
        self.down.apply(&inner)
    }
}
