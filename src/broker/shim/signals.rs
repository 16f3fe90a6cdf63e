//! The signals of a shim: each goes on to the client; the one that stops stops both.
//!
//! INVARIANT: a signal that the caller had us ignore, or block, stays so where the real
//! client leaves it so; `srun` and `salloc` take every one.

use std::io::{self, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;

use nix::sys::signal::{SigSet, Signal, raise};
use nix::sys::signalfd::{SfdFlags, SignalFd};

use crate::sys::process;

/// The signals that are passed on.
const PASSED: [Signal; 10] = [
    Signal::SIGHUP,
    Signal::SIGINT,
    Signal::SIGQUIT,
    Signal::SIGUSR1,
    Signal::SIGUSR2,
    Signal::SIGALRM,
    Signal::SIGTERM,
    Signal::SIGCONT,
    Signal::SIGTSTP,
    Signal::SIGWINCH,
];

/// Signals as they come.
pub(super) struct Signals(SignalFd);

/// A signal, and whether the terminal sent it to the whole group.
pub(super) struct Came {
    pub(super) signal: Signal,
    pub(super) by_terminal: bool,
}

impl Signals {
    /// Takes the signals that this process neither ignores nor blocks, or all.
    ///
    /// # Errors
    /// What `signalfd(2)` says.
    pub(super) fn take(all: bool) -> io::Result<Self> {
        let deaf = if all { 0 } else { process::deaf_to() };
        let mut set = SigSet::empty();
        for signal in PASSED {
            let bit = 1_u64 << (signal as u32 - 1);
            if deaf & bit == 0 {
                set.add(signal);
            }
        }
        set.thread_block()?;
        let flags = SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK;
        Ok(Self(SignalFd::with_flags(&set, flags)?))
    }

    /// Returns the next one, if any has come.
    pub(super) fn next(&self) -> Option<Came> {
        let info = self.0.read_signal().ok()??;
        let number = i32::try_from(info.ssi_signo).ok()?;
        Some(Came {
            signal: Signal::try_from(number).ok()?,
            by_terminal: info.ssi_code == libc::SI_KERNEL,
        })
    }

    /// Passes on all that have come.
    pub(super) fn pass_on(&self, connection: &mut UnixStream) {
        while let Some(came) = self.next() {
            tell(connection, came.signal);
            if came.signal == Signal::SIGTSTP {
                stop();
                // Also where nothing stops us (a group without a shell): else the client alone would stand still.
                tell(connection, Signal::SIGCONT);
            }
        }
    }
}

impl AsFd for Signals {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

/// Tells the broker of a signal; where it has gone the next reading says so.
fn tell(connection: &mut UnixStream, signal: Signal) {
    let _: io::Result<()> = u8::try_from(signal as i32)
        .map_err(io::Error::other)
        .and_then(|number| connection.write_all(&[number]));
}

/// Stops this process as SIGTSTP does, until somebody continues it.
pub(super) fn stop() {
    let mut set = SigSet::empty();
    set.add(Signal::SIGTSTP);
    if raise(Signal::SIGTSTP).is_ok() {
        let _ = set.thread_unblock();
        let _ = set.thread_block();
    }
}
