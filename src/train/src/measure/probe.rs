//! Linear probes: how much of what moved can be read off a set of features by a ridge regression, solved in closed form.
//!
//! INVARIANT: held-out pairs have no say in anything but the score.

use std::sync::Once;

use hlrp_sh::ui;
use ndarray::{Array1, Array2, ArrayView2, Axis, concatenate, s};

/// Strengths of the ridge. The best on a part of the training pairs is taken, so that no set of features is favoured.
const RIDGES: [f64; 5] = [0.1, 1.0, 10.0, 100.0, 1000.0];
/// Of five parts of the training pairs, as many find the ridge's strength by being fitted, the rest by being scored.
const PARTS: (usize, usize) = (4, 5);
/// Fewer training pairs say nothing.
const LEAST: usize = 10;

/// Bytes of the largest set of features that is probed. A regression makes a few copies of it.
const LARGEST: usize = 1 << 30;

/// Returns whether so many features of so many pairs are held in memory; where not, it is said once.
#[must_use]
pub fn fits(pairs: usize, features: usize) -> bool {
    static SAID: Once = Once::new();
    let size = pairs
        .saturating_mul(features)
        .saturating_mul(size_of::<f64>());
    let fits = size <= LARGEST;
    if !fits {
        SAID.call_once(|| {
            ui::say(&format!(
                "codes are not probed: {features} features of {pairs} pairs take more than 1 GiB; fewer \
                 `validation.probe_pairs` would do"
            ));
        });
    }
    fits
}

/// Features and what they should tell, `[N, F]` and `[N, A]`.
#[derive(Clone, Copy, Debug)]
pub struct Sample<'a> {
    /// The features.
    pub features: ArrayView2<'a, f64>,
    /// The targets.
    pub targets: ArrayView2<'a, f64>,
}

/// Returns R² on held-out pairs, each target in units of its standard deviation in training; `None` where there are too
/// few pairs, or nothing moves.
#[must_use]
pub fn score(train: Sample<'_>, held: Sample<'_>) -> Option<f64> {
    if train.features.nrows() < LEAST || held.features.nrows() < 2 {
        return None;
    }
    let scale = train.targets.std_axis(Axis(0), 0.0);
    let scale = scale.mapv(|spread| if spread > 0.0 { spread } else { 1.0 });
    let (targets, wanted) = (&train.targets / &scale, &held.targets / &scale);
    // A feature that never varies in training has no weight.
    let varies: Vec<usize> = (0..)
        .zip(train.features.var_axis(Axis(0), 0.0))
        .filter(|(_, spread)| *spread > 0.0)
        .map(|(column, _)| column)
        .collect();
    let features = train.features.select(Axis(1), &varies);
    let cut = features.nrows() * PARTS.0 / PARTS.1;
    let (fitted, scored) = (features.slice(s![..cut, ..]), features.slice(s![cut.., ..]));
    let (known, hidden) = (targets.slice(s![..cut, ..]), targets.slice(s![cut.., ..]));
    let trial = Ridge::new(fitted, known);
    let mut best = (f64::NEG_INFINITY, RIDGES[0]);
    for strength in RIDGES {
        let guess = trial.fit(strength)?.predict(scored);
        if let Some(found) = r2(&guess, hidden).filter(|found| *found > best.0) {
            best = (found, strength);
        }
    }
    let line = Ridge::new(features.view(), targets.view()).fit(best.1)?;
    r2(
        &line.predict(held.features.select(Axis(1), &varies).view()),
        wanted.view(),
    )
}

/// Features of codes `[N, s]`: for each place and each of `entries` codes, whether it is this one, `[N, s * entries]`.
#[must_use]
pub fn one_hot(codes: ArrayView2<'_, i64>, entries: usize) -> Array2<f64> {
    let mut features = Array2::zeros((codes.nrows(), codes.ncols() * entries));
    for (code, mut row) in codes.rows().into_iter().zip(features.rows_mut()) {
        for (place, &entry) in code.iter().enumerate() {
            let at = usize::try_from(entry).unwrap_or(0) + place * entries;
            if let Some(feature) = row.get_mut(at) {
                *feature = 1.0;
            }
        }
    }
    features
}

/// What a regression needs of its pairs, whatever the ridge's strength.
struct Ridge {
    centred: Array2<f64>,
    mean: Array1<f64>,
    targets: Array2<f64>,
    middle: Array1<f64>,
    /// Products of features where they are fewer than pairs, else of pairs.
    products: Array2<f64>,
    is_primal: bool,
}

impl Ridge {
    fn new(features: ArrayView2<'_, f64>, targets: ArrayView2<'_, f64>) -> Self {
        let average = |of: ArrayView2<'_, f64>| {
            of.mean_axis(Axis(0))
                .unwrap_or_else(|| Array1::zeros(of.ncols()))
        };
        let (mean, middle) = (average(features), average(targets));
        let centred = &features - &mean;
        let is_primal = centred.ncols() <= centred.nrows();
        let products = match is_primal {
            true => centred.t().dot(&centred),
            false => centred.dot(&centred.t()),
        };
        Self {
            targets: &targets - &middle,
            centred,
            mean,
            middle,
            products,
            is_primal,
        }
    }

    fn fit(&self, strength: f64) -> Option<Line> {
        let mut system = self.products.clone();
        system.diag_mut().mapv_inplace(|value| value + strength);
        let weights = match self.is_primal {
            true => solve(system, self.centred.t().dot(&self.targets))?,
            false => self.centred.t().dot(&solve(system, self.targets.clone())?),
        };
        Some(Line {
            weights,
            mean: self.mean.clone(),
            middle: self.middle.clone(),
        })
    }
}

/// A linear map.
struct Line {
    weights: Array2<f64>,
    mean: Array1<f64>,
    middle: Array1<f64>,
}

impl Line {
    fn predict(&self, features: ArrayView2<'_, f64>) -> Array2<f64> {
        (&features - &self.mean).dot(&self.weights) + &self.middle
    }
}

fn r2(guess: &Array2<f64>, wanted: ArrayView2<'_, f64>) -> Option<f64> {
    let mean = wanted.mean_axis(Axis(0))?;
    let square = |of: Array2<f64>| of.mapv(|value| value * value).sum();
    let spread = square(&wanted - &mean);
    (spread > 0.0).then(|| 1.0 - square(guess - &wanted) / spread)
}

/// Solves a system of a positive definite matrix `[n, n]` for right sides `[n, m]`, by Cholesky's factors.
fn solve(matrix: Array2<f64>, right: Array2<f64>) -> Option<Array2<f64>> {
    let (count, sides) = right.dim();
    if count == 0 {
        return Some(right);
    }
    let mut rows = matrix.as_standard_layout().to_owned();
    let lower = rows.as_slice_mut()?;
    factor(lower, count)?;
    let mut solved = Vec::with_capacity(sides);
    for side in right.columns() {
        let mut x = side.to_vec();
        for (at, row) in lower.chunks_exact(count).enumerate() {
            let (before, rest) = x.split_at_mut(at);
            let own = rest.first_mut()?;
            *own = (*own - dot(row.get(..at)?, before)) / row.get(at)?;
        }
        for (at, row) in lower.chunks_exact(count).enumerate().rev() {
            let (before, rest) = x.split_at_mut(at);
            let own = rest.first_mut()?;
            *own /= row.get(at)?;
            for (value, factor) in before.iter_mut().zip(row) {
                *value -= factor * *own;
            }
        }
        solved.push(Array2::from_shape_vec((count, 1), x).ok()?);
    }
    let columns: Vec<_> = solved.iter().map(Array2::view).collect();
    concatenate(Axis(1), &columns).ok()
}

/// Replaces the lower half of a matrix by its factor; `None` where it is not positive definite.
fn factor(rows: &mut [f64], count: usize) -> Option<()> {
    for at in 0..count {
        let (above, rest) = rows.split_at_mut(at * count);
        let row = rest.get_mut(..count)?;
        for (column, other) in above.chunks_exact(count).enumerate() {
            let known = dot(row.get(..column)?, other.get(..column)?);
            let value = row.get_mut(column)?;
            *value = (*value - known) / other.get(column)?;
        }
        let known = dot(row.get(..at)?, row.get(..at)?);
        let pivot = row.get_mut(at)?;
        *pivot -= known;
        if !pivot.is_finite() || *pivot <= 0.0 {
            return None;
        }
        *pivot = pivot.sqrt();
    }
    Some(())
}

fn dot(one: &[f64], other: &[f64]) -> f64 {
    one.iter().zip(other).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use ndarray::arr2;

    use super::*;
    use crate::random::Generator;

    fn normal(rows: usize, columns: usize, name: &str) -> Array2<f64> {
        let drawn = Generator::new(1, name).normal(rows * columns);
        let drawn = drawn.into_iter().map(f64::from).collect();
        Array2::from_shape_vec((rows, columns), drawn).unwrap()
    }

    #[test]
    fn what_is_linear_is_found_and_noise_is_not() {
        let weights = normal(6, 3, "weights");
        let (train, held) = (normal(400, 6, "train"), normal(200, 6, "held"));
        let (targets, wanted) = (train.dot(&weights), held.dot(&weights));
        let score_of = |train: &Array2<f64>, held: &Array2<f64>| {
            score(
                Sample {
                    features: train.view(),
                    targets: targets.view(),
                },
                Sample {
                    features: held.view(),
                    targets: wanted.view(),
                },
            )
            .unwrap()
        };
        assert!(score_of(&train, &held) > 0.9999);
        assert!(score_of(&normal(400, 6, "a"), &normal(200, 6, "b")) < 0.05);
        // More features than pairs: the other form of the same solution.
        assert!(score_of(&normal(400, 900, "a"), &normal(200, 900, "b")) < 0.05);
    }

    #[test]
    fn both_forms_give_the_same_line() {
        let (features, targets) = (normal(30, 12, "features"), normal(30, 2, "targets"));
        let ridge = Ridge::new(features.view(), targets.view());
        let dual = Ridge {
            products: ridge.centred.dot(&ridge.centred.t()),
            is_primal: false,
            ..Ridge::new(features.view(), targets.view())
        };
        let (one, other) = (ridge.fit(0.3).unwrap(), dual.fit(0.3).unwrap());
        let apart = (&one.weights - &other.weights).mapv(f64::abs).sum();
        assert!(apart < 1e-9, "{apart}");
    }

    #[test]
    fn sets_of_features_that_take_gigabytes_are_not_probed() {
        assert!(fits(2048 + 3200, 4 * 64));
        assert!(!fits(2048 + 3200, 64 * 2048));
        assert!(!fits(usize::MAX, 2));
    }

    #[test]
    fn codes_are_one_hot_by_place() {
        let features = one_hot(arr2(&[[0, 2], [1, 1]]).view(), 3);
        assert_eq!(
            features,
            arr2(&[[1., 0., 0., 0., 0., 1.], [0., 1., 0., 0., 1., 0.]])
        );
    }
}
