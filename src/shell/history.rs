//! What was typed before: a data base with the directory, the status and the time of each
//! line, and all lines in memory for the hint behind the cursor.
//!
//! INVARIANT: a line that begins with a space, or holds a secret, is never kept; and no
//! fault of the data base stops the shell.

use std::fs::{self, DirBuilder, OpenOptions, Permissions};
use std::io;
use std::os::fd::AsFd;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use nu_ansi_term::Style;
use reedline::{
    FileBackedHistory, Hinter, History, HistoryItem, HistoryItemId, HistorySessionId,
    ReedlineError, ReedlineErrorVariants, Result, SearchDirection, SearchQuery,
    SqliteBackedHistory,
};

use crate::audit::redact;
use crate::sys::file;

/// The file in its directory. On a network file system each host has its own:
/// what the data base's log shares between processes does not travel.
fn path(state: &Path, host: &str) -> PathBuf {
    let directory = fs::File::open(state);
    let magic = directory.and_then(|directory| file::filesystem_magic(directory.as_fd()));
    let is_local = magic.is_ok_and(|magic| LOCAL.contains(&magic));
    state.join(if is_local {
        "history.sqlite3".to_owned()
    } else {
        format!("history.{}.sqlite3", host.replace('/', "_"))
    })
}

/// ext2/3/4, xfs, btrfs, tmpfs, f2fs, zfs, overlayfs. See statfs(2).
const LOCAL: [i64; 7] = [
    0xef53,
    0x5846_5342,
    0x9123_683e,
    0x0102_1994,
    0xf2f5_2010,
    0x2fc1_2fc1,
    0x794c_7630,
];

/// The history of a session.
pub(crate) struct Kept {
    inner: Box<dyn History>,
    hints: Hints,
}

/// Lines that are remembered for hints, the newest last.
#[derive(Clone, Default)]
pub(crate) struct Hints {
    lines: Arc<Mutex<Vec<Remembered>>>,
}

/// A line, and the directory it was typed in.
type Remembered = (String, Option<String>);

/// Lines that are remembered for hints at most.
const HINTED: i64 = 50_000;
/// In memory, where there is no data base.
const UNSAVED: usize = 1_000;

impl Kept {
    /// Opens the history, and says in a line why it will not last, where it will not.
    pub(crate) fn open(state: &Path, host: &str, session: i64) -> (Self, Option<String>) {
        // Where it is not there yet it has no file system to be judged by.
        let made = DirBuilder::new().recursive(true).mode(0o700).create(state);
        let path = path(state, host);
        let opened = made
            .and_then(|()| prepare(&path))
            .map_err(|fault| fault.to_string())
            .and_then(|()| database(&path, session).map_err(|fault| fault.to_string()));
        let (inner, notice) = match opened {
            Ok(inner) => (inner, None),
            Err(reason) => {
                let notice = format!(
                    "history is not kept in this session: `{}`: {reason}",
                    path.display()
                );
                (unsaved(), Some(notice))
            }
        };
        let hints = Hints::default();
        if notice.is_none() {
            hints.load(path);
        }
        (Self { inner, hints }, notice)
    }

    /// Returns what hints come from.
    pub(crate) fn hints(&self) -> Hints {
        self.hints.clone()
    }
}

/// Claims that a line may be kept.
pub(crate) fn is_fit(line: &str) -> bool {
    !line.starts_with(char::is_whitespace) && !line.trim().is_empty() && redact(line) == line
}

/// Makes the file, readable by its owner alone.
fn prepare(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.create(true).append(true).mode(0o600);
    let file = options.open(path)?;
    if file.metadata()?.permissions().mode() & 0o077 != 0 {
        file.set_permissions(Permissions::from_mode(0o600))?;
    }
    Ok(())
}

fn database(path: &Path, session: i64) -> Result<Box<dyn History>> {
    let session = Some(HistorySessionId::new(session));
    let since = Some(SystemTime::now().into());
    let history = SqliteBackedHistory::with_file(path.to_owned(), session, since)?;
    // A spoiled file shows itself when it is read, not when it is opened.
    let newest = SearchQuery {
        limit: Some(1),
        ..SearchQuery::everything(SearchDirection::Backward, None)
    };
    history.search(newest)?;
    Ok(Box::new(history))
}

fn unsaved() -> Box<dyn History> {
    match FileBackedHistory::new(UNSAVED) {
        Ok(history) => Box::new(history),
        Err(_) => Box::new(FileBackedHistory::default()),
    }
}

impl History for Kept {
    fn save(&mut self, mut item: HistoryItem) -> Result<HistoryItem> {
        if !is_fit(&item.command_line) {
            return Err(ReedlineError(ReedlineErrorVariants::OtherHistoryError(
                "this line is not kept",
            )));
        }
        item.start_timestamp = Some(SystemTime::now().into());
        let saved = self.inner.save(item)?;
        self.hints.add(&saved.command_line, saved.cwd.clone());
        Ok(saved)
    }

    fn load(&self, id: HistoryItemId) -> Result<HistoryItem> {
        self.inner.load(id)
    }

    fn count(&self, query: SearchQuery) -> Result<i64> {
        Ok(self.inner.count(query).unwrap_or(0))
    }

    fn search(&self, query: SearchQuery) -> Result<Vec<HistoryItem>> {
        Ok(self.inner.search(query).unwrap_or_default())
    }

    fn update(
        &mut self,
        id: HistoryItemId,
        updater: &dyn Fn(HistoryItem) -> HistoryItem,
    ) -> Result<()> {
        self.inner.update(id, updater)
    }

    fn clear(&mut self) -> Result<()> {
        self.inner.clear()
    }

    fn delete(&mut self, id: HistoryItemId) -> Result<()> {
        self.inner.delete(id)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.inner.sync()
    }

    fn session(&self) -> Option<HistorySessionId> {
        self.inner.session()
    }
}

impl Hints {
    /// Reads all lines, in a thread of its own.
    fn load(&self, path: PathBuf) {
        let hints = self.clone();
        let _ = std::thread::Builder::new()
            .name("history".into())
            .spawn(move || {
                let Ok(history) = SqliteBackedHistory::with_file(path, None, None) else {
                    return;
                };
                let all = SearchQuery {
                    limit: Some(HINTED),
                    ..SearchQuery::everything(SearchDirection::Backward, None)
                };
                let items = history.search(all).unwrap_or_default();
                let older = items
                    .into_iter()
                    .rev()
                    .map(|item| (item.command_line, item.cwd));
                let mut lines = hints.lines.lock().unwrap_or_else(PoisonError::into_inner);
                let newer = std::mem::take(&mut *lines);
                *lines = older.chain(newer).collect();
            });
    }

    fn add(&self, line: &str, cwd: Option<String>) {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.push((line.to_owned(), cwd));
    }

    /// Names the directory of the line that was added last.
    pub(crate) fn place(&self, line: &str, directory: &Path) {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, cwd)) = lines.last_mut().filter(|(last, _)| last == line) {
            *cwd = Some(directory.to_string_lossy().into_owned());
        }
    }

    /// Returns how the newest line goes on that begins so, one of this directory before others.
    pub(crate) fn rest(&self, beginning: &str, directory: &str) -> Option<String> {
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let mut elsewhere = None;
        for (line, cwd) in lines.iter().rev() {
            let Some(rest) = line.strip_prefix(beginning).filter(|rest| !rest.is_empty()) else {
                continue;
            };
            if cwd.as_deref() == Some(directory) {
                return Some(rest.to_owned());
            }
            elsewhere.get_or_insert(rest);
        }
        elsewhere.map(str::to_owned)
    }
}

/// Shows how the line may go on, dimmed.
pub(crate) struct Hint {
    pub(crate) hints: Hints,
    pub(crate) is_shown: bool,
    pub(crate) current: String,
}

impl Hinter for Hint {
    fn handle(
        &mut self,
        line: &str,
        pos: usize,
        _history: &dyn History,
        use_ansi_coloring: bool,
        cwd: &str,
    ) -> String {
        // Without a way to set it apart a hint would look as if it had been typed.
        let is_asked = self.is_shown && !line.trim().is_empty() && pos == line.len();
        let rest = is_asked.then(|| self.hints.rest(line, cwd)).flatten();
        self.current = rest.unwrap_or_default();
        let first = self.current.lines().next().unwrap_or_default();
        if use_ansi_coloring && !first.is_empty() {
            Style::new()
                .dimmed()
                .paint(crate::ui::clean(first))
                .to_string()
        } else {
            String::new()
        }
    }

    fn complete_hint(&self) -> String {
        self.current.clone()
    }

    fn next_hint_token(&self) -> String {
        let word = self.current.trim_start();
        let lead = self.current.len() - word.len();
        let end = word.find(char::is_whitespace).unwrap_or(word.len());
        self.current
            .get(..lead + end)
            .unwrap_or_default()
            .to_owned()
    }
}

#[cfg(test)]
mod tests;
