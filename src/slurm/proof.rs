//! The sockets that prove to Slurm who somebody is. Whoever reaches one can submit
//! anything; no process of a session may, by whatever path.

use std::path::{Path, PathBuf};

use crate::broker::{Identity, identity};

/// munge's own default, and where `auth/slurm` (23.11) has its sockets.
const USUAL: [&str; 6] = [
    "/run/munge/munge.socket.2",
    "/var/run/munge/munge.socket.2",
    "/run/slurm/sack.socket",
    "/run/slurmctld/sack.socket",
    "/run/slurmdbd/sack.socket",
    "/run/slurmd/sack.socket",
];

/// Where Slurm is configured.
const CONFIGURATIONS: [&str; 4] = [
    "/etc/slurm/slurm.conf",
    "/etc/slurm-llnl/slurm.conf",
    "/run/slurm/conf/slurm.conf",
    "/usr/local/etc/slurm.conf",
];

/// Returns device and inode of every such socket that is there now.
pub fn sockets() -> Vec<Identity> {
    let named = std::env::var_os("SLURM_CONF").map(PathBuf::from);
    let configurations = CONFIGURATIONS.iter().map(PathBuf::from).chain(named);
    let configured = configurations
        .filter_map(|path| std::fs::read_to_string(path).ok())
        .flat_map(|text| in_configuration(&text));
    let usual = USUAL.iter().map(PathBuf::from);
    let found = usual.chain(of_clusters()).chain(configured);
    let mut sockets: Vec<Identity> = found.filter_map(|path| identity(&path).ok()).collect();
    sockets.sort_unstable();
    sockets.dedup();
    sockets
}

/// `/run/slurm-CLUSTER/sack.socket`.
fn of_clusters() -> Vec<PathBuf> {
    let entries = std::fs::read_dir("/run").into_iter().flatten().flatten();
    let directories =
        entries.filter(|entry| entry.file_name().as_encoded_bytes().starts_with(b"slurm-"));
    directories
        .map(|entry| entry.path().join("sack.socket"))
        .collect()
}

/// Returns the sockets that a configuration names: `AuthInfo=socket=…`, and munge's for the data base.
fn in_configuration(text: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for line in text.lines() {
        let Some((key, value)) = line.trim().split_once('=') else {
            continue;
        };
        let key = key.trim().to_ascii_lowercase();
        if !matches!(
            key.as_str(),
            "authinfo" | "authaltparameters" | "accountingstoragepass"
        ) {
            continue;
        }
        for part in value.split(',') {
            let part = part.trim();
            let path = part.rsplit_once('=').map_or(part, |(_, path)| path);
            if Path::new(path).is_absolute() {
                found.push(PathBuf::from(path));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sockets_are_found_in_a_configuration() {
        let text = "ClusterName=x\n AuthInfo = socket=/opt/munge.2,ttl=60\nAccountingStoragePass=/opt/db.2\n#AuthInfo=socket=/no\n";
        let found = in_configuration(text);
        assert_eq!(
            found,
            [PathBuf::from("/opt/munge.2"), PathBuf::from("/opt/db.2")]
        );
    }
}
