//! Opening for writing, truncating, and leaving append mode: content of what existed
//! is kept before the first byte of it can change.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::call::{Call, Reply, errno};
use super::filter::TMPFILE_BIT;
use super::resolve::{self, Itself, Name, Spot, resolve};
use super::supervisor::{Supervisor, descriptor};
use crate::policy::{Action, Node, WriteHow};
use crate::retain::{Operation, Stored};
use crate::sys::file::{self, Status};
use crate::sys::process;

/// Copies above this size get a worker to stand in while they run, in bytes.
const LONG_COPY: u64 = 1 << 20;
/// Tries when the name changes between looking and opening.
const MOST_TRIES: usize = 8;

impl Supervisor {
    /// open(2), openat(2), creat(2) with a write, create or truncate in it.
    pub(super) fn open(
        self: &Arc<Self>,
        call: &Call<'_>,
        directory: i32,
        path: usize,
        flags: i32,
        mode: u32,
    ) -> io::Result<Reply> {
        let text = call.string(path)?;
        let exclusive = flags & (libc::O_CREAT | libc::O_EXCL) == libc::O_CREAT | libc::O_EXCL;
        let follow = flags & libc::O_NOFOLLOW == 0 && !exclusive;
        for _ in 0..MOST_TRIES {
            let answer = match resolve(call, directory, &text, follow)? {
                Spot::Descriptor(number) => return self.reopen(call, number, flags),
                Spot::Itself(itself) if flags & TMPFILE_BIT != 0 => {
                    return self.open_unnamed(call, &itself.path, &itself, flags, mode);
                }
                Spot::Itself(_) => return Err(errno(libc::EISDIR)),
                Spot::Name(name) if flags & TMPFILE_BIT != 0 => {
                    let itself = Itself::new(file::open_at(
                        name.parent.as_fd(),
                        &name.name,
                        libc::O_PATH | libc::O_DIRECTORY,
                        0,
                    )?)?;
                    return self.open_unnamed(call, &name.path, &itself, flags, mode);
                }
                Spot::Name(name) => self.open_name(call, &name, flags, mode),
            };
            match answer {
                // The name came, went, or became a link since we looked.
                Err(error) if matches!(error.raw_os_error(), Some(libc::ESTALE)) => {}
                answer => return answer,
            }
        }
        Err(errno(libc::ELOOP))
    }

    fn open_name(
        self: &Arc<Self>,
        call: &Call<'_>,
        name: &Name,
        flags: i32,
        mode: u32,
    ) -> io::Result<Reply> {
        let Some(status) = &name.status else {
            return self.open_new(call, name, flags, mode);
        };
        if flags & (libc::O_CREAT | libc::O_EXCL) == libc::O_CREAT | libc::O_EXCL {
            return Err(errno(libc::EEXIST));
        }
        match status.kind() {
            libc::S_IFDIR => Err(errno(
                if flags & libc::O_DIRECTORY != 0 && flags & libc::O_CREAT != 0 {
                    libc::EINVAL
                } else {
                    libc::EISDIR
                },
            )),
            libc::S_IFLNK => Err(errno(libc::ELOOP)),
            _ if flags & libc::O_DIRECTORY != 0 => Err(errno(libc::ENOTDIR)),
            libc::S_IFREG => self.open_file(call, name, status, flags),
            libc::S_IFCHR => self.open_device(call, name, status, flags),
            libc::S_IFIFO => {
                self.permit(
                    call,
                    &self.write(&name.path, Some(status), WriteHow::Append),
                )?;
                let flags = plain(flags);
                let fd = file::open_at(
                    name.parent.as_fd(),
                    &name.name,
                    libc::O_PATH | libc::O_NOFOLLOW,
                    0,
                )?;
                self.open_fifo(call, fd.as_fd(), flags)
            }
            _ => Err(errno(libc::ENXIO)),
        }
    }

    /// Makes the file that is not there yet.
    fn open_new(&self, call: &Call<'_>, name: &Name, flags: i32, mode: u32) -> io::Result<Reply> {
        if flags & libc::O_CREAT == 0 {
            return Err(errno(libc::ENOENT));
        }
        if name.slash {
            return Err(errno(libc::EISDIR));
        }
        self.permit(
            call,
            &Action::Create {
                target: self.target(&name.path, None),
                node: Node::File,
            },
        )?;
        let mode = mode & !process::umask(call.thread())?;
        let flags = (flags & !libc::O_TRUNC) | libc::O_EXCL | libc::O_NOFOLLOW;
        match file::open_at(name.parent.as_fd(), &name.name, flags, mode & 0o7777) {
            Ok(fd) => {
                self.births.remember(&file::status(fd.as_fd())?);
                Ok(descriptor(fd, flags))
            }
            Err(error) if error.raw_os_error() == Some(libc::EEXIST) => Err(errno(libc::ESTALE)),
            Err(error) => Err(error),
        }
    }

    /// Opens a regular file that exists.
    fn open_file(
        self: &Arc<Self>,
        call: &Call<'_>,
        name: &Name,
        status: &Status,
        flags: i32,
    ) -> io::Result<Reply> {
        let truncating = flags & libc::O_TRUNC != 0;
        let appending = flags & libc::O_APPEND != 0 && flags & libc::O_ACCMODE == libc::O_WRONLY;
        let action = if truncating {
            Action::Truncate {
                target: self.target(&name.path, Some(status)),
            }
        } else {
            self.write(
                &name.path,
                Some(status),
                if appending {
                    WriteHow::Append
                } else {
                    WriteHow::Edit
                },
            )
        };
        if truncating || flags & libc::O_ACCMODE != libc::O_RDONLY {
            self.permit(call, &action)?;
        }
        let flags = plain(flags) | libc::O_NOFOLLOW;
        let fd = self.open_same(
            name,
            status,
            if truncating {
                plain(flags) | write_probe(flags)
            } else {
                flags
            },
        )?;
        let keeps = !self.is_born(&name.path, status) && status.size > 0;
        if !truncating {
            if keeps && !appending && flags & libc::O_ACCMODE != libc::O_RDONLY {
                self.keep_content(call, &name.path, fd.as_fd(), status, Operation::Edit)?;
            }
            return Ok(descriptor(fd, flags));
        }
        if !keeps {
            return emptied(fd, flags);
        }
        let store = self.store(&name.path)?;
        let what = Stored {
            path: &name.path,
            status,
            op: Operation::Truncate,
            program: call.actor(),
        };
        let own = status.links == 1 && status.uid == nix::unistd::geteuid().as_raw();
        if own && !store.has_kept(status) {
            let old = file::open_at(
                name.parent.as_fd(),
                &name.name,
                libc::O_PATH | libc::O_NOFOLLOW,
                0,
            )?;
            match store.swap(name.parent.as_fd(), &name.name, old.as_fd(), what) {
                Ok(()) => {
                    let fd = file::open_at(name.parent.as_fd(), &name.name, flags, 0)?;
                    self.births.remember(&file::status(fd.as_fd())?);
                    return Ok(descriptor(fd, flags));
                }
                Err(error) if matches!(error.raw_os_error(), Some(libc::EINVAL | libc::EXDEV)) => {}
                Err(error) => return Err(error),
            }
        }
        self.keep_content(call, &name.path, fd.as_fd(), status, Operation::Truncate)?;
        emptied(fd, flags)
    }

    /// Opens a name and checks that it still means the file that was looked at.
    fn open_same(&self, name: &Name, status: &Status, flags: i32) -> io::Result<OwnedFd> {
        let fd = match file::open_at(name.parent.as_fd(), &name.name, flags, 0) {
            Ok(fd) => fd,
            Err(error) if matches!(error.raw_os_error(), Some(libc::ELOOP | libc::ENOENT)) => {
                return Err(errno(libc::ESTALE));
            }
            Err(error) => return Err(error),
        };
        if file::status(fd.as_fd())?.identity() == status.identity() {
            Ok(fd)
        } else {
            Err(errno(libc::ESTALE))
        }
    }

    /// Keeps the content of an open file before it changes, once a session.
    pub(super) fn keep_content(
        self: &Arc<Self>,
        call: &Call<'_>,
        path: &Path,
        fd: BorrowedFd<'_>,
        status: &Status,
        op: Operation,
    ) -> io::Result<()> {
        let store = self.store(path)?;
        if store.has_kept(status) {
            return Ok(());
        }
        // A description of our own: the caller's offset must not move.
        let content = file::reopen(fd, libc::O_RDONLY)?;
        let what = Stored {
            path,
            status,
            op,
            program: call.actor(),
        };
        let kept = if status.size > LONG_COPY {
            self.waiting(|| store.snapshot(&content, what))?
        } else {
            store.snapshot(&content, what)
        };
        match kept {
            Err(error)
                if error.raw_os_error() == Some(libc::EFBIG)
                    && op == Operation::Edit
                    && (self.law.in_place)(call.actor()) =>
            {
                Ok(())
            }
            Err(error) => {
                self.report_unkept(call, path, &error);
                Err(errno(if error.raw_os_error() == Some(libc::ENOSPC) {
                    libc::ENOSPC
                } else {
                    libc::EPERM
                }))
            }
            Ok(()) => Ok(()),
        }
    }

    fn open_device(
        self: &Arc<Self>,
        call: &Call<'_>,
        name: &Name,
        status: &Status,
        flags: i32,
    ) -> io::Result<Reply> {
        const TTY: (u32, u32) = (5, 0);
        let flags = plain(flags) | libc::O_NOCTTY | libc::O_NOFOLLOW;
        if status.special == TTY && name.path == Path::new("/dev/tty") {
            let terminal = process::terminal(call.thread()).ok_or_else(|| errno(libc::ENXIO))?;
            return Ok(descriptor(open_terminal(terminal, flags)?, flags));
        }
        if !self.law.devices.iter().any(|device| *device == name.path) {
            self.permit(
                call,
                &self.write(&name.path, Some(status), WriteHow::Append),
            )?;
        }
        let fd = self.waiting(|| file::open_at(name.parent.as_fd(), &name.name, flags, 0))??;
        Ok(descriptor(fd, flags))
    }

    /// Opens a FIFO as soon as it has a reader, or the caller gives up.
    fn open_fifo(
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
                        call.still_waits()?
                    }
                    Ok(fd) => {
                        file::set_status_flags(fd.as_fd(), flags & !libc::O_NONBLOCK)?;
                        return Ok(descriptor(fd, flags));
                    }
                    Err(error) => return Err(error),
                }
                std::thread::sleep(pause);
                pause = (pause * 2).min(Duration::from_millis(20));
            }
        })?
    }

    /// Opens one of the caller's own descriptors anew, through `/proc/self/fd` or `/dev/stdout`.
    fn reopen(self: &Arc<Self>, call: &Call<'_>, number: i32, flags: i32) -> io::Result<Reply> {
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

    /// `O_TMPFILE`: a file without a name; one asked for in `/tmp` lies in the session's own scratch.
    fn open_unnamed(
        &self,
        call: &Call<'_>,
        path: &Path,
        directory: &Itself,
        flags: i32,
        mode: u32,
    ) -> io::Result<Reply> {
        let scratch = self.law.context.scratch.first();
        let elsewhere = match scratch {
            Some(scratch)
                if ["/tmp", "/var/tmp"]
                    .iter()
                    .any(|shared| path == Path::new(shared)) =>
            {
                Some(file::open_path(
                    scratch,
                    nix::fcntl::OFlag::O_PATH | nix::fcntl::OFlag::O_DIRECTORY,
                )?)
            }
            _ => {
                let target = self.target(&path.join("unnamed"), None);
                self.permit(
                    call,
                    &Action::Create {
                        target,
                        node: Node::File,
                    },
                )?;
                None
            }
        };
        let directory = elsewhere.as_ref().unwrap_or(&directory.fd);
        let mode = mode & 0o7777 & !process::umask(call.thread())?;
        let fd = file::open_at(directory.as_fd(), c".", flags, mode)?;
        self.births.remember(&file::status(fd.as_fd())?);
        Ok(descriptor(fd, flags))
    }

    /// truncate(2).
    pub(super) fn truncate(self: &Arc<Self>, call: &Call<'_>, length: i64) -> io::Result<Reply> {
        let name = match resolve(call, libc::AT_FDCWD, &call.string(0)?, true)? {
            Spot::Name(name) => name,
            Spot::Itself(_) => return Err(errno(libc::EISDIR)),
            Spot::Descriptor(number) => return self.truncate_descriptor(call, number, length),
        };
        let Some(status) = name.status else {
            return Err(errno(libc::ENOENT));
        };
        if status.is_directory() {
            return Err(errno(libc::EISDIR));
        }
        if !status.is_regular() || length < 0 {
            return Err(errno(libc::EINVAL));
        }
        if length == 0 {
            return self
                .open_file(
                    call,
                    &name,
                    &status,
                    libc::O_WRONLY | libc::O_TRUNC | libc::O_CLOEXEC,
                )
                .map(|_| Reply::Value(0));
        }
        self.permit(
            call,
            &Action::Truncate {
                target: self.target(&name.path, Some(&status)),
            },
        )?;
        let fd = self.open_same(&name, &status, libc::O_WRONLY | libc::O_NOFOLLOW)?;
        self.cut(call, &name.path, fd.as_fd(), &status, length)
    }

    /// ftruncate(2), on a duplicate of the caller's descriptor.
    pub(super) fn truncate_descriptor(
        self: &Arc<Self>,
        call: &Call<'_>,
        number: i32,
        length: i64,
    ) -> io::Result<Reply> {
        let itself = Itself::new(call.descriptor(number)?)?;
        if !itself.status.is_regular() || itself.is_nameless() {
            return file::set_length(itself.fd.as_fd(), length).map(|()| Reply::Value(0));
        }
        if file::status_flags(itself.fd.as_fd())? & libc::O_ACCMODE == libc::O_RDONLY {
            return Err(errno(libc::EINVAL));
        }
        if u64::try_from(length).is_ok_and(|length| length < itself.status.size)
            && !self.is_born(&itself.path, &itself.status)
        {
            self.permit(
                call,
                &Action::Truncate {
                    target: self.target(&itself.path, Some(&itself.status)),
                },
            )?;
        }
        self.cut(
            call,
            &itself.path,
            itself.fd.as_fd(),
            &itself.status,
            length,
        )
    }

    fn cut(
        self: &Arc<Self>,
        call: &Call<'_>,
        path: &Path,
        fd: BorrowedFd<'_>,
        status: &Status,
        length: i64,
    ) -> io::Result<Reply> {
        let shrinks = u64::try_from(length).is_ok_and(|length| length < status.size);
        if shrinks && !self.is_born(path, status) {
            self.keep_content(call, path, fd, status, Operation::Truncate)?;
        }
        file::set_length(fd, length).map(|()| Reply::Value(0))
    }

    /// fcntl(2) with `F_SETFL` without `O_APPEND`: an append-only descriptor becomes one that can overwrite.
    pub(super) fn stop_appending(
        self: &Arc<Self>,
        call: &Call<'_>,
        number: i32,
        flags: i32,
    ) -> io::Result<Reply> {
        let fd = call.descriptor(number)?;
        if file::status_flags(fd.as_fd())? & libc::O_APPEND != 0 {
            let itself = Itself::new(fd)?;
            if itself.status.is_regular()
                && !itself.is_nameless()
                && itself.status.size > 0
                && !self.is_born(&itself.path, &itself.status)
            {
                self.keep_content(
                    call,
                    &itself.path,
                    itself.fd.as_fd(),
                    &itself.status,
                    Operation::Edit,
                )?;
            }
            return file::set_status_flags(itself.fd.as_fd(), flags).map(|()| Reply::Value(0));
        }
        file::set_status_flags(fd.as_fd(), flags).map(|()| Reply::Value(0))
    }

    pub(super) fn write(&self, path: &Path, status: Option<&Status>, how: WriteHow) -> Action {
        Action::Write {
            target: self.target(path, status),
            how,
        }
    }
}

/// Empties an open file and hands it over with the access the caller asked for.
fn emptied(fd: OwnedFd, flags: i32) -> io::Result<Reply> {
    file::set_length(fd.as_fd(), 0)?;
    let fd = if flags & libc::O_ACCMODE == libc::O_RDONLY {
        file::reopen(fd.as_fd(), flags)?
    } else {
        fd
    };
    Ok(descriptor(fd, flags))
}

/// Returns the flags without those that create or truncate: by now the file exists.
fn plain(flags: i32) -> i32 {
    flags & !(libc::O_CREAT | libc::O_EXCL | libc::O_TRUNC)
}

/// Returns the access mode that shows whether the caller may truncate.
fn write_probe(flags: i32) -> i32 {
    if flags & libc::O_ACCMODE == libc::O_RDONLY {
        libc::O_WRONLY
    } else {
        0
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
