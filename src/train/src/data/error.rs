//! What is wrong with a data set, said with the file and, where there is one, the row.

use std::io;
use std::path::PathBuf;

use hlrp_sh::error::code;

/// Why data cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file cannot be opened, read or written.
    #[error("`{path}`")]
    File {
        /// Which.
        path: PathBuf,
        /// What the kernel said.
        #[source]
        source: io::Error,
    },
    /// A file is there, and is not what it should be.
    #[error("`{path}`: {what}")]
    Malformed {
        /// Which.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// One row of a table is wrong.
    #[error("`{path}`, row {row}: {what}")]
    Row {
        /// The table.
        path: PathBuf,
        /// The row, from 0.
        row: usize,
        /// What is wrong with it.
        what: String,
    },
    /// One episode is wrong.
    #[error("`{path}`, episode {episode}: {what}")]
    Episode {
        /// The file that says so.
        path: PathBuf,
        /// The episode, from 0.
        episode: usize,
        /// What is wrong with it.
        what: String,
    },
    /// One frame is wrong.
    #[error("`{path}`, episode {episode}, frame {frame}: {what}")]
    Frame {
        /// The file it lies in.
        path: PathBuf,
        /// The episode, from 0.
        episode: usize,
        /// The frame of the episode, from 0.
        frame: usize,
        /// What is wrong with it.
        what: String,
    },
    /// The data set is of another version of the format.
    #[error("`{path}`: version `{found}` of the format; only `v3.0` is read")]
    Version {
        /// Its `info.json`.
        path: PathBuf,
        /// What it calls itself.
        found: String,
    },
    /// A name that leads nowhere. Nothing is ever downloaded.
    #[error("`{name}` (revision `{revision}`) is neither a data set's directory nor in {looked}")]
    NotHere {
        /// What was asked for.
        name: String,
        /// Which revision of it.
        revision: String,
        /// Where it was looked for.
        looked: String,
    },
    /// A camera, state or action that the data set lacks.
    #[error("`{path}`: no {kind} `{key}`; there is {known}")]
    Missing {
        /// The data set's `info.json`.
        path: PathBuf,
        /// What kind of feature was asked for.
        kind: &'static str,
        /// Its key.
        key: String,
        /// The keys that would do.
        known: String,
    },
    /// The configuration asks for what cannot be.
    #[error("{0}")]
    Config(String),
    /// A position that belongs to other data.
    #[error("the position saved is one of other data: {0}")]
    Position(String),
    /// The name of what should be written is taken.
    #[error("`{0}` is there already, and nothing is ever overwritten")]
    Taken(PathBuf),
    /// A thread that loads data ended without a word: a fault of this program.
    #[error("a loading thread ended before its time")]
    Worker,
}

impl Error {
    /// Returns the exit status for it.
    pub fn code(&self) -> u8 {
        match self {
            Self::File { .. }
            | Self::Malformed { .. }
            | Self::Row { .. }
            | Self::Episode { .. }
            | Self::Frame { .. }
            | Self::Version { .. }
            | Self::NotHere { .. }
            | Self::Missing { .. }
            | Self::Config(_)
            | Self::Position(_) => code::CONFIG,
            Self::Taken(_) => code::USAGE,
            Self::Worker => code::SOFTWARE,
        }
    }

    /// Returns a function that turns what the kernel said about a file into an error.
    pub(crate) fn file(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { path, source }
    }

    /// Returns the error of a file that is not what it should be.
    pub(crate) fn malformed(path: impl Into<PathBuf>, what: impl ToString) -> Self {
        Self::Malformed {
            path: path.into(),
            what: what.to_string(),
        }
    }
}
