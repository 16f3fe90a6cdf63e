//! The record of experiments: every run is one row, derived from the run directories.
//!
//! [`scan`] finds the runs, [`config`] says what one was told, [`metrics`] what it
//! measured, [`fate`] how it ended, [`page`] what a person wrote about it, [`table`] how
//! rows stand in a text.
//!
//! INVARIANT: the run directories are the truth and are only read; what is broken in one
//! is said in its row, and hides no other.

pub mod config;
pub mod fate;
pub mod metrics;
pub mod page;
pub mod scan;
pub mod table;

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Serialize;

pub use fate::State;
pub use metrics::Metrics;
pub use scan::Record;

/// One run: one row.
#[derive(Clone, Debug, Serialize)]
pub struct Run {
    /// The name of its run directory.
    pub name: String,
    /// Its run directory.
    pub directory: PathBuf,
    /// The name of the directory that the submission is kept in: the run's own, or its sweep's.
    pub group: String,
    /// What kind of run it is.
    pub kind: Kind,
    /// The experiment; empty where nobody knows.
    pub experiment: String,
    /// What tells configurations apart: a hash of `config.yaml` without the run's own name and time.
    pub config: Option<String>,
    /// What was typed, the point's own last.
    pub overrides: Vec<String>,
    /// The commit of the project.
    pub commit: Option<String>,
    /// Whether there were uncommitted changes.
    pub is_dirty: bool,
    /// Where it runs: `local`, or the cluster's name. A race has none before one of its jobs starts.
    pub place: String,
    /// The clusters of a race, as its jobs are numbered; empty where it is none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub clusters: Vec<String>,
    /// Its jobs, the newest first; of a race those of all its clusters.
    pub jobs: Vec<String>,
    /// How it is.
    pub state: State,
    /// In Slurm's word, or the exit status.
    pub said: Option<String>,
    /// When it was submitted or started.
    pub started: String,
    /// Seconds that it took.
    pub elapsed: Option<u64>,
    /// What it measured.
    pub metrics: BTreeMap<String, f64>,
    /// What is wrong with its directory or its metrics.
    pub faults: Vec<String>,
}

/// What kind of run it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// On this machine, without Slurm.
    Local,
    /// A job of its own.
    Job,
    /// A point of a sweep.
    Point,
    /// Several jobs of which one runs.
    Race,
    /// Nothing says which.
    Unknown,
}

impl Kind {
    /// Returns its word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Job => "job",
            Self::Point => "point",
            Self::Race => "race",
            Self::Unknown => "unknown",
        }
    }
}

impl Run {
    /// Returns whether its row is meant by words, all of which must be found in it: a state,
    /// a kind, a part of its name, of its experiment or of an override; `NAME=VALUE` is an override.
    pub fn matches(&self, words: &[String]) -> bool {
        words.iter().all(|word| self.has(word))
    }

    fn has(&self, word: &str) -> bool {
        if word.contains('=') {
            let plain = |text: &str| text.trim_start_matches('+') == word.trim_start_matches('+');
            return self.overrides.iter().any(|one| plain(one));
        }
        self.name.contains(word)
            || self.group.contains(word)
            || self.experiment.contains(word)
            || self.state.as_str() == word
            || self.kind.as_str() == word
            || self.place == word
            || self.jobs.iter().any(|job| job == word)
            || self
                .config
                .as_deref()
                .is_some_and(|hash| word.len() >= 4 && hash.starts_with(word))
    }
}
