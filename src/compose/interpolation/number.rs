//! How long the number or the name is that a text begins with, in the interpolation grammar.

/// The length of an integer: a sign, then `0` or digits without a leading zero, `_` between.
pub(super) fn int_length(text: &str) -> usize {
    let sign = sign_length(text);
    match unsigned_length(skip(text, sign)) {
        0 => 0,
        length => sign + length,
    }
}

/// The length of a float, `inf` and `nan` in any case included.
pub(super) fn float_length(text: &str) -> usize {
    let sign = sign_length(text);
    let body = skip(text, sign);
    if let Some(word) = body.get(..3)
        && (word.eq_ignore_ascii_case("inf") || word.eq_ignore_ascii_case("nan"))
    {
        return sign + 3;
    }
    let whole = unsigned_length(body);
    let pointed = point_length(body, whole);
    let length = [pointed, whole]
        .into_iter()
        .filter(|mantissa| *mantissa > 0)
        .map(|mantissa| mantissa + exponent_length(skip(body, mantissa)))
        .filter(|length| *length > whole)
        .max()
        .unwrap_or(pointed);
    if length == 0 { 0 } else { sign + length }
}

/// The length of an identifier: a letter or `_`, then letters, digits, `_` and `-`.
pub(super) fn name_length(text: &str) -> usize {
    if !text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_') {
        return 0;
    }
    text.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_' && letter != '-')
        .unwrap_or(text.len())
}

fn skip(text: &str, offset: usize) -> &str {
    text.get(offset..).unwrap_or("")
}

fn sign_length(text: &str) -> usize {
    usize::from(text.starts_with(['+', '-']))
}

fn unsigned_length(text: &str) -> usize {
    match text.bytes().next() {
        Some(b'0') => 1,
        Some(b'1'..=b'9') => digits_length(text),
        _ => 0,
    }
}

/// The length of digits with single `_` between them.
fn digits_length(text: &str) -> usize {
    let mut length = 0;
    let mut bytes = text.bytes().enumerate().peekable();
    while let Some((index, byte)) = bytes.next() {
        match byte {
            b'0'..=b'9' => length = index + 1,
            b'_' if index > 0 && bytes.peek().is_some_and(|(_, next)| next.is_ascii_digit()) => {}
            _ => break,
        }
    }
    length
}

/// The length of `12.`, `12.5` or `.5`; nothing without the point.
fn point_length(text: &str, whole: usize) -> usize {
    let Some(after) = skip(text, whole).strip_prefix('.') else {
        return 0;
    };
    let fraction = digits_length(after);
    if whole == 0 && fraction == 0 {
        0
    } else {
        whole + 1 + fraction
    }
}

/// The length of `e5`, `E-05`; nothing without digits.
fn exponent_length(text: &str) -> usize {
    let Some(after) = text.strip_prefix(['e', 'E']) else {
        return 0;
    };
    let sign = sign_length(after);
    match digits_length(skip(after, sign)) {
        0 => 0,
        digits => 1 + sign + digits,
    }
}
