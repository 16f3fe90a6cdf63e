//! What a person installs, and where, so that a client asks before its tools act, offers the tools of
//! `hlrp-sh mcp`, and runs inside the guard. It is printed, never written.

use serde::Serialize;
use serde_json::{Value, json};

use super::Client;

/// What to install for a client.
#[derive(Clone, Debug, Serialize)]
pub struct Config {
    /// The format.
    pub schema: &'static str,
    /// For which.
    pub client: &'static str,
    /// The hook.
    pub hook: Piece,
    /// The tools of `hlrp-sh mcp`.
    pub mcp: Piece,
    /// The guard around the client and all that it starts.
    pub guard: Guard,
}

/// A piece of a file.
#[derive(Clone, Debug, Serialize)]
pub struct Piece {
    /// The file it belongs into.
    pub file: &'static str,
    /// What belongs there.
    pub content: String,
    /// What else there is to know.
    pub note: &'static str,
}

/// How the client's own shell, and everything else it starts, gets into the guard.
#[derive(Clone, Debug, Serialize)]
pub struct Guard {
    /// A line for the person's own start-up file.
    pub line: String,
    /// Whether the client could be told a shell of its own, and why not.
    pub note: &'static str,
}

impl Config {
    /// Returns what to install for a client.
    pub fn of(client: Client) -> Self {
        let program = std::env::current_exe()
            .ok()
            .and_then(|path| path.to_str().map(str::to_owned))
            .unwrap_or_else(|| "hlrp-sh".to_owned());
        let name = client.as_str();
        let command = format!("{} hook --for {name}", quoted(&program));
        Self {
            schema: "hlrp.hook.config/1",
            client: name,
            hook: hook(client, &command),
            mcp: mcp(client, &program),
            guard: Guard {
                line: format!(
                    "alias {0}='HLRP_AGENT={name} hlrp-sh run -- {0}'",
                    executable(client)
                ),
                note: shell(client),
            },
        }
    }

    /// Returns it as a person reads it.
    pub fn text(&self) -> String {
        let piece = |title: &str, piece: &Piece| {
            let note = piece.note;
            format!(
                "# {title}: into {}\n# {note}\n{}\n",
                piece.file, piece.content
            )
        };
        let guard = format!(
            "# the guard, around the client and all that it starts: into your ~/.bashrc\n# {}\n{}\n",
            self.guard.note, self.guard.line
        );
        [
            piece("the hook", &self.hook),
            piece("the tools", &self.mcp),
            guard,
        ]
        .join("\n")
    }
}

fn hook(client: Client, command: &str) -> Piece {
    match client {
        Client::Claude => Piece {
            file: "~/.claude/settings.json",
            content: pretty(
                &json!({ "hooks": { "PreToolUse": [ { "matcher": "*", "hooks": [
                { "type": "command", "command": command, "timeout": 10, "onFailure": "block" },
            ] } ] } }),
            ),
            note: "onFailure needs 2.1.295; before, a program that is not there lets everything pass",
        },
        Client::Codex => Piece {
            file: "~/.codex/hooks.json",
            content: pretty(&json!({ "hooks": { "PreToolUse": [ { "hooks": [
                { "type": "command", "command": command, "timeout": 10 },
            ] } ] } })),
            note: "it runs only once you have trusted it: /hooks in codex",
        },
        Client::Cursor => {
            let entry = json!({ "command": command, "timeout": 10, "failClosed": true });
            Piece {
                file: "~/.cursor/hooks.json",
                content: pretty(&json!({ "version": 1, "hooks": {
                    "beforeShellExecution": [entry.clone()], "preToolUse": [entry],
                } })),
                note: "without failClosed a program that is not there lets everything pass",
            }
        }
        Client::Gemini => Piece {
            file: "~/.gemini/settings.json",
            content: pretty(
                &json!({ "hooks": { "BeforeTool": [ { "matcher": ".*", "hooks": [
                { "name": "hlrp-sh", "type": "command", "command": command, "timeout": 10000 },
            ] } ] } }),
            ),
            note: "/hooks in gemini shows whether hooks are on; a program that is not there lets everything pass",
        },
        Client::Copilot => Piece {
            file: "~/.copilot/hooks/hlrp-sh.json",
            content: pretty(&json!({ "version": 1, "hooks": { "preToolUse": [
                { "type": "command", "bash": command, "timeoutSec": 10 },
            ] } })),
            note: "a hook that fails is a refusal, one that takes too long is not; this one ends by itself after 5 s",
        },
    }
}

fn mcp(client: Client, program: &str) -> Piece {
    let server = json!({ "command": program, "args": ["mcp"] });
    let servers = pretty(&json!({ "mcpServers": { "hlrp": server } }));
    let note = "six tools: check, run, submit, jobs, cancel, policy";
    match client {
        Client::Claude => Piece {
            file: ".mcp.json of the project, or: claude mcp add --scope user hlrp -- hlrp-sh mcp",
            content: servers,
            note,
        },
        Client::Codex => Piece {
            file: "~/.codex/config.toml",
            content: format!(
                "[mcp_servers.hlrp]\ncommand = {}\nargs = [\"mcp\"]",
                json!(program)
            ),
            note,
        },
        Client::Cursor => Piece {
            file: "~/.cursor/mcp.json",
            content: servers,
            note,
        },
        Client::Gemini => Piece {
            file: "~/.gemini/settings.json",
            content: servers,
            note,
        },
        Client::Copilot => Piece {
            file: "~/.copilot/mcp-config.json",
            content: pretty(&json!({ "mcpServers": { "hlrp": {
                "type": "local", "command": program, "args": ["mcp"], "tools": ["*"],
            } } })),
            note,
        },
    }
}

fn executable(client: Client) -> &'static str {
    match client {
        Client::Cursor => "cursor-agent",
        Client::Claude | Client::Codex | Client::Gemini | Client::Copilot => client.as_str(),
    }
}

/// Says whether the client could be told to use another shell.
fn shell(client: Client) -> &'static str {
    match client {
        Client::Claude => {
            "CLAUDE_CODE_SHELL takes bash or zsh only, and CLAUDE_CODE_SHELL_PREFIX a program that runs the \
             client's own script, which writes outside your roots; so the whole client goes inside"
        }
        Client::Codex => "it has no setting for its shell; so the whole client goes inside",
        Client::Cursor => {
            "the command line can go inside; the editor has no setting for its agent's shell, and there the hook is all"
        }
        Client::Gemini => "it always runs `bash -c`; so the whole client goes inside",
        Client::Copilot => "it always runs bash; so the whole client goes inside",
    }
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

/// Quotes a program's path for a shell, where it needs that.
fn quoted(program: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+".contains(c);
    if program.chars().all(is_plain) {
        program.to_owned()
    } else {
        format!("'{}'", program.replace('\'', r"'\''"))
    }
}
