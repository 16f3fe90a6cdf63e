//! Signals that arrive while a call waits for its answer: no call is performed twice, and none is lost.

use std::process::Command;

use super::bench::{Bench, has};
use super::running::Running;

/// Four notified calls a round.
const ROUNDS: usize = 2500;

/// Runs the storm and returns how many calls went wrong, and how many were interrupted.
fn storm(kind: &str, hidden: &[&str]) -> (usize, usize) {
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
    assert_eq!(rounds, ROUNDS);
    println!("{errors} of {} calls went wrong: {told:#?}", 4 * ROUNDS);
    assert_eq!(bench.read("home/notes.txt"), "what was there before\n");
    (errors, interrupted)
}

#[test]
fn calls_that_restart_are_performed_once() {
    if has("gcc", "storm") {
        assert_eq!(storm("restart", &[]), (0, 0));
    }
}

#[test]
fn calls_that_can_be_interrupted_are_performed_once() {
    if has("gcc", "storm") {
        assert_eq!(storm("interrupt", &[]).0, 0);
    }
}

/// Before Linux 5.19 any signal wakes the caller: the memo answers the call that is made again. The kernel itself can
/// lose an answer there: a caller that a signal has woken takes no answer, although one sent before it has the lock
/// again is reported as delivered. The threat model names it; here it may be one call in two hundred at most, where
/// without the memo it is one in twenty.
const LOST_BY_OLD_KERNELS: usize = 4 * ROUNDS / 200;

#[test]
fn without_killable_waits_calls_that_restart_are_performed_once() {
    if has("gcc", "storm") {
        assert!(storm("restart", &["--no-killable"]).0 <= LOST_BY_OLD_KERNELS);
    }
}

#[test]
fn without_killable_waits_interrupted_calls_are_performed_once() {
    if has("gcc", "storm") {
        assert!(storm("interrupt", &["--no-killable"]).0 <= LOST_BY_OLD_KERNELS);
    }
}
