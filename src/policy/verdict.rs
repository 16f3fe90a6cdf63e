//! The engine's answer.

use std::fmt;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Allow, ask or deny, in order of strictness.
#[derive(
    Clone, Copy, Debug, Deserialize, Eq, JsonSchema, Ord, PartialEq, PartialOrd, Serialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Decision {
    /// It may happen.
    Allow,
    /// A person must say so; nobody to ask means no.
    Ask,
    /// It may not happen.
    Deny,
    /// It may not happen, and the session stops until a person resumes it.
    Halt,
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Allow => "allow",
            Self::Ask => "ask",
            Self::Deny => "deny",
            Self::Halt => "halt",
        })
    }
}

/// The answer to one action: the decision, the rule it rests on, and what to tell a person.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[must_use]
pub struct Verdict {
    /// The decision.
    pub decision: Decision,
    /// The id of the rule, `area.what`.
    pub rule: Arc<str>,
    /// Why.
    pub because: Arc<str>,
    /// What to do instead; empty where there is nothing to offer.
    pub instead: Arc<str>,
}

impl Verdict {
    /// Returns whether the action may go ahead without asking anybody.
    pub fn is_allowed(&self) -> bool {
        self.decision == Decision::Allow
    }

    /// Returns the stricter of two verdicts; the first where they are equal.
    pub fn stricter(self, other: Self) -> Self {
        if other.decision > self.decision {
            other
        } else {
            self
        }
    }
}
