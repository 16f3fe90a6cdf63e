//! One notified call from receiving it to answering it, once.

use std::io;
use std::os::fd::AsFd;
use std::sync::Arc;

use super::call::{ABANDONED, Call, Reply};
use super::supervisor::Supervisor;
use crate::sys::seccomp::{Notification, Waiting};

impl Supervisor {
    /// Performs a call and answers it.
    pub(super) fn serve(self: &Arc<Self>, notification: Notification) {
        // A caller that can only be killed while it waits does not make its call again.
        if self.waiting == Waiting::Killable {
            let reply = self.perform(notification);
            self.deliver(notification.id, reply);
            return;
        }
        // A call that waits long was interrupted and the thread makes another: somebody must stand in meanwhile.
        let at_once = self.memo.turn_at_once(notification.thread);
        let turn = at_once.map_or_else(
            || self.waiting(|| self.memo.turn_of(notification.thread)),
            Ok,
        );
        let Ok(_turn) = turn else {
            self.deliver(notification.id, Reply::Errno(libc::EAGAIN));
            return;
        };
        let reply = self
            .memo
            .take(&notification, || self.listener.is_waiting(notification.id))
            .unwrap_or_else(|| self.perform(notification));
        if let Some(undelivered) = self.deliver(notification.id, reply) {
            self.memo.keep(notification, undelivered);
        }
    }

    fn perform(self: &Arc<Self>, notification: Notification) -> Reply {
        let span = tracing::debug_span!(
            "guard.notify",
            thread = notification.thread,
            call = notification.number
        );
        let _entered = span.entered();
        let reply = Reply::from(self.handle(&Call::new(&self.listener, notification)));
        tracing::debug!(?reply);
        reply
    }

    /// Answers a call; gives back what could not be delivered.
    fn deliver(&self, id: u64, reply: Reply) -> Option<Reply> {
        let answered = match &reply {
            // The caller went away before anything was done: there is nothing to answer, and nothing to remember.
            Reply::Errno(ABANDONED) => return None,
            Reply::Value(value) => self.listener.answer(id, Ok(*value)),
            Reply::Errno(errno) => self.listener.answer(id, Err(*errno)),
            Reply::Continue => self.listener.let_continue(id),
            Reply::Descriptor { .. } => return self.hand_over(id, reply),
        };
        answered
            .is_err_and(|error| is_gone(&error))
            .then_some(reply)
    }

    /// Puts a descriptor into the caller. Ours is closed before the caller goes on, so
    /// that nobody but the caller holds the file open: locks, leases and exec of a file
    /// just written depend on it.
    fn hand_over(&self, id: u64, reply: Reply) -> Option<Reply> {
        let Reply::Descriptor { fd, close_on_exec } = reply else {
            return Some(reply);
        };
        let added = if self.waiting == Waiting::Killable {
            match self.listener.add_descriptor(id, fd.as_fd(), close_on_exec) {
                Ok(number) => {
                    drop(fd);
                    let _ = self.listener.answer(id, Ok(number));
                    return None;
                }
                Err(error) => Err(error),
            }
        } else {
            // A signal may come between two steps, and the number would be lost: one step, and a memo.
            self.listener
                .answer_descriptor(id, fd.as_fd(), close_on_exec)
        };
        match added {
            Err(error) if is_gone(&error) => Some(Reply::Descriptor { fd, close_on_exec }),
            Err(error) => {
                // The caller has no descriptor left: it gets the errno open(2) would give.
                let errno = error.raw_os_error().unwrap_or(libc::EMFILE);
                let _ = self.listener.answer(id, Err(errno));
                None
            }
            Ok(()) => None,
        }
    }
}

fn is_gone(error: &io::Error) -> bool {
    error.raw_os_error() == Some(libc::ENOENT)
}
