//! What is retained comes back as it was, and nothing is ever lost on the way.

mod archive;
mod cli;
mod diff;
mod journal;
mod restore;

use std::ffi::OsStr;
use std::fs;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use hlrp_sh::retain::list::all_kept;
use hlrp_sh::retain::plan::{Version, pick};
use hlrp_sh::retain::restore::{Error, Restored, Restorer};
use hlrp_sh::retain::{Journal, Kept, Operation, Store, Stored};
use hlrp_sh::sys::file::{self, Status};
use nix::fcntl::OFlag;
use tempfile::TempDir;

/// A root with a store, as a supervisor uses it.
pub(crate) struct World {
    directory: TempDir,
    restores: AtomicU32,
}

impl World {
    pub(crate) fn new() -> Self {
        Self {
            directory: TempDir::new().unwrap(),
            restores: AtomicU32::new(0),
        }
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.directory.path().canonicalize().unwrap()
    }

    pub(crate) fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.root().join(name)
    }

    pub(crate) fn write(&self, name: impl AsRef<Path>, text: &str) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    pub(crate) fn store(&self, session: &str) -> Store {
        Store::new(self.root(), session.to_owned(), 1 << 20)
    }

    /// Parks a name, as deleting or replacing it does.
    pub(crate) fn park(&self, store: &Store, path: &Path, op: Operation) {
        let parent = open(path.parent().unwrap());
        let name = name_of(path);
        let status = status(path);
        store
            .park(parent.as_fd(), &name, what(path, &status, op))
            .unwrap();
    }

    /// Keeps the content of a file, as an edit in place does.
    pub(crate) fn snapshot(&self, store: &Store, path: &Path) {
        let content = file::open_path(path, OFlag::O_RDONLY).unwrap();
        store
            .snapshot(&content, what(path, &status(path), Operation::Edit))
            .unwrap();
    }

    /// Swaps an empty file in, as truncating does.
    pub(crate) fn swap(&self, store: &Store, path: &Path) {
        let parent = open(path.parent().unwrap());
        let old = open(path);
        let status = status(path);
        let what = what(path, &status, Operation::Truncate);
        store
            .swap(parent.as_fd(), &name_of(path), old.as_fd(), what)
            .unwrap();
    }

    pub(crate) fn kept(&self) -> Vec<Kept> {
        all_kept(&Journal::read_all(&[self.root()]).unwrap())
    }

    pub(crate) fn restore(&self, path: &Path) -> Result<Restored, Error> {
        self.restore_version(path, 1, None, false)
    }

    pub(crate) fn restore_version(
        &self,
        path: &Path,
        version: usize,
        to: Option<&Path>,
        guarded: bool,
    ) -> Result<Restored, Error> {
        let kept = self.kept();
        let one = pick(&kept, path, None, &Version::Nth(version)).expect("nothing is retained");
        self.restorer(guarded).restore(one, to, &kept)
    }

    pub(crate) fn restorer(&self, guarded: bool) -> Restorer {
        let number = self.restores.fetch_add(1, Ordering::Relaxed);
        Restorer::new(&[self.root()], &format!("restore-{number}"), guarded)
    }
}

pub(crate) fn status(path: &Path) -> Status {
    file::status_at(file::cwd(), &file::c_path(path).unwrap()).unwrap()
}

pub(crate) fn open(path: &Path) -> std::os::fd::OwnedFd {
    file::open_path(path, OFlag::O_PATH | OFlag::O_NOFOLLOW).unwrap()
}

pub(crate) fn what<'a>(path: &'a Path, status: &'a Status, op: Operation) -> Stored<'a> {
    Stored {
        path,
        status,
        op,
        program: "git",
    }
}

pub(crate) fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap()
}

fn name_of(path: &Path) -> std::ffi::CString {
    let name: &OsStr = path.file_name().unwrap();
    file::c_path(Path::new(name)).unwrap()
}
