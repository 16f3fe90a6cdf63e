//! Truncating, and leaving append mode: what is about to go is kept first.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::path::Path;
use std::sync::Arc;

use super::call::{Call, Reply, errno};
use super::resolve::{Itself, Spot, resolve};
use super::supervisor::Supervisor;
use crate::policy::{Action, Place};
use crate::retain::{Operation, Stored};
use crate::sys::file::{self, Status};

/// Copies above this size get a worker to stand in while they run, in bytes.
const LONG_COPY: u64 = 1 << 20;

impl Supervisor {
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
                    && self.may_edit_in_place(call) =>
            {
                // Allowed because its trade is to change big files in place; the journal says that nothing was kept.
                store.note(what, None);
                Ok(())
            }
            Err(error) => {
                self.report_unkept(call, "fs.edit", path, &error);
                Err(errno(if error.raw_os_error() == Some(libc::ENOSPC) {
                    libc::ENOSPC
                } else {
                    libc::EPERM
                }))
            }
            Ok(()) => Ok(()),
        }
    }

    /// Returns whether the caller is a program whose trade is to change big files in place: by its own file, which must
    /// not lie where the session can write.
    fn may_edit_in_place(&self, call: &Call<'_>) -> bool {
        let Ok(program) = std::fs::read_link(format!("/proc/{}/exe", call.thread())) else {
            return false;
        };
        let context = &self.law.context;
        let name = program.file_name().and_then(|name| name.to_str());
        context.place(&program) == Place::Outside
            && name.is_some_and(|name| (self.law.in_place)(name))
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
}
