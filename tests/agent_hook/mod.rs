//! `hlrp-sh hook`: events as clients send them, answers as they read them, and 2 where there is none.

mod broken;

use std::fs;
use std::io::Write;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::guard::bench::Bench;
use crate::guard::running::{Ran, Running};

const CLIENTS: [&str; 5] = ["claude", "codex", "cursor", "gemini", "copilot"];

/// What each fixture is answered: `pass`, `ask RULE` or `deny RULE`.
const ANSWERS: [(&str, &str); 71] = [
    ("claude/agent", "pass"),
    ("claude/bash", "pass"),
    ("claude/bash_delete", "deny fs.no-delete"),
    ("claude/bash_policy", "deny fs.protected"),
    ("claude/bash_undecidable", "ask analyse.unknown"),
    ("claude/bash_undecidable_bypass", "deny analyse.unknown"),
    ("claude/edit", "pass"),
    ("claude/edit_bashrc", "deny fs.protected"),
    ("claude/grep", "pass"),
    ("claude/mcp_other", "pass"),
    ("claude/monitor", "deny fs.no-delete"),
    ("claude/multiedit", "deny fs.protected"),
    ("claude/notebook", "pass"),
    ("claude/powershell", "ask analyse.unknown"),
    ("claude/read", "pass"),
    ("claude/unknown_plain", "pass"),
    ("claude/unknown_with_path", "ask analyse.unknown"),
    ("claude/worktree", "deny git.no-drop"),
    ("claude/write_artefact", "deny fs.artefacts"),
    ("claude/write_empty", "deny fs.no-empty"),
    ("claude/write_link", "deny fs.protected"),
    ("claude/write_new", "pass"),
    ("claude/write_outside", "deny fs.outside-roots"),
    ("claude/write_over", "pass"),
    ("claude/write_settings", "deny fs.protected"),
    ("codex/bash", "pass"),
    ("codex/bash_delete", "deny git.no-drop"),
    ("codex/bash_patch", "deny fs.no-delete"),
    ("codex/bash_undecidable", "deny analyse.unknown"),
    ("codex/mcp_other", "pass"),
    ("codex/patch_add", "pass"),
    ("codex/patch_config", "deny fs.protected"),
    ("codex/patch_delete", "deny fs.no-delete"),
    ("codex/patch_move", "pass"),
    ("codex/patch_move_over", "deny fs.no-replace"),
    ("codex/patch_update", "pass"),
    ("copilot/bash", "pass"),
    ("copilot/bash_delete", "deny fs.no-delete"),
    ("copilot/bash_object", "deny fs.no-delete"),
    ("copilot/bash_undecidable", "ask analyse.unknown"),
    ("copilot/create", "pass"),
    ("copilot/create_over_artefact", "deny fs.artefacts"),
    ("copilot/edit", "pass"),
    ("copilot/edit_hooks", "deny fs.protected"),
    ("copilot/mcp", "pass"),
    ("copilot/patch", "deny fs.no-delete"),
    ("copilot/view", "pass"),
    ("copilot/vscode_form", "deny fs.no-delete"),
    ("copilot/write_bash", "ask analyse.unknown"),
    ("cursor/mcp", "pass"),
    ("cursor/read", "pass"),
    ("cursor/shell", "pass"),
    ("cursor/shell_no_cwd", "deny fs.no-delete"),
    ("cursor/shell_undecidable", "deny analyse.unknown"),
    ("cursor/tool_delete", "deny fs.no-delete"),
    ("cursor/tool_hooks", "deny fs.protected"),
    ("cursor/tool_mcp", "pass"),
    ("cursor/tool_read", "pass"),
    ("cursor/tool_shell", "deny fs.no-delete"),
    ("cursor/tool_write", "pass"),
    ("cursor/tool_write_artefact", "deny fs.artefacts"),
    ("gemini/mcp", "pass"),
    ("gemini/memory", "pass"),
    ("gemini/read", "pass"),
    ("gemini/replace", "pass"),
    ("gemini/replace_outside", "deny fs.outside-roots"),
    ("gemini/shell", "pass"),
    ("gemini/shell_delete", "deny fs.no-delete"),
    ("gemini/shell_undecidable", "deny analyse.unknown"),
    ("gemini/write", "pass"),
    ("gemini/write_settings", "deny fs.protected"),
];

/// A home with a project in it.
fn world() -> Bench {
    let bench = Bench::new();
    for name in ["notes.txt", "thesis.tex", "model.ckpt", "look.ipynb"] {
        bench.file(&format!("home/code/{name}"), "what was there before\n");
    }
    bench.file("home/code/runs/laq_0312/metrics.jsonl", "{}\n");
    bench.place("home/code/runs/empty");
    bench.file("home/.bashrc", "# mine\n");
    bench.file("home/.ssh/config", "Host x\n");
    symlink(bench.home().join(".bashrc"), bench.path("home/code/link")).unwrap();
    bench
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/agent_hook/fixtures")
}

/// Returns an event with the test's home in the place of the fixture's.
fn fixture(bench: &Bench, name: &str) -> String {
    let text = fs::read_to_string(fixtures().join(format!("{name}.json"))).unwrap();
    text.replace("/home/me", bench.home().to_str().unwrap())
}

/// Starts the hook with an event, and whatever else the test wants.
fn hook_with(bench: &Bench, client: &str, event: &[u8], change: impl FnOnce(&mut Command)) -> Ran {
    let path = bench.path("event");
    fs::write(&path, event).unwrap();
    let mut command = bench.shell(&["hook", "--for", client]);
    command.stdin(Stdio::from(fs::File::open(&path).unwrap()));
    change(&mut command);
    Running::start(&mut command).end()
}

fn hook(bench: &Bench, client: &str, event: &str) -> Ran {
    hook_with(bench, client, event.as_bytes(), |_| {})
}

/// Reads an answer as the client does: what was decided, and the reason.
fn understood(client: &str, ran: &Ran) -> (String, String) {
    assert_eq!(ran.code(), 0, "{client}: {}{}", ran.out, ran.err);
    let answer: Value = serde_json::from_str(&ran.out).unwrap();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (decision, reason) = match client {
        "claude" | "codex" => {
            let inner = &answer["hookSpecificOutput"];
            if inner != &Value::Null {
                assert_eq!(inner["hookEventName"], "PreToolUse");
            }
            (
                &inner["permissionDecision"],
                &inner["permissionDecisionReason"],
            )
        }
        "cursor" => {
            assert_eq!(answer["user_message"], answer["agent_message"]);
            (&answer["permission"], &answer["agent_message"])
        }
        "gemini" => (&answer["decision"], &answer["reason"]),
        "copilot" => (
            &answer["permissionDecision"],
            &answer["permissionDecisionReason"],
        ),
        _ => unreachable!(),
    };
    let decision = match (client, decision.as_str()) {
        ("cursor", Some("allow")) => "pass",
        ("cursor", None) => panic!("silence is a refusal: {answer}"),
        (_, None) => "pass",
        (_, Some(decision)) => decision,
    };
    (decision.to_owned(), text(reason))
}

#[test]
fn every_event_is_answered_in_its_clients_form() {
    let bench = world();
    let mut wrong = Vec::new();
    for (name, expected) in &ANSWERS {
        let client = name.split_once('/').unwrap().0;
        let ran = hook(&bench, client, &fixture(&bench, name));
        let (decision, reason) = understood(client, &ran);
        let rule = reason.lines().find_map(|line| line.strip_prefix("rule: "));
        let found = match rule {
            Some(rule) => format!("{decision} {rule}"),
            None => decision,
        };
        if found != *expected {
            wrong.push(format!("{name}: {found}, not {expected}\n{reason}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(
        bench.read("home/code/notes.txt"),
        "what was there before\n",
        "a hook only answers"
    );
}

#[test]
fn every_fixture_has_its_answer() {
    for client in CLIENTS {
        for entry in fs::read_dir(fixtures().join(client)).unwrap() {
            let path = entry.unwrap().path();
            let name = format!("{client}/{}", path.file_stem().unwrap().to_str().unwrap());
            assert!(ANSWERS.iter().any(|(one, _)| *one == name), "{name}");
        }
    }
}

#[test]
fn a_refusal_says_all_that_is_needed_to_do_it_right() {
    let bench = world();
    let ran = hook(&bench, "claude", &fixture(&bench, "claude/bash_delete"));
    let (_, reason) = understood("claude", &ran);
    for part in [
        "hlrp-sh denies this use of Bash",
        "decision: deny",
        "rule: fs.no-delete",
        "span: 18..26 `laq_0312`",
        "what: deletes ",
        "because: nothing is ever deleted here",
        "instead: hlrp-sh archive runs/laq_0312",
        "more: hlrp-sh policy explain fs.no-delete",
    ] {
        assert!(reason.contains(part), "no `{part}` in\n{reason}");
    }
    assert!(!ran.out.contains("\\u001b"), "colours: {}", ran.out);
}

#[test]
fn where_nobody_can_be_asked_the_refusal_says_which_answer_was_missing() {
    let bench = world();
    for name in [
        "claude/bash_undecidable_bypass",
        "codex/bash_undecidable",
        "cursor/shell_undecidable",
        "gemini/shell_undecidable",
    ] {
        let client = name.split_once('/').unwrap().0;
        let (decision, reason) = understood(client, &hook(&bench, client, &fixture(&bench, name)));
        assert_eq!(decision, "deny", "{name}");
        assert!(reason.contains("missing: a person's yes"), "{reason}");
        assert!(reason.contains("decision: ask"), "{reason}");
    }
}

#[test]
fn inside_a_guard_what_cannot_be_worked_out_is_left_to_it() {
    let bench = world();
    bench.file("home/event", &fixture(&bench, "codex/bash_undecidable"));
    let line = format!("{} hook --for codex < event", bench.program().display());
    bench.line(&line).ended(0).said("{}\n");
    bench.file("home/event", &fixture(&bench, "codex/bash_delete"));
    let ran = bench.line(&line);
    assert_eq!(understood("codex", &ran).0, "deny");
}

#[test]
fn what_was_judged_is_recorded_once_for_each_session_of_the_client() {
    let bench = world();
    let names = ["write_new", "bash_delete", "read", "write_outside"];
    for name in names {
        hook(
            &bench,
            "claude",
            &fixture(&bench, &format!("claude/{name}")),
        );
    }
    hook(&bench, "codex", &fixture(&bench, "codex/patch_delete"));
    let told = bench.run(&["--json", "audit"]).ended(0).out;
    let records: Vec<Value> = told
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let of = |rule: &str| records.iter().filter(|one| one["rule"] == rule).count();
    assert_eq!(of("fs.no-delete"), 2, "{told}");
    assert_eq!(of("fs.outside-roots"), 1, "{told}");
    assert!(told.contains("new.py"), "what changes something: {told}");
    assert!(!told.contains("/etc/passwd"), "reading: {told}");
    assert!(
        records
            .iter()
            .all(|one| one["origin"] == "agent:claude" || one["origin"] == "agent:codex")
    );
    let mut sessions: Vec<&str> = records
        .iter()
        .map(|one| one["session"].as_str().unwrap())
        .collect();
    sessions.sort_unstable();
    sessions.dedup();
    assert_eq!(sessions.len(), 2, "{told}");
    bench.run(&["audit", "verify"]).ended(0);
}

#[test]
fn what_to_install_is_printed_and_never_written() {
    let bench = world();
    for client in CLIENTS {
        let text = bench
            .run(&["hook", "--for", client, "--print-config"])
            .ended(0)
            .out;
        assert!(text.contains(&format!("hook --for {client}")), "{text}");
        assert!(text.contains("hlrp-sh run -- "), "{text}");
        let json = bench
            .run(&["--json", "hook", "--for", client, "--print-config"])
            .ended(0)
            .out;
        let config: Value = serde_json::from_str(&json).unwrap();
        assert_eq!(config["schema"], "hlrp.hook.config/1");
        let content = config["hook"]["content"].as_str().unwrap();
        serde_json::from_str::<Value>(content).unwrap();
    }
    for directory in [".claude", ".codex", ".cursor", ".gemini", ".copilot"] {
        assert!(!bench.home().join(directory).exists());
    }
}

/// Feeds standard input that does not end.
fn feed(running: &mut std::process::Child, text: &[u8]) {
    running.stdin.as_mut().unwrap().write_all(text).unwrap();
}
