//! Text to tokens: always the longest token that fits, the first named one among equals.
//!
//! Before the first `=` other words are known than after it.

/// What a token is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Type {
    // Before the `=`.
    Tilde,
    Plus,
    At,
    Slash,
    KeySpecial,
    DotPath,
    // On both sides.
    Equal,
    Colon,
    Id,
    // After it.
    ParenOpen,
    ParenClose,
    Comma,
    BracketOpen,
    BracketClose,
    BraceOpen,
    BraceClose,
    Float,
    Int,
    Bool,
    Null,
    Unquoted,
    Escape,
    Blank,
    Quoted,
    Interpolation,
    End,
}

/// A token: what it is, its text, and the character it starts at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token<'a> {
    pub(super) is: Type,
    pub(super) text: &'a str,
    pub(super) column: usize,
}

/// Where no token fits: the character there and its column.
pub(super) struct Unknown {
    pub(super) found: char,
    pub(super) column: usize,
}

/// Cuts an override into tokens; the last is [`Type::End`].
pub(super) fn tokens(text: &str) -> Result<Vec<Token<'_>>, Unknown> {
    let mut tokens = Vec::new();
    let mut rest = text;
    let mut column = 0;
    let mut in_value = false;
    while let Some(found) = rest.chars().next() {
        let longest = if in_value { value } else { key };
        let split = longest(rest).and_then(|(is, bytes)| Some((is, rest.split_at_checked(bytes)?)));
        let Some((is, (token, after))) = split else {
            return Err(Unknown { found, column });
        };
        tokens.push(Token {
            is,
            text: token,
            column,
        });
        in_value |= is == Type::Equal;
        column += token.chars().count();
        rest = after;
    }
    tokens.push(Token {
        is: Type::End,
        text: "",
        column,
    });
    Ok(tokens)
}

/// The longest of some candidates; the first of the longest.
struct Longest(Option<(Type, usize)>);

impl Longest {
    fn offer(&mut self, is: Type, bytes: Option<usize>) {
        let best = self.0.map_or(0, |(_, bytes)| bytes);
        if let Some(bytes) = bytes.filter(|bytes| *bytes > best) {
            self.0 = Some((is, bytes));
        }
    }
}

fn key(text: &str) -> Option<(Type, usize)> {
    let bytes = text.as_bytes();
    let single = match bytes.first()? {
        b'=' => return Some((Type::Equal, 1 + blanks(bytes, 1))),
        b'~' => Some(Type::Tilde),
        b'+' => Some(Type::Plus),
        b'@' => Some(Type::At),
        b':' => Some(Type::Colon),
        b'/' => Some(Type::Slash),
        _ => None,
    };
    if let Some(is) = single {
        return Some((is, 1));
    }
    let mut longest = Longest(None);
    longest.offer(Type::Id, word(bytes, 0, false));
    longest.offer(Type::KeySpecial, word(bytes, 0, true));
    longest.offer(Type::DotPath, dot_path(bytes));
    longest.0
}

fn value(text: &str) -> Option<(Type, usize)> {
    let bytes = text.as_bytes();
    let before = blanks(bytes, 0);
    let mut longest = Longest(None);
    // Blanks around these belong to them; before an opening bracket they do not.
    if let Some(first) = bytes.get(before) {
        let end = before + 1;
        let after = end + blanks(bytes, end);
        match first {
            b'(' => longest.offer(Type::ParenOpen, Some(after)),
            b',' => longest.offer(Type::Comma, Some(after)),
            b')' => longest.offer(Type::ParenClose, Some(end)),
            b']' => longest.offer(Type::BracketClose, Some(end)),
            b'}' => longest.offer(Type::BraceClose, Some(end)),
            b':' => longest.offer(Type::Colon, Some(after)),
            b'=' => longest.offer(Type::Equal, Some(after)),
            b'[' if before == 0 => longest.offer(Type::BracketOpen, Some(after)),
            b'{' if before == 0 => longest.offer(Type::BraceOpen, Some(after)),
            _ => {}
        }
    }
    longest.offer(Type::Float, float(bytes));
    longest.offer(Type::Int, int(bytes));
    let keyword = |word: &str| {
        let head = bytes.get(..word.len())?;
        head.eq_ignore_ascii_case(word.as_bytes())
            .then_some(word.len())
    };
    longest.offer(Type::Bool, keyword("true").or_else(|| keyword("false")));
    longest.offer(Type::Null, keyword("null"));
    let is_other = bytes.first().is_some_and(|b| b"/-\\+.$%*@?|".contains(b));
    longest.offer(Type::Unquoted, is_other.then_some(1));
    longest.offer(Type::Id, word(bytes, 0, false));
    longest.offer(Type::Escape, escapes(bytes));
    longest.offer(Type::Blank, Some(before));
    longest.offer(Type::Quoted, quoted(bytes));
    longest.offer(Type::Interpolation, interpolation(bytes));
    longest.0
}

fn blanks(bytes: &[u8], from: usize) -> usize {
    count(bytes, from, |byte| matches!(byte, b' ' | b'\t'))
}

fn count(bytes: &[u8], from: usize, is: impl Fn(u8) -> bool) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    rest.iter().take_while(|byte| is(**byte)).count()
}

/// A word from `from` on: its end. With `special`, `$` counts as a letter.
fn word(bytes: &[u8], from: usize, special: bool) -> Option<usize> {
    let is_first = |b: u8| b.is_ascii_alphabetic() || b == b'_' || (special && b == b'$');
    bytes.get(from).copied().filter(|b| is_first(*b))?;
    let is_later = |b: u8| is_first(b) || b.is_ascii_digit() || b == b'-';
    Some(from + count(bytes, from, is_later))
}

/// An unsigned integer without leading zeros from `from` on: its end.
fn unsigned(bytes: &[u8], from: usize) -> Option<usize> {
    match bytes.get(from)? {
        b'0' => Some(from + 1),
        b'1'..=b'9' => Some(more_digits(bytes, from + 1)),
        _ => None,
    }
}

/// Digits, each of which may follow one `_`, from `from` on: their end.
fn more_digits(bytes: &[u8], from: usize) -> usize {
    let mut end = from;
    loop {
        let digit = if bytes.get(end) == Some(&b'_') {
            end + 1
        } else {
            end
        };
        if !bytes.get(digit).is_some_and(u8::is_ascii_digit) {
            return end;
        }
        end = digit + 1;
    }
}

fn digits(bytes: &[u8], from: usize) -> Option<usize> {
    let is_digit = bytes.get(from)?.is_ascii_digit();
    is_digit.then(|| more_digits(bytes, from + 1))
}

/// Words and numbers with dots between them, two at least: the end.
fn dot_path(bytes: &[u8]) -> Option<usize> {
    let segment = |from| word(bytes, from, true).or_else(|| unsigned(bytes, from));
    let mut end = segment(0)?;
    let mut dotted = None;
    while bytes.get(end) == Some(&b'.') {
        let Some(next) = segment(end + 1) else { break };
        end = next;
        dotted = Some(end);
    }
    dotted
}

fn signed(bytes: &[u8]) -> usize {
    usize::from(matches!(bytes.first(), Some(b'+' | b'-')))
}

fn int(bytes: &[u8]) -> Option<usize> {
    unsigned(bytes, signed(bytes))
}

fn float(bytes: &[u8]) -> Option<usize> {
    let start = signed(bytes);
    let name = bytes.get(start..start + 3);
    if name.is_some_and(|n| n.eq_ignore_ascii_case(b"inf") || n.eq_ignore_ascii_case(b"nan")) {
        return Some(start + 3);
    }
    let whole = unsigned(bytes, start);
    let dot = whole.unwrap_or(start);
    let has_dot = bytes.get(dot) == Some(&b'.');
    let point = if has_dot {
        digits(bytes, dot + 1).or_else(|| whole.map(|_| dot + 1))
    } else {
        None
    };
    let mantissa = point.or(whole)?;
    let exponent = exponent(bytes, mantissa);
    exponent.or(point)
}

fn exponent(bytes: &[u8], from: usize) -> Option<usize> {
    bytes.get(from).filter(|b| matches!(b, b'e' | b'E'))?;
    let sign = usize::from(matches!(bytes.get(from + 1), Some(b'+' | b'-')));
    digits(bytes, from + 1 + sign)
}

/// Escaped characters in a row: the end.
fn escapes(bytes: &[u8]) -> Option<usize> {
    let pairs = bytes
        .chunks_exact(2)
        .take_while(|pair| matches!(pair, [b'\\', c] if b"\\()[]{}:=, \t".contains(c)));
    Some(pairs.count() * 2).filter(|end| *end > 0)
}

/// A quoted text: it ends at the first quote before which an even number of backslashes stands.
fn quoted(bytes: &[u8]) -> Option<usize> {
    let mark = *bytes.first().filter(|b| matches!(b, b'"' | b'\''))?;
    let mut backslashes = 0_usize;
    for (index, byte) in bytes.iter().enumerate().skip(1) {
        if *byte == mark && backslashes.is_multiple_of(2) {
            return Some(index + 1);
        }
        backslashes = if *byte == b'\\' { backslashes + 1 } else { 0 };
    }
    None
}

/// `${` up to the first `}`; nesting is not known here.
fn interpolation(bytes: &[u8]) -> Option<usize> {
    let inner = bytes.strip_prefix(b"${")?;
    let end = inner.iter().position(|byte| *byte == b'}')?;
    (end > 0).then_some(end + 3)
}
