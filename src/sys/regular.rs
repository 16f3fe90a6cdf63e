//! Regular files behind names in which somebody else may have a hand: a link, a FIFO or a device may stand there.
//!
//! INVARIANT: nothing is made, or appended to, behind a link; nothing but a regular file is read, and no more of it
//! than was asked for.

use std::ffi::CStr;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Component, Path};

use nix::fcntl::{OFlag, OpenHow, ResolveFlag};
use nix::sys::stat::Mode;

use super::{file, names};

/// What [`open_to_append`] answers for a FIFO, a device, a socket or a directory.
pub const NOT_REGULAR: i32 = libc::ENOTSUP;

/// Opens a regular file to append to, or makes it; no link anywhere in its path is followed.
///
/// # Errors
/// What `openat2(2)` says: `ELOOP` for a link; [`NOT_REGULAR`] where something else is there, which is left alone.
pub fn open_to_append(path: &CStr, mode: u32) -> io::Result<OwnedFd> {
    match make(path, OFlag::O_APPEND, mode) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        other => return other,
    }
    let there = linkless(path, OFlag::O_PATH | OFlag::O_NOFOLLOW, 0)?;
    if !file::status(there.as_fd())?.is_regular() {
        return Err(io::Error::from_raw_os_error(NOT_REGULAR));
    }
    file::reopen(there.as_fd(), libc::O_WRONLY | libc::O_APPEND)
}

/// Makes a file to write; no link anywhere in its path is followed.
///
/// # Errors
/// What `openat2(2)` says: `EEXIST` where anything is there.
pub fn make_new(path: &CStr, mode: u32) -> io::Result<OwnedFd> {
    make(path, OFlag::empty(), mode)
}

/// Writes a file of a name that nothing has, and makes the directories above it; no link anywhere in its path is
/// followed.
///
/// # Errors
/// What `openat2(2)` and `mkdirat(2)` say: `EEXIST` where anything is there, `ELOOP` for a link.
pub fn write_new(path: &Path, text: &str) -> io::Result<()> {
    let place = path.parent().unwrap_or(path);
    let pinned = OFlag::O_PATH | OFlag::O_DIRECTORY;
    for directory in place.ancestors().collect::<Vec<_>>().into_iter().rev() {
        let (Some(above), Some(name)) = (directory.parent(), directory.file_name()) else {
            continue;
        };
        match linkless(&file::c_path(directory)?, pinned, 0) {
            Err(fault) if fault.kind() == io::ErrorKind::NotFound => {
                let above = linkless(&file::c_path(above)?, pinned, 0)?;
                names::make_directory(above.as_fd(), &file::c_path(Path::new(name))?, 0o777)?;
            }
            found => drop(found?),
        }
    }
    let mut file = File::from(make_new(&file::c_path(path)?, 0o666)?);
    file.write_all(text.as_bytes())
}

/// Reads a regular file of at most so many bytes.
///
/// # Errors
/// [`io::ErrorKind::InvalidData`] where it is larger, or no text; [`NOT_REGULAR`] where something else is there.
pub fn read(path: &Path, most: u64) -> io::Result<String> {
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY)
        .open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::from_raw_os_error(NOT_REGULAR));
    }
    let mut text = String::new();
    let length = file
        .take(most.saturating_add(1))
        .read_to_string(&mut text)?;
    match u64::try_from(length) {
        Ok(length) if length <= most => Ok(text),
        Ok(_) | Err(_) => Err(io::Error::new(
            io::ErrorKind::InvalidData,
            format!("it has more than {most} bytes"),
        )),
    }
}

/// Returns whether a path leads nowhere but below the directory that it is joined to.
pub fn is_below(path: &Path) -> bool {
    let mut parts = path.components();
    parts.all(|part| matches!(part, Component::Normal(_) | Component::CurDir))
}

fn make(path: &CStr, flags: OFlag, mode: u32) -> io::Result<OwnedFd> {
    let new = OFlag::O_CREAT | OFlag::O_EXCL | OFlag::O_WRONLY;
    linkless(path, new | flags, mode)
}

fn linkless(path: &CStr, flags: OFlag, mode: u32) -> io::Result<OwnedFd> {
    let how = OpenHow::new()
        .flags(flags | OFlag::O_CLOEXEC)
        .mode(Mode::from_bits_truncate(mode))
        .resolve(ResolveFlag::RESOLVE_NO_SYMLINKS);
    file::retry(|| Ok(nix::fcntl::openat2(file::cwd(), path, how)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_made_behind_a_link_and_no_fifo_is_read() {
        let place = tempfile::tempdir().unwrap();
        let place = place.path().canonicalize().unwrap();
        let page = place.join("docs/runs/a.md");
        write_new(&page, "text").unwrap();
        assert_eq!(read(&page, 4).unwrap(), "text");
        assert!(read(&page, 3).is_err());
        let again = write_new(&page, "other").unwrap_err();
        assert_eq!(again.kind(), io::ErrorKind::AlreadyExists);
        std::os::unix::fs::symlink("docs", place.join("link")).unwrap();
        let led = write_new(&place.join("link/b.md"), "").unwrap_err();
        assert_eq!(led.raw_os_error(), Some(libc::ELOOP));
        let fifo = place.join("fifo");
        nix::unistd::mkfifo(&fifo, Mode::S_IRWXU).unwrap();
        for odd in [&fifo, &place, Path::new("/dev/zero")] {
            let fault = read(odd, 10).unwrap_err();
            assert_eq!(fault.raw_os_error(), Some(NOT_REGULAR), "{odd:?}");
        }
        assert!(is_below(Path::new("a/b.jsonl")));
        assert!(!is_below(Path::new("../b")) && !is_below(Path::new("/b")));
    }
}
