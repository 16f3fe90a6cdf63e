//! How much CPU other processes have used, and signals that reach the very process that was looked at.

use std::fs;
use std::io;
use std::os::fd::AsRawFd;
use std::time::Duration;

use super::process;

/// What a process has used, in ticks of [`tick`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Times {
    /// Its id.
    pub process: i32,
    /// Its parent.
    pub parent: i32,
    /// Its process group.
    pub group: i32,
    /// When it began, since boot: with the id it names a process for good.
    pub started: u64,
    /// What its threads used.
    pub own: u64,
    /// What its children used that it has waited for, theirs included.
    pub reaped: u64,
    /// Whether it is a copy of its parent that has become no other program yet.
    pub is_copy: bool,
}

impl Times {
    /// Returns what a process has used; `None` where it is gone.
    pub fn of(process: i32) -> Option<Self> {
        const FORKED_NO_EXEC: u64 = 0x40;
        let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
        let (_, rest) = stat.rsplit_once(") ")?;
        let fields: Vec<&str> = rest.split(' ').collect();
        let number = |at: usize| fields.get(at)?.parse::<u64>().ok();
        let small = |at: usize| fields.get(at)?.parse::<i32>().ok();
        Some(Self {
            process,
            parent: small(1)?,
            group: small(2)?,
            is_copy: number(6)? & FORKED_NO_EXEC != 0,
            own: number(11)? + number(12)?,
            reaped: number(13)? + number(14)?,
            started: number(19)?,
        })
    }

    /// Returns whether all its threads are stopped, or have ended. The main one may end before the others.
    pub fn is_stopped(&self) -> bool {
        self.threads()
            .iter()
            .all(|state| matches!(state, 'T' | 'Z' | 'X' | 'x'))
    }

    /// Returns whether one of its threads runs, or would.
    pub fn is_running(&self) -> bool {
        self.threads().contains(&'R')
    }

    /// What its threads are doing, in the letters of proc(5).
    fn threads(&self) -> Vec<char> {
        let threads = fs::read_dir(format!("/proc/{}/task", self.process));
        let threads = threads.into_iter().flatten().flatten();
        let state = |thread: fs::DirEntry| {
            let stat = fs::read_to_string(thread.path().join("stat")).ok()?;
            let (_, rest) = stat.rsplit_once(") ")?;
            rest.chars().next()
        };
        threads.filter_map(state).collect()
    }

    /// Returns whether the process is there still, and none that has its id since.
    pub fn is_there(&self) -> bool {
        Self::of(self.process).is_some_and(|found| found.started == self.started)
    }

    /// Sends the process a signal, and none that has its id since.
    ///
    /// # Errors
    /// `ESRCH` where it is gone; what `pidfd_send_signal(2)` says.
    pub fn signal(&self, signal: i32) -> io::Result<()> {
        let handle = process::handle(self.process)?;
        if !self.is_there() {
            return Err(io::Error::from_raw_os_error(libc::ESRCH));
        }
        // SAFETY: takes numbers, and a null pointer for the information that kill(2) would give.
        let sent = unsafe {
            libc::syscall(
                libc::SYS_pidfd_send_signal,
                handle.as_raw_fd(),
                signal,
                std::ptr::null::<libc::siginfo_t>(),
                0,
            )
        };
        if sent == 0 {
            Ok(())
        } else {
            Err(io::Error::last_os_error())
        }
    }
}

/// Returns every process that descends from another, without that one, parents first.
pub fn below(ancestor: i32) -> Vec<Times> {
    let Some(children) = children(ancestor) else {
        // NOTE(CONFIG_PROC_CHILDREN): without it everything there is must be looked at.
        let mut members = process::members(ancestor);
        members.sort_unstable();
        return members.into_iter().filter_map(Times::of).collect();
    };
    let mut found: Vec<Times> = Vec::new();
    let mut waiting = children;
    while let Some(process) = waiting.pop() {
        if found.iter().any(|one| one.process == process) {
            continue;
        }
        found.extend(Times::of(process));
        waiting.extend(self::children(process).unwrap_or_default());
    }
    found
}

/// Returns the children of a process; `None` where the kernel does not list them.
fn children(process: i32) -> Option<Vec<i32>> {
    let threads = fs::read_dir(format!("/proc/{process}/task")).ok()?;
    let mut found = Vec::new();
    for thread in threads.flatten() {
        let text = fs::read_to_string(thread.path().join("children"));
        match text {
            Ok(text) => found.extend(
                text.split_whitespace()
                    .filter_map(|child| child.parse::<i32>().ok()),
            ),
            // The thread has ended, or the kernel has no such list.
            Err(_) if !thread.path().exists() => {}
            Err(_) => return None,
        }
    }
    Some(found)
}

/// Returns how long a tick is.
pub fn tick() -> Duration {
    const USUAL: u32 = 100;
    let hertz = nix::unistd::sysconf(nix::unistd::SysconfVar::CLK_TCK)
        .ok()
        .flatten()
        .and_then(|hertz| u32::try_from(hertz).ok())
        .filter(|hertz| *hertz > 0);
    Duration::from_secs(1) / hertz.unwrap_or(USUAL)
}

/// Returns whether a process reads from a terminal.
pub fn reads_terminal(process: i32) -> bool {
    fs::read_link(format!("/proc/{process}/fd/0"))
        .is_ok_and(|path| path.starts_with("/dev/pts") || path.starts_with("/dev/tty"))
}
