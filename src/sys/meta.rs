//! What is said of a file besides its content: mode, owner, times, extended attributes.

use std::ffi::{CStr, CString};
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};

use super::file::{check, descriptor_path};

/// Changes the mode of what a descriptor, perhaps an `O_PATH` one, refers to.
///
/// # Errors
/// What `chmod(2)` says of `/proc/self/fd/N`.
pub fn change_mode(fd: BorrowedFd<'_>, mode: u32) -> io::Result<()> {
    let path = descriptor_path(fd);
    // SAFETY: `path` is NUL-terminated and outlives the call.
    check(unsafe { libc::chmod(path.as_ptr(), mode) })
}

/// Changes owner and group of what a descriptor refers to (`u32::MAX` leaves one alone).
///
/// # Errors
/// What `fchownat(2)` says.
pub fn change_owner(fd: BorrowedFd<'_>, uid: u32, gid: u32) -> io::Result<()> {
    // SAFETY: the empty path is NUL-terminated and static.
    check(unsafe { libc::fchownat(fd.as_raw_fd(), c"".as_ptr(), uid, gid, libc::AT_EMPTY_PATH) })
}

/// Sets access and modification time of a name in a pinned directory; `None` means now.
///
/// # Errors
/// What `utimensat(2)` says.
pub fn change_times(
    parent: BorrowedFd<'_>,
    name: &CStr,
    times: Option<[libc::timespec; 2]>,
) -> io::Result<()> {
    let pointer = times
        .as_ref()
        .map_or(std::ptr::null(), |times| times.as_ptr());
    // SAFETY: `name` is NUL-terminated; `pointer` is null or two live `timespec`s.
    check(unsafe {
        libc::utimensat(
            parent.as_raw_fd(),
            name.as_ptr(),
            pointer,
            libc::AT_SYMLINK_NOFOLLOW,
        )
    })
}

/// Sets the times of what a path of our own making leads to, links followed; `None` means now.
///
/// # Errors
/// What `utimensat(2)` says.
pub fn change_times_following(path: &CStr, times: Option<[libc::timespec; 2]>) -> io::Result<()> {
    let pointer = times
        .as_ref()
        .map_or(std::ptr::null(), |times| times.as_ptr());
    // SAFETY: `path` is NUL-terminated; `pointer` is null or two live `timespec`s.
    check(unsafe { libc::utimensat(libc::AT_FDCWD, path.as_ptr(), pointer, 0) })
}

/// Sets or, without a value, removes an extended attribute of what a descriptor refers to.
///
/// # Errors
/// What `setxattr(2)` or `removexattr(2)` says of `/proc/self/fd/N`.
pub fn change_attribute(
    fd: BorrowedFd<'_>,
    name: &CStr,
    value: Option<&[u8]>,
    flags: i32,
) -> io::Result<()> {
    let path = descriptor_path(fd);
    let code = match value {
        // SAFETY: path and name are NUL-terminated; `value` is a live slice of the length given.
        Some(value) => unsafe {
            libc::setxattr(
                path.as_ptr(),
                name.as_ptr(),
                value.as_ptr().cast(),
                value.len(),
                flags,
            )
        },
        // SAFETY: path and name are NUL-terminated.
        None => unsafe { libc::removexattr(path.as_ptr(), name.as_ptr()) },
    };
    check(code)
}

/// Returns all extended attributes a descriptor's file has and we may read.
///
/// # Errors
/// What `listxattr(2)` says; a file system without attributes gives an empty list.
pub fn attributes(fd: BorrowedFd<'_>) -> io::Result<Vec<(CString, Vec<u8>)>> {
    let path = descriptor_path(fd);
    let mut names = vec![0_u8; 64 * 1024];
    // SAFETY: `path` is NUL-terminated; `names` is writable for the length given.
    let length = unsafe { libc::listxattr(path.as_ptr(), names.as_mut_ptr().cast(), names.len()) };
    let Ok(length) = usize::try_from(length) else {
        let error = io::Error::last_os_error();
        return if error.raw_os_error() == Some(libc::EOPNOTSUPP) {
            Ok(Vec::new())
        } else {
            Err(error)
        };
    };
    names.truncate(length);
    let mut found = Vec::new();
    for name in names
        .split(|byte| *byte == 0)
        .filter(|name| !name.is_empty())
    {
        let Ok(name) = CString::new(name) else {
            continue;
        };
        let mut value = vec![0_u8; 64 * 1024];
        // SAFETY: path and name are NUL-terminated; `value` is writable for the length given.
        let length = unsafe {
            libc::getxattr(
                path.as_ptr(),
                name.as_ptr(),
                value.as_mut_ptr().cast(),
                value.len(),
            )
        };
        if let Ok(length) = usize::try_from(length) {
            value.truncate(length);
            found.push((name, value));
        }
    }
    Ok(found)
}
