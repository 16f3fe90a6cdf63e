//! Codex CLI: the form of Claude Code, with patches for files. It cannot ask: its own parser takes
//! `ask` for a hook that failed, and goes on.

use super::input::{self, Object};
use super::{Event, Fault, Intent, claude, patch};

pub(super) fn event(object: &Object) -> Result<Event, Fault> {
    claude::common(object, intents)
}

fn intents(tool: &str, input: &Object) -> Result<Vec<Intent>, Fault> {
    match tool {
        "Bash" | "shell" | "local_shell" | "exec_command" => {
            let command = input::command(input)?;
            let mut found = patched(&command);
            found.insert(0, command);
            Ok(found)
        }
        "apply_patch" => {
            let text = input::text(input, "command").or_else(|_| input::text(input, "input"))?;
            patch::intents(text)
        }
        // What is typed into a program that runs already.
        "write_stdin" => match input::text(input, "chars")? {
            "" => Ok(Vec::new()),
            typed => Ok(vec![Intent::Unknown(format!("write_stdin {typed}"))]),
        },
        "view_image" | "update_plan" => Ok(Vec::new()),
        _ => claude::intents(tool, input),
    }
}

/// Returns what a patch in a command does: Codex applies `apply_patch <<EOF` itself, and no program of that
/// name need exist.
fn patched(command: &Intent) -> Vec<Intent> {
    let text = match command {
        Intent::Line(line) => line.clone(),
        Intent::Program(words) => words.join("\n"),
        _ => return Vec::new(),
    };
    if !text.contains("apply_patch") || !text.contains(patch::BEGIN) {
        return Vec::new();
    }
    patch::intents(&text).unwrap_or_else(|_| vec![Intent::Unknown("apply_patch".to_owned())])
}
