//! How alike every point of one map of features is to every point of another, and to the means around it.

use tch::{Kind, Tensor};

/// Maps of likeness, each half as high and wide as the one before.
const LEVELS: i64 = 4;
/// The names that libtorch's interpolation has for lines between points, and for zeros beyond the edge.
const BILINEAR: i64 = 0;
const ZEROS: i64 = 0;

/// The likeness of two maps of features.
pub(super) struct Correlation {
    /// `[B * h * w, 1, h', w']`: of every point of the first map to the second.
    levels: Vec<Tensor>,
    /// What is looked at around a point, `[1, side, side, 2]`, first across, then down.
    around: Tensor,
}

impl Correlation {
    /// Compares maps `[B, C, h, w]`; later, so many points to each side are looked at.
    pub(super) fn of(first: &Tensor, second: &Tensor, radius: i64) -> Self {
        let [batch, channels, height, width] = shape(first);
        let (from, to) = (first.flatten(2, 3), second.flatten(2, 3));
        #[allow(clippy::cast_precision_loss)] // a few hundred
        let scale = (channels as f64).sqrt();
        let whole = from.transpose(1, 2).matmul(&to) / scale;
        let mut level = whole.reshape([batch * height * width, 1, height, width]);
        let mut levels = Vec::new();
        for _ in 1..LEVELS {
            let next = level.avg_pool2d([2, 2], [2, 2], [0, 0], false, true, None::<i64>);
            levels.push(std::mem::replace(&mut level, next));
        }
        levels.push(level);
        let steps = Tensor::arange_start(-radius, radius + 1, (Kind::Float, first.device()));
        let around = Tensor::meshgrid_indexing(&[&steps, &steps], "ij");
        Self {
            levels,
            around: Tensor::stack(&around, -1).unsqueeze(0),
        }
    }

    /// What is around points of the second map, `[B, 2, h, w]`: `[B, LEVELS * side^2, h, w]`.
    pub(super) fn at(&self, points: &Tensor) -> Tensor {
        let [batch, _, height, width] = shape(points);
        let centres = points.permute([0, 2, 3, 1]).reshape([-1, 1, 1, 2]);
        let mut seen = Vec::new();
        let mut scale = 1.0;
        for level in &self.levels {
            let around = sample(level, &(&centres / scale + &self.around));
            seen.push(around.reshape([batch, height, width, -1]));
            scale *= 2.0;
        }
        Tensor::cat(&seen, -1).permute([0, 3, 1, 2]).contiguous()
    }
}

/// The numbers of maps `[N, 1, h, w]` at points `[N, a, b, 2]`.
#[allow(clippy::cast_precision_loss)] // maps are small
fn sample(maps: &Tensor, points: &Tensor) -> Tensor {
    let [_, _, height, width] = shape(maps);
    let scaled = |axis: i64, side: i64| points.narrow(-1, axis, 1) * 2.0 / (side - 1) as f64 - 1.0;
    let grid = Tensor::cat(&[scaled(0, width), scaled(1, height)], -1);
    maps.grid_sampler(&grid, BILINEAR, ZEROS, true)
}

/// The four sides of a tensor.
pub(super) fn shape(x: &Tensor) -> [i64; 4] {
    x.size().try_into().unwrap_or_default()
}
