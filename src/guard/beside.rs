//! The broker's process: beside the supervisor, not below it, so that neither waits for
//! the other's children; in the same domain of writing, outside the filter.
//!
//! INVARIANT: it ends when the supervisor does, and holds nothing of the caller's.

use std::io;
use std::os::fd::{AsRawFd, OwnedFd};

use super::withdrawal::withdraw;
use crate::broker::Broker;
use crate::sys::process::{self, Side};
use crate::sys::spawn;

/// Starts the broker; it lives as long as the descriptor that is returned.
///
/// INVARIANT: the supervisor is not the subreaper yet: what it orphans here is not given back to it.
///
/// # Errors
/// What `pipe(2)` and `fork(2)` say.
pub(super) fn start(broker: Broker) -> io::Result<OwnedFd> {
    let supervisor = nix::unistd::getpid().as_raw();
    let (life, held) = io::pipe()?;
    let (life, held): (OwnedFd, OwnedFd) = (life.into(), held.into());
    match process::fork()? {
        Side::Child => {
            // Orphaned at once: its parent ends here, and waits for nobody.
            if let Ok(Side::Child) = process::fork() {
                let kept = [broker.door.descriptor(), life.as_raw_fd()];
                spawn::keep_only(&kept);
                withdraw();
                broker.serve(supervisor, &life);
            }
            process::exit_now(0)
        }
        Side::Parent(between) => {
            let _ = nix::sys::wait::waitpid(between, None);
            Ok(held)
        }
    }
}
