//! How things get into a store where one rename does not do: copies, fresh files, and the mode they are kept with.

use std::ffi::CStr;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use crate::sys::file::{self, Status};
use crate::sys::meta;
use crate::sys::names;

/// Makes a kept file unwritable; one with other names keeps its mode, which they share.
pub(super) fn protect(directory: BorrowedFd<'_>, stored: &CStr, status: &Status) {
    if status.is_regular()
        && status.links == 1
        && let Ok(fd) = file::open_at(directory, stored, libc::O_PATH | libc::O_NOFOLLOW, 0)
    {
        // The supervisor refuses writing to the store whatever the mode says.
        let _ = meta::change_mode(fd.as_fd(), 0o400);
    }
}

/// Makes an empty file with the mode, group and attributes of another.
pub(super) fn fresh_like(
    directory: BorrowedFd<'_>,
    name: &CStr,
    old: BorrowedFd<'_>,
    status: &Status,
) -> io::Result<OwnedFd> {
    let fd = file::open_at(
        directory,
        name,
        libc::O_WRONLY | libc::O_CREAT | libc::O_EXCL | libc::O_NOFOLLOW,
        0o600,
    )?;
    for (attribute, value) in meta::attributes(old)? {
        meta::change_attribute(fd.as_fd(), &attribute, Some(&value), 0)?;
    }
    if file::status(fd.as_fd())?.gid != status.gid {
        meta::change_owner(fd.as_fd(), u32::MAX, status.gid)?;
    }
    meta::change_mode(fd.as_fd(), status.mode & 0o7777)?;
    Ok(fd)
}

/// Copies a regular file into the store, with its attributes and time.
pub(super) fn copy_in(
    directory: BorrowedFd<'_>,
    stored: &CStr,
    content: &OwnedFd,
    status: &Status,
    limit: u64,
) -> io::Result<()> {
    let flags = libc::O_RDWR | libc::O_CREAT | libc::O_EXCL | libc::O_NOFOLLOW;
    let copy = file::open_at(directory, stored, flags, 0o600)?;
    let copied = file::reflink(content.as_fd(), copy.as_fd()).or_else(|_| {
        if status.size > limit {
            return Err(io::Error::from_raw_os_error(libc::EFBIG));
        }
        let read = file::copy(content, &copy)?;
        if read < status.size {
            Err(io::Error::from_raw_os_error(libc::EIO))
        } else {
            Ok(())
        }
    });
    let finished = copied.and_then(|()| {
        for (attribute, value) in meta::attributes(content.as_fd())? {
            // Some attributes are the file system's own; the content is what must not be lost.
            let _ = meta::change_attribute(copy.as_fd(), &attribute, Some(&value), 0);
        }
        let modified = libc::timespec {
            tv_sec: status.modified.seconds,
            tv_nsec: i64::from(status.modified.nanoseconds),
        };
        meta::change_times(directory, stored, Some([modified, modified]))
    });
    finished.inspect_err(|_| {
        // The unfinished copy made a moment ago.
        let _ = names::remove(directory, stored, false);
    })
}

/// Keeps a name that lies on another mount than the store: copy, verify, then let the original go.
pub(super) fn carry_over(
    parent: BorrowedFd<'_>,
    name: &CStr,
    directory: BorrowedFd<'_>,
    stored: &CStr,
    status: &Status,
    limit: u64,
) -> io::Result<()> {
    if status.is_directory() {
        names::make_directory(directory, stored, status.mode & 0o7777)?;
        return names::remove(parent, name, true);
    }
    if status.is_symlink() {
        names::make_symlink(&file::read_link(parent, name)?, directory, stored)?;
        return names::remove(parent, name, false);
    }
    if !status.is_regular() || status.size > limit {
        return Err(io::Error::from_raw_os_error(libc::EXDEV));
    }
    let content = file::open_at(parent, name, libc::O_RDONLY | libc::O_NOFOLLOW, 0)?;
    copy_in(directory, stored, &content, status, limit)?;
    let now = file::status(content.as_fd())?;
    if now.identity() != status.identity() || now.modified != status.modified {
        return Err(io::Error::from_raw_os_error(libc::EAGAIN));
    }
    names::remove(parent, name, false)
}
