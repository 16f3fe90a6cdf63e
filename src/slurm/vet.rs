//! What a client of Slurm is asked for inside a session, and what may be carried out of
//! it: plain data, and the one question that stands between them.
//!
//! INVARIANT: a request is whatever a process of the session chose to say; nothing in
//! it is believed. Only what stands in a [`Carry`] reaches a real client.

mod batch;
mod cancel;
mod claim;
mod container;
mod control;
mod directive;
mod export;
mod files;
mod getopt;
mod input;
mod options;
mod reading;
mod step;
mod streams;

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use crate::error::code;

use super::client::Client;
use crate::broker::Call;

pub use crate::broker::{Carry, Kind, Opened, Refusal};
pub(crate) use input::pairs;
pub use options::{Options, Takes};
use reading::Stop;
pub use reading::{Facts, Finding, RULE, Reading};

/// What a process of the session asks for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Request {
    /// The client that was called.
    pub client: Client,
    /// Its arguments, without its name.
    pub args: Vec<OsString>,
    /// The caller's environment, `NAME=value`.
    pub environment: Vec<OsString>,
    /// The caller's working directory, as the kernel knows it.
    pub cwd: PathBuf,
    /// The caller's file mode mask.
    pub umask: u32,
    /// What [`wants`] named, read by the caller's side: the batch script.
    pub script: Option<Vec<u8>>,
}

impl Request {
    /// Takes a call of one of Slurm's clients.
    pub fn of(client: Client, call: &Call) -> Self {
        Self {
            client,
            args: call.args.clone(),
            environment: call.environment.clone(),
            cwd: call.cwd.clone(),
            umask: call.umask,
            script: call.script.clone(),
        }
    }
}

/// What the caller's side is to read before it asks, with its own descriptors.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Wants {
    /// Nothing.
    Nothing,
    /// Its standard input, to the end.
    Input,
    /// A file, relative to its working directory.
    File(PathBuf),
}

/// Returns what the caller's side is to read before it asks.
pub fn wants(client: Client, args: &[OsString]) -> Wants {
    match client {
        Client::Sbatch => batch::wants(args),
        Client::Srun | Client::Salloc => step::wants(client, args),
        _ => Wants::Nothing,
    }
}

/// Returns whether a client's environment may have a variable over the clean ones, whoever asks for it: the second
/// wall behind a [`Carry`].
pub fn is_carried(client: Client, name: &OsStr) -> bool {
    input::is_passed(client, name) || super::spool::is_ours(name)
}

/// Reads a request: what it would do, and what would be carried.
///
/// # Errors
/// Where the client itself would refuse it, or it cannot be understood.
pub fn read(request: &Request, facts: Facts<'_>) -> Result<Reading, Refusal> {
    match reading(request, facts) {
        Ok(reading) => Ok(reading),
        Err(Stop::Found(reading)) => Ok(*reading),
        Err(Stop::Refused(refusal)) => Err(refusal),
    }
}

fn reading(request: &Request, facts: Facts<'_>) -> Result<Reading, Stop> {
    match request.client {
        Client::Sbatch => batch::read(request, facts),
        Client::Srun | Client::Salloc => step::read(request, facts),
        Client::Scancel => cancel::read(request, facts),
        Client::Scontrol => control::scontrol(request, facts),
        Client::Sacctmgr => control::sacctmgr(request, facts),
        Client::Squeue
        | Client::Sacct
        | Client::Sinfo
        | Client::Sstat
        | Client::Sprio
        | Client::Sshare => Ok(Reading {
            line: request.client.name().to_owned(),
            analysis: crate::bash::Analysis::default(),
            findings: Vec::new(),
            carry: Carry {
                args: request.args.clone(),
                environment: input::passed(request.client, &request.environment),
                files: Vec::new(),
                opened: Vec::new(),
                reads_input: false,
                kind: Kind::Look,
            },
        }),
    }
}

/// Returns the command that `salloc` is to run in its allocation; none: a shell.
pub fn allocated_command(args: &[OsString]) -> Vec<OsString> {
    step::command(args)
}

/// Lets through what only looks, as it is, and nothing else.
///
/// # Errors
/// Everything that does not surely look.
pub fn looking(request: &Request) -> Result<Carry, Refusal> {
    let looks = match request.client {
        Client::Squeue | Client::Sinfo | Client::Sacct => true,
        Client::Scontrol => request
            .args
            .iter()
            .find(|word| !word.as_encoded_bytes().starts_with(b"-"))
            .is_some_and(|verb| verb == "show" || verb == "ping"),
        Client::Sstat | Client::Sprio | Client::Sshare => true,
        Client::Sbatch | Client::Srun | Client::Salloc | Client::Scancel | Client::Sacctmgr => {
            false
        }
    };
    if !looks {
        return Err(Refusal {
            rule: "slurm.submit".to_owned(),
            target: request.client.name().to_owned(),
            text: format!(
                "hlrp-sh: `{}` is not carried out of this session",
                request.client.name()
            ),
            status: code::DENIED,
        });
    }
    Ok(Carry {
        args: request.args.clone(),
        environment: Vec::new(),
        files: Vec::new(),
        opened: Vec::new(),
        reads_input: false,
        kind: Kind::Look,
    })
}
