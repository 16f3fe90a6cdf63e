//! Tells a shell's arguments (`-c LINE`, `SCRIPT`) from those of a subcommand.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use crate::error::Error;
use crate::launch::judge::Job;

/// What the arguments ask for.
#[derive(Debug)]
pub(super) enum Invocation {
    /// Something a shell does.
    Shell(Job),
    /// A subcommand, or help.
    Command,
}

/// Looks at the arguments as bash would.
pub(super) fn parse(
    arguments: &[OsString],
    subcommands: fn() -> Vec<String>,
) -> Result<Invocation, Error> {
    let mut words = arguments.iter().skip(1).cloned();
    // As login(1) and sshd(8) call the first shell of a sitting.
    let is_first = arguments
        .first()
        .is_some_and(|name| name.as_encoded_bytes().starts_with(b"-"));
    let Some(first) = words.next() else {
        return Ok(Invocation::Shell(Job::Interactive { login: is_first }));
    };
    let text = first.to_str().unwrap_or_default();
    if is_interactive_flag(text) && words.len() == 0 {
        let login = is_first || text != "-i";
        return Ok(Invocation::Shell(Job::Interactive { login }));
    }
    if is_line_flag(text) {
        let Some(line) = words.next() else {
            return Err(Error::Usage("`-c` needs a line to run".to_owned()));
        };
        let line = into_text(line)?;
        let arguments = words.map(into_text).collect::<Result<_, _>>()?;
        let flags: String = text
            .chars()
            .filter(|flag| !matches!(flag, '-' | 'c'))
            .collect();
        let flags = if flags.is_empty() {
            Vec::new()
        } else {
            vec![format!("-{flags}")]
        };
        return Ok(Invocation::Shell(Job::Line {
            line,
            flags,
            arguments,
        }));
    }
    if text == "run" && arguments.get(2).is_some_and(|word| word == "--") && arguments.len() > 3 {
        // The plain form is what agents and scripts use for every command: no need to build the whole of the help for it.
        let arguments = words.skip(1).map(into_text).collect::<Result<_, _>>()?;
        return Ok(Invocation::Shell(Job::Program { arguments }));
    }
    if text == "hook" {
        // Asked before every tool of an agent: the whole of the help need not be built twice.
        return Ok(Invocation::Command);
    }
    let script = match text {
        "--" => words.next(),
        _ if text.starts_with('-') || subcommands().iter().any(|name| name == text) => None,
        _ => Some(first.clone()),
    };
    match script {
        // A bare word that is no file is more likely a mistyped subcommand.
        Some(path) if text == "--" || is_script(&path) => {
            let arguments = words.map(into_text).collect::<Result<_, _>>()?;
            let path = path.into();
            Ok(Invocation::Shell(Job::Script { path, arguments }))
        }
        _ => Ok(Invocation::Command),
    }
}

/// Returns whether these are flags of a shell that reads what a person types: `-l`, `-i`, `-il`.
fn is_interactive_flag(text: &str) -> bool {
    text == "--login"
        || text
            .strip_prefix('-')
            .is_some_and(|flags| flags.chars().all(|flag| "il".contains(flag)))
}

/// Returns whether these are shell flags with `c` among them: `-c`, `-lc`, `-ec`.
fn is_line_flag(text: &str) -> bool {
    text.strip_prefix('-').is_some_and(|flags| {
        flags.contains('c') && flags.chars().all(|flag| "celiux".contains(flag))
    })
}

fn is_script(path: &OsStr) -> bool {
    let path = Path::new(path);
    path.components().count() > 1 || path.is_absolute() || path.is_file()
}

fn into_text(word: OsString) -> Result<String, Error> {
    word.into_string()
        .map_err(|word| Error::Usage(format!("`{}` is not UTF-8", word.to_string_lossy())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(words: &[&str]) -> String {
        let words: Vec<OsString> = words.iter().map(OsString::from).collect();
        format!("{:?}", super::parse(&words, || vec!["check".to_owned()]))
    }

    #[test]
    fn a_shell_is_told_from_a_subcommand() {
        assert_eq!(
            parse(&["hlrp-sh"]),
            "Ok(Shell(Interactive { login: false }))"
        );
        assert!(
            parse(&["hlrp-sh", "-c", "ls", "a"])
                .contains("Line { line: \"ls\", flags: [], arguments: [\"a\"]")
        );
        assert!(parse(&["hlrp-sh", "-lc", "ls"]).contains("Line"));
        assert!(parse(&["hlrp-sh", "-c"]).contains("Usage"));
        assert_eq!(parse(&["hlrp-sh", "check", "ls"]), "Ok(Command)");
        assert_eq!(parse(&["hlrp-sh", "--help"]), "Ok(Command)");
        assert_eq!(parse(&["hlrp-sh", "chekc"]), "Ok(Command)");
        assert!(parse(&["hlrp-sh", "./x.sh", "-v"]).contains("Script"));
        assert!(parse(&["hlrp-sh", "--", "check"]).contains("Script"));
    }
}
