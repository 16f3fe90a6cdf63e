//! Landlock, through the `landlock` crate: two domains, one for writing, one for scopes.

use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::path::{Path, PathBuf};

use landlock::{
    ABI, AccessFs, BitFlags, CompatLevel, Compatible, PathBeneath, PathFd, Ruleset, RulesetAttr,
    RulesetCreatedAttr, Scope,
};

/// Returns the version of Landlock the kernel offers; 0 for none.
pub fn abi() -> u32 {
    const CREATE_RULESET_VERSION: u32 = 1;
    // SAFETY: with the VERSION flag the kernel reads nothing through the null pointer.
    let version = unsafe {
        libc::syscall(
            libc::SYS_landlock_create_ruleset,
            std::ptr::null::<u8>(),
            0_usize,
            CREATE_RULESET_VERSION,
        )
    };
    u32::try_from(version).unwrap_or(0)
}

/// A domain that is ready to be entered.
#[derive(Debug)]
pub struct Domain(OwnedFd);

impl Domain {
    /// Prepares the domain that allows changes only beneath `trees`, plain writing to `devices`, and taking empty
    /// directories out of `emptied`.
    ///
    /// TRUNCATE is not handled on purpose: it would slow every open.
    ///
    /// # Errors
    /// When Landlock lacks what is needed (ABI 2).
    pub fn of_writing(trees: &[&Path], devices: &[&Path], emptied: &[&Path]) -> io::Result<Self> {
        let mut changes = AccessFs::from_write(ABI::V2);
        changes.remove(AccessFs::Truncate);
        let mut ruleset = Ruleset::default()
            .set_compatibility(CompatLevel::HardRequirement)
            .handle_access(changes)
            .map_err(io::Error::other)?;
        if abi() >= 5 {
            ruleset = ruleset
                .handle_access(AccessFs::IoctlDev)
                .map_err(io::Error::other)?;
        }
        let mut created = ruleset
            .create()
            .map_err(io::Error::other)?
            .set_compatibility(CompatLevel::BestEffort);
        let device_access: BitFlags<AccessFs> = AccessFs::WriteFile | AccessFs::IoctlDev;
        let take_out: BitFlags<AccessFs> = AccessFs::RemoveDir.into();
        for (paths, access) in [
            (trees, changes | AccessFs::IoctlDev),
            (devices, device_access),
            (emptied, take_out),
        ] {
            for path in paths {
                // A device this machine lacks needs no rule.
                let Ok(fd) = PathFd::new(path) else { continue };
                let access = if path.is_dir() {
                    access
                } else {
                    access & AccessFs::from_file(ABI::V5)
                };
                created = created
                    .add_rule(PathBeneath::new(fd, access))
                    .map_err(io::Error::other)?;
            }
        }
        Self::ready(created)
    }

    /// Prepares the domain whose members can read everything there is but some files; what comes to be later beside one
    /// of them, or beside a directory above one, cannot be read either.
    ///
    /// # Errors
    /// When a directory above one of them cannot be listed, or Landlock refuses a rule.
    pub fn of_reading_all_but(unreadable: &[PathBuf]) -> io::Result<Self> {
        let reading = AccessFs::ReadFile;
        let mut created = Ruleset::default()
            .set_compatibility(CompatLevel::HardRequirement)
            .handle_access(reading)
            .map_err(io::Error::other)?
            .create()
            .map_err(io::Error::other)?;
        let mut waiting = vec![PathBuf::from("/")];
        while let Some(directory) = waiting.pop() {
            for entry in std::fs::read_dir(&directory)? {
                let path = entry?.path();
                if unreadable.contains(&path) {
                    continue;
                }
                if unreadable.iter().any(|one| one.starts_with(&path)) {
                    waiting.push(path);
                    continue;
                }
                // A link that leads nowhere needs no rule; one that leads to what cannot be read makes it no more so.
                let Some(target) = path
                    .canonicalize()
                    .ok()
                    .filter(|target| !unreadable.iter().any(|one| one.starts_with(target)))
                else {
                    continue;
                };
                let Ok(fd) = PathFd::new(target) else {
                    continue;
                };
                created = created
                    .add_rule(PathBeneath::new(fd, reading))
                    .map_err(io::Error::other)?;
            }
        }
        Self::ready(created)
    }

    /// Prepares the domain whose members cannot signal, or connect to abstract sockets of, anything outside it;
    /// `None` where the kernel is too old for scopes (ABI 6).
    ///
    /// # Errors
    /// When the kernel has scopes and refuses them.
    pub fn of_scopes() -> io::Result<Option<Self>> {
        if abi() < 6 {
            return Ok(None);
        }
        let created = Ruleset::default()
            .set_compatibility(CompatLevel::HardRequirement)
            .scope(Scope::Signal | Scope::AbstractUnixSocket)
            .map_err(io::Error::other)?
            .create()
            .map_err(io::Error::other)?;
        Self::ready(created).map(Some)
    }

    /// Prepares an empty layer that only sets its members apart, so that they cannot trace anything outside.
    ///
    /// # Errors
    /// When the kernel refuses it.
    pub fn of_tracing() -> io::Result<Self> {
        let created = Ruleset::default()
            .set_compatibility(CompatLevel::HardRequirement)
            .handle_access(AccessFs::MakeBlock)
            .map_err(io::Error::other)?
            .create()
            .map_err(io::Error::other)?;
        Self::ready(created)
    }

    fn ready(created: landlock::RulesetCreated) -> io::Result<Self> {
        Option::<OwnedFd>::from(created)
            .map(Self)
            .ok_or_else(|| io::Error::from_raw_os_error(libc::EOPNOTSUPP))
    }

    /// Enters the domain, for ever. Async-signal-safe; needs `no_new_privs`.
    ///
    /// # Errors
    /// What `landlock_restrict_self(2)` says.
    pub fn enter(&self) -> io::Result<()> {
        // SAFETY: takes only numbers.
        let code =
            unsafe { libc::syscall(libc::SYS_landlock_restrict_self, self.0.as_raw_fd(), 0_u32) };
        if code == 0 {
            Ok(())
        } else {
            Err(io::Error::last_os_error())
        }
    }
}
