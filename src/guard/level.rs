//! How strong the guard can be on this machine: found out by asking the kernel, never
//! from its version. facts: Landlock 5.13, user notification 5.0, seccomp(2), landlock(7).

use std::fs;
use std::path::PathBuf;

use super::filter::Filter;
use crate::policy::GuardLevel;
use crate::sys::{landlock, seccomp};

/// What the kernel offers.
#[derive(Clone, Debug)]
pub struct Offer {
    /// Version of Landlock's ABI, 0 for none.
    pub landlock: u32,
    /// Whether seccomp user notification is there.
    pub notification: bool,
    /// Yama's `ptrace_scope`; 0 where there is none. At 2 and above no supervisor can read its callers.
    pub ptrace_scope: u32,
}

impl Offer {
    /// Asks the kernel.
    pub fn ask() -> Self {
        let ptrace_scope = fs::read_to_string("/proc/sys/kernel/yama/ptrace_scope").ok();
        Self {
            landlock: landlock::abi(),
            notification: seccomp::has_notification(),
            ptrace_scope: ptrace_scope
                .and_then(|text| text.trim().parse().ok())
                .unwrap_or(0),
        }
    }

    /// Returns the level this allows at best; B stands for "B where users may make namespaces, else C".
    pub fn level(&self) -> GuardLevel {
        if !self.notification || self.ptrace_scope >= 2 {
            GuardLevel::D
        } else if self.landlock >= 2 {
            GuardLevel::A
        } else {
            GuardLevel::B
        }
    }

    /// Returns the filter that goes with a level. Where births cannot be told by time, creation must be seen.
    pub fn filter(&self, level: GuardLevel, births_told: bool) -> Filter {
        Filter {
            notify_creation: !births_told || level == GuardLevel::C,
            notify_signals: level != GuardLevel::A || self.landlock < 6,
            refuse_tracing: level != GuardLevel::A,
            root: nix::unistd::geteuid().is_root(),
            sealed: false,
        }
    }

    /// Returns the filter of a program that makes namespaces of its own: no Landlock domain of files allows a mount.
    pub fn sealed_filter(&self) -> Filter {
        Filter {
            notify_signals: self.landlock < 6,
            refuse_tracing: true,
            sealed: true,
            ..Filter::default()
        }
    }

    /// Returns why the level is what it is, one line.
    pub fn reason(&self) -> String {
        match self.level() {
            GuardLevel::A => format!(
                "Landlock ABI {} and seccomp user notification",
                self.landlock
            ),
            GuardLevel::B | GuardLevel::C => {
                "no Landlock: namespaces where users may make them, else every mutation is notified"
                    .to_owned()
            }
            GuardLevel::D if !self.notification => {
                "the kernel has no seccomp user notification (Linux 5.0)".to_owned()
            }
            GuardLevel::D => format!(
                "kernel.yama.ptrace_scope is {}, so no supervisor can read its callers",
                self.ptrace_scope
            ),
        }
    }
}

/// Returns the devices a program may open for writing on a machine where it may train: GPUs and their interconnect.
pub fn accelerators() -> Vec<PathBuf> {
    let names = ["nvidia", "kfd", "dri", "infiniband"];
    let is_accelerator = |name: &str| names.iter().any(|prefix| name.starts_with(prefix));
    let entries = fs::read_dir("/dev").into_iter().flatten().flatten();
    let mut found = Vec::new();
    for entry in entries.filter(|entry| entry.file_name().to_str().is_some_and(is_accelerator)) {
        let path = entry.path();
        match fs::read_dir(&path) {
            Ok(inner) => found.extend(inner.flatten().map(|entry| entry.path())),
            Err(_) => found.push(path),
        }
    }
    found
}
