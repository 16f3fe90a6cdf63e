//! seccomp(2) with user notification: install, receive, answer.

use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};

pub use libc::{seccomp_data as Data, sock_filter as Instruction};

/// Returns whether the kernel knows user notification.
pub fn has_notification() -> bool {
    let action: u32 = libc::SECCOMP_RET_USER_NOTIF;
    // SAFETY: `action` is a live `u32`; the kernel only reads it.
    unsafe {
        libc::syscall(
            libc::SYS_seccomp,
            libc::SECCOMP_GET_ACTION_AVAIL,
            0,
            &raw const action,
        ) == 0
    }
}

/// Returns whether a received call can be made to wait for nothing but a fatal signal.
pub fn can_wait_killable() -> bool {
    let flags =
        libc::SECCOMP_FILTER_FLAG_NEW_LISTENER | libc::SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
    // SAFETY: no filter stands at the null address, so nothing is installed: a kernel that
    // knows the flags answers `EFAULT`, one that does not `EINVAL`.
    let answer = unsafe {
        libc::syscall(
            libc::SYS_seccomp,
            libc::SECCOMP_SET_MODE_FILTER,
            flags,
            std::ptr::null::<libc::sock_fprog>(),
        )
    };
    answer < 0 && io::Error::last_os_error().raw_os_error() == Some(libc::EFAULT)
}

/// Which way the filter was installed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Waiting {
    /// A caller whose call was received waits, and only a fatal signal wakes it (Linux 5.19).
    Killable,
    /// Any signal wakes the caller: undelivered answers must be remembered.
    Interruptible,
}

/// Installs the filter in this process, for ever, and returns its listener. Async-signal-safe; needs `no_new_privs`.
///
/// # Errors
/// What `seccomp(2)` says: `EBUSY` when a listener exists already, `EINVAL` where the kernel lacks notification.
pub fn install(program: &[Instruction], waiting: Waiting) -> io::Result<RawFd> {
    let fprog = libc::sock_fprog {
        len: u16::try_from(program.len())
            .map_err(|_| io::Error::from_raw_os_error(libc::EINVAL))?,
        filter: program.as_ptr().cast_mut(),
    };
    let mut flags = libc::SECCOMP_FILTER_FLAG_NEW_LISTENER | libc::SECCOMP_FILTER_FLAG_SPEC_ALLOW;
    if waiting == Waiting::Killable {
        flags |= libc::SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
    }
    // SAFETY: `fprog` and the instructions it points to live through the call; the kernel copies them.
    let fd = unsafe {
        libc::syscall(
            libc::SYS_seccomp,
            libc::SECCOMP_SET_MODE_FILTER,
            flags,
            &raw const fprog,
        )
    };
    RawFd::try_from(fd)
        .ok()
        .filter(|fd| *fd >= 0)
        .ok_or_else(io::Error::last_os_error)
}

/// One notified system call: who makes it, and which.
#[derive(Clone, Copy, Debug)]
pub struct Notification {
    /// The kernel's cookie for this call.
    pub id: u64,
    /// The thread that waits.
    pub thread: i32,
    /// The system call number.
    pub number: i32,
    /// Its six arguments.
    pub arguments: [u64; 6],
}

/// The supervisor's end of a filter.
#[derive(Debug)]
pub struct Listener(OwnedFd);

impl Listener {
    /// Takes over a listener that was received from the filtered process.
    pub fn new(fd: OwnedFd) -> Self {
        Self(fd)
    }

    /// Makes each wake-up of the supervisor run on the caller's core (Linux 6.6); no matter if it cannot.
    pub fn prefer_synchronous_wake_up(&self) {
        const SYNC_WAKE_UP: libc::c_ulong = 1;
        // SAFETY: takes a number by value; an older kernel answers EINVAL.
        unsafe {
            libc::ioctl(
                self.0.as_raw_fd(),
                libc::SECCOMP_IOCTL_NOTIF_SET_FLAGS,
                SYNC_WAKE_UP,
            )
        };
    }

    /// Waits for the next notified call; `None` when the caller died while it was being received.
    ///
    /// # Errors
    /// What the ioctl says; `ENOENT`/`EINTR` are not errors but `None`.
    pub fn receive(&self) -> io::Result<Option<Notification>> {
        let mut raw = MaybeUninit::<libc::seccomp_notif>::zeroed();
        // SAFETY: `raw` is a live, zeroed `seccomp_notif`, as the ioctl demands.
        let code = unsafe {
            libc::ioctl(
                self.0.as_raw_fd(),
                libc::SECCOMP_IOCTL_NOTIF_RECV,
                raw.as_mut_ptr(),
            )
        };
        if code != 0 {
            let error = io::Error::last_os_error();
            return match error.raw_os_error() {
                Some(libc::ENOENT | libc::EINTR) => Ok(None),
                _ => Err(error),
            };
        }
        // SAFETY: zeroed above and filled by the kernel.
        let raw = unsafe { raw.assume_init() };
        Ok(Some(Notification {
            id: raw.id,
            thread: i32::try_from(raw.pid).unwrap_or(0),
            number: raw.data.nr,
            arguments: raw.data.args,
        }))
    }

    /// Returns whether no filtered process is left, so that nothing will ever come again.
    pub fn is_over(&self) -> bool {
        use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
        let mut source = [PollFd::new(self.0.as_fd(), PollFlags::POLLIN)];
        let polled = poll(&mut source, PollTimeout::ZERO);
        polled.is_ok()
            && source
                .first()
                .and_then(PollFd::revents)
                .is_some_and(|events| events.contains(PollFlags::POLLHUP))
    }

    /// Returns whether the caller still waits, so that what was read of it was really its.
    pub fn is_waiting(&self, id: u64) -> bool {
        // SAFETY: `id` is a live `u64`; the kernel only reads it.
        unsafe {
            libc::ioctl(
                self.0.as_raw_fd(),
                libc::SECCOMP_IOCTL_NOTIF_ID_VALID,
                &raw const id,
            ) == 0
        }
    }

    /// Answers a call with a value, or with an errno; `ENOENT` when nobody waits any more.
    ///
    /// # Errors
    /// What the ioctl says.
    pub fn answer(&self, id: u64, value: Result<i64, i32>) -> io::Result<()> {
        let (val, error) = match value {
            Ok(value) => (value, 0),
            Err(errno) => (0, -errno),
        };
        self.send(libc::seccomp_notif_resp {
            id,
            val,
            error,
            flags: 0,
        })
    }

    /// Lets the caller go on with the call itself. Only for calls whose arguments are all registers.
    ///
    /// # Errors
    /// What the ioctl says.
    pub fn let_continue(&self, id: u64) -> io::Result<()> {
        let flags = u32::try_from(libc::SECCOMP_USER_NOTIF_FLAG_CONTINUE).unwrap_or(1);
        self.send(libc::seccomp_notif_resp {
            id,
            val: 0,
            error: 0,
            flags,
        })
    }

    fn send(&self, mut answer: libc::seccomp_notif_resp) -> io::Result<()> {
        // SAFETY: `answer` is a live `seccomp_notif_resp`.
        super::file::check(unsafe {
            libc::ioctl(
                self.0.as_raw_fd(),
                libc::SECCOMP_IOCTL_NOTIF_SEND,
                &raw mut answer,
            )
        })
    }

    /// Puts a descriptor into the caller, which goes on waiting, and returns its number there.
    ///
    /// # Errors
    /// What the ioctl says; `EMFILE` when the caller has no descriptor left.
    pub fn add_descriptor(
        &self,
        id: u64,
        fd: BorrowedFd<'_>,
        close_on_exec: bool,
    ) -> io::Result<i64> {
        let number = self.add(&mut addition(id, fd, close_on_exec))?;
        Ok(i64::from(number))
    }

    fn add(&self, addition: &mut libc::seccomp_notif_addfd) -> io::Result<i32> {
        // SAFETY: `addition` is a live `seccomp_notif_addfd`.
        let number = unsafe {
            libc::ioctl(
                self.0.as_raw_fd(),
                libc::SECCOMP_IOCTL_NOTIF_ADDFD,
                std::ptr::from_mut(addition),
            )
        };
        if number >= 0 {
            Ok(number)
        } else {
            Err(io::Error::last_os_error())
        }
    }

    /// Puts a descriptor into the caller and answers its call with the number, in one step where the kernel can (5.14).
    ///
    /// # Errors
    /// What the ioctl says; `EMFILE` when the caller has no descriptor left.
    pub fn answer_descriptor(
        &self,
        id: u64,
        fd: BorrowedFd<'_>,
        close_on_exec: bool,
    ) -> io::Result<()> {
        let mut add = addition(id, fd, close_on_exec);
        add.flags = u32::try_from(libc::SECCOMP_ADDFD_FLAG_SEND).unwrap_or(2);
        match self.add(&mut add) {
            // NOTE(kernel 5.14): before it, adding and answering are two steps.
            Err(error) if error.raw_os_error() == Some(libc::EINVAL) => {
                add.flags = 0;
                let number = self.add(&mut add)?;
                self.answer(id, Ok(i64::from(number)))
            }
            answer => answer.map(drop),
        }
    }
}

fn addition(id: u64, fd: BorrowedFd<'_>, close_on_exec: bool) -> libc::seccomp_notif_addfd {
    let on_exec = u32::try_from(libc::O_CLOEXEC).unwrap_or(0);
    libc::seccomp_notif_addfd {
        id,
        flags: 0,
        srcfd: u32::try_from(fd.as_raw_fd()).unwrap_or(u32::MAX),
        newfd: 0,
        newfd_flags: if close_on_exec { on_exec } else { 0 },
    }
}

impl AsFd for Listener {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

/// Takes ownership of a descriptor number that [`install`] returned in this very process.
pub fn own(fd: RawFd) -> OwnedFd {
    // SAFETY: the caller got the number from the kernel a moment ago and gave it to nobody else.
    unsafe { OwnedFd::from_raw_fd(fd) }
}
