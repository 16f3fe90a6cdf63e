//! What the law's thresholds make of what was measured.
//!
//! The percentage counts by quota. The file system's own fill counts where nobody has a
//! quota on that root; where there is one, or where others share the file system, only
//! when it also has less room than `quota.min_free`: shared file systems are often full.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{Reading, Report, Source, Unknown, Usage, What};

/// The law's thresholds.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Thresholds {
    /// `quota.halt_percent`.
    pub halt_percent: u64,
    /// `quota.min_free`, bytes.
    pub min_free: u64,
}

/// Why a session is halted.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Cause {
    /// The root.
    pub root: PathBuf,
    /// Who limits it.
    pub source: Source,
    /// Whose the limit is.
    pub of: String,
    /// Space or files.
    pub what: What,
    /// How much is used.
    pub usage: Usage,
    /// In whole percent.
    pub percent: u64,
}

/// Whether work may go on.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Standing {
    /// There is room.
    Open,
    /// It could not be found out: a person is asked.
    Unknown(Vec<Unknown>),
    /// Nothing may be written.
    Halted(Vec<Cause>),
}

impl Report {
    /// Judges what was measured.
    pub fn standing(&self, thresholds: Thresholds) -> Standing {
        let causes: Vec<Cause> = self
            .readings
            .iter()
            .flat_map(|reading| {
                [What::Space, What::Inodes]
                    .into_iter()
                    .filter_map(|what| self.cause(reading, what, thresholds))
            })
            .collect();
        if !causes.is_empty() {
            Standing::Halted(causes)
        } else if self.unknown.is_empty() {
            Standing::Open
        } else {
            Standing::Unknown(self.unknown.clone())
        }
    }

    fn cause(&self, reading: &Reading, what: What, thresholds: Thresholds) -> Option<Cause> {
        let usage = reading.usage(what);
        let limit = usage.limit?;
        let is_full =
            u128::from(usage.used) * 100 >= u128::from(limit) * u128::from(thresholds.halt_percent);
        let counts = reading.source.is_quota()
            || match what {
                What::Space => {
                    let has_little = usage
                        .available
                        .is_some_and(|free| free < thresholds.min_free);
                    has_little || !(reading.shared || self.has_quota(&reading.root, what))
                }
                What::Inodes => !self.has_quota(&reading.root, what),
            };
        (is_full && counts).then(|| Cause {
            root: reading.root.clone(),
            source: reading.source,
            of: reading.of.clone(),
            what,
            usage,
            percent: usage.percent().unwrap_or(100),
        })
    }

    fn has_quota(&self, root: &Path, what: What) -> bool {
        self.readings
            .iter()
            .any(|one| one.root == root && one.source.is_quota() && one.usage(what).limit.is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAW: Thresholds = Thresholds {
        halt_percent: 95,
        min_free: 50 << 30,
    };

    fn reading(source: Source, space: Usage, inodes: Usage, shared: bool) -> Reading {
        Reading {
            root: "/home/me".into(),
            source,
            of: String::new(),
            space,
            inodes,
            shared,
            age: 0,
        }
    }

    fn is_halted(readings: &[Reading]) -> bool {
        let report = Report {
            readings: readings.to_vec(),
            unknown: Vec::new(),
        };
        matches!(report.standing(LAW), Standing::Halted(_))
    }

    #[test]
    fn the_percentage_counts_by_quota_and_by_fill_where_there_is_none() {
        let none = Usage::default();
        let gib = |n: u64| n << 30;
        let quota = |used| reading(Source::Linux, Usage::of(gib(used), gib(100)), none, true);
        let disk = |used, all, shared| {
            reading(
                Source::FileSystem,
                Usage::of(gib(used), gib(all)),
                none,
                shared,
            )
        };
        assert!(is_halted(&[quota(95)]));
        assert!(!is_halted(&[quota(94)]));
        // A workstation's disk that is small, and one that is full.
        assert!(!is_halted(&[disk(60, 100, false)]));
        assert!(is_halted(&[disk(95, 100, false)]));
        assert!(is_halted(&[disk(9_600, 10_000, false)]));
        // Everybody's file system is often full; that it is nearly at its end counts.
        assert!(!is_halted(&[disk(9_600, 10_000, true)]));
        assert!(is_halted(&[disk(9_960, 10_000, true)]));
        assert!(!is_halted(&[quota(10), disk(9_600, 10_000, false)]));
        assert!(is_halted(&[quota(10), disk(9_960, 10_000, false)]));
    }

    #[test]
    fn files_count_as_space_does() {
        let room = Usage::of(1, 100);
        let files = |source, used| reading(source, room, Usage::of(used, 100), false);
        assert!(is_halted(&[files(Source::FileSystem, 95)]));
        assert!(!is_halted(&[
            files(Source::Gpfs, 94),
            files(Source::FileSystem, 99)
        ]));
        assert!(is_halted(&[files(Source::Gpfs, 95)]));
    }

    #[test]
    fn what_cannot_be_read_is_asked_about_unless_something_is_full() {
        let mut report = Report::default();
        report.fail(Path::new("/home/me"), "lfs", "no such device");
        assert!(matches!(report.standing(LAW), Standing::Unknown(_)));
        report.readings.push(reading(
            Source::Linux,
            Usage::of(99, 100),
            Usage::default(),
            false,
        ));
        assert!(matches!(report.standing(LAW), Standing::Halted(_)));
    }
}
