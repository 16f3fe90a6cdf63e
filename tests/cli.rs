//! The program as a person or a script calls it.

mod behaviour;
mod doctor;
mod documents;
mod records;
pub mod terminal;

use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

struct Program {
    home: TempDir,
}

impl Program {
    fn new() -> Self {
        let home = TempDir::new().unwrap();
        Self { home }
    }

    fn run(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_hlrp-sh"))
            .args(arguments)
            .current_dir(self.home.path())
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("HOME", self.home.path())
            .output()
            .unwrap()
    }

    /// Runs it without arguments, with a text on standard input.
    fn hear(&self, text: &str) -> Output {
        let file = self.home.path().join("input.txt");
        std::fs::write(&file, text).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_hlrp-sh"));
        command
            .current_dir(self.home.path())
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("HOME", self.home.path())
            .env("HLRP_DSS", self.home.path());
        command.stdin(std::fs::File::open(file).unwrap());
        command.output().unwrap()
    }

    fn policy(&self, text: &str) {
        let config = self.home.path().join(".config/hlrp-sh");
        std::fs::create_dir_all(&config).unwrap();
        std::fs::write(config.join("policy.toml"), text).unwrap();
    }
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

#[test]
fn every_answer_has_json_with_a_schema() {
    let program = Program::new();
    for arguments in [
        &["context"][..],
        &["doctor"],
        &["check", "ls"],
        &["policy", "show"],
        &["policy", "explain", "fs.no-delete"],
        &["policy", "test"],
        &["policy", "lint"],
        &["audit", "verify"],
        &["completions", "bash"],
        &["man"],
    ] {
        let arguments = [&["--json"], arguments].concat();
        let output = program.run(&arguments);
        let value: serde_json::Value = serde_json::from_str(&out(&output))
            .unwrap_or_else(|fault| panic!("{arguments:?}: {fault}: {}", err(&output)));
        let schema = value["schema"].as_str().unwrap_or_default();
        assert!(schema.starts_with("hlrp."), "{arguments:?}: {schema}");
    }
}

#[test]
fn help_is_data_and_mistakes_are_usage() {
    let program = Program::new();
    let help = program.run(&["--help"]);
    assert_eq!(code(&help), 0);
    assert!(out(&help).contains("-c LINE"), "{}", out(&help));
    let mistake = program.run(&["chekc"]);
    assert_eq!(code(&mistake), 2);
    assert!(err(&mistake).contains("check"), "{}", err(&mistake));
    assert!(out(&mistake).is_empty());
    assert_eq!(code(&program.run(&["-c"])), 2);
    assert_eq!(code(&program.run(&["check", "--context", "mars", "ls"])), 2);
}

#[test]
fn a_policy_that_does_not_load_is_78_and_says_where() {
    let program = Program::new();
    program.policy("schema = 1\n\n[[rule]]\nid = \"my.rule\"\ncolour = 3\n");
    let output = program.run(&["check", "ls"]);
    assert_eq!(code(&output), 78);
    assert!(
        err(&output).contains("policy.toml:5:1: "),
        "{}",
        err(&output)
    );
}

#[test]
fn a_layer_whose_examples_fail_does_not_hold() {
    let program = Program::new();
    let rule = "schema = 1\n[[rule]]\nid = \"my.rule\"\non = \"delete\"\ndecision = \"deny\"\nbecause = \"x\"\n";
    let example = "examples.allow = [{ kernel = { on = \"delete\", path = \"~/x\" } }]\n";
    program.policy(&format!("{rule}{example}"));
    let output = program.run(&["check", "ls"]);
    assert_eq!(code(&output), 78, "{}", err(&output));
    assert!(err(&output).contains("my.rule"), "{}", err(&output));
    program.policy(&format!(
        "{rule}{}",
        example.replace("allow", "deny").replace("~/x", "~/.hlrp/x")
    ));
    let output = program.run(&["check", "ls"]);
    assert_eq!(
        code(&output),
        78,
        "another rule decides it: {}",
        err(&output)
    );
    let born = "examples.deny = [{ kernel = { on = \"delete\", path = \"~/x\", born = true } }]\n";
    program.policy(&format!("{rule}{born}"));
    assert_ne!(code(&program.run(&["check", "ls"])), 78);
    let marks = program.home.path().join(".local/state/hlrp-sh/vouched");
    assert_eq!(std::fs::read_dir(marks).unwrap().count(), 1);
}

#[test]
fn an_unknown_rule_is_told_with_its_neighbours() {
    let output = Program::new().run(&["policy", "explain", "fs.nothing"]);
    assert_eq!(code(&output), 1);
    assert!(err(&output).contains("fs.no-delete"), "{}", err(&output));
}

#[test]
fn colours_stay_off_pipes() {
    let output = Program::new().run(&["policy", "show"]);
    assert!(!out(&output).contains('\u{1b}'));
    assert!(Path::new(env!("CARGO_BIN_EXE_hlrp-sh")).is_file());
}

#[test]
fn lint_finds_what_undoes_the_law() {
    let program = Program::new();
    let clean = program.run(&["policy", "lint"]);
    assert_eq!(code(&clean), 0, "{}", out(&clean));
    program.policy("schema = 1\n[trusted]\nreplacers = [\"bash\"]\n");
    let output = program.run(&["policy", "lint"]);
    assert_eq!(code(&output), 1);
    assert!(out(&output).contains("replacers: bash"), "{}", out(&output));
}

#[test]
fn the_policies_that_ship_pass_their_examples() {
    let program = Program::new();
    let policies = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies");
    for name in ["hlrp.toml", "readonly.toml"] {
        let file = policies.join(name);
        for verb in ["test", "lint"] {
            let output = program.run(&["policy", verb, file.to_str().unwrap()]);
            assert_eq!(code(&output), 0, "{verb} {name}: {}", out(&output));
        }
    }
    assert_eq!(code(&program.run(&["policy", "test"])), 0);
}
