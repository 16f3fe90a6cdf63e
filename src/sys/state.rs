//! What other processes are doing, by the kernel's word.

use std::fs;
use std::os::fd::RawFd;
use std::path::PathBuf;

use super::process::field;

/// Returns the session (setsid(2)) of a process.
pub fn session(process: i32) -> Option<i32> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let (_, rest) = stat.rsplit_once(") ")?;
    rest.split(' ').nth(3)?.parse().ok()
}

/// Returns whether a process ignores being hung up on, as what is started with nohup(1) does.
pub fn ignores_hang_up(process: i32) -> bool {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let ignored = field(&status, "SigIgn:").unwrap_or_default();
    u64::from_str_radix(ignored, 16).is_ok_and(|set| set & 1 != 0)
}

/// Returns whether a process waits in read(2) on a descriptor; false also where the kernel does not say.
pub fn reads(process: i32, fd: RawFd) -> bool {
    let call = fs::read_to_string(format!("/proc/{process}/syscall")).unwrap_or_default();
    call.starts_with(&format!("{} 0x{fd:x} ", libc::SYS_read))
}

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

/// Returns whether a signal has come for a thread that it neither blocks nor ignores.
pub fn has_signal(thread: i32) -> bool {
    let status = fs::read_to_string(format!("/proc/{thread}/status")).unwrap_or_default();
    let set = |name| {
        let text = field(&status, name).unwrap_or_default();
        u64::from_str_radix(text, 16).unwrap_or(0)
    };
    let deaf = set("SigBlk:") | set("SigIgn:");
    (set("SigPnd:") | set("ShdPnd:")) & !deaf != 0
}
