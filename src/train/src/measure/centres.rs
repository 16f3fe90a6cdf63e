//! The nearest of some centres, and centres found by k-means: the best codebook a given encoder can have.

use tch::{Kind, Tensor, no_grad};

use crate::random::Generator;

/// How often centres move.
const ROUNDS: usize = 20;

/// Returns the nearest of centres `[K, D]` to each of points `[N, D]`, `[N]`.
pub(super) fn nearest(points: &Tensor, centres: &Tensor) -> Tensor {
    no_grad(|| {
        let length = (centres * centres).sum_dim_intlist(1, false, Kind::Float);
        // The length of the point itself is the same for every centre.
        (length - points.matmul(&centres.tr()) * 2.0).argmin(1, false)
    })
}

/// Returns centres `[K, D]` of points `[N, D]`; one that attracts none starts anew at a point drawn.
pub(super) fn centres(points: &Tensor, count: i64, generator: &mut Generator) -> Tensor {
    no_grad(|| {
        let mut found = points.index_select(0, &drawn(points, count, generator));
        for _ in 0..ROUNDS {
            let chosen = nearest(points, &found);
            let members = chosen.bincount(None::<&Tensor>, count);
            let sums = found.zeros_like().index_add(0, &chosen, points);
            let means = sums / members.clamp_min(1).unsqueeze(1);
            let others = points.index_select(0, &drawn(points, count, generator));
            found = others.where_self(&members.eq(0).unsqueeze(1), &means);
        }
        found
    })
}

/// Draws places of points, `[count]`.
fn drawn(points: &Tensor, count: i64, generator: &mut Generator) -> Tensor {
    let bound = points.size().first().copied().unwrap_or(0);
    let bound = usize::try_from(bound).unwrap_or(0).max(1);
    let mut order = generator.permutation(bound);
    let wanted = usize::try_from(count).unwrap_or(0);
    while order.len() < wanted {
        order.push(generator.below(bound));
    }
    order.truncate(wanted);
    let order: Vec<i64> = order.into_iter().map(|place| place as i64).collect();
    Tensor::from_slice(&order)
}
