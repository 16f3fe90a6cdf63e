//! Built-ins of ours: `hlrp why`, `hlrp undo`, `hlrp help`, and every subcommand of the program.
//! They run outside the guard, for a person at the prompt only.

use std::process::Command;

use crate::error::code;
use crate::retain::list::{Journal, all_kept};
use crate::ui;

use super::sitting::Shell;

/// Returns the words after `hlrp` of a plain line that begins with it.
pub(super) fn arguments(line: &str) -> Option<Vec<String>> {
    let rest = line.strip_prefix("hlrp")?;
    let is_word = rest.is_empty() || rest.starts_with([' ', '\t']);
    // What needs a shell to be understood is bash's.
    let is_plain = !rest.contains([
        '|', '&', ';', '<', '>', '(', ')', '$', '`', '\\', '\n', '*', '?', '{', '#', '~',
    ]);
    if !is_word || !is_plain {
        return None;
    }
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for c in rest.chars() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some(_), c) => word.get_or_insert_default().push(c),
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, ' ' | '\t') => words.extend(word.take()),
            (None, c) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    quote.is_none().then_some(words)
}

/// Does one, and returns its status.
pub(super) fn run(shell: &mut Shell<'_>, arguments: &[String]) -> u8 {
    match arguments.first().map(String::as_str) {
        None | Some("help") => help(),
        Some("why") => why(shell),
        Some("undo") => undo(shell),
        Some(_) => program(shell, arguments),
    }
}

fn help() -> u8 {
    ui::say(HELP);
    code::DONE
}

const HELP: &str = "\
This is bash, with two differences: a line that would delete or empty what is there does not
run, and what programs replace is kept.

  hlrp why             why the last thing was denied, and what to do instead
  hlrp undo            put back what the last line replaced or removed
  hlrp retained        all that is kept; hlrp restore PATH puts one thing back
  hlrp archive PATH    move something out of the way, where rm would delete it
  hlrp jobs            your jobs of Slurm (`jobs` alone is bash's); hlrp logs JOB, hlrp watch
  hlrp submit …        submit an experiment; --dry-run shows what would be done
  hlrp check 'LINE'    what the law says of a line; nothing runs
  hlrp policy show     the law; hlrp context: where this is
  hlrp diff            what this session changed

Everything else is bash's: `cd`, variables, functions, jobs, Ctrl-C, Ctrl-Z, `exit`.";

/// Explains the last denial at length.
fn why(shell: &mut Shell<'_>) -> u8 {
    let Some(denial) = shell.refused.first().cloned() else {
        ui::say("nothing has been denied in this session");
        return code::NO;
    };
    let explain = [
        "policy".to_owned(),
        "explain".to_owned(),
        denial.rule.clone(),
    ];
    let status = program(shell, &explain);
    // Last, so that it is what one sees: the rule with its examples may fill the screen.
    ui::say(&denial.render());
    status
}

/// Puts back what the last line replaced or removed.
fn undo(shell: &mut Shell<'_>) -> u8 {
    let session = &shell.session.id;
    let journals = match Journal::read_all(&shell.session.context.roots) {
        Ok(journals) => journals,
        Err(error) => {
            ui::say(&format!("hlrp-sh: what is kept cannot be read: {error}"));
            return code::SOFTWARE;
        }
    };
    let before = |root: &std::path::Path| {
        let marks = shell.kept.iter().find(|(of, _)| of == root);
        marks.map_or(u64::MAX, |(_, number)| *number)
    };
    let all = all_kept(&journals);
    let kept: Vec<String> = all
        .iter()
        .filter(|kept| &kept.session == session && kept.is_kept() && !kept.born)
        .filter(|kept| kept.entry.seq > before(&kept.root))
        .map(|kept| format!("{session}/{}", kept.stored))
        .collect();
    if kept.is_empty() {
        ui::say("the last line took nothing away that is kept (`hlrp retained` lists all that is)");
        return code::NO;
    }
    let mut worst = code::DONE;
    for name in kept {
        let words = ["restore", "--stored", &name].map(str::to_owned);
        worst = worst.max(program(shell, &words));
    }
    worst
}

/// Runs a subcommand of the program, where bash is.
fn program(shell: &Shell<'_>, arguments: &[String]) -> u8 {
    let cwd = shell.child.cwd().unwrap_or_else(|| shell.cwd.clone());
    let ended = Command::new("/proc/self/exe")
        .args(arguments)
        .current_dir(cwd)
        .status();
    match ended {
        Ok(status) => {
            use std::os::unix::process::ExitStatusExt;
            let number = status
                .code()
                .or_else(|| status.signal().map(|signal| 128 + signal));
            number
                .and_then(|number| u8::try_from(number).ok())
                .unwrap_or(1)
        }
        Err(error) => {
            ui::say(&format!("hlrp-sh: {error}"));
            code::SOFTWARE
        }
    }
}

#[cfg(test)]
mod tests {
    use super::arguments;

    #[test]
    fn only_plain_lines_are_ours() {
        let words = |line: &str| arguments(line).map(|words| words.join("|"));
        assert_eq!(words("hlrp"), Some(String::new()));
        assert_eq!(words("hlrp why"), Some("why".to_owned()));
        assert_eq!(
            words("hlrp check 'rm a' \"b\""),
            Some("check|rm a|b".to_owned())
        );
        for bash in [
            "hlrp-sh why",
            "hlrpx",
            "hlrp jobs | cat",
            "hlrp why; ls",
            "hlrp 'open",
            "echo hlrp",
        ] {
            assert_eq!(words(bash), None, "{bash}");
        }
    }
}
