//! The line editor on a real pty: what is typed, and what the screen shows.

mod shell;
pub mod terminal;

use std::fs;
use std::path::Path;
use std::process::Command;

use terminal::Terminal;

/// A directory with a project in it, and a terminal before it.
struct Bench {
    terminal: Terminal,
    root: tempfile::TempDir,
}

const CHILD: &str = "HLRP_TEST_EDITOR";

/// The program of these tests: the test binary itself, with one test.
#[test]
#[ignore = "started by the others, on a terminal"]
fn shell_that_runs_nothing() {
    if let Some(root) = std::env::var_os(CHILD) {
        shell::read_lines(Path::new(&root));
    }
}

impl Bench {
    fn new(columns: u16, environment: &[(&str, &str)]) -> Self {
        let root = tempfile::tempdir().unwrap();
        Self::at(root, columns, environment)
    }

    fn at(root: tempfile::TempDir, columns: u16, environment: &[(&str, &str)]) -> Self {
        let project = root.path().join("home/hlrp");
        let config = project.join("config/experiment");
        fs::create_dir_all(&config).unwrap();
        fs::create_dir_all(project.join("runs/laq_0312")).unwrap();
        fs::create_dir_all(root.path().join("state")).unwrap();
        for (file, text) in [
            (
                "config/config.yaml",
                "defaults:\n  - _self_\n  - experiment: null\nseed: 7\ntrain:\n  lr: 0.1\n",
            ),
            (
                "config/experiment/laq_small.yaml",
                "# @package _global_\nseed: 1\n",
            ),
            (
                "config/experiment/laq_large.yaml",
                "# @package _global_\nseed: 2\n",
            ),
            ("notes.txt", "text\n"),
        ] {
            fs::write(project.join(file), text).unwrap();
        }
        let mut command = Command::new(std::env::current_exe().unwrap());
        command
            .args([
                "--exact",
                "shell_editor::shell_that_runs_nothing",
                "--ignored",
            ])
            .args(["--nocapture", "--quiet"])
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("TERM", "xterm-256color")
            .env("LANG", "C.UTF-8")
            .env(CHILD, root.path())
            .envs(environment.iter().copied());
        let terminal = Terminal::start(command, columns, 24);
        let mut bench = Self { terminal, root };
        bench.terminal.until("guard");
        bench
    }

    /// Types, and returns the screen when it shows something.
    fn types(&mut self, keys: &str, until: &str) -> String {
        self.terminal.keys(keys);
        let shown = self.terminal.until(until);
        self.capture(&shown);
        shown
    }

    /// Writes the screen down for the documents, where that is asked for.
    fn capture(&self, shown: &str) {
        if let Some(file) = std::env::var_os("HLRP_CAPTURE") {
            let mut all = fs::read_to_string(&file).unwrap_or_default();
            all.push_str(shown.trim_end());
            all.push_str("\n--------\n");
            fs::write(file, all).unwrap();
        }
    }
}

#[test]
fn a_denial_is_underlined_and_named_while_it_is_typed() {
    for columns in [80, 160] {
        let mut bench = Bench::new(columns, &[]);
        let shown = bench.types("rm -rf runs/laq_0312", "fs.no-delete");
        let first = shown.lines().find(|row| row.contains("login02")).unwrap();
        assert!(first.contains("✗ denied fs.no-delete"), "{shown}");
        assert_eq!(bench.terminal.underlined(), "runs/laq_0312");
        // Taken back, nothing is said any more.
        bench.terminal.keys("\x15ls");
        let shown = bench.terminal.until("❯ ls");
        assert!(!shown.contains("fs.no-delete"), "{shown}");
        assert_eq!(bench.terminal.underlined(), "");
    }
}

#[test]
fn without_colours_and_utf8_the_same_is_said() {
    let mut bench = Bench::new(80, &[("NO_COLOR", "1"), ("LANG", "C")]);
    let shown = bench.types("rm -rf runs/laq_0312", "fs.no-delete");
    assert!(shown.contains("x denied fs.no-delete"), "{shown}");
    assert!(shown.is_ascii(), "{shown}");
    assert_eq!(bench.terminal.underlined(), "runs/laq_0312");
    let written = String::from_utf8_lossy(&bench.terminal.written).into_owned();
    for colour in [
        "\x1b[31m",
        "\x1b[1;31m",
        "\x1b[32m",
        "\x1b[36m",
        "\x1b[1;4;31m",
    ] {
        assert!(!written.contains(colour), "{written:?}");
    }
}

#[test]
fn an_unfinished_line_goes_on_below() {
    let mut bench = Bench::new(80, &[]);
    bench.types("for x in a b\r", "· ");
    bench.types("do echo $x\r", "do echo $x");
    let shown = bench.types("done\r", "read ");
    assert!(
        shown.contains(r#"read "for x in a b\ndo echo $x\ndone""#),
        "{shown}"
    );
    bench.types("cat <<E\r", "cat <<E");
    bench.types("a 'b\r", "a 'b");
    let shown = bench.types("E\r", "read \"cat");
    assert!(shown.contains(r#"read "cat <<E\na 'b\nE""#), "{shown}");
}

#[test]
fn tab_completes_paths_and_overrides() {
    let mut bench = Bench::new(80, &[]);
    bench.types("cat no\t", "notes.txt");
    let shown = bench.types("\r", "read ");
    assert!(shown.contains("read \"cat notes.txt"), "{shown}");
    let shown = bench.types("hlrp-sh submit experiment=\t", "laq_large");
    assert!(
        shown.contains("laq_small") && shown.contains("option of experiment"),
        "{shown}"
    );
    bench.types("\t\r", "experiment=laq_");
    let shown = bench.types("\r", "read \"hlrp-sh");
    assert!(shown.contains("submit experiment=laq_"), "{shown}");
}

#[test]
fn ctrl_r_finds_what_was_typed_in_another_session() {
    let mut bench = Bench::new(80, &[]);
    bench.types("echo one two\r", "read \"echo one two\"");
    bench.types(" echo hidden\r", "read \" echo hidden\"");
    bench.types("export HF_TOKEN=abc\r", "read \"export");
    let root = bench.root;
    drop(bench.terminal);
    let mut bench = Bench::at(root, 80, &[]);
    let shown = bench.types("\x12one", "(search: one)");
    assert!(shown.contains("echo one two"), "{shown}");
    bench.types("\r\r", "read \"echo one two\"");
    let shown = bench.types("\x12HF_TO", "search: HF_TO)");
    assert!(shown.contains("nothing"), "{shown}");
}

#[test]
fn the_end_and_interrupts_are_told_apart() {
    let mut bench = Bench::new(80, &[]);
    bench.types("abc\x03", "interrupt");
    bench.types("false\r", "exit 1");
    bench.types("\x04", "end");
}

#[test]
fn what_happens_is_said_above_the_line_that_is_typed() {
    let mut bench = Bench::new(80, &[]);
    bench.types("announce\r", "read \"announce\"");
    let shown = bench.types("ls -l", "4712 eval ended");
    let rows: Vec<&str> = shown.lines().collect();
    let at = |what: &str| rows.iter().position(|row| row.contains(what)).unwrap();
    assert!(at("4711 laq") < at("❯ ls -l"), "{shown}");
    let facts = rows.iter().filter(|row| row.contains("guard")).count();
    assert_eq!(
        facts, 1,
        "the row of the prompt is not left behind:\n{shown}"
    );
    let shown = bench.types("\r", "read \"ls -l\"");
    assert!(shown.contains("read \"ls -l\""), "{shown}");
}

#[test]
fn a_dumb_terminal_gets_plain_lines() {
    let mut bench = Bench::new(80, &[("TERM", "dumb")]);
    bench.types("echo 'a\n", "> ");
    bench.types("b'\n", r#"read "echo 'a\nb'""#);
    assert!(!bench.terminal.written.contains(&0x1b));
    bench.types("\x04", "end");
}
