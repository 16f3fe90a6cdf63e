//! Where patches are: rotations of queries and keys by the place on the grid, as they are when nothing is trained.

use std::f64::consts::TAU;

use tch::{Device, Kind, Tensor};

/// The rotations of every patch of a grid, `[n, width]` each.
#[derive(Debug)]
pub(super) struct Rotation {
    cosine: Tensor,
    sine: Tensor,
    /// How many patches there are; whatever comes before them is nowhere, and not rotated.
    patches: i64,
}

impl Rotation {
    /// Those of a grid of so many patches a side, for heads of this width.
    #[allow(clippy::cast_precision_loss)] // grids and heads are small
    pub(super) fn new(side: i64, width: i64, base: f64) -> Self {
        let options = (Kind::Float, Device::Cpu);
        let powers = Tensor::arange_start_step(0.0, 1.0, 4.0 / width as f64, options);
        let frequencies = Tensor::pow_scalar(base, &powers).reciprocal();
        // The middle of every patch, from -1 to 1.
        let line = Tensor::arange_start(0.5, side as f64, options) / side as f64;
        let grid = Tensor::meshgrid_indexing(&[&line, &line], "ij");
        let places = Tensor::stack(&grid, -1).flatten(0, 1) * 2.0 - 1.0;
        let angles = places.unsqueeze(-1) * TAU * frequencies;
        let angles = angles.flatten(1, 2).tile([2]);
        Self {
            cosine: angles.cos(),
            sine: angles.sin(),
            patches: side * side,
        }
    }

    /// The same on a device.
    pub(super) fn moved(&self, place: impl Fn(&Tensor) -> Tensor) -> Self {
        Self {
            cosine: place(&self.cosine),
            sine: place(&self.sine),
            patches: self.patches,
        }
    }

    /// Rotates what stands for patches, of `[B, heads, n, width]`.
    pub(super) fn apply(&self, x: &Tensor) -> Tensor {
        let tokens = x.size().get(2).copied().unwrap_or(0);
        let before = tokens - self.patches;
        let (others, patches) = (x.narrow(2, 0, before), x.narrow(2, before, self.patches));
        let halves = patches.chunk(2, -1);
        let [left, right] = &halves[..] else {
            return x.shallow_clone();
        };
        let turned = Tensor::cat(&[&right.neg(), left], -1);
        let rotated = patches * &self.cosine + turned * &self.sine;
        Tensor::cat(&[others, rotated], 2)
    }
}
