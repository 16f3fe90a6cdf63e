//! Where the broker is knocked: a directory in the session's scratch with a name for
//! every program, and the socket beside them.
//!
//! INVARIANT: the directory can be written by nobody when the session's first program
//! begins, and is the guard's own place, so that nothing in it is moved or replaced.

use std::fs::{self, DirBuilder, Permissions};
use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd, RawFd};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use nix::fcntl::OFlag;

use crate::sys::{file, socket};

/// The socket's name in the directory.
pub const SOCKET: &str = ".hlrp-broker";

/// Device and inode of a file.
pub type Identity = ((u32, u32), u64);

/// The directory that goes first on `PATH`, and the socket in it.
#[derive(Debug)]
pub struct Door {
    directory: PathBuf,
    listener: OwnedFd,
    identity: Identity,
}

impl Door {
    /// Makes the directory `bin` in a scratch directory: a link to `program` under each of these names, and the socket.
    ///
    /// # Errors
    /// Where something cannot be made.
    pub fn make(
        scratch: &Path,
        program: &Path,
        names: impl IntoIterator<Item = &'static str>,
    ) -> io::Result<Self> {
        let directory = scratch.join("bin");
        DirBuilder::new().mode(0o700).create(&directory)?;
        for name in names {
            symlink(program, directory.join(name))?;
        }
        let path = directory.join(SOCKET);
        let listener = socket::listen_at(&path)?;
        fs::set_permissions(&path, Permissions::from_mode(0o600))?;
        fs::set_permissions(&directory, Permissions::from_mode(0o500))?;
        Ok(Self {
            directory,
            listener,
            identity: identity(&path)?,
        })
    }

    /// Returns the directory.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Returns what the supervisor knows the socket by.
    pub fn identity(&self) -> Identity {
        self.identity
    }

    /// Returns the number of the descriptor that callers are let in by.
    pub fn descriptor(&self) -> RawFd {
        self.listener.as_raw_fd()
    }

    pub(super) fn listener(&self) -> &OwnedFd {
        &self.listener
    }
}

/// Returns device and inode of a path.
///
/// # Errors
/// What `open(2)` says.
pub(crate) fn identity(path: &Path) -> io::Result<Identity> {
    let pinned = file::open_path(path, OFlag::O_PATH)?;
    Ok(file::status(pinned.as_fd())?.identity())
}
