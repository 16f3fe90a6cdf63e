//! What the line itself writes into files before it reads or runs them
//! (`cat > x.sh <<EOF … EOF; bash x.sh`).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::frame::Feed;
use super::walk::Walker;

/// More than this is not kept.
const KEPT_LIMIT: usize = 64 * 1024;

/// Files written so far: their text, `None` where it is only known when the line runs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Written {
    files: BTreeMap<PathBuf, Option<String>>,
}

/// A file that a command's output goes to.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    pub(crate) path: PathBuf,
    pub(crate) append: bool,
}

impl Walker<'_> {
    /// Remembers what flowed into a file.
    pub(crate) fn keep(&mut self, kept: Option<Kept>, flow: &Feed) {
        let Some(kept) = kept.filter(|_| !self.is_far()) else {
            return;
        };
        let path = super::world::lexical(&kept.path);
        let text = match flow {
            Feed::Text(text) | Feed::File(_, text) => Some(text.clone()),
            // Bash reads it again: `${_}` is as unknown there.
            Feed::Shape(shape) => Some(format!("{shape}\n")),
            Feed::Inherited | Feed::Unknown => None,
        };
        let text = match (kept.append, text) {
            (false, text) => text,
            (true, Some(text)) => self
                .text_of(&path)
                .map(|before| before + &text)
                .or(Some(text)),
            (true, None) => None,
        };
        let text = text.filter(|text| text.len() <= KEPT_LIMIT);
        self.written.files.insert(path, text);
    }

    /// Returns a file's text as it is when this point of the line is reached.
    pub(crate) fn text_of(&self, path: &Path) -> Option<String> {
        match self.written.files.get(&super::world::lexical(path)) {
            Some(text) => text.clone(),
            None => self.world.read(path),
        }
    }

    /// Returns the text the line itself has written to a file, where it is known.
    pub(crate) fn made(&self, path: &Path) -> Option<&str> {
        self.written
            .files
            .get(&super::world::lexical(path))?
            .as_deref()
    }

    /// Whether the line has written what only comes to be when it runs.
    pub(crate) fn is_obscure(&self, path: &Path) -> bool {
        matches!(
            self.written.files.get(&super::world::lexical(path)),
            Some(None)
        )
    }
}
