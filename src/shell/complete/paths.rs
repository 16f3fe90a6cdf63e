//! Names in directories.

use std::fs;
use std::path::PathBuf;

use super::line::Place;
use super::quote::with_name;
use super::{Candidate, Scene};

/// What is wanted of names.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Want {
    /// Whatever is there.
    All,
    /// Directories alone.
    Directories,
    /// What can be run, and directories.
    Programs,
}

/// Names read of one directory at most.
const MOST: usize = 5_000;

/// Returns the names that the word may go on to.
pub(crate) fn names(place: &Place, scene: &Scene<'_>, want: Want) -> Vec<Candidate> {
    let (above, beginning) = match place.value.rsplit_once('/') {
        Some((above, beginning)) => (format!("{above}/"), beginning),
        None => (String::new(), place.value.as_str()),
    };
    if above.is_empty() && place.value.starts_with('~') && place.quote.is_none() {
        return home(place);
    }
    let Some(directory) = directory(&above, place, scene) else {
        return Vec::new();
    };
    let Ok(entries) = fs::read_dir(&directory) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for entry in entries.take(MOST).flatten() {
        // A name that is not UTF-8 cannot be typed here.
        let Ok(name) = entry.file_name().into_string() else {
            continue;
        };
        let is_hidden = name.starts_with('.') && !beginning.starts_with('.');
        if is_hidden || !name.starts_with(beginning) {
            continue;
        }
        let kind = entry.file_type();
        let is_directory = match kind {
            Ok(kind) if kind.is_symlink() => entry.path().is_dir(),
            Ok(kind) => kind.is_dir(),
            Err(_) => false,
        };
        let is_wanted = match want {
            Want::All => true,
            Want::Directories => is_directory,
            Want::Programs => is_directory || is_program(&entry.path()),
        };
        if is_wanted {
            found.push(Candidate {
                word: with_name(place, &name, is_directory),
                shown: if is_directory { name + "/" } else { name },
                about: None,
                is_whole: !is_directory,
            });
        }
    }
    found.sort_by(|one, other| one.shown.cmp(&other.shown));
    found
}

fn home(place: &Place) -> Vec<Candidate> {
    if place.value != "~" {
        return Vec::new();
    }
    vec![Candidate {
        word: "~/".into(),
        shown: "~/".into(),
        about: None,
        is_whole: false,
    }]
}

/// Returns the directory that the word names so far, as bash would.
fn directory(above: &str, place: &Place, scene: &Scene<'_>) -> Option<PathBuf> {
    let is_single =
        place.quote.is_some_and(|(quote, _)| quote == '\'') || place.raw.starts_with('\'');
    let is_quoted = place.raw.starts_with(['\'', '"', '\\']);
    let mut text = above.to_owned();
    if let Some(rest) = above.strip_prefix("~/").filter(|_| !is_quoted) {
        text = format!("{}/{rest}", scene.home.display());
    } else if let Some(rest) = above.strip_prefix('$').filter(|_| !is_single) {
        let rest = rest.strip_prefix('{').unwrap_or(rest);
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let (name, after) = rest.split_at_checked(end.unwrap_or(rest.len()))?;
        let after = after.strip_prefix('}').unwrap_or(after);
        text = format!("{}{after}", (scene.variable)(name)?);
    }
    Some(scene.cwd.join(text))
}

fn is_program(path: &std::path::Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    let about = path.metadata();
    about.is_ok_and(|about| about.is_file() && about.permissions().mode() & 0o111 != 0)
}
