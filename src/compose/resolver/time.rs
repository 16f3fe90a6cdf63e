//! A time as Python's `strftime` writes it, in the C locale.

use jiff::civil::DateTime;
use jiff::fmt::strtime;

/// `pattern` with its `%` directives replaced; what is no directive stays as it is.
pub(super) fn format(now: DateTime, pattern: &str) -> String {
    let mut out = String::new();
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once('%') {
        out.push_str(before);
        let mut letters = after.chars();
        let flag = letters
            .clone()
            .next()
            .filter(|flag| matches!(flag, '-' | '_' | '0' | '^'));
        if flag.is_some() {
            letters.next();
        }
        match letters.next() {
            Some(letter) => out.push_str(&directive(now, flag, letter)),
            None => {
                out.push('%');
                out.extend(flag);
            }
        }
        rest = letters.as_str();
    }
    out.push_str(rest);
    out
}

/// One directive, as text.
fn directive(now: DateTime, flag: Option<char>, letter: char) -> String {
    let flags = flag.map_or_else(String::new, String::from);
    match letter {
        'f' => format!("{:06}", now.subsec_nanosecond() / 1000),
        'z' | 'Z' => String::new(),
        'c' => format(now, "%a %b %e %H:%M:%S %Y"),
        'x' | 'D' => format(now, "%m/%d/%y"),
        'X' | 'T' => format(now, "%H:%M:%S"),
        'r' => format(now, "%I:%M:%S %p"),
        _ => strtime::format(format!("%{flags}{letter}"), now)
            .unwrap_or_else(|_| format!("%{flags}{letter}")),
    }
}
