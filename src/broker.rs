//! The broker: runs the real clients of Slurm, and `ssh`, for a session whose processes
//! cannot authenticate themselves. It is a process beside the supervisor, in its domain of
//! writing, outside the filter; it lets in only connections that the supervisor dialled.
//!
//! INVARIANT: what a real client is run with comes from a [`Carry`](Carry), a
//! clean environment, and the caller's own descriptors; nothing else of a request.

mod allocation;
mod attend;
mod carry;
mod conversation;
mod door;
pub mod frame;
pub mod shim;

use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use crate::error::code;
use crate::remote::command::Program;
use crate::slurm::client::Clients;
use crate::sys::{socket, spawn};
use frame::Answer;

pub use carry::{Call, Called, Carry, Kind, Opened, Refusal, Vetter, Witness};
pub(crate) use door::identity;
pub use door::{Door, Identity, SOCKET};

/// Conversations at the same time.
const MOST_CONVERSATIONS: usize = 512;

/// What a broker works with.
pub struct Broker {
    /// Where it is knocked.
    pub door: Door,
    /// The real clients of Slurm; none where it is not.
    pub clients: Clients,
    /// The real `ssh`, where there is one.
    pub ssh: Option<Program>,
    /// The law's word.
    pub vetter: Vetter,
    /// The record.
    pub witness: Witness,
}

impl std::fmt::Debug for Broker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Broker")
            .field("door", &self.door)
            .finish_non_exhaustive()
    }
}

/// What all conversations share.
struct Shared {
    broker: Broker,
    /// The supervisor's process: the only one whose connections count.
    supervisor: i32,
    running: AtomicUsize,
}

impl Broker {
    /// Lets callers in until the supervisor has gone, of which `life` is the sign: its other end closes.
    ///
    /// INVARIANT: this process has one thread, and nothing of the caller's descriptors.
    pub fn serve(self, supervisor: i32, life: &OwnedFd) {
        if spawn::reserve_files().is_err() {
            return;
        }
        let shared = Arc::new(Shared {
            broker: self,
            supervisor,
            running: AtomicUsize::new(0),
        });
        let listener = shared.broker.door.listener().as_fd();
        loop {
            let mut sources = [
                PollFd::new(listener, PollFlags::POLLIN),
                PollFd::new(life.as_fd(), PollFlags::POLLIN),
            ];
            match poll(&mut sources, PollTimeout::NONE) {
                Ok(_) | Err(nix::errno::Errno::EINTR) => {}
                Err(_) => return,
            }
            let [knocks, ends] = sources.map(|source| source.any().unwrap_or(false));
            if ends {
                // Every client gets SIGTERM with this process: `spawn::set`.
                return;
            }
            if knocks {
                shared.let_in();
            }
        }
    }
}

impl Shared {
    /// Takes one connection and has a thread of its own talk to it.
    fn let_in(self: &Arc<Self>) {
        let listener = self.broker.door.listener();
        let Ok(connection) = socket::accept(listener.as_fd()) else {
            // Nobody there any more, or no descriptor left: then it stays in the queue.
            std::thread::sleep(std::time::Duration::from_millis(5));
            return;
        };
        let connection = UnixStream::from(connection);
        // Whoever dialled it himself is not of the session: only the supervisor dials for that.
        if socket::peer(connection.as_fd()).ok() != Some(self.supervisor) {
            return;
        }
        if self.running.fetch_add(1, Ordering::SeqCst) >= MOST_CONVERSATIONS {
            self.running.fetch_sub(1, Ordering::SeqCst);
            turn_away(connection);
            return;
        }
        let shared = Arc::clone(self);
        let talk = move || {
            conversation::hold(&shared, connection);
            shared.running.fetch_sub(1, Ordering::SeqCst);
        };
        // The analyser of a script needs a stack of its own.
        let started = std::thread::Builder::new().stack_size(8 << 20).spawn(talk);
        if started.is_err() {
            self.running.fetch_sub(1, Ordering::SeqCst);
        }
    }
}

fn turn_away(mut connection: UnixStream) {
    let text = format!(
        "hlrp-sh: {MOST_CONVERSATIONS} commands of this session run already; wait for one to end"
    );
    let _ = connection.set_nonblocking(true);
    let _ = Answer::Refused(code::HALTED, text).write(&mut connection);
}
