//! What the guard refused, as it is told to the front and to the audit.

use serde::{Deserialize, Serialize};

use crate::policy::{Action, Endpoint};

/// A refused action of a process.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Denial {
    /// The rule.
    pub rule: String,
    /// What was about to happen, in a word: `delete`, `write`, …
    pub action: String,
    /// The path, address or process it was about to happen to.
    pub target: String,
    /// The program that tried.
    pub program: String,
    /// Its process id.
    pub process: i32,
    /// Why not.
    pub because: String,
    /// What to do instead.
    pub instead: String,
    /// `ask` or `deny`.
    pub decision: String,
}

/// Returns the word for an action and what it is about to happen to.
pub(super) fn describe(action: &Action) -> (&'static str, String) {
    match action {
        Action::Exec { program, .. } => ("exec", program.display()),
        Action::Read { target } => ("read", target.display()),
        Action::Write { target, .. } => ("write", target.display()),
        Action::Create { target, .. } => ("create", target.display()),
        Action::Delete { target, .. } => ("delete", target.display()),
        Action::Rename { from, to, .. } => {
            ("rename", format!("{} -> {}", from.display(), to.display()))
        }
        Action::Truncate { target } => ("truncate", target.display()),
        Action::Chmod { target, .. } => ("chmod", target.display()),
        Action::Connect { endpoint } => ("connect", named(endpoint)),
        Action::Signal { to } => ("signal", format!("{to:?}").to_lowercase()),
        Action::Submit { tool } => ("submit", tool.clone()),
        Action::Cancel { scope } => ("cancel", format!("{scope:?}").to_lowercase()),
        Action::Remote { host, .. } => ("remote", host.clone()),
        Action::Train { program } => ("train", program.clone()),
    }
}

/// Returns what an endpoint is called.
fn named(endpoint: &Endpoint) -> String {
    match endpoint {
        Endpoint::Unix { path, .. } => path.display().to_string(),
        Endpoint::Abstract { name, .. } => name.clone(),
        Endpoint::Inet { address, port, .. } => format!("{address} port {port}"),
        Endpoint::Other { family } => format!("an address of family {family}"),
    }
}
