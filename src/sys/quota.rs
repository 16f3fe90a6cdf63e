//! What the kernel keeps of users' and groups' quotas.

use std::ffi::{CString, c_int};
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, BorrowedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

/// Whose quota.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Whose {
    /// A user's.
    User(u32),
    /// A group's.
    Group(u32),
}

/// What is used and what is allowed; 0 means no limit.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Limits {
    /// Bytes in use.
    pub bytes: u64,
    /// Bytes above which a time of grace runs.
    pub soft_bytes: u64,
    /// Bytes above which nothing can be written.
    pub hard_bytes: u64,
    /// Files in use.
    pub files: u64,
    /// Files above which a time of grace runs.
    pub soft_files: u64,
    /// Files above which none can be made.
    pub hard_files: u64,
}

/// The unit of limits.
const BLOCK: u64 = 1024;

/// Returns the quota on the file system of a directory, `None` where it keeps none of this sort, or does not tell
/// (inside a guard).
///
/// `device` is asked for what is mounted there, where the kernel cannot go by the directory.
///
/// # Errors
/// What `quotactl(2)` says else.
pub fn limits(
    directory: BorrowedFd<'_>,
    whose: Whose,
    device: &mut dyn FnMut() -> Option<PathBuf>,
) -> io::Result<Option<Limits>> {
    let (sort, id) = match whose {
        Whose::User(id) => (libc::USRQUOTA, id),
        Whose::Group(id) => (libc::GRPQUOTA, id),
    };
    let command = libc::QCMD(libc::Q_GETQUOTA, sort);
    let mut quota = MaybeUninit::<libc::dqblk>::zeroed();
    // SAFETY: `quota` is a live, writable `dqblk`; the kernel writes no more than that and keeps no pointer.
    let rc = unsafe {
        libc::syscall(
            libc::SYS_quotactl_fd,
            directory.as_raw_fd(),
            command,
            id,
            quota.as_mut_ptr(),
        )
    };
    let mut result = if rc == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    };
    // NOTE(kernel 5.14): before it, the kernel goes by the device alone.
    if is(&result, libc::ENOSYS) {
        let name = device().and_then(|device| CString::new(device.as_os_str().as_bytes()).ok());
        let Some(name) = name else {
            return Ok(None);
        };
        let id = c_int::from_ne_bytes(id.to_ne_bytes());
        // SAFETY: `name` ends with a NUL and `quota` is a live, writable `dqblk`; the kernel keeps neither.
        let rc = unsafe { libc::quotactl(command, name.as_ptr(), id, quota.as_mut_ptr().cast()) };
        result = if rc == 0 {
            Ok(())
        } else {
            Err(io::Error::last_os_error())
        };
    }
    const NONE: [i32; 7] = [
        libc::ESRCH,
        libc::ENOSYS,
        libc::EOPNOTSUPP,
        libc::ENOTBLK,
        libc::ENOENT,
        libc::EINVAL,
        libc::EPERM,
    ];
    if NONE.into_iter().any(|code| is(&result, code)) {
        return Ok(None);
    }
    result?;
    // SAFETY: zeroed above, and every bit pattern is a `dqblk`.
    let quota = unsafe { quota.assume_init() };
    Ok(Some(Limits {
        bytes: quota.dqb_curspace,
        soft_bytes: quota.dqb_bsoftlimit.saturating_mul(BLOCK),
        hard_bytes: quota.dqb_bhardlimit.saturating_mul(BLOCK),
        files: quota.dqb_curinodes,
        soft_files: quota.dqb_isoftlimit,
        hard_files: quota.dqb_ihardlimit,
    }))
}

fn is(result: &io::Result<()>, code: i32) -> bool {
    result
        .as_ref()
        .is_err_and(|error| error.raw_os_error() == Some(code))
}
