//! Cursor: `beforeShellExecution`, `preToolUse`, `beforeMCPExecution`, `beforeReadFile` in, `permission`
//! out. Silence counts as a refusal, so passing is said. It has a form for a question, which it does
//! not keep for `preToolUse`, nor where commands are reviewed without a person; so nothing is asked.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::input::{self, Object};
use super::{Answer, Event, Fault, Form, Intent, Reply};

/// What looks, asks or plans, and names a file or a directory.
const HARMLESS: [&str; 9] = [
    "Read",
    "Grep",
    "Glob",
    "LS",
    "Task",
    "SemanticSearch",
    "WebFetch",
    "ReadLints",
    "TodoWrite",
];

pub(super) fn event(object: &Object) -> Result<Event, Fault> {
    let name = input::text(object, "hook_event_name")?;
    let (tool, cwd, intents) = match name {
        "beforeShellExecution" => (name, place(object)?, vec![input::command(object)?]),
        "preToolUse" => {
            let tool = input::text(object, "tool_name")?;
            let arguments = input::arguments(object, "tool_input")?;
            let cwd = place(object)?;
            let cwd = match tool {
                "Shell" => input::place(cwd, &arguments, &["cwd", "working_directory"]),
                _ => cwd,
            };
            (tool, cwd, intents(tool, &arguments)?)
        }
        "beforeMCPExecution" => {
            let tool = input::text(object, "tool_name")?;
            (tool, place(object)?, Vec::new())
        }
        "beforeReadFile" => {
            input::path(object)?;
            (name, place(object)?, Vec::new())
        }
        _ => return Err(Fault::UnknownEvent(name.to_owned())),
    };
    Ok(Event {
        tool: tool.to_owned(),
        session: input::session(object, "conversation_id"),
        cwd,
        intents,
        asks: false,
        form: Form::Own,
    })
}

/// Returns where it happens: what the event says, else the first folder of the workspace.
fn place(object: &Object) -> Result<PathBuf, Fault> {
    if object.get("cwd").is_some_and(|cwd| cwd != "") {
        return input::directory(object, "cwd");
    }
    let roots = object.get("workspace_roots").and_then(Value::as_array);
    let first = roots.and_then(|roots| roots.first()?.as_str());
    first
        .map(PathBuf::from)
        .filter(|root| root.is_absolute())
        .ok_or(Fault::Field {
            field: "cwd",
            kind: "absolute path",
        })
}

fn intents(tool: &str, input: &Object) -> Result<Vec<Intent>, Fault> {
    let intent = match tool {
        "Shell" => input::command(input)?,
        // Edits come under this name too: only what says that it is the whole content counts as such.
        "Write"
            if ["content", "contents"]
                .iter()
                .any(|name| input.contains_key(*name)) =>
        {
            input::write(input, &["content", "contents"])?
        }
        "Write" | "Edit" | "StrReplace" | "EditNotebook" => input::edit(input)?,
        "Delete" => Intent::Delete(input::path(input)?),
        _ if HARMLESS.contains(&tool) || tool.starts_with("MCP:") => return Ok(Vec::new()),
        _ => return Ok(input::stranger(tool, input)),
    };
    Ok(vec![intent])
}

pub(super) fn reply(answer: &Answer) -> Reply {
    match answer {
        Answer::Pass => Reply::of(&json!({ "permission": "allow" })),
        Answer::Ask(reason) | Answer::Deny(reason) => Reply::of(&json!({
            "permission": "deny",
            "user_message": reason,
            "agent_message": reason,
        })),
    }
}
