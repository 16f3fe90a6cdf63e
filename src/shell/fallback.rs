//! The shell that is left where the guard cannot stand or the law does not load: it says why,
//! and runs only what provably changes nothing, each line by itself.

use std::io::{BufRead, IsTerminal, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::bash::{Disk, analyse};
use crate::error::{Error, code};
use crate::gate::Gate;
use crate::launch::reads_unguarded;
use crate::policy::{Context, GuardLevel, HostClass, Origin, Policy};
use crate::ui::{self, Denial};

/// Reads and runs lines until the input ends.
pub(super) fn run(reason: &str) -> Result<u8, Error> {
    ui::say(&format!(
        "hlrp-sh: {reason}\nhlrp-sh: this shell only reads: lines run that provably change nothing (`hlrp-sh doctor` says more, `exit` leaves)"
    ));
    let policy = built_in()?;
    let mut status = code::DONE;
    let mut input = std::io::stdin().lock();
    loop {
        if std::io::stdin().is_terminal() {
            let _ = write!(std::io::stderr(), "read-only> ");
        }
        let mut line = String::new();
        match input.read_line(&mut line) {
            Ok(0) | Err(_) => return Ok(status),
            Ok(_) => {}
        }
        let line = line.trim();
        let mut words = line.split_whitespace();
        match words.next() {
            None => {}
            Some("exit" | "logout") => {
                let given = words.next().and_then(|word| word.parse().ok());
                return Ok(given.unwrap_or(status));
            }
            Some("cd") => status = change_directory(words.next()),
            Some(_) => {
                let cwd = std::env::current_dir().unwrap_or_else(|_| PathBuf::from("/"));
                status = one(&policy, line, &cwd);
            }
        }
    }
}

/// Runs a line that somebody sent, if it only reads.
pub(super) fn line(line: &str, reason: &str) -> Result<u8, Error> {
    ui::say(&format!(
        "hlrp-sh: {reason}\nhlrp-sh: what only reads still runs"
    ));
    let policy = built_in()?;
    let cwd = std::env::current_dir().unwrap_or_else(|_| PathBuf::from("/"));
    Ok(one(&policy, line, &cwd))
}

/// Loads the built-in law, which is part of the program.
fn built_in() -> Result<Policy, Error> {
    Policy::load(&[]).map_err(|error| Error::Policy(error.to_string()))
}

fn change_directory(to: Option<&str>) -> u8 {
    let home = std::env::var_os("HOME").map_or_else(|| PathBuf::from("/"), PathBuf::from);
    let to = match to {
        None | Some("~") => home,
        Some(to) => match to.strip_prefix("~/") {
            Some(rest) => home.join(rest),
            None => PathBuf::from(to),
        },
    };
    match std::env::set_current_dir(&to) {
        Ok(()) => code::DONE,
        Err(error) => {
            ui::say(&format!("hlrp-sh: cd: {}: {error}", to.display()));
            code::NO
        }
    }
}

/// Runs a line if it only reads.
pub(super) fn one(policy: &Policy, line: &str, cwd: &Path) -> u8 {
    let home = std::env::var_os("HOME").map_or_else(|| PathBuf::from("/"), PathBuf::from);
    let context = Context {
        class: HostClass::Login,
        host: "localhost".to_owned(),
        user: String::new(),
        cwd: cwd.to_owned(),
        home: home.clone(),
        roots: Vec::new(),
        scratch: Vec::new(),
        own: Vec::new(),
        origin: Origin::Person,
        guard: Some(GuardLevel::D),
        job: None,
        run_directory: None,
        evidence: Vec::new(),
    };
    let world = Disk {
        cwd: cwd.to_owned(),
        home,
        user: String::new(),
        scratch: None,
    };
    let judgement = Gate::new(policy, &context).judge(line, analyse(line, &world));
    let mut actions = judgement.actions.iter();
    let reads = judgement.incomplete.is_none()
        && actions.all(|judged| judged.verdict.is_allowed())
        && reads_unguarded(&judgement);
    if !reads {
        let denials = Denial::all(&judgement);
        if denials.is_empty() {
            ui::say("hlrp-sh: denied: this may change something, and nothing guards it here");
        } else {
            ui::say(&ui::denial::render_all(&denials));
        }
        return code::DENIED;
    }
    // Functions that come by the environment would stand in for the programs that were judged.
    let is_code = |name: &str| {
        name.starts_with("BASH") || ["ENV", "SHELLOPTS", "PS4", "PROMPT_COMMAND"].contains(&name)
    };
    let kept = std::env::vars_os().filter(|(name, _)| !name.to_str().is_none_or(is_code));
    let ended = Command::new("bash")
        .args(["--noprofile", "--norc", "-c", "--", line])
        .current_dir(cwd)
        .env_clear()
        .envs(kept)
        .status();
    match ended {
        Ok(ended) => {
            let number = ended
                .code()
                .or_else(|| ended.signal().map(|signal| 128 + signal));
            number
                .and_then(|number| u8::try_from(number).ok())
                .unwrap_or(1)
        }
        Err(error) => {
            ui::say(&format!("hlrp-sh: bash: {error}"));
            code::NOT_FOUND
        }
    }
}
