//! How a plain value is written: its tag, its text, and which quotes the text needs.

use super::python;
use crate::compose::node::{Key, Value, float};
use crate::compose::scalar::{Kind, is_float, kind};

/// How a text is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Style {
    Plain,
    Single,
    Double,
    /// A block of lines as they are.
    Literal,
}

/// A value ready to be written.
pub(super) struct Scalar {
    pub(super) text: String,
    /// The tag to write, if one must be.
    pub(super) tag: Option<&'static str>,
    /// How long the tag is that a key's length counts, written or not.
    tag_length: usize,
    wanted: Style,
    facts: Facts,
}

impl Scalar {
    /// A value that is no container.
    pub(super) fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::plain("null".to_owned(), 6),
            Value::Bool(flag) => Self::plain(flag.to_string(), 6),
            Value::Int(int) => Self::plain(int.to_string(), 5),
            Value::Big(digits) => Self::plain(digits.to_string(), 5),
            Value::Float(number) => Self::plain(yaml_float(*number), 7),
            Value::Str(text) | Value::Path(text) => Self::text(text),
            Value::Bytes(bytes) => Self::bytes(bytes),
            Value::List(_) | Value::Dict(_) => Self::text(""),
        }
    }

    /// A mapping's key.
    pub(super) fn key(key: &Key) -> Self {
        match key {
            Key::Str(text) => Self::text(text),
            Key::Int(int) => Self::plain(int.to_string(), 5),
            Key::Big(digits) => Self::plain(digits.to_string(), 5),
            Key::Float(number) => Self::plain(yaml_float(*number), 7),
            Key::Bool(flag) => Self::plain(flag.to_string(), 6),
            Key::Bytes(bytes) => Self::bytes(bytes),
            Key::Null => Self::plain("null".to_owned(), 6),
        }
    }

    fn plain(text: String, tag_length: usize) -> Self {
        let facts = Facts::of(&text);
        Self {
            text,
            tag: None,
            tag_length,
            wanted: Style::Plain,
            facts,
        }
    }

    fn text(text: &str) -> Self {
        let quoted = is_bool(text) || python::is_int(text) || python::is_float(text);
        let plain = !quoted && !means_something(text);
        let wanted = if plain { Style::Plain } else { Style::Single };
        Self {
            text: text.to_owned(),
            tag: None,
            tag_length: 5,
            wanted,
            facts: Facts::of(text),
        }
    }

    fn bytes(bytes: &[u8]) -> Self {
        let text = base64(bytes);
        let facts = Facts::of(&text);
        Self {
            text,
            tag: Some("!!binary"),
            tag_length: 8,
            wanted: Style::Literal,
            facts,
        }
    }

    /// Whether it fits before a colon on its own line.
    pub(super) fn is_simple_key(&self) -> bool {
        let length = self.tag_length + self.text.chars().count();
        length < 128 && !self.text.is_empty() && !self.facts.multiline
    }

    /// The style to write it in; `simple` for a key before its colon.
    pub(super) fn style(&self, simple: bool) -> Style {
        let facts = &self.facts;
        let cramped = simple && (self.text.is_empty() || facts.multiline);
        match self.wanted {
            Style::Plain if facts.plain && !cramped => Style::Plain,
            Style::Literal if !simple && facts.block => Style::Literal,
            _ if facts.single && !(simple && facts.multiline) => Style::Single,
            _ => Style::Double,
        }
    }
}

/// A float as `PyYAML` writes it.
fn yaml_float(number: f64) -> String {
    if number.is_nan() {
        return ".nan".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { ".inf" } else { "-.inf" }.to_owned();
    }
    let text = float(number);
    if text.contains('.') {
        text
    } else {
        text.replacen('e', ".0e", 1)
    }
}

/// Whether `OmegaConf` takes the text for a boolean of YAML 1.1, `y` and `n` included.
fn is_bool(text: &str) -> bool {
    matches!(text, "y" | "Y" | "n" | "N") || kind(text) == Kind::Bool
}

/// Whether the text without quotes would be read as something else than text.
fn means_something(text: &str) -> bool {
    match kind(text) {
        Kind::Str => is_timestamp(text),
        // The floats that only OmegaConf knows stay text for the writer; Python's `float` has
        // quoted them already.
        Kind::Float => is_float(text, false),
        _ => true,
    }
}

/// Whether YAML 1.1 reads the text as a date or a time.
fn is_timestamp(text: &str) -> bool {
    let bytes = text.as_bytes();
    if !bytes.first().is_some_and(u8::is_ascii_digit) {
        return false;
    }
    let mut reader = Digits(bytes);
    if !(reader.take(4, 4) && reader.mark(b'-')) {
        return false;
    }
    let year = reader.0;
    if reader.take(2, 2) && reader.mark(b'-') && reader.take(2, 2) && reader.0.is_empty() {
        return true;
    }
    reader.0 = year;
    if !(reader.take(1, 2) && reader.mark(b'-') && reader.take(1, 2)) {
        return false;
    }
    if !(reader.mark(b'T') || reader.mark(b't') || reader.blanks() > 0) {
        return false;
    }
    let clock = reader.take(1, 2)
        && reader.mark(b':')
        && reader.take(2, 2)
        && reader.mark(b':')
        && reader.take(2, 2);
    if !clock {
        return false;
    }
    if reader.mark(b'.') {
        reader.take(0, usize::MAX);
    }
    if reader.0.is_empty() {
        return true;
    }
    reader.blanks();
    if reader.mark(b'Z') {
        return reader.0.is_empty();
    }
    (reader.mark(b'+') || reader.mark(b'-'))
        && reader.take(1, 2)
        && (!reader.mark(b':') || reader.take(2, 2))
        && reader.0.is_empty()
}

/// Bytes that are read from the front.
struct Digits<'a>(&'a [u8]);

impl Digits<'_> {
    fn skip(&mut self, count: usize) {
        self.0 = self.0.get(count..).unwrap_or_default();
    }

    /// Takes as many digits as there are, up to `most`; whether they were at least `least`.
    fn take(&mut self, least: usize, most: usize) -> bool {
        let count = self
            .0
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count()
            .min(most);
        self.skip(count);
        count >= least
    }

    fn mark(&mut self, mark: u8) -> bool {
        let found = self.0.first() == Some(&mark);
        self.skip(usize::from(found));
        found
    }

    fn blanks(&mut self) -> usize {
        let count = self
            .0
            .iter()
            .take_while(|byte| matches!(byte, b' ' | b'\t'))
            .count();
        self.skip(count);
        count
    }
}

/// What a text's letters allow.
struct Facts {
    multiline: bool,
    plain: bool,
    single: bool,
    block: bool,
}

impl Facts {
    fn of(text: &str) -> Self {
        let mut facts = Self {
            multiline: false,
            plain: true,
            single: true,
            block: true,
        };
        if text.is_empty() {
            return Self {
                block: false,
                ..facts
            };
        }
        let mut indicator = text.starts_with("---") || text.starts_with("...");
        let (mut special, mut space_break, mut break_space) = (false, false, false);
        let mut before: Option<char> = None;
        let mut letters = text.chars().peekable();
        while let Some(letter) = letters.next() {
            let spaced = letters.peek().is_none_or(|next| is_blank(*next));
            indicator |= match letter {
                '#' => before.is_none_or(is_blank),
                ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%'
                | '@' | '`' => before.is_none(),
                '?' | '-' => before.is_none() && spaced,
                ':' => spaced,
                _ => false,
            };
            special |= !matches!(letter, '\n' | ' '..='~' | '\u{85}' | '\u{a0}'..='\u{d7ff}'
                | '\u{e000}'..='\u{fefe}' | '\u{ff00}'..='\u{fffd}' | '\u{10000}'..='\u{10fffe}');
            facts.multiline |= is_break(letter);
            break_space |= letter == ' ' && before.is_some_and(is_break);
            space_break |= is_break(letter) && before == Some(' ');
            before = Some(letter);
        }
        let edge = |letter: char| letter == ' ' || is_break(letter);
        let edges = text.starts_with(edge) || text.ends_with(edge);
        facts.plain =
            !(indicator || edges || break_space || space_break || special || facts.multiline);
        facts.single = !(break_space || space_break || special);
        facts.block = !(text.ends_with(' ') || space_break || special);
        facts
    }
}

/// Whether YAML ends a line at the letter.
pub(super) fn is_break(letter: char) -> bool {
    matches!(letter, '\n' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Whether the letter is white space to YAML.
fn is_blank(letter: char) -> bool {
    matches!(letter, '\0' | ' ' | '\t' | '\r') || is_break(letter)
}

/// Bytes in base 64, in lines of 76 letters that each end with a line feed.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for line in bytes.chunks(57) {
        for triple in line.chunks(3) {
            let whole = triple
                .iter()
                .fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte));
            let whole = whole << (8 * (3 - triple.len()));
            for place in 0..4 {
                let letter = LETTERS
                    .get((whole >> (18 - 6 * place) & 63) as usize)
                    .copied();
                let filled = place <= triple.len();
                out.push(if filled {
                    char::from(letter.unwrap_or(b'='))
                } else {
                    '='
                });
            }
        }
        out.push('\n');
    }
    out
}
