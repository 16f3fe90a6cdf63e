//! File names with Slurm's patterns in them: `slurm-%A_%4a.out`.

use std::path::{Path, PathBuf};

/// What the patterns stand for.
#[derive(Clone, Debug, Default)]
pub struct Facts<'a> {
    /// `%j`, `%J`: the number of this very job.
    pub job: u64,
    /// `%A`: the number of the array, that of the job where there is none.
    pub array: u64,
    /// `%a`: the task.
    pub task: Option<u32>,
    /// `%x`.
    pub name: &'a str,
    /// `%u`.
    pub user: &'a str,
    /// `%N`: the first node, short.
    pub node: &'a str,
    /// `%t`: the task of a step; 0 for a batch script.
    pub rank: u64,
    /// `%n`: the node within the job, counted from 0.
    pub node_index: u64,
    /// `%s`: the step; none for a batch script.
    pub step: Option<u64>,
}

/// What `%a` is where there is no array, as Slurm has it.
const NO_TASK: u32 = 4_294_967_294;
/// Digits that a number is filled up to at most.
const WIDEST: usize = 10;

/// Returns the name that a batch script's output gets.
pub fn expand(pattern: &str, facts: &Facts<'_>) -> String {
    // A backslash anywhere: nothing is a pattern, and the backslashes go.
    if pattern.contains('\\') {
        return pattern.replace('\\', "");
    }
    let mut text = String::with_capacity(pattern.len() + 16);
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once('%') {
        text.push_str(before);
        let digits = after.bytes().take_while(u8::is_ascii_digit).count();
        let (width, after) = after.split_at_checked(digits).unwrap_or(("", after));
        let mut letters = after.chars();
        let letter = letters.next();
        let width = width.parse::<usize>().unwrap_or(WIDEST).min(WIDEST) * usize::from(digits > 0);
        let number = |number: u64| format!("{number:0width$}");
        let value = match letter {
            Some('%') => Some("%".to_owned()),
            Some('j' | 'J') => Some(number(facts.job)),
            Some('A') => Some(number(facts.array)),
            Some('a') => Some(number(u64::from(facts.task.unwrap_or(NO_TASK)))),
            Some('n') => Some(number(facts.node_index)),
            Some('t') => Some(number(facts.rank)),
            Some('s') => Some(facts.step.map_or_else(|| "batch".to_owned(), number)),
            Some('x') => Some(facts.name.to_owned()),
            Some('u') => Some(facts.user.to_owned()),
            Some('N') => Some(facts.node.to_owned()),
            _ => None,
        };
        match value {
            Some(value) => {
                text.push_str(&value);
                rest = letters.as_str();
            }
            None => {
                text.push('%');
                rest = rest.split_once('%').map_or("", |(_, after)| after);
            }
        }
    }
    text.push_str(rest);
    text
}

/// Returns where a batch script's output goes, below its working directory.
pub fn place(directory: &Path, pattern: &str, facts: &Facts<'_>) -> PathBuf {
    directory.join(expand(pattern, facts))
}

/// Returns the pattern that Slurm takes where none is given.
pub fn default(is_array: bool) -> &'static str {
    if is_array {
        "slurm-%A_%a.out"
    } else {
        "slurm-%j.out"
    }
}
