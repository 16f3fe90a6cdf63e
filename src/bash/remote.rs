//! Commands for other machines: the same law, with nothing known of the place.

use std::ops::Range;
use std::path::{Path, PathBuf};

use super::Site;
use super::frame::{Anchor, Feed};
use super::walk::Walker;
use super::world::Elsewhere;
use crate::policy::{Action, Purpose, RemoteEffect, Target, WriteHow};

impl Walker<'_> {
    /// Records that a command runs on another machine, and walks it there.
    pub(crate) fn remote(&mut self, host: &str, command: &str, feed: Feed, span: Range<usize>) {
        let far = Elsewhere(self.world);
        let mut there = Walker::new(command, &far);
        there.frame = self.frame.clone();
        there.frame.site = Site::Remote(host.to_owned());
        there.frame.via.push(format!("ssh {host}"));
        there.frame.depth += 1;
        // What arrives over there is whatever the caller's standard input holds.
        let feed = match feed {
            Feed::Inherited => Feed::Unknown,
            known => known,
        };
        there.text(command, Anchor::Whole(span.clone()), feed);
        let only_looks = there.out.iter().all(|found| only_looks(&found.action));
        let effect = if only_looks && !assigns(command) {
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

    /// Records that a file comes to another machine.
    pub(crate) fn send(&mut self, host: &str, path: &str, how: WriteHow, span: Range<usize>) {
        let path = path.trim_end_matches('/');
        let whole = if path.starts_with(['/', '~']) {
            PathBuf::from(path)
        } else {
            Path::new("~").join(path)
        };
        let target = Target::path(super::world::lexical(&whole));
        let host = host.to_owned();
        self.within(
            |frame| frame.site = Site::Remote(host),
            |walker| walker.emit(Action::Write { target, how }, span),
        );
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

/// Whether a word could assign a variable: `PATH`, `LD_PRELOAD` and others decide what a program is.
fn assigns(command: &str) -> bool {
    let is_end = |c: char| c.is_whitespace() || ";|&(){}".contains(c);
    command.split(is_end).any(|word| {
        word.split_once('=').is_some_and(|(name, _)| {
            let name = name.strip_suffix('+').unwrap_or(name);
            let is_letter = |c: char| c.is_ascii_alphanumeric() || c == '_';
            !name.is_empty() && name.chars().all(is_letter)
        })
    })
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
