//! The world of a line that is judged here: the disk, and Slurm's word on whose a job is.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::bash::{Disk, World};
use crate::policy::{HostClass, Presence};
use crate::session::Session;
use crate::slurm::client::Clients;
use crate::slurm::owner;

/// The disk, and Slurm where this is a cluster.
pub(crate) struct Here<'a> {
    disk: Disk,
    session: &'a Session,
    clients: OnceLock<Option<Clients>>,
}

impl<'a> Here<'a> {
    /// Returns the world of a session.
    pub(crate) fn new(session: &'a Session) -> Self {
        let context = &session.context;
        Self {
            disk: Disk {
                cwd: context.cwd.clone(),
                home: context.home.clone(),
                user: context.user.clone(),
                scratch: Some(session.places.scratch.clone()),
            },
            session,
            clients: OnceLock::new(),
        }
    }

    /// Returns the world as it is seen from another directory.
    pub(crate) fn at(session: &'a Session, cwd: &Path) -> Self {
        let mut here = Self::new(session);
        here.disk.cwd = cwd.to_owned();
        here
    }

    /// Returns the same for a line that nothing will run.
    pub(crate) fn without_scratch(session: &'a Session) -> Self {
        let mut here = Self::new(session);
        here.disk.scratch = None;
        here
    }

    /// Returns the same without Slurm's word.
    pub(crate) fn without_slurm(self) -> Self {
        let _ = self.clients.set(None);
        self
    }

    fn clients(&self) -> Option<&Clients> {
        let find = || {
            let roots = self.session.context.roots.iter();
            let home = std::iter::once(&self.session.context.home);
            let roots: Vec<&Path> = roots.chain(home).map(PathBuf::as_path).collect();
            Clients::find(&roots).ok()
        };
        self.clients.get_or_init(find).as_ref()
    }
}

impl World for Here<'_> {
    fn stat(&self, path: &Path) -> Presence {
        self.disk.stat(path)
    }

    fn resolve(&self, path: &Path) -> PathBuf {
        self.disk.resolve(path)
    }

    fn follow(&self, path: &Path) -> PathBuf {
        self.disk.follow(path)
    }

    fn read(&self, path: &Path) -> Option<String> {
        self.disk.read(path)
    }

    fn glob(&self, pattern: &str) -> Option<Vec<PathBuf>> {
        self.disk.glob(pattern)
    }

    fn cwd(&self) -> Option<PathBuf> {
        self.disk.cwd()
    }

    fn variable(&self, name: &str) -> Option<String> {
        self.disk.variable(name)
    }

    fn owns_job(&self, id: &str) -> Option<bool> {
        match self.session.context.class {
            HostClass::Workstation => None,
            HostClass::Login | HostClass::Compute => {
                owner::owns(self.clients()?, &self.session.context.user, id)
            }
        }
    }
}
