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
        lock(&self.served)
            .insert(thread)
            .then_some(Turn { memo: self, thread })
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

    /// Takes back the answer that this very call was not there to receive.
    pub(super) fn take(&self, notification: &Notification) -> Option<Reply> {
        let (call, reply) = lock(&self.undelivered).remove(&notification.thread)?;
        let same = call.number == notification.number && call.arguments == notification.arguments;
        same.then_some(reply)
    }

    /// Remembers an answer that nobody was there to receive.
    pub(super) fn keep(&self, notification: Notification, reply: Reply) {
        lock(&self.undelivered).insert(notification.thread, (notification, reply));
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
