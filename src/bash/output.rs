//! What `echo` and `printf` write, where it is known.

use super::expand::Field;
use super::frame::Feed;

/// Works out `printf` for the plain conversions.
pub(crate) fn formatted(format: &Field, rest: &[Field]) -> Option<String> {
    let format = unescaped(format.known()?);
    let mut values = rest.iter().map(Field::known);
    let mut text = String::new();
    loop {
        let before = values.len();
        let mut letters = format.chars();
        while let Some(letter) = letters.next() {
            if letter != '%' {
                text.push(letter);
                continue;
            }
            match letters.next()? {
                '%' => text.push('%'),
                's' | 'd' | 'i' => {
                    if let Some(value) = values.next() {
                        text.push_str(value?);
                    }
                }
                'b' => {
                    if let Some(value) = values.next() {
                        text.push_str(&unescaped(value?));
                    }
                }
                _ => return None,
            }
        }
        if values.len() == 0 || values.len() == before {
            return Some(text);
        }
    }
}

/// Returns what `echo` writes.
pub(crate) fn echoed(args: &[Field]) -> Feed {
    let mut newline = true;
    let mut escapes = false;
    let mut words = args;
    while let Some((first, rest)) = words.split_first() {
        let Some(letters) = first.known().and_then(|text| text.strip_prefix('-')) else {
            break;
        };
        if letters.is_empty() || !letters.chars().all(|c| "neE".contains(c)) {
            break;
        }
        newline &= !letters.contains('n');
        escapes |= letters.contains('e');
        words = rest;
    }
    let known: Option<Vec<&str>> = words.iter().map(Field::known).collect();
    match known {
        Some(known) => {
            let mut text = known.join(" ");
            if escapes {
                text = unescaped(&text);
            }
            if newline {
                text.push('\n');
            }
            Feed::Text(text)
        }
        None => {
            let shapes: Vec<&str> = words
                .iter()
                .map(|field| field.known().or(field.shape.as_deref()).unwrap_or("${_}"))
                .collect();
            Feed::Shape(shapes.join(" "))
        }
    }
}

/// Resolves backslash escapes as `echo -e` and `printf` do.
fn unescaped(text: &str) -> String {
    if !text.contains('\\') {
        return text.to_owned();
    }
    let quoted = format!("$'{}'", text.replace('\'', "\\'"));
    match super::word::pieces(&quoted, super::word::Manner::Word).as_deref() {
        Ok([super::word::Piece::Quoted(text)]) => text.clone(),
        _ => text.to_owned(),
    }
}
