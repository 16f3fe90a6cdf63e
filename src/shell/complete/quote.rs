//! Writes a name into a word so that bash reads it back as it is.

use super::line::Place;

/// Returns the word with its last part, after `/`, replaced by a name; it stays open below a directory.
pub(crate) fn with_name(place: &Place, name: &str, is_directory: bool) -> String {
    let tail = place.raw.rfind('/').map_or(0, |slash| slash + 1);
    let head = place.raw.get(..tail).unwrap_or_default();
    let (opening, quote) = match place.quote {
        Some((quote, at)) if at >= tail => (quote.to_string(), Some(quote)),
        Some((quote, _)) => (String::new(), Some(quote)),
        None => match place.raw.get(tail..).and_then(|rest| rest.chars().next()) {
            // Quotes that were closed again are opened once more.
            Some(quote @ ('\'' | '"')) => (quote.to_string(), Some(quote)),
            _ => (String::new(), None),
        },
    };
    let mut word = format!("{head}{opening}{}", escaped(name, quote));
    if is_directory {
        word.push('/');
    } else if let Some(quote) = quote {
        word.push(quote);
    }
    word
}

/// Returns the whole word replaced by another, in the quotes that are open.
pub(crate) fn instead(place: &Place, text: &str, is_whole: bool) -> String {
    match place.quote {
        Some((quote, 0)) => {
            let close = if is_whole {
                quote.to_string()
            } else {
                String::new()
            };
            format!("{quote}{}{close}", escaped(text, Some(quote)))
        }
        _ => escaped(text, None),
    }
}

/// Returns a text between these quotes, or without any.
pub(crate) fn escaped(text: &str, quote: Option<char>) -> String {
    let mut out = String::new();
    for (at, letter) in text.chars().enumerate() {
        match quote {
            Some('\'') if letter == '\'' => out.push_str("'\\''"),
            Some('\'') => out.push(letter),
            Some(_) => {
                if matches!(letter, '"' | '$' | '`' | '\\') {
                    out.push('\\');
                }
                out.push(letter);
            }
            None if letter == '\n' => out.push_str("$'\\n'"),
            None => {
                let is_special = " \t|&;<>()$`\\\"'*?[]{}!".contains(letter)
                    || at == 0 && matches!(letter, '~' | '#');
                if is_special {
                    out.push('\\');
                }
                out.push(letter);
            }
        }
    }
    out
}
