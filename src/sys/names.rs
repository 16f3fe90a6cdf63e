//! Names in pinned directories: rename, link, remove, make.

use std::ffi::CStr;
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};

use nix::fcntl::RenameFlags;

use super::file::{check, descriptor_path};

/// Renames between pinned directories.
///
/// # Errors
/// What `renameat2(2)` says; `EEXIST` with [`RenameFlags::RENAME_NOREPLACE`].
pub fn rename(
    from: BorrowedFd<'_>,
    old: &CStr,
    to: BorrowedFd<'_>,
    new: &CStr,
    flags: RenameFlags,
) -> io::Result<()> {
    Ok(nix::fcntl::renameat2(from, old, to, new, flags)?)
}

/// Makes one more name for what a descriptor refers to, or for a name in a pinned directory.
///
/// # Errors
/// What `linkat(2)` says.
pub fn link(from: BorrowedFd<'_>, old: &CStr, to: BorrowedFd<'_>, new: &CStr) -> io::Result<()> {
    // SAFETY: both names are NUL-terminated and outlive the call.
    check(unsafe {
        libc::linkat(
            from.as_raw_fd(),
            old.as_ptr(),
            to.as_raw_fd(),
            new.as_ptr(),
            0,
        )
    })
}

/// Gives a name to an unnamed file (`O_TMPFILE`) that a descriptor refers to.
///
/// # Errors
/// What `linkat(2)` says of `/proc/self/fd/N`.
pub fn link_descriptor(fd: BorrowedFd<'_>, to: BorrowedFd<'_>, new: &CStr) -> io::Result<()> {
    let old = descriptor_path(fd);
    // SAFETY: both names are NUL-terminated and outlive the call.
    check(unsafe {
        libc::linkat(
            libc::AT_FDCWD,
            old.as_ptr(),
            to.as_raw_fd(),
            new.as_ptr(),
            libc::AT_SYMLINK_FOLLOW,
        )
    })
}

/// Removes a name, or an empty directory with `directory` set. For what may really go: empty files the session made, and scratch.
///
/// # Errors
/// What `unlinkat(2)` says.
pub fn remove(parent: BorrowedFd<'_>, name: &CStr, directory: bool) -> io::Result<()> {
    let flags = if directory { libc::AT_REMOVEDIR } else { 0 };
    // SAFETY: `name` is NUL-terminated and outlives the call.
    check(unsafe { libc::unlinkat(parent.as_raw_fd(), name.as_ptr(), flags) })
}

/// Makes a directory.
///
/// # Errors
/// What `mkdirat(2)` says.
pub fn make_directory(parent: BorrowedFd<'_>, name: &CStr, mode: u32) -> io::Result<()> {
    // SAFETY: `name` is NUL-terminated and outlives the call.
    check(unsafe { libc::mkdirat(parent.as_raw_fd(), name.as_ptr(), mode) })
}

/// Makes a FIFO, socket, regular file or device node.
///
/// # Errors
/// What `mknodat(2)` says.
pub fn make_node(parent: BorrowedFd<'_>, name: &CStr, mode: u32, device: u64) -> io::Result<()> {
    // SAFETY: `name` is NUL-terminated and outlives the call.
    check(unsafe { libc::mknodat(parent.as_raw_fd(), name.as_ptr(), mode, device) })
}

/// Makes a symbolic link.
///
/// # Errors
/// What `symlinkat(2)` says.
pub fn make_symlink(target: &CStr, parent: BorrowedFd<'_>, name: &CStr) -> io::Result<()> {
    // SAFETY: both strings are NUL-terminated and outlive the call.
    check(unsafe { libc::symlinkat(target.as_ptr(), parent.as_raw_fd(), name.as_ptr()) })
}

/// Makes a pinned directory the working directory of this thread, which must have one of its own.
///
/// # Errors
/// What `fchdir(2)` says.
pub fn enter(directory: BorrowedFd<'_>) -> io::Result<()> {
    // SAFETY: takes only a number. An `O_PATH` descriptor is enough.
    check(unsafe { libc::fchdir(directory.as_raw_fd()) })
}
