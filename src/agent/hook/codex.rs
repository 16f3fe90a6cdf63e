//! Codex CLI: the form of Claude Code, with patches for files. It cannot ask: its own parser takes
//! `ask` for a hook that failed, and goes on.

use super::input::{self, Object};
use super::{Event, Fault, Intent, claude, patch};

pub(super) fn event(object: &Object) -> Result<Event, Fault> {
    let event = claude::common(object, intents)?;
    // A command may be told its directory.
    let arguments = input::arguments(object, "tool_input")?;
    let cwd = input::place(event.cwd, &arguments, &["cwd", "workdir"]);
    Ok(Event { cwd, ..event })
}

/// Codex applies a patch itself under either name.
const NAMES: [&str; 2] = ["apply_patch", "applypatch"];

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
    let is_named = NAMES.iter().any(|name| text.contains(name));
    let Some((before, _)) = text.split_once(patch::BEGIN).filter(|_| is_named) else {
        return Vec::new();
    };
    let unknown = |said: &str| vec![Intent::Unknown(said.to_owned())];
    // `cd DIRECTORY && apply_patch <<EOF` is a form of its own: names then count from there.
    let mut words = before.split(|c: char| !c.is_alphanumeric());
    if words.any(|word| matches!(word, "cd" | "pushd")) {
        return unknown(
            "apply_patch in a directory that the same command goes to; name files from the session's",
        );
    }
    patch::intents(&text).unwrap_or_else(|_| unknown("apply_patch"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    const PATCH: &str = "*** Begin Patch\n*** Delete File: a\n*** End Patch\nEOF";

    fn event_of(input: &Value) -> Event {
        let event = json!({
            "hook_event_name": "PreToolUse", "cwd": "/home/me/code", "tool_name": "Bash", "tool_input": input,
        });
        event_of_object(&event)
    }

    fn event_of_object(event: &Value) -> Event {
        super::event(event.as_object().unwrap()).unwrap()
    }

    #[test]
    fn a_patch_in_a_command_is_seen_under_either_name() {
        for name in NAMES {
            let event = event_of(&json!({"command": format!("{name} <<'EOF'\n{PATCH}")}));
            assert!(
                event.intents.contains(&Intent::Delete("a".to_owned())),
                "{name}"
            );
        }
    }

    #[test]
    fn a_patch_in_another_directory_cannot_be_worked_out() {
        for before in ["cd /home/me && ", "(pushd ..;"] {
            let line = format!("{before}apply_patch <<'EOF'\n{PATCH}");
            let line = event_of(&json!({ "command": line }));
            assert!(matches!(line.intents.last(), Some(Intent::Unknown(_))));
            let words = json!({"command": ["bash", "-lc", format!("{before}apply_patch <<'EOF'\n{PATCH}")]});
            assert!(matches!(
                event_of(&words).intents.last(),
                Some(Intent::Unknown(_))
            ));
        }
    }

    #[test]
    fn a_command_is_judged_where_it_is_told_to_run() {
        let event = event_of(&json!({"command": "rm notes", "workdir": "../other"}));
        assert_eq!(event.cwd, std::path::Path::new("/home/me/code/../other"));
    }
}
