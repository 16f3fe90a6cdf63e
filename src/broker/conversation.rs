//! One request from its first byte to the end of the client that it came to.
//!
//! INVARIANT: the client lives no longer than the connection, and nobody but this
//! conversation waits for either.

use std::ffi::{CString, OsStr};
use std::io::{self, Read};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use super::attend::attend;
use super::frame::{Answer, Asked, HEADER, length_after};
use super::{Call, Called, Carry, Kind, Opened, Refusal, Shared, allocation};
use crate::error::code;
use crate::remote::command;
use crate::slurm::client::{Environment, block};
use crate::slurm::vet::is_carried;
use crate::sys::spawn::{self, Setting};
use crate::sys::{file, regular, socket};

/// How long a caller may take over its request.
const PATIENCE: Duration = Duration::from_secs(30);
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
    let call = Call {
        called: asked.called,
        args: asked.args,
        environment: asked.environment,
        cwd: file::path_of(handed.directory.as_fd())?,
        umask: asked.umask,
        script: asked.script,
        on_terminal: asked.on_terminal,
    };
    let vetter = &shared.broker.vetter;
    // Whatever a request makes the vetter do, it ends with this request.
    let verdict = catch_unwind(AssertUnwindSafe(|| vetter(&call))).unwrap_or_else(|_| {
        Err(Refusal {
            rule: "slurm.submit".to_owned(),
            target: call.called.name().to_owned(),
            text: "hlrp-sh: this request could not be read; that is a fault of this program"
                .to_owned(),
            status: code::SOFTWARE,
        })
    });
    let recorded = (shared.broker.witness)(&call, verdict.as_ref());
    match (verdict, recorded) {
        (Err(refusal), _) => Ok(Answer::Refused(refusal.status, refusal.text)),
        (Ok(_), Err(error)) => Ok(Answer::Refused(
            code::SOFTWARE,
            format!(
                "hlrp-sh: `{}` was not run, because it cannot be recorded: {error}",
                call.called.name()
            ),
        )),
        (Ok(carry), Ok(())) if has_gone(connection) => {
            drop(carry);
            Err(io::ErrorKind::UnexpectedEof.into())
        }
        (Ok(carry), Ok(())) => match carry.kind {
            Kind::Allocate => allocation::hold(shared, &call, &carry, handed, connection),
            Kind::Look | Kind::Submit | Kind::Step | Kind::Cancel | Kind::Reach => {
                // Both have something to put in order before they go: tasks, a terminal.
                let is_step = matches!(carry.kind, Kind::Step | Kind::Reach);
                let opened = match opened(&call, &carry) {
                    Ok(opened) => opened,
                    Err(text) => return Ok(Answer::Refused(code::NO, text)),
                };
                let mut command = command(shared, &call, &carry, &handed.directory, opened)?;
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
    call: &Call,
    carry: &Carry,
    directory: &OwnedFd,
    opened: Vec<OwnedFd>,
) -> io::Result<Command> {
    let (path, environment) = program(shared, call, carry)?;
    if carry.files.len() + opened.len() > spawn::MOST_FILES {
        return Err(io::Error::other("the request comes to too many files"));
    }
    let files = carry.files.iter().map(|bytes| spawn::memory_file(bytes));
    let mut files: Vec<OwnedFd> = files.collect::<io::Result<_>>()?;
    files.extend(opened);
    let mut command = Command::new(path);
    command
        .arg0(call.called.name())
        .args(&carry.args)
        .env_clear()
        .envs(environment.pairs())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let setting = Setting {
        directory: directory.try_clone()?,
        umask: call.umask,
        files,
    };
    spawn::set(&mut command, setting);
    Ok(command)
}

/// Returns where the real program is, and what it finds in its environment.
fn program<'a>(
    shared: &'a Shared,
    call: &Call,
    carry: &Carry,
) -> io::Result<(&'a Path, Environment)> {
    let broker = &shared.broker;
    match call.called {
        Called::Slurm(client) => {
            let path = broker.clients.path(client).map_err(io::Error::other)?;
            let may = |name: &OsStr| is_carried(client, name);
            let clean = broker.clients.environment();
            Ok((path, clean.with(&carry.environment, may)))
        }
        Called::Ssh => {
            let program = broker.ssh.as_ref();
            let program = program.ok_or_else(|| io::Error::other("there is no `ssh` here"))?;
            let clean = &program.environment;
            Ok((
                &program.path,
                clean.with(&carry.environment, command::is_carried),
            ))
        }
    }
}

/// Opens the files that a client is handed: what was judged, or nothing.
fn opened(call: &Call, carry: &Carry) -> Result<Vec<OwnedFd>, String> {
    if carry.opened.is_empty() {
        return Ok(Vec::new());
    }
    // This thread's alone, from here on: the caller's mask is for what is made now.
    let mask = crate::sys::process::own_mask().map(|()| file::set_umask(call.umask));
    let mode = 0o666;
    let open = |one: &Opened| {
        let (path, is_new) = match one {
            Opened::Append(path) => (path, false),
            Opened::New(path) => (path, true),
        };
        let name = CString::new(path.as_os_str().as_bytes()).map_err(io::Error::other);
        let open = |name: CString| match is_new {
            true => regular::make_new(&name, mode),
            false => regular::open_to_append(&name, mode),
        };
        name.and_then(open).map_err(|fault| {
            let client = call.called.name();
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
