//! What explicit tags ask for: `!!str`, `!!binary`, `!!omap` and the like.

use crate::compose::node::{Class, Dict, Error, Value, display};
use crate::compose::scalar::{self, Kind};

/// The tag of text.
pub(super) const STR: &str = "tag:yaml.org,2002:str";

/// The tag of mappings.
pub(super) const MAP: &str = "tag:yaml.org,2002:map";

/// What a tagged node comes to.
pub(super) enum Shape {
    /// A value.
    Value(Value),
    /// The mark that merges mappings.
    Merge,
    /// Something that Python makes and no configuration can hold.
    Unsupported(&'static str),
}

fn refuse(tag: &str) -> Error {
    Error::new(
        Class::ConstructorError,
        format!("nothing can be constructed of the tag `{tag}` here"),
    )
}

/// A scalar with an explicit tag.
pub(super) fn scalar(tag: &str, text: &str) -> Result<Shape, Error> {
    let kind = match tag.strip_prefix("tag:yaml.org,2002:") {
        Some("str") => Kind::Str,
        Some("int") => Kind::Int,
        Some("float") => Kind::Float,
        Some("bool") => Kind::Bool,
        Some("null") => Kind::Null,
        Some("merge") => return Ok(Shape::Merge),
        Some("binary") => return binary(text).map(Shape::Value),
        Some("timestamp") => return timestamp(text),
        _ => return Err(refuse(tag)),
    };
    scalar::construct(kind, text).map(Shape::Value)
}

/// A sequence with an explicit tag.
pub(super) fn sequence(tag: &str, items: Vec<Value>) -> Result<Value, Error> {
    match tag.strip_prefix("tag:yaml.org,2002:") {
        Some("seq") => Ok(Value::from(items)),
        Some("omap" | "pairs") => {
            let pairs = items.iter().map(|item| match item.as_dict() {
                Some(dict) if dict.len() == 1 => {
                    let pair = dict
                        .iter()
                        .next()
                        .map(|(key, value)| vec![key.to_value(), value.clone()]);
                    Ok(Value::from(pair.unwrap_or_default()))
                }
                _ => Err(refuse(tag)),
            });
            pairs
                .collect::<Result<Vec<Value>, Error>>()
                .map(Value::from)
        }
        Some("python/object/apply:pathlib.Path" | "python/object/apply:pathlib.PosixPath") => {
            path(&items)
        }
        _ => Err(refuse(tag)),
    }
}

/// A mapping with an explicit tag.
pub(super) fn mapping(tag: &str, entries: &Dict) -> Result<Shape, Error> {
    match tag.strip_prefix("tag:yaml.org,2002:") {
        Some("set") => Ok(Shape::Unsupported("set")),
        Some("str") => match entries.get("=") {
            Some(text @ Value::Str(_)) => Ok(Shape::Value(text.clone())),
            _ => Err(refuse(tag)),
        },
        _ => Err(refuse(tag)),
    }
}

/// The path that Python joins of its parts.
fn path(parts: &[Value]) -> Result<Value, Error> {
    let mut joined = std::path::PathBuf::new();
    for part in parts {
        let Some(part) = part.as_str() else {
            let message = format!("`{}` is no part of a path", display(part));
            return Err(Error::new(Class::TypeError, message));
        };
        joined.push(part);
    }
    let tidy: std::path::PathBuf = joined.components().collect();
    let text = tidy.to_string_lossy();
    Ok(Value::Path(
        if text.is_empty() { "." } else { &text }.into(),
    ))
}

/// A date or a time, which a configuration cannot hold.
fn timestamp(text: &str) -> Result<Shape, Error> {
    let mut parts = text.splitn(3, '-');
    let digits = |part: Option<&str>, most: usize| {
        part.is_some_and(|part| {
            let digits = part.bytes().take_while(u8::is_ascii_digit).count();
            (1..=most).contains(&digits)
        })
    };
    if digits(parts.next(), 4) && digits(parts.next(), 2) && digits(parts.next(), 2) {
        return Ok(Shape::Unsupported("date"));
    }
    Err(Error::new(
        Class::ValueError,
        format!("`{text}` is no date"),
    ))
}

/// The bytes of a base 64 text.
fn binary(text: &str) -> Result<Value, Error> {
    let refuse = || Error::new(Class::ConstructorError, "the text is no base 64");
    if !text.is_ascii() {
        return Err(refuse());
    }
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut count, mut padding) = (0_u32, 0_u32, 0_u32);
    for letter in text.bytes() {
        let six = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'a'..=b'z' => letter - b'a' + 26,
            b'0'..=b'9' => letter - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            b'=' => {
                padding += 1;
                if count >= 2 && count + padding >= 4 {
                    break;
                }
                continue;
            }
            // Python skips what is no letter of the alphabet.
            _ => continue,
        };
        padding = 0;
        bits = bits << 6 | u32::from(six);
        count += 1;
        if count == 4 {
            bytes.extend(bits.to_be_bytes().into_iter().skip(1));
            (bits, count) = (0, 0);
        }
    }
    match count {
        0 => {}
        2 if padding >= 2 => bytes.extend((bits << 12).to_be_bytes().into_iter().skip(1).take(1)),
        3 if padding >= 1 => bytes.extend((bits << 6).to_be_bytes().into_iter().skip(1).take(2)),
        _ => return Err(refuse()),
    }
    Ok(Value::Bytes(bytes.into()))
}
