//! The words of an interpolation: longest match, in the five modes that the grammar has.
//!
//! Plain text, `${` … `}`, the arguments after the colon, and text in either kind of quotes each
//! have their own words; opening and closing marks push and pop the mode.

use super::number::{float_length, int_length, name_length};

/// What a word is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    /// `${`.
    Open,
    /// The `}` of a node's interpolation.
    Close,
    BraceOpen,
    /// The `}` of a mapping or of a resolver's arguments.
    BraceClose,
    BracketOpen,
    BracketClose,
    Comma,
    Colon,
    Dot,
    QuoteOpen,
    QuoteClose,
    Id,
    /// A key that is no identifier.
    Key,
    Null,
    Int,
    Float,
    Bool,
    /// One of the other characters that text without quotes may hold.
    Mark,
    /// Escaped characters, each behind its backslash.
    Escaped,
    Space,
    /// Text that stays as it is.
    Text,
    /// `\${` behind any number of escaped backslashes.
    EscapedOpen,
    /// An even number of backslashes, outside quotes.
    Backslashes,
    /// An even number of backslashes, inside quotes.
    QuotedBackslashes,
}

/// A word.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind,
    pub(super) text: &'a str,
}

/// Where the words are read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Mode {
    Top,
    Value,
    Interpolation,
    Quoted(char),
}

/// All words of `text`, read from `start`; the text that no word begins with, where one fails.
pub(super) fn tokens(text: &str, start: Mode) -> Result<Vec<Token<'_>>, String> {
    let mut modes = vec![start];
    let mut words = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let Some(mode) = modes.last().copied() else {
            return Err(rest.chars().take(1).collect());
        };
        let (kind, length) = match mode {
            Mode::Top => outside(rest, None),
            Mode::Quoted(quote) => outside(rest, Some(quote)),
            Mode::Value => value(rest),
            Mode::Interpolation => interpolation(rest),
        }
        .ok_or_else(|| rest.chars().take(1).collect::<String>())?;
        match (kind, mode) {
            (Kind::Open, _) => modes.push(Mode::Interpolation),
            (Kind::BraceOpen, _) => modes.push(Mode::Value),
            (Kind::QuoteOpen, _) => {
                modes.push(Mode::Quoted(rest.chars().next().unwrap_or('"')));
            }
            (Kind::Close | Kind::BraceClose | Kind::QuoteClose, _) => {
                modes.pop();
                if modes.is_empty() {
                    return Err("}".to_owned());
                }
            }
            (Kind::Colon, Mode::Interpolation) => {
                modes.pop();
                modes.push(Mode::Value);
            }
            _ => {}
        }
        let Some((word, left)) = rest.split_at_checked(length) else {
            return Err(rest.to_owned());
        };
        words.push(Token { kind, text: word });
        rest = left;
    }
    Ok(words)
}

/// How many bytes of blanks `text` begins with.
fn blanks(text: &str) -> usize {
    text.len() - text.trim_start_matches([' ', '\t']).len()
}

/// How many backslashes `text` begins with.
fn backslashes(text: &str) -> usize {
    text.len() - text.trim_start_matches('\\').len()
}

/// The text from `offset` on.
fn from(text: &str, offset: usize) -> &str {
    text.get(offset..).unwrap_or("")
}

/// A `${` with the blanks behind it.
fn opening(text: &str) -> Option<(Kind, usize)> {
    let inside = text.strip_prefix("${")?;
    Some((Kind::Open, 2 + blanks(inside)))
}

/// The next word of plain or quoted text.
fn outside(rest: &str, quote: Option<char>) -> Option<(Kind, usize)> {
    if let Some(open) = opening(rest) {
        return Some(open);
    }
    if rest.starts_with('$') {
        return Some((Kind::Text, 1));
    }
    if quote.is_some_and(|quote| rest.starts_with(quote)) {
        return Some((Kind::QuoteClose, 1));
    }
    let end = rest
        .find(|letter| letter == '$' || Some(letter) == quote)
        .unwrap_or(rest.len());
    let plain = rest.get(..end)?.trim_end_matches('\\').len();
    if plain > 0 {
        return Some((Kind::Text, plain));
    }
    let count = backslashes(rest);
    let after = from(rest, count);
    if count % 2 == 1 {
        if after.starts_with("${") {
            return Some((Kind::EscapedOpen, count + 2));
        }
        if quote.is_some_and(|quote| after.starts_with(quote)) {
            return Some((Kind::Escaped, count + 1));
        }
        return Some((Kind::Text, count));
    }
    let kind = if quote.is_some() {
        Kind::QuotedBackslashes
    } else {
        Kind::Backslashes
    };
    Some((kind, count))
}

/// The next word of a node's path or a resolver's name.
fn interpolation(rest: &str) -> Option<(Kind, usize)> {
    if let Some(open) = opening(rest) {
        return Some(open);
    }
    let space = blanks(rest);
    let after = from(rest, space);
    match after.chars().next()? {
        ':' => return Some((Kind::Colon, space + 1 + blanks(from(after, 1)))),
        '}' => return Some((Kind::Close, space + 1)),
        _ if space > 0 => return None,
        '.' => return Some((Kind::Dot, 1)),
        '[' => return Some((Kind::BracketOpen, 1)),
        ']' => return Some((Kind::BracketClose, 1)),
        _ => {}
    }
    let key = rest
        .find([
            '\\', '{', '}', '(', ')', '[', ']', ':', '.', ' ', '\t', '\'', '"',
        ])
        .unwrap_or(rest.len());
    if key > 0 && name_length(rest) == key {
        return Some((Kind::Id, key));
    }
    (key > 0).then_some((Kind::Key, key))
}

/// The next word of a resolver's arguments.
fn value(rest: &str) -> Option<(Kind, usize)> {
    if let Some(open) = opening(rest) {
        return Some(open);
    }
    let space = blanks(rest);
    let after = from(rest, space);
    let beyond = || space + 1 + blanks(from(after, 1));
    match after.chars().next() {
        Some('}') => return Some((Kind::BraceClose, space + 1)),
        Some(']') => return Some((Kind::BracketClose, space + 1)),
        Some(',') => return Some((Kind::Comma, beyond())),
        Some(':') => return Some((Kind::Colon, beyond())),
        _ if space > 0 => return Some((Kind::Space, space)),
        Some('{') => return Some((Kind::BraceOpen, beyond())),
        Some('[') => return Some((Kind::BracketOpen, beyond())),
        Some('\'' | '"') => return Some((Kind::QuoteOpen, 1)),
        Some('\\') => return Some(escaped(rest)),
        _ => {}
    }
    let words = [
        (Kind::Float, float_length(rest)),
        (Kind::Int, int_length(rest)),
        (Kind::Id, name_length(rest)),
    ];
    // The first of the longest: a number wins over a name of the same length.
    let best = words.into_iter().rev().max_by_key(|(_, length)| *length)?;
    match best {
        (Kind::Id, length) if length > 0 => Some((word(rest.get(..length)?), length)),
        (_, 0) if rest.starts_with(['/', '-', '+', '.', '$', '%', '*', '@', '?', '|']) => {
            Some((Kind::Mark, 1))
        }
        (_, 0) => None,
        number => Some(number),
    }
}

/// What an identifier means.
fn word(name: &str) -> Kind {
    if name.eq_ignore_ascii_case("true") || name.eq_ignore_ascii_case("false") {
        Kind::Bool
    } else if name.eq_ignore_ascii_case("null") {
        Kind::Null
    } else {
        Kind::Id
    }
}

/// A run of escaped characters, or one lone backslash.
fn escaped(rest: &str) -> (Kind, usize) {
    let mut length = 0;
    while let Some(after) = from(rest, length).strip_prefix('\\') {
        if !after.starts_with(['\\', '(', ')', '[', ']', '{', '}', ':', '=', ',', ' ', '\t']) {
            break;
        }
        length += 2;
    }
    if length == 0 {
        (Kind::Mark, 1)
    } else {
        (Kind::Escaped, length)
    }
}
