//! Whatever goes wrong: 2, a reason, and nothing that could be taken for an answer.

use std::fs;
use std::process::Stdio;
use std::time::{Duration, Instant};

use super::{CLIENTS, feed, fixture, hook, hook_with, understood, world};
use crate::guard::bench::Bench;
use crate::guard::running::{Ran, within};

/// One event of each client that would pass.
const WHOLE: [(&str, &str); 5] = [
    ("claude", "claude/write_new"),
    ("codex", "codex/patch_add"),
    ("cursor", "cursor/tool_write"),
    ("gemini", "gemini/write"),
    ("copilot", "copilot/create"),
];

fn blocks(what: &str, ran: &Ran) {
    assert_eq!(ran.code(), 2, "{what}: {}{}", ran.out, ran.err);
    assert_eq!(ran.out, "", "{what}");
    assert!(
        ran.err
            .starts_with("hlrp-sh hook: blocked, since there is no answer: "),
        "{what}: {}",
        ran.err
    );
}

#[test]
fn an_event_that_is_no_event_blocks() {
    let bench = world();
    let large = format!(r#"{{"content": "{}"}}"#, "x".repeat(10 << 20));
    for client in CLIENTS {
        for (what, event) in [
            ("nothing", &b""[..]),
            ("blank", b"  \n"),
            ("no JSON", b"rm -rf /"),
            ("an array", b"[]"),
            ("a text", b"\"PreToolUse\""),
            ("an empty object", b"{}"),
            ("two objects", b"{} {}"),
            ("not UTF-8", b"{\"hook_event_name\": \"\xff\xfe\"}"),
            ("10 MB", large.as_bytes()),
            ("too deep", &[b'['; 100_000]),
        ] {
            blocks(
                &format!("{client}: {what}"),
                &hook_with(&bench, client, event, |_| {}),
            );
        }
    }
}

#[test]
fn an_event_that_was_cut_short_blocks() {
    let bench = world();
    for (client, name) in WHOLE {
        let event = fixture(&bench, name);
        let whole = hook(&bench, client, &event);
        assert_eq!(understood(client, &whole).0, "pass", "{name}");
        let end = event.trim_end().len();
        for part in [1, 2, end / 4, end / 2, end - 2, end - 1] {
            blocks(
                &format!("{name}, {part} bytes"),
                &hook(&bench, client, &event[..part]),
            );
        }
    }
}

#[test]
fn an_event_of_an_unknown_version_or_kind_blocks() {
    let bench = world();
    for (client, name) in WHOLE {
        let event = fixture(&bench, name);
        let with = |field: &str| event.replacen('{', &format!("{{{field},"), 1);
        blocks(client, &hook(&bench, client, &with(r#""version": 99"#)));
        blocks(
            client,
            &hook(&bench, client, &with(r#""schema_version": "2""#)),
        );
        for kind in ["PreToolUse", "preToolUse", "BeforeTool"] {
            let other = event.replace(&format!("\"{kind}\""), "\"PostToolUse\"");
            if other != event {
                blocks(client, &hook(&bench, client, &other));
            }
        }
        for field in [
            "cwd",
            "tool_name",
            "toolName",
            "tool_input",
            "toolArgs",
            "file_path",
            "path",
            "command",
        ] {
            let named = format!("\"{field}\"");
            if !event.contains(&named) || (client == "cursor" && field == "cwd") {
                continue;
            }
            let other = event.replace(&named, "\"renamed\"");
            blocks(
                &format!("{client} without {field}"),
                &hook(&bench, client, &other),
            );
        }
        let other = event.replace("\"tool_input\": {", "\"tool_input\": [], \"x\": {");
        if other != event {
            blocks(client, &hook(&bench, client, &other));
        }
    }
    let bash = fixture(&bench, "claude/bash").replace("\"ls -l\"", "[1, 2]");
    blocks("a command that is no text", &hook(&bench, "claude", &bash));
    let far = fixture(&bench, "claude/bash").replace("\"cwd\": \"/", "\"cwd\": \"");
    blocks(
        "a directory that is not absolute",
        &hook(&bench, "claude", &far),
    );
}

#[test]
fn one_clients_event_is_not_another_ones() {
    let bench = world();
    for (client, name) in WHOLE {
        let event = fixture(&bench, name);
        for other in CLIENTS {
            let alike = ["claude", "codex", "copilot"];
            if other == client || (alike.contains(&client) && alike.contains(&other)) {
                continue;
            }
            blocks(&format!("{name} for {other}"), &hook(&bench, other, &event));
        }
    }
}

#[test]
fn a_wrong_command_line_blocks() {
    let bench = world();
    for words in [
        &["hook"][..],
        &["hook", "--for"],
        &["hook", "--for", "nobody"],
        &["hook", "--for", "claude", "--no-such"],
    ] {
        let ran = bench.run(words).ended(2).said("");
        assert!(!ran.err.is_empty());
    }
}

#[test]
fn a_law_that_does_not_load_blocks() {
    let bench = world();
    bench.file("home/.config/hlrp-sh/policy.toml", "schema = \n");
    let event = fixture(&bench, "claude/bash");
    blocks("policy", &hook(&bench, "claude", &event));
}

#[test]
fn what_cannot_be_recorded_blocks() {
    let bench = world();
    bench.file(
        "home/.local/state/hlrp-sh/audit",
        "a file where a directory belongs\n",
    );
    let event = fixture(&bench, "claude/write_new");
    blocks("record", &hook(&bench, "claude", &event));
}

#[test]
fn a_judge_that_dies_blocks() {
    let bench = world();
    let mut command = bench.shell(&["hook", "--for", "claude"]);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut running = command.spawn().unwrap();
    feed(&mut running, b"{");
    let list = format!("/proc/{0}/task/{0}/children", running.id());
    let judge: i32 = within("there is no judging process", || {
        fs::read_to_string(&list).ok()?.trim().parse().ok()
    });
    crate::guard::running::Running::signal(judge, libc::SIGKILL);
    ends(running, "the judging process died", Duration::from_secs(3));
}

#[test]
fn an_answer_that_nobody_reads_blocks() {
    let bench = world();
    let event = fixture(&bench, "claude/bash");
    let mut command = bench.shell(&["hook", "--for", "claude"]);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut running = command.spawn().unwrap();
    drop(running.stdout.take());
    feed(&mut running, event.as_bytes());
    drop(running.stdin.take());
    ends(running, "cannot be written", Duration::from_secs(5));
}

#[test]
fn an_event_that_never_ends_blocks_before_any_client_gives_up() {
    let bench: Bench = world();
    let mut command = bench.shell(&["hook", "--for", "copilot"]);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut running = command.spawn().unwrap();
    feed(&mut running, b"{\"toolName\":");
    ends(running, "longer than 5 s", Duration::from_secs(9));
}

fn ends(mut running: std::process::Child, reason: &str, patience: Duration) {
    let stdin = running.stdin.take();
    let begin = Instant::now();
    let output = running.wait_with_output().unwrap();
    drop(stdin);
    assert!(begin.elapsed() < patience, "{:?}", begin.elapsed());
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(output.stdout, b"");
    let err = String::from_utf8(output.stderr).unwrap();
    assert!(err.contains(reason), "{err}");
}
