//! What a session did, as `--json` prints it.

use serde::Serialize;

use super::sitting::Sitting;
use super::{patch_of, text};
use crate::audit::{self, Timestamp};
use crate::retain::diff::{Change, Changes};
use crate::retain::patch::Patch;

#[derive(Serialize)]
pub(super) struct Shown {
    schema: &'static str,
    session: String,
    began: Timestamp,
    ended: Option<Timestamp>,
    scanned: bool,
    created: Vec<ShownMade>,
    changed: Vec<ShownChange>,
    replaced: Vec<ShownChange>,
    removed: Vec<ShownChange>,
    renamed: Vec<ShownMove>,
    refused: Vec<audit::Entry>,
    made_and_removed: usize,
    undated: u64,
}

#[derive(Serialize)]
struct ShownMade {
    path: String,
    directory: bool,
    size: u64,
    entries: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    patch: Option<String>,
}

#[derive(Serialize)]
struct ShownChange {
    path: String,
    now: Option<String>,
    size: Option<u64>,
    size_before: Option<u64>,
    session: Option<String>,
    stored: Option<String>,
    program: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    patch: Option<String>,
}

#[derive(Serialize)]
struct ShownMove {
    from: String,
    to: String,
    program: String,
}

/// Returns what a session did in the shape that is printed.
pub(super) fn shown(
    sitting: &Sitting,
    changes: Changes,
    refused: Vec<audit::Entry>,
    scanned: bool,
    undated: u64,
    patch: bool,
) -> Shown {
    let patched = |patch: Patch| match patch {
        Patch::Text(text) => Some(text),
        Patch::None(_) => None,
    };
    let all = |list: Vec<Change>| {
        let one = |change: Change| ShownChange {
            patch: change
                .before
                .as_ref()
                .filter(|_| patch)
                .and_then(|_| patched(patch_of(&change))),
            path: text(&change.path),
            now: change.now.as_deref().map(text),
            size: change.size,
            size_before: change.before.as_ref().map(|kept| kept.entry.size),
            program: change
                .before
                .as_ref()
                .map(|kept| kept.entry.program.clone()),
            session: change.before.as_ref().map(|kept| kept.session.clone()),
            stored: change.before.map(|kept| kept.stored),
        };
        list.into_iter().map(one).collect()
    };
    let created = changes.created.into_iter().map(|made| ShownMade {
        patch: (patch && !made.is_directory)
            .then(|| Patch::of(None, Some(&made.path), &made.path))
            .and_then(patched),
        path: text(&made.path),
        directory: made.is_directory,
        size: made.size,
        entries: made.entries,
    });
    let renamed = changes.renamed.into_iter().map(|one| ShownMove {
        from: text(&one.from),
        to: text(&one.to),
        program: one.program,
    });
    Shown {
        schema: "hlrp.diff/1",
        session: sitting.session.clone(),
        began: Timestamp::from(sitting.began),
        ended: sitting.ended.map(Timestamp::from),
        scanned,
        created: created.collect(),
        changed: all(changes.changed),
        replaced: all(changes.replaced),
        removed: all(changes.removed),
        renamed: renamed.collect(),
        refused,
        made_and_removed: changes.passing,
        undated,
    }
}
