//! Which texts Python's `int` and `float` take: `OmegaConf` puts quotes around them.

/// Whether Python's `int` takes the text.
pub(super) fn is_int(text: &str) -> bool {
    is_digits(unsigned(trim(text)))
}

/// Whether Python's `float` takes the text.
pub(super) fn is_float(text: &str) -> bool {
    let body = unsigned(trim(text));
    if ["inf", "infinity", "nan"]
        .iter()
        .any(|word| body.eq_ignore_ascii_case(word))
    {
        return true;
    }
    let (mantissa, exponent) = match body.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (body, None),
    };
    if exponent.is_some_and(|exponent| !is_digits(unsigned(exponent))) {
        return false;
    }
    match mantissa.split_once('.') {
        None => is_digits(mantissa),
        Some(("", "")) => false,
        Some((whole, fraction)) => {
            (whole.is_empty() || is_digits(whole)) && (fraction.is_empty() || is_digits(fraction))
        }
    }
}

/// Digits of any script, single `_` between them.
fn is_digits(text: &str) -> bool {
    text.split('_')
        .all(|part| !part.is_empty() && part.chars().all(is_digit))
}

/// Whether Python takes the letter for a decimal digit.
fn is_digit(letter: char) -> bool {
    const ZEROS: [u32; 12] = [
        0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xe50, 0xed0, 0xff10,
    ];
    let code = u32::from(letter);
    letter.is_ascii_digit() || ZEROS.iter().any(|zero| (*zero..zero + 10).contains(&code))
}

fn unsigned(text: &str) -> &str {
    text.strip_prefix(['+', '-']).unwrap_or(text)
}

/// `text` without the white space around it that Python strips.
fn trim(text: &str) -> &str {
    text.trim_matches(|letter: char| {
        letter.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&letter)
    })
}
