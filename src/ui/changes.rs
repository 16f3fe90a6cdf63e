//! What a session did, as a table. What git keeps for itself is one row a repository.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::measure::size;
use super::style::Paint;
use super::table::{Cell, Table};
use crate::audit;
use crate::retain::diff::{Change, Changes};

/// Returns the table, `None` where there is nothing to show.
pub fn table(changes: &Changes, refused: &[audit::Entry]) -> Option<String> {
    let mut rows = Rows::new();
    for made in &changes.created {
        if made.is_directory {
            let what = format!("{} names, {}", made.entries, size(made.size));
            let path = format!("{}/", made.path.display());
            rows.add("created", Paint::Green, &path, &what, "");
        } else if !rows.folds(&made.path) {
            let path = made.path.display().to_string();
            rows.add("created", Paint::Green, &path, &size(made.size), "");
        }
    }
    let lists = [
        ("changed", Paint::Yellow, &changes.changed),
        ("replaced", Paint::Yellow, &changes.replaced),
        ("removed", Paint::Red, &changes.removed),
    ];
    for (what, paint, list) in lists {
        for change in list {
            rows.change(what, paint, change);
        }
    }
    for one in &changes.renamed {
        let path = format!("{} -> {}", one.from.display(), one.to.display());
        rows.add("renamed", Paint::Yellow, &path, "", "");
    }
    rows.unfold();
    for entry in refused {
        let record = &entry.body;
        let path = format!("{} {}", record.action, record.target);
        rows.add("refused", Paint::Red, &path, "", &record.rule);
    }
    (rows.count > 0).then(|| rows.table.render())
}

/// Returns the repository's own directory that a path lies in: `…/.git`.
pub fn repository(path: &Path) -> Option<PathBuf> {
    let above = path.ancestors().skip(1);
    let own = above.filter(|above| above.file_name().is_some_and(|name| name == ".git"));
    own.last().map(Path::to_owned)
}

struct Rows {
    table: Table,
    count: usize,
    folded: BTreeMap<PathBuf, usize>,
}

impl Rows {
    fn new() -> Self {
        Self {
            table: Table::new(["what", "path", "size", "retained as"]),
            count: 0,
            folded: BTreeMap::new(),
        }
    }

    fn add(&mut self, what: &str, paint: Paint, path: &str, size: &str, kept: &str) {
        self.count += 1;
        self.table.row([
            Cell::painted(what, paint),
            Cell::from(path),
            Cell::from(size),
            Cell::painted(kept, Paint::Cyan),
        ]);
    }

    fn change(&mut self, what: &str, paint: Paint, change: &Change) {
        if self.folds(&change.path) {
            return;
        }
        let before = change.before.as_ref();
        let size = match (before.map(|kept| kept.entry.size), change.size) {
            (Some(before), Some(now)) => format!("{} -> {}", size(before), size(now)),
            (Some(bytes), None) | (None, Some(bytes)) => size(bytes),
            (None, None) => String::new(),
        };
        let kept = before.map(|kept| format!("{}/{}", kept.session, kept.stored));
        let path = change.path.display().to_string();
        self.add(what, paint, &path, &size, kept.as_deref().unwrap_or(""));
    }

    /// Counts a path to its repository's row, where it is one of those that only git reads.
    fn folds(&mut self, path: &Path) -> bool {
        let Some(repository) = repository(path) else {
            return false;
        };
        *self.folded.entry(repository).or_default() += 1;
        true
    }

    fn unfold(&mut self) {
        for (path, count) in std::mem::take(&mut self.folded) {
            let path = format!("{}/", path.display());
            let names = if count == 1 { "name" } else { "names" };
            let size = format!("{count} {names}");
            self.add("changed", Paint::Yellow, &path, &size, "");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_git_keeps_for_itself_is_known() {
        let of = |path| repository(Path::new(path)).map(|path| path.display().to_string());
        assert_eq!(of("/a/.git/index").as_deref(), Some("/a/.git"));
        assert_eq!(of("/a/.git/modules/b/.git/x").as_deref(), Some("/a/.git"));
        assert_eq!(of("/a/.git"), None);
        assert_eq!(of("/a/.gitignore"), None);
    }
}
