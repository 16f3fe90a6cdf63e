//! Puts back what was kept: content, mode, times, attributes and links as they were.
//!
//! INVARIANT: what stands at the name goes into a store of its own first; nothing is
//! ever written over.

mod passage;

use std::ffi::CString;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};

use nix::fcntl::{OFlag, RenameFlags};

use super::carry::{self, Spot};
use super::journal::Operation;
use super::list::Kept;
use super::store::{Store, Stored};
use crate::sys::file::{self, Status};
use crate::sys::names;

use passage::One;

/// The program that the journal names for what restoring itself keeps.
pub const PROGRAM: &str = "hlrp-sh restore";

/// Puts things back, on behalf of a session of its own.
#[derive(Debug)]
pub struct Restorer {
    stores: Vec<Store>,
    guarded: bool,
}

/// What came of it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Restored {
    /// Where it is now.
    pub path: PathBuf,
    /// Where what stood there went, for good keeping.
    pub parked: Option<PathBuf>,
    /// In which manner it came back.
    pub how: How,
}

/// In which manner a thing came back.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum How {
    /// It is out of the store again.
    Moved,
    /// The store keeps its version.
    Copied,
    /// It was never different: nothing was done.
    Unchanged,
}

/// Why it did not come back. Everything is where it was.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// It is not in the store.
    #[error("`{path}` is not in the store: it was {state}")]
    Gone {
        /// What.
        path: PathBuf,
        /// What became of it.
        state: &'static str,
    },
    /// What stands there cannot be kept.
    #[error("`{path}` stands there and cannot be kept")]
    Taken {
        /// What.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// It cannot be put there.
    #[error("`{path}` cannot be put back")]
    Blocked {
        /// What.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// It cannot be put there after what stood there was kept.
    #[error("`{path}` cannot be put back; what stood there is in `{parked}`")]
    HalfWay {
        /// What.
        path: PathBuf,
        /// Where what stood there is.
        parked: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
}

impl Restorer {
    /// Returns one that keeps what it displaces in stores of `session`. `guarded` says that a
    /// supervisor mediates: then the store stays as it is, and things come back as copies.
    pub fn new(roots: &[PathBuf], session: &str, guarded: bool) -> Self {
        let stores = roots
            .iter()
            .map(|root| Store::new(root.clone(), session.to_owned(), u64::MAX));
        Self {
            stores: stores.collect(),
            guarded,
        }
    }

    /// Puts one version back, to where it was or to `to`; `all` holds the directories that may have to come back with it.
    ///
    /// # Errors
    /// Where it cannot; see [`Error`].
    pub fn restore(&self, kept: &Kept, to: Option<&Path>, all: &[Kept]) -> Result<Restored, Error> {
        let path = to.map_or_else(|| kept.path(), Path::to_owned);
        let Some(stored_status) = kept.status.filter(|_| kept.is_kept()) else {
            return Err(Error::Gone {
                path,
                state: kept.state.as_str(),
            });
        };
        let blocked = |source| Error::Blocked {
            path: path.clone(),
            source,
        };
        let (Some(above), Some(name)) = (path.parent(), path.file_name()) else {
            return Err(blocked(io::Error::from_raw_os_error(libc::EINVAL)));
        };
        let store = kept.open_directory().map_err(blocked)?;
        let stored = file::c_path(Path::new(&kept.stored)).map_err(blocked)?;
        let name = file::c_path(Path::new(name)).map_err(blocked)?;
        let parent = self.parent(above, all)?;
        let from = Spot {
            parent: store.as_fd(),
            name: &stored,
        };
        let target = Spot {
            parent: parent.as_fd(),
            name: &name,
        };
        let present = target.status().map_err(blocked)?;
        if let Some(present) = &present
            && is_as_it_was(kept, present)
            && carry::is_same(from, target).unwrap_or(false)
        {
            return Ok(Restored {
                path,
                parked: None,
                how: How::Unchanged,
            });
        }
        let one = One {
            kept,
            path: &path,
            from,
            target,
            status: &stored_status,
        };
        if self.guarded {
            self.copy_over(&one, present)
        } else {
            self.put(&one, present)
        }
    }

    /// Outside of every guard: parks what is there and moves the stored thing in.
    fn put(&self, one: &One<'_>, present: Option<Status>) -> Result<Restored, Error> {
        let blocked = |source| Error::Blocked {
            path: one.path.to_owned(),
            source,
        };
        // A copy that the file system asks for is made before anything moves.
        let across = file::status(one.target.parent).map_err(blocked)?.device
            != one.store_device().map_err(blocked)?;
        let copied = if across {
            Some(one.copy_beside().map_err(blocked)?)
        } else {
            None
        };
        let parked = match present {
            Some(present) => match self.park(one, &present) {
                Ok(parked) => Some(parked),
                Err(source) => {
                    one.forget(copied.as_ref());
                    return Err(Error::Taken {
                        path: one.path.to_owned(),
                        source,
                    });
                }
            },
            None => None,
        };
        match self.put_in(one, copied) {
            Ok(how) => Ok(Restored {
                path: one.path.to_owned(),
                parked,
                how,
            }),
            Err(source) => Err(match parked {
                Some(parked) => Error::HalfWay {
                    path: one.path.to_owned(),
                    parked,
                    source,
                },
                None => blocked(source),
            }),
        }
    }

    fn put_in(&self, one: &One<'_>, copied: Option<CString>) -> io::Result<How> {
        let put_copy = |copy: CString| {
            let beside = Spot {
                parent: one.target.parent,
                name: &copy,
            };
            carry::place(beside, one.target, false).inspect_err(|_| one.forget(Some(&copy)))?;
            Ok(How::Copied)
        };
        if let Some(copy) = copied {
            return put_copy(copy);
        }
        one.undress()?;
        // The line stands before the thing moves; a line too many hides nothing that is still in the store.
        one.write_line()?;
        match carry::place(one.from, one.target, false) {
            Ok(()) => Ok(How::Moved),
            // Some file systems call two directories of one device apart (quota projects, overlays).
            Err(error) if error.raw_os_error() == Some(libc::EXDEV) => put_copy(one.copy_beside()?),
            Err(error) => Err(error),
        }
    }

    fn park(&self, one: &One<'_>, present: &Status) -> io::Result<PathBuf> {
        let store = self.store(one.path)?;
        let what = Stored {
            path: one.path,
            status: present,
            op: Operation::Replace,
            program: PROGRAM,
        };
        store.take_in(one.target.parent, one.target.name, what)
    }

    /// Inside the guard: a copy beside, then over the name, so that the supervisor retains what is there.
    fn copy_over(&self, one: &One<'_>, present: Option<Status>) -> Result<Restored, Error> {
        let blocked = |source| Error::Blocked {
            path: one.path.to_owned(),
            source,
        };
        let done = |how| {
            Ok(Restored {
                path: one.path.to_owned(),
                parked: None,
                how,
            })
        };
        let Some(present) = present else {
            one.copy_to(one.target).map_err(blocked)?;
            return done(How::Copied);
        };
        if present.is_directory() || one.status.is_directory() {
            let source = io::Error::from_raw_os_error(if present.is_directory() {
                libc::EISDIR
            } else {
                libc::ENOTDIR
            });
            return Err(Error::Taken {
                path: one.path.to_owned(),
                source,
            });
        }
        let copy = one.copy_beside().map_err(blocked)?;
        let (parent, name) = (one.target.parent, one.target.name);
        names::rename(parent, &copy, parent, name, RenameFlags::empty()).map_err(|error| {
            one.forget(Some(&copy));
            blocked(error)
        })?;
        done(How::Copied)
    }

    /// Returns the store that what stands at a path goes to.
    fn store(&self, path: &Path) -> io::Result<&Store> {
        let holding = self
            .stores
            .iter()
            .filter(|store| path.starts_with(store.root()));
        let nearest = holding.max_by_key(|store| store.root().as_os_str().len());
        nearest.ok_or_else(|| io::Error::from_raw_os_error(libc::EPERM))
    }

    /// Opens the directory a thing belongs in; those that vanished come back from the store, or are made anew.
    fn parent(&self, path: &Path, all: &[Kept]) -> Result<OwnedFd, Error> {
        let blocked = |source| Error::Blocked {
            path: path.to_owned(),
            source,
        };
        let flags = OFlag::O_PATH | OFlag::O_DIRECTORY;
        match file::open_path(path, flags) {
            Ok(directory) => return Ok(directory),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(blocked(error)),
        }
        let is_it = |kept: &&Kept| {
            kept.is_kept()
                && kept.path() == path
                && kept.status.is_some_and(|status| status.is_directory())
        };
        let version = all.iter().rev().find(is_it);
        if let Some(version) = version {
            self.restore(version, None, all)?;
        } else {
            if let Some(above) = path.parent() {
                self.parent(above, all)?;
            }
            let made = std::fs::create_dir(path);
            match made {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                    return Err(blocked(error));
                }
                _ => {}
            }
        }
        file::open_path(path, flags).map_err(blocked)
    }
}

/// Returns whether the present file looks as the kept version did; the bytes decide.
fn is_as_it_was(kept: &Kept, present: &Status) -> bool {
    let entry = &kept.entry;
    let is_alone = entry.op == Operation::Edit || (entry.links == 1 && present.links == 1);
    is_alone
        && present.mode == entry.mode
        && present.size == entry.size
        && (present.modified.seconds, present.modified.nanoseconds) == entry.modified
}
