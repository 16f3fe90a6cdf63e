//! The Landlock domains of a session: what it may write, and whom it may reach.

use std::io;
use std::path::{Path, PathBuf};

use super::supervisor::Law;
use crate::sys::landlock::Domain;

/// Enters the domain for writing and prepares the one for scopes, which only the program enters.
pub(super) fn enter_domains(trees: &[&Path], law: &Law) -> io::Result<Option<Domain>> {
    let mut devices: Vec<&Path> = [
        "/dev/null",
        "/dev/zero",
        "/dev/full",
        "/dev/random",
        "/dev/urandom",
        "/dev/tty",
        "/dev/ptmx",
        "/dev/pts",
        "/proc",
    ]
    .iter()
    .map(Path::new)
    .collect();
    devices.extend(law.devices.iter().map(PathBuf::as_path));
    let mut emptied: Vec<&Path> = law
        .context
        .scratch
        .iter()
        .filter_map(|scratch| scratch.parent())
        .collect();
    emptied.dedup();
    Domain::of_writing(trees, &devices, &emptied)?.enter()?;
    if !law.unreadable.is_empty() {
        Domain::of_reading_all_but(&law.unreadable)?.enter()?;
    }
    match Domain::of_scopes()? {
        Some(scopes) => Ok(Some(scopes)),
        None => Domain::of_tracing().map(Some),
    }
}
