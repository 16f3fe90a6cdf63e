//! Reads what the stores hold: the journals of all sessions in all roots, and what lies beside them.
//!
//! INVARIANT: what is kept is what lies in the store; a line alone proves nothing,
//! and a line that cannot be read hides no other.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};

use nix::fcntl::OFlag;

use super::journal::{Entry, FILE, Operation, SCHEMA};
use super::store;
use crate::sys::file::{self, Status};

/// The journal of one session in one root.
#[derive(Clone, Debug)]
pub struct Journal {
    /// The root whose store it is.
    pub root: PathBuf,
    /// The session.
    pub session: String,
    /// The lines, without those that never happened.
    pub entries: Vec<Entry>,
    /// Lines that could not be read: torn by a crash, or of a later form.
    pub unread: usize,
}

/// Where a thing that was kept is now.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum State {
    /// In the store.
    Kept,
    /// Back outside.
    Restored,
    /// Freed by a person.
    Released,
    /// Nobody knows: the store was changed behind our back.
    Missing,
}

impl State {
    /// Returns the word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Restored => "restored",
            Self::Released => "released",
            Self::Missing => "missing",
        }
    }
}

/// One version of one thing, kept.
#[derive(Clone, Debug)]
pub struct Kept {
    /// The root whose store holds it.
    pub root: PathBuf,
    /// The session it was kept in.
    pub session: String,
    /// The line that announced it.
    pub entry: Entry,
    /// Its name in the store.
    pub stored: String,
    /// Where it is now.
    pub state: State,
    /// Where it was put back to last, whether the store has it still or not.
    pub back: Option<PathBuf>,
    /// What lies in the store.
    pub status: Option<Status>,
    /// The session had made it itself, so that it did not exist before.
    pub born: bool,
}

impl Kept {
    /// Returns the directory it lies in.
    pub fn directory(&self) -> PathBuf {
        store::directory(&self.root).join(&self.session)
    }

    /// Returns the path it had.
    pub fn path(&self) -> PathBuf {
        self.entry.original()
    }

    /// Returns whether a name, `00000001` or `SESSION/00000001`, means it.
    pub fn is_named(&self, name: &str) -> bool {
        match name.split_once('/') {
            Some((session, stored)) => session == self.session && stored == self.stored,
            None => name == self.stored,
        }
    }

    /// Returns whether it is kept still.
    pub fn is_kept(&self) -> bool {
        self.state == State::Kept
    }

    /// Returns the bytes that would come free without it.
    pub fn weight(&self) -> u64 {
        match self.status {
            Some(status) if status.is_regular() && status.links == 1 => status.size,
            Some(status) if status.is_directory() => {
                tree_size(&self.directory().join(&self.stored))
            }
            _ => 0,
        }
    }

    /// Opens the directory it lies in, following no link.
    ///
    /// # Errors
    /// What `openat2(2)` says.
    pub fn open_directory(&self) -> io::Result<OwnedFd> {
        open_directory(&self.directory())
    }
}

impl Journal {
    /// Reads the journals of all sessions in all roots, the oldest session first.
    ///
    /// # Errors
    /// Where a store is there and cannot be read.
    pub fn read_all(roots: &[PathBuf]) -> io::Result<Vec<Self>> {
        let mut journals = Vec::new();
        for root in roots {
            let sessions = match fs::read_dir(store::directory(root)) {
                Ok(sessions) => sessions,
                Err(error)
                    if matches!(
                        error.kind(),
                        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
                    ) =>
                {
                    continue;
                }
                Err(error) => return Err(error),
            };
            for session in sessions {
                let session = session?;
                let Ok(name) = session.file_name().into_string() else {
                    continue;
                };
                if !session.file_type()?.is_dir() {
                    continue;
                }
                match fs::read(session.path().join(FILE)) {
                    Ok(text) => journals.push(Self::parse(root, name, &text)),
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                    Err(error) => return Err(error),
                }
            }
        }
        journals.sort_by(|a, b| {
            (a.began(), &a.session, &a.root).cmp(&(b.began(), &b.session, &b.root))
        });
        Ok(journals)
    }

    fn parse(root: &Path, session: String, text: &[u8]) -> Self {
        let mut journal = Self {
            root: root.to_owned(),
            session,
            entries: Vec::new(),
            unread: 0,
        };
        for line in text
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
        {
            match serde_json::from_slice::<Entry>(line) {
                Ok(entry) if entry.schema == SCHEMA => journal.enter(entry),
                Ok(_) | Err(_) => journal.unread += 1,
            }
        }
        journal
    }

    fn enter(&mut self, entry: Entry) {
        if entry.op != Operation::Void {
            self.entries.push(entry);
            return;
        }
        let announced = |line: &Entry| line.op.keeps() && line.stored == entry.stored;
        if let Some(position) = self.entries.iter().rposition(announced) {
            self.entries.remove(position);
        }
    }

    /// Returns the second the session began in: what its id says, else its first line.
    pub fn began(&self) -> u64 {
        began(&self.session)
            .or_else(|| self.entries.first().map(|entry| entry.time))
            .unwrap_or(0)
    }

    /// Returns what was kept, in the order in which it was.
    pub fn kept(&self) -> Vec<Kept> {
        let directory = open_directory(&store::directory(&self.root).join(&self.session)).ok();
        let mut ends: HashMap<&str, (State, Option<PathBuf>)> = HashMap::new();
        for entry in &self.entries {
            let end = match entry.op {
                Operation::Restored => (State::Restored, entry.destination()),
                Operation::Released => (State::Released, None),
                _ => continue,
            };
            if let Some(stored) = &entry.stored {
                ends.insert(stored, end);
            }
        }
        let mut kept = Vec::new();
        for entry in self.entries.iter().filter(|entry| entry.op.keeps()) {
            let Some(stored) = entry.stored.clone().filter(|name| is_stored_name(name)) else {
                continue;
            };
            let status = directory.as_ref().and_then(|directory| {
                let name = file::c_path(Path::new(&stored)).ok()?;
                file::status_at(directory.as_fd(), &name).ok()
            });
            let (end, back) = ends
                .get(stored.as_str())
                .cloned()
                .unwrap_or((State::Missing, None));
            let state = if status.is_some() { State::Kept } else { end };
            kept.push(Kept {
                root: self.root.clone(),
                session: self.session.clone(),
                born: is_born(entry, status.as_ref(), self.began()),
                entry: entry.clone(),
                stored,
                state,
                back,
                status,
            });
        }
        kept
    }
}

/// Returns all that was ever kept, the oldest first.
pub fn all_kept(journals: &[Journal]) -> Vec<Kept> {
    let mut kept: Vec<Kept> = journals.iter().flat_map(Journal::kept).collect();
    kept.sort_by(|a, b| {
        (a.entry.time, &a.session, a.entry.seq).cmp(&(b.entry.time, &b.session, b.entry.seq))
    });
    kept
}

/// Returns the second that a session's id says it began in: `20260131-120000-…`, UTC.
pub fn began(session: &str) -> Option<u64> {
    let number = |range: std::ops::Range<usize>| {
        session.get(range).and_then(|text| text.parse::<u64>().ok())
    };
    if session.get(8..9) != Some("-") {
        return None;
    }
    let (year, month, day) = (number(0..4)?, number(4..6)?, number(6..8)?);
    let (hour, minute, second) = (number(9..11)?, number(11..13)?, number(13..15)?);
    if !(1970..10_000).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    // Years that begin in March, so that the leap day is the last.
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let days =
        year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + day - 1 - 719_468;
    Some(days * 86_400 + hour * 3600 + minute * 60 + second)
}

/// What the session made and then removed: born and last changed after it began. A copy
/// that was carried over a mount is born late too, but keeps the time it was changed.
fn is_born(entry: &Entry, status: Option<&Status>, began: u64) -> bool {
    let began = i64::try_from(began).unwrap_or(i64::MAX);
    let birth = status.and_then(|status| status.birth);
    entry.op == Operation::Delete
        && birth.is_some_and(|birth| birth.seconds > began)
        && entry.modified.0 > began
}

/// A journal that somebody wrote must not lead out of the store.
fn is_stored_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit())
}

fn open_directory(path: &Path) -> io::Result<OwnedFd> {
    file::open_path(path, OFlag::O_PATH | OFlag::O_DIRECTORY | OFlag::O_NOFOLLOW)
}

fn tree_size(directory: &Path) -> u64 {
    let Ok(entries) = fs::read_dir(directory) else {
        return 0;
    };
    let size = |entry: fs::DirEntry| match entry.metadata() {
        Ok(found) if found.is_dir() => tree_size(&entry.path()),
        Ok(found) if found.is_file() => found.len(),
        _ => 0,
    };
    entries.flatten().map(size).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sessions_id_says_when_it_began() {
        assert_eq!(began("19700101-000000-x"), Some(0));
        assert_eq!(began("20000229-000000-0a0b0c0d"), Some(951_782_400));
        assert_eq!(began("20251231-235959-0a0b0c0d"), Some(1_767_225_599));
        for id in ["", "s1", "2025-12-31", "20251331-000000", "20251231-2359"] {
            assert_eq!(began(id), None, "{id}");
        }
    }

    #[test]
    fn a_stored_name_leads_nowhere_else() {
        assert!(is_stored_name("00000001"));
        for name in ["", "..", "../x", "a/b", "journal.jsonl"] {
            assert!(!is_stored_name(name), "{name}");
        }
    }
}
