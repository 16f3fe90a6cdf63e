//! What there is to see of other processes: whether they are stopped, what they write to.

use std::fs;
use std::path::PathBuf;

use super::process::field;

/// Returns whether a process is stopped by a signal, or being traced.
pub fn is_stopped(process: i32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let state = stat
        .rsplit_once(") ")
        .and_then(|(_, rest)| rest.chars().next());
    matches!(state, Some('T' | 't'))
}

/// Returns the regular files that a process has open for writing; none where it may not be looked at.
pub fn written_files(process: i32) -> Vec<PathBuf> {
    let entries = fs::read_dir(format!("/proc/{process}/fd"))
        .into_iter()
        .flatten();
    let written = entries.flatten().filter_map(|entry| {
        let number = entry.file_name().into_string().ok()?;
        let about = fs::read_to_string(format!("/proc/{process}/fdinfo/{number}")).ok()?;
        let flags = i32::from_str_radix(field(&about, "flags:")?, 8).ok()?;
        let path = fs::read_link(entry.path()).ok()?;
        let is_written = flags & libc::O_ACCMODE != libc::O_RDONLY;
        (is_written && path.is_file()).then_some(path)
    });
    written.collect()
}
