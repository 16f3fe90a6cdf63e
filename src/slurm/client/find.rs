//! Where the real clients are. A session must not be able to put another in their place.
//!
//! INVARIANT: a client whose file or directories anybody but root may change is taken
//! only where there is no other, and the caller's own last; one that the session itself
//! may write is never taken.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::Client;
use crate::broker::SOCKET;

/// Where clients lie besides `PATH`, which the caller can change.
const PLACES: [&str; 6] = [
    "/usr/bin",
    "/usr/local/bin",
    "/opt/slurm/bin",
    "/opt/slurm/current/bin",
    "/usr/local/slurm/bin",
    "/cm/shared/apps/slurm/current/bin",
];

/// Returns every client, by an absolute path that no link is left in.
pub(super) fn all(writable: &[&Path]) -> BTreeMap<Client, PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    in_directories(&path, &PLACES.map(Path::new), writable)
}

/// Returns a program, by an absolute path that no link is left in.
pub(crate) fn program(name: &str, writable: &[&Path]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    best(name, &directories(&path, &PLACES.map(Path::new)), writable)
}

/// Looks through `path`, then through further places.
fn in_directories(
    path: &OsStr,
    further: &[&Path],
    writable: &[&Path],
) -> BTreeMap<Client, PathBuf> {
    let directories = directories(path, further);
    let one = |client: Client| {
        let best = best(client.name(), &directories, writable);
        best.map(|path| (client, path))
    };
    Client::ALL.into_iter().filter_map(one).collect()
}

fn directories(path: &OsStr, further: &[&Path]) -> Vec<PathBuf> {
    std::env::split_paths(path)
        .chain(further.iter().map(|place| place.to_path_buf()))
        .filter(|directory| directory.is_absolute())
        .collect()
}

/// Returns the first program of the best standing.
fn best(name: &str, directories: &[PathBuf], writable: &[&Path]) -> Option<PathBuf> {
    directories
        .iter()
        .filter_map(|directory| candidate(&directory.join(name), writable))
        .min_by_key(|path| standing(path))
}

/// Returns the shims of a session: those beside the broker's socket, also where something else came first on `PATH`.
pub(super) fn on_path() -> BTreeMap<Client, PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let scratch = std::env::var_os("TMPDIR").map(|scratch| Path::new(&scratch).join("bin"));
    let directories = std::env::split_paths(&path).chain(scratch);
    let has_broker = |directory: &PathBuf| directory.join(SOCKET).symlink_metadata().is_ok();
    let Some(door) = directories.into_iter().find(has_broker) else {
        return BTreeMap::new();
    };
    let shims = Client::ALL.map(|client| (client, door.join(client.name())));
    shims
        .into_iter()
        .filter(|(_, path)| path.is_file())
        .collect()
}

/// Returns the file that a name leads to, if it is a program that no session may write, and not ourselves.
fn candidate(path: &Path, writable: &[&Path]) -> Option<PathBuf> {
    let path = path.canonicalize().ok()?;
    let found = path.metadata().ok()?;
    let is_program = found.is_file() && found.mode() & 0o111 != 0;
    let is_ours = std::env::current_exe().is_ok_and(|program| program == path);
    let is_writable = writable.iter().any(|directory| path.starts_with(directory))
        || path.starts_with("/dev/shm");
    (is_program && !is_ours && !is_writable).then_some(path)
}

/// Returns whose hands a client is in: root's alone, others', the caller's own.
fn standing(path: &Path) -> u8 {
    let own = nix::unistd::Uid::effective().as_raw();
    let is_own = |part: &Path| {
        part.symlink_metadata()
            .is_ok_and(|found| found.uid() == own)
    };
    match (is_roots(path), path.ancestors().any(is_own)) {
        (true, _) => 0,
        (false, false) => 1,
        (false, true) => 2,
    }
}

/// Returns whether root alone may change a file, or what its path means.
pub(super) fn is_roots(path: &Path) -> bool {
    path.ancestors().all(|part| {
        part.symlink_metadata().is_ok_and(|found| {
            let shared = found.mode() & 0o022 != 0 && found.mode() & 0o1000 == 0;
            found.uid() == 0 && !shared
        })
    })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn program(directory: &Path, name: &str) -> PathBuf {
        std::fs::create_dir_all(directory).unwrap();
        let path = directory.join(name);
        std::fs::write(&path, "#!/bin/sh\n").unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).unwrap();
        path
    }

    #[test]
    fn a_client_that_a_session_may_write_is_never_taken() {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path().join("home");
        let outside = directory.path().join("opt");
        program(&root.join("bin"), "sbatch");
        let path = std::env::join_paths([root.join("bin"), outside.clone()]).unwrap();
        assert!(in_directories(&path, &[], &[&root]).is_empty());
        let good = program(&outside, "sbatch").canonicalize().unwrap();
        let found = in_directories(&path, &[], &[&root]);
        assert_eq!(found.get(&Client::Sbatch), Some(&good));
    }

    #[test]
    fn a_link_out_of_a_safe_place_into_a_root_is_seen_through() {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path().join("home");
        let outside = directory.path().join("opt");
        let forged = program(&root, "forged");
        std::fs::create_dir(&outside).unwrap();
        std::os::unix::fs::symlink(&forged, outside.join("squeue")).unwrap();
        assert!(in_directories(outside.as_os_str(), &[], &[&root]).is_empty());
    }

    #[test]
    fn relative_directories_and_files_without_execute_bits_do_not_count() {
        let directory = tempfile::tempdir().unwrap();
        let path = program(directory.path(), "sinfo");
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o644)).unwrap();
        assert!(in_directories(directory.path().as_os_str(), &[], &[]).is_empty());
        assert!(in_directories(OsStr::new(".:bin"), &[], &[]).is_empty());
    }

    #[test]
    fn what_root_alone_may_change_comes_first() {
        let directory = tempfile::tempdir().unwrap();
        let mine = program(directory.path(), "true");
        assert!(is_roots(Path::new("/usr/bin/env")));
        std::fs::set_permissions(directory.path(), PermissionsExt::from_mode(0o777)).unwrap();
        assert!(!is_roots(&mine));
    }
}
