//! From two frames to a grid of tokens of each, where the second one's have seen the first. What they begin with are
//! patches of pixels, or what another network sees in them.

use tch::Tensor;

use super::bias::Distance;
use super::config::Config;
use super::layers::{Linear, Projection};
use super::transformer::{Grid, Plan, Transformer};
use crate::parameters::Scope;
use crate::precision::widen;

/// The encoder.
#[derive(Debug)]
pub(crate) struct Encoder {
    /// From what another network sees.
    features: Option<Linear>,
    projection: Projection,
    distance: Distance,
    spatial: Transformer,
    temporal: Transformer,
}

/// What an encoder makes of a batch.
#[derive(Debug)]
pub(crate) struct Encoded {
    /// Tokens of the first frame's pixels alone, `[B, n, dim]`: what decoders start from.
    pub canvas: Tensor,
    /// What the encoder itself begins with of the first frame, `[B, n, dim]`: the same, or what another network sees.
    pub own: Tensor,
    /// What it begins with of the second frame, `[B, n, dim]`.
    pub target: Tensor,
    /// The first frame, encoded, `[B, n, dim]`.
    pub first: Tensor,
    /// The second frame, encoded, `[B, n, dim]`.
    pub last: Tensor,
    /// What attention on the grid adds, `[heads, n, n]`.
    pub bias: Tensor,
}

impl Encoder {
    /// An encoder of pixels, or of features of this width.
    pub(crate) fn new(
        scope: &mut Scope,
        config: &Config,
        plan: Plan,
        features: Option<i64>,
    ) -> Self {
        let temporal = Plan {
            depth: config.temporal_depth,
            ..plan
        };
        Self {
            distance: Distance::new(
                &mut scope.enter("spatial_rel_pos_bias"),
                plan.shape,
                config.grid(),
            ),
            features: features.map(|width| {
                let mut scope = scope.enter("dino_encoder.proj");
                Linear::new(&mut scope, width, config.dim, plan.shape.precision)
            }),
            projection: Projection::new(
                &mut scope.enter("pixel_projection"),
                config.patch_numbers(),
                config.dim,
                plan.shape.precision,
            ),
            spatial: Transformer::new(&mut scope.enter("enc_spatial_transformer"), plan),
            temporal: Transformer::new(&mut scope.enter("enc_temporal_transformer"), temporal),
        }
    }

    /// Encodes the patches of two frames, `[B, 2, h, w, numbers]`; where another network sees for it, from what that has
    /// seen, `[B, 2, h, w, width]`.
    pub(crate) fn apply(&self, patches: &Tensor, seen: Option<&Tensor>) -> Encoded {
        let size = patches.size();
        let (batch, side) = match size[..] {
            [batch, _, side, ..] => (batch, side),
            _ => (0, 0),
        };
        let cells = side * side;
        let grid = Grid {
            batch,
            times: 2,
            side,
        };
        let bias = self.distance.bias();
        let (canvas, alone) = match (&self.features, seen) {
            (Some(layer), Some(seen)) => {
                let first = patches.narrow(1, 0, 1);
                (self.projection.apply(&first), widen(&layer.apply(seen)))
            }
            _ => {
                let both = self.projection.apply(patches);
                (both.shallow_clone(), both)
            }
        };
        let (canvas, alone) = (canvas.flatten(2, 3), alone.flatten(2, 3));

        // [B, 2, n, dim] -> [(B 2), n, dim]: every frame by itself.
        let tokens = alone.flatten(0, 1);
        let tokens = self.spatial.apply(&tokens, grid, None, Some(&bias));
        // -> [(B n), 2, dim]: every patch over time.
        let tokens = tokens
            .unflatten(0, [batch, 2])
            .transpose(1, 2)
            .flatten(0, 1);
        let tokens = self.temporal.apply(&tokens, grid, None, None);
        let tokens = tokens.unflatten(0, [batch, cells]);
        Encoded {
            canvas: canvas.select(1, 0),
            own: alone.select(1, 0),
            target: alone.select(1, 1),
            first: tokens.select(2, 0),
            last: tokens.select(2, 1),
            bias,
        }
    }
}
