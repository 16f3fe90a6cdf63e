//! Claude Code: `PreToolUse` in, `hookSpecificOutput` out.

use serde_json::json;

use super::input::{self, Object};
use super::{Answer, Event, Fault, Form, Intent, Reply};

/// In these modes a question reaches a person.
const ASKING: [&str; 4] = ["default", "acceptEdits", "plan", "auto"];

/// What changes nothing of the machine's by itself: it looks, asks, plans, or starts what is asked about again.
const HARMLESS: [&str; 9] = [
    "Read",
    "Glob",
    "Grep",
    "LS",
    "LSP",
    "NotebookRead",
    "WebFetch",
    "Skill",
    "ExitPlanMode",
];

pub(super) fn event(object: &Object) -> Result<Event, Fault> {
    let mode = object.get("permission_mode").and_then(|mode| mode.as_str());
    Ok(Event {
        asks: mode.is_none_or(|mode| ASKING.contains(&mode)),
        ..common(object, intents)?
    })
}

/// Reads the form that Codex and Copilot have taken over.
pub(super) fn common(
    object: &Object,
    intents: fn(&str, &Object) -> Result<Vec<Intent>, Fault>,
) -> Result<Event, Fault> {
    let name = input::text(object, "hook_event_name")?;
    if name != "PreToolUse" {
        return Err(Fault::UnknownEvent(name.to_owned()));
    }
    let tool = input::text(object, "tool_name")?;
    let arguments = input::arguments(object, "tool_input")?;
    Ok(Event {
        tool: tool.to_owned(),
        session: input::session(object, "session_id"),
        cwd: input::directory(object, "cwd")?,
        intents: intents(tool, &arguments)?,
        asks: false,
        form: Form::Nested,
    })
}

/// Returns what a tool of Claude Code does.
pub(super) fn intents(tool: &str, input: &Object) -> Result<Vec<Intent>, Fault> {
    let intent = match tool {
        "Bash" | "Monitor" => input::command(input)?,
        "PowerShell" => Intent::Unknown(format!("PowerShell {}", input::text(input, "command")?)),
        "Write" => input::write(input, &["content"])?,
        "Edit" | "MultiEdit" | "NotebookEdit" => input::edit(input)?,
        "ExitWorktree" if input.get("action").is_some_and(|action| action != "keep") => {
            Intent::Drop("the worktree".to_owned())
        }
        _ if HARMLESS.contains(&tool) || tool.starts_with("mcp__") => return Ok(Vec::new()),
        _ => return Ok(input::stranger(tool, input)),
    };
    Ok(vec![intent])
}

/// Passing is an empty object: a word of approval would spare the client's own question.
pub(super) fn reply(answer: &Answer) -> Reply {
    let (decision, reason) = match answer {
        Answer::Pass => return Reply::of(&json!({})),
        Answer::Ask(reason) => ("ask", reason),
        Answer::Deny(reason) => ("deny", reason),
    };
    Reply::of(&json!({
        "hookSpecificOutput": {
            "hookEventName": "PreToolUse",
            "permissionDecision": decision,
            "permissionDecisionReason": reason,
        }
    }))
}
