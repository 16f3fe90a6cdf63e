//! Overrides as people type them: a value that holds `=` need not be quoted by hand.
//!
//! INVARIANT: what is already right stays byte for byte as it was typed; a list or a
//! mapping stays one, its elements are quoted where they must be.

use super::value::quoted;

/// An override as it goes to the composer and into the job.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Typed {
    text: String,
}

impl Typed {
    /// Reads an override as it was typed.
    pub fn new(raw: &str) -> Self {
        let text = match raw.split_once('=') {
            Some((key, value)) if value.contains('=') => format!("{key}={}", quote(value)),
            _ => raw.to_owned(),
        };
        Self { text }
    }

    /// Returns it as the composer reads it.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns the key, without `+`, `++` or `~` and without a package.
    pub fn key(&self) -> &str {
        key_of(&self.text)
    }

    /// Returns whether it takes something away (`~key`).
    pub fn is_deletion(&self) -> bool {
        self.text.trim_start().starts_with('~')
    }

    /// Returns the value as it stands, in quotes or not.
    pub fn value(&self) -> Option<&str> {
        self.text.split_once('=').map(|(_, value)| value)
    }
}

/// Returns the key of an override.
pub(crate) fn key_of(text: &str) -> &str {
    let key = text.split_once('=').map_or(text, |(key, _)| key);
    key.trim().trim_start_matches(['+', '~']).trim()
}

/// Quotes a value that holds `=`, whole or element by element.
fn quote(value: &str) -> String {
    let trimmed = value.trim();
    let wraps = |open: char, close: char| trimmed.starts_with(open) && trimmed.ends_with(close);
    if trimmed.len() > 1 && (wraps('"', '"') || wraps('\'', '\'')) || is_call(trimmed) {
        return value.to_owned();
    }
    if (wraps('[', ']') || wraps('{', '}')) && is_balanced(trimmed) {
        return elements(trimmed);
    }
    quoted(value)
}

/// Returns whether it is a function of the grammar: `choice(a=1,b)`, `str(x=y)`.
fn is_call(value: &str) -> bool {
    let Some((name, _)) = value.split_once('(') else {
        return false;
    };
    value.ends_with(')') && FUNCTIONS.contains(&name.trim())
}

const FUNCTIONS: [&str; 13] = [
    "choice",
    "range",
    "interval",
    "glob",
    "sort",
    "shuffle",
    "tag",
    "extend_list",
    "int",
    "float",
    "str",
    "bool",
    "json_str",
];

fn is_balanced(value: &str) -> bool {
    let mut depth = 0_i32;
    let mut steps = Steps::new(value);
    while let Some((c, is_text)) = steps.next() {
        match c {
            _ if is_text => {}
            '[' | '{' | '(' => depth += 1,
            ']' | '}' | ')' => depth -= 1,
            _ => {}
        }
        if depth < 0 {
            return false;
        }
    }
    depth == 0 && steps.quote.is_none()
}

/// Quotes those elements of a list or mapping that hold `=` and no quotes of their own.
fn elements(value: &str) -> String {
    let mut out = String::new();
    let mut element = String::new();
    let mut nest = Vec::new();
    let mut steps = Steps::new(value);
    while let Some((c, is_text)) = steps.next() {
        let is_key_end = c == ':' && nest.last() == Some(&'{') && !is_element_value(&out);
        let is_structure = !is_text && (matches!(c, '[' | ']' | '{' | '}' | ',') || is_key_end);
        if !is_structure {
            element.push(c);
            continue;
        }
        out.push_str(&element_quoted(&std::mem::take(&mut element)));
        match c {
            '[' | '{' => nest.push(c),
            ']' | '}' => {
                nest.pop();
            }
            _ => {}
        }
        out.push(c);
    }
    out.push_str(&element_quoted(&element));
    out
}

/// Returns whether what stands so far ends in `key:`, so that another `:` is part of the value.
fn is_element_value(out: &str) -> bool {
    out.ends_with(':')
}

fn element_quoted(element: &str) -> String {
    let inner = element.trim();
    let has_quotes = inner.starts_with(['"', '\'']);
    if !inner.contains('=') || has_quotes || inner.contains("${") {
        return element.to_owned();
    }
    let before = element.len() - element.trim_start().len();
    let after = element.trim_end().len();
    let (lead, trail) = (element.get(..before), element.get(after..));
    format!(
        "{}{}{}",
        lead.unwrap_or_default(),
        quoted(inner),
        trail.unwrap_or_default()
    )
}

/// Goes through a value, knowing what stands in quotes or in an interpolation.
pub(crate) struct Steps<'a> {
    rest: std::str::Chars<'a>,
    /// The open quote.
    pub(crate) quote: Option<char>,
    /// Open `${`, and braces within.
    depth: u32,
    escaped: bool,
    previous: char,
}

impl<'a> Steps<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self {
            rest: text.chars(),
            quote: None,
            depth: 0,
            escaped: false,
            previous: '\0',
        }
    }

    /// Returns the next character, and whether it is text rather than structure.
    pub(crate) fn next(&mut self) -> Option<(char, bool)> {
        let c = self.rest.next()?;
        let previous = std::mem::replace(&mut self.previous, c);
        if std::mem::take(&mut self.escaped) {
            return Some((c, true));
        }
        if c == '\\' {
            self.escaped = true;
            return Some((c, true));
        }
        if let Some(open) = self.quote {
            if c == open {
                self.quote = None;
            }
            return Some((c, true));
        }
        if matches!(c, '"' | '\'') {
            self.quote = Some(c);
            return Some((c, true));
        }
        if c == '{' && (previous == '$' || self.depth > 0) {
            self.depth += 1;
            return Some((c, true));
        }
        if c == '}' && self.depth > 0 {
            self.depth -= 1;
            return Some((c, true));
        }
        Some((c, self.depth > 0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(raw: &str) -> String {
        Typed::new(raw).as_str().to_owned()
    }

    #[test]
    fn a_path_with_an_equals_sign_is_quoted() {
        assert_eq!(typed("m.ckpt=/a/step=1.ckpt"), "m.ckpt=\"/a/step=1.ckpt\"");
        assert_eq!(typed("m.ckpt='/a/step=1.ckpt'"), "m.ckpt='/a/step=1.ckpt'");
        assert_eq!(typed("a=1"), "a=1");
        assert_eq!(typed("~a"), "~a");
        assert_eq!(typed("a="), "a=");
    }

    #[test]
    fn a_list_with_an_equals_sign_stays_a_list() {
        let quoted = r#"submit.pre_commands=["export A=b","pip install x"]"#;
        assert_eq!(typed(quoted), quoted);
        assert_eq!(typed("x=[a=b, c]"), r#"x=["a=b", c]"#);
        assert_eq!(typed("x={k: a=b, l: [c=d]}"), r#"x={k: "a=b", l: ["c=d"]}"#);
        assert_eq!(typed("x={u: http://h?a=b}"), r#"x={u: "http://h?a=b"}"#);
        assert_eq!(typed("x=choice('a=1','b=2')"), "x=choice('a=1','b=2')");
    }

    #[test]
    fn what_is_no_list_is_quoted_whole() {
        assert_eq!(typed("x=[a=b"), "x=\"[a=b\"");
        assert_eq!(typed("x=a=\"b\""), "x=\"a=\\\"b\\\"\"");
    }

    #[test]
    fn keys_are_known_however_they_are_written() {
        for text in ["++a.b=1", "+a.b=1", "~a.b", " a.b =1"] {
            assert_eq!(key_of(text), "a.b");
        }
    }
}
