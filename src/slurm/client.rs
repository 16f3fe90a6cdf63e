//! Slurm's own clients: where they are, and how they are run so that nothing which the
//! caller's environment says can make them something else.
//!
//! INVARIANT: outside a session a client is run by its absolute path, found once, with
//! a clean environment; inside one it is the shim on `PATH`, and the broker runs it.

mod clean;
mod failure;
mod find;

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::sys::process;

pub use clean::{Environment, is_fit};
pub use failure::Error;
pub(crate) use find::program;

/// How long a client that is asked something may take.
const PATIENCE: Duration = Duration::from_secs(90);
/// Bytes of output taken of one client.
const MOST_OUTPUT: u64 = 256 << 20;

/// A client of Slurm.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Client {
    /// Queues a job.
    Sbatch,
    /// Runs tasks.
    Srun,
    /// Takes an allocation.
    Salloc,
    /// Cancels and signals jobs.
    Scancel,
    /// Shows the queue.
    Squeue,
    /// Shows accounting.
    Sacct,
    /// Shows partitions and nodes.
    Sinfo,
    /// Shows and changes everything.
    Scontrol,
    /// Shows running steps.
    Sstat,
    /// Shows priorities.
    Sprio,
    /// Shows shares.
    Sshare,
    /// Shows and changes accounts.
    Sacctmgr,
}

impl Client {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::Sbatch,
        Self::Srun,
        Self::Salloc,
        Self::Scancel,
        Self::Squeue,
        Self::Sacct,
        Self::Sinfo,
        Self::Scontrol,
        Self::Sstat,
        Self::Sprio,
        Self::Sshare,
        Self::Sacctmgr,
    ];

    /// Returns the program's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sbatch => "sbatch",
            Self::Srun => "srun",
            Self::Salloc => "salloc",
            Self::Scancel => "scancel",
            Self::Squeue => "squeue",
            Self::Sacct => "sacct",
            Self::Sinfo => "sinfo",
            Self::Scontrol => "scontrol",
            Self::Sstat => "sstat",
            Self::Sprio => "sprio",
            Self::Sshare => "sshare",
            Self::Sacctmgr => "sacctmgr",
        }
    }

    /// Returns the client with a name.
    pub fn named(name: &OsStr) -> Option<Self> {
        Self::ALL.into_iter().find(|client| name == client.name())
    }
}

/// What a client said.
#[derive(Clone, Debug)]
pub struct Output {
    /// Its standard output.
    pub stdout: String,
    /// Its standard error.
    pub stderr: String,
    /// Its exit status; 128 and the signal's number where one ended it.
    pub status: u8,
}

/// The clients of this machine.
#[derive(Clone, Debug, Default)]
pub struct Clients {
    found: BTreeMap<Client, PathBuf>,
    environment: Environment,
    inside: bool,
}

impl Clients {
    /// Finds the clients. `writable` are the directories that a session may write: no client is taken from there.
    ///
    /// # Errors
    /// Where there is none at all.
    pub fn find(writable: &[&Path]) -> Result<Self, Error> {
        let inside = process::is_guarded();
        let found = if inside {
            find::on_path()
        } else {
            find::all(writable)
        };
        if found.is_empty() {
            return Err(Error::Missing {
                client: Client::Sbatch,
            });
        }
        Ok(Self {
            found,
            environment: Environment::of_caller(),
            inside,
        })
    }

    /// Takes clients that are known to be where they are said to be.
    pub fn at(found: BTreeMap<Client, PathBuf>, environment: Environment) -> Self {
        Self {
            found,
            environment,
            inside: false,
        }
    }

    /// Returns where a client is.
    ///
    /// # Errors
    /// Where it is not there.
    pub fn path(&self, client: Client) -> Result<&Path, Error> {
        let path = self.found.get(&client).map(PathBuf::as_path);
        path.ok_or(Error::Missing { client })
    }

    /// Returns the clients that are there.
    pub fn names(&self) -> impl Iterator<Item = Client> {
        self.found.keys().copied()
    }

    /// Returns the clean environment that clients run in.
    pub fn environment(&self) -> &Environment {
        &self.environment
    }

    /// Runs a client and takes what it says.
    ///
    /// # Errors
    /// Where it is not there, does not end in time, or says that it did not do what it was asked.
    pub fn capture<I, S>(
        &self,
        client: Client,
        args: I,
        stdin: Option<&[u8]>,
    ) -> Result<Output, Error>
    where
        I: IntoIterator<Item = S>,
        S: AsRef<OsStr>,
    {
        let output = self.ask(client, args, stdin)?;
        if output.status == 0 {
            Ok(output)
        } else {
            Err(Error::of(client, output))
        }
    }

    /// Runs a client and takes what it says, whatever its exit status.
    ///
    /// # Errors
    /// Where it is not there, cannot be run, or does not end in time.
    pub fn ask<I, S>(&self, client: Client, args: I, stdin: Option<&[u8]>) -> Result<Output, Error>
    where
        I: IntoIterator<Item = S>,
        S: AsRef<OsStr>,
    {
        let mut command = Command::new(self.path(client)?);
        command.args(args);
        if self.inside {
            // The shim itself carries the caller's environment where it belongs.
            for (name, _) in std::env::vars_os().filter(|(name, _)| clean::shapes_output(name)) {
                command.env_remove(name);
            }
        } else {
            command.env_clear().envs(self.environment.legible());
        }
        command
            .stdin(if stdin.is_some() {
                Stdio::piped()
            } else {
                Stdio::null()
            })
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let broken = |source| Error::Broken { client, source };
        let child = command.spawn().map_err(broken)?;
        converse(child, stdin.map(<[u8]>::to_vec), PATIENCE)
            .map_err(broken)?
            .ok_or(Error::Slow {
                client,
                seconds: PATIENCE.as_secs(),
            })
    }
}

/// Feeds a child, takes its output and waits; `None` where it took too long, and was ended.
fn converse(
    mut child: Child,
    stdin: Option<Vec<u8>>,
    patience: Duration,
) -> io::Result<Option<Output>> {
    let feeder = child.stdin.take().zip(stdin).map(|(mut pipe, bytes)| {
        // A client that does not read to the end says itself why.
        std::thread::spawn(move || drop(pipe.write_all(&bytes)))
    });
    let stdout = reader(child.stdout.take());
    let stderr = reader(child.stderr.take());
    let deadline = Instant::now() + patience;
    let mut pause = Duration::from_micros(500);
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if Instant::now() >= deadline {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        std::thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(10));
    };
    if let Some(feeder) = feeder {
        let _ = feeder.join();
    }
    Ok(Some(Output {
        stdout: taken(stdout),
        stderr: taken(stderr),
        status: exit_status(status),
    }))
}

type Reader = std::thread::JoinHandle<Vec<u8>>;

fn reader(pipe: Option<impl Read + Send + 'static>) -> Option<Reader> {
    let pipe = pipe?;
    Some(std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = pipe.take(MOST_OUTPUT).read_to_end(&mut bytes);
        bytes
    }))
}

fn taken(reader: Option<Reader>) -> String {
    let bytes = reader.and_then(|reader| reader.join().ok());
    String::from_utf8_lossy(&bytes.unwrap_or_default()).into_owned()
}

fn exit_status(status: std::process::ExitStatus) -> u8 {
    use std::os::unix::process::ExitStatusExt;
    let signal = || status.signal().map(|signal| 128 + signal);
    let number = status.code().or_else(signal).unwrap_or(1);
    u8::try_from(number).unwrap_or(1)
}

/// Returns the clients of a session, or of the caller, as an environment block for exec.
pub fn block(pairs: impl IntoIterator<Item = (OsString, OsString)>) -> Vec<OsString> {
    let entry = |(mut name, value): (OsString, OsString)| {
        name.push("=");
        name.push(value);
        name
    };
    pairs.into_iter().map(entry).collect()
}
