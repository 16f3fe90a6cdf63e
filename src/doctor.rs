//! What this machine can do for a session, and what a person can do about the rest.
//!
//! Looks and tries; changes nothing but a directory of its own below each root, which
//! it takes away again. How it is shown is `cli/doctor.rs`.
//!
//! INVARIANT: what is degraded says what follows, what is missing says how to mend it.

mod kernel;
mod root;
mod tools;
mod trial;

use serde::Serialize;

use crate::error::Error;
use crate::guard::level::Offer;
use crate::session::Session;

pub use trial::{Started, Trial};

/// How well something is.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// As it should be.
    Ok,
    /// Less than it could be; what follows stands with it.
    Degraded,
    /// Not there; how to mend it stands with it.
    Missing,
}

/// One thing that was looked at.
#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    /// What was looked at.
    pub subject: &'static str,
    /// How well it is.
    pub state: State,
    /// What was found.
    pub found: String,
    /// What follows, where it is degraded; how to mend it, where it is missing.
    pub then: Option<String>,
}

impl Finding {
    fn ok(subject: &'static str, found: impl Into<String>) -> Self {
        Self {
            subject,
            state: State::Ok,
            found: found.into(),
            then: None,
        }
    }

    fn degraded(
        subject: &'static str,
        found: impl Into<String>,
        follows: impl Into<String>,
    ) -> Self {
        Self {
            subject,
            state: State::Degraded,
            found: found.into(),
            then: Some(follows.into()),
        }
    }

    fn missing(subject: &'static str, found: impl Into<String>, fix: impl Into<String>) -> Self {
        Self {
            subject,
            state: State::Missing,
            found: found.into(),
            then: Some(fix.into()),
        }
    }
}

/// Examines the machine and, where one can be set up, the session. `start` runs a program
/// that does nothing in the guard.
///
/// INVARIANT: the calling process has one thread.
pub fn examine(session: &Result<Session, Error>, start: &Trial<'_>) -> Vec<Finding> {
    let offer = Offer::ask();
    let mut findings = kernel::look(&offer);
    match session {
        Ok(session) => {
            findings.extend(trial::run(session, start));
            findings.extend(root::look(session));
            findings.extend(tools::look(session));
        }
        Err(error) => findings.push(Finding::missing("session", chain(error), mend(error))),
    }
    findings
}

/// Returns an error with its causes, one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(source) = cause {
        text = format!("{text}: {source}");
        cause = source.source();
    }
    text
}

fn mend(error: &Error) -> &'static str {
    if matches!(error, Error::Policy(_)) {
        "mend the policy file at the place named; `hlrp-sh policy lint FILE` looks at one"
    } else {
        "start in a directory that exists, with HOME a directory of yours"
    }
}
