//! From a caller's path to a pinned directory and a name in it. Resolution is the
//! kernel's own (openat2), except that `/proc/self` means the caller.
//!
//! INVARIANT: what is judged is what is acted on: the pinned directory, never the text.

use std::ffi::{CStr, CString};
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use nix::fcntl::OFlag;

use super::call::{Call, errno};
use crate::sys::file::{self, Status};

/// Symbolic links followed in one path, as in the kernel.
const MOST_LINKS: usize = 40;

/// Where a caller's path leads.
#[derive(Debug)]
pub(crate) enum Spot {
    /// A name in a directory.
    Name(Name),
    /// The directory or file that is pinned itself (`.`, `/`, an empty path).
    Itself(Itself),
    /// One of the caller's own descriptors, through `/proc/self/fd/N`.
    Descriptor(i32),
}

/// A name in a pinned directory.
#[derive(Debug)]
pub(crate) struct Name {
    /// The directory.
    pub(crate) parent: OwnedFd,
    /// The last component.
    pub(crate) name: CString,
    /// The path the kernel knows it by.
    pub(crate) path: PathBuf,
    /// What is there, if anything; a symbolic link where links were not to be followed.
    pub(crate) status: Option<Status>,
    /// Whether the path ended in a slash and can only mean a directory.
    pub(crate) slash: bool,
}

/// A pinned thing.
#[derive(Debug)]
pub(crate) struct Itself {
    /// The thing, `O_PATH`.
    pub(crate) fd: OwnedFd,
    /// The path the kernel knows it by.
    pub(crate) path: PathBuf,
    /// What it is.
    pub(crate) status: Status,
}

impl Itself {
    /// Wraps a pinned descriptor.
    ///
    /// # Errors
    /// When it cannot be looked at.
    pub(crate) fn new(fd: OwnedFd) -> io::Result<Self> {
        let status = file::status(fd.as_fd())?;
        let path = file::path_of(fd.as_fd())?;
        Ok(Self { fd, path, status })
    }

    /// Returns whether it has no name any more, or never had one (pipes, sockets, memory files).
    pub(crate) fn is_nameless(&self) -> bool {
        self.status.links == 0 || !self.path.is_absolute()
    }
}

/// Resolves a path argument of a call.
///
/// # Errors
/// What the kernel would say: `ENOENT`, `ENOTDIR`, `EACCES`, `ELOOP`, …; `ELOOP` for magic links but the caller's own descriptors.
pub(crate) fn resolve(
    call: &Call<'_>,
    directory: i32,
    text: &CStr,
    follow: bool,
) -> io::Result<Spot> {
    let mut base = None;
    let mut text = text.to_bytes().to_vec();
    if text.is_empty() {
        return Err(errno(libc::ENOENT));
    }
    for _ in 0..MOST_LINKS {
        if text.starts_with(b"/") {
            base = None;
            own_processes(call, &mut text)?;
        } else if base.is_none() {
            base = Some(pin(call, directory)?);
        }
        let from = base.as_ref().map_or(file::cwd(), AsFd::as_fd);
        let (head, name, slash) = split(&text);
        if matches!(name, b"" | b"." | b"..") {
            let whole = CString::new(text.clone()).map_err(|_| errno(libc::EINVAL))?;
            return Itself::new(open_directory(from, &whole)?).map(Spot::Itself);
        }
        let head = CString::new(if head.is_empty() { b"." } else { head })
            .map_err(|_| errno(libc::EINVAL))?;
        let name = CString::new(name).map_err(|_| errno(libc::EINVAL))?;
        let parent = open_directory(from, &head)?;
        let above = file::path_of(parent.as_fd())?;
        if let Ok(within) = above.strip_prefix("/proc") {
            match in_proc(call, within, &name)? {
                InProc::Descriptor(number) => return Ok(Spot::Descriptor(number)),
                InProc::Elsewhere(path) => {
                    text = path;
                    continue;
                }
                InProc::Plain => {}
            }
        }
        let status = match file::status_at(parent.as_fd(), &name) {
            Ok(status) => Some(status),
            Err(error) if error.raw_os_error() == Some(libc::ENOENT) => None,
            Err(error) => return Err(error),
        };
        if status.is_some_and(|status| status.is_symlink()) && follow {
            if above.starts_with("/proc") && above != Path::new("/proc") {
                return Err(errno(libc::ELOOP));
            }
            text = file::read_link(parent.as_fd(), &name)?.into_bytes();
            if slash {
                text.push(b'/');
            }
            base = Some(parent);
            continue;
        }
        if slash && status.is_some_and(|status| !status.is_directory()) {
            return Err(errno(libc::ENOTDIR));
        }
        let path = above.join(std::ffi::OsStr::from_bytes(name.to_bytes()));
        return Ok(Spot::Name(Name {
            parent,
            name,
            path,
            status,
            slash,
        }));
    }
    Err(errno(libc::ELOOP))
}

/// Pins one of the caller's directories, or files, by descriptor number; `AT_FDCWD` means where it is.
///
/// # Errors
/// `EBADF` where the caller has no such descriptor.
pub(crate) fn pin(call: &Call<'_>, directory: i32) -> io::Result<OwnedFd> {
    let path = if directory == libc::AT_FDCWD {
        format!("/proc/{}/cwd", call.thread())
    } else {
        format!("/proc/{}/fd/{directory}", call.thread())
    };
    let fd = file::open_path(Path::new(&path), OFlag::O_PATH).map_err(|_| errno(libc::EBADF))?;
    call.still_waits().map(|()| fd)
}

fn open_directory(from: BorrowedFd<'_>, path: &CStr) -> io::Result<OwnedFd> {
    file::open_beneath(from, path, OFlag::O_PATH | OFlag::O_DIRECTORY)
}

/// Splits a path into all but the last component, the last component, and whether slashes follow it.
pub(super) fn split(text: &[u8]) -> (&[u8], &[u8], bool) {
    let end = text
        .iter()
        .rposition(|byte| *byte != b'/')
        .map_or(0, |last| last + 1);
    let slash = end < text.len();
    let trimmed = text.get(..end).unwrap_or_default();
    let start = trimmed
        .iter()
        .rposition(|byte| *byte == b'/')
        .map_or(0, |last| last + 1);
    (
        trimmed.get(..start).unwrap_or_default(),
        trimmed.get(start..).unwrap_or_default(),
        slash,
    )
}

/// Rewrites a path that begins with `/proc/self` or `/proc/thread-self` to mean the caller.
fn own_processes(call: &Call<'_>, text: &mut Vec<u8>) -> io::Result<()> {
    for (prefix, thread) in [
        (b"/proc/thread-self".as_slice(), true),
        (b"/proc/self", false),
    ] {
        if let Some(rest) = text.strip_prefix(prefix)
            && (rest.is_empty() || rest.starts_with(b"/"))
        {
            let process = call.process()?;
            let task = if thread {
                format!("/task/{}", call.thread())
            } else {
                String::new()
            };
            let mut whole = format!("/proc/{process}{task}").into_bytes();
            whole.extend_from_slice(rest);
            *text = whole;
            return Ok(());
        }
    }
    Ok(())
}

enum InProc {
    Descriptor(i32),
    Elsewhere(Vec<u8>),
    Plain,
}

/// Looks at a name below `/proc`: a link there may have led to this process instead of the caller.
fn in_proc(call: &Call<'_>, within: &Path, name: &CStr) -> io::Result<InProc> {
    let mut parts = within.iter().map(OsStrExt::as_bytes);
    let process: Option<i32> = parts
        .next()
        .and_then(|part| std::str::from_utf8(part).ok())
        .and_then(|part| part.parse().ok());
    let rest: Vec<&[u8]> = parts.collect();
    let Some(process) = process else {
        return Ok(InProc::Plain);
    };
    if u32::try_from(process) == Ok(std::process::id()) {
        let mut whole = format!("/proc/{}", call.process()?).into_bytes();
        for part in rest.iter().copied().chain([name.to_bytes()]) {
            whole.push(b'/');
            whole.extend_from_slice(part);
        }
        return Ok(InProc::Elsewhere(whole));
    }
    let descriptors = matches!(rest.as_slice(), [b"fd"] | [b"task", _, b"fd"]);
    if !descriptors {
        return Ok(InProc::Plain);
    }
    if process != call.process()? && process != call.thread() {
        return Err(errno(libc::EACCES));
    }
    let number = name
        .to_str()
        .ok()
        .and_then(|name| name.parse().ok())
        .ok_or_else(|| errno(libc::ENOENT))?;
    Ok(InProc::Descriptor(number))
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn a_path_splits_as_the_kernel_splits_it() {
        assert_eq!(split(b"a"), (b"".as_slice(), b"a".as_slice(), false));
        assert_eq!(split(b"a/b"), (b"a/".as_slice(), b"b".as_slice(), false));
        assert_eq!(split(b"/a//"), (b"/".as_slice(), b"a".as_slice(), true));
        assert_eq!(split(b"/"), (b"".as_slice(), b"".as_slice(), true));
        assert_eq!(split(b"../"), (b"".as_slice(), b"..".as_slice(), true));
    }
}
