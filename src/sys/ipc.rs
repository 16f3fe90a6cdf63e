//! System V IPC objects: when they were changed, and removing them. See sysvipc(7).

use std::io;
use std::mem::MaybeUninit;

use super::file::check;

/// Returns the time of the object's last change in seconds since the epoch.
///
/// # Errors
/// What the call says.
pub fn changed(kind: IpcKind, id: i32) -> io::Result<i64> {
    match kind {
        IpcKind::SharedMemory => {
            let mut buffer = MaybeUninit::<libc::shmid_ds>::zeroed();
            // SAFETY: `buffer` is a live, writable `shmid_ds`.
            check(unsafe { libc::shmctl(id, libc::IPC_STAT, buffer.as_mut_ptr()) })?;
            // SAFETY: zeroed above and filled by the kernel.
            Ok(unsafe { buffer.assume_init() }.shm_ctime)
        }
        IpcKind::MessageQueue => {
            let mut buffer = MaybeUninit::<libc::msqid_ds>::zeroed();
            // SAFETY: `buffer` is a live, writable `msqid_ds`.
            check(unsafe { libc::msgctl(id, libc::IPC_STAT, buffer.as_mut_ptr()) })?;
            // SAFETY: zeroed above and filled by the kernel.
            Ok(unsafe { buffer.assume_init() }.msg_ctime)
        }
        IpcKind::Semaphores => {
            let mut buffer = MaybeUninit::<libc::semid_ds>::zeroed();
            // SAFETY: `buffer` is a live, writable `semid_ds`.
            check(unsafe { libc::semctl(id, 0, libc::IPC_STAT, buffer.as_mut_ptr()) })?;
            // SAFETY: zeroed above and filled by the kernel.
            Ok(unsafe { buffer.assume_init() }.sem_ctime)
        }
    }
}

/// Removes a System V IPC object.
///
/// # Errors
/// What the call says.
pub fn remove(kind: IpcKind, id: i32) -> io::Result<()> {
    let nothing = std::ptr::null_mut();
    check(match kind {
        // SAFETY: IPC_RMID ignores the buffer.
        IpcKind::SharedMemory => unsafe { libc::shmctl(id, libc::IPC_RMID, nothing) },
        // SAFETY: IPC_RMID ignores the buffer.
        IpcKind::MessageQueue => unsafe { libc::msgctl(id, libc::IPC_RMID, nothing.cast()) },
        // SAFETY: IPC_RMID takes no fourth argument.
        IpcKind::Semaphores => unsafe { libc::semctl(id, 0, libc::IPC_RMID) },
    })
}

/// The three kinds of System V IPC objects.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum IpcKind {
    /// shmget(2).
    SharedMemory,
    /// msgget(2).
    MessageQueue,
    /// semget(2).
    Semaphores,
}
