//! Signals that arrive while a call waits for its answer: no call is performed twice, and none is lost.

use std::process::Command;

use super::bench::{Bench, has};
use super::running::Running;

/// Four notified calls a round.
const ROUNDS: usize = 2500;

/// Runs the storm and returns how many calls were interrupted.
fn storm(kind: &str, hidden: &[&str]) -> usize {
    let bench = Bench::new();
    let program = bench.path("storm");
    let source = bench.material("storm.c");
    let compiled = Command::new("gcc")
        .arg("-O1")
        .arg("-o")
        .arg(&program)
        .arg(source)
        .status();
    assert!(compiled.unwrap().success());
    let (program, rounds) = (program.to_str().unwrap(), ROUNDS.to_string());
    let words = ["run", "--", program, &rounds, kind];
    let ran = Running::start(&mut bench.hiding(hidden, &words))
        .end_within(240)
        .ended(0);
    let numbers: Vec<usize> = ran
        .out
        .split_whitespace()
        .map(|word| word.parse().unwrap())
        .collect();
    let [rounds, errors, interrupted] = numbers[..] else {
        panic!("{}", ran.out)
    };
    let told: Vec<&str> = ran.err.lines().take(10).collect();
    assert_eq!((rounds, errors), (ROUNDS, 0), "{told:#?}");
    assert!(told.is_empty(), "{told:#?}");
    for name in ["made", "renamed", "directory"] {
        assert!(!bench.home().join(name).exists(), "{name} is left");
    }
    assert_eq!(bench.read("home/notes.txt"), "what was there before\n");
    interrupted
}

#[test]
fn calls_that_restart_are_performed_once() {
    if has("gcc", "storm") {
        assert_eq!(storm("restart", &[]), 0);
    }
}

#[test]
fn calls_that_can_be_interrupted_are_performed_once() {
    if has("gcc", "storm") {
        storm("interrupt", &[]);
    }
}

/// Before Linux 5.19 any signal wakes the caller: the memo answers the call that is made again.
#[test]
fn without_killable_waits_calls_that_restart_are_performed_once() {
    if has("gcc", "storm") {
        assert_eq!(storm("restart", &["--no-killable"]), 0);
    }
}

#[test]
fn without_killable_waits_interrupted_calls_are_performed_once() {
    if has("gcc", "storm") {
        storm("interrupt", &["--no-killable"]);
    }
}
