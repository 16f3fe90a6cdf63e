//! Words for a shell and for `#SBATCH` lines: quoted only where they must be, so that
//! ordinary values look as everybody writes them.
//!
//! INVARIANT: what comes out is read back as exactly what went in, or it is refused.

use super::problem::{Problem, Subject};

/// Returns a word as one word of bash, as Python's `shlex.quote` writes it.
pub(crate) fn shell(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "@%+=:,./-_".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\"'\"'"))
}

/// Returns how a shell gives its place to a command that begins with this word: `env` sets variables that stand before a
/// program, which `exec` alone would take for one.
pub(crate) fn exec(first: &str) -> &'static str {
    let name = first.split_once('=').map_or("", |(name, _)| name);
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    match !name.is_empty() && name.chars().all(is_name) {
        true => "exec env",
        false => "exec",
    }
}

/// Returns a word in double quotes, nothing in it expanded.
pub(crate) fn double_quoted(word: &str) -> String {
    let mut text = String::from("\"");
    for c in word.chars() {
        if matches!(c, '"' | '\\' | '$' | '`') {
            text.push('\\');
        }
        text.push(c);
    }
    text.push('"');
    text
}

/// Returns the value of a directive, in quotes where sbatch would split it.
pub(crate) fn directive(key: &str, value: &str) -> Result<String, Problem> {
    printable(key, value)?;
    let is_plain = |c: char| c.is_alphanumeric() || "@%+=:,./-_~^[]{}()!*?<>|&;$".contains(c);
    if value.chars().all(is_plain) {
        return Ok(value.to_owned());
    }
    if !value.contains(['"', '\\']) {
        return Ok(format!("\"{value}\""));
    }
    Err(Problem::config(
        Subject::Key(key.to_owned()),
        format!("`{value}` holds a quote or a backslash, which no `#SBATCH` line carries safely"),
        format!("give `{key}` a value of letters, digits and `_.-/`"),
    ))
}

/// Refuses what would end a line of the script, or disturb a terminal.
pub(crate) fn printable(key: &str, value: &str) -> Result<(), Problem> {
    let Some(found) = value.chars().find(|c| c.is_control()) else {
        return Ok(());
    };
    let value: String = value.escape_debug().collect();
    Err(Problem::config(
        Subject::Key(key.to_owned()),
        format!(
            "`{value}` holds the control character {}",
            found.escape_debug()
        ),
        format!("give `{key}` a value on one line, without control characters"),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_as_shlex_does() {
        assert_eq!(shell("seed=1"), "seed=1");
        assert_eq!(shell("a b"), "'a b'");
        assert_eq!(shell("it's"), "'it'\"'\"'s'");
        assert_eq!(shell(""), "''");
        assert_eq!(shell("${now:%Y}"), "'${now:%Y}'");
        assert_eq!(shell("ä"), "'ä'");
    }

    #[test]
    fn nothing_expands_in_double_quotes() {
        assert_eq!(double_quoted("/a $b`c`\\\""), "\"/a \\$b\\`c\\`\\\\\\\"\"");
    }

    #[test]
    fn directives_are_quoted_or_refused() {
        assert_eq!(directive("k", "mcml-hgx,lrz").unwrap(), "mcml-hgx,lrz");
        assert_eq!(directive("k", "/a b").unwrap(), "\"/a b\"");
        assert!(directive("k", "a\n#SBATCH --uid=0").is_err());
        assert!(directive("k", "a\"b").is_err());
    }
}
