//! What the kernel says itself: how full a file system is, the limits of a directory with
//! a project quota, and the quotas of a user and the groups.

use std::io;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};

use nix::sys::statvfs::{Statvfs, statvfs};

use super::mounts::{Kind, top};
use super::{Reading, Report, Source, Usage};
use crate::sys::quota::{self, Whose};

/// Measures the file system of a root, and what a project quota leaves of it.
///
/// # Errors
/// What `statvfs(3)` says.
pub(super) fn file_system(root: &Path, there: &Path) -> io::Result<(Kind, Vec<Reading>)> {
    let directory = crate::sys::file::open_path(there, nix::fcntl::OFlag::O_PATH)?;
    let kind = Kind::of(crate::sys::file::filesystem_magic(directory.as_fd())?);
    let here = statvfs(there)?;
    let reading = |source: Source, of: PathBuf, state: &Statvfs| Reading {
        root: root.to_owned(),
        source,
        of: of.display().to_string(),
        space: space(state),
        inodes: inodes(state),
        shared: kind.is_shared(),
        age: 0,
    };
    let mount = top(there);
    let whole = if kind == Kind::Local && mount != there {
        statvfs(&mount).ok()
    } else {
        None
    };
    let readings = match whole {
        // A directory that is smaller than its file system has a quota of its own.
        Some(whole) if (whole.blocks(), whole.files()) != (here.blocks(), here.files()) => vec![
            reading(Source::Project, there.to_owned(), &here),
            reading(Source::FileSystem, mount, &whole),
        ],
        _ => vec![reading(Source::FileSystem, mount, &here)],
    };
    Ok((kind, readings))
}

/// As `df` counts: what is kept for root is neither used nor free.
fn space(state: &Statvfs) -> Usage {
    let unit = state.fragment_size().max(1);
    let used = state.blocks().saturating_sub(state.blocks_free());
    let available = state.blocks_available();
    let all = used.saturating_add(available).saturating_mul(unit);
    Usage {
        used: used.saturating_mul(unit),
        limit: (state.blocks() > 0).then_some(all),
        available: Some(available.saturating_mul(unit)),
    }
}

fn inodes(state: &Statvfs) -> Usage {
    // btrfs and some network file systems count none.
    if state.files() == 0 {
        return Usage::default();
    }
    Usage::of(
        state.files().saturating_sub(state.files_free()),
        state.files(),
    )
}

/// Asks for the quotas of the user and the user's groups on the file system of a root.
pub(super) fn quotas(root: &Path, there: &Path, report: &mut Report) {
    // Inside a guard the kernel does not answer; the guard's own watch does it there.
    let Ok(directory) = crate::sys::file::open_path(there, nix::fcntl::OFlag::O_RDONLY) else {
        return;
    };
    let mut device: Option<Option<PathBuf>> = None;
    let mut find = || {
        let found = || super::mounts::device(there).map(PathBuf::from);
        device.get_or_insert_with(found).clone()
    };
    let user = Whose::User(nix::unistd::Uid::effective().as_raw());
    let groups = nix::unistd::getgroups().unwrap_or_default();
    let own = nix::unistd::Gid::effective();
    let mut groups: Vec<u32> = groups
        .into_iter()
        .chain([own])
        .map(|one| one.as_raw())
        .collect();
    groups.sort_unstable();
    groups.dedup();
    for whose in [user]
        .into_iter()
        .chain(groups.into_iter().map(Whose::Group))
    {
        match quota::limits(directory.as_fd(), whose, &mut find) {
            Ok(Some(limits)) => {
                let space = Usage::within(limits.bytes, limits.soft_bytes, limits.hard_bytes);
                let inodes = Usage::within(limits.files, limits.soft_files, limits.hard_files);
                if space.limit.is_some() || inodes.limit.is_some() {
                    let of = match whose {
                        Whose::User(id) => format!("user {id}"),
                        Whose::Group(id) => format!("group {id}"),
                    };
                    report.add(root, Source::Linux, of, space, inodes);
                }
            }
            // No quotas of this sort here.
            Ok(None) => {}
            Err(error) => {
                report.fail(root, "quotactl", error.to_string());
                return;
            }
        }
    }
}
