//! The terminal of an interactive shell: becoming its owner, having it back after each line,
//! leaving it as it was.

use std::io;
use std::os::fd::{AsFd, OwnedFd};

use nix::sys::signal::Signal;
use nix::unistd::{Pid, getpgrp, getpid, setpgid, tcgetpgrp};

use crate::sys::{process, terminal};

/// A terminal that is this shell's.
#[derive(Debug)]
pub(crate) struct Foreground {
    terminal: OwnedFd,
    own: i32,
    before: i32,
}

impl Foreground {
    /// Becomes the owner of the terminal that is standard input.
    ///
    /// # Errors
    /// Where it is no terminal of this process's.
    pub(crate) fn take() -> io::Result<Self> {
        let terminal = io::stdin().as_fd().try_clone_to_owned()?;
        // In the background a shell waits to be brought forward, as bash does.
        while tcgetpgrp(&terminal)? != getpgrp() {
            nix::sys::signal::killpg(getpgrp(), Signal::SIGTTIN)?;
        }
        for signal in [
            Signal::SIGINT,
            Signal::SIGQUIT,
            Signal::SIGTERM,
            Signal::SIGTSTP,
            Signal::SIGTTIN,
            Signal::SIGTTOU,
        ] {
            process::shrug_off(signal);
        }
        let before = getpgrp().as_raw();
        // The leader of a session leads its group already.
        let _ = setpgid(Pid::from_raw(0), Pid::from_raw(0));
        let own = match getpgrp() {
            group if group == getpid() => group.as_raw(),
            _ => before,
        };
        terminal::give(&terminal, own)?;
        Ok(Self {
            terminal,
            own,
            before,
        })
    }

    /// Returns the terminal.
    pub(crate) fn terminal(&self) -> &OwnedFd {
        &self.terminal
    }

    /// Has the terminal back from a line.
    pub(crate) fn again(&self) {
        // A terminal that is gone ends the reading that follows.
        let _ = terminal::give(&self.terminal, self.own);
    }
}

impl Drop for Foreground {
    fn drop(&mut self) {
        let _ = terminal::give(&self.terminal, self.before);
    }
}
