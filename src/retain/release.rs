//! Frees what is kept. The one place in the program that erases, for a person who has
//! seen the list and said so.

use std::fs::{self, Permissions};
use std::io;
use std::os::fd::AsFd;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::journal::{self, Entry, Operation};
use super::list::Kept;
use crate::sys::file;
use crate::sys::names;

/// The program that the journal names.
pub const PROGRAM: &str = "hlrp-sh retained release";

/// Erases one kept version, and returns the bytes that came free.
///
/// # Errors
/// `ENOENT` where it is not in the store; what stood in the way otherwise.
pub fn release(kept: &Kept) -> io::Result<u64> {
    let Some(status) = kept.status.filter(|_| kept.is_kept()) else {
        return Err(io::Error::from_raw_os_error(libc::ENOENT));
    };
    let weight = kept.weight();
    let entry = Entry {
        time: journal::now(),
        op: Operation::Released,
        program: PROGRAM.to_owned(),
        ..kept.entry.clone()
    };
    // The line first: one too many hides nothing that is still there.
    journal::append(&mut journal::open(&kept.directory(), false)?, &entry)?;
    if status.is_directory() {
        let path = kept.directory().join(&kept.stored);
        open_up(&path)?;
        fs::remove_dir_all(path)?;
    } else {
        let directory = kept.open_directory()?;
        names::remove(
            directory.as_fd(),
            &file::c_path(Path::new(&kept.stored))?,
            false,
        )?;
    }
    Ok(weight)
}

/// Gives a kept tree the modes that taking it apart needs.
fn open_up(directory: &Path) -> io::Result<()> {
    let mode = fs::symlink_metadata(directory)?.permissions().mode();
    if mode & 0o700 != 0o700 {
        fs::set_permissions(directory, Permissions::from_mode(mode | 0o700))?;
    }
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            open_up(&entry.path())?;
        }
    }
    Ok(())
}
