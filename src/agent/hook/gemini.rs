//! Gemini CLI: `BeforeTool` in, `decision` out. It has no form for a question that every version keeps.

use serde_json::json;

use super::input::{self, Object};
use super::{Answer, Event, Fault, Form, Intent, Reply};

/// What looks, asks or plans, and names a file or a directory.
const HARMLESS: [&str; 10] = [
    "read_file",
    "read_many_files",
    "list_directory",
    "glob",
    "grep_search",
    "search_file_content",
    "get_internal_docs",
    "exit_plan_mode",
    "web_fetch",
    "google_web_search",
];

pub(super) fn event(object: &Object) -> Result<Event, Fault> {
    let name = input::text(object, "hook_event_name")?;
    if name != "BeforeTool" {
        return Err(Fault::UnknownEvent(name.to_owned()));
    }
    let tool = input::text(object, "tool_name")?;
    let arguments = input::arguments(object, "tool_input")?;
    let cwd = input::directory(object, "cwd")?;
    let cwd = match tool {
        "run_shell_command" => input::place(cwd, &arguments, &["directory", "dir_path"]),
        _ => cwd,
    };
    Ok(Event {
        tool: tool.to_owned(),
        session: input::session(object, "session_id"),
        cwd,
        intents: intents(tool, &arguments)?,
        asks: false,
        form: Form::Own,
    })
}

fn intents(tool: &str, input: &Object) -> Result<Vec<Intent>, Fault> {
    let intent = match tool {
        "run_shell_command" => input::command(input)?,
        "write_file" => input::write(input, &["content"])?,
        "replace" | "edit" => input::edit(input)?,
        _ if HARMLESS.contains(&tool) || tool.starts_with("mcp_") => return Ok(Vec::new()),
        _ => return Ok(input::stranger(tool, input)),
    };
    Ok(vec![intent])
}

pub(super) fn reply(answer: &Answer) -> Reply {
    match answer {
        Answer::Pass => Reply::of(&json!({})),
        Answer::Ask(reason) | Answer::Deny(reason) => {
            Reply::of(&json!({ "decision": "deny", "reason": reason }))
        }
    }
}
