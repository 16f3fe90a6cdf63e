//! How Python writes values as text: `str` and `repr`, which interpolations and messages use.

use std::fmt::Write as _;

use super::{Key, Value};

/// A float as Python's `repr` writes it: shortest digits, `1e-05`, `1e+16`, `inf`, `nan`.
pub fn float(float: f64) -> String {
    if float.is_nan() {
        return "nan".to_owned();
    }
    if float.is_infinite() {
        return if float > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    let scientific = format!("{float:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..16).contains(&exponent) {
        let mut plain = format!("{float}");
        if !plain.contains('.') {
            plain.push_str(".0");
        }
        return plain;
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exponent.unsigned_abs())
}

/// Bytes as Python's `repr` writes them.
pub(crate) fn bytes(bytes: &[u8]) -> String {
    let quote = if bytes.contains(&b'\'') && !bytes.contains(&b'"') {
        '"'
    } else {
        '\''
    };
    let mut out = format!("b{quote}");
    for &byte in bytes {
        match byte {
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            0x20..=0x7e if char::from(byte) == quote => {
                out.push('\\');
                out.push(quote);
            }
            0x20..=0x7e => out.push(char::from(byte)),
            _ => write!(out, "\\x{byte:02x}").unwrap_or_default(),
        }
    }
    out.push(quote);
    out
}

/// Text as Python's `repr` writes it.
pub(crate) fn quoted(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') {
        '"'
    } else {
        '\''
    };
    let mut out = String::with_capacity(text.len() + 2);
    out.push(quote);
    for letter in text.chars() {
        match letter {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            _ if letter == quote => {
                out.push('\\');
                out.push(letter);
            }
            _ if letter.is_control() && u32::from(letter) < 0x100 => {
                write!(out, "\\x{:02x}", u32::from(letter)).unwrap_or_default();
            }
            '\u{a0}' | '\u{ad}' => write!(out, "\\x{:02x}", u32::from(letter)).unwrap_or_default(),
            '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{200b}'..='\u{200f}' => {
                write!(out, "\\u{:04x}", u32::from(letter)).unwrap_or_default();
            }
            _ => out.push(letter),
        }
    }
    out.push(quote);
    out
}

/// A value as Python's `str` writes it: text as it is, the rest as `repr` does.
pub fn display(value: &Value) -> String {
    match value {
        Value::Str(text) | Value::Path(text) => text.to_string(),
        _ => repr(value),
    }
}

/// A value as Python's `repr` writes it.
pub fn repr(value: &Value) -> String {
    let mut out = String::new();
    write_repr(value, &mut out);
    out
}

fn write_repr(value: &Value, out: &mut String) {
    match value {
        Value::Null => out.push_str("None"),
        Value::Bool(flag) => out.push_str(if *flag { "True" } else { "False" }),
        Value::Int(int) => write!(out, "{int}").unwrap_or_default(),
        Value::Big(digits) => out.push_str(digits),
        Value::Float(number) => out.push_str(&float(*number)),
        Value::Str(text) => out.push_str(&quoted(text)),
        Value::Bytes(content) => out.push_str(&bytes(content)),
        Value::Path(path) => write!(out, "PosixPath({})", quoted(path)).unwrap_or_default(),
        Value::List(list) => {
            out.push('[');
            for (index, item) in list.iter().enumerate() {
                if index > 0 {
                    out.push_str(", ");
                }
                write_repr(item, out);
            }
            out.push(']');
        }
        Value::Dict(dict) => {
            out.push('{');
            for (index, (key, item)) in dict.iter().enumerate() {
                if index > 0 {
                    out.push_str(", ");
                }
                out.push_str(&match key {
                    Key::Str(text) => quoted(text),
                    _ => key.to_string(),
                });
                out.push_str(": ");
                write_repr(item, out);
            }
            out.push('}');
        }
    }
}
