//! What a session asks of the broker, and what may be carried out of it: plain data.
//!
//! INVARIANT: a call is whatever a process of the session chose to say; nothing in it is
//! believed. Only what stands in a [`Carry`] reaches a real program.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::PathBuf;

use crate::slurm::client::Client;

/// A program that the broker runs for a session.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Called {
    /// A client of Slurm.
    Slurm(Client),
    /// `ssh`, and through it whatever goes to another machine.
    Ssh,
}

impl Called {
    /// Returns the program's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Slurm(client) => client.name(),
            Self::Ssh => "ssh",
        }
    }

    /// Returns the one with a name.
    pub fn named(name: &OsStr) -> Option<Self> {
        if name == "ssh" {
            return Some(Self::Ssh);
        }
        Client::named(name).map(Self::Slurm)
    }
}

/// What a process of the session asks for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Call {
    /// The program that was called.
    pub called: Called,
    /// Its arguments, without its name.
    pub args: Vec<OsString>,
    /// The caller's environment, `NAME=value`.
    pub environment: Vec<OsString>,
    /// The caller's working directory, as the kernel knows it.
    pub cwd: PathBuf,
    /// The caller's file mode mask.
    pub umask: u32,
    /// The batch script, read by the caller's side.
    pub script: Option<Vec<u8>>,
    /// Whether its standard input is a terminal.
    pub on_terminal: bool,
}

/// What may be carried out.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Carry {
    /// The arguments of the real client.
    pub args: Vec<OsString>,
    /// Variables for the client over the clean environment; names that could change the client itself are dropped.
    pub environment: Vec<(OsString, OsString)>,
    /// Contents that the client finds at descriptors 3, 4, …: `/proc/self/fd/3` for a script, `--export-file=4`.
    pub files: Vec<Vec<u8>>,
    /// Files that the client finds behind those. The broker opens them, so that they are what was judged.
    pub opened: Vec<Opened>,
    /// Whether the client reads the caller's standard input; else it has none.
    pub reads_input: bool,
    /// What it comes to.
    pub kind: Kind,
}

/// A file that a client is handed open. Links are followed already: where one stands in its way by now, it is not opened.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Opened {
    /// Is added to, and made where it is not there; regular files only.
    Append(PathBuf),
    /// Is made, and was not there.
    New(PathBuf),
}

/// What a request comes to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Kind {
    /// It looks.
    Look,
    /// It queues a job (`sbatch`).
    Submit,
    /// It runs tasks (`srun`).
    Step,
    /// It cancels or alters jobs.
    Cancel,
    /// It takes an allocation: `salloc --no-shell`, never `--quiet`. The caller's side runs the command in it.
    Allocate,
    /// It goes to another machine.
    Reach,
}

/// Why a request is not carried out.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Refusal {
    /// The rule, for the record.
    pub rule: String,
    /// What it was about, in one line, for the record.
    pub target: String,
    /// What the caller is told on standard error.
    pub text: String,
    /// The exit status: [`DENIED`](crate::error::code::DENIED), [`USAGE`](crate::error::code::USAGE), …
    pub status: u8,
}

/// Answers calls: the law's word, handed to the broker by those above it.
pub type Vetter = Box<dyn Fn(&Call) -> Result<Carry, Refusal> + Send + Sync>;

/// Records an answer before anything is done about it; what cannot be recorded is not carried out.
pub type Witness = Box<dyn Fn(&Call, Result<&Carry, &Refusal>) -> io::Result<()> + Send + Sync>;
