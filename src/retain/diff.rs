//! What a session did to the roots: by its journals, and by a look at what came to be meanwhile.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::journal::{Entry, Operation};
use super::list::{Journal, Kept};
use super::scan::{Found, Made};

/// What a session did.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// What is there and was not.
    pub created: Vec<Made>,
    /// Files with other content than before, the same file still.
    pub changed: Vec<Change>,
    /// Names that something else has now.
    pub replaced: Vec<Change>,
    /// Names that are gone.
    pub removed: Vec<Change>,
    /// Names that moved.
    pub renamed: Vec<Move>,
    /// Things that the session made and removed again; they are kept all the same.
    pub passing: usize,
}

/// A thing that is not as it was.
#[derive(Clone, Debug)]
pub struct Change {
    /// Where it was.
    pub path: PathBuf,
    /// Where it is now, `None` where it is gone.
    pub now: Option<PathBuf>,
    /// Its size now.
    pub size: Option<u64>,
    /// The version from before the session; `None` where only its end changed.
    pub before: Option<Kept>,
}

/// A name that moved.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Move {
    /// The name it had.
    pub from: PathBuf,
    /// The name it has.
    pub to: PathBuf,
    /// The program that moved it.
    pub program: String,
}

impl Changes {
    /// Returns what one session did, by its journals in all roots and what was found in them.
    pub fn of(journals: &[&Journal], found: Option<&Found>) -> Self {
        let mut changes = Self::default();
        let mut known: BTreeSet<PathBuf> = BTreeSet::new();
        for journal in journals {
            changes.read(journal, &mut known);
        }
        changes.renamed.retain(|one| one.from != one.to);
        known.extend(changes.renamed.iter().map(|one| one.to.clone()));
        if let Some(found) = found {
            changes.created = found
                .made
                .iter()
                .filter(|made| !known.contains(&made.path))
                .cloned()
                .collect();
            let appended = found
                .written
                .iter()
                .filter(|(path, _)| !known.contains(path));
            changes.changed.extend(appended.map(|(path, size)| Change {
                path: path.clone(),
                now: Some(path.clone()),
                size: Some(*size),
                before: None,
            }));
        }
        for list in [
            &mut changes.changed,
            &mut changes.replaced,
            &mut changes.removed,
        ] {
            list.sort_by(|a, b| a.path.cmp(&b.path));
        }
        changes
    }

    fn read(&mut self, journal: &Journal, known: &mut BTreeSet<PathBuf>) {
        let mut versions: BTreeMap<PathBuf, Vec<Kept>> = BTreeMap::new();
        for kept in journal.kept() {
            versions.entry(kept.path()).or_default().push(kept);
        }
        for entry in &journal.entries {
            if let (Operation::Rename, Some(to)) = (entry.op, entry.destination()) {
                self.rename(entry, to);
            }
        }
        for (path, versions) in versions {
            let is_gone =
                |kept: &Kept| matches!(kept.entry.op, Operation::Delete | Operation::Replace);
            let is_cut_off = versions.iter().any(is_gone);
            let Some(first) = versions.into_iter().find(|kept| !kept.born) else {
                self.passing += 1;
                continue;
            };
            if first.back.as_ref() == Some(&path) {
                // A person put it back: it is as it was before the session.
                known.insert(path);
                continue;
            }
            let now = if is_cut_off {
                path.clone()
            } else {
                moved(&path, first.entry.seq, &journal.entries)
            };
            let status = fs::symlink_metadata(&now).ok();
            known.extend([path.clone(), now.clone()]);
            let list = match (&status, is_cut_off) {
                (None, _) => &mut self.removed,
                (Some(_), true) => &mut self.replaced,
                (Some(_), false) => &mut self.changed,
            };
            list.push(Change {
                path,
                now: status.is_some().then_some(now),
                size: status.map(|status| status.len()),
                before: Some(first),
            });
        }
    }

    /// Enters a move; one that goes on where another ended makes that one longer.
    fn rename(&mut self, entry: &Entry, to: PathBuf) {
        let from = entry.original();
        match self.renamed.iter_mut().find(|one| one.to == from) {
            Some(earlier) => earlier.to = to,
            None => self.renamed.push(Move {
                from,
                to,
                program: entry.program.clone(),
            }),
        }
    }
}

/// Follows a path through the moves that came after a line.
fn moved(path: &Path, after: u64, entries: &[Entry]) -> PathBuf {
    let mut path = path.to_owned();
    for entry in entries
        .iter()
        .filter(|entry| entry.op == Operation::Rename && entry.seq > after)
    {
        let from = entry.original();
        if let (Ok(rest), Some(to)) = (path.strip_prefix(&from), entry.destination()) {
            path = if rest.as_os_str().is_empty() {
                to
            } else {
                to.join(rest)
            };
        }
    }
    path
}
