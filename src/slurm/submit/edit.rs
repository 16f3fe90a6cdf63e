//! Changes one value of a YAML file and keeps the rest as people wrote it: comments, order,
//! blank lines.
//!
//! INVARIANT: afterwards the file says the new value there and the same as before
//! everywhere else, or it is not changed.

use crate::compose::node::{self, Value};
use crate::compose::yaml;

/// Why a file is not changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// It does not read as YAML.
    #[error("it is no YAML: {0}")]
    Unreadable(String),
    /// It is written in a form that cannot be changed line by line.
    #[error("`{0}` stands in a form that is not changed safely")]
    Form(String),
}

/// Returns the text with `value` at `path`, and the value that stood there. The old line
/// stays above as a comment with `note`.
///
/// # Errors
///
/// Where it cannot be changed without changing more.
pub fn set(
    text: &str,
    path: &[&str],
    value: &str,
    note: &str,
) -> Result<(String, Option<String>), Error> {
    let before = yaml::create(text).map_err(|fault| Error::Unreadable(fault.to_string()))?;
    let old = at(&before, path)
        .filter(|old| !matches!(old, Value::Null))
        .map(node::display);
    let changed = changed(text, path, value, note, old.is_some());
    let after = yaml::create(&changed).map_err(|_| Error::Form(path.join(".")))?;
    let is_set = at(&after, path).and_then(Value::as_str) == Some(value);
    if !is_set || said(&before, path) != said(&after, path) {
        return Err(Error::Form(path.join(".")));
    }
    Ok((changed, old))
}

fn at<'v>(value: &'v Value, path: &[&str]) -> Option<&'v Value> {
    path.iter().try_fold(value, |value, key| value.get(key))
}

/// Returns everything but what stands at `path`, and the mappings that lead there.
fn said(value: &Value, path: &[&str]) -> Vec<(String, String)> {
    let mut rows = Vec::new();
    leaves(value, String::new(), &path.join("."), &mut rows);
    rows
}

fn leaves(value: &Value, place: String, left_out: &str, rows: &mut Vec<(String, String)>) {
    if place == left_out {
        return;
    }
    match value.as_dict() {
        Some(dict) => {
            for (key, value) in dict.iter() {
                let below = if place.is_empty() {
                    key.to_string()
                } else {
                    format!("{place}.{key}")
                };
                leaves(value, below, left_out, rows);
            }
        }
        // A mapping that says nothing yet may become one that does.
        None if matches!(value, Value::Null) && left_out.starts_with(&format!("{place}.")) => {}
        None => rows.push((place, node::repr(value))),
    }
}

fn changed(text: &str, path: &[&str], value: &str, note: &str, has_old: bool) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let (mut from, mut to) = (0, lines.len());
    let mut indent = None;
    let mut deepest = 0;
    let mut insert_at = lines.len();
    for (depth, key) in path.iter().enumerate() {
        let Some(found) = find(&lines, from, to, key, indent) else {
            break;
        };
        let own = width(lines.get(found).map_or("", String::as_str));
        deepest = depth + 1;
        if deepest == path.len() {
            let line = lines.get(found).cloned().unwrap_or_default();
            let fresh = format!("{}{key}: {}", " ".repeat(own), scalar(value));
            let mut replaced = vec![fresh];
            if has_old {
                replaced.insert(0, format!("{}# {note}: {}", " ".repeat(own), line.trim()));
            } else if let (Some((_, comment)), Some(fresh)) =
                (line.split_once(" #"), replaced.first_mut())
            {
                fresh.push_str(&format!("  #{comment}"));
            }
            lines.splice(found..=found, replaced);
            return lines.join("\n") + "\n";
        }
        from = found + 1;
        to = end(&lines, found, own, to);
        insert_at = from;
        indent = Some(own);
    }
    let base = match (deepest, indent) {
        (0, _) => 0,
        (_, own) => child_indent(&lines, from, to, own.unwrap_or(0)),
    };
    let missing = path.get(deepest..).unwrap_or_default();
    let fresh = missing.iter().enumerate().map(|(step, key)| {
        let space = " ".repeat(base + 2 * step);
        match step + 1 == missing.len() {
            true => format!("{space}{key}: {}", scalar(value)),
            false => format!("{space}{key}:"),
        }
    });
    let fresh: Vec<String> = fresh.collect();
    lines.splice(insert_at..insert_at, fresh);
    lines.join("\n") + "\n"
}

/// Finds the line of a key among the children of a mapping.
fn find(
    lines: &[String],
    from: usize,
    to: usize,
    key: &str,
    parent: Option<usize>,
) -> Option<usize> {
    let children = match parent {
        None => 0,
        Some(own) => child_indent(lines, from, to, own),
    };
    (from..to).find(|index| {
        let line = lines.get(*index).map_or("", String::as_str);
        let rest = line.trim_start();
        width(line) == children
            && rest
                .strip_prefix(key)
                .is_some_and(|rest| rest == ":" || rest.starts_with(": "))
    })
}

fn width(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

fn is_content(line: &str) -> bool {
    let text = line.trim_start();
    !text.is_empty() && !text.starts_with('#')
}

fn child_indent(lines: &[String], from: usize, to: usize, own: usize) -> usize {
    let children = lines.get(from..to).unwrap_or_default();
    let first = children.iter().find(|line| is_content(line));
    first
        .map(|line| width(line))
        .filter(|indent| *indent > own)
        .unwrap_or(own + 2)
}

/// Returns where the block of a key ends.
fn end(lines: &[String], key: usize, own: usize, to: usize) -> usize {
    let is_outside = |index: &usize| {
        let line = lines.get(*index).map_or("", String::as_str);
        is_content(line) && width(line) <= own
    };
    (key + 1..to).find(is_outside).unwrap_or(to)
}

fn scalar(value: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+=@".contains(c);
    match value.starts_with('/') && value.chars().all(is_plain) {
        true => value.to_owned(),
        false => format!("'{}'", value.replace('\'', "''")),
    }
}

#[cfg(test)]
mod tests {
    const PATH: [&str; 3] = ["cluster", "container", "image"];

    fn set(text: &str) -> String {
        super::set(text, &PATH, "/e/new.sqsh", "until today")
            .unwrap()
            .0
    }

    #[test]
    fn the_old_image_stays_as_a_comment() {
        let text = "# mine\nlogging:\n  root_dir: /x # here\n\ncluster:\n  container:\n    image: /e/old.sqsh\n    python_bin: p\n";
        let expected = "# mine\nlogging:\n  root_dir: /x # here\n\ncluster:\n  container:\n    # until today: image: /e/old.sqsh\n    image: /e/new.sqsh\n    python_bin: p\n";
        assert_eq!(set(text), expected);
    }

    #[test]
    fn what_leads_there_is_added_where_it_is_missing() {
        let tail = "cluster:\n  container:\n    image: /e/new.sqsh\n";
        assert_eq!(set("a: 1\n"), format!("a: 1\n{tail}"));
        assert_eq!(
            set("cluster:\n    container:\n        image: null  # e.g. /dss\n"),
            "cluster:\n    container:\n        image: /e/new.sqsh  # e.g. /dss\n"
        );
        assert_eq!(
            set("cluster:\n  name: x\nb: 2\n"),
            "cluster:\n  container:\n    image: /e/new.sqsh\n  name: x\nb: 2\n"
        );
    }

    #[test]
    fn what_cannot_be_changed_safely_is_not_changed() {
        for text in [
            "cluster: {container: {image: /e/old}}\n",
            "cluster: &c\n  container: *c\n",
            "a: [\n",
        ] {
            assert!(super::set(text, &PATH, "/e/new", "n").is_err(), "{text}");
        }
    }
}
