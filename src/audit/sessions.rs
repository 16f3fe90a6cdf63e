//! When sessions began and ended, as the list of sessions has it.

use std::io;
use std::path::Path;

use super::time::Timestamp;
use super::{HEADS, Head, HeadEvent, chain};

/// One session's time.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Sitting {
    /// The session.
    pub session: String,
    /// When it began.
    pub began: Timestamp,
    /// When it ended; `None` while it lasts, and after a crash.
    pub ended: Option<Timestamp>,
}

/// Returns the sessions in the order in which they began.
///
/// # Errors
///
/// Where the list is there and cannot be read.
pub fn sessions(directory: &Path) -> io::Result<Vec<Sitting>> {
    let lines = match chain::read::<Head>(&directory.join(HEADS)) {
        Ok(lines) => lines,
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(fault) => return Err(fault),
    };
    let mut sittings: Vec<Sitting> = Vec::new();
    for link in lines.into_iter().filter_map(|line| line.link) {
        let Head { session, event, .. } = link.body;
        match event {
            HeadEvent::Began => sittings.push(Sitting {
                session,
                began: link.time,
                ended: None,
            }),
            HeadEvent::Ended => {
                let is_it = |one: &&mut Sitting| one.session == session;
                if let Some(sitting) = sittings.iter_mut().rev().find(is_it) {
                    sitting.ended = Some(link.time);
                }
            }
        }
    }
    Ok(sittings)
}
