//! Renaming and linking names. What was there and is replaced goes to the store.

use std::io;
use std::os::fd::AsFd;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use nix::fcntl::RenameFlags;

use super::call::{Call, Reply, errno};
use super::remove::is_empty;
use super::resolve::{self, Itself, Name, Spot, resolve};
use super::supervisor::Supervisor;
use crate::policy::{Action, Entries, Node, Place, WriteHow};
use crate::retain::{Operation, Stored};
use crate::sys::file::{self, Status};
use crate::sys::names;

impl Supervisor {
    /// rename(2), renameat(2), renameat2(2); each path by its directory and argument.
    pub(super) fn rename(
        self: &Arc<Self>,
        call: &Call<'_>,
        old: (i32, usize),
        new: (i32, usize),
        flags: u32,
    ) -> io::Result<Reply> {
        let _names = self.hold_names();
        let known = RenameFlags::from_bits(flags)
            .filter(|flags| !flags.contains(RenameFlags::RENAME_WHITEOUT))
            .ok_or_else(|| errno(libc::EINVAL))?;
        let (Spot::Name(from), Spot::Name(to)) = (
            resolve(call, old.0, &call.string(old.1)?, false)?,
            resolve(call, new.0, &call.string(new.1)?, false)?,
        ) else {
            return Err(errno(libc::EBUSY));
        };
        let Some(status) = from.status else {
            return Err(errno(libc::ENOENT));
        };
        if (from.slash || to.slash) && !status.is_directory() {
            return Err(errno(libc::ENOTDIR));
        }
        let exchange = known.contains(RenameFlags::RENAME_EXCHANGE);
        if to
            .status
            .is_some_and(|there| there.identity() == status.identity())
            && !exchange
            && !known.contains(RenameFlags::RENAME_NOREPLACE)
        {
            return Ok(Reply::Value(0));
        }
        self.permit_rename(call, &from, &to, &status)?;
        if exchange {
            let Some(there) = to.status else {
                return Err(errno(libc::ENOENT));
            };
            self.permit_rename(call, &to, &from, &there)?;
        }
        if !known.is_empty() {
            names::rename(
                from.parent.as_fd(),
                &from.name,
                to.parent.as_fd(),
                &to.name,
                known,
            )?;
            self.note_rename(call, &from, &to, &status);
            if let Some(there) = to.status.filter(|_| exchange) {
                self.note_rename(call, &to, &from, &there);
            }
            return Ok(Reply::Value(0));
        }
        self.rename_keeping(call, &from, &to, &status)?;
        Ok(Reply::Value(0))
    }

    fn permit_rename(
        &self,
        call: &Call<'_>,
        from: &Name,
        to: &Name,
        status: &Status,
    ) -> io::Result<()> {
        let place = |name: &Name| self.law.context.place(&name.path);
        // What lies in scratch may really go, so nothing that existed may get in there.
        if (place(from) == Place::Scratch) != (place(to) == Place::Scratch) {
            return Err(errno(libc::EXDEV));
        }
        let born = self.is_born(&from.path, status);
        let moved = if born {
            0
        } else {
            self.moved.fetch_add(1, Ordering::Relaxed) + 1
        };
        let held = if self.holds_own(&from.path) {
            self.law.context.own.first()
        } else {
            None
        };
        let action = Action::Rename {
            from: self.target(held.unwrap_or(&from.path), Some(status)),
            to: self.target(&to.path, to.status.as_ref()),
            entries: Entries::Known(u64::try_from(moved).unwrap_or(u64::MAX)),
        };
        self.permit(call, &action)
    }

    /// Renames onto a name that may be taken; what was there is kept.
    fn rename_keeping(
        self: &Arc<Self>,
        call: &Call<'_>,
        from: &Name,
        to: &Name,
        status: &Status,
    ) -> io::Result<()> {
        let plain = |flags| {
            names::rename(
                from.parent.as_fd(),
                &from.name,
                to.parent.as_fd(),
                &to.name,
                flags,
            )
        };
        let note = || self.note_rename(call, from, to, status);
        let flagless = match plain(RenameFlags::RENAME_NOREPLACE) {
            Ok(()) => {
                note();
                return Ok(());
            }
            Err(error) => match error.raw_os_error() {
                Some(libc::EEXIST) => false,
                Some(libc::EINVAL) if !to.path.starts_with(&from.path) => true,
                _ => return Err(error),
            },
        };
        let victim = match file::status_at(to.parent.as_fd(), &to.name) {
            Ok(victim) => victim,
            Err(error) if error.raw_os_error() == Some(libc::ENOENT) && flagless => {
                // NOTE(nfs, lustre): no flags there; between the look and the rename another node may take the name.
                plain(RenameFlags::empty())?;
                note();
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        match (status.is_directory(), victim.is_directory()) {
            (false, true) => return Err(errno(libc::EISDIR)),
            (true, false) => return Err(errno(libc::ENOTDIR)),
            (true, true) if !is_empty(to)? => return Err(errno(libc::ENOTEMPTY)),
            _ => {}
        }
        let replaced = Action::Write {
            target: self.target(&to.path, Some(&victim)),
            how: WriteHow::Replace,
        };
        self.permit(call, &replaced)?;
        // An empty file or directory loses nothing by losing its place to another; nor does what the session made.
        let nothing_lost = self.is_born(&to.path, &victim)
            || (victim.is_regular() && victim.size == 0 && victim.links == 1);
        if nothing_lost {
            plain(RenameFlags::empty())?;
            if victim.links <= 1 || victim.is_directory() {
                self.births.forget(&victim);
            }
        } else if flagless {
            self.replace_by_link(call, to, &victim)?;
            plain(RenameFlags::empty())?;
        } else {
            // Before the names are exchanged: a lack of descriptors must not leave them so.
            let parent = from.parent.try_clone()?;
            plain(RenameFlags::RENAME_EXCHANGE)?;
            let behind = Name {
                parent,
                name: from.name.clone(),
                path: to.path.clone(),
                status: Some(victim),
                slash: false,
            };
            if let Err(error) = self.park(
                call,
                from.parent.as_fd(),
                &behind,
                &victim,
                Operation::Replace,
            ) {
                plain(RenameFlags::RENAME_EXCHANGE)?;
                return Err(error);
            }
        }
        note();
        Ok(())
    }

    /// Notes where something that existed has gone.
    fn note_rename(&self, call: &Call<'_>, from: &Name, to: &Name, status: &Status) {
        if self.is_born(&from.path, status) {
            return;
        }
        if let Ok(store) = self.store(&from.path) {
            let what = Stored {
                path: &from.path,
                status,
                op: Operation::Rename,
                program: call.actor(),
            };
            store.note(what, Some(&to.path));
        }
    }

    /// Where names cannot be exchanged: keeps the content of what is about to be replaced.
    fn replace_by_link(
        self: &Arc<Self>,
        call: &Call<'_>,
        to: &Name,
        victim: &Status,
    ) -> io::Result<()> {
        if !victim.is_regular() {
            return Err(errno(libc::EPERM));
        }
        let fd = file::open_at(
            to.parent.as_fd(),
            &to.name,
            libc::O_PATH | libc::O_NOFOLLOW,
            0,
        )?;
        if file::status(fd.as_fd())?.identity() != victim.identity() {
            return Err(errno(libc::EAGAIN));
        }
        self.keep_content(call, &to.path, fd.as_fd(), victim, Operation::Replace)
    }

    /// link(2), linkat(2).
    pub(super) fn link(
        self: &Arc<Self>,
        call: &Call<'_>,
        old: (i32, usize),
        new: (i32, usize),
        flags: i32,
    ) -> io::Result<Reply> {
        let _names = self.hold_names();
        let text = call.string(old.1)?;
        let follow = flags & libc::AT_SYMLINK_FOLLOW != 0;
        let from = if text.is_empty() && flags & libc::AT_EMPTY_PATH != 0 {
            Spot::Descriptor(old.0)
        } else {
            resolve(call, old.0, &text, follow)?
        };
        let Spot::Name(to) = resolve(call, new.0, &call.string(new.1)?, false)? else {
            return Err(errno(libc::EEXIST));
        };
        let crosses = |path: &Path| {
            let place = |path: &Path| self.law.context.place(path);
            place(path) != place(&to.path)
        };
        let linked = |path: &Path, status: &Status| {
            if crosses(path) {
                return Err(errno(libc::EXDEV));
            }
            // Through a second name everything can be written that could be written through the first.
            self.permit(call, &self.write(path, Some(status), WriteHow::Edit))?;
            self.permit(
                call,
                &Action::Create {
                    target: self.target(&to.path, to.status.as_ref()),
                    node: Node::Link,
                },
            )
        };
        match from {
            Spot::Name(from) => {
                let Some(status) = from.status else {
                    return Err(errno(libc::ENOENT));
                };
                if status.is_directory() {
                    return Err(errno(libc::EPERM));
                }
                linked(&from.path, &status)?;
                names::link(from.parent.as_fd(), &from.name, to.parent.as_fd(), &to.name)?;
            }
            Spot::Descriptor(number) => {
                let itself = Itself::new(resolve::pin(call, number)?)?;
                if itself.status.links == 0 {
                    // Unnamed (`O_TMPFILE`): only the session can have made it.
                    self.permit(
                        call,
                        &Action::Create {
                            target: self.target(&to.path, None),
                            node: Node::File,
                        },
                    )?;
                } else {
                    linked(&itself.path, &itself.status)?;
                }
                names::link_descriptor(itself.fd.as_fd(), to.parent.as_fd(), &to.name)?;
            }
            Spot::Itself(_) => return Err(errno(libc::EPERM)),
        }
        Ok(Reply::Value(0))
    }
}
