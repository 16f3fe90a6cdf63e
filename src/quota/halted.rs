//! Which sessions are halted: one file a session below the state directory, out of reach
//! from inside. The session's keeper writes it; `resume` answers by giving it another name.
//!
//! INVARIANT: the name changes only by a person's word, and only the keeper takes it away. What
//! a session planted here says nothing: a mark, also under its other name, is a sealed file.

use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::Cause;
use crate::sys::sealed;

/// A file that grows.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Growing {
    /// The file.
    pub path: PathBuf,
    /// Its size in bytes.
    pub bytes: u64,
    /// The program that has it open, where one has.
    pub program: Option<String>,
}

/// A session that is halted.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Halted {
    /// The session.
    pub session: String,
    /// When, as the audit writes it.
    pub since: String,
    /// The session's supervisor.
    pub supervisor: i32,
    /// The process that watches it, and goes on when told to.
    pub keeper: i32,
    /// What is full.
    pub causes: Vec<Cause>,
    /// What has been growing, the largest first.
    pub growing: Vec<Growing>,
    /// How many processes are stopped.
    pub stopped: usize,
    /// The session's roots.
    pub roots: Vec<PathBuf>,
}

const PLACE: &str = "halted";
const RESUMED: &str = "resumed";
/// A mark is some lines.
const LONGEST: u64 = 1 << 20;

fn file(state: &Path, session: &str) -> PathBuf {
    state.join(PLACE).join(session)
}

/// Writes down that a session is halted.
///
/// # Errors
/// Where the state directory cannot be written.
pub fn put_down(state: &Path, halted: &Halted) -> io::Result<()> {
    let directory = state.join(PLACE);
    DirBuilder::new()
        .mode(0o700)
        .recursive(true)
        .create(&directory)?;
    sealed::write(&file(state, &halted.session), &serde_json::to_vec(halted)?)
}

/// Returns the sessions that are halted now, the oldest first.
pub fn all(state: &Path) -> Vec<Halted> {
    let entries = std::fs::read_dir(state.join(PLACE)).into_iter().flatten();
    let names = entries.flatten().map(|entry| entry.file_name());
    let sessions = names.filter_map(|name| name.into_string().ok());
    let mut found: Vec<Halted> = sessions.filter_map(|one| of(state, &one)).collect();
    found.sort_by(|one, other| one.session.cmp(&other.session));
    found
}

/// Returns what halted a session, if it is halted.
pub fn of(state: &Path, session: &str) -> Option<Halted> {
    // Only what a session may be called is ever joined to a path.
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '-';
    if session.is_empty() || !session.chars().all(is_name) {
        return None;
    }
    let bytes = sealed::read(&file(state, session), LONGEST).ok()?;
    let halted: Halted = serde_json::from_slice(&bytes).ok()?;
    (halted.session == session).then_some(halted)
}

/// Tells a session's keeper to go on.
///
/// # Errors
/// Where the mark cannot be changed, or is not there any more.
pub fn resume(state: &Path, session: &str) -> io::Result<()> {
    let mark = file(state, session);
    std::fs::rename(&mark, mark.with_extension(RESUMED))
}

/// Returns whether a person has said that a session goes on.
pub fn is_resumed(state: &Path, session: &str) -> bool {
    sealed::is_there(&file(state, session).with_extension(RESUMED))
}

/// Takes a session's marks away: it goes on, or is over.
pub fn clear(state: &Path, session: &str) {
    let mark = file(state, session);
    // Marks of our own; where they stay, `resume` says that nobody answers.
    let _ = std::fs::remove_file(mark.with_extension(RESUMED));
    sealed::remove(&mark);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_answered_and_cleared() {
        let state = tempfile::tempdir().unwrap();
        let state = state.path();
        let halted = Halted {
            session: "20260101-000000-0000abcd".to_owned(),
            since: String::new(),
            supervisor: 1,
            keeper: 2,
            causes: Vec::new(),
            growing: Vec::new(),
            stopped: 3,
            roots: Vec::new(),
        };
        assert!(all(state).is_empty());
        put_down(state, &halted).unwrap();
        assert_eq!(all(state), std::slice::from_ref(&halted));
        assert_eq!(of(state, &halted.session).as_ref(), Some(&halted));
        // What a session planted is no word of anybody.
        let planted = file(state, &halted.session).with_extension(RESUMED);
        std::fs::write(&planted, "").unwrap();
        let forged = serde_json::to_string(&halted).unwrap();
        let elsewhere = file(state, "20260101-000000-00000000");
        std::fs::write(&elsewhere, &forged).unwrap();
        assert!(!is_resumed(state, &halted.session));
        assert_eq!(all(state), std::slice::from_ref(&halted));
        sealed::write(&elsewhere, forged.as_bytes()).unwrap();
        assert_eq!(all(state).len(), 1, "a mark under another name");
        assert_eq!(of(state, "../halted/20260101-000000-0000abcd"), None);
        resume(state, &halted.session).unwrap();
        assert!(is_resumed(state, &halted.session) && all(state).is_empty());
        assert!(resume(state, &halted.session).is_err());
        clear(state, &halted.session);
        assert!(!is_resumed(state, &halted.session));
    }
}
