//! What attention adds for the distance of two patches: a small network of the logarithm of their offset.

use tch::Tensor;

use super::attention::Shape;
use super::layers::Linear;
use crate::parameters::Scope;
use crate::precision::Precision;

/// The slope of the hidden layers below 0.
const SLOPE: f64 = 0.1;

/// What attention adds to the products of tokens by how far apart they lie on the grid.
#[derive(Debug)]
pub(crate) struct Distance {
    hidden: [Linear; 2],
    to_heads: Linear,
    /// `[(2 side - 1)^2, 2]`: every possible offset of two patches.
    offsets: Tensor,
    /// `[side^2 * side^2]`: the offset of every two patches.
    pairs: Tensor,
    side: i64,
}

impl Distance {
    pub(crate) fn new(scope: &mut Scope, shape: Shape, side: i64) -> Self {
        let Shape { dim, heads, .. } = shape;
        // Positions are few numbers and near to one another: they stay in fp32.
        let mut linear =
            |name: &str, from, to| Linear::new(&mut scope.enter(name), from, to, Precision::Full);
        let (offsets, pairs) = offsets(side);
        Self {
            hidden: [linear("net.0.0", 2, dim), linear("net.1.0", dim, dim)],
            to_heads: linear("net.2", dim, heads),
            offsets: scope.constant(&offsets),
            pairs: scope.constant(&pairs),
            side,
        }
    }

    /// The bias of every two patches, `[heads, n, n]`. Pairs that lie equally share what is computed for them.
    pub(crate) fn bias(&self) -> Tensor {
        let mut x = self.offsets.shallow_clone();
        for layer in &self.hidden {
            let y = layer.apply(&x);
            x = y.maximum(&(&y * SLOPE));
        }
        let cells = self.side * self.side;
        self.to_heads
            .apply(&x)
            .index_select(0, &self.pairs)
            .view([cells, cells, -1])
            .permute([2, 0, 1])
    }
}

/// Every offset of two patches on a square grid, its logarithm with the sign of it; and the offset of every two.
#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation)] // grids are small
fn offsets(side: i64) -> (Tensor, Tensor) {
    let reach = 2 * side - 1;
    let logarithm = |offset: i64| {
        let far = ((offset.abs() + 1) as f32).ln();
        if offset < 0 { -far } else { far }
    };
    let mut table = Vec::new();
    for row in 1 - side..side {
        for column in 1 - side..side {
            table.extend([logarithm(row), logarithm(column)]);
        }
    }
    let cells = || (0..side).flat_map(|row| (0..side).map(move |column| (row, column)));
    let mut pairs = Vec::new();
    for (row, column) in cells() {
        for (other_row, other_column) in cells() {
            pairs.push((row - other_row + side - 1) * reach + column - other_column + side - 1);
        }
    }
    (
        Tensor::from_slice(&table).view([-1, 2]),
        Tensor::from_slice(&pairs),
    )
}
