//! Opening for writing: content of what existed is kept before the first byte of it
//! can change.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use std::sync::Arc;

use super::call::{Call, Reply, errno};
use super::filter::TMPFILE_BIT;
use super::resolve::{Itself, Name, Spot, resolve};
use super::supervisor::{Supervisor, descriptor};
use crate::policy::{Action, Endpoint, Node, WriteHow};
use crate::retain::{Operation, Stored};
use crate::sys::file::{self, Status};

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
        self.make_scratch(&text);
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
            libc::S_IFREG if self.is_own_process_file(&name.path) => {
                let flags = plain(flags) | libc::O_NOFOLLOW;
                let fd = file::open_at(name.parent.as_fd(), &name.name, flags, 0)?;
                Ok(descriptor(fd, flags))
            }
            libc::S_IFREG => self.open_file(call, name, status, flags),
            libc::S_IFCHR => self.open_device(call, name, status, flags),
            libc::S_IFIFO => {
                // Whoever reads from a FIFO that was there before does so outside the session.
                let born = self.is_born(&name.path, status);
                let endpoint = Endpoint::Unix {
                    path: name.path.clone(),
                    born,
                };
                self.permit(call, &Action::Connect { endpoint })?;
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

    /// Returns whether this is a harmless setting of a process of the session, proc(5).
    fn is_own_process_file(&self, path: &Path) -> bool {
        const HARMLESS: [&str; 5] = [
            "comm",
            "oom_score_adj",
            "oom_adj",
            "coredump_filter",
            "timerslack_ns",
        ];
        let Ok(within) = path.strip_prefix("/proc") else {
            return false;
        };
        let mut parts = within.iter().filter_map(|part| part.to_str());
        let process = parts.next().and_then(|part| part.parse().ok());
        let name = parts.next_back();
        name.is_some_and(|name| HARMLESS.contains(&name))
            && process.is_some_and(|process| {
                process != self.own_process()
                    && crate::sys::process::descends_from(process, self.own_process())
            })
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
        let flags = (flags & !libc::O_TRUNC) | libc::O_EXCL | libc::O_NOFOLLOW;
        match self.masked(call, || {
            file::open_at(name.parent.as_fd(), &name.name, flags, mode & 0o1777)
        }) {
            Ok(fd) => {
                self.births.remember(&file::status(fd.as_fd())?);
                Ok(descriptor(fd, flags))
            }
            Err(error) if error.raw_os_error() == Some(libc::EEXIST) => Err(errno(libc::ESTALE)),
            Err(error) => Err(error),
        }
    }

    /// Opens a regular file that exists.
    pub(super) fn open_file(
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
        let _names = self.hold_names();
        let own = status.links == 1 && status.uid == nix::unistd::geteuid().as_raw();
        if own && !store.has_kept(status) {
            let old = file::open_at(
                name.parent.as_fd(),
                &name.name,
                libc::O_PATH | libc::O_NOFOLLOW,
                0,
            )?;
            if file::status(old.as_fd())?.identity() != status.identity() {
                return Err(errno(libc::ESTALE));
            }
            match store.swap(name.parent.as_fd(), &name.name, old.as_fd(), what) {
                Ok(fresh) => {
                    self.births.remember(&file::status(fresh.as_fd())?);
                    let fd = file::reopen(fresh.as_fd(), flags)?;
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
    pub(super) fn open_same(
        self: &Arc<Self>,
        name: &Name,
        status: &Status,
        flags: i32,
    ) -> io::Result<OwnedFd> {
        // A lease on the file would make the open wait for its holder.
        let at_once = file::open_at(name.parent.as_fd(), &name.name, flags | libc::O_NONBLOCK, 0);
        let opened = match at_once {
            Ok(fd) if flags & libc::O_NONBLOCK == 0 => {
                file::set_status_flags(fd.as_fd(), flags).map(|()| fd)
            }
            Err(error) if error.raw_os_error() == Some(libc::EWOULDBLOCK) => {
                self.waiting(|| file::open_at(name.parent.as_fd(), &name.name, flags, 0))?
            }
            opened => opened,
        };
        let fd = match opened {
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
        let fd = self.masked(call, || {
            file::open_at(directory.as_fd(), c".", flags, mode & 0o1777)
        })?;
        self.births.remember(&file::status(fd.as_fd())?);
        Ok(descriptor(fd, flags))
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
pub(super) fn plain(flags: i32) -> i32 {
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
