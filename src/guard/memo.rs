//! Answers that could not be delivered, because a signal took the caller away, and the
//! order in which one thread's calls are served (Linux before 5.19).
//!
//! INVARIANT: of two calls of one thread the second begins when the first is done with.

use std::collections::{HashMap, HashSet};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::call::Reply;
use crate::sys::seccomp::Notification;

/// What is remembered of each thread.
#[derive(Debug, Default)]
pub(super) struct Memo {
    undelivered: Mutex<HashMap<i32, (Notification, Reply)>>,
    served: Mutex<HashSet<i32>>,
    done: Condvar,
}

/// While it lives, no other call of the thread is served.
pub(super) struct Turn<'a> {
    memo: &'a Memo,
    thread: i32,
}

impl Memo {
    /// Takes the turn if no other call of the thread is being served.
    pub(super) fn turn_at_once(&self, thread: i32) -> Option<Turn<'_>> {
        let is_free = lock(&self.served).insert(thread);
        // Made only when it is ours: dropping a turn gives it up.
        is_free.then(|| Turn { memo: self, thread })
    }

    /// Waits until no other call of the thread is being served.
    pub(super) fn turn_of(&self, thread: i32) -> Turn<'_> {
        let mut served = lock(&self.served);
        while !served.insert(thread) {
            served = self
                .done
                .wait(served)
                .unwrap_or_else(PoisonError::into_inner);
        }
        Turn { memo: self, thread }
    }

    /// Takes back the answer that this very call was not there to receive. What is remembered is forgotten only when the
    /// thread really makes another call: a call that was given up itself says nothing.
    pub(super) fn take(
        &self,
        notification: &Notification,
        is_waiting: impl FnOnce() -> bool,
    ) -> Option<Reply> {
        let mut undelivered = lock(&self.undelivered);
        let (call, _) = undelivered.get(&notification.thread)?;
        let same = is_same(call, notification);
        if !same && !is_waiting() {
            return None;
        }
        let (_, reply) = undelivered.remove(&notification.thread)?;
        same.then_some(reply)
    }

    /// Remembers an answer that nobody was there to receive.
    pub(super) fn keep(&self, notification: Notification, reply: Reply) {
        lock(&self.undelivered).insert(notification.thread, (notification, reply));
    }
}

/// Returns whether two calls are the same in all that the kernel looks at. Registers beyond a call's arguments hold
/// whatever the caller left there.
fn is_same(one: &Notification, other: &Notification) -> bool {
    let looked_at = arity(libc::c_long::from(one.number));
    one.number == other.number
        && one
            .arguments
            .iter()
            .take(looked_at)
            .eq(other.arguments.iter().take(looked_at))
}

/// Number of arguments of a notified call, syscalls(2).
fn arity(number: libc::c_long) -> usize {
    match number {
        libc::SYS_unlink | libc::SYS_rmdir => 1,
        libc::SYS_rename
        | libc::SYS_mkdir
        | libc::SYS_link
        | libc::SYS_symlink
        | libc::SYS_chmod
        | libc::SYS_fchmod
        | libc::SYS_creat
        | libc::SYS_truncate
        | libc::SYS_ftruncate
        | libc::SYS_utime
        | libc::SYS_utimes
        | libc::SYS_removexattr
        | libc::SYS_lremovexattr
        | libc::SYS_fremovexattr
        | libc::SYS_kill
        | libc::SYS_tkill => 2,
        libc::SYS_open
        | libc::SYS_mknod
        | libc::SYS_mkdirat
        | libc::SYS_unlinkat
        | libc::SYS_symlinkat
        | libc::SYS_chown
        | libc::SYS_lchown
        | libc::SYS_fchown
        | libc::SYS_fchmodat
        | libc::SYS_futimesat
        | libc::SYS_connect
        | libc::SYS_bind
        | libc::SYS_fcntl
        | libc::SYS_tgkill
        | libc::SYS_shmctl
        | libc::SYS_msgctl => 3,
        libc::SYS_openat
        | libc::SYS_renameat
        | libc::SYS_mknodat
        | libc::SYS_utimensat
        | libc::SYS_fchmodat2 => 4,
        libc::SYS_renameat2
        | libc::SYS_linkat
        | libc::SYS_fchownat
        | libc::SYS_setxattr
        | libc::SYS_lsetxattr
        | libc::SYS_fsetxattr => 5,
        _ => 6,
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        lock(&self.memo.served).remove(&self.thread);
        self.memo.done.notify_all();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
