//! Where a line or a key was written. Looked up only when an error needs it.

use std::path::{Path, PathBuf};

use crate::compose::defaults::{Entry, Placed, Step, Target};
use crate::compose::node::{self, Key, Position, Value};
use crate::compose::tree::Search;
use crate::compose::yaml;

/// A file, and perhaps a position in it.
pub(super) type Place = (PathBuf, Option<Position>);

/// Returns where the line with that number of a defaults list stands in a file.
pub(super) fn line_of_default(file: &Path, index: usize) -> Option<Position> {
    let text = std::fs::read_to_string(file).ok()?;
    yaml::locate(&text, &[Key::from("defaults"), Key::index(index)])
}

/// Returns where a line of the defaults list of the configuration `above` stands.
pub(super) fn place_of(placed: &Placed, above: &str, search: &Search<'_>) -> Option<Place> {
    if placed.entry.is_chosen {
        return None;
    }
    let config = search.config(above).ok()??;
    let file = config.file.clone()?;
    let find = |is: fn(&Entry, &Entry) -> bool| {
        let mut lines = config.defaults.iter();
        lines.position(|entry| is(entry, &placed.entry))
    };
    let index = find(is_same).or_else(|| find(is_list))?;
    let position = line_of_default(&file, index);
    Some((file, position))
}

/// Claims that one line became the other, perhaps with another option.
fn is_same(entry: &Entry, other: &Entry) -> bool {
    match (&entry.target, &other.target) {
        (Target::Config(path), Target::Config(other)) => path == other,
        (Target::Group { group, .. }, Target::Group { group: other, .. }) => group == other,
        _ => false,
    }
}

/// Claims that one line lists options, of which the other is one.
fn is_list(entry: &Entry, other: &Entry) -> bool {
    match (&entry.target, &other.target) {
        (Target::Group { group, .. }, Target::Config(path)) => path
            .strip_prefix(group.as_str())
            .is_some_and(|rest| rest.starts_with('/')),
        _ => false,
    }
}

/// Returns the file that last set a key, and where in it.
pub(super) fn of_key(key: &str, steps: &[Step], search: &Search<'_>) -> Option<Place> {
    let mut steps = steps.iter().rev();
    steps.find_map(|step| in_step(key, step, search))
}

/// Returns where the configuration of `step` sets a key.
pub(super) fn in_step(key: &str, step: &Step, search: &Search<'_>) -> Option<Place> {
    let parts = node::split(key);
    let package = if step.package.is_empty() {
        Vec::new()
    } else {
        node::split(&step.package)
    };
    let inside = parts.strip_prefix(package.as_slice())?;
    let config = search.config(&step.config).ok()??;
    let mut path = Vec::new();
    let mut here = &config.content;
    for part in inside {
        let key = match here {
            Value::List(_) => Key::Int(part.parse().ok()?),
            _ => Key::from(*part),
        };
        here = here.child(&key)?;
        path.push(key);
    }
    let file = config.file.clone()?;
    let text = std::fs::read_to_string(&file).ok()?;
    Some((file, yaml::locate(&text, &path)))
}
