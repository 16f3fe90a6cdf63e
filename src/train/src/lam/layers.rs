//! The smallest parts: normalisation, linear layers, and how frames are cut into patches.

use tch::{Kind, Tensor};

use crate::parameters::{Scope, Start};
use crate::precision::{Precision, widen};

/// Below it a deviation counts as none.
const EPSILON: f64 = 1e-5;

/// Brings the last dimension to mean 0 and deviation 1, then scales and shifts it.
#[derive(Debug)]
pub(crate) struct Norm {
    scale: Tensor,
    shift: Tensor,
}

impl Norm {
    /// With a trained shift: `weight` and `bias`.
    pub(crate) fn shifted(scope: &mut Scope, width: i64) -> Self {
        Self {
            scale: scope.trained("weight", &[width], Start::Constant(1.0)),
            shift: scope.trained("bias", &[width], Start::Constant(0.0)),
        }
    }

    /// With a shift that stays 0: `gamma` and `beta`.
    pub(crate) fn centred(scope: &mut Scope, width: i64) -> Self {
        Self {
            scale: scope.trained("gamma", &[width], Start::Constant(1.0)),
            shift: scope.buffer("beta", &[width], Start::Constant(0.0)),
        }
    }

    /// One that the reference has and never uses.
    pub(crate) fn idle(scope: &mut Scope, width: i64) {
        let _ = scope.idle("gamma", &[width], Start::Constant(1.0));
        let _ = scope.buffer("beta", &[width], Start::Constant(0.0));
    }

    pub(crate) fn apply(&self, x: &Tensor) -> Tensor {
        let width = self.scale.size();
        widen(x).layer_norm(width, Some(&self.scale), Some(&self.shift), EPSILON, true)
    }
}

/// A linear layer.
#[derive(Debug)]
pub(crate) struct Linear {
    weight: Tensor,
    bias: Option<Tensor>,
    precision: Precision,
}

impl Linear {
    pub(crate) fn new(scope: &mut Scope, from: i64, to: i64, precision: Precision) -> Self {
        let mut layer = Self::without_bias(scope, from, to, precision);
        layer.bias = Some(scope.trained("bias", &[to], start(from)));
        layer
    }

    /// One that gives 0 until it is trained.
    pub(crate) fn zero(scope: &mut Scope, from: i64, to: i64, precision: Precision) -> Self {
        let nothing = Start::Constant(0.0);
        Self {
            weight: scope.trained("weight", &[to, from], nothing),
            bias: Some(scope.trained("bias", &[to], nothing)),
            precision,
        }
    }

    pub(crate) fn without_bias(
        scope: &mut Scope,
        from: i64,
        to: i64,
        precision: Precision,
    ) -> Self {
        Self {
            weight: scope.trained("weight", &[to, from], start(from)),
            bias: None,
            precision,
        }
    }

    pub(crate) fn apply(&self, x: &Tensor) -> Tensor {
        self.precision.linear(x, &self.weight, self.bias.as_ref())
    }
}

/// How a layer's weights begin that sums over `inputs` numbers, as in torch.
#[allow(clippy::cast_precision_loss)] // widths are small
pub(crate) fn start(inputs: i64) -> Start {
    Start::Spread(1.0 / (inputs as f64).sqrt())
}

/// Leaves numbers out where the model is trained, and none where it only looks.
pub(crate) fn drop_out(x: Tensor, share: f64) -> Tensor {
    if share > 0.0 && x.requires_grad() {
        x.dropout(share, true)
    } else {
        x
    }
}

/// Patches of frames as tokens of the transformers.
#[derive(Debug)]
pub(crate) struct Projection {
    before: Norm,
    linear: Linear,
    after: Norm,
}

impl Projection {
    /// From patches of `numbers` to tokens of `dim`.
    pub(crate) fn new(scope: &mut Scope, numbers: i64, dim: i64, precision: Precision) -> Self {
        Self {
            before: Norm::shifted(&mut scope.enter(1), numbers),
            linear: Linear::new(&mut scope.enter(2), numbers, dim, precision),
            after: Norm::shifted(&mut scope.enter(3), dim),
        }
    }

    /// `[B, T, h, w, numbers]` to `[B, T, h, w, dim]`.
    pub(crate) fn apply(&self, patches: &Tensor) -> Tensor {
        let tokens = self.linear.apply(&self.before.apply(patches));
        self.after.apply(&tokens)
    }
}

/// Cuts frames `[B, C, T, H, W]` into patches of `side` by `side`: `[B, T, h, w, C * side * side]`.
///
/// Whole numbers are bytes of 0 to 255, and become 0 to 1.
pub(crate) fn cut(frames: &Tensor, side: i64) -> Tensor {
    let patches = match frames.size()[..] {
        [batch, colours, times, height, width] => frames
            .view(
                &[
                    batch,
                    colours,
                    times,
                    height / side,
                    side,
                    width / side,
                    side,
                ][..],
            )
            .permute([0, 2, 3, 5, 1, 4, 6])
            .reshape([
                batch,
                times,
                height / side,
                width / side,
                colours * side * side,
            ]),
        _ => frames.shallow_clone(),
    };
    if patches.kind() == Kind::Uint8 {
        widen(&patches) / 255.0
    } else {
        widen(&patches)
    }
}

/// Puts patches `[B, h, w, C * side * side]` together again: `[B, C, H, W]`.
pub(crate) fn join(patches: &Tensor, side: i64) -> Tensor {
    match patches.size()[..] {
        [batch, rows, columns, numbers] => patches
            .view([batch, rows, columns, numbers / (side * side), side, side])
            .permute([0, 3, 1, 4, 2, 5])
            .reshape([batch, numbers / (side * side), rows * side, columns * side]),
        _ => patches.shallow_clone(),
    }
}
