//! The store of one root and one session: `<root>/.hlrp/retained/<session>/`.
//! Things go in by one rename on the same file system; across mounts, by a bounded copy.
//!
//! INVARIANT: the journal line stands before the thing moves, so that a crash leaves
//! a line too many, never a thing without a name.

mod intake;

use std::collections::HashSet;
use std::ffi::{CStr, CString};
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use nix::fcntl::{OFlag, RenameFlags};

use super::journal::{self, Entry, Operation, SCHEMA};
use crate::sys::file::{self, Status};
use crate::sys::names;

use intake::{carry_over, copy_in, fresh_like, protect};

/// The directory of all of the guard's things in a root.
pub const DIRECTORY: &str = ".hlrp";

/// Returns the directory of all sessions' things in a root.
pub fn directory(root: &Path) -> PathBuf {
    root.join(DIRECTORY).join("retained")
}

/// The store of one root for one session. Nothing is made on disk before something is kept.
#[derive(Debug)]
pub struct Store {
    root: PathBuf,
    session: String,
    copy_limit: u64,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    opened: Option<Opened>,
    sequence: u64,
    kept: HashSet<((u32, u32), u64)>,
}

#[derive(Debug)]
struct Opened {
    directory: OwnedFd,
    journal: File,
}

/// What is about to be kept: where it is, what it is, and why.
#[derive(Clone, Copy, Debug)]
pub struct Stored<'a> {
    /// Its path, for the journal.
    pub path: &'a Path,
    /// What `statx` says of it.
    pub status: &'a Status,
    /// What was about to happen to it.
    pub op: Operation,
    /// The program that wanted it.
    pub program: &'a str,
}

impl Store {
    /// Returns the store of a root; `copy_limit` bounds what is copied, in bytes.
    pub fn new(root: PathBuf, session: String, copy_limit: u64) -> Self {
        Self {
            root,
            session,
            copy_limit,
            state: Mutex::default(),
        }
    }

    /// Returns the root it belongs to.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Returns the directory of this session's things.
    pub fn directory(&self) -> PathBuf {
        directory(&self.root).join(&self.session)
    }

    /// Makes the directory above all sessions' stores, so that nothing else can take its name.
    ///
    /// # Errors
    ///
    /// Where the root cannot be written; nothing can be kept there then.
    pub fn prepare(&self) -> io::Result<()> {
        let above = self.root.join(DIRECTORY);
        for directory in [&above, &above.join("retained")] {
            match DirBuilder::new().mode(0o700).create(directory) {
                // A link would lead out of the root.
                Err(error) if !directory.symlink_metadata().is_ok_and(|one| one.is_dir()) => {
                    return Err(error);
                }
                Ok(()) | Err(_) => {}
            }
        }
        let ignore = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(above.join(".gitignore"));
        match ignore {
            Ok(mut ignore) => ignore.write_all(b"*\n"),
            // There already.
            Err(_) => Ok(()),
        }
    }

    /// Returns whether the first version of this file is kept already.
    pub fn has_kept(&self, status: &Status) -> bool {
        self.lock().kept.contains(&status.identity())
    }

    /// Moves a name into the store, whole: content, mode, times, attributes, links.
    ///
    /// # Errors
    /// What stood in the way; the name is then where it was. `EXDEV` where it lies on another file system and is too big to copy.
    pub fn park(&self, parent: BorrowedFd<'_>, name: &CStr, what: Stored<'_>) -> io::Result<()> {
        self.take_in(parent, name, what).map(drop)
    }

    /// The same, and says where it lies now.
    ///
    /// # Errors
    /// As [`Store::park`].
    pub fn take_in(
        &self,
        parent: BorrowedFd<'_>,
        name: &CStr,
        what: Stored<'_>,
    ) -> io::Result<PathBuf> {
        let mut state = self.lock();
        let stored = state.begin(self, what)?;
        let directory = state.directory()?;
        let moved = match names::rename(
            parent,
            name,
            directory,
            &stored,
            RenameFlags::RENAME_NOREPLACE,
        ) {
            // NOTE(nfs, lustre): no flags there; the name in the store is fresh, so a plain rename replaces nothing.
            Err(error)
                if error.raw_os_error() == Some(libc::EINVAL) && is_free(directory, &stored) =>
            {
                names::rename(parent, name, directory, &stored, RenameFlags::empty())
            }
            Err(error) if error.raw_os_error() == Some(libc::EXDEV) => carry_over(
                parent,
                name,
                directory,
                &stored,
                what.status,
                self.copy_limit,
            ),
            answer => answer,
        };
        if let Err(error) = moved {
            state.void(&stored, what);
            return Err(error);
        }
        protect(directory, &stored, what.status);
        Ok(self.directory().join(stored.to_string_lossy().as_ref()))
    }

    /// Puts an empty file of the same mode, owner and attributes in the place of a name, and keeps the old one, in one step. Returns the empty file.
    ///
    /// # Errors
    /// What stood in the way; `EINVAL` where the file system cannot exchange names. Nothing has changed then.
    pub fn swap(
        &self,
        parent: BorrowedFd<'_>,
        name: &CStr,
        old: BorrowedFd<'_>,
        what: Stored<'_>,
    ) -> io::Result<OwnedFd> {
        let mut state = self.lock();
        let stored = state.begin(self, what)?;
        let directory = state.directory()?;
        let swapped = fresh_like(directory, &stored, old, what.status).and_then(|fresh| {
            names::rename(
                parent,
                name,
                directory,
                &stored,
                RenameFlags::RENAME_EXCHANGE,
            )
            .inspect_err(|_| {
                // The empty file made a moment ago, under a name only this store uses.
                let _ = names::remove(directory, &stored, false);
            })
            .map(|()| fresh)
        });
        match swapped {
            Ok(fresh) => {
                protect(directory, &stored, what.status);
                Ok(fresh)
            }
            Err(error) => {
                state.void(&stored, what);
                Err(error)
            }
        }
    }

    /// Keeps a copy of an open file's content: shared where the file system can, else copied up to the limit.
    ///
    /// # Errors
    /// `EFBIG` above the limit; what stood in the way otherwise.
    pub fn snapshot(&self, content: &OwnedFd, what: Stored<'_>) -> io::Result<()> {
        let mut state = self.lock();
        if state.kept.contains(&what.status.identity()) {
            return Ok(());
        }
        let stored = state.begin(self, what)?;
        let directory = state.directory()?;
        let kept = copy_in(directory, &stored, content, what.status, self.copy_limit);
        if let Err(error) = kept {
            state.void(&stored, what);
            return Err(error);
        }
        protect(directory, &stored, what.status);
        state.kept.insert(what.status.identity());
        Ok(())
    }

    /// Notes something that needs no keeping (a rename, a new name).
    pub fn note(&self, what: Stored<'_>, to: Option<&Path>) {
        let mut state = self.lock();
        // A note is for `diff` only; the operation itself does not depend on it.
        if state.open(self).is_err() {
            return;
        }
        state.sequence += 1;
        let mut entry = entry(state.sequence, what, None);
        (entry.to, entry.to_raw) = to
            .map(Entry::spell)
            .map_or((None, None), |(text, raw)| (Some(text), raw));
        let _ = state.write(&entry);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Writes the line for what is about to be kept and returns its name in the store.
    fn begin(&mut self, store: &Store, what: Stored<'_>) -> io::Result<CString> {
        self.open(store)?;
        self.sequence += 1;
        let stored = format!("{:08}", self.sequence);
        self.write(&entry(self.sequence, what, Some(stored.clone())))?;
        CString::new(stored).map_err(io::Error::other)
    }

    fn void(&mut self, stored: &CStr, what: Stored<'_>) {
        let name = stored.to_string_lossy().into_owned();
        let line = entry(
            self.sequence,
            Stored {
                op: Operation::Void,
                ..what
            },
            Some(name),
        );
        // A missing void line only makes `retained` list a thing that is still in its place.
        let _ = self.write(&line);
    }

    fn write(&mut self, entry: &Entry) -> io::Result<()> {
        let opened = self.opened.as_mut();
        let opened = opened.ok_or_else(|| io::Error::from_raw_os_error(libc::EBADF))?;
        journal::append(&mut opened.journal, entry)
    }

    fn directory(&self) -> io::Result<BorrowedFd<'_>> {
        self.opened
            .as_ref()
            .map(|opened| opened.directory.as_fd())
            .ok_or_else(|| io::Error::from_raw_os_error(libc::EBADF))
    }

    fn open(&mut self, store: &Store) -> io::Result<()> {
        if self.opened.is_some() {
            return Ok(());
        }
        let path = store.directory();
        store.prepare()?;
        let is_new = match DirBuilder::new().mode(0o700).create(&path) {
            Ok(()) => true,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => false,
            Err(error) => return Err(error),
        };
        // Pinned without following a link that somebody may have put there.
        let directory = file::open_path(
            &path,
            OFlag::O_PATH | OFlag::O_DIRECTORY | OFlag::O_NOFOLLOW,
        )?;
        // Names in the store are never used again, even where a session goes on in another process.
        self.sequence = journal::last(&path)?;
        // In a directory made this moment a journal can only be somebody else's.
        let journal = journal::open(&path, is_new)?;
        self.opened = Some(Opened { directory, journal });
        Ok(())
    }
}

fn entry(sequence: u64, what: Stored<'_>, stored: Option<String>) -> Entry {
    let (path, raw) = Entry::spell(what.path);
    Entry {
        schema: SCHEMA.to_owned(),
        seq: sequence,
        time: journal::now(),
        op: what.op,
        path,
        raw,
        to: None,
        to_raw: None,
        stored,
        mode: what.status.mode,
        uid: what.status.uid,
        gid: what.status.gid,
        size: what.status.size,
        links: what.status.links,
        modified: (
            what.status.modified.seconds,
            what.status.modified.nanoseconds,
        ),
        program: what.program.to_owned(),
    }
}

fn is_free(directory: BorrowedFd<'_>, name: &CStr) -> bool {
    file::status_at(directory, name).is_err_and(|error| error.raw_os_error() == Some(libc::ENOENT))
}
