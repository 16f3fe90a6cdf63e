//! Where open connections have their sockets: a directory of the caller's alone, with a
//! short path, since a socket's may have no more than 107 bytes.
//!
//! INVARIANT: no socket is used in a directory that anybody else could have made or can write.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

use nix::unistd::Uid;

use super::{Error, Host};

/// Below the user's runtime directory.
const NAME: &str = "hlrp-sh-ssh";
/// `ssh` puts a hash of 40 digits behind it, and while it connects 17 bytes more.
const LONGEST: usize = 107 - 40 - 17 - 1;

/// Returns the directory, without making it.
pub fn place() -> PathBuf {
    let own = Uid::effective();
    let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    let is_fit = |path: &PathBuf| {
        path.is_absolute()
            && is_private(path, own).is_ok()
            && path.as_os_str().len() + 1 + NAME.len() <= LONGEST
            && is_plain(path)
    };
    match runtime.filter(is_fit) {
        Some(runtime) => runtime.join(NAME),
        None => Path::new("/tmp").join(format!("{NAME}-{own}")),
    }
}

/// Returns where `ssh` finds the sockets; it puts the connection's own hash for `%C`.
pub fn pattern(directory: &Path) -> PathBuf {
    directory.join("%C")
}

/// Returns where a session's `ssh` finds connections that are open; nothing where there is no place of ours.
pub fn known() -> Option<PathBuf> {
    let directory = place();
    is_private(&directory, Uid::effective()).ok()?;
    Some(pattern(&directory))
}

/// Makes the directory where it is missing, and looks whether it is the caller's alone.
///
/// # Errors
/// Where it is not.
pub fn directory() -> Result<PathBuf, Error> {
    let path = place();
    let wrong = |why: String| Error::Place {
        path: path.clone(),
        why,
    };
    match DirBuilder::new().mode(0o700).create(&path) {
        Err(fault) if fault.kind() != io::ErrorKind::AlreadyExists => {
            return Err(wrong(fault.to_string()));
        }
        _ => {}
    }
    is_private(&path, Uid::effective()).map_err(wrong)?;
    Ok(path)
}

/// Notes that a host is used.
///
/// # Errors
/// Where that cannot be written.
pub fn remember(state: &Path, host: &Host) -> io::Result<()> {
    let directory = state.join("remote/hosts");
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&directory)?;
    fs::write(directory.join(host.as_str()), "")
}

/// Returns the hosts that were used, the latest first.
pub fn remembered(state: &Path) -> Vec<Host> {
    let entries = fs::read_dir(state.join("remote/hosts"));
    let entries = entries.into_iter().flatten().flatten();
    let mut hosts: Vec<_> = entries
        .filter_map(|entry| {
            let host: Host = entry.file_name().to_str()?.parse().ok()?;
            Some((entry.metadata().ok()?.modified().ok()?, host))
        })
        .collect();
    hosts.sort_by_key(|(used, _)| std::cmp::Reverse(*used));
    hosts.into_iter().map(|(_, host)| host).collect()
}

fn is_private(path: &Path, own: Uid) -> Result<(), String> {
    let found = fs::symlink_metadata(path).map_err(|fault| fault.to_string())?;
    if !found.is_dir() {
        return Err("it is no directory".to_owned());
    }
    if found.uid() != own.as_raw() {
        return Err("it is somebody else's".to_owned());
    }
    if found.mode() & 0o077 != 0 {
        return Err("others may enter it".to_owned());
    }
    Ok(())
}

/// Whether `ssh` reads a path as it stands: no blank, no `%`, no variable.
fn is_plain(path: &Path) -> bool {
    let is_fit = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
    path.to_str().is_some_and(|text| text.chars().all(is_fit))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    #[test]
    fn a_directory_that_others_may_enter_or_that_is_a_link_is_not_taken() {
        let own = Uid::effective();
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("place");
        assert!(is_private(&path, own).is_err());
        fs::create_dir(&path).unwrap();
        for (mode, is_good) in [
            (0o700, true),
            (0o711, false),
            (0o770, false),
            (0o777, false),
        ] {
            fs::set_permissions(&path, PermissionsExt::from_mode(mode)).unwrap();
            assert_eq!(is_private(&path, own).is_ok(), is_good, "{mode:o}");
        }
        fs::set_permissions(&path, PermissionsExt::from_mode(0o700)).unwrap();
        let link = directory.path().join("link");
        symlink(&path, &link).unwrap();
        assert!(is_private(&link, own).is_err());
        assert!(is_private(&path, Uid::from_raw(own.as_raw() + 1)).is_err());
    }
}
