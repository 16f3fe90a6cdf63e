//! One thing on its way out of the store.

use std::ffi::CString;
use std::io;
use std::os::fd::AsFd;
use std::path::Path;

use super::PROGRAM;
use crate::retain::carry::{self, Spot};
use crate::retain::journal::{self, Entry, Operation};
use crate::retain::list::Kept;
use crate::sys::file::{self, Status};
use crate::sys::meta;
use crate::sys::names;

/// One thing on its way back.
pub(super) struct One<'a> {
    pub(super) kept: &'a Kept,
    pub(super) path: &'a Path,
    pub(super) from: Spot<'a>,
    pub(super) target: Spot<'a>,
    pub(super) status: &'a Status,
}

impl One<'_> {
    /// Returns the mode that a stored file had; one with further names has it still.
    fn mode(&self) -> Option<u32> {
        (self.status.is_regular() && self.status.links == 1)
            .then_some(self.kept.entry.mode & 0o7777)
    }

    pub(super) fn store_device(&self) -> io::Result<(u32, u32)> {
        Ok(file::status(self.from.parent)?.device)
    }

    /// Takes off the mode that the store keeps files with.
    pub(super) fn undress(&self) -> io::Result<()> {
        let Some(mode) = self.mode() else {
            return Ok(());
        };
        let fd = file::open_at(
            self.from.parent,
            self.from.name,
            libc::O_PATH | libc::O_NOFOLLOW,
            0,
        )?;
        meta::change_mode(fd.as_fd(), mode)
    }

    pub(super) fn write_line(&self) -> io::Result<()> {
        let (to, to_raw) = Entry::spell(self.path);
        let entry = Entry {
            time: journal::now(),
            op: Operation::Restored,
            to: Some(to),
            to_raw,
            program: PROGRAM.to_owned(),
            ..self.kept.entry.clone()
        };
        journal::append(&mut journal::open(&self.kept.directory(), false)?, &entry)
    }

    pub(super) fn copy_beside(&self) -> io::Result<CString> {
        let beside = CString::new(format!(
            ".hlrp-restore-{}-{}",
            std::process::id(),
            self.kept.stored
        ))?;
        self.copy_to(Spot {
            parent: self.target.parent,
            name: &beside,
        })
        .inspect_err(|error| {
            if error.raw_os_error() != Some(libc::EEXIST) {
                self.forget(Some(&beside));
            }
        })?;
        Ok(beside)
    }

    pub(super) fn copy_to(&self, to: Spot<'_>) -> io::Result<()> {
        carry::copy(self.from, to, self.mode())
    }

    /// Takes the copy away that was made a moment ago and found no place.
    pub(super) fn forget(&self, copy: Option<&CString>) {
        if let Some(copy) = copy {
            // A directory, or one that cannot go, stays beside under its own name: nothing depends on it.
            let _ = names::remove(self.target.parent, copy, false);
        }
    }
}
