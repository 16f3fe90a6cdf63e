//! What is ours: denials, questions, `hlrp …`, history, and the shell that is left when nothing else is.

use super::keys::Keys;
use crate::guard::bench::{Bench, has};

fn open(name: &str) -> Option<(Bench, Keys)> {
    if !has("setsid", name) {
        return None;
    }
    let bench = Bench::new();
    let keys = Keys::ours(&bench);
    Some((bench, keys))
}

#[test]
fn a_denied_line_is_explained_and_is_77() {
    let Some((bench, mut keys)) = open("shell-denied") else {
        return;
    };
    let shown = keys.line("rm notes.txt", &[]);
    for part in ["fs.no-delete", "^^^", "why", "instead", "more"] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    assert!(keys.line("echo $?", &[]).starts_with("77\r\n"));
    assert!(keys.line("echo on", &[]).starts_with("on\r\n"));
    assert_eq!(bench.read("home/notes.txt"), "what was there before\n");
    let why = keys.line("hlrp why", &[]);
    assert!(
        why.contains("fs.no-delete") && why.contains("deny"),
        "{why}"
    );
}

#[test]
fn what_the_kernel_refuses_is_explained_when_the_line_ends() {
    let Some((bench, mut keys)) = open("shell-kernel") else {
        return;
    };
    let shown = keys.line(
        "python3 -c 'import os; os.unlink(\"notes.txt\")' 2>/dev/null",
        &[],
    );
    assert!(
        shown.contains("fs.no-delete") && shown.contains("kernel"),
        "{shown}"
    );
    assert_eq!(bench.read("home/notes.txt"), "what was there before\n");
}

#[test]
fn the_directory_is_the_one_that_bash_is_in() {
    let Some((bench, mut keys)) = open("shell-cwd") else {
        return;
    };
    bench.file("home/deep/x.txt", "kept\n");
    keys.line("cd deep", &[]);
    let shown = keys.line("PWD=/tmp; rm x.txt", &[]);
    assert!(shown.contains("deep/x.txt"), "{shown}");
}

#[test]
fn undo_puts_back_what_the_last_line_replaced() {
    let Some((bench, mut keys)) = open("shell-undo") else {
        return;
    };
    keys.line("echo new > notes.txt; cat notes.txt", &[]);
    assert_eq!(bench.read("home/notes.txt"), "new\n");
    keys.line("hlrp undo", &[]);
    assert_eq!(bench.read("home/notes.txt"), "what was there before\n");
}

#[test]
fn history_comes_back_before_it_is_judged() {
    let Some((_bench, mut keys)) = open("shell-history") else {
        return;
    };
    keys.line("echo a b", &[]);
    let shown = keys.line("!!", &[]);
    assert!(shown.starts_with("echo a b\r\na b\r\n"), "{shown}");
    assert!(keys.line("echo !$", &[]).contains("b\r\n"));
    let shown = keys.line("rm !$", &[]);
    assert!(
        shown.contains("rm b") && shown.contains("denied"),
        "{shown}"
    );
}

#[test]
fn a_start_up_file_that_ends_the_shell_locks_nobody_out() {
    if !has("setsid", "shell-rc") {
        return;
    }
    let bench = Bench::new();
    bench.file("home/.bashrc", "exit 4\n");
    let mut keys = Keys::ours(&bench);
    assert!(keys.line("echo in", &[]).starts_with("in\r\n"));
}

#[test]
fn a_line_that_takes_the_report_away_does_not_hang() {
    if !has("setsid", "shell-report") {
        return;
    }
    let bench = Bench::new();
    bench.file("home/.bashrc", "alias from_rc='echo rc'\nPROMPT_COMMAND=\n");
    let mut keys = Keys::ours(&bench);
    keys.line("unset PROMPT_COMMAND", &[]);
    keys.line("source ~/.bashrc; unset -f __hlrp_prompt", &[]);
    assert!(keys.line("from_rc", &[]).starts_with("rc\r\n"));
}

#[test]
fn a_policy_that_does_not_load_leaves_a_shell_that_reads() {
    if !has("setsid", "shell-fallback") {
        return;
    }
    let bench = Bench::new();
    bench.file("home/.config/hlrp-sh/policy.toml", "this is no policy\n");
    let mut keys = Keys::fallback(&bench);
    assert!(
        keys.line("cat notes.txt", &[])
            .contains("what was there before")
    );
    let shown = keys.line("echo gone > notes.txt", &[]);
    assert!(shown.contains("denied"), "{shown}");
    assert_eq!(bench.read("home/notes.txt"), "what was there before\n");
}

#[test]
fn history_is_that_of_the_lines_typed_here() {
    if !has("setsid", "shell-past") {
        return;
    }
    let bench = Bench::new();
    bench.file("home/.bash_history", "old line\n");
    let mut keys = Keys::ours(&bench);
    keys.line("echo a", &[]);
    let shown = keys.line("history", &[]);
    assert!(
        shown.starts_with("    1  echo a\r\n    2  history\r\n"),
        "{shown}"
    );
    let shown = keys.line("history 1", &[]);
    assert!(shown.starts_with("    3  history 1\r\n"), "{shown}");
    assert!(keys.line("fc -l", &[]).contains("Ctrl-R"));
    assert!(keys.line("echo $?", &[]).starts_with("1\r\n"));
}

#[test]
fn a_directory_that_is_gone_is_left_again() {
    let Some((bench, mut keys)) = open("shell-gone") else {
        return;
    };
    bench.place("home/deep");
    keys.line("cd deep", &[]);
    std::fs::remove_dir(bench.path("home/deep")).unwrap();
    assert!(keys.line("echo on", &[]).starts_with("on\r\n"));
    keys.line("cd ~", &[]);
    assert!(keys.line("cat notes.txt", &[]).starts_with("what was"));
}
