//! Numbers as Python reads and writes them.

use super::element::Element;

/// Reads an integer: surrounding blanks, a sign, digits, single `_` between digits.
pub(super) fn int(text: &str) -> Option<Element> {
    let text = text.trim();
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let digits = without_underscores(digits)?;
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let digits = digits.trim_start_matches('0');
    let digits = if digits.is_empty() { "0" } else { digits };
    let sign = if negative && digits != "0" { "-" } else { "" };
    let text = format!("{sign}{digits}");
    Some(match text.parse::<i64>() {
        Ok(value) => Element::Int(value),
        Err(_) => Element::Big(text),
    })
}

/// Reads a float, also `inf` and `nan`.
pub(super) fn float(text: &str) -> Option<f64> {
    without_underscores(text.trim())?.parse().ok()
}

/// Removes `_` that stand between two digits; nothing when one stands elsewhere.
fn without_underscores(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut before = ' ';
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        if c == '_' {
            let after = rest.peek().is_some_and(char::is_ascii_digit);
            if !before.is_ascii_digit() || !after {
                return None;
            }
        } else {
            out.push(c);
        }
        before = c;
    }
    Some(out)
}

/// Writes a float the shortest way that reads back the same.
pub(crate) fn float_text(value: f64) -> String {
    if value.is_nan() {
        return "nan".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    let scientific = format!("{value:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..16).contains(&exponent) {
        let plain = format!("{value}");
        return if plain.contains('.') {
            plain
        } else {
            plain + ".0"
        };
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exponent.abs())
}
