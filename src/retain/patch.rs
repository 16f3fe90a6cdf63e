//! The difference between two versions of a text file, line by line.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::time::Duration;

use similar::TextDiff;

/// Files above this are not compared line by line, in bytes.
const MOST: u64 = 4 << 20;
/// A comparison that takes longer becomes coarse.
const LONGEST: Duration = Duration::from_secs(2);
/// Lines shown around each change.
const CONTEXT: usize = 3;

/// What two versions differ in.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Patch {
    /// A unified diff; empty where they are the same.
    Text(String),
    /// No text, or too much of it, or unreadable; why.
    None(&'static str),
}

impl Patch {
    /// Compares two files; `None` stands for one that is not there. `path` is the name shown.
    pub fn of(before: Option<&Path>, after: Option<&Path>, path: &Path) -> Self {
        let (old, new) = match (text(before), text(after)) {
            (Ok(old), Ok(new)) => (old, new),
            (Err(why), _) | (_, Err(why)) => return Self::None(why),
        };
        let shown = path.to_string_lossy();
        let shown = shown.trim_start_matches('/');
        let name = |side: &str, is_there: bool| {
            if is_there {
                format!("{side}/{shown}")
            } else {
                "/dev/null".to_owned()
            }
        };
        let diff = TextDiff::configure()
            .timeout(LONGEST)
            .diff_lines(&old, &new);
        let text = diff
            .unified_diff()
            .context_radius(CONTEXT)
            .header(&name("a", before.is_some()), &name("b", after.is_some()))
            .to_string();
        Self::Text(text)
    }
}

fn text(path: Option<&Path>) -> Result<String, &'static str> {
    let Some(path) = path else {
        return Ok(String::new());
    };
    let status = path.symlink_metadata().map_err(|_| "it cannot be read")?;
    if !status.is_file() {
        return Err("it is no regular file");
    }
    if status.len() > MOST {
        return Err("it is too big to be compared line by line");
    }
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(MOST).read_to_end(&mut bytes));
    read.map_err(|_| "it cannot be read")?;
    let text = String::from_utf8(bytes).map_err(|_| "it is no text")?;
    if text.contains('\0') {
        Err("it is no text")
    } else {
        Ok(text)
    }
}
