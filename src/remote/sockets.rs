//! Where open connections have their sockets: a directory of the caller's alone, with a
//! short path, since a socket's may have no more than 107 bytes.
//!
//! INVARIANT: no socket is used in a directory that anybody else, or a session, could have made or can write.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

use nix::unistd::Uid;

use super::{Error, Host};

/// Where there is no fit runtime directory.
const FALLBACK: &str = "/tmp";
/// Every session may write here.
const SHARED: &str = "/dev/shm";
/// Below the user's runtime directory.
const NAME: &str = "hlrp-sh-ssh";
/// `ssh` puts a hash of 40 digits behind it, and while it connects 17 bytes more.
const LONGEST: usize = 107 - 40 - 17 - 1;

/// Returns the directory, without making it; nothing where every place is one that a session may write, below `writable`.
pub fn place(writable: &[PathBuf]) -> Option<PathBuf> {
    let own = Uid::effective();
    let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    let is_fit = |path: &PathBuf| {
        path.is_absolute()
            && is_private(path, own).is_ok()
            && path.as_os_str().len() + 1 + NAME.len() <= LONGEST
            && is_plain(path)
            && is_out_of_reach(path, writable)
    };
    match runtime.filter(is_fit) {
        Some(runtime) => Some(runtime.join(NAME)),
        None => is_out_of_reach(Path::new(FALLBACK), writable)
            .then(|| Path::new(FALLBACK).join(format!("{NAME}-{own}"))),
    }
}

/// Returns where `ssh` finds the sockets; it puts the connection's own hash for `%C`.
pub fn pattern(directory: &Path) -> PathBuf {
    directory.join("%C")
}

/// Returns where a session's `ssh` finds connections that are open; nothing where there is no place of ours.
pub fn known(writable: &[PathBuf]) -> Option<PathBuf> {
    let directory = place(writable)?;
    is_private(&directory, Uid::effective()).ok()?;
    Some(pattern(&directory))
}

/// Makes the directory where it is missing, and looks whether it is the caller's alone.
///
/// # Errors
/// Where it is not.
pub fn directory(writable: &[PathBuf]) -> Result<PathBuf, Error> {
    let Some(path) = place(writable) else {
        return Err(Error::Place {
            path: FALLBACK.into(),
            why: "a session may write there".to_owned(),
        });
    };
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

/// Whether a path lies below nothing that a session may write, by its name and where that leads.
fn is_out_of_reach(path: &Path, writable: &[PathBuf]) -> bool {
    let Ok(real) = path.canonicalize() else {
        return false;
    };
    let is_below = |root: &Path| {
        let leads = root.canonicalize();
        let leads = leads.as_deref().unwrap_or(root);
        [path, real.as_path()]
            .iter()
            .any(|one| one.starts_with(root) || one.starts_with(leads))
    };
    let mut roots = writable.iter().map(PathBuf::as_path);
    !is_below(Path::new(SHARED)) && !roots.any(is_below)
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

    #[test]
    fn a_directory_below_a_root_is_not_taken() {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path().join("root");
        let inside = root.join("run");
        fs::create_dir_all(&inside).unwrap();
        fs::create_dir(directory.path().join("root2")).unwrap();
        symlink(&root, directory.path().join("link")).unwrap();
        let of = |path: &str, writable: &[&str]| {
            let writable: Vec<PathBuf> = writable
                .iter()
                .map(|one| directory.path().join(one))
                .collect();
            is_out_of_reach(&directory.path().join(path), &writable)
        };
        assert!(of("root/run", &[]));
        assert!(of("root2", &["root"]));
        assert!(!of("root/run", &["root"]));
        assert!(!of("root", &["root"]));
        assert!(!of("link/run", &["root"]));
        assert!(!of("root/run", &["link"]));
        assert!(!of("missing", &[]));
        assert!(!is_out_of_reach(Path::new(SHARED), &[]));
        assert_eq!(place(&["/".into()]), None);
        assert!(super::directory(&["/".into()]).is_err());
    }
}
