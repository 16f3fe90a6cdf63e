//! Traces of Slurm on this machine: its clients and its configuration.
//!
//! INVARIANT: whatever is not plainly a client without a cluster is a trace of a cluster.

use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// Finds them: clients on `path` and in the usual places, and configurations. Clients that a package brought to a
/// machine of no cluster are none, where they may be asked.
pub(super) fn find(path: &str, asks: bool) -> Vec<PathBuf> {
    let directories = std::env::split_paths(path).chain(PLACES.map(PathBuf::from));
    let mut found: Vec<PathBuf> = directories
        .map(|directory| directory.join("sbatch"))
        .filter(|path| path.exists())
        .collect();
    found.dedup();
    let configurations = CONFIGURATIONS.map(PathBuf::from);
    let mut configurations = configurations.into_iter().filter(|path| path.exists());
    let Some(first) = configurations.next() else {
        if asks && found.iter().all(|client| is_without_cluster(client)) {
            found.clear();
        }
        return found;
    };
    found.push(first);
    found.extend(configurations);
    found
}

/// Returns whether the clients say that they know no cluster: they have no configuration, and the name service names no
/// controller to get one from. Only the system's own clients are believed.
fn is_without_cluster(client: &Path) -> bool {
    let program = client.with_file_name("scontrol");
    let is_the_systems = program.metadata().is_ok_and(|status| status.uid() == 0);
    if !is_the_systems {
        return false;
    }
    let child = Command::new(&program)
        .arg("ping")
        .env_clear()
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn();
    child.is_ok_and(|child| last_words(child).contains(NO_CONFIGURATION))
}

/// Returns what a program said on standard error, if it failed soon.
fn last_words(mut child: Child) -> String {
    let end = Instant::now() + PATIENCE;
    let failed = loop {
        match child.try_wait() {
            Ok(Some(status)) => break !status.success(),
            Ok(None) if Instant::now() < end => thread::sleep(Duration::from_millis(1)),
            Ok(None) | Err(_) => {
                let _ = child.kill();
                let _ = child.wait();
                break false;
            }
        }
    };
    let mut text = String::new();
    if failed && let Some(mut pipe) = child.stderr.take() {
        let _ = pipe.read_to_string(&mut text);
    }
    text
}

/// How long a name service may take that names no controller.
const PATIENCE: Duration = Duration::from_secs(1);

/// What Slurm's clients say since 20.02 where they find no cluster.
const NO_CONFIGURATION: &str = "Could not establish a configuration source";

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
