//! Commands for other machines: the same law, with nothing known of the place.

use std::ops::Range;

use super::frame::{Anchor, Feed};
use super::walk::Walker;
use super::{Elsewhere, Site};
use crate::policy::{Action, Purpose, RemoteEffect};

impl Walker<'_> {
    /// Records that a command runs on another machine, and walks it there.
    pub(crate) fn remote(&mut self, host: &str, command: &str, feed: Feed, span: Range<usize>) {
        let mut there = Walker::new(command, &Elsewhere);
        there.frame = self.frame.clone();
        there.frame.site = Site::Remote(host.to_owned());
        there.frame.via.push(format!("ssh {host}"));
        there.frame.depth += 1;
        there.text(command, Anchor::Whole(span.clone()), feed);
        let effect = if there.out.iter().all(|found| only_looks(&found.action)) {
            RemoteEffect::ReadOnly
        } else {
            RemoteEffect::Changes
        };
        self.record_remote(host, Some(command.to_owned()), effect, span);
        if let Some(reason) = there.incomplete {
            self.incomplete.get_or_insert(reason);
        }
        self.out.extend(there.out);
    }

    /// Records a remote action as it stands.
    pub(crate) fn record_remote(
        &mut self,
        host: &str,
        command: Option<String>,
        effect: RemoteEffect,
        span: Range<usize>,
    ) {
        let host = host.to_owned();
        self.emit(
            Action::Remote {
                host,
                command,
                effect,
            },
            span,
        );
    }
}

/// Whether an action changes nothing.
fn only_looks(action: &Action) -> bool {
    match action {
        Action::Exec { purpose, .. } => *purpose == Purpose::ReadOnly,
        Action::Read { .. } => true,
        Action::Write { target, .. } => target.display() == "/dev/null",
        Action::Remote { effect, .. } => *effect == RemoteEffect::ReadOnly,
        Action::Create { .. }
        | Action::Delete { .. }
        | Action::Rename { .. }
        | Action::Truncate { .. }
        | Action::Chmod { .. }
        | Action::Connect { .. }
        | Action::Signal { .. }
        | Action::Submit { .. }
        | Action::Cancel { .. }
        | Action::Train { .. } => false,
    }
}
