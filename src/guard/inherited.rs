//! Descriptors that the caller hands down open for writing: no call of the session will
//! ask for them, so what they could overwrite is kept before the program begins.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};

use crate::retain::{Operation, Store, Stored};
use crate::sys::file;

/// What a failure is called.
pub(super) const STEP: &str =
    "a file handed down open for writing cannot be kept; close it, or open it for appending";

/// Keeps the content of every regular file in a root that the program will have open for overwriting.
pub(super) fn keep(stores: &[Store]) -> io::Result<()> {
    for entry in std::fs::read_dir("/proc/self/fd")?.flatten() {
        let number = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse().ok());
        let Some(number) = number.filter(|number| file::is_handed_down(*number)) else {
            continue;
        };
        file::with_borrowed(number, |fd| keep_one(stores, fd))?;
    }
    Ok(())
}

fn keep_one(stores: &[Store], fd: BorrowedFd<'_>) -> io::Result<()> {
    let (status, flags) = (file::status(fd)?, file::status_flags(fd)?);
    let overwrites = match flags & libc::O_ACCMODE {
        libc::O_RDONLY => false,
        libc::O_WRONLY => flags & libc::O_APPEND == 0,
        _ => true,
    };
    if !overwrites || !status.is_regular() || status.links == 0 || status.size == 0 {
        return Ok(());
    }
    let path = file::path_of(fd)?;
    let Some(store) = stores.iter().find(|store| path.starts_with(store.root())) else {
        return Ok(());
    };
    let content = file::reopen(fd.as_fd(), libc::O_RDONLY)?;
    let what = Stored {
        path: &path,
        status: &status,
        op: Operation::Edit,
        program: "",
    };
    store.snapshot(&content, what)
}
