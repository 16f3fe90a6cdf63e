//! How many threads to compute with: what this process was given, never more, and less where others are at work.
//!
//! A thread of OpenMP spins while it waits for the others, so that on a busy machine two threads are many times slower
//! than one.

use std::env;
use std::fs;
use std::thread::available_parallelism;

/// What bounds the number of threads.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// Processors that affinity and control groups leave to this process.
    pub granted: usize,
    /// Processors of this task by Slurm's word, where there is one; they are this task's alone.
    pub allocated: Option<usize>,
    /// `OMP_NUM_THREADS`, where it is set.
    pub wanted: Option<usize>,
    /// Processes that ran or waited to run in the last minute.
    pub load: f64,
}

impl Bounds {
    /// Reads the bounds of this process.
    #[must_use]
    pub fn read() -> Self {
        Self {
            granted: available_parallelism().map_or(1, usize::from),
            allocated: number("SLURM_CPUS_PER_TASK"),
            wanted: number("OMP_NUM_THREADS"),
            load: fs::read_to_string("/proc/loadavg")
                .ok()
                .and_then(|text| text.split(' ').next()?.parse().ok())
                .unwrap_or(0.0),
        }
    }

    /// Returns the number of threads to use: 1 at least.
    #[must_use]
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a load is small and not negative
    pub fn threads(&self) -> usize {
        let given = self.granted.min(self.allocated.unwrap_or(usize::MAX));
        let idle = match (self.wanted, self.allocated) {
            (Some(wanted), _) => wanted,
            (None, Some(allocated)) => allocated,
            (None, None) => given.saturating_sub(self.load.round() as usize),
        };
        given.min(idle).max(1)
    }

    /// Returns the number of threads for a run that goes on: as many as it had, for sums in another order are other numbers
    /// in their last bits; but never more than are given, and as many as somebody wants.
    #[must_use]
    pub fn threads_like(&self, before: usize) -> usize {
        let given = self.granted.min(self.allocated.unwrap_or(usize::MAX));
        match self.wanted {
            None if before > 0 => before.min(given).max(1),
            _ => self.threads(),
        }
    }
}

/// The number in an environment variable.
fn number(name: &str) -> Option<usize> {
    env::var(name).ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const IDLE: Bounds = Bounds {
        granted: 8,
        allocated: None,
        wanted: None,
        load: 0.1,
    };

    #[test]
    fn never_more_threads_than_were_given() {
        let table = [
            (IDLE, 8),
            (
                Bounds {
                    allocated: Some(4),
                    ..IDLE
                },
                4,
            ),
            (
                Bounds {
                    allocated: Some(64),
                    ..IDLE
                },
                8,
            ),
            (
                Bounds {
                    wanted: Some(2),
                    ..IDLE
                },
                2,
            ),
            (
                Bounds {
                    wanted: Some(99),
                    allocated: Some(4),
                    ..IDLE
                },
                4,
            ),
            (Bounds { load: 6.2, ..IDLE }, 2),
            (Bounds { load: 30.0, ..IDLE }, 1),
            // What Slurm gave is not shared: the load is of other tasks' processors.
            (
                Bounds {
                    load: 30.0,
                    allocated: Some(4),
                    ..IDLE
                },
                4,
            ),
        ];
        for (bounds, threads) in table {
            assert_eq!(bounds.threads(), threads, "{bounds:?}");
        }
    }

    #[test]
    fn a_run_goes_on_with_as_many_threads_as_it_had() {
        let busy = Bounds { load: 30.0, ..IDLE };
        let wanted = Bounds {
            wanted: Some(2),
            ..IDLE
        };
        let table = [(busy, 4, 4), (busy, 64, 8), (busy, 0, 1), (wanted, 4, 2)];
        for (bounds, before, threads) in table {
            assert_eq!(bounds.threads_like(before), threads, "{bounds:?} {before}");
        }
    }
}
