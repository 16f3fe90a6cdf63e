//! The program's own subcommands, run in the session's shell: the same law, the same
//! broker, the same words as for a person.

use std::path::PathBuf;

use serde_json::Value;

use super::answer::Fault;
use super::capture::Written;
use super::line::Ran;
use crate::slurm::query::JobId;

/// A longer answer of a subcommand is not read.
const LONGEST: u64 = 8 * 1024 * 1024;

/// Returns the line that runs a subcommand, in a subshell that leaves the session's own state alone.
///
/// # Errors
///
/// Where a word cannot stand in a line.
pub(super) fn line(words: &[&str]) -> Result<String, Fault> {
    let program = std::env::current_exe().unwrap_or_else(|_| PathBuf::from("hlrp-sh"));
    let program = program.to_string_lossy().into_owned();
    let words: Result<Vec<String>, Fault> = std::iter::once(program.as_str())
        .chain(words.iter().copied())
        .map(quote)
        .collect();
    Ok(words?.join(" "))
}

/// Returns the line that shows the end of a job's log.
///
/// # Errors
///
/// Where that is no job.
pub(super) fn log(job: &str, lines: u32) -> Result<String, Fault> {
    line(&["logs", "--lines", &lines.to_string(), "--", job_id(job)?])
}

/// Returns a job's id as it was given, where it is one.
///
/// # Errors
///
/// Where it is not.
pub(super) fn job_id(text: &str) -> Result<&str, Fault> {
    match text.parse::<JobId>() {
        Ok(_) => Ok(text),
        Err(said) => Err(Fault::new(said, "`jobs` lists them")),
    }
}

fn quote(word: &str) -> Result<String, Fault> {
    if word.chars().any(|c| c.is_control()) {
        return Err(Fault::new(
            format!("`{}` holds a control character", crate::ui::clean(word)),
            "",
        ));
    }
    Ok(crate::ui::quoted(word))
}

/// What a subcommand answered with `--json`, and what else it said.
#[derive(Debug, Default)]
pub(super) struct Answered {
    /// Its objects.
    pub(super) objects: Vec<Value>,
    /// Denials among what it said.
    pub(super) denials: Vec<Value>,
    /// What it said to a reader.
    pub(super) said: String,
}

/// Reads what a subcommand wrote.
pub(super) fn answered(ran: &Ran) -> Answered {
    let mut found = Answered::default();
    for line in whole(&ran.out).lines() {
        match serde_json::from_str(line) {
            Ok(object @ Value::Object(_)) => found.objects.push(object),
            _ => push(&mut found.said, line),
        }
    }
    for line in whole(&ran.err).lines() {
        match serde_json::from_str::<Value>(line) {
            Ok(denial) if denial.get("schema") == Some(&Value::from("hlrp.denial/1")) => {
                found.denials.push(denial);
            }
            _ => push(&mut found.said, line),
        }
    }
    let kernel = ran
        .denials
        .iter()
        .filter_map(|one| serde_json::to_value(one).ok());
    found.denials.extend(kernel);
    found
}

fn push(text: &mut String, line: &str) {
    if !line.trim().is_empty() {
        text.push_str(&crate::ui::clean(line));
        text.push('\n');
    }
}

fn whole(written: &Written) -> String {
    let stored = written.whole.as_ref().and_then(|path| {
        let length = std::fs::symlink_metadata(path).ok()?;
        (length.is_file() && length.len() <= LONGEST).then(|| std::fs::read(path).ok())?
    });
    match stored {
        Some(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        None => written.text.clone(),
    }
}
