//! The rate of every step.

use std::f64::consts::PI;

use serde::Deserialize;

/// The `training.scheduler` node of a composed configuration.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    /// What comes after the warm-up.
    #[serde(rename = "type")]
    pub kind: Kind,
    /// Steps in which the rate grows in a straight line.
    pub warmup_steps: u64,
    /// The rate it grows from.
    pub warmup_start_lr: f64,
    /// The rate of the last step.
    pub min_lr: f64,
    /// Of `step`, which is not for native training.
    #[serde(default)]
    pub gamma: f64,
    /// Of `step`.
    #[serde(default)]
    pub step_size: u64,
    /// Of `plateau`, which is not for native training.
    #[serde(default)]
    pub mode: PlateauMode,
    /// Of `plateau`.
    #[serde(default)]
    pub factor: f64,
    /// Of `plateau`.
    #[serde(default)]
    pub patience: u64,
}

/// What the rate does after the warm-up.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// It falls by half a wave of the cosine.
    Cosine,
    /// It stays; there is no warm-up either.
    None,
    /// It falls by steps.
    Step,
    /// It falls when nothing gets better.
    Plateau,
}

/// What `plateau` looks for.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
pub enum PlateauMode {
    /// Smaller is better.
    #[default]
    Min,
    /// Larger is better.
    Max,
}

/// Why a schedule cannot be followed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ScheduleError {
    /// One that only Lightning has.
    #[error(
        "`training.scheduler.type={0}` is not for native training; there are `cosine` and `none`"
    )]
    Kind(&'static str),
    /// The warm-up never ends.
    #[error("`training.scheduler.warmup_steps={warmup}` is not below `training.max_steps={steps}`")]
    Warmup {
        /// Steps of the warm-up.
        warmup: u64,
        /// All steps.
        steps: u64,
    },
}

impl Schedule {
    /// Says whether the schedule can be followed for that many steps.
    ///
    /// # Errors
    ///
    /// Where it cannot.
    pub fn check(&self, steps: u64) -> Result<(), ScheduleError> {
        match self.kind {
            Kind::Step => Err(ScheduleError::Kind("step")),
            Kind::Plateau => Err(ScheduleError::Kind("plateau")),
            Kind::Cosine if self.warmup_steps >= steps => Err(ScheduleError::Warmup {
                warmup: self.warmup_steps,
                steps,
            }),
            Kind::Cosine | Kind::None => Ok(()),
        }
    }

    /// The rate of a step, the first of which is 1, where `peak` is the highest and there are `steps` in all.
    #[must_use]
    #[allow(clippy::cast_precision_loss)] // steps are far below 2^52
    pub fn rate(&self, peak: f64, step: u64, steps: u64) -> f64 {
        if self.kind == Kind::None {
            return peak;
        }
        let (done, warmup) = (step.saturating_sub(1), self.warmup_steps);
        if done < warmup {
            let share = done as f64 / warmup as f64;
            return self.warmup_start_lr + (peak - self.warmup_start_lr) * share;
        }
        let length = steps.saturating_sub(warmup).max(1);
        let share = (done - warmup).min(length) as f64 / length as f64;
        self.min_lr + (peak - self.min_lr) * (1.0 + (PI * share).cos()) / 2.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCHEDULE: Schedule = Schedule {
        kind: Kind::Cosine,
        warmup_steps: 1000,
        warmup_start_lr: 1e-6,
        min_lr: 1e-6,
        gamma: 0.1,
        step_size: 30,
        mode: PlateauMode::Min,
        factor: 0.5,
        patience: 10,
    };

    #[test]
    fn the_rate_grows_in_a_line_and_falls_by_the_cosine() {
        let table = [
            (1, 1e-6),
            (501, 5.05e-5),
            (1001, 1e-4),
            (100_501, 5.05e-5),
            (200_001, 1e-6),
            (300_000, 1e-6),
        ];
        for (step, rate) in table {
            let found = SCHEDULE.rate(1e-4, step, 200_000);
            assert!((found - rate).abs() < 1e-12, "{step}: {found}");
        }
    }

    #[test]
    fn without_a_schedule_the_rate_stays() {
        let constant = Schedule {
            kind: Kind::None,
            ..SCHEDULE
        };
        assert_eq!(constant.rate(1e-4, 1, 10).to_bits(), 1e-4_f64.to_bits());
        assert!(constant.check(10).is_ok());
    }

    #[test]
    fn what_cannot_be_followed_is_refused() {
        assert!(SCHEDULE.check(200_000).is_ok());
        assert!(SCHEDULE.check(1000).is_err());
        for kind in [Kind::Step, Kind::Plateau] {
            assert!(Schedule { kind, ..SCHEDULE }.check(200_000).is_err());
        }
    }
}
