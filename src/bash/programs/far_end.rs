//! The far end of `scp -O` and `rsync`, as sshd starts it here for a client on another machine:
//! `scp -t PLACE`, `scp -f FILE…`, `rsync --server [--sender] FLAGS . PATH…`.
//!
//! What is written is said here by its place alone; the names come over the wire, and the kernel judges them.

use crate::bash::expand::Field;
use crate::bash::flags::Cut;
use crate::bash::walk::Walker;
use crate::policy::Deletable::Path;
use crate::policy::WriteHow::{Edit, Replace};
use crate::policy::{Action, Presence};

/// Does `scp -t` and `scp -f`; returns whether it was one of them.
pub(super) fn scp(walker: &mut Walker<'_>, cut: &Cut<'_>) -> bool {
    if !cut.has("-t -f") {
        return false;
    }
    if cut.has("-t") {
        for place in &cut.operands {
            let is_directory = place
                .known()
                .is_some_and(|name| walker.presence(name) == Presence::Directory);
            walker.write(place, if is_directory { Edit } else { Replace });
        }
    }
    true
}

/// Does `rsync --server`.
pub(super) fn rsync(walker: &mut Walker<'_>, cut: &Cut<'_>) {
    // The first operand is a dot that stands for nothing.
    let paths: Vec<&Field> = cut.operands.iter().skip(1).copied().collect();
    if cut.has("--sender") {
        if cut.has("--remove-source-files --remove-sent-files") {
            for path in paths {
                walker.delete(path, Path);
            }
        }
        return;
    }
    let deletes = cut.flags.iter().any(|flag| flag.name.starts_with("--del"));
    for path in paths {
        if deletes {
            let target = walker.target(path, false);
            walker.emit(Action::Delete { target, what: Path }, path.span.clone());
        }
        walker.write(path, Edit);
    }
}
