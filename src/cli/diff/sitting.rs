//! Which session is meant, and from when to when it lasted.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::audit;
use crate::retain::{Journal, archive, release, restore};

/// A session and its time.
pub(super) struct Sitting {
    pub(super) session: String,
    pub(super) began: SystemTime,
    /// `None` while it lasts, and after a crash.
    pub(super) ended: Option<SystemTime>,
}

/// What a person does between sessions has a session of its own, which nobody means.
const BETWEEN: [&str; 3] = [restore::PROGRAM, archive::PROGRAM, release::PROGRAM];

impl Sitting {
    /// Finds the session that is meant: the one named, else the last.
    pub(super) fn find(
        id: Option<&str>,
        journals: &[Journal],
        sittings: &[audit::Sitting],
        record: &[audit::Entry],
    ) -> Option<Self> {
        let is_meant = |session: &str| match id {
            Some(id) => session == id,
            None => !is_between(session, journals, record),
        };
        let heard = sittings
            .iter()
            .map(|one| (one.began.instant(), one.session.as_str()));
        let kept = journals.iter().map(|one| {
            let began = UNIX_EPOCH + Duration::from_secs(one.began());
            (began, one.session.as_str())
        });
        // A journal knows the second only, so the list of sessions comes later and wins.
        let (began, session) = kept
            .chain(heard)
            .filter(|(_, session)| is_meant(session))
            .max()?;
        let ended = sittings.iter().rev().find(|one| one.session == session);
        let ended = ended.and_then(|one| one.ended.as_ref());
        Some(Self {
            session: session.to_owned(),
            began,
            // To the millisecond that has not passed yet.
            ended: ended.map(|ended| ended.instant() + Duration::from_millis(1)),
        })
    }
}

fn is_between(session: &str, journals: &[Journal], record: &[audit::Entry]) -> bool {
    let journals = journals.iter().filter(|one| one.session == session);
    let by_lines = journals.flat_map(|one| one.entries.iter().map(|entry| entry.program.as_str()));
    let records = record.iter().filter(|entry| entry.body.session == session);
    let by_records = records.map(|entry| entry.body.program.as_deref().unwrap_or_default());
    let mut programs = by_lines.chain(by_records).peekable();
    programs.peek().is_some() && programs.all(|program| BETWEEN.contains(&program))
}
