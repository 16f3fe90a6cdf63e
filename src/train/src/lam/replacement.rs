//! Replacing codebook entries that are hardly used by noisy copies of used ones: when, which, and by what.
//!
//! INVARIANT: an entry is replaced where it was chosen less often than a share of the average in the window since the
//! last replacement; every other entry stays as it is.

use serde::Deserialize;

#[cfg(feature = "torch")]
pub use window::{Replaced, Usage};

/// A share of the average use, in force until a step; written `[share, until]`.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
#[serde(from = "(f64, u64)")]
pub struct Share {
    /// The share below which an entry counts as unused.
    pub share: f64,
    /// The first step at which it is not in force any more.
    pub until: u64,
}

/// How often entries are replaced until a step; written `[every, until]`.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(from = "(u64, u64)")]
pub struct Interval {
    /// Steps from one replacement to the next.
    pub every: u64,
    /// The first step at which it is not in force any more.
    pub until: u64,
}

impl Share {
    /// The share in force at a step: the last one after the end.
    #[must_use]
    pub fn at(schedule: &[Self], step: u64) -> Option<f64> {
        schedule
            .iter()
            .find(|entry| step < entry.until)
            .or(schedule.last())
            .map(|entry| entry.share)
    }

    /// Says whether a schedule can be followed.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub fn check(schedule: &[Self]) -> Result<(), &'static str> {
        if schedule.is_empty() {
            return Err("a schedule without entries says nothing; leave it out");
        }
        if schedule
            .iter()
            .any(|entry| entry.share.is_nan() || entry.share < 0.0)
        {
            return Err("a share must be 0 or more");
        }
        let mut last = 0;
        for entry in schedule {
            if entry.until <= last {
                return Err("the steps must grow from entry to entry");
            }
            last = entry.until;
        }
        Ok(())
    }
}

impl Interval {
    /// Whether a replacement falls on a step.
    #[must_use]
    pub fn falls_on(&self, step: u64) -> bool {
        step < self.until && step.is_multiple_of(self.every)
    }
}

impl From<(f64, u64)> for Share {
    fn from((share, until): (f64, u64)) -> Self {
        Self { share, until }
    }
}

impl From<(u64, u64)> for Interval {
    fn from((every, until): (u64, u64)) -> Self {
        Self { every, until }
    }
}

/// What needs tensors.
#[cfg(feature = "torch")]
mod window {
    use tch::{Kind, Tensor, no_grad};

    use crate::random::Generator;

    /// How far a copy lies from the entry it was copied from: the standard deviation of each number.
    const SPREAD: f64 = 0.02;
    /// How far all entries move where none was used.
    const SHAKE: f64 = 1e-12;

    /// How the codebook was used since the last replacement. Tensors of one number, so that nothing waits for a GPU
    /// until somebody reads them.
    #[derive(Debug)]
    pub struct Usage {
        /// The share of the average that counts as used.
        pub share: f64,
        /// Choices in the window.
        pub total: Tensor,
        /// The count that share stands for.
        pub threshold: Tensor,
        /// Entries below it.
        pub below: Tensor,
        /// The others.
        pub at_or_above: Tensor,
    }

    /// What a replacement did.
    #[derive(Clone, Copy, Debug, Eq, PartialEq)]
    pub struct Replaced {
        /// Entries that were replaced.
        pub unused: usize,
        /// Entries that were not.
        pub used: usize,
    }

    impl Usage {
        /// Looks at the counters `[K]` of a codebook of K entries.
        #[must_use]
        pub fn of(counters: &Tensor, share: f64) -> Self {
            no_grad(|| {
                let counts = counters.to_kind(Kind::Float);
                let total = counts.sum(Kind::Float);
                let threshold = &total * (share / entries(counters));
                let below = counts.lt_tensor(&threshold).sum(Kind::Float);
                Self {
                    share,
                    at_or_above: (&below - entries(counters)).neg(),
                    total,
                    threshold,
                    below,
                }
            })
        }

        /// Replaces the entries of a codebook `[K, D]` that the counters `[K]` say are below the threshold, and starts
        /// a new window.
        pub fn replace(
            codebook: &Tensor,
            counters: &mut Tensor,
            share: f64,
            generator: &mut Generator,
        ) -> Replaced {
            no_grad(|| {
                let (unused, used) = partition(counters, share);
                let replaced = Replaced {
                    unused: unused.len(),
                    used: used.len(),
                };
                // The same storage: the optimizer's and the model's codebook are this one.
                let mut codebook = codebook.detach();
                if used.is_empty() {
                    let count = codebook.numel();
                    codebook += noise(generator, count, &codebook) * SHAKE;
                } else if !unused.is_empty() {
                    let chosen = copies(&used, unused.len(), generator);
                    let width = codebook.size().last().copied().unwrap_or(0);
                    let count = unused.len() * usize::try_from(width).unwrap_or(0);
                    let index =
                        |rows: &[i64]| Tensor::from_slice(rows).to_device(codebook.device());
                    let (from, to) = (index(&chosen), index(&unused));
                    let fresh = codebook.index_select(0, &from)
                        + noise(generator, count, &codebook) * SPREAD;
                    let _ = codebook.index_copy_(0, &to, &fresh);
                }
                let _ = counters.zero_();
                replaced
            })
        }
    }

    /// The entries below the threshold, and the others. Without a choice in the window all are below it.
    #[allow(clippy::cast_precision_loss)] // counts of one window
    fn partition(counters: &Tensor, share: f64) -> (Vec<i64>, Vec<i64>) {
        let mut counts = vec![0_i64; counters.numel()];
        counters
            .to_kind(Kind::Int64)
            .copy_data(&mut counts, counters.numel());
        let total: i64 = counts.iter().sum();
        // As in `Usage::of`, in the same precision.
        let threshold = total as f32 * (share / entries(counters)) as f32;
        let (mut unused, mut used) = (Vec::new(), Vec::new());
        for (entry, count) in (0_i64..).zip(counts) {
            if total == 0 || (count as f32) < threshold {
                unused.push(entry);
            } else {
                used.push(entry);
            }
        }
        (unused, used)
    }

    /// `wanted` of the used entries: the first ones where there are enough, otherwise some of as many rounds of all as
    /// it takes, shuffled.
    fn copies(used: &[i64], wanted: usize, generator: &mut Generator) -> Vec<i64> {
        if used.len() >= wanted {
            return used.iter().copied().take(wanted).collect();
        }
        let rounds = wanted / used.len() + 1;
        let order = generator.permutation(rounds * used.len());
        order
            .into_iter()
            .filter_map(|place| used.get(place % used.len()).copied())
            .take(wanted)
            .collect()
    }

    /// Normal numbers in rows as wide as `like`'s.
    fn noise(generator: &mut Generator, count: usize, like: &Tensor) -> Tensor {
        let width = like.size().last().copied().unwrap_or(1);
        Tensor::from_slice(&generator.normal(count))
            .view([-1, width])
            .to_device(like.device())
    }

    #[allow(clippy::cast_precision_loss)] // entries of a codebook
    fn entries(counters: &Tensor) -> f64 {
        counters.numel() as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replacements_fall_on_the_steps_of_any_interval_in_force() {
        let schedule = [(10, 100), (100, 1000), (500, 5000)].map(Interval::from);
        let falls = |step| schedule.iter().any(|interval| interval.falls_on(step));
        for step in [10, 90, 100, 900, 1000, 4500] {
            assert!(falls(step), "{step}");
        }
        for step in [1, 15, 110, 1100, 5000] {
            assert!(!falls(step), "{step}");
        }
    }

    #[test]
    fn the_last_share_stays_in_force() {
        let schedule = [(0.05, 1000), (0.01, 5000)].map(Share::from);
        let table = [
            (0, 0.05),
            (999, 0.05),
            (1000, 0.01),
            (5000, 0.01),
            (9_000_000, 0.01),
        ];
        for (step, share) in table {
            assert_eq!(Share::at(&schedule, step), Some(share), "{step}");
        }
    }

    #[test]
    fn schedules_that_go_back_are_refused() {
        assert!(Share::check(&[(0.1, 10).into(), (0.1, 20).into()]).is_ok());
        assert!(Share::check(&[]).is_err());
        assert!(Share::check(&[(0.1, 20).into(), (0.1, 20).into()]).is_err());
        assert!(Share::check(&[(-0.1, 20).into()]).is_err());
        assert!(Share::check(&[(0.1, 0).into()]).is_err());
    }
}
