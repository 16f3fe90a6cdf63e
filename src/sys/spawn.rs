//! Programs that are run for somebody else: in a session of their own, with somebody
//! else's directory, mask and descriptors.

use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::process::CommandExt;
use std::process::Command;

use nix::sys::signal::{SigSet, SigmaskHow, Signal, sigprocmask};

/// The first descriptor besides the standard three.
pub const FIRST: RawFd = 3;
/// How many descriptors besides the standard three a program may be given.
pub const MOST_FILES: usize = 4;

/// What a program is given besides its arguments and its environment.
#[derive(Debug)]
pub struct Setting {
    /// Its working directory.
    pub directory: OwnedFd,
    /// Its file mode mask.
    pub umask: u32,
    /// What it finds at descriptors 3, 4, …
    pub files: Vec<OwnedFd>,
}

/// Takes the descriptors that programs are given files at, so that nothing else has these numbers.
///
/// # Errors
/// What `open(2)` and `fcntl(2)` say.
pub fn reserve_files() -> io::Result<()> {
    let null = std::fs::File::open("/dev/null")?;
    let last = FIRST + RawFd::try_from(MOST_FILES).unwrap_or(0);
    loop {
        // SAFETY: takes only numbers; the kernel gives the lowest number that is free.
        let made = unsafe { libc::fcntl(null.as_raw_fd(), libc::F_DUPFD_CLOEXEC, FIRST) };
        if made == -1 {
            return Err(io::Error::last_os_error());
        }
        if made >= last {
            // SAFETY: just made, and nobody else knows it.
            drop(unsafe { OwnedFd::from_raw_fd(made) });
            // The one that they were made from may have such a number itself.
            if null.as_raw_fd() < last {
                std::mem::forget(null);
            }
            return Ok(());
        }
    }
}

/// Makes a command start in a session of its own, without a terminal, with every signal as a new program has it,
/// without core dumps, and ending when the thread that started it does.
///
/// INVARIANT: [`reserve_files`] was called in this process, so that nothing it needs has one of those numbers.
pub fn set(command: &mut Command, setting: Setting) {
    let parent = std::process::id();
    let begin = move || {
        enter(&setting)?;
        // SAFETY: takes only numbers.
        unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGTERM) };
        // The parent may have ended before it was asked for.
        if u32::try_from(nix::unistd::getppid().as_raw()) != Ok(parent) {
            return Err(io::Error::from_raw_os_error(libc::ECHILD));
        }
        Ok(())
    };
    // SAFETY: `begin` makes system calls only: it takes no lock and no memory.
    unsafe { command.pre_exec(begin) };
}

/// Makes this process a session of its own, which no terminal's end ends. One that leads a group stays where it is.
pub fn leave_session() {
    let _ = nix::unistd::setsid();
}

/// Between fork and exec: system calls only.
fn enter(setting: &Setting) -> io::Result<()> {
    nix::unistd::setsid()?;
    for signal in Signal::iterator() {
        if !matches!(signal, Signal::SIGKILL | Signal::SIGSTOP) {
            super::process::set_signal(signal, false);
        }
    }
    sigprocmask(SigmaskHow::SIG_SETMASK, Some(&SigSet::empty()), None)?;
    super::process::forbid_core_dumps();
    super::file::set_umask(setting.umask);
    nix::unistd::fchdir(&setting.directory)?;
    for (number, file) in (FIRST..).zip(&setting.files) {
        // SAFETY: takes only numbers; the number is one that was reserved for this.
        if unsafe { libc::dup2(file.as_raw_fd(), number) } == -1 {
            return Err(io::Error::last_os_error());
        }
    }
    let next = FIRST + RawFd::try_from(setting.files.len()).unwrap_or(0);
    // SAFETY: takes only numbers. NOTE(kernel 5.11): before it the numbers close by themselves, as each was opened to.
    unsafe { libc::syscall(libc::SYS_close_range, next, RawFd::MAX, CLOSE_ON_EXEC) };
    Ok(())
}

/// `CLOSE_RANGE_CLOEXEC`.
const CLOSE_ON_EXEC: libc::c_uint = 4;

/// Makes a nameless file in memory that holds these bytes, read from their beginning.
///
/// # Errors
/// What `memfd_create(2)` and `write(2)` say.
pub fn memory_file(bytes: &[u8]) -> io::Result<OwnedFd> {
    use std::io::{Seek, Write};
    // SAFETY: the name is a live, terminated string.
    let fd = unsafe { libc::memfd_create(c"slurm".as_ptr(), libc::MFD_CLOEXEC) };
    if fd == -1 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the kernel has just made `fd` and nobody else knows it.
    let mut file = std::fs::File::from(unsafe { OwnedFd::from_raw_fd(fd) });
    file.write_all(bytes)?;
    file.rewind()?;
    Ok(file.into())
}

/// Lets a descriptor stay open in the program that this process becomes.
///
/// # Errors
/// What `fcntl(2)` says.
pub fn hand_down(fd: OwnedFd) -> io::Result<OwnedFd> {
    use nix::fcntl::{FcntlArg, FdFlag, fcntl};
    fcntl(&fd, FcntlArg::F_SETFD(FdFlag::empty()))?;
    Ok(fd)
}

/// Takes a descriptor that was handed down, by its number; it is closed with the rest when dropped.
///
/// # Errors
/// Where there is none.
pub fn take_back(number: RawFd) -> io::Result<OwnedFd> {
    // SAFETY: takes only a number; a closed one is answered with EBADF.
    if unsafe { libc::fcntl(number, libc::F_GETFD) } == -1 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: it is open, and whoever handed it down gave it to this program alone.
    Ok(unsafe { OwnedFd::from_raw_fd(number) })
}

/// Returns the path of the regular file that is open at a number; `None` where something else is.
pub fn regular_file_at(number: RawFd) -> Option<std::path::PathBuf> {
    use std::os::fd::BorrowedFd;
    // SAFETY: takes only a number; a closed one is answered with EBADF.
    if unsafe { libc::fcntl(number, libc::F_GETFD) } == -1 {
        return None;
    }
    // SAFETY: it is open, and borrowed for this function only.
    let fd = unsafe { BorrowedFd::borrow_raw(number) };
    let status = super::file::status(fd).ok()?;
    if !status.is_regular() {
        return None;
    }
    super::file::path_of(fd).ok()
}

/// Makes these this process's standard output and standard error.
///
/// # Errors
/// What `dup2(2)` says.
pub fn become_output(
    out: std::os::fd::BorrowedFd<'_>,
    err: std::os::fd::BorrowedFd<'_>,
) -> io::Result<()> {
    nix::unistd::dup2_stdout(out)?;
    nix::unistd::dup2_stderr(err)?;
    Ok(())
}

/// Returns a descriptor that is readable once a child of this process has ended.
///
/// # Errors
/// What `pidfd_open(2)` says.
pub fn watch(child: u32) -> io::Result<OwnedFd> {
    // SAFETY: takes only numbers.
    let fd = unsafe { libc::syscall(libc::SYS_pidfd_open, child, 0) };
    let fd = RawFd::try_from(fd)
        .ok()
        .filter(|fd| *fd >= 0)
        .ok_or_else(io::Error::last_os_error)?;
    // SAFETY: the kernel has just made `fd` and nobody else knows it.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// Closes every descriptor of this process but the standard three and these.
///
/// INVARIANT: the process goes on with nothing that owned one of the others, and ends without unwinding.
pub fn keep_only(kept: &[RawFd]) {
    let entries = std::fs::read_dir("/proc/self/fd").into_iter().flatten();
    let numbers: Vec<RawFd> = entries
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .collect();
    for number in numbers {
        if number > 2 && !kept.contains(&number) {
            // SAFETY: takes only numbers; by the invariant nobody uses it any more.
            unsafe { libc::close(number) };
        }
    }
}

/// Returns the path that this program was executed by, as its caller spelled it.
pub fn executed_as() -> Option<std::path::PathBuf> {
    use std::os::unix::ffi::OsStrExt;
    // SAFETY: takes only a number.
    let address = unsafe { libc::getauxval(libc::AT_EXECFN) };
    if address == 0 {
        return None;
    }
    let address = usize::try_from(address).ok()?;
    // SAFETY: the kernel put a terminated string there when the program began, and nothing changes it.
    let text = unsafe { std::ffi::CStr::from_ptr(std::ptr::with_exposed_provenance(address)) };
    Some(std::ffi::OsStr::from_bytes(text.to_bytes()).into())
}
