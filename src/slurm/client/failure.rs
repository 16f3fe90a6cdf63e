//! Why a client did not do what it was asked, by what it said.

use std::io;

use super::{Client, Output};
use crate::error::code;

/// Why a client did not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// It is not there.
    #[error("`{}` is not on PATH", client.name())]
    Missing {
        /// Which.
        client: Client,
    },
    /// It cannot be run.
    #[error("`{}` cannot be run", client.name())]
    Broken {
        /// Which.
        client: Client,
        /// What the kernel said.
        #[source]
        source: io::Error,
    },
    /// It did not end in time.
    #[error("`{}` has not answered for {seconds} seconds", client.name())]
    Slow {
        /// Which.
        client: Client,
        /// How long it was waited for.
        seconds: u64,
    },
    /// The controller, or the accounting daemon, cannot be reached.
    #[error("Slurm does not answer: {said}")]
    Unreachable {
        /// What the client said.
        said: String,
    },
    /// The client cannot prove who its caller is: munge is down, or out of reach.
    #[error("Slurm cannot tell who asks: {said}")]
    Unauthenticated {
        /// What the client said.
        said: String,
    },
    /// Slurm has no such thing, or does not let this user have it.
    #[error("Slurm refuses the {what}: {said}")]
    Refused {
        /// The partition, QOS, account, time limit, …
        what: &'static str,
        /// What the client said.
        said: String,
    },
    /// There is no such job (any more).
    #[error("Slurm knows no such job: {said}")]
    NoSuchJob {
        /// What the client said.
        said: String,
    },
    /// Anything else.
    #[error("`{}` ended with {status}: {said}", client.name())]
    Other {
        /// Which.
        client: Client,
        /// Its exit status.
        status: u8,
        /// What it said.
        said: String,
    },
}

/// What clients say, the surest first: a piece of it, and what it means.
const SAYINGS: &[(&str, Means)] = &[
    ("munged", Means::Unauthenticated),
    ("munge", Means::Unauthenticated),
    ("authentication", Means::Unauthenticated),
    ("invalid partition", Means::Refused("partition")),
    (
        "node configuration is not available",
        Means::Refused("resources"),
    ),
    ("invalid qos", Means::Refused("QOS")),
    (
        "invalid account",
        Means::Refused("account or its partition"),
    ),
    (
        "account/partition",
        Means::Refused("account or its partition"),
    ),
    ("time limit", Means::Refused("time limit")),
    ("invalid feature", Means::Refused("constraint")),
    ("invalid reservation", Means::Refused("reservation")),
    ("invalid generic resource", Means::Refused("GPUs")),
    ("invalid node name", Means::Refused("nodes")),
    (
        "node count specification",
        Means::Refused("number of nodes"),
    ),
    ("invalid array specification", Means::Refused("array")),
    ("invalid license", Means::Refused("licences")),
    (
        "violates accounting",
        Means::Refused("request: it is above a limit of the account or QOS"),
    ),
    ("more processors requested", Means::Refused("CPUs")),
    ("memory specification", Means::Refused("memory")),
    ("invalid job id", Means::NoSuchJob),
    ("job/step already completing", Means::NoSuchJob),
    ("unable to contact", Means::Unreachable),
    ("establish a configuration source", Means::Unreachable),
    ("contacting the slurm controller", Means::Unreachable),
    ("contact slurm controller", Means::Unreachable),
    ("connection refused", Means::Unreachable),
    ("connection to slurmdbd", Means::Unreachable),
    ("slurmdbd", Means::Unreachable),
    ("socket timed out", Means::Unreachable),
    ("unable to process configuration file", Means::Unreachable),
    ("connection timed out", Means::Unreachable),
];

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Means {
    Unauthenticated,
    Unreachable,
    NoSuchJob,
    Refused(&'static str),
}

impl Error {
    /// Returns what a client meant that ended with a status other than 0.
    pub(super) fn of(client: Client, output: Output) -> Self {
        let lower = output.stderr.to_ascii_lowercase();
        let meant = SAYINGS
            .iter()
            .find(|(piece, _)| lower.contains(piece))
            .map(|(_, means)| *means);
        let said = last_line(&output.stderr);
        match meant {
            Some(Means::Unauthenticated) => Self::Unauthenticated { said },
            Some(Means::Unreachable) => Self::Unreachable { said },
            Some(Means::NoSuchJob) => Self::NoSuchJob { said },
            Some(Means::Refused(what)) => Self::Refused { what, said },
            None => Self::Other {
                client,
                status: output.status,
                said,
            },
        }
    }

    /// Returns what a client said, or why it did not do what it was asked.
    ///
    /// # Errors
    /// Where its exit status is not 0.
    pub fn unless_done(client: Client, output: Output) -> Result<Output, Self> {
        if output.status == 0 {
            Ok(output)
        } else {
            Err(Self::of(client, output))
        }
    }

    /// Returns the exit status for it.
    pub fn code(&self) -> u8 {
        match self {
            Self::Missing { .. }
            | Self::Slow { .. }
            | Self::Unreachable { .. }
            | Self::Unauthenticated { .. } => code::UNREACHABLE,
            Self::Broken { .. } => code::NOT_EXECUTABLE,
            Self::Refused { .. } => code::CONFIG,
            Self::NoSuchJob { .. } | Self::Other { .. } => code::NO,
        }
    }

    /// Returns what could be done about it.
    pub fn hint(&self) -> Option<&'static str> {
        Some(match self {
            Self::Missing { .. } => {
                "this is done on a cluster's login node; `hlrp-sh context` says where this is"
            }
            Self::Slow { .. } | Self::Unreachable { .. } => {
                "nothing was changed that is not shown above; `scontrol ping` says when it is back"
            }
            Self::Unauthenticated { .. } => {
                "munge is not running on this machine, or the clocks differ; inside a session only \
                 the clients on its PATH can prove who you are"
            }
            Self::Refused { .. } => {
                "`sinfo -s` lists partitions, `sacctmgr show assoc user=$USER format=account,qos` \
                 what you may use"
            }
            Self::NoSuchJob { .. } => "`hlrp-sh jobs` lists yours, also those that ended",
            Self::Broken { .. } | Self::Other { .. } => return None,
        })
    }
}

impl From<Error> for crate::error::Error {
    fn from(fault: Error) -> Self {
        let source = std::error::Error::source(&fault).map(|source| format!(": {source}"));
        Self::Slurm {
            what: format!("{fault}{}", source.unwrap_or_default()),
            hint: fault.hint(),
            code: fault.code(),
        }
    }
}

/// Returns the last line that says something, without the program's name before it.
fn last_line(text: &str) -> String {
    let lines = text.lines().map(str::trim);
    let last = lines.rev().find(|line| !line.is_empty());
    let last = last.unwrap_or("it says nothing");
    let (_, tail) = last.split_once("error: ").unwrap_or(("", last));
    tail.chars()
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .take(400)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(stderr: &str) -> Error {
        let output = Output {
            stdout: String::new(),
            stderr: stderr.to_owned(),
            status: 1,
        };
        Error::of(Client::Sbatch, output)
    }

    #[test]
    fn what_clients_of_22_05_say_is_understood() {
        let partition = error(
            "sbatch: error: invalid partition specified: nope\nsbatch: error: Batch job submission failed: Invalid partition name specified\n",
        );
        assert!(matches!(
            partition,
            Error::Refused {
                what: "partition",
                ..
            }
        ));
        assert_eq!(partition.code(), 78);
        let munge = error(
            "sbatch: error: If munged is up, restart with --num-threads=10\nsbatch: error: Munge encode failed: Failed to access \"/run/munge/munge.socket.2\": No such file or directory\nsbatch: error: slurm_send_node_msg: auth_g_create: REQUEST_SUBMIT_BATCH_JOB has authentication error\nsbatch: error: Batch job submission failed: Protocol authentication error\n",
        );
        assert!(matches!(munge, Error::Unauthenticated { .. }));
        let down = error(
            "sbatch: error: Batch job submission failed: Unable to contact slurm controller (connect failure)\n",
        );
        assert!(matches!(down, Error::Unreachable { .. }));
        assert_eq!(down.code(), 69);
        let job = error("slurm_load_jobs error: Invalid job id specified\n");
        assert!(matches!(job, Error::NoSuchJob { .. }));
        let limit = error(
            "sbatch: error: Batch job submission failed: Requested time limit is invalid (missing or exceeds some limit)",
        );
        assert!(matches!(
            limit,
            Error::Refused {
                what: "time limit",
                ..
            }
        ));
    }

    #[test]
    fn anything_else_is_told_as_it_is() {
        let other = error(
            "sbatch: unrecognized option '--nope'\nTry \"sbatch --help\" for more information\n",
        );
        assert!(matches!(other, Error::Other { status: 1, .. }));
    }
}
