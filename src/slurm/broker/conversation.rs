//! One request from its first byte to the end of the client that it came to.
//!
//! INVARIANT: the client lives no longer than the connection, and nobody but this
//! conversation waits for either.

use std::ffi::{CString, OsStr};
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::UnixStream;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use super::{Shared, allocation};
use crate::error::code;
use crate::slurm::client::block;
use crate::slurm::frame::{Answer, Asked, HEADER, length_after};
use crate::slurm::vet::{Carry, Kind, Opened, Refusal, Request, is_carried};
use crate::sys::spawn::{self, Setting};
use crate::sys::{file, socket};

/// How long a caller may take over its request.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long a client that has been told to end may take over it.
const FAREWELL: Duration = Duration::from_secs(8);
/// Descriptors of a request: directory, standard input, output, error.
const DESCRIPTORS: usize = 4;

/// What a caller hands over.
pub(super) struct Handed {
    pub(super) directory: OwnedFd,
    pub(super) stdin: OwnedFd,
    pub(super) stdout: OwnedFd,
    pub(super) stderr: OwnedFd,
}

/// Takes a request, has it vetted and recorded, carries it out, and tells how it ended.
pub(super) fn hold(shared: &Shared, mut connection: UnixStream) {
    let answer = match converse(shared, &mut connection) {
        Ok(answer) => answer,
        // The caller has gone: there is nobody to tell.
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return,
        Err(error) => Answer::Refused(
            code::SOFTWARE,
            format!("hlrp-sh: the broker could not do it: {error}"),
        ),
    };
    // A caller that does not read any more has gone as well.
    let _ = connection.set_write_timeout(Some(PATIENCE));
    let _ = answer.write(&mut connection);
}

fn converse(shared: &Shared, connection: &mut UnixStream) -> io::Result<Answer> {
    connection.set_read_timeout(Some(PATIENCE))?;
    let (asked, handed) = receive(connection)?;
    let request = Request {
        client: asked.client,
        args: asked.args,
        environment: asked.environment,
        cwd: file::path_of(handed.directory.as_fd())?,
        umask: asked.umask,
        script: asked.script,
    };
    let vetter = &shared.broker.vetter;
    // Whatever a request makes the vetter do, it ends with this request.
    let verdict = catch_unwind(AssertUnwindSafe(|| vetter(&request))).unwrap_or_else(|_| {
        Err(Refusal {
            rule: "slurm.submit".to_owned(),
            target: request.client.name().to_owned(),
            text: "hlrp-sh: this request could not be read; that is a fault of this program"
                .to_owned(),
            status: code::SOFTWARE,
        })
    });
    let recorded = (shared.broker.witness)(&request, verdict.as_ref());
    match (verdict, recorded) {
        (Err(refusal), _) => Ok(Answer::Refused(refusal.status, refusal.text)),
        (Ok(_), Err(error)) => Ok(Answer::Refused(
            code::SOFTWARE,
            format!(
                "hlrp-sh: `{}` was not run, because it cannot be recorded: {error}",
                request.client.name()
            ),
        )),
        (Ok(carry), Ok(())) if has_gone(connection) => {
            drop(carry);
            Err(io::ErrorKind::UnexpectedEof.into())
        }
        (Ok(carry), Ok(())) => match carry.kind {
            Kind::Allocate => allocation::hold(shared, &request, &carry, handed, connection),
            Kind::Look | Kind::Submit | Kind::Step | Kind::Cancel => {
                let is_step = carry.kind == Kind::Step;
                let opened = match opened(&request, &carry) {
                    Ok(opened) => opened,
                    Err(text) => return Ok(Answer::Refused(code::NO, text)),
                };
                let mut command = command(shared, &request, &carry, &handed.directory, opened)?;
                if carry.reads_input {
                    command.stdin(handed.stdin);
                }
                command.stdout(handed.stdout).stderr(handed.stderr);
                let child = command.spawn()?;
                // Else a pipe would stay open that the client has closed.
                drop(command);
                attend(child, connection, is_step, None).map(Answer::Ended)
            }
        },
    }
}

/// Reads one whole request and what was handed over with it.
fn receive(connection: &mut UnixStream) -> io::Result<(Asked, Handed)> {
    let mut header = [0; HEADER];
    let (count, descriptors) = socket::receive_with(connection.as_fd(), &mut header)?;
    if count == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let descriptors: [OwnedFd; DESCRIPTORS] = descriptors
        .try_into()
        .map_err(|_| io::Error::other("the request comes without its descriptors"))?;
    if let Some(rest) = header.get_mut(count..) {
        connection.read_exact(rest)?;
    }
    let length = length_after(header).map_err(io::Error::other)?;
    let mut body = Vec::new();
    // Room is made as the bytes come, not as they are announced.
    let limit = u64::try_from(length).unwrap_or(0);
    (&mut *connection).take(limit).read_to_end(&mut body)?;
    if body.len() < length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let asked = Asked::decode(&body).map_err(io::Error::other)?;
    let [directory, stdin, stdout, stderr] = descriptors;
    Ok((
        asked,
        Handed {
            directory,
            stdin,
            stdout,
            stderr,
        },
    ))
}

/// Returns the command that a request came to, without a word of its own in it.
pub(super) fn command(
    shared: &Shared,
    request: &Request,
    carry: &Carry,
    directory: &OwnedFd,
    opened: Vec<OwnedFd>,
) -> io::Result<Command> {
    let clients = &shared.broker.clients;
    let path = clients.path(request.client).map_err(io::Error::other)?;
    if carry.files.len() + opened.len() > spawn::MOST_FILES {
        return Err(io::Error::other("the request comes to too many files"));
    }
    let files = carry.files.iter().map(|bytes| spawn::memory_file(bytes));
    let mut files: Vec<OwnedFd> = files.collect::<io::Result<_>>()?;
    files.extend(opened);
    let may = |name: &OsStr| is_carried(request.client, name);
    let environment = clients.environment().with(&carry.environment, may);
    let mut command = Command::new(path);
    command
        .arg0(request.client.name())
        .args(&carry.args)
        .env_clear()
        .envs(environment.pairs())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let setting = Setting {
        directory: directory.try_clone()?,
        umask: request.umask,
        files,
    };
    spawn::set(&mut command, setting);
    Ok(command)
}

/// Opens the files that a client is handed: what was judged, or nothing.
fn opened(request: &Request, carry: &Carry) -> Result<Vec<OwnedFd>, String> {
    if carry.opened.is_empty() {
        return Ok(Vec::new());
    }
    // This thread's alone, from here on: the caller's mask is for what is made now.
    let mask = crate::sys::process::own_mask().map(|()| file::set_umask(request.umask));
    let mode = 0o666;
    let open = |one: &Opened| {
        let (path, is_new) = match one {
            Opened::Append(path) => (path, false),
            Opened::New(path) => (path, true),
        };
        let name = CString::new(path.as_os_str().as_bytes()).map_err(io::Error::other);
        let open = |name: CString| match is_new {
            true => file::make_new(&name, mode),
            false => file::open_to_append(&name, mode),
        };
        name.and_then(open).map_err(|fault| {
            let client = request.client.name();
            format!(
                "{client}: error: Could not open {}: {fault}",
                path.display()
            )
        })
    };
    let opened = carry.opened.iter().map(open).collect();
    if let Ok(mask) = mask {
        file::set_umask(mask);
    }
    opened
}

/// Output that goes through the broker's hands.
pub(super) struct Relay<'a> {
    pub(super) pipe: std::process::ChildStderr,
    pub(super) to: &'a File,
    pub(super) seen: Vec<u8>,
}

/// Bytes of relayed output that are looked at.
const MOST_SEEN: usize = 64 << 10;

impl Relay<'_> {
    /// Passes on what there is; returns whether there may be more.
    fn pass_on(&mut self) -> bool {
        use std::io::Write;
        let mut bytes = [0; 4096];
        let count = match self.pipe.read(&mut bytes) {
            Ok(count) if count > 0 => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return true,
            _ => return false,
        };
        let bytes = bytes.get(..count).unwrap_or_default();
        let room = MOST_SEEN.saturating_sub(self.seen.len());
        self.seen.extend(bytes.iter().take(room));
        let _ = { self.to }.write_all(bytes);
        true
    }
}

/// Passes the caller's signals to a client until it has ended; returns its wait status.
pub(super) fn attend(
    mut child: Child,
    connection: &mut UnixStream,
    is_step: bool,
    mut relay: Option<&mut Relay<'_>>,
) -> io::Result<i32> {
    let end = match spawn::watch(child.id()) {
        Ok(end) => end,
        Err(error) => {
            send(&child, Signal::SIGKILL);
            child.wait()?;
            return Err(error);
        }
    };
    let mut last = None;
    let mut listens = true;
    loop {
        let mut sources = vec![PollFd::new(end.as_fd(), PollFlags::POLLIN)];
        if last.is_none() {
            sources.push(PollFd::new(connection.as_fd(), PollFlags::POLLIN));
        }
        if let Some(relay) = relay.as_ref().filter(|_| listens) {
            sources.push(PollFd::new(relay.pipe.as_fd(), PollFlags::POLLIN));
        }
        let patience = match last {
            Some(_) => PollTimeout::from(100_u8),
            None => PollTimeout::NONE,
        };
        if let Err(errno) = poll(&mut sources, patience)
            && errno != nix::errno::Errno::EINTR
        {
            send(&child, Signal::SIGKILL);
        }
        let told: Vec<bool> = sources
            .iter()
            .map(|source| source.any().unwrap_or(false))
            .collect();
        let (has_ended, calls, says) = match (told.as_slice(), last) {
            ([end, calls, says], _) => (*end, *calls, *says),
            ([end, calls], None) => (*end, *calls, false),
            ([end, says], Some(_)) => (*end, false, *says),
            ([end], _) => (*end, false, false),
            _ => (false, false, false),
        };
        if says && let Some(relay) = relay.as_mut() {
            listens = relay.pass_on();
        }
        if has_ended {
            // What it said last is still in the pipe.
            while let Some(relay) = relay.as_mut().filter(|_| listens) {
                listens = relay.pass_on();
            }
            return child.wait().map(ExitStatusExt::into_raw);
        }
        if calls && !forward(&child, connection) {
            last = Some(Instant::now());
            if is_step {
                // It takes its tasks with it, or they would go on with nobody to wait for them.
                send(&child, Signal::SIGTERM);
                send(&child, Signal::SIGCONT);
            } else {
                send(&child, Signal::SIGKILL);
            }
        }
        if last.is_some_and(|last| last.elapsed() > FAREWELL) {
            send(&child, Signal::SIGKILL);
        }
    }
}

/// Passes on the signals that have come; returns whether the caller is still there.
fn forward(child: &Child, connection: &mut UnixStream) -> bool {
    let mut bytes = [0; 64];
    match connection.read(&mut bytes) {
        Ok(0) => false,
        Ok(count) => {
            for byte in bytes.iter().take(count) {
                if let Some(signal) = passed(*byte) {
                    send(child, signal);
                }
            }
            true
        }
        Err(error) => matches!(
            error.kind(),
            io::ErrorKind::Interrupted | io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut
        ),
    }
}

/// Returns the signal that a client gets for one of its caller's.
fn passed(number: u8) -> Option<Signal> {
    match Signal::try_from(i32::from(number)).ok()? {
        // A group without a terminal takes no notice of SIGTSTP.
        Signal::SIGTSTP => Some(Signal::SIGSTOP),
        signal @ (Signal::SIGHUP
        | Signal::SIGINT
        | Signal::SIGQUIT
        | Signal::SIGUSR1
        | Signal::SIGUSR2
        | Signal::SIGALRM
        | Signal::SIGTERM
        | Signal::SIGCONT
        | Signal::SIGWINCH) => Some(signal),
        _ => None,
    }
}

/// Signals a client and what it started. It is our own child and not waited for yet, so the number is its.
fn send(child: &Child, signal: Signal) {
    if let Ok(group) = i32::try_from(child.id()) {
        let _ = killpg(Pid::from_raw(group), signal);
    }
}

/// Returns whether the caller has hung up already.
fn has_gone(connection: &UnixStream) -> bool {
    let mut source = [PollFd::new(connection.as_fd(), PollFlags::POLLHUP)];
    poll(&mut source, PollTimeout::ZERO).is_ok_and(|count| count > 0)
}

/// Returns variables as they stand in an environment.
pub(super) fn entries(pairs: &[(&str, &str)]) -> Vec<std::ffi::OsString> {
    let pairs = pairs.iter();
    block(pairs.map(|(name, value)| ((*name).into(), (*value).into())))
}
