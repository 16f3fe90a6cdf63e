//! Values as text that reads back as the same value.

use super::element::{Element, QuoteMark, Quoted};
use super::number;

/// Characters that a word without quotes writes with a backslash.
const SPECIAL: &str = "\\()[]{}:=, \t";

/// Returns a word with a backslash before each character that would end it.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if SPECIAL.contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// Returns the text between its quotes; backslashes are doubled where a quote follows them.
pub(super) fn with_quotes(quoted: &Quoted) -> String {
    let mark = match quoted.mark {
        QuoteMark::Single => '\'',
        QuoteMark::Double => '"',
    };
    let mut out = String::with_capacity(quoted.text.len() + 2);
    out.push(mark);
    let mut run = 0_usize;
    for c in quoted.text.chars() {
        if c == mark {
            out.extend(std::iter::repeat_n('\\', run + 1));
        }
        run = if c == '\\' { run + 1 } else { 0 };
        out.push(c);
    }
    out.extend(std::iter::repeat_n('\\', run));
    out.push(mark);
    out
}

/// Returns what stands between the quotes of `text`, escapes resolved: of backslashes before a
/// quote every second stands for itself or for the quote.
pub(super) fn without_quotes(text: &str) -> String {
    let mut rest = text.chars();
    let Some(mark) = rest.next() else {
        return String::new();
    };
    rest.next_back();
    let mut out = String::with_capacity(text.len());
    let mut run = 0_usize;
    for c in rest {
        if c == '\\' {
            run += 1;
            continue;
        }
        let kept = if c == mark { run / 2 } else { run };
        out.extend(std::iter::repeat_n('\\', kept));
        out.push(c);
        run = 0;
    }
    out.extend(std::iter::repeat_n('\\', run / 2));
    out
}

/// Returns the text of an override whose value is `value` again when it is parsed: texts that
/// would read as something else are quoted. Nothing for sweeps, and for mappings with keys that
/// no override can write.
pub fn override_text(key: &str, value: &Element) -> Option<String> {
    let mut out = format!("{key}=");
    write(value, &mut out)?;
    Some(out)
}

fn write(value: &Element, out: &mut String) -> Option<()> {
    match value {
        Element::Text(text) => out.push_str(&plain_or_quoted(text)),
        Element::Quoted(quoted) => out.push_str(&with_quotes(quoted)),
        Element::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Element::Float(value) => out.push_str(&number::float_text(*value)),
        Element::Null | Element::Int(_) | Element::Big(_) => out.push_str(&value.to_text()?),
        Element::List(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write(item, out)?;
            }
            out.push(']');
        }
        Element::Dict(pairs) => {
            out.push('{');
            for (index, (key, value)) in pairs.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_key(key, out)?;
                out.push(':');
                write(value, out)?;
            }
            out.push('}');
        }
        Element::Sweep(_) | Element::Glob(_) => return None,
    }
    Some(())
}

/// Keys have no quotes: only what escapes can say is possible.
fn write_key(key: &Element, out: &mut String) -> Option<()> {
    match key {
        Element::Text(text) | Element::Quoted(Quoted { text, .. }) => {
            let word = escaped(text);
            let back = super::parse(&format!("k={{{word}:1}}")).ok()?.value?;
            let Element::Dict(pairs) = back else {
                return None;
            };
            let [(Element::Text(read), _)] = pairs.as_slice() else {
                return None;
            };
            (read == text).then(|| out.push_str(&word))
        }
        other => write(other, out),
    }
}

fn plain_or_quoted(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-./".contains(c);
    let is_word = !text.is_empty() && text.chars().all(is_plain) && reads_as_text(text);
    if is_word {
        return text.to_owned();
    }
    // An interpolation stays readable; anything else would, too, but in quotes it is safe.
    let mark = if text.contains('\'') && !text.contains('"') {
        QuoteMark::Double
    } else {
        QuoteMark::Single
    };
    with_quotes(&Quoted {
        text: text.to_owned(),
        mark,
    })
}

fn reads_as_text(text: &str) -> bool {
    let parsed = super::parse(&format!("k={text}"));
    matches!(parsed.map(|one| one.value), Ok(Some(Element::Text(read))) if read == text)
}

/// Returns the override with its value quoted, as a hint.
pub(super) fn example(text: &str) -> Option<String> {
    let (key, value) = text.split_once('=')?;
    if key.is_empty() || value.is_empty() {
        return None;
    }
    Some(format!(
        "{key}={}",
        with_quotes(&Quoted {
            text: value.to_owned(),
            mark: QuoteMark::Single,
        })
    ))
}
