//! The program's side of the fork: it enters the guard and becomes the program.

use std::ffi::{CString, OsString};
use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::ffi::OsStringExt;
use std::path::Path;

use nix::sys::signal::{SigSet, SigmaskHow, sigprocmask};

use super::born::Births;
use crate::sys::landlock::Domain;
use crate::sys::seccomp::{self, Waiting};
use crate::sys::{file, process, socket};

/// What comes with the listener: whether callers can only be killed while they wait, or interrupted.
pub(super) const KILLABLE: u8 = b'k';
pub(super) const INTERRUPTIBLE: u8 = b'i';

/// What exec needs, made ready before the fork.
pub(super) struct Image {
    program: CString,
    arguments: Vec<CString>,
    environment: Vec<CString>,
}

impl Image {
    pub(super) fn new(
        program: &Path,
        arguments: Vec<OsString>,
        environment: Vec<OsString>,
    ) -> io::Result<Self> {
        let all = |words: Vec<OsString>| -> io::Result<Vec<CString>> {
            words
                .into_iter()
                .map(|word| {
                    CString::new(word.into_vec())
                        .map_err(|_| io::Error::from_raw_os_error(libc::EINVAL))
                })
                .collect()
        };
        Ok(Self {
            program: file::c_path(program)?,
            arguments: all(arguments)?,
            environment: all(environment)?,
        })
    }

    /// Enters the guard and becomes the program.
    pub(super) fn become_it(
        &self,
        filter: &[seccomp::Instruction],
        scopes: Option<&Domain>,
        waiting: Waiting,
        socket: &OwnedFd,
        mask: &SigSet,
        settle: Option<&Births>,
    ) -> ! {
        let stop = |error: io::Error| -> ! {
            socket::send_error(socket.as_fd(), error.raw_os_error().unwrap_or(libc::EIO));
            process::exit_now(127)
        };
        // Rust's runtime ignores it; a program expects to end when its reader does.
        process::set_signal(nix::sys::signal::Signal::SIGPIPE, false);
        // A core dump is written by the kernel, over whatever is called `core`, past every filter.
        process::forbid_core_dumps();
        if let Some(Err(error)) = scopes.map(Domain::enter) {
            stop(error);
        }
        let (installed, note) = match seccomp::install(filter, waiting) {
            // NOTE(kernel 5.19): before it, callers can be interrupted; the memo answers for that.
            Err(error) if error.raw_os_error() == Some(libc::EINVAL) => (
                seccomp::install(filter, Waiting::Interruptible),
                INTERRUPTIBLE,
            ),
            answer if waiting == Waiting::Killable => (answer, KILLABLE),
            answer => (answer, INTERRUPTIBLE),
        };
        let listener = installed
            .map(seccomp::own)
            .unwrap_or_else(|error| stop(error));
        if let Err(error) = socket::send_descriptor(socket.as_fd(), listener.as_raw_fd(), note) {
            stop(error);
        }
        drop(listener);
        if let Some(births) = settle {
            // The supervisor watches for planted names before the first can be made.
            socket::await_go(socket.as_fd());
            births.settle();
        }
        let _ = sigprocmask(SigmaskHow::SIG_SETMASK, Some(mask), None);
        let error = nix::unistd::execve(&self.program, &self.arguments, &self.environment);
        stop(
            error
                .err()
                .map_or_else(|| io::Error::from_raw_os_error(libc::EIO), io::Error::from),
        )
    }
}
