//! GitHub Copilot CLI: `preToolUse` in, `permissionDecision` out. An event in camel case does not name
//! itself; one configured as `PreToolUse` has the form of Claude Code.

use serde_json::{Value, json};

use super::input::{self, Object};
use super::{Answer, Event, Fault, Form, Intent, Reply, claude, patch};

/// What looks, asks or plans, and names a file or a directory.
const HARMLESS: [&str; 10] = [
    "view",
    "read",
    "glob",
    "grep",
    "rg",
    "web_fetch",
    "read_bash",
    "stop_bash",
    "list_bash",
    "task",
];

pub(super) fn event(object: &Object) -> Result<Event, Fault> {
    if object.contains_key("hook_event_name") {
        let event = claude::common(object, intents)?;
        return Ok(Event {
            asks: true,
            form: Form::Nested,
            ..event
        });
    }
    let tool = input::text(object, "toolName")?;
    let intents = match object.get("toolArgs") {
        // A patch is no JSON.
        Some(Value::String(text)) if tool == "apply_patch" && !text.starts_with('{') => {
            patch::intents(text)?
        }
        None | Some(Value::Null) => return Err(missing()),
        Some(_) => intents(tool, &input::arguments(object, "toolArgs")?)?,
    };
    Ok(Event {
        tool: tool.to_owned(),
        session: input::session(object, "sessionId"),
        cwd: input::directory(object, "cwd")?,
        intents,
        asks: true,
        form: Form::Own,
    })
}

fn missing() -> Fault {
    Fault::Field {
        field: "toolArgs",
        kind: "object",
    }
}

fn intents(tool: &str, input: &Object) -> Result<Vec<Intent>, Fault> {
    const CONTENTS: [&str; 2] = ["file_text", "content"];
    let intent = match tool {
        "bash" | "Bash" => input::command(input)?,
        "powershell" => Intent::Unknown(format!("powershell {}", input::text(input, "command")?)),
        // What is typed into a shell that runs already.
        "write_bash" => match input::text(input, "input")? {
            "" => return Ok(Vec::new()),
            typed => Intent::Unknown(format!("write_bash {typed}")),
        },
        "create" | "Write" => input::write(input, &CONTENTS)?,
        "edit" | "Edit" => input::edit(input)?,
        "apply_patch" => {
            let text = input::text(input, "input").or_else(|_| input::text(input, "patch"))?;
            return patch::intents(text);
        }
        "str_replace_editor" => match input::text(input, "command")? {
            "view" => return Ok(Vec::new()),
            "create" => input::write(input, &CONTENTS)?,
            _ => input::edit(input)?,
        },
        // `server-tool` is a tool of an MCP server.
        _ if HARMLESS.contains(&tool) || tool.contains('-') => return Ok(Vec::new()),
        _ => return claude::intents(tool, input),
    };
    Ok(vec![intent])
}

pub(super) fn reply(answer: &Answer, event: &Event) -> Reply {
    if event.form == Form::Nested {
        // Both forms at once: the flat one is what the command line's documents name.
        let nested = claude::reply(answer);
        let flat = flat(answer);
        return match serde_json::from_str::<Object>(&nested.out) {
            Ok(mut both) => {
                both.extend(flat);
                Reply::of(&Value::Object(both))
            }
            Err(_) => Reply::of(&Value::Object(flat)),
        };
    }
    Reply::of(&Value::Object(flat(answer)))
}

fn flat(answer: &Answer) -> Object {
    let (decision, reason) = match answer {
        Answer::Pass => return Object::new(),
        Answer::Ask(reason) => ("ask", reason),
        Answer::Deny(reason) => ("deny", reason),
    };
    Object::from_iter([
        ("permissionDecision".to_owned(), json!(decision)),
        ("permissionDecisionReason".to_owned(), json!(reason)),
    ])
}
