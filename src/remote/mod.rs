//! Other machines: connections to them, our program over there, and what a session may
//! ask `ssh` for.
//!
//! INVARIANT: a host's name is only ever a [`Host`], which no shell and no option parser
//! reads as anything else; what runs over there is quoted by `far` and `bash::quote`.

pub mod command;
pub mod connection;
mod far;
pub mod git;
pub mod host;
pub mod install;
mod jump;
mod options;
pub mod plain;
pub mod sockets;
pub mod submission;

pub use connection::Connection;
pub use far::{Hello, PROTOCOL, Place, hello, words};
pub use host::Host;

use crate::error::code;

/// Why something could not be done on another machine.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no `ssh` that may be trusted.
    #[error("there is no `ssh` here that nobody else may change")]
    NoSsh,
    /// The directory of our sockets is not ours.
    #[error("`{path}` cannot hold connections: {why}")]
    Place {
        /// The directory.
        path: std::path::PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// `ssh` did not connect; it has said why itself.
    #[error("`{0}` cannot be reached")]
    Unreached(Host),
    /// The connection broke.
    #[error("the connection to `{0}` was lost")]
    Lost(Host),
    /// What came back is not what was asked for.
    #[error("`{host}` does not answer as it should: {said}")]
    Odd {
        /// Which.
        host: Host,
        /// What it said, or did not.
        said: String,
    },
    /// A binary that cannot be installed over there.
    #[error("{0}")]
    Binary(String),
    /// Something on this machine.
    #[error("{what}")]
    Here {
        /// What was being done.
        what: String,
        /// What the kernel said.
        #[source]
        source: std::io::Error,
    },
}

impl From<Error> for crate::error::Error {
    fn from(fault: Error) -> Self {
        let (hint, status) = match &fault {
            Error::NoSsh => (Some("install OpenSSH's client"), code::UNREACHABLE),
            Error::Binary(_) => (
                Some(
                    "build one with RUSTFLAGS='-C target-feature=+crt-static', and name it: --binary PATH",
                ),
                code::NO,
            ),
            Error::Unreached(_) | Error::Lost(_) | Error::Odd { .. } => (None, code::UNREACHABLE),
            Error::Place { .. } | Error::Here { .. } => (None, code::SOFTWARE),
        };
        let mut what = fault.to_string();
        if let Some(source) = std::error::Error::source(&fault) {
            what.push_str(&format!(": {source}"));
        }
        Self::Remote {
            what,
            hint,
            code: status,
        }
    }
}
