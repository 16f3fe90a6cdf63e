//! What a word without quotes means: `PyYAML`'s YAML 1.1 rules, with `OmegaConf`'s extra floats
//! and without timestamps.

use super::node::{Class, Error, Value};

/// The kind of value that a plain scalar has.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    /// Nothing.
    Null,
    /// A boolean.
    Bool,
    /// An integer.
    Int,
    /// A float.
    Float,
    /// `<<`, which merges mappings.
    Merge,
    /// `=`, which nothing constructs.
    Default,
    /// Text.
    Str,
}

/// Which kind a plain scalar has.
pub(crate) fn kind(text: &str) -> Kind {
    match text.as_bytes().first() {
        None => Kind::Null,
        Some(b'~' | b'n' | b'N') if matches!(text, "~" | "null" | "Null" | "NULL") => Kind::Null,
        Some(b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O')
            if is_bool(text) =>
        {
            Kind::Bool
        }
        Some(b'<') if text == "<<" => Kind::Merge,
        Some(b'=') if text == "=" => Kind::Default,
        Some(b'-' | b'+' | b'.' | b'0'..=b'9') => {
            if is_float(text, true) {
                Kind::Float
            } else if is_int(text) {
                Kind::Int
            } else {
                Kind::Str
            }
        }
        _ => Kind::Str,
    }
}

/// Whether YAML 1.1 reads `text` as a boolean.
fn is_bool(text: &str) -> bool {
    matches!(
        text,
        "yes"
            | "Yes"
            | "YES"
            | "no"
            | "No"
            | "NO"
            | "true"
            | "True"
            | "TRUE"
            | "false"
            | "False"
            | "FALSE"
            | "on"
            | "On"
            | "ON"
            | "off"
            | "Off"
            | "OFF"
    )
}

/// `text` without its sign.
fn unsigned(text: &str) -> &str {
    text.strip_prefix(['-', '+']).unwrap_or(text)
}

/// Whether all of `text`, which is not empty, is digits and `_`.
fn all(text: &str, allowed: impl Fn(u8) -> bool) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte == b'_' || allowed(byte))
}

/// Whether `text` is digits and `_` that begin with a digit.
fn is_digits(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_digit())
        && all(text, |byte| byte.is_ascii_digit())
}

/// Whether YAML 1.1 reads `text` as an integer.
pub(crate) fn is_int(text: &str) -> bool {
    let body = unsigned(text);
    if let Some(bits) = body.strip_prefix("0b") {
        return all(bits, |byte| matches!(byte, b'0' | b'1'));
    }
    if let Some(hex) = body.strip_prefix("0x") {
        return all(hex, |byte| byte.is_ascii_hexdigit());
    }
    if let Some(octal) = body.strip_prefix('0') {
        return octal.is_empty() || all(octal, |byte| matches!(byte, b'0'..=b'7'));
    }
    let mut parts = body.split(':');
    parts.next().is_some_and(is_digits) && parts.all(is_sixtieth)
}

/// Whether `text` is one of the parts after a colon: `0` to `59`.
fn is_sixtieth(text: &str) -> bool {
    matches!(text.as_bytes(), [b'0'..=b'9'] | [b'0'..=b'5', b'0'..=b'9'])
}

/// Whether YAML 1.1 reads `text` as a float; `extended` adds what `OmegaConf` adds.
pub(crate) fn is_float(text: &str, extended: bool) -> bool {
    if matches!(text, ".nan" | ".NaN" | ".NAN") {
        return true;
    }
    let body = unsigned(text);
    if matches!(body, ".inf" | ".Inf" | ".INF") {
        return true;
    }
    let (mantissa, exponent) = match body.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (body, None),
    };
    let signed = exponent.is_none_or(|exponent| is_exponent(exponent, true));
    let any = exponent.is_none_or(|exponent| is_exponent(exponent, false));
    match mantissa.split_once('.') {
        None => extended && exponent.is_some() && any && is_grouped(mantissa),
        Some(("", fraction)) => {
            // `.5`, which takes no sign.
            body.len() == text.len() && signed && is_digits(fraction)
        }
        Some((whole, fraction)) => {
            let fraction = fraction.is_empty() || all(fraction, |byte| byte.is_ascii_digit());
            if let Some((first, rest)) = whole.split_once(':') {
                let rest = rest.split(':').all(is_sixtieth);
                return fraction && exponent.is_none() && is_digits(first) && rest;
            }
            fraction && (signed && is_digits(whole) || extended && any && is_grouped(whole))
        }
    }
}

/// Whether `text` is the digits of an exponent, with a sign or, unless `strict`, without.
fn is_exponent(text: &str, strict: bool) -> bool {
    let digits = unsigned(text);
    let has_sign = digits.len() < text.len();
    (has_sign || !strict) && !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether `text` is digits with single `_` between them.
fn is_grouped(text: &str) -> bool {
    text.split('_')
        .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The value of a scalar of a known kind, as `PyYAML` constructs it.
///
/// # Errors
///
/// A scalar that its kind cannot be made of.
pub(crate) fn construct(kind: Kind, text: &str) -> Result<Value, Error> {
    match kind {
        Kind::Null => Ok(Value::Null),
        Kind::Str => Ok(Value::from(text)),
        Kind::Bool => match text.to_ascii_lowercase().as_str() {
            "yes" | "true" | "on" => Ok(Value::Bool(true)),
            "no" | "false" | "off" => Ok(Value::Bool(false)),
            _ => Err(Error::new(
                Class::ValueError,
                format!("`{text}` is no boolean"),
            )),
        },
        Kind::Int => int(text)
            .ok_or_else(|| Error::new(Class::ValueError, format!("`{text}` is no integer"))),
        Kind::Float => float(text)
            .map(Value::Float)
            .ok_or_else(|| Error::new(Class::ValueError, format!("`{text}` is no float"))),
        Kind::Merge => Err(Error::new(Class::ConstructorError, "`<<` is no value")),
        Kind::Default => Err(Error::new(Class::ConstructorError, "`=` is no value")),
    }
}

/// The float that `text` is.
fn float(text: &str) -> Option<f64> {
    let text = text.replace('_', "").to_ascii_lowercase();
    let sign = if text.starts_with('-') { -1.0 } else { 1.0 };
    let body = unsigned(&text);
    let size = match body {
        ".inf" => f64::INFINITY,
        ".nan" => f64::NAN,
        _ if body.contains(':') => {
            let mut base = 1.0;
            let mut sum = 0.0;
            for part in body.rsplit(':') {
                sum += part.parse::<f64>().ok()? * base;
                base *= 60.0;
            }
            sum
        }
        _ if body.starts_with(['+', '-']) => return None,
        _ => body.trim().parse().ok()?,
    };
    Some(sign * size)
}

/// The integer that `text` is, in any of YAML 1.1's ways.
fn int(text: &str) -> Option<Value> {
    let text = text.replace('_', "");
    let (negative, body) = (text.starts_with('-'), unsigned(&text));
    let digits = if let Some(bits) = body.strip_prefix("0b") {
        decimal(bits.bytes(), 2)?
    } else if let Some(hex) = body.strip_prefix("0x") {
        decimal(hex.bytes(), 16)?
    } else if let Some(octal) = body.strip_prefix('0').filter(|octal| !octal.is_empty()) {
        decimal(octal.strip_prefix(['o', 'O']).unwrap_or(octal).bytes(), 8)?
    } else if body.contains(':') {
        let mut sum: i128 = 0;
        for part in body.split(':') {
            sum = sum.checked_mul(60)?.checked_add(part.parse().ok()?)?;
        }
        sum.to_string()
    } else {
        let digits = body.trim();
        let valid = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        valid.then(|| digits.to_owned())?
    };
    Some(integer(&if negative {
        format!("-{digits}")
    } else {
        digits
    }))
}

/// The integer of decimal digits with an optional sign.
pub(crate) fn integer(digits: &str) -> Value {
    if let Ok(int) = digits.parse() {
        return Value::Int(int);
    }
    let body = unsigned(digits).trim_start_matches('0');
    let sign = if digits.starts_with('-') { "-" } else { "" };
    Value::Big(format!("{sign}{body}").into())
}

/// Digits of a base that is a power of two, in decimal.
fn decimal(digits: impl Iterator<Item = u8>, base: u32) -> Option<String> {
    const LIMB: u64 = 1_000_000_000;
    let mut limbs: Vec<u64> = vec![0];
    let mut any = false;
    for digit in digits {
        any = true;
        let mut carry = u64::from(char::from(digit).to_digit(base)?);
        for limb in &mut limbs {
            let sum = *limb * u64::from(base) + carry;
            *limb = sum % LIMB;
            carry = sum / LIMB;
        }
        if carry > 0 {
            limbs.push(carry);
        }
        // Python refuses to write integers beyond 4300 digits, and so does this.
        if limbs.len() > 480 {
            return None;
        }
    }
    let mut limbs = limbs.iter().rev();
    let first = any.then(|| limbs.next()).flatten()?.to_string();
    Some(limbs.fold(first, |text, limb| format!("{text}{limb:09}")))
}
