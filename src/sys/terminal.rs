//! Terminals: how big one is, and who has it.

use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};

use nix::sys::signal::{SigSet, SigmaskHow, Signal, sigprocmask};
use nix::unistd::Pid;

/// Returns columns and rows of a terminal, `None` where it is none or does not say.
pub fn size(terminal: BorrowedFd<'_>) -> Option<(usize, usize)> {
    let mut size = MaybeUninit::<libc::winsize>::zeroed();
    // SAFETY: `size` is a live, writable `winsize`; the kernel writes no more than that.
    let rc = unsafe { libc::ioctl(terminal.as_raw_fd(), libc::TIOCGWINSZ, size.as_mut_ptr()) };
    // SAFETY: zeroed above, and every bit pattern is a `winsize`.
    let size = unsafe { size.assume_init() };
    (rc == 0 && size.ws_col > 0).then(|| (usize::from(size.ws_col), usize::from(size.ws_row)))
}

/// Puts a process group into the foreground of this process's terminal, also from the background.
///
/// # Errors
/// What `tcsetpgrp(3)` says.
pub fn give(terminal: impl AsFd, group: i32) -> io::Result<()> {
    let mut stop = SigSet::empty();
    stop.add(Signal::SIGTTOU);
    let mut old = SigSet::empty();
    sigprocmask(SigmaskHow::SIG_BLOCK, Some(&stop), Some(&mut old))?;
    let given = nix::unistd::tcsetpgrp(terminal, Pid::from_raw(group));
    let _ = sigprocmask(SigmaskHow::SIG_SETMASK, Some(&old), None);
    Ok(given?)
}

/// Begins a session of processes with this as its terminal.
///
/// # Errors
/// What `setsid(2)` and `ioctl(2)` say.
pub fn begin_session(terminal: BorrowedFd<'_>) -> io::Result<()> {
    nix::unistd::setsid()?;
    // SAFETY: takes only numbers.
    super::file::check(unsafe { libc::ioctl(terminal.as_raw_fd(), libc::TIOCSCTTY, 0) })
}

/// Puts a descriptor at a number, where it stays open in the program that this process becomes.
///
/// INVARIANT: nothing of this process's own has that number.
///
/// # Errors
/// What `dup2(2)` says.
pub fn place(fd: BorrowedFd<'_>, number: i32) -> io::Result<()> {
    if fd.as_raw_fd() == number {
        return Err(io::Error::from_raw_os_error(libc::EINVAL));
    }
    // SAFETY: takes only numbers; by the invariant nobody loses a descriptor.
    if unsafe { libc::dup2(fd.as_raw_fd(), number) } == -1 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}
