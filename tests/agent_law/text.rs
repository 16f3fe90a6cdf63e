//! The same attempts where only the hook stands in the way: what their text shows is refused, or asked about.

use std::fs::File;
use std::process::Stdio;

use serde_json::{Value, json};

use super::world;
use crate::guard::bench::Bench;
use crate::guard::running::Running;

fn decided(bench: &Bench, line: &str) -> String {
    let event = json!({
        "hook_event_name": "PreToolUse", "session_id": "s", "cwd": bench.home(),
        "permission_mode": "default", "tool_name": "Bash", "tool_input": { "command": line },
    });
    let path = bench.file("event", &event.to_string());
    let mut command = bench.shell(&["hook", "--for", "claude"]);
    command.stdin(Stdio::from(File::open(path).unwrap()));
    let ran = Running::start(&mut command).end().ended(0);
    let answer: Value = serde_json::from_str(&ran.out).unwrap();
    let decision = &answer["hookSpecificOutput"]["permissionDecision"];
    decision.as_str().unwrap_or("pass").to_owned()
}

#[test]
fn what_the_text_shows_is_refused() {
    let bench = world();
    for line in [
        "cat loose/hlrp-sh/policy.toml > ~/.config/hlrp-sh/policy.toml",
        "tee -a ~/.config/hlrp-sh/policy.toml < x",
        "XDG_CONFIG_HOME=$HOME/loose hlrp-sh -c 'rm notes.txt'",
        "HOME=/tmp/x hlrp-sh -c 'cp -f other.txt notes.txt'",
        "env -i hlrp-sh -c 'echo x >> ~/.bashrc'",
        "unset HLRP_AGENT CLAUDECODE; hlrp-sh -c 'echo x >> ~/.bashrc'",
        "HLRP_ORIGIN=person setsid hlrp-sh -c 'rm notes.txt'",
        "script -qec \"hlrp-sh -c 'rm notes.txt'\" /dev/null",
        "hlrp-sh run -- bash -c 'hlrp-sh -c \"rm notes.txt\"'",
        "hlrp-sh resume",
        "yes | hlrp-sh retained release --before 1d",
        "script -qec 'hlrp-sh retained release --before 1d' /dev/null",
        "rm -rf ~/.local/state/hlrp-sh",
        "> ~/.local/state/hlrp-sh/audit/heads.jsonl",
        "rm -rf ~/.hlrp/retained",
        "chmod -R u+w ~/.hlrp",
        "jq 'del(.hooks)' ~/.claude/settings.json | tee ~/.claude/settings.json",
        "sed -i s/hlrp-sh/true/ ~/.claude/settings.json",
        "cp x.toml ~/.codex/config.toml",
        "echo '{}' > code/.cursor/hooks.json",
        "echo '{\"disableAllHooks\": true}' > code/.claude/settings.local.json",
        "mv ~/.claude ~/x && mkdir ~/.claude",
        "ln -sfn /tmp/mine ~/.claude",
        "echo x > /tmp/hlrp-20261123-000000-00000000/mine",
        "echo x >> /etc/hlrp-sh/policy.toml",
    ] {
        assert_eq!(decided(&bench, line), "deny", "{line}");
    }
}

#[test]
fn what_the_text_hides_is_asked_about() {
    let bench = world();
    for line in [
        "$SHELL_UNDER_TEST retained release --before 1d",
        "bash -c \"$(cat attempt)\"",
        "echo aGxycC1zaCByZXN1bWU= | base64 -d | sh",
        "eval \"$X\"",
    ] {
        assert_ne!(decided(&bench, line), "pass", "{line}");
    }
}
