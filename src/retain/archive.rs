//! Moves things out of the way, to a dated place in their own root: what `rm`'s denial offers.
//!
//! INVARIANT: one rename to a name that is free; a copy only where the file system
//! asks for one, and then the original goes to the store.

use std::ffi::{CString, OsStr};
use std::fs::DirBuilder;
use std::io;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};

use nix::fcntl::OFlag;

use super::carry::{self, Spot};
use super::journal::Operation;
use super::store::{Store, Stored};
use crate::sys::file;

/// The directory of archived things in a root.
pub const DIRECTORY: &str = "_archive";
/// The program that a journal names.
pub const PROGRAM: &str = "hlrp-sh archive";
/// Names tried for one thing in one day.
const MOST_NAMES: u32 = 10_000;

/// Where a thing went.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Archived {
    /// Where it was.
    pub from: PathBuf,
    /// Where it is.
    pub to: PathBuf,
    /// Where the original is kept, where it had to be copied.
    pub parked: Option<PathBuf>,
}

/// Why it stayed where it is.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// It is no thing of a root that could be archived.
    #[error("`{path}` {why}")]
    Unfit {
        /// What.
        path: PathBuf,
        /// Why not.
        why: &'static str,
    },
    /// It cannot be moved.
    #[error("`{path}` cannot be archived")]
    Blocked {
        /// What.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// It was copied, and the original cannot be kept elsewhere.
    #[error("`{path}` stays where it is; a copy is in `{copy}`")]
    Copied {
        /// What.
        path: PathBuf,
        /// The copy.
        copy: PathBuf,
        /// Why it stays.
        #[source]
        source: io::Error,
    },
}

/// Returns where a thing would go on a day (`2026-01-31`), before numbers.
///
/// # Errors
/// Where it lies in no root, is one or holds one, or is archived or kept already.
pub fn destination(roots: &[PathBuf], path: &Path, day: &str) -> Result<(PathBuf, PathBuf), Error> {
    let unfit = |why| {
        Err(Error::Unfit {
            path: path.to_owned(),
            why,
        })
    };
    if roots.iter().any(|root| root.starts_with(path)) {
        return unfit("is a root, or holds one");
    }
    let holding = roots.iter().filter(|root| path.starts_with(root));
    let Some(root) = holding.max_by_key(|root| root.as_os_str().len()) else {
        return unfit("lies in no root");
    };
    let Ok(relative) = path.strip_prefix(root) else {
        return unfit("lies in no root");
    };
    match relative.components().next().map(|first| first.as_os_str()) {
        Some(first) if first == DIRECTORY => unfit("is in the archive already"),
        Some(first) if first == super::store::DIRECTORY => unfit("belongs to the guard"),
        _ => Ok((root.clone(), root.join(DIRECTORY).join(day).join(relative))),
    }
}

/// Moves a thing to its dated place. `guarded` says that a supervisor mediates; else `store` takes an original that had to be copied.
///
/// # Errors
/// Where it cannot; it is then where it was.
pub fn archive(path: &Path, to: &Path, store: Option<&Store>) -> Result<Archived, Error> {
    let blocked = |source| Error::Blocked {
        path: path.to_owned(),
        source,
    };
    let (Some(above), Some(name)) = (path.parent(), path.file_name()) else {
        return Err(Error::Unfit {
            path: path.to_owned(),
            why: "has no name",
        });
    };
    let (Some(place), Some(base)) = (to.parent(), to.file_name()) else {
        return Err(Error::Unfit {
            path: path.to_owned(),
            why: "has no name",
        });
    };
    let open = |path: &Path| file::open_path(path, OFlag::O_PATH | OFlag::O_DIRECTORY);
    let parent = open(above).map_err(blocked)?;
    let name = file::c_path(Path::new(name)).map_err(blocked)?;
    let from = Spot {
        parent: parent.as_fd(),
        name: &name,
    };
    let Some(status) = from.status().map_err(blocked)? else {
        return Err(blocked(io::Error::from_raw_os_error(libc::ENOENT)));
    };
    DirBuilder::new()
        .recursive(true)
        .create(place)
        .map_err(blocked)?;
    let directory = open(place).map_err(blocked)?;
    let mut copies = false;
    for number in 0..MOST_NAMES {
        let free = numbered(base, number).map_err(blocked)?;
        let spot = Spot {
            parent: directory.as_fd(),
            name: &free,
        };
        let moved = if copies {
            carry::copy(from, spot, None)
        } else {
            carry::place(from, spot, store.is_none())
        };
        let to = place.join(name_of(&free));
        match moved {
            Ok(()) if !copies => {
                return Ok(Archived {
                    from: path.to_owned(),
                    to,
                    parked: None,
                });
            }
            Ok(()) => {
                let what = Stored {
                    path,
                    status: &status,
                    op: Operation::Delete,
                    program: PROGRAM,
                };
                let parked = carry::is_same(from, spot).and_then(|is_same| match store {
                    Some(store) if is_same => store.take_in(parent.as_fd(), &name, what),
                    Some(_) => Err(io::Error::other("the copy is not the same")),
                    None => Err(io::Error::from_raw_os_error(libc::EXDEV)),
                });
                return match parked {
                    Ok(parked) => Ok(Archived {
                        from: path.to_owned(),
                        to,
                        parked: Some(parked),
                    }),
                    Err(source) => Err(Error::Copied {
                        path: path.to_owned(),
                        copy: to,
                        source,
                    }),
                };
            }
            Err(error) if error.raw_os_error() == Some(libc::EEXIST) => {}
            // Another file system: one file is copied; a tree is the person's to split.
            Err(error)
                if error.raw_os_error() == Some(libc::EXDEV)
                    && !copies
                    && !status.is_directory() =>
            {
                copies = true
            }
            Err(error) => return Err(blocked(error)),
        }
    }
    Err(blocked(io::Error::from_raw_os_error(libc::EEXIST)))
}

/// Returns `name`, `name.1`, `name.2`, …
fn numbered(name: &OsStr, number: u32) -> io::Result<CString> {
    let mut text = name.to_owned();
    if number > 0 {
        text.push(format!(".{number}"));
    }
    file::c_path(Path::new(&text))
}

fn name_of(name: &CString) -> &OsStr {
    use std::os::unix::ffi::OsStrExt;
    OsStr::from_bytes(name.as_bytes())
}
