//! The one error type of the program and the one table of exit statuses.

use std::path::PathBuf;

/// Exit statuses, after sysexits(3) and bash.
pub mod code {
    /// Done.
    pub const DONE: u8 = 0;
    /// The answer is no.
    pub const NO: u8 = 1;
    /// The command line makes no sense.
    pub const USAGE: u8 = 2;
    /// Slurm or a host cannot be reached.
    pub const UNREACHABLE: u8 = 69;
    /// A fault of this program.
    pub const SOFTWARE: u8 = 70;
    /// Halted for now (quota).
    pub const HALTED: u8 = 75;
    /// Lost the race of two queued jobs.
    pub const LOST_RACE: u8 = 76;
    /// Denied by the policy.
    pub const DENIED: u8 = 77;
    /// A policy or configuration that does not load.
    pub const CONFIG: u8 = 78;
    /// `ssh` could not do it, as ssh(1) has it.
    pub const UNREACHED: u8 = 255;
    /// The guard cannot start.
    pub const GUARD: u8 = 125;
    /// A program that cannot be executed, as bash has it.
    pub const NOT_EXECUTABLE: u8 = 126;
    /// A program that is not there, as bash has it.
    pub const NOT_FOUND: u8 = 127;
    /// Added to the number of the signal that ended the child.
    pub const SIGNAL: u8 = 128;
}

/// What went wrong, as a person is told.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The command line makes no sense.
    #[error("{0}")]
    Usage(String),
    /// The policy does not load; the text carries file, line and column.
    #[error("{0}")]
    Policy(String),
    /// A session cannot be set up.
    #[error("session `{what}` cannot be set up")]
    Session {
        /// What was being set up.
        what: String,
        /// Why not.
        #[source]
        source: std::io::Error,
    },
    /// The guard cannot start.
    #[error("the guard cannot start: {0}")]
    Guard(String),
    /// A file cannot be read or written.
    #[error("`{path}`")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Anything else the kernel said.
    #[error("{what}")]
    Io {
        /// What was being done.
        what: &'static str,
        /// What the kernel said.
        #[source]
        source: std::io::Error,
    },
    /// A client of Slurm did not do what it was asked.
    #[error("{what}")]
    Slurm {
        /// What went wrong.
        what: String,
        /// What could be done about it.
        hint: Option<&'static str>,
        /// The exit status for it.
        code: u8,
    },
    /// Another machine cannot be reached, or does not do what it was asked.
    #[error("{what}")]
    Remote {
        /// What went wrong.
        what: String,
        /// What could be done about it.
        hint: Option<&'static str>,
        /// The exit status for it.
        code: u8,
    },
    /// The answer is no, with the reason.
    #[error("{0}")]
    No(String),
}

impl Error {
    /// Returns the exit status for it.
    pub fn code(&self) -> u8 {
        match self {
            Self::Usage(_) => code::USAGE,
            Self::Policy(_) => code::CONFIG,
            Self::Guard(_) => code::GUARD,
            Self::No(_) => code::NO,
            Self::Slurm { code, .. } | Self::Remote { code, .. } => *code,
            Self::Session { .. } | Self::File { .. } | Self::Io { .. } => code::SOFTWARE,
        }
    }

    /// Returns what could be done about it, where that is known.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Slurm { hint, .. } | Self::Remote { hint, .. } => *hint,
            _ => None,
        }
    }
}
