//! Which version of what comes back: one of a path, all of a directory, all of a session.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::list::Kept;

/// Which version of a path is meant.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Version {
    /// The newest is 1.
    Nth(usize),
    /// By its name in the store, `00000001` or `SESSION/00000001`.
    Stored(String),
}

/// What comes back, directories before what is in them.
#[derive(Clone, Debug, Default)]
pub struct Plan<'a> {
    /// The versions, one a path.
    pub things: Vec<&'a Kept>,
    /// Paths left out, since the session itself had made and removed them.
    pub passing: usize,
}

/// Returns the kept versions of a path, the newest first.
pub fn versions<'a>(all: &'a [Kept], path: &Path, session: Option<&str>) -> Vec<&'a Kept> {
    let is_it = |kept: &&Kept| kept.is_kept() && of_session(kept, session) && kept.path() == path;
    all.iter().rev().filter(is_it).collect()
}

/// Returns one version of a path; by its name in the store, of whatever path.
pub fn pick<'a>(
    all: &'a [Kept],
    path: &Path,
    session: Option<&str>,
    version: &Version,
) -> Option<&'a Kept> {
    let found = versions(all, path, session);
    match version {
        Version::Nth(number) => found.into_iter().nth(number.checked_sub(1)?),
        Version::Stored(name) => found.into_iter().find(|kept| kept.is_named(name)),
    }
}

/// Returns whether a path is a directory whose content is to come back, rather than one thing.
pub fn is_tree(all: &[Kept], path: &Path, session: Option<&str>) -> bool {
    match versions(all, path, session).first() {
        Some(newest) => newest.status.is_some_and(|status| status.is_directory()),
        None => all.iter().any(|kept| {
            kept.is_kept() && of_session(kept, session) && kept.path().starts_with(path)
        }),
    }
}

impl<'a> Plan<'a> {
    /// Returns a plan for a path and everything below it, or for everything: with a session, as it was
    /// before that session; else the newest version of each.
    pub fn new(all: &'a [Kept], below: Option<&Path>, session: Option<&str>) -> Self {
        let mut versions: BTreeMap<PathBuf, Vec<&Kept>> = BTreeMap::new();
        for kept in all
            .iter()
            .filter(|kept| kept.is_kept() && of_session(kept, session))
        {
            let path = kept.path();
            if below.is_none_or(|below| path.starts_with(below)) {
                versions.entry(path).or_default().push(kept);
            }
        }
        let mut plan = Self::default();
        for versions in versions.into_values() {
            let mut lasting = versions.into_iter().filter(|kept| !kept.born);
            let chosen = if session.is_some() {
                lasting.next()
            } else {
                lasting.next_back()
            };
            match chosen {
                Some(kept) => plan.things.push(kept),
                None => plan.passing += 1,
            }
        }
        plan.things
            .sort_by_key(|kept| kept.path().components().count());
        plan
    }
}

fn of_session(kept: &Kept, session: Option<&str>) -> bool {
    session.is_none_or(|session| kept.session == session)
}
