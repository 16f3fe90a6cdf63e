//! Reads a defaults list as it stands in a file.

use super::entry::{Choice, Entry, SELF, Target};
use crate::compose::node::Value;

/// Why a line is none; the class of the exception that Hydra raises.
#[derive(Clone, Debug)]
pub(crate) struct Malformed {
    pub(crate) class: &'static str,
    pub(crate) message: String,
    /// Which line of the list, from 0; none when the list itself is meant.
    pub(crate) index: Option<usize>,
}

impl Malformed {
    fn value(message: impl Into<String>) -> Self {
        Self {
            class: "ValueError",
            message: message.into(),
            index: None,
        }
    }
}

/// Reads a defaults list.
pub(crate) fn read(list: &Value, is_old: bool) -> Result<Vec<Entry>, Malformed> {
    let kind = match list {
        Value::List(items) => {
            let entries = items.iter().enumerate();
            let entries = entries.map(|(index, item)| {
                one(item, is_old).map_err(|fault| Malformed {
                    index: Some(index),
                    ..fault
                })
            });
            return entries.collect();
        }
        Value::Str(text) if &**text == Value::MISSING => return Ok(Vec::new()),
        Value::Dict(_) => "a mapping",
        Value::Null => "null",
        _ => "a single value",
    };
    Err(Malformed::value(format!(
        "`defaults` must be a list, and is {kind}"
    )))
}

fn one(item: &Value, is_old: bool) -> Result<Entry, Malformed> {
    match item {
        Value::Str(text) => {
            let (path, package) = split_package(text);
            if path == SELF && package.is_some() {
                return Err(Malformed::value("`_self_` takes no package"));
            }
            Ok(Entry::of(Target::Config(path.to_owned()), package))
        }
        Value::Dict(dict) => {
            let mut pairs: Vec<_> = dict.iter().collect();
            let mut was_optional = None;
            if is_old && pairs.len() > 1 {
                was_optional = dict.get("optional").and_then(Value::as_bool);
                pairs.retain(|(key, _)| key.as_str() != Some("optional"));
            }
            let [(key, value)] = pairs.as_slice() else {
                return Err(Malformed::value(if pairs.is_empty() {
                    "an empty mapping names no group".to_owned()
                } else {
                    let keys = pairs.iter().map(|(key, _)| format!("`{key}`"));
                    let keys = keys.collect::<Vec<_>>().join(" and ");
                    format!("one line names {keys}; each group has a line of its own")
                }));
            };
            let Some(key) = key.as_str() else {
                return Err(assertion(format!("`{key}` is no name of a group")));
            };
            let mut entry = group(key, value)?;
            entry.is_optional |= was_optional.unwrap_or(false);
            Ok(entry)
        }
        other => Err(Malformed::value(format!(
            "a line must be a text or `group: option`, and is {}",
            kind_of(other)
        ))),
    }
}

fn assertion(message: String) -> Malformed {
    Malformed {
        class: "AssertionError",
        message,
        index: None,
    }
}

fn group(key: &str, value: &Value) -> Result<Entry, Malformed> {
    let (words, package) = split_package(key);
    let (keywords, group) = match words.rsplit_once(' ') {
        Some((keywords, group)) => (keywords, group),
        None => ("", words),
    };
    let refused = |value: &Value| {
        let kind = kind_of(value);
        Malformed::value(format!("`{key}` takes a text or a list, and is {kind}"))
    };
    let option = match value {
        Value::Null => Choice::Nothing,
        Value::Str(name) => Choice::One(name.to_string()),
        Value::List(names) => {
            let names = names.iter().map(|name| match name {
                Value::Str(name) => Ok(name.to_string()),
                other => Err(refused(other)),
            });
            Choice::Many(names.collect::<Result<_, _>>()?)
        }
        other => return Err(refused(other)),
    };
    if group.is_empty() {
        return Err(assertion(format!("`{key}` names no group")));
    }
    let group = group.to_owned();
    let mut entry = Entry::of(Target::Group { group, option }, package);
    for keyword in keywords.split(' ') {
        match keyword {
            "optional" => entry.is_optional = true,
            "override" => entry.is_override = true,
            _ => break,
        }
    }
    Ok(entry)
}

/// Splits `group@package`; of `@old:new` the old name counts.
fn split_package(text: &str) -> (&str, Option<String>) {
    let Some((group, package)) = text.split_once('@') else {
        return (text, None);
    };
    let package = package.split(':').next().unwrap_or_default();
    (group, Some(package.to_owned()))
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Int(_) | Value::Big(_) => "an integer",
        Value::Float(_) => "a float",
        Value::List(_) => "a list",
        Value::Dict(_) => "a mapping",
        Value::Str(_) | Value::Bytes(_) | Value::Path(_) => "a text",
    }
}
