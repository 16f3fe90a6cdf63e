//! Secrets of the environment: they reach a job by its environment, and stand nowhere.

use std::ffi::OsString;

use super::job::Job;
use super::problem::{Problem, Subject};

/// Ends of names whose values nobody may see.
const ENDINGS: [&str; 7] = [
    "TOKEN",
    "API_KEY",
    "SECRET",
    "PASSWORD",
    "PASSWD",
    "ACCESS_KEY",
    "CREDENTIALS",
];
/// Shorter values are words, not secrets.
const LENGTH: usize = 8;

/// Returns the values of secret variables.
pub fn values(environment: impl Iterator<Item = (OsString, OsString)>) -> Vec<String> {
    let named = named(environment).into_iter();
    named.map(|(_, value)| value).collect()
}

fn named(environment: impl Iterator<Item = (OsString, OsString)>) -> Vec<(String, String)> {
    environment
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .filter(|(name, value)| {
            let name = name.to_ascii_uppercase();
            value.len() >= LENGTH
                && !value.starts_with('/')
                && ENDINGS.iter().any(|ending| name.ends_with(ending))
        })
        .collect()
}

/// Finds secrets of the environment that would be written into a script.
pub fn written(
    jobs: &[Job],
    environment: impl Iterator<Item = (OsString, OsString)>,
) -> Vec<Problem> {
    let secrets = named(environment);
    let mut found = Vec::new();
    for job in jobs {
        let settings = &job.settings;
        let texts = job
            .arguments
            .iter()
            .chain(&settings.pre_commands)
            .chain(&settings.command);
        for text in texts {
            for (name, value) in &secrets {
                if text.contains(value.as_str()) {
                    found.push(Problem::config(
                        Subject::Submission,
                        format!("a command or an override holds the value of ${name}, which would stand in the script"),
                        format!("leave it out: the job gets {name} from your environment"),
                    ));
                }
            }
        }
    }
    super::plan::unique(found)
}
