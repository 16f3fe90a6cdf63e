//! Removing names. What existed and loses its name goes to the store; what the session
//! made goes there too, unless it is empty or scratch.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::path::Path;
use std::sync::Arc;

use super::call::{Call, Reply, errno};
use super::denial::Denial;
use super::resolve::{Name, Spot, resolve};
use super::supervisor::Supervisor;
use crate::policy::{Action, Deletable, Place};
use crate::retain::{Operation, Stored};
use crate::sys::file::Status;
use crate::sys::names;

impl Supervisor {
    /// unlink(2), rmdir(2), unlinkat(2).
    pub(super) fn unlink(
        self: &Arc<Self>,
        call: &Call<'_>,
        directory: i32,
        path: usize,
        flags: i32,
    ) -> io::Result<Reply> {
        let _names = self.hold_names();
        let removes_directory = flags & libc::AT_REMOVEDIR != 0;
        let name = match resolve(call, directory, &call.string(path)?, false)? {
            Spot::Name(name) => name,
            Spot::Itself(_) => {
                return Err(errno(if removes_directory {
                    libc::EINVAL
                } else {
                    libc::EISDIR
                }));
            }
            Spot::Descriptor(_) => return Err(errno(libc::EPERM)),
        };
        let Some(status) = name.status else {
            return Err(errno(libc::ENOENT));
        };
        match (status.is_directory(), removes_directory) {
            (true, false) => return Err(errno(libc::EISDIR)),
            (false, true) => return Err(errno(libc::ENOTDIR)),
            (true, true) if !is_empty(&name)? => return Err(errno(libc::ENOTEMPTY)),
            _ => {}
        }
        let action = Action::Delete {
            target: self.target(&name.path, Some(&status)),
            what: Deletable::Path,
        };
        self.permit(call, &action)?;
        let born = self.is_born(&name.path, &status);
        if born && self.may_really_go(&name.path, &status) {
            names::remove(name.parent.as_fd(), &name.name, removes_directory)?;
            if status.links <= 1 || status.is_directory() {
                self.births.forget(&status);
            }
            return Ok(Reply::Value(0));
        }
        if born && status.size > self.law.born_limit {
            self.report_unkept(call, "fs.session-born", &name.path, &errno(libc::EFBIG));
            return Err(errno(libc::EPERM));
        }
        self.park(call, name.parent.as_fd(), &name, &status, Operation::Delete)?;
        Ok(Reply::Value(0))
    }

    /// Returns whether something the session made may go for good: it is empty, scratch, a job's own, or has another name.
    fn may_really_go(&self, path: &Path, status: &Status) -> bool {
        let context = &self.law.context;
        let free = match context.place(path) {
            Place::Scratch | Place::Shared => true,
            Place::Root => context
                .run_directory
                .as_deref()
                .is_some_and(|run| path.starts_with(run)),
            Place::Device | Place::Own | Place::Outside => false,
        };
        let empty = match status.kind() {
            // Another name of the session's file lies in the same place (`link` crosses none), and is judged when it goes.
            libc::S_IFREG => status.size == 0 || status.links > 1,
            libc::S_IFLNK => false,
            // An empty directory, a socket, a FIFO.
            _ => true,
        };
        free || empty
    }

    pub(super) fn park(
        &self,
        call: &Call<'_>,
        parent: BorrowedFd<'_>,
        name: &Name,
        status: &Status,
        op: Operation,
    ) -> io::Result<()> {
        let what = Stored {
            path: &name.path,
            status,
            op,
            program: call.actor(),
        };
        let parked = self
            .store(&name.path)
            .and_then(|store| store.park(parent, &name.name, what));
        parked.map_err(|error| {
            self.report_unkept(call, "fs.edit", &name.path, &error);
            match error.raw_os_error() {
                Some(
                    number @ (libc::ENOSPC
                    | libc::EDQUOT
                    | libc::EACCES
                    | libc::ENOENT
                    | libc::EROFS),
                ) => errno(number),
                _ => errno(libc::EPERM),
            }
        })
    }

    /// Says that something was not done because it could not be kept.
    pub(super) fn report_unkept(
        &self,
        call: &Call<'_>,
        rule: &str,
        path: &Path,
        error: &io::Error,
    ) {
        let because = match error.raw_os_error() {
            Some(libc::EFBIG | libc::EXDEV) => {
                "it is too big to keep a copy of, and nothing is changed that cannot be kept"
                    .to_owned()
            }
            _ => format!("what was there cannot be kept ({error}), so it stays"),
        };
        self.tell(&Denial {
            rule: rule.to_owned(),
            action: "retain".to_owned(),
            target: path.display().to_string(),
            program: call.actor().to_owned(),
            process: call.thread(),
            because,
            instead: "write to a new name beside it".to_owned(),
            decision: "deny".to_owned(),
        });
    }
}

/// Returns whether a directory has no entries.
pub(super) fn is_empty(name: &Name) -> io::Result<bool> {
    use nix::dir::Dir;
    use nix::fcntl::OFlag;
    use nix::sys::stat::Mode;
    let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
    let mut directory = Dir::openat(
        name.parent.as_fd(),
        name.name.as_c_str(),
        flags,
        Mode::empty(),
    )?;
    for entry in directory.iter() {
        if !matches!(entry?.file_name().to_bytes(), b"." | b"..") {
            return Ok(false);
        }
    }
    Ok(true)
}
