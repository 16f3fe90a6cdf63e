//! The name of a program inside a session: hands the call over to the broker, passes its
//! own signals on, and ends as the real client ended.
//!
//! INVARIANT: it has no power of its own: it is a process of the session like any other.

mod command;
mod signals;

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, IsTerminal, Read, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::FileTypeExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use nix::fcntl::OFlag;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use super::frame::{Answer, Asked, Malformed, header};
use super::{Called, SOCKET};
use crate::error::code;
use crate::slurm::client::{Client, block};
use crate::slurm::vet::{Wants, wants};
use crate::sys::{file, socket, spawn};
use signals::Signals;

/// Bytes of a batch script; Slurm's own limit is 4 MiB.
const MOST_SCRIPT: u64 = 4 << 20;

/// How the call ended.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum End {
    /// The client's exit status.
    Status(u8),
    /// The signal that ended the client.
    Signal(i32),
    /// It was not carried out: the exit status, and what the caller is told.
    Refused(u8, String),
}

/// Why a call cannot be handed over.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no broker here.
    #[error("`{name}` is the one of a session of hlrp-sh, and this is none")]
    NoSession {
        /// The name it was called by.
        name: &'static str,
    },
    /// The broker does not let us in, or has gone.
    #[error("the broker of this session does not answer, so `{name}` reaches nobody")]
    NoBroker {
        /// The name it was called by.
        name: &'static str,
        /// What the socket said.
        #[source]
        source: io::Error,
    },
    /// The batch script cannot be read.
    #[error("the batch script `{path}` cannot be read")]
    Script {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// It is too large.
    #[error("the batch script has more than 4 MiB, which Slurm does not take")]
    LargeScript,
    /// The request is too large.
    #[error(transparent)]
    Large(#[from] Malformed),
    /// The command of an allocation cannot be run.
    #[error("`{program}`")]
    Command {
        /// Which.
        program: String,
        /// Why.
        #[source]
        source: io::Error,
    },
}

impl Error {
    /// Returns the exit status for it.
    fn code(&self) -> u8 {
        match self {
            Self::NoSession { .. } | Self::NoBroker { .. } => code::UNREACHABLE,
            // As the clients themselves have it.
            Self::Script { .. } | Self::LargeScript | Self::Large(_) => code::NO,
            Self::Command { .. } => code::NOT_EXECUTABLE,
        }
    }
}

impl From<Error> for crate::error::Error {
    fn from(fault: Error) -> Self {
        let source = std::error::Error::source(&fault).map(|source| format!(": {source}"));
        Self::Slurm {
            what: format!("{fault}{}", source.unwrap_or_default()),
            hint: match &fault {
                Error::NoBroker { .. } => Some("start a new session: this one has lost its broker"),
                _ => None,
            },
            code: fault.code(),
        }
    }
}

/// Hands a call over to the broker and waits for its end. `arguments` are those after the name.
///
/// # Errors
/// Where it cannot be handed over; nothing has been done then.
pub fn run(called: Called, arguments: &[OsString]) -> Result<End, Error> {
    let name = called.name();
    let broken = |source| Error::NoBroker { name, source };
    // Whoever stops us from now on stops the client.
    let takes_all = matches!(called, Called::Slurm(Client::Srun | Client::Salloc));
    let signals = Signals::take(takes_all).map_err(broken)?;
    let script = match called {
        Called::Slurm(client) => script(client, arguments)?,
        Called::Ssh => None,
    };
    let mut connection = connect(name)?;
    let asked = Asked {
        called,
        args: arguments.to_vec(),
        environment: block(std::env::vars_os()),
        umask: own_umask(),
        on_terminal: io::stdin().is_terminal(),
        script,
    };
    send(&mut connection, &asked.encode())
        .map_err(|error| error.map_or_else(Error::Large, broken))?;
    loop {
        let [answers, signalled] = wait(&connection, &signals).map_err(broken)?;
        if signalled {
            signals.pass_on(&mut connection);
        }
        if !answers {
            continue;
        }
        match Answer::read(&mut connection).map_err(broken)? {
            Some(Answer::Ended(status)) => return Ok(ended(status)),
            Some(Answer::Refused(status, text)) => return Ok(End::Refused(status, text)),
            Some(Answer::Granted(variables)) => {
                return command::run(arguments, &variables, &mut connection, &signals);
            }
            None => return Err(broken(io::ErrorKind::ConnectionReset.into())),
        }
    }
}

/// Finds the broker's socket and connects to it: beside the link that we were called by, else on `PATH`.
fn connect(name: &'static str) -> Result<UnixStream, Error> {
    let executed = spawn::executed_as().and_then(|path| path.parent().map(Path::to_owned));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let scratch = std::env::var_os("TMPDIR").map(|scratch| Path::new(&scratch).join("bin"));
    let door = executed
        .into_iter()
        .chain(std::env::split_paths(&path))
        .chain(scratch)
        .find(|directory| {
            let status = directory.join(SOCKET).symlink_metadata();
            status.is_ok_and(|status| status.file_type().is_socket())
        })
        .ok_or(Error::NoSession { name })?;
    let broken = |source| Error::NoBroker { name, source };
    match UnixStream::connect(door.join(SOCKET)) {
        Err(error) if error.kind() == io::ErrorKind::InvalidInput => {
            // Too long for an address: from beside it the name is short enough.
            let back = here().map_err(broken)?;
            std::env::set_current_dir(&door).map_err(broken)?;
            let connection = UnixStream::connect(SOCKET);
            nix::unistd::fchdir(&back).map_err(|errno| broken(errno.into()))?;
            connection.map_err(broken)
        }
        answer => answer.map_err(broken),
    }
}

/// Sends the request, and with it the working directory and the standard descriptors.
fn send(connection: &mut UnixStream, body: &[u8]) -> Result<(), Result<io::Error, Malformed>> {
    let header = header(body.len()).map_err(Err)?;
    let directory = here().map_err(Ok)?;
    let (stdin, stdout, stderr) = (io::stdin(), io::stdout(), io::stderr());
    let nothing = if may_read(stdin.as_fd()) {
        None
    } else {
        Some(File::open("/dev/null").map_err(Ok)?)
    };
    let input = nothing.as_ref().map_or(stdin.as_fd(), AsFd::as_fd);
    let descriptors = [directory.as_fd(), input, stdout.as_fd(), stderr.as_fd()];
    let sent = socket::send_with(connection.as_fd(), &header, &descriptors).map_err(Ok)?;
    let rest = header.get(sent..).unwrap_or_default();
    connection.write_all(rest).map_err(Ok)?;
    connection.write_all(body).map_err(Ok)
}

/// Returns whether the client may read our standard input: a terminal is somebody else's while we are in the background.
fn may_read(stdin: BorrowedFd<'_>) -> bool {
    if !stdin.is_terminal() {
        return true;
    }
    match nix::unistd::tcgetpgrp(stdin) {
        Ok(group) => group == nix::unistd::getpgrp(),
        // Not our terminal: the kernel would let us read it.
        Err(_) => true,
    }
}

fn here() -> io::Result<OwnedFd> {
    file::open_path(Path::new("."), OFlag::O_PATH | OFlag::O_DIRECTORY)
}

fn own_umask() -> u32 {
    let mask = file::set_umask(0o077);
    file::set_umask(mask);
    mask
}

/// Reads the batch script that the call names, as the client itself would: with the caller's own rights and descriptors.
fn script(client: Client, arguments: &[OsString]) -> Result<Option<Vec<u8>>, Error> {
    let (path, read) = match wants(client, arguments) {
        Wants::Nothing => return Ok(None),
        Wants::Input => (PathBuf::from("-"), limited(io::stdin())),
        Wants::File(path) => {
            let read = File::open(&path).and_then(limited);
            (path, read)
        }
    };
    let bytes = read.map_err(|source| Error::Script { path, source })?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > MOST_SCRIPT {
        return Err(Error::LargeScript);
    }
    Ok(Some(bytes))
}

fn limited(from: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(MOST_SCRIPT + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Waits for an answer or a signal.
fn wait(connection: &UnixStream, signals: &Signals) -> io::Result<[bool; 2]> {
    let mut sources = [
        PollFd::new(connection.as_fd(), PollFlags::POLLIN),
        PollFd::new(signals.as_fd(), PollFlags::POLLIN),
    ];
    match poll(&mut sources, PollTimeout::NONE) {
        Ok(_) => Ok(sources.map(|source| source.any().unwrap_or(false))),
        Err(nix::errno::Errno::EINTR) => Ok([false; 2]),
        Err(errno) => Err(errno.into()),
    }
}

/// Reads a wait status.
fn ended(status: i32) -> End {
    if libc::WIFSIGNALED(status) {
        End::Signal(libc::WTERMSIG(status))
    } else {
        End::Status(u8::try_from(libc::WEXITSTATUS(status)).unwrap_or(1))
    }
}
