//! Moving and copying whole things by pinned directory and name, never over anything.
//!
//! INVARIANT: a name that is taken stays as it is, whatever the file system can do.

use std::ffi::CStr;
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Component, Path, PathBuf};

use nix::dir::Dir;
use nix::fcntl::{OFlag, RenameFlags};
use nix::sys::stat::Mode;

use crate::sys::file::{self, Status};
use crate::sys::meta;
use crate::sys::names;

/// One end of a move: a pinned directory and a name in it.
#[derive(Clone, Copy, Debug)]
pub struct Spot<'a> {
    /// The directory.
    pub parent: BorrowedFd<'a>,
    /// The name.
    pub name: &'a CStr,
}

impl Spot<'_> {
    /// Returns the status of what is there, `None` where the name is free.
    ///
    /// # Errors
    /// What `statx(2)` says besides `ENOENT`.
    pub fn status(self) -> io::Result<Option<Status>> {
        match file::status_at(self.parent, self.name) {
            Ok(status) => Ok(Some(status)),
            Err(error) if error.raw_os_error() == Some(libc::ENOENT) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn open(self, flags: i32) -> io::Result<OwnedFd> {
        file::open_at(self.parent, self.name, flags | libc::O_NOFOLLOW, 0)
    }
}

/// Moves a thing to a free name. `guarded` says that a supervisor does it for us, which
/// retains what a race would lose.
///
/// # Errors
/// `EEXIST` where the name is taken, `EXDEV` on another file system; nothing has moved then.
pub fn place(from: Spot<'_>, to: Spot<'_>, guarded: bool) -> io::Result<()> {
    match names::rename(
        from.parent,
        from.name,
        to.parent,
        to.name,
        RenameFlags::RENAME_NOREPLACE,
    ) {
        // NOTE(nfs, lustre): no flags there.
        Err(error) if error.raw_os_error() == Some(libc::EINVAL) => {}
        answer => return answer,
    }
    let is_directory = from.status()?.is_some_and(|status| status.is_directory());
    if guarded {
        if to.status()?.is_some() {
            return Err(io::Error::from_raw_os_error(libc::EEXIST));
        }
    } else if is_directory {
        // A directory may take the place of an empty one, so we make that one first.
        names::make_directory(to.parent, to.name, 0o700)?;
    } else {
        names::link(from.parent, from.name, to.parent, to.name)?;
        return names::remove(from.parent, from.name, false);
    }
    names::rename(
        from.parent,
        from.name,
        to.parent,
        to.name,
        RenameFlags::empty(),
    )
}

/// Copies a thing, whole, to a free name; `mode` stands in for the mode of a file that the store keeps unwritable.
///
/// # Errors
/// `EEXIST` where the name is taken; `ENOTSUP` for a device, socket or FIFO; what reading or writing says.
pub fn copy(from: Spot<'_>, to: Spot<'_>, mode: Option<u32>) -> io::Result<()> {
    let status = file::status_at(from.parent, from.name)?;
    match status.kind() {
        libc::S_IFREG => copy_file(from, to, &status, mode.unwrap_or(status.mode))?,
        libc::S_IFLNK => names::make_symlink(
            &file::read_link(from.parent, from.name)?,
            to.parent,
            to.name,
        )?,
        libc::S_IFDIR => copy_directory(from, to, &status)?,
        _ => return Err(io::Error::from_raw_os_error(libc::ENOTSUP)),
    }
    let time = libc::timespec {
        tv_sec: status.modified.seconds,
        tv_nsec: i64::from(status.modified.nanoseconds),
    };
    meta::change_times(to.parent, to.name, Some([time, time]))
}

fn copy_file(from: Spot<'_>, to: Spot<'_>, status: &Status, mode: u32) -> io::Result<()> {
    let content = from.open(libc::O_RDONLY)?;
    let flags = libc::O_RDWR | libc::O_CREAT | libc::O_EXCL | libc::O_NOFOLLOW;
    let copy = file::open_at(to.parent, to.name, flags, 0o600)?;
    if file::reflink(content.as_fd(), copy.as_fd()).is_err() {
        if file::copy(&content, &copy)? < status.size {
            return Err(io::Error::from_raw_os_error(libc::EIO));
        }
        File::from(copy.try_clone()?).sync_all()?;
    }
    dress(content.as_fd(), copy.as_fd(), status, mode)
}

fn copy_directory(from: Spot<'_>, to: Spot<'_>, status: &Status) -> io::Result<()> {
    let source = from.open(libc::O_RDONLY | libc::O_DIRECTORY)?;
    names::make_directory(to.parent, to.name, 0o700)?;
    let target = to.open(libc::O_RDONLY | libc::O_DIRECTORY)?;
    for name in names(source.as_fd())? {
        copy(
            Spot {
                parent: source.as_fd(),
                name: &name,
            },
            Spot {
                parent: target.as_fd(),
                name: &name,
            },
            None,
        )?;
    }
    dress(source.as_fd(), target.as_fd(), status, status.mode)
}

/// Gives a copy the attributes, group and mode of the original.
fn dress(from: BorrowedFd<'_>, to: BorrowedFd<'_>, status: &Status, mode: u32) -> io::Result<()> {
    for (attribute, value) in meta::attributes(from)? {
        // Some attributes are the file system's own; the content is what must not be lost.
        let _ = meta::change_attribute(to, &attribute, Some(&value), 0);
    }
    if file::status(to)?.gid != status.gid {
        // A group that we are not in cannot be given.
        let _ = meta::change_owner(to, u32::MAX, status.gid);
    }
    meta::change_mode(to, mode & 0o7777)
}

/// Returns the names in a directory.
///
/// # Errors
/// What reading it says.
pub fn names(directory: BorrowedFd<'_>) -> io::Result<Vec<std::ffi::CString>> {
    let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
    let mut open = Dir::openat(directory, c".", flags, Mode::empty())?;
    let mut names = Vec::new();
    for entry in open.iter() {
        let name = entry?.file_name().to_owned();
        if !matches!(name.to_bytes(), b"." | b"..") {
            names.push(name);
        }
    }
    Ok(names)
}

/// Returns whether two files hold the same bytes; two links, the same target.
///
/// # Errors
/// What reading says.
pub fn is_same(one: Spot<'_>, other: Spot<'_>) -> io::Result<bool> {
    let (first, second) = (
        file::status_at(one.parent, one.name)?,
        file::status_at(other.parent, other.name)?,
    );
    if first.kind() != second.kind() {
        return Ok(false);
    }
    if first.is_symlink() {
        return Ok(
            file::read_link(one.parent, one.name)? == file::read_link(other.parent, other.name)?
        );
    }
    if !first.is_regular() || first.size != second.size {
        return Ok(false);
    }
    let (mut one, mut other) = (
        File::from(one.open(libc::O_RDONLY)?),
        File::from(other.open(libc::O_RDONLY)?),
    );
    let (mut left, mut right) = (Vec::new(), Vec::new());
    loop {
        left.clear();
        right.clear();
        one.by_ref().take(CHUNK).read_to_end(&mut left)?;
        other.by_ref().take(CHUNK).read_to_end(&mut right)?;
        if left != right {
            return Ok(false);
        }
        if left.is_empty() {
            return Ok(true);
        }
    }
}

/// Bytes compared at a time.
const CHUNK: u64 = 1 << 20;

/// Returns the path a name means, whether it is there or not: directories resolved as far
/// as they exist, the last name left as it is.
///
/// # Errors
/// `EINVAL` for a path that goes up from what does not exist.
pub fn resolve(cwd: &Path, path: &Path) -> io::Result<PathBuf> {
    let path = cwd.join(path);
    let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
        // `/`, or something that ends in `..`: a directory that must be there.
        return path.canonicalize();
    };
    // `.` at the end is dropped by `file_name`, `..` is not a name.
    for ancestor in parent.ancestors() {
        let Ok(found) = ancestor.canonicalize() else {
            continue;
        };
        let rest = parent.strip_prefix(ancestor).map_err(io::Error::other)?;
        if rest
            .components()
            .any(|part| !matches!(part, Component::Normal(_)))
        {
            break;
        }
        // A file on the way: the names below it cannot be there, but may have been.
        return Ok(if rest.as_os_str().is_empty() {
            found.join(name)
        } else {
            found.join(rest).join(name)
        });
    }
    Err(io::Error::from_raw_os_error(libc::EINVAL))
}
