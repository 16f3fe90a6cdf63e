//! What stands against a submission: found all at once, each with the way out.
//!
//! INVARIANT: with one problem nothing is created and nothing is queued.

use serde::Serialize;

/// One thing that is not as it must be.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Problem {
    /// What it is about.
    pub subject: Subject,
    /// How grave it is: which exit status.
    pub kind: Kind,
    /// What is wrong.
    pub what: String,
    /// The way out.
    pub instead: String,
}

/// What a problem is about.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Subject {
    /// A configuration key.
    Key(String),
    /// A path.
    Path(String),
    /// An override as it was typed.
    Override(String),
    /// Slurm itself, or one of its clients.
    Slurm,
    /// The submission as a whole.
    Submission,
}

/// Which exit status a problem means.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Something is missing here that may exist elsewhere or later: an image, a checkpoint.
    Missing,
    /// The configuration cannot be submitted.
    Config,
    /// Slurm cannot be reached, or a client is missing.
    Unreachable,
    /// The law denies it.
    Denied,
    /// A quota is used up.
    Halted,
}

impl Problem {
    /// Returns a fault of the configuration.
    pub fn config(subject: Subject, what: impl Into<String>, instead: impl Into<String>) -> Self {
        Self::new(Kind::Config, subject, what, instead)
    }

    /// Returns something that is not there.
    pub fn missing(subject: Subject, what: impl Into<String>, instead: impl Into<String>) -> Self {
        Self::new(Kind::Missing, subject, what, instead)
    }

    /// Returns a problem with reaching Slurm.
    pub fn unreachable(what: impl Into<String>, instead: impl Into<String>) -> Self {
        Self::new(Kind::Unreachable, Subject::Slurm, what, instead)
    }

    /// Returns a problem of any kind.
    pub fn new(
        kind: Kind,
        subject: Subject,
        what: impl Into<String>,
        instead: impl Into<String>,
    ) -> Self {
        Self {
            subject,
            kind,
            what: what.into(),
            instead: instead.into(),
        }
    }
}

impl Subject {
    /// Returns the name of it.
    pub fn name(&self) -> &str {
        match self {
            Self::Key(name) | Self::Path(name) | Self::Override(name) => name,
            Self::Slurm => "slurm",
            Self::Submission => "submission",
        }
    }
}

/// Keeps what is right, and the problem where it is not.
pub(crate) fn keep<T>(found: Result<T, Problem>, problems: &mut Vec<Problem>) -> Option<T> {
    found.map_err(|problem| problems.push(problem)).ok()
}
