//! Files by pinned directory and name: open, stat, rename, copy.

use std::ffi::{CStr, CString, OsString};
use std::fs::File;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use nix::fcntl::{OFlag, OpenHow, ResolveFlag};
use nix::sys::stat::Mode;

use super::clock::Stamp;

/// What `statx(2)` says of a file, as far as the guard cares.
#[derive(Clone, Copy, Debug)]
pub struct Status {
    /// Type and permission bits, `S_IFMT | 0o7777`.
    pub mode: u32,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Size in bytes.
    pub size: u64,
    /// Number of names.
    pub links: u32,
    /// Device the file lies on.
    pub device: (u32, u32),
    /// Device the file is, for device nodes.
    pub special: (u32, u32),
    /// Inode number.
    pub inode: u64,
    /// Time of last content change.
    pub modified: Stamp,
    /// Time of last change of status.
    pub changed: Stamp,
    /// Time of creation, where the file system keeps one.
    pub birth: Option<Stamp>,
}

impl Status {
    /// Returns the file type bits.
    pub fn kind(&self) -> u32 {
        self.mode & libc::S_IFMT
    }

    /// Returns whether it is a directory.
    pub fn is_directory(&self) -> bool {
        self.kind() == libc::S_IFDIR
    }

    /// Returns whether it is a regular file.
    pub fn is_regular(&self) -> bool {
        self.kind() == libc::S_IFREG
    }

    /// Returns whether it is a symbolic link.
    pub fn is_symlink(&self) -> bool {
        self.kind() == libc::S_IFLNK
    }

    /// Returns what tells this file from every other that exists now.
    pub fn identity(&self) -> ((u32, u32), u64) {
        (self.device, self.inode)
    }
}

/// Opens a path relative to a directory; no magic links are followed.
///
/// # Errors
/// What `openat2(2)` says; `ELOOP` for a magic link.
pub fn open_beneath(directory: BorrowedFd<'_>, path: &CStr, flags: OFlag) -> io::Result<OwnedFd> {
    let how = OpenHow::new()
        .flags(flags | OFlag::O_CLOEXEC)
        .resolve(ResolveFlag::RESOLVE_NO_MAGICLINKS);
    retry(|| Ok(nix::fcntl::openat2(directory, path, how)?))
}

/// Opens, and perhaps creates, the last component of a path in a pinned directory.
///
/// # Errors
/// What `openat(2)` says.
pub fn open_at(
    directory: BorrowedFd<'_>,
    name: &CStr,
    flags: i32,
    mode: u32,
) -> io::Result<OwnedFd> {
    loop {
        // SAFETY: `name` is a NUL-terminated string that outlives the call.
        let fd = unsafe {
            libc::openat(
                directory.as_raw_fd(),
                name.as_ptr(),
                flags | libc::O_CLOEXEC,
                mode,
            )
        };
        if fd >= 0 {
            // SAFETY: the kernel has just made `fd` and nobody else knows it.
            return Ok(unsafe { OwnedFd::from_raw_fd(fd) });
        }
        let error = io::Error::last_os_error();
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
    }
}

/// Opens a path of our own making, magic links included, without following anything else.
///
/// # Errors
/// What `open(2)` says.
pub fn open_path(path: &Path, flags: OFlag) -> io::Result<OwnedFd> {
    retry(|| {
        Ok(nix::fcntl::open(
            path,
            flags | OFlag::O_CLOEXEC,
            Mode::empty(),
        )?)
    })
}

/// Returns the status of a name in a pinned directory, symlinks not followed; an empty name means the descriptor itself.
///
/// # Errors
/// What `statx(2)` says.
pub fn status_at(directory: BorrowedFd<'_>, name: &CStr) -> io::Result<Status> {
    let mut buffer = MaybeUninit::<libc::statx>::zeroed();
    let flags = libc::AT_SYMLINK_NOFOLLOW | libc::AT_EMPTY_PATH | libc::AT_NO_AUTOMOUNT;
    let mask = libc::STATX_BASIC_STATS | libc::STATX_BTIME;
    // SAFETY: `name` is NUL-terminated and `buffer` is a live, writable `statx`.
    let code = unsafe {
        libc::statx(
            directory.as_raw_fd(),
            name.as_ptr(),
            flags,
            mask,
            buffer.as_mut_ptr(),
        )
    };
    if code != 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: zeroed above and filled by the kernel; every bit pattern is a `statx`.
    let raw = unsafe { buffer.assume_init() };
    let stamp = |time: libc::statx_timestamp| Stamp {
        seconds: time.tv_sec,
        nanoseconds: time.tv_nsec,
    };
    Ok(Status {
        mode: u32::from(raw.stx_mode),
        uid: raw.stx_uid,
        gid: raw.stx_gid,
        size: raw.stx_size,
        links: raw.stx_nlink,
        device: (raw.stx_dev_major, raw.stx_dev_minor),
        special: (raw.stx_rdev_major, raw.stx_rdev_minor),
        inode: raw.stx_ino,
        modified: stamp(raw.stx_mtime),
        changed: stamp(raw.stx_ctime),
        birth: (raw.stx_mask & libc::STATX_BTIME != 0).then(|| stamp(raw.stx_btime)),
    })
}

/// Returns the status of what a descriptor refers to.
///
/// # Errors
/// What `statx(2)` says.
pub fn status(fd: BorrowedFd<'_>) -> io::Result<Status> {
    status_at(fd, c"")
}

/// Returns the magic number of the file system a descriptor lies on, statfs(2).
///
/// # Errors
/// What `fstatfs(2)` says.
pub fn filesystem_magic(fd: BorrowedFd<'_>) -> io::Result<i64> {
    let mut buffer = MaybeUninit::<libc::statfs>::zeroed();
    // SAFETY: `buffer` is a live, writable `statfs`.
    let code = unsafe { libc::fstatfs(fd.as_raw_fd(), buffer.as_mut_ptr()) };
    if code != 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: zeroed above and filled by the kernel.
    Ok(unsafe { buffer.assume_init() }.f_type)
}

/// Returns the path the kernel knows a descriptor by.
///
/// # Errors
/// What `readlink(2)` says of `/proc/self/fd/N`.
pub fn path_of(fd: BorrowedFd<'_>) -> io::Result<PathBuf> {
    let link = format!("/proc/self/fd/{}", fd.as_raw_fd());
    Ok(PathBuf::from(nix::fcntl::readlink(link.as_str())?))
}

/// Returns where a symbolic link in a pinned directory points.
///
/// # Errors
/// What `readlinkat(2)` says.
pub fn read_link(directory: BorrowedFd<'_>, name: &CStr) -> io::Result<CString> {
    let target: OsString = nix::fcntl::readlinkat(directory, name)?;
    CString::new(target.into_vec()).map_err(|_| io::Error::from_raw_os_error(libc::EINVAL))
}

/// Returns the process that a pidfd means.
///
/// # Errors
/// `EBADF` where the descriptor is none.
pub fn pidfd_process(fd: BorrowedFd<'_>) -> io::Result<i32> {
    let info = std::fs::read_to_string(format!("/proc/self/fdinfo/{}", fd.as_raw_fd()))?;
    info.lines()
        .find_map(|line| line.strip_prefix("Pid:"))
        .and_then(|value| value.trim().parse().ok())
        .filter(|process| *process > 0)
        .ok_or_else(|| io::Error::from_raw_os_error(libc::EBADF))
}

/// Makes `to` share the content of `from` without copying, where the file system can.
///
/// # Errors
/// What `ioctl_ficlone(2)` says.
pub fn reflink(from: BorrowedFd<'_>, to: BorrowedFd<'_>) -> io::Result<()> {
    const FICLONE: libc::Ioctl = 0x4004_9409;
    // SAFETY: both descriptors are open; FICLONE takes a descriptor by value.
    check(unsafe { libc::ioctl(to.as_raw_fd(), FICLONE, from.as_raw_fd()) })
}

/// Cuts or extends the file of a descriptor.
///
/// # Errors
/// What `ftruncate(2)` says.
pub fn set_length(fd: BorrowedFd<'_>, length: i64) -> io::Result<()> {
    // SAFETY: takes only numbers.
    check(unsafe { libc::ftruncate(fd.as_raw_fd(), length) })
}

/// Sets the status flags (`O_APPEND`, `O_NONBLOCK`, …) of an open file description.
///
/// # Errors
/// What `fcntl(2)` says.
pub fn set_status_flags(fd: BorrowedFd<'_>, flags: i32) -> io::Result<()> {
    // SAFETY: takes only numbers.
    check(unsafe { libc::fcntl(fd.as_raw_fd(), libc::F_SETFL, flags) })
}

/// Returns the status flags and access mode of an open file description.
///
/// # Errors
/// What `fcntl(2)` says.
pub fn status_flags(fd: BorrowedFd<'_>) -> io::Result<i32> {
    // SAFETY: takes only numbers.
    let flags = unsafe { libc::fcntl(fd.as_raw_fd(), libc::F_GETFL) };
    if flags < 0 {
        Err(io::Error::last_os_error())
    } else {
        Ok(flags)
    }
}

/// Returns whether a descriptor number is open here and survives exec.
pub fn is_handed_down(number: i32) -> bool {
    // SAFETY: takes only numbers.
    let flags = unsafe { libc::fcntl(number, libc::F_GETFD) };
    flags >= 0 && flags & libc::FD_CLOEXEC == 0
}

/// Closes every descriptor above the standard three that the caller handed down. Ours all close on exec.
pub fn close_handed_down() {
    let entries = std::fs::read_dir("/proc/self/fd").into_iter().flatten();
    let names = entries
        .flatten()
        .filter_map(|entry| entry.file_name().into_string().ok());
    let numbers: Vec<i32> = names.filter_map(|name| name.parse().ok()).collect();
    for number in numbers
        .into_iter()
        .filter(|number| *number > 2 && is_handed_down(*number))
    {
        // SAFETY: nothing of ours refers to a descriptor that survives exec.
        unsafe { libc::close(number) };
    }
}

/// Looks at a descriptor that the caller handed down, by number.
pub fn with_borrowed<T>(number: i32, look: impl FnOnce(BorrowedFd<'_>) -> T) -> T {
    // SAFETY: the number was handed down by the caller and nothing here closes it.
    look(unsafe { BorrowedFd::borrow_raw(number) })
}

/// Opens what an `O_PATH` descriptor refers to, for use.
///
/// # Errors
/// What `open(2)` says of `/proc/self/fd/N`.
pub fn reopen(fd: BorrowedFd<'_>, flags: i32) -> io::Result<OwnedFd> {
    open_at(cwd(), &descriptor_path(fd), flags & !libc::O_NOFOLLOW, 0)
}

/// Returns `/proc/self/fd/N` for a descriptor.
pub fn descriptor_path(fd: BorrowedFd<'_>) -> CString {
    CString::new(format!("/proc/self/fd/{}", fd.as_raw_fd())).unwrap_or_default()
}

/// Returns the pseudo descriptor of the working directory.
pub fn cwd() -> BorrowedFd<'static> {
    // SAFETY: `AT_FDCWD` is no descriptor that could be closed.
    unsafe { BorrowedFd::borrow_raw(libc::AT_FDCWD) }
}

/// Turns a path into what system calls take.
///
/// # Errors
/// `EINVAL` for a path with a NUL in it.
pub fn c_path(path: &Path) -> io::Result<CString> {
    CString::new(path.as_os_str().as_bytes())
        .map_err(|_| io::Error::from_raw_os_error(libc::EINVAL))
}

/// Copies all bytes of one open file to another, in the kernel where that is possible.
///
/// # Errors
/// What reading or writing says.
pub fn copy(from: &OwnedFd, to: &OwnedFd) -> io::Result<u64> {
    let mut from = File::from(from.as_fd().try_clone_to_owned()?);
    let mut to = File::from(to.as_fd().try_clone_to_owned()?);
    io::copy(&mut from, &mut to)
}

/// Sets the mask that new files of this process are made with, and returns the old one.
pub fn set_umask(mask: u32) -> u32 {
    nix::sys::stat::umask(Mode::from_bits_truncate(mask)).bits()
}

pub(super) fn check(code: libc::c_int) -> io::Result<()> {
    if code == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}

pub(super) fn retry<T>(mut call: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    loop {
        match call() {
            // openat2 answers EAGAIN when a rename raced with the walk.
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::Interrupted | io::ErrorKind::WouldBlock
                ) => {}
            answer => return answer,
        }
    }
}
