//! The command of an allocation, run here, inside the guard, as `salloc` would run it.

use std::ffi::{OsStr, OsString};
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt;
use std::process::Command;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{SigSet, Signal, kill};
use nix::unistd::Pid;

use super::signals::Signals;
use super::{Answer, End, Error, ended};
use crate::slurm::vet::allocated_command;
use crate::sys::spawn;

/// What tells the broker that the allocation can go.
const DONE: u8 = 0;

/// Runs the command with the allocation's variables, then gives the allocation back.
pub(super) fn run(
    arguments: &[OsString],
    variables: &[OsString],
    connection: &mut UnixStream,
    signals: &Signals,
) -> Result<End, Error> {
    let words = allocated_command(arguments);
    let shell = std::env::var_os("SHELL").unwrap_or_else(|| "/bin/sh".into());
    let (program, rest) = match words.split_first() {
        Some((program, rest)) => (program.clone(), rest),
        None => (shell, words.as_slice()),
    };
    let mut command = Command::new(&program);
    command.args(rest).envs(variables.iter().filter_map(pair));
    let end = attend(&mut command, signals);
    // The allocation goes whether or not the command could be run.
    let released = connection
        .write_all(&[DONE])
        .and_then(|()| Answer::read(connection));
    let end = end.map_err(|source| Error::Command {
        program: program.to_string_lossy().into_owned(),
        source,
    })?;
    match released {
        Ok(Some(Answer::Refused(status, text))) => Ok(End::Refused(status, text)),
        _ => Ok(end),
    }
}

fn pair(entry: &OsString) -> Option<(&OsStr, &OsStr)> {
    let bytes = entry.as_bytes();
    let middle = bytes.iter().position(|byte| *byte == b'=')?;
    let (name, value) = bytes.split_at_checked(middle)?;
    let value = value.get(1..)?;
    Some((OsStr::from_bytes(name), OsStr::from_bytes(value)))
}

/// Runs the command to its end. What the terminal sends it gets itself; what others send us goes on to it.
fn attend(command: &mut Command, signals: &Signals) -> io::Result<End> {
    let mut child = command.spawn()?;
    let watch = spawn::watch(child.id())?;
    let pid = i32::try_from(child.id()).map_err(io::Error::other)?;
    // Ctrl-Z stops us with the command, as one group.
    let mut stops = SigSet::empty();
    stops.add(Signal::SIGTSTP);
    stops.thread_unblock()?;
    loop {
        let mut sources = [
            PollFd::new(watch.as_fd(), PollFlags::POLLIN),
            PollFd::new(signals.as_fd(), PollFlags::POLLIN),
        ];
        let _ = poll(&mut sources, PollTimeout::NONE);
        if let Some(status) = child.try_wait()? {
            return Ok(ended(status.into_raw()));
        }
        while let Some(came) = signals.next() {
            if !came.by_terminal {
                let _ = kill(Pid::from_raw(pid), came.signal);
            }
        }
    }
}
