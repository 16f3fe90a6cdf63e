//! Opening what is no regular file by name: devices, terminals, FIFOs, and the
//! caller's own descriptors anew.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::call::{Call, Reply, errno};
use super::open::plain;
use super::resolve::{self, Itself, Name};
use super::supervisor::{Supervisor, descriptor};
use crate::policy::WriteHow;
use crate::sys::file::{self, Status};
use crate::sys::process;

impl Supervisor {
    pub(super) fn open_device(
        self: &Arc<Self>,
        call: &Call<'_>,
        name: &Name,
        status: &Status,
        flags: i32,
    ) -> io::Result<Reply> {
        const TTY: (u32, u32) = (5, 0);
        const MEMORY: u32 = 1;
        let flags = plain(flags) | libc::O_NOCTTY | libc::O_NOFOLLOW;
        if status.special == TTY && name.path == Path::new("/dev/tty") {
            let terminal = process::terminal(call.thread()).ok_or_else(|| errno(libc::ENXIO))?;
            return Ok(descriptor(open_terminal(terminal, flags)?, flags));
        }
        if name.path.starts_with("/dev/pts") && !self.is_own_terminal(call, status) {
            return Err(errno(libc::EACCES));
        }
        if !self.law.devices.contains(&name.path) {
            self.permit(
                call,
                &self.write(&name.path, Some(status), WriteHow::Append),
            )?;
        }
        let opens = || file::open_at(name.parent.as_fd(), &name.name, flags, 0);
        // Memory devices open at once; a terminal or a modem may wait.
        let fd = if status.special.0 == MEMORY {
            opens()?
        } else {
            self.waiting(opens)??
        };
        Ok(descriptor(fd, flags))
    }

    /// Returns whether a terminal is the session's: the caller's, the one it was started on, or one that came to be since.
    pub(super) fn is_own_terminal(&self, call: &Call<'_>, status: &Status) -> bool {
        process::terminal(call.thread()) == Some(status.special)
            || process::terminal(self.own_process()) == Some(status.special)
            || self.births.is_since_start(status.changed)
    }

    /// Opens a FIFO as soon as it has a reader, or the caller gives up.
    pub(super) fn open_fifo(
        self: &Arc<Self>,
        call: &Call<'_>,
        fifo: BorrowedFd<'_>,
        flags: i32,
    ) -> io::Result<Reply> {
        if flags & libc::O_NONBLOCK != 0 || flags & libc::O_ACCMODE == libc::O_RDWR {
            return Ok(descriptor(file::reopen(fifo, flags)?, flags));
        }
        self.waiting(|| {
            let mut pause = Duration::from_micros(100);
            loop {
                match file::reopen(fifo, flags | libc::O_NONBLOCK) {
                    Err(error) if error.raw_os_error() == Some(libc::ENXIO) => {
                        call.pause(&mut pause)?;
                    }
                    Ok(fd) => {
                        file::set_status_flags(fd.as_fd(), flags & !libc::O_NONBLOCK)?;
                        return Ok(descriptor(fd, flags));
                    }
                    Err(error) => return Err(error),
                }
            }
        })?
    }

    /// Opens one of the caller's own descriptors anew, through `/proc/self/fd` or `/dev/stdout`.
    pub(super) fn reopen(
        self: &Arc<Self>,
        call: &Call<'_>,
        number: i32,
        flags: i32,
    ) -> io::Result<Reply> {
        let itself = Itself::new(resolve::pin(call, number).map_err(|_| errno(libc::ENOENT))?)?;
        let flags = plain(flags) & !libc::O_CREAT | (flags & libc::O_TRUNC);
        match itself.status.kind() {
            libc::S_IFREG if !itself.is_nameless() => {
                let (Some(parent), Some(name)) = (itself.path.parent(), itself.path.file_name())
                else {
                    return Err(errno(libc::EACCES));
                };
                let parent = file::open_beneath(
                    file::cwd(),
                    &file::c_path(parent)?,
                    nix::fcntl::OFlag::O_PATH | nix::fcntl::OFlag::O_DIRECTORY,
                )?;
                let name = file::c_path(Path::new(name))?;
                let status = file::status_at(parent.as_fd(), &name)?;
                if status.identity() != itself.status.identity() {
                    return Err(errno(libc::EACCES));
                }
                let name = Name {
                    parent,
                    name,
                    path: itself.path,
                    status: Some(status),
                    slash: false,
                };
                self.open_file(call, &name, &status, flags)
            }
            libc::S_IFIFO => self.open_fifo(call, itself.fd.as_fd(), flags & !libc::O_TRUNC),
            libc::S_IFREG | libc::S_IFCHR => {
                let flags = flags | libc::O_NOCTTY;
                Ok(descriptor(
                    self.waiting(|| file::reopen(itself.fd.as_fd(), flags))??,
                    flags,
                ))
            }
            libc::S_IFDIR => Err(errno(libc::EISDIR)),
            _ => Err(errno(libc::ENXIO)),
        }
    }
}

/// Opens a terminal by its device number.
fn open_terminal((major, minor): (u32, u32), flags: i32) -> io::Result<OwnedFd> {
    let path = match major {
        136..=143 => format!("/dev/pts/{}", (major - 136) * 256 + minor),
        4 if minor < 64 => format!("/dev/tty{minor}"),
        4 => format!("/dev/ttyS{}", minor - 64),
        _ => return Err(errno(libc::ENXIO)),
    };
    file::open_at(file::cwd(), &file::c_path(Path::new(&path))?, flags, 0)
}
