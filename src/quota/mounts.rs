//! What kind of file system a directory lies on, and where its mount begins.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// What kind of file system it is, as far as quotas go.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    /// The kernel itself keeps quotas.
    Local,
    /// Lustre.
    Lustre,
    /// GPFS, also called Spectrum Scale.
    Gpfs,
    /// NFS.
    Nfs,
    /// Another that comes over a network.
    Network,
    /// Without quotas: memory, overlays.
    Other,
}

/// Numbers of statfs(2), beside those of the kernel's own `magic.h`.
const KINDS: [(i64, Kind); 13] = [
    (0xEF53, Kind::Local),      // ext2, 3, 4
    (0x5846_5342, Kind::Local), // xfs
    (0xF2F5_2010, Kind::Local), // f2fs
    (0x9123_683E, Kind::Other), // btrfs: its quota groups are root's to read
    (0x0BD0_0BD0, Kind::Lustre),
    (0x4750_4653, Kind::Gpfs),
    (0x6969, Kind::Nfs),
    (0x6573_5546, Kind::Network), // FUSE
    (0x00C3_6400, Kind::Network), // Ceph
    (0x1983_0326, Kind::Network), // BeeGFS
    (0xFF53_4D42, Kind::Network), // CIFS
    (0xFE53_4D42, Kind::Network), // SMB2
    (0x5346_414F, Kind::Network), // AFS
];

impl Kind {
    /// Returns the kind of a number of statfs(2).
    pub(super) fn of(magic: i64) -> Self {
        let found = KINDS.iter().find(|(number, _)| *number == magic);
        found.map_or(Self::Other, |(_, kind)| *kind)
    }

    /// Returns whether other machines write to it too.
    pub(super) fn is_shared(self) -> bool {
        match self {
            Self::Lustre | Self::Gpfs | Self::Nfs | Self::Network => true,
            Self::Local | Self::Other => false,
        }
    }
}

/// Returns the topmost directory of the mount that a directory lies on.
pub(super) fn top(directory: &Path) -> PathBuf {
    let device = |path: &Path| path.metadata().ok().map(|found| found.dev());
    let own = device(directory);
    let on_it = directory.ancestors().take_while(|path| device(path) == own);
    on_it.last().unwrap_or(directory).to_owned()
}

/// Returns what is mounted there, as the mount table names it: `/dev/sda1`, `server:/home`.
pub(super) fn device(directory: &Path) -> Option<String> {
    let table = std::fs::read_to_string("/proc/self/mountinfo").ok()?;
    device_in(&table, directory)
}

fn device_in(table: &str, directory: &Path) -> Option<String> {
    let mut best: Option<(usize, String)> = None;
    for line in table.lines() {
        let Some((place, about)) = line.split_once(" - ") else {
            continue;
        };
        let Some(point) = place.split(' ').nth(4).map(unescaped) else {
            continue;
        };
        let depth = Path::new(&point).components().count();
        let is_better = best.as_ref().is_none_or(|(known, _)| depth >= *known);
        if directory.starts_with(&point)
            && is_better
            && let Some(source) = about.split(' ').nth(1)
        {
            best = Some((depth, unescaped(source)));
        }
    }
    best.map(|(_, source)| source)
}

/// Undoes the octal escapes of the mount table.
fn unescaped(text: &str) -> String {
    let escapes = [
        ("\\040", " "),
        ("\\011", "\t"),
        ("\\012", "\n"),
        ("\\134", "\\"),
    ];
    escapes
        .iter()
        .fold(text.to_owned(), |text, (escape, plain)| {
            text.replace(escape, plain)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_innermost_mount_is_the_one_that_counts() {
        let table = "\
22 1 254:0 / / rw - ext4 /dev/vda rw
30 22 0:50 / /home rw - autofs auto.home rw
31 30 0:51 / /home/me rw - nfs server:/ifs/home/me rw
32 22 0:52 / /with\\040space rw - lustre 10.0.0.1@o2ib:/work rw
";
        let device = |path: &str| device_in(table, Path::new(path));
        assert_eq!(device("/home/me/x").as_deref(), Some("server:/ifs/home/me"));
        assert_eq!(device("/home/mean").as_deref(), Some("auto.home"));
        assert_eq!(
            device("/with space/x").as_deref(),
            Some("10.0.0.1@o2ib:/work")
        );
        assert_eq!(device("/usr").as_deref(), Some("/dev/vda"));
    }
}
