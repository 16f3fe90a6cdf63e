//! What every answer has in common, and what is said where there is no answer.

use rmcp::model::{CallToolResponse, CallToolResult, ContentBlock};
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use crate::policy::Origin;

use super::desk::Seat;

/// Where the answer holds, and for whom.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub(super) struct Place {
    /// The kind of machine: `login`, `compute` or `workstation`.
    host_class: &'static str,
    /// The machine's name.
    host: String,
    /// The working directory of the session's shell.
    directory: String,
    /// The session: every call of this connection belongs to it.
    session: String,
    /// On whose behalf this runs, as the door has it.
    agent: String,
    /// How strong the kernel's side is: `A`, `B`, `C`, or `D` where only reading is possible.
    #[serde(skip_serializing_if = "Option::is_none")]
    guard: Option<String>,
}

impl Place {
    /// Returns the place of a session as it is now.
    pub(super) fn of(seat: &Seat) -> Self {
        let session = seat.session();
        let context = &session.context;
        Self {
            host_class: context.class.as_str(),
            host: context.host.clone(),
            directory: seat.cwd().display().to_string(),
            session: session.id.clone(),
            agent: match &context.origin {
                Origin::Agent(name) => name.clone(),
                Origin::Person | Origin::Script => String::new(),
            },
            guard: context.guard.map(|level| format!("{level:?}")),
        }
    }
}

/// A call that has no answer: it made no sense, or something did not work.
#[derive(Debug, thiserror::Error)]
#[error("{what}")]
pub(super) struct Fault {
    what: String,
    hint: String,
}

impl Fault {
    /// Returns a fault, and what could be done about it.
    pub(super) fn new(what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            hint: hint.into(),
        }
    }

    /// Returns it as the caller's model reads it.
    pub(super) fn answer(self, seat: &Seat) -> CallToolResponse {
        let mut value = json!({
            "schema": "hlrp.fault/1",
            "error": self.what,
            "place": Place::of(seat),
        });
        if let (Value::Object(map), false) = (&mut value, self.hint.is_empty()) {
            map.insert("hint".to_owned(), self.hint.into());
        }
        CallToolResult::error(vec![ContentBlock::text(value.to_string())]).into()
    }
}

/// Returns an answer with data; `is_refused` where what was asked for did not happen.
pub(super) fn data<T: Serialize>(value: &T, is_refused: bool) -> Result<CallToolResponse, Fault> {
    let value = serde_json::to_value(value)
        .map_err(|fault| Fault::new(format!("the answer cannot be written: {fault}"), ""))?;
    Ok(if is_refused {
        CallToolResult::structured_error(value)
    } else {
        CallToolResult::structured(value)
    }
    .into())
}

/// Reads a tool's parameters; a parameter that does not exist is a fault that names those that do.
pub(super) fn parameters<T: DeserializeOwned>(
    given: Option<Map<String, Value>>,
) -> Result<T, Fault> {
    serde_json::from_value(Value::Object(given.unwrap_or_default())).map_err(|fault| {
        Fault::new(
            format!("the parameters do not fit: {fault}"),
            "the tool's input schema says what it takes",
        )
    })
}
