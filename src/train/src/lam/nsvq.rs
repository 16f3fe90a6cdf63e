//! The bottleneck: the difference of two encoded frames as a few entries of a codebook.
//!
//! While training, the nearest entry is stood in for by the difference itself plus noise as long as the error (NSVQ,
//! arXiv 2111.00823), so that gradients reach encoder and codebook without a loss of their own.

use tch::{Kind, Tensor, no_grad};

use super::config::Config;
use super::layers::{Linear, start};
use crate::parameters::{Scope, Start};
use crate::precision::{Precision, widen};
use crate::random::Generator;

/// Keeps logarithms and quotients finite.
const EPSILON: f64 = 1e-12;

/// The bottleneck.
#[derive(Debug)]
pub(crate) struct Quantiser {
    project_in: Linear,
    project_out: Linear,
    stages: Vec<Stage>,
    /// `[K, D]`.
    codebook: Tensor,
    /// How often each entry was chosen since the last replacement, `[K]`.
    counters: Tensor,
    side: i64,
    precision: Precision,
}

/// What the bottleneck made of a batch.
#[derive(Debug)]
pub(crate) struct Quantised {
    /// Tokens of the actions, `[B, s, dim]`.
    pub actions: Tensor,
    /// The entries that were chosen, `[B, s]`.
    pub codes: Tensor,
}

/// A convolution on the way from the grid to the codes.
#[derive(Debug)]
struct Stage {
    kernel: Tensor,
    bias: Tensor,
    stride: i64,
    padding: i64,
}

impl Quantiser {
    pub(crate) fn new(scope: &mut Scope, config: &Config, precision: Precision) -> Self {
        let width = config.quant_dim;
        let shapes = stages(config.grid(), config.code_seq_len);
        let mut linear =
            |name: &str, from, to| Linear::new(&mut scope.enter(name), from, to, precision);
        Self {
            project_in: linear("project_in", config.dim, width),
            project_out: linear("project_out", width, config.dim),
            stages: (0..)
                .zip(shapes)
                .map(|(index, (size, halves))| {
                    // Between two of them is an activation, which has a number too.
                    let name = format!("cnn_encoder.{}", 2 * index);
                    Stage::new(&mut scope.enter(name), width, size, halves)
                })
                .collect(),
            codebook: scope.trained("codebooks", &[config.codebook_size, width], Start::Normal),
            counters: scope.counters("codebooks_used", config.codebook_size),
            side: config.grid(),
            precision,
        }
    }

    /// The difference of two encoded frames `[B, n, dim]`, `[B * s, D]`.
    pub(crate) fn difference(&self, first: &Tensor, last: &Tensor) -> Tensor {
        // One after the other: what the frames share then has a gradient of exactly 0, and not of rounding, which AdamW would
        // make steps of.
        widen(&(self.narrow(last) - self.narrow(first))).flatten(0, 1)
    }

    /// The entries nearest to differences `[N, D]`, `[N]`.
    pub(crate) fn nearest(&self, difference: &Tensor) -> Tensor {
        no_grad(|| {
            let product = difference.matmul(&self.codebook.tr());
            let length = (&self.codebook * &self.codebook).sum_dim_intlist(1, false, Kind::Float);
            // The length of the difference itself is the same for every entry.
            (length - product * 2.0).argmin(1, false)
        })
    }

    /// Quantises for training: the noise is `[B * s, D]`, of the normal distribution.
    pub(crate) fn train(&mut self, first: &Tensor, last: &Tensor, noise: &Tensor) -> Quantised {
        let difference = self.difference(first, last);
        let codes = self.nearest(&difference);
        let chosen = self.codebook.index_select(0, &codes);
        let ratio = length(&(&difference - chosen)) / length(noise) + EPSILON;
        let noisy = difference + ratio * noise;
        no_grad(|| {
            let ones = codes.ones_like();
            let _ = self.counters.scatter_add_(0, &codes, &ones);
        });
        self.widened(&noisy, codes, first)
    }

    /// Leaves the codebook out: the actions are the differences. Nothing is counted.
    pub(crate) fn bypass(&self, first: &Tensor, last: &Tensor) -> Quantised {
        let difference = self.difference(first, last);
        let codes = self.nearest(&difference);
        self.widened(&difference, codes, first)
    }

    /// Starts the codebook anew, from the centres of differences `[N, D]` after that many rounds of k-means; an entry that
    /// is the nearest of none starts again from a random one.
    pub(crate) fn start(&mut self, differences: &Tensor, rounds: u32, generator: &mut Generator) {
        no_grad(|| {
            let entries = self.counters.size().first().copied().unwrap_or(0);
            let mut codebook = self.codebook.detach();
            codebook.copy_(&pick(differences, entries, generator));
            for _ in 0..rounds {
                let nearest = self.nearest(differences);
                let counts = nearest.bincount(None::<&Tensor>, entries);
                let mut sums = codebook.zeros_like();
                let _ = sums.index_add_(0, &nearest, differences);
                codebook.copy_(&(sums / counts.clamp_min(1).unsqueeze(1)));
                let empty = counts.eq(0).nonzero().flatten(0, -1);
                let missing = i64::try_from(empty.numel()).unwrap_or(0);
                if missing > 0 {
                    let fresh = pick(differences, missing, generator);
                    let _ = codebook.index_copy_(0, &empty, &fresh);
                }
            }
            let _ = self.counters.zero_();
        });
    }

    /// Quantises without noise, and without counting.
    pub(crate) fn look(&self, first: &Tensor, last: &Tensor) -> Quantised {
        let codes = self.nearest(&self.difference(first, last));
        let chosen = self.codebook.index_select(0, &codes);
        self.widened(&chosen, codes, first)
    }

    /// The tokens `[B, s, dim]` of the actions that codes `[B, s]` stand for.
    pub(crate) fn tokens(&self, codes: &Tensor) -> Tensor {
        let batch = codes.size().first().copied().unwrap_or(0);
        let chosen = self.codebook.index_select(0, &codes.flatten(0, 1));
        self.widen(&chosen, batch)
    }

    /// Noise for a batch of that many pairs has this shape.
    pub(crate) fn noise_shape(&self, config: &Config, batch: i64) -> [i64; 2] {
        [batch * config.code_seq_len, config.quant_dim]
    }

    pub(crate) fn codebook(&self) -> &Tensor {
        &self.codebook
    }

    pub(crate) fn counters(&mut self) -> &mut Tensor {
        &mut self.counters
    }

    /// Frames `[B, n, dim]` as few tokens, `[B, s, D]`.
    fn narrow(&self, tokens: &Tensor) -> Tensor {
        let mut x = self
            .project_in
            .apply(tokens)
            .transpose(1, 2)
            .unflatten(2, [self.side, self.side]);
        for (index, stage) in self.stages.iter().enumerate() {
            if index > 0 {
                x = x.relu();
            }
            x = self.precision.convolve(
                &x,
                &stage.kernel,
                Some(&stage.bias),
                (stage.stride, stage.padding),
                1,
            );
        }
        x.flatten(2, 3).transpose(1, 2).contiguous()
    }

    fn widened(&self, vectors: &Tensor, codes: Tensor, first: &Tensor) -> Quantised {
        let batch = first.size().first().copied().unwrap_or(0);
        Quantised {
            actions: self.widen(vectors, batch),
            codes: codes.view([batch, -1]),
        }
    }

    /// Vectors `[B * s, D]` as tokens `[B, s, dim]`.
    ///
    /// NOTE: the reference reads the numbers of one pair as `[D, s]` here, which they are not: with more than one code an
    /// action, tokens are made of pieces of several codes. Checkpoints depend on it.
    fn widen(&self, vectors: &Tensor, batch: i64) -> Tensor {
        let width = vectors.size().last().copied().unwrap_or(1);
        let mixed = vectors.view([batch, width, -1]).transpose(1, 2);
        self.project_out.apply(&mixed)
    }
}

impl Stage {
    fn new(scope: &mut Scope, width: i64, size: [i64; 2], halves: bool) -> Self {
        let [height, breadth] = size;
        let inputs = width * height * breadth;
        Self {
            kernel: scope.trained("weight", &[width, width, height, breadth], start(inputs)),
            bias: scope.trained("bias", &[width], start(inputs)),
            stride: if halves { 2 } else { 1 },
            padding: i64::from(halves),
        }
    }
}

/// That many random rows; each once, where there are enough.
fn pick(rows: &Tensor, wanted: i64, generator: &mut Generator) -> Tensor {
    let there = rows.size().first().copied().unwrap_or(0);
    let order = generator.permutation(usize::try_from(there).unwrap_or(0));
    let chosen: Vec<i64> = order
        .into_iter()
        .cycle()
        .take(usize::try_from(wanted).unwrap_or(0))
        .filter_map(|row| i64::try_from(row).ok())
        .collect();
    rows.index_select(0, &Tensor::from_slice(&chosen).to_device(rows.device()))
}

/// The kernels from a grid to that many codes, and whether each halves the grid.
fn stages(side: i64, codes: i64) -> Vec<([i64; 2], bool)> {
    const HALF: ([i64; 2], bool) = ([3, 3], true);
    let mut stages = vec![HALF];
    if side == 16 && codes < 64 {
        stages.push(HALF);
    }
    match codes {
        1 => stages.push(([4, 4], false)),
        2 => stages.push(([3, 4], false)),
        4 => stages.push(([3, 3], false)),
        _ => {}
    }
    stages
}

/// The length of every row, `[N, 1]`; where it is 0, so is its gradient.
fn length(rows: &Tensor) -> Tensor {
    rows.norm_scalaropt_dim(2, [1], true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_grid_ends_in_as_many_codes() {
        for (side, codes) in [(8, 1), (8, 2), (8, 4), (16, 1), (16, 4), (16, 16), (16, 64)] {
            let mut grid = [side, side];
            for (size, halves) in stages(side, codes) {
                for (cells, size) in grid.iter_mut().zip(size) {
                    *cells = if halves {
                        *cells / 2
                    } else {
                        *cells - size + 1
                    };
                }
            }
            assert_eq!(grid[0] * grid[1], codes, "{side} {codes}");
        }
    }
}
