//! What a guarded bash and those who watch it tell the door; and what the door tells them first.
//!
//! INVARIANT: what bash itself reports ([`Event::Prompt`]) can be forged by the lines it runs: it
//! is shown, and nothing is decided by it.

use std::ffi::OsString;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::guard;
use crate::policy::{GuardLevel, Origin};
use crate::session::Session;

/// What happens in a guarded bash, in its order.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) enum Event {
    /// It runs.
    Started {
        /// Its process.
        process: i32,
        /// How it is guarded.
        level: GuardLevel,
    },
    /// It waits for a line; the first time, it is ready.
    Prompt {
        /// `$?` of the last line.
        status: u8,
        /// `$PWD`.
        cwd: PathBuf,
        /// `$-`.
        flags: String,
    },
    /// The guard refused something, in the kernel.
    Denied(guard::Denial),
    /// The supervisor is gone: nothing can be changed any more.
    Lost,
    /// It has ended.
    Ended {
        /// As bash has it.
        status: u8,
        /// The signal that ended it.
        signal: Option<i32>,
    },
    /// It could not be started.
    Failed {
        /// Why.
        reason: String,
    },
}

/// What a door wants of a guarded bash: the first thing that is said to its front.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Wanted {
    /// The session that the door has opened.
    pub(super) session: String,
    pub(super) origin: Origin,
    /// The directory by whose law it goes, which need not be the one that bash begins in.
    pub(super) law: OsString,
    /// What the door has read there, as [`seal`] has it: the guard goes by the same or not at all.
    pub(super) seal: String,
    /// Whether the terminal is to be the session's own, and not the person's.
    pub(super) private: bool,
    /// Read what a login shell reads.
    pub(super) login: bool,
    /// Read the person's start-up files.
    pub(super) startup: bool,
}

/// Returns the hash of all that was read as the law of a session.
pub(super) fn seal(session: &Session) -> String {
    let mut hash = Sha256::new();
    for layer in &session.layers {
        for part in [
            layer.path.as_os_str().as_encoded_bytes(),
            layer.text.as_bytes(),
        ] {
            hash.update(part.len().to_le_bytes());
            hash.update(part);
        }
    }
    let bytes = hash.finalize();
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Takes what bash reports out of its pipe.
#[derive(Debug, Default)]
pub(super) struct Reports {
    bytes: Vec<u8>,
}

/// Bytes of one report at most; more is nothing that bash said.
const MOST: usize = 64 * 1024;

impl Reports {
    /// Takes bytes, and returns the reports that they complete.
    pub(super) fn take(&mut self, bytes: &[u8]) -> Vec<Event> {
        self.bytes.extend_from_slice(bytes);
        let mut events = Vec::new();
        while let Some(event) = self.next() {
            events.extend(event);
        }
        if self.bytes.len() > MOST {
            self.bytes.clear();
        }
        events
    }

    /// Returns the next whole report, `Some(None)` for one that makes no sense.
    fn next(&mut self) -> Option<Option<Event>> {
        let mut ends = self
            .bytes
            .iter()
            .enumerate()
            .filter(|(_, byte)| **byte == 0);
        let end = ends.nth(2)?.0;
        let report: Vec<u8> = self.bytes.drain(..=end).collect();
        let mut fields = report.split(|byte| *byte == 0);
        let mut text = || Some(String::from_utf8_lossy(fields.next()?).into_owned());
        Some((|| {
            Some(Event::Prompt {
                status: text()?.strip_prefix('P')?.parse().ok()?,
                cwd: text()?.into(),
                flags: text()?,
            })
        })())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_come_in_pieces_and_rubbish_is_left_out() {
        let mut reports = Reports::default();
        assert!(reports.take(b"P0\0/tm").is_empty());
        let events = format!("{:?}", reports.take(b"p\0himB\0x\0y\0z\0P130\0/\0h\0"));
        assert_eq!(events.matches("Prompt").count(), 2, "{events}");
        assert!(events.contains("status: 130"));
    }
}
