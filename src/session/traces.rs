//! Traces of Slurm on this machine: its clients and its configuration.
//!
//! INVARIANT: whatever could be a cluster is one; nothing is asked, and nothing that the
//! caller's environment says takes a trace away.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Finds them: clients on `path` and in the usual places, and configurations.
pub(super) fn find(path: &str) -> Vec<PathBuf> {
    let directories = std::env::split_paths(path).chain(PLACES.map(PathBuf::from));
    let mut found: Vec<PathBuf> = directories
        .map(|directory| directory.join("sbatch"))
        .chain(CONFIGURATIONS.map(PathBuf::from))
        .filter(|path| path.exists())
        .collect();
    found.dedup();
    found
}

/// Returns the name of the cluster that this machine's own configuration gives it.
pub fn cluster_name() -> Option<String> {
    let files = CONFIGURATIONS.iter().map(Path::new);
    let texts = files.filter_map(|path| std::fs::read_to_string(path).ok());
    let mut lines = texts.flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>());
    lines.find_map(|line| {
        let (key, value) = line.split_once('=')?;
        let name = value.split('#').next()?.trim();
        key.trim()
            .eq_ignore_ascii_case("ClusterName")
            .then(|| name.to_owned())
    })
}

/// Returns one of the system's clients, ready to ask: by its absolute path, in an empty environment. One that somebody
/// else than root can put there, or a configuration of somebody else's, could say anything.
pub(super) fn client(name: &str, path: &str, configuration: Option<&Path>) -> Option<Command> {
    let places = PLACES.map(PathBuf::from).into_iter();
    let program = places
        .chain(std::env::split_paths(path))
        .find_map(|directory| of_root(&directory.join(name)))?;
    let mut command = Command::new(program);
    command
        .env_clear()
        .stdin(Stdio::null())
        .stderr(Stdio::null());
    if let Some(configuration) = configuration {
        command.env("SLURM_CONF", of_root(configuration)?);
    }
    Some(command)
}

/// Returns where a file really is, if it and every directory above it are root's and writable by root alone.
pub(super) fn of_root(path: &Path) -> Option<PathBuf> {
    let path = path.is_absolute().then(|| path.canonicalize().ok())??;
    let is_guarded = path.ancestors().all(|path| {
        path.metadata()
            .is_ok_and(|status| status.uid() == 0 && status.mode() & 0o022 == 0)
    });
    is_guarded.then_some(path)
}

/// Where Slurm clients lie besides PATH, which the caller can change.
const PLACES: [&str; 4] = [
    "/usr/bin",
    "/usr/local/bin",
    "/opt/slurm/bin",
    "/usr/local/slurm/bin",
];

const CONFIGURATIONS: [&str; 4] = [
    "/etc/slurm/slurm.conf",
    "/etc/slurm-llnl/slurm.conf",
    "/run/slurm/conf/slurm.conf",
    "/var/spool/slurmd",
];
