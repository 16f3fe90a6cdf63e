//! How big a terminal is.

use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, BorrowedFd};

/// Returns columns and rows of a terminal, `None` where it is none or does not say.
pub fn size(terminal: BorrowedFd<'_>) -> Option<(usize, usize)> {
    let mut size = MaybeUninit::<libc::winsize>::zeroed();
    // SAFETY: `size` is a live, writable `winsize`; the kernel writes no more than that.
    let rc = unsafe { libc::ioctl(terminal.as_raw_fd(), libc::TIOCGWINSZ, size.as_mut_ptr()) };
    // SAFETY: zeroed above, and every bit pattern is a `winsize`.
    let size = unsafe { size.assume_init() };
    (rc == 0 && size.ws_col > 0).then(|| (usize::from(size.ws_col), usize::from(size.ws_row)))
}
