//! Dotted keys: `a.b[0].c`, split as `OmegaConf` splits them, and written back.

use super::{Key, Value};

/// The parts of a dotted key: `a.b[c].d` is `a`, `b`, `c`, `d`; leading dots give empty parts.
pub fn split(key: &str) -> Vec<&str> {
    let dots = key.len() - key.trim_start_matches('.').len();
    let (leading, rest) = key.split_at_checked(dots).unwrap_or(("", key));
    let head = rest.find(['.', '[']).unwrap_or(rest.len());
    let (first, mut rest) = rest.split_at_checked(head).unwrap_or((rest, ""));
    let mut parts: Vec<&str> = leading.chars().map(|_| "").collect();
    if !(first.is_empty() && rest.starts_with('[')) {
        parts.push(first);
    }
    while let Some(opening) = rest.find(['.', '[']) {
        let Some(after) = rest.get(opening + 1..) else {
            break;
        };
        let dotted = rest
            .get(opening..)
            .is_some_and(|here| here.starts_with('.'));
        let end = if dotted {
            after.find(['.', '[']).or(Some(after.len()))
        } else {
            after.find(']')
        };
        let Some((part, left)) = end.and_then(|end| after.split_at_checked(end)) else {
            rest = after;
            continue;
        };
        parts.push(part);
        rest = if dotted {
            left
        } else {
            left.get(1..).unwrap_or("")
        };
    }
    parts
}

/// A path of keys as users write it, seen from `root`: `a.b[0].c`.
pub fn full_key(root: &Value, path: &[Key]) -> String {
    let mut out = String::new();
    let mut value = Some(root);
    for key in path {
        if matches!(value, Some(Value::List(_))) {
            out.push_str(&format!("[{key}]"));
        } else {
            if !out.is_empty() {
                out.push('.');
            }
            out.push_str(&key.to_string());
        }
        value = value.and_then(|value| value.child(key));
    }
    out
}

/// The index that a part of a key is, as Python's `int` reads it.
pub fn index(part: &str) -> Option<i64> {
    let trimmed = part.trim();
    let digits = trimmed.strip_prefix(['+', '-']).unwrap_or(trimmed);
    let grouped = digits
        .split('_')
        .all(|group| !group.is_empty() && !group.starts_with(['+', '-']));
    grouped
        .then(|| trimmed.replace('_', "").parse().ok())
        .flatten()
}
