//! What is checked in of what the program says of itself: completions, the manual page, help.

use std::path::Path;

use super::{Program, code, err, out};

const REGENERATE: &str = "regenerate it: `just docs`, or";

fn assert_fresh(path: &str, arguments: &[&str]) {
    let output = Program::new().run(arguments);
    assert_eq!(code(&output), 0, "{}", err(&output));
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let text = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        text == out(&output),
        "`{path}` is stale; {REGENERATE} `hlrp-sh {} > {path}`",
        arguments.join(" ")
    );
}

#[test]
fn the_completions_checked_in_are_those_of_the_program() {
    for shell in ["bash", "zsh", "fish"] {
        assert_fresh(
            &format!("completions/hlrp-sh.{shell}"),
            &["completions", shell],
        );
    }
}

#[test]
fn the_manual_page_checked_in_is_that_of_the_program() {
    assert_fresh("docs/man/hlrp-sh.1", &["man"]);
}

#[test]
fn every_help_teaches_by_an_example() {
    let program = Program::new();
    let commands = [
        "",
        "archive",
        "audit",
        "audit verify",
        "cancel",
        "check",
        "completions",
        "context",
        "diff",
        "doctor",
        "image",
        "image import",
        "image list",
        "image use",
        "jobs",
        "logs",
        "man",
        "mcp",
        "policy",
        "policy explain",
        "policy lint",
        "policy show",
        "policy test",
        "restore",
        "retained",
        "retained release",
        "run",
        "status",
        "submit",
        "watch",
    ];
    for command in commands {
        let mut words: Vec<&str> = command.split_whitespace().collect();
        words.push("--help");
        let output = program.run(&words);
        assert_eq!(code(&output), 0, "{command}");
        let example = format!("  hlrp-sh {command}");
        let is_example = |line: &str| line.starts_with(example.trim_end());
        assert!(
            out(&output).lines().any(is_example),
            "{command}: {}",
            out(&output)
        );
    }
}

#[test]
fn without_a_terminal_it_runs_what_stands_on_standard_input() {
    for (text, status, said) in [
        ("", 0, ""),
        ("echo hello; exit 3\n", 3, "hello\n"),
        ("echo never; rm -rf runs\n", 77, ""),
    ] {
        let program = Program::new();
        std::fs::create_dir(program.home.path().join("runs")).unwrap();
        let output = program.hear(text);
        assert_eq!(code(&output), status, "{text:?}: {}", err(&output));
        assert_eq!(out(&output), said, "{text:?}");
        assert!(program.home.path().join("runs").exists());
    }
}

#[test]
fn every_rule_the_program_reports_is_explained() {
    let program = Program::new();
    for rule in [
        "fs.edit",
        "fs.outside-roots",
        "fs.session-born",
        "guard.absent",
        "quota.halt",
        "retained.release",
    ] {
        let output = program.run(&["policy", "explain", rule]);
        assert_eq!(code(&output), 0, "{rule}: {}", err(&output));
        assert!(out(&output).contains("why"), "{rule}");
    }
}
