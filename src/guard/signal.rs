//! Signals, where the kernel cannot keep them inside, and System V objects.

use std::io;
use std::os::fd::AsFd;

use super::call::{Call, Reply, errno};
use super::supervisor::Supervisor;
use crate::policy::{Action, Deletable, Recipient, Target};
use crate::sys::file;
use crate::sys::ipc::{self, IpcKind};
use crate::sys::process;

impl Supervisor {
    /// kill(2) and its like: only processes of the session. One process named by number is left to the kernel, all
    /// arguments being registers; groups and descriptors are done here, member by member.
    pub(super) fn signal(&self, call: &Call<'_>, number: libc::c_long) -> io::Result<Reply> {
        if number == libc::SYS_pidfd_send_signal {
            let process = pidfd_process(call)?;
            self.permit_signal(call, process)?;
            return process::send_signal(process, call.int(1)).map(|()| Reply::Value(0));
        }
        let to = call.int(0);
        if to > 0 {
            self.permit_signal(call, to)?;
            return Ok(Reply::Continue);
        }
        let group = match to {
            0 => process::group(call.thread()),
            -1 => None,
            group => Some(group.saturating_neg()),
        };
        let mut sent = Err(errno(libc::ESRCH));
        for member in process::members(self.own_process()) {
            if (to == -1 && member != call.thread())
                || (to != -1 && process::group(member) == group)
            {
                let one = process::send_signal(member, call.int(1));
                sent = sent.or(one);
            }
        }
        sent.map(|()| Reply::Value(0))
    }

    fn permit_signal(&self, call: &Call<'_>, process: i32) -> io::Result<()> {
        if self.recipient(process) == Recipient::Named {
            return Ok(());
        }
        self.permit(
            call,
            &Action::Signal {
                to: Recipient::Outside,
            },
        )
    }

    fn recipient(&self, process: i32) -> Recipient {
        let inside =
            process != self.own_process() && process::descends_from(process, self.own_process());
        if inside {
            Recipient::Named
        } else {
            Recipient::Outside
        }
    }

    /// shmctl(2), msgctl(2), semctl(2) with `IPC_RMID` or `IPC_SET`: only objects made or last changed in this session.
    pub(super) fn change_ipc(&self, call: &Call<'_>, number: libc::c_long) -> io::Result<Reply> {
        let (kind, command) = match number {
            libc::SYS_shmctl => (IpcKind::SharedMemory, call.int(1)),
            libc::SYS_msgctl => (IpcKind::MessageQueue, call.int(1)),
            _ => (IpcKind::Semaphores, call.int(2)),
        };
        let id = call.int(0);
        let born = ipc::changed(kind, id)? > self.births.start_seconds();
        if command & 0xFF != libc::IPC_RMID || !born {
            let target = Target::name(format!("System V object {id}"));
            self.permit(
                call,
                &Action::Delete {
                    target,
                    what: Deletable::Service,
                },
            )?;
            return Err(errno(libc::EPERM));
        }
        ipc::remove(kind, id).map(|()| Reply::Value(0))
    }
}

/// Returns the process a pidfd of the caller means.
fn pidfd_process(call: &Call<'_>) -> io::Result<i32> {
    let fd = call.descriptor(call.int(0))?;
    file::pidfd_process(fd.as_fd())
}
