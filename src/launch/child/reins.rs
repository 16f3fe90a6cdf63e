//! What interrupts and ends a guarded bash, also from another thread than the one that waits for it.

use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;

use crate::sys::process;

/// What interrupts and ends a guarded bash.
#[derive(Clone, Debug)]
pub(crate) struct Reins {
    pub(super) bash: Option<i32>,
    pub(super) master: Option<Arc<OwnedFd>>,
}

impl Reins {
    /// Presses Ctrl-C: what runs in the foreground is interrupted.
    pub(crate) fn interrupt(&self) {
        if let Some(master) = &self.master {
            // The terminal may be in a mode in which the key is only a letter.
            let foreground = nix::unistd::tcgetpgrp(master.as_fd());
            // A terminal whose session has ended names group 0, which would be our own.
            if let Ok(group) = foreground
                && group.as_raw() > 1
            {
                let _ = nix::sys::signal::killpg(group, nix::sys::signal::Signal::SIGINT);
            }
        }
    }

    /// Kills what runs in the foreground; bash itself goes on.
    pub(crate) fn kill(&self) {
        let (Some(master), Some(bash)) = (&self.master, self.bash) else {
            return;
        };
        if let Ok(group) = nix::unistd::tcgetpgrp(master.as_fd())
            && group.as_raw() > 1
            && group.as_raw() != bash
        {
            let _ = nix::sys::signal::killpg(group, nix::sys::signal::Signal::SIGKILL);
        }
    }

    /// Hangs up on bash, which hangs up on its jobs and ends.
    pub(crate) fn hang_up(&self) {
        if let Some(bash) = self.bash {
            let _ = process::send_signal(bash, libc::SIGHUP);
        }
    }
}
