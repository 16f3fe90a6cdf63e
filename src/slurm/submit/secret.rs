//! Secrets of the environment: they reach a job by its environment, and stand nowhere.

use std::ffi::OsString;
use std::sync::LazyLock;

use regex::Regex;

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

/// Ends of keys whose literal values are secrets. Not `token` alone: tokenisers have those too.
const KEYS: [&str; 9] = [
    "api_key",
    "apikey",
    "password",
    "passwd",
    "secret",
    "access_key",
    "hf_token",
    "auth_token",
    "access_token",
];

/// Tokens that are known by their shape.
#[expect(clippy::expect_used, reason = "a constant expression that compiles")]
static SHAPES: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"\b(hf_[A-Za-z0-9]{20,}|gh[pousr]_[A-Za-z0-9]{30,}|github_pat_\w{30,}|glpat-[\w-]{20,}|sk-[\w-]{30,}|AKIA[0-9A-Z]{16}\b)",
    )
    .expect("it compiles")
});

/// Returns whether a word of a command holds a secret as it looks: a token by its shape, or a literal for such a key.
fn looks_secret(text: &str) -> bool {
    let literal = text.split_once('=').is_some_and(|(key, value)| {
        let key = key.to_ascii_lowercase();
        let is_literal = value.len() >= LENGTH && !value.starts_with(['/', '$', '~']);
        is_literal && KEYS.iter().any(|ending| key.ends_with(ending))
    });
    literal || SHAPES.is_match(text)
}

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
            if looks_secret(text) {
                found.push(Problem::config(
                    Subject::Submission,
                    "a command or an override holds what looks like a secret, which would stand in the script".to_owned(),
                    "export it before submitting (HF_TOKEN, WANDB_API_KEY, …): the job gets your environment".to_owned(),
                ));
            }
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

#[cfg(test)]
mod tests {
    use super::looks_secret;

    #[test]
    fn secrets_are_known_by_shape_and_by_key_and_tokenisers_are_left_alone() {
        for secret in [
            "+api_token=hf_abcdefghijklmnopqrstuvwxyz",
            "logging.wandb_api_key=0123456789abcdef",
            "login sk-abcdefghijklmnopqrstuvwxyz0123456789",
            "lerobot.hf_token=notofthatshape",
        ] {
            assert!(looks_secret(secret), "{secret}");
        }
        for plain in [
            "tokenizer.eos_token=<|endoftext|>",
            "model.max_tokens=1024000000",
            "logging.wandb_api_key=${oc.env:WANDB_API_KEY}",
            "paths.password_file.secret=/dss/group/me/secret",
            "task=ask-me-anything-about-robot-manipulation-tasks",
        ] {
            assert!(!looks_secret(plain), "{plain}");
        }
    }
}
