//! Other processes: their memory, descriptors, ancestry; and attributes of our own.

use std::ffi::{CStr, CString, OsStr};
use std::fs;
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::ffi::OsStrExt;

use nix::unistd::Pid;

/// Reads up to `buffer.len()` bytes of another process; fewer at the end of a mapping.
///
/// # Errors
/// What `process_vm_readv(2)` says.
pub fn read_memory(thread: i32, address: u64, buffer: &mut [u8]) -> io::Result<usize> {
    let local = libc::iovec {
        iov_base: buffer.as_mut_ptr().cast(),
        iov_len: buffer.len(),
    };
    let address = usize::try_from(address).map_err(|_| fault())?;
    let remote = libc::iovec {
        iov_base: std::ptr::without_provenance_mut(address),
        iov_len: buffer.len(),
    };
    // SAFETY: `local` describes a live, writable slice; the remote side is checked by the kernel.
    let read =
        unsafe { libc::process_vm_readv(thread, &raw const local, 1, &raw const remote, 1, 0) };
    usize::try_from(read).map_err(|_| io::Error::last_os_error())
}

/// Reads a NUL-terminated string of another process, `PATH_MAX` at most, never past the page it needs.
///
/// # Errors
/// `EFAULT` where the caller itself would get it, `ENAMETOOLONG` past `PATH_MAX`.
pub fn read_string(thread: i32, address: u64) -> io::Result<CString> {
    const PAGE: u64 = 4096;
    const LIMIT: usize = libc::PATH_MAX as usize;
    let mut text = Vec::with_capacity(256);
    let mut address = address;
    while text.len() < LIMIT {
        let mut chunk = [0_u8; 4096];
        let to_page_end = usize::try_from(PAGE - address % PAGE).unwrap_or(1);
        // Most paths are short: a small first read saves copying a page.
        let want = if text.is_empty() {
            to_page_end.min(256)
        } else {
            to_page_end
        };
        let Some(window) = chunk.get_mut(..want) else {
            return Err(fault());
        };
        let read = read_memory(thread, address, window).map_err(|_| fault())?;
        if read == 0 {
            return Err(fault());
        }
        let window = chunk.get(..read).unwrap_or_default();
        if let Some(end) = window.iter().position(|byte| *byte == 0) {
            text.extend_from_slice(window.get(..end).unwrap_or_default());
            if text.len() >= LIMIT {
                break;
            }
            return CString::new(text).map_err(|_| fault());
        }
        text.extend_from_slice(window);
        address = address.checked_add(read as u64).ok_or_else(fault)?;
    }
    Err(io::Error::from_raw_os_error(libc::ENAMETOOLONG))
}

fn fault() -> io::Error {
    io::Error::from_raw_os_error(libc::EFAULT)
}

/// Takes a duplicate of another thread's descriptor.
///
/// # Errors
/// `EBADF` where the thread has no such descriptor; what `pidfd_getfd(2)` says.
pub fn take_descriptor(thread: i32, fd: RawFd) -> io::Result<OwnedFd> {
    const PIDFD_THREAD: libc::c_int = libc::O_EXCL;
    let pidfd = match pidfd_open(thread, PIDFD_THREAD) {
        Ok(pidfd) => pidfd,
        // NOTE(kernel 6.9): before it, only thread group leaders have pidfds.
        Err(error) if error.raw_os_error() == Some(libc::EINVAL) => {
            pidfd_open(thread_group(thread)?, 0)?
        }
        Err(error) => return Err(error),
    };
    // SAFETY: takes only numbers.
    let taken = unsafe { libc::syscall(libc::SYS_pidfd_getfd, pidfd.as_raw_fd(), fd, 0) };
    own_result(taken)
}

fn pidfd_open(process: i32, flags: libc::c_int) -> io::Result<OwnedFd> {
    // SAFETY: takes only numbers.
    own_result(unsafe { libc::syscall(libc::SYS_pidfd_open, process, flags) })
}

fn own_result(fd: libc::c_long) -> io::Result<OwnedFd> {
    let fd = RawFd::try_from(fd)
        .ok()
        .filter(|fd| *fd >= 0)
        .ok_or_else(io::Error::last_os_error)?;
    // SAFETY: the kernel has just made `fd` and nobody else knows it.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// Returns the id of the process a thread belongs to.
///
/// # Errors
/// When the thread is gone.
pub fn thread_group(thread: i32) -> io::Result<i32> {
    status_field(thread, "Tgid:")
}

/// Returns the mask that new files of a process are made with.
///
/// # Errors
/// When the process is gone.
pub fn umask(thread: i32) -> io::Result<u32> {
    let status = fs::read_to_string(format!("/proc/{thread}/status"))?;
    field(&status, "Umask:")
        .and_then(|value| u32::from_str_radix(value, 8).ok())
        .ok_or_else(|| io::Error::from_raw_os_error(libc::ESRCH))
}

fn status_field(thread: i32, name: &str) -> io::Result<i32> {
    let status = fs::read_to_string(format!("/proc/{thread}/status"))?;
    field(&status, name)
        .and_then(|value| value.parse().ok())
        .ok_or_else(|| io::Error::from_raw_os_error(libc::ESRCH))
}

pub(super) fn field<'a>(status: &'a str, name: &str) -> Option<&'a str> {
    status
        .lines()
        .find_map(|line| line.strip_prefix(name))
        .map(str::trim)
}

/// Returns the number of the controlling terminal of a process, `None` for none.
pub fn terminal(thread: i32) -> Option<(u32, u32)> {
    let stat = fs::read_to_string(format!("/proc/{thread}/stat")).ok()?;
    let (_, rest) = stat.rsplit_once(") ")?;
    let number: i64 = rest.split(' ').nth(4)?.parse().ok()?;
    let number = u64::try_from(number).ok().filter(|number| *number != 0)?;
    Some((libc::major(number), libc::minor(number)))
}

/// Returns the parent of a process.
pub fn parent(process: i32) -> Option<i32> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let (_, rest) = stat.rsplit_once(") ")?;
    rest.split(' ').nth(1)?.parse().ok()
}

/// Returns the process group of a process.
pub fn group(process: i32) -> Option<i32> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let (_, rest) = stat.rsplit_once(") ")?;
    rest.split(' ').nth(2)?.parse().ok()
}

/// Returns whether a thread sees the mounts that this process sees.
pub fn shares_mounts(thread: i32) -> bool {
    let seen = |who: &str| fs::read_link(format!("/proc/{who}/ns/mnt")).ok();
    let own = seen("self");
    own.is_some() && own == seen(&thread.to_string())
}

/// Returns a descriptor that can be read when a process has ended.
///
/// # Errors
/// What `pidfd_open(2)` says.
pub fn handle(process: i32) -> io::Result<OwnedFd> {
    pidfd_open(process, 0)
}

/// Returns every process that descends from another, without that one.
pub fn members(ancestor: i32) -> Vec<i32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let numbers = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    numbers
        .filter(|process| *process != ancestor && descends_from(*process, ancestor))
        .collect()
}

/// Sends a signal by number; 0 only asks whether it could be sent.
///
/// # Errors
/// What `kill(2)` says.
pub fn send_signal(process: i32, signal: i32) -> io::Result<()> {
    // SAFETY: takes only numbers.
    super::file::check(unsafe { libc::kill(process, signal) })
}

/// Returns the signals that this process ignores or blocks, a bit each, the first for signal 1.
pub fn deaf_to() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let set = |name| u64::from_str_radix(field(&status, name).unwrap_or_default(), 16);
    set("SigBlk:").unwrap_or(0) | set("SigIgn:").unwrap_or(0)
}

/// Returns whether a process descends from another, or is it.
pub fn descends_from(process: i32, ancestor: i32) -> bool {
    let mut process = process;
    for _ in 0..4096 {
        if process == ancestor {
            return true;
        }
        match parent(process) {
            Some(next) if next > 1 => process = next,
            _ => return process == ancestor,
        }
    }
    false
}

/// Returns whether a process above this one has a name and is root's.
pub fn has_ancestor_of_root(name: &str) -> bool {
    use std::os::unix::fs::MetadataExt;
    let mut process = nix::unistd::getppid().as_raw();
    for _ in 0..64 {
        let is_roots = fs::metadata(format!("/proc/{process}")).is_ok_and(|found| found.uid() == 0);
        let called = fs::read_to_string(format!("/proc/{process}/comm")).unwrap_or_default();
        if is_roots && called.trim_end() == name {
            return true;
        }
        match parent(process) {
            Some(next) if next > 1 => process = next,
            _ => return false,
        }
    }
    false
}

/// Returns the arguments of a process, the first few.
pub fn arguments(process: i32) -> Vec<String> {
    let raw = fs::read(format!("/proc/{process}/cmdline")).unwrap_or_default();
    raw.split(|byte| *byte == 0)
        .take(8)
        .map(|part| String::from_utf8_lossy(part).into_owned())
        .collect()
}

/// Returns the base name of the program a process runs.
pub fn program(process: i32) -> Option<String> {
    let link = fs::read_link(format!("/proc/{process}/exe")).ok()?;
    let name = link.file_name().map(OsStr::as_bytes)?;
    Some(
        String::from_utf8_lossy(name)
            .trim_end_matches(" (deleted)")
            .to_owned(),
    )
}

/// Returns whether the file that a process runs is root's.
pub fn is_of_root(process: i32) -> bool {
    use std::os::unix::fs::MetadataExt;
    fs::metadata(format!("/proc/{process}/exe")).is_ok_and(|found| found.uid() == 0)
}

/// Makes this process the one that orphans of its descendants go to.
///
/// # Errors
/// What `prctl(2)` says.
pub fn become_subreaper() -> io::Result<()> {
    control(libc::PR_SET_CHILD_SUBREAPER, 1)
}

/// Makes this process unreadable for others of the same user.
///
/// # Errors
/// What `prctl(2)` says.
pub fn become_undumpable() -> io::Result<()> {
    control(libc::PR_SET_DUMPABLE, 0)
}

/// Gives up gaining privileges by exec, for ever. Async-signal-safe.
///
/// # Errors
/// What `prctl(2)` says.
pub fn renounce_privileges() -> io::Result<()> {
    control(libc::PR_SET_NO_NEW_PRIVS, 1)
}

fn control(option: libc::c_int, value: libc::c_ulong) -> io::Result<()> {
    let zero: libc::c_ulong = 0;
    // SAFETY: these options take numbers only.
    super::file::check(unsafe { libc::prctl(option, value, zero, zero, zero) })
}

/// The two sides of a fork.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Side {
    /// The new process.
    Child,
    /// The old process, and the id of the new one.
    Parent(Pid),
}

/// Forks.
///
/// INVARIANT: the process has one thread; every caller forks before it starts any other.
///
/// # Errors
/// What `fork(2)` says.
pub fn fork() -> io::Result<Side> {
    // SAFETY: the process has a single thread, so the child may do all that the parent may.
    match unsafe { nix::unistd::fork() }? {
        nix::unistd::ForkResult::Child => Ok(Side::Child),
        nix::unistd::ForkResult::Parent { child } => Ok(Side::Parent(child)),
    }
}

/// Sets a signal to its default action, or to be ignored. Async-signal-safe.
pub fn set_signal(signal: nix::sys::signal::Signal, ignore: bool) {
    use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, sigaction};
    let handler = if ignore {
        SigHandler::SigIgn
    } else {
        SigHandler::SigDfl
    };
    let action = SigAction::new(handler, SaFlags::empty(), SigSet::empty());
    // SAFETY: default and ignore run no code of ours.
    let _ = unsafe { sigaction(signal, &action) };
}

/// Has a signal do nothing here, and what it does by itself in programs that are started.
pub fn shrug_off(signal: nix::sys::signal::Signal) {
    use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, sigaction};
    extern "C" fn nothing(_: libc::c_int) {}
    let handler = SigHandler::Handler(nothing);
    let action = SigAction::new(handler, SaFlags::empty(), SigSet::empty());
    // SAFETY: the handler does nothing at all.
    let _ = unsafe { sigaction(signal, &action) };
}

/// A directory nobody can make: only a supervisor of ours answers [`GUARDED_ANSWER`] to the attempt.
pub const GUARDED_QUESTION: &CStr = c"/proc/self/.hlrp-sh";
/// What it answers.
pub const GUARDED_ANSWER: i32 = libc::EISNAM;

/// Returns whether this process runs inside a guard already, by its supervisor's own word.
pub fn is_guarded() -> bool {
    let made = super::names::make_directory(super::file::cwd(), GUARDED_QUESTION, 0o700);
    made.is_err_and(|error| error.raw_os_error() == Some(GUARDED_ANSWER))
}

/// Forbids core dumps to this process and its descendants, for good. Async-signal-safe.
pub fn forbid_core_dumps() {
    let none = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: `none` is a live `rlimit`; lowering a limit always succeeds.
    unsafe { libc::setrlimit(libc::RLIMIT_CORE, &raw const none) };
}

/// Gives this thread a working directory and a file mode mask of its own.
///
/// # Errors
/// What `unshare(2)` says.
pub fn own_mask() -> io::Result<()> {
    // SAFETY: takes only numbers.
    super::file::check(unsafe { libc::unshare(libc::CLONE_FS) })
}

/// Ends this process by a signal, as its child ended; returns where the signal does not end processes.
pub fn die_of(signal: i32) {
    let Ok(signal) = nix::sys::signal::Signal::try_from(signal) else {
        return;
    };
    forbid_core_dumps();
    set_signal(signal, false);
    let mut mask = nix::sys::signal::SigSet::empty();
    mask.add(signal);
    let _ = mask.thread_unblock();
    let _ = nix::sys::signal::raise(signal);
}

/// Ends this process at once, without unwinding or flushing. Async-signal-safe.
pub fn exit_now(code: i32) -> ! {
    // SAFETY: always sound.
    unsafe { libc::_exit(code) }
}
