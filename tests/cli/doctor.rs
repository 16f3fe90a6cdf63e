//! What `doctor` says, as text and as JSON, where all is well and where it is not.

use serde_json::Value;

use crate::guard::bench::Bench;
use crate::guard::running::{Ran, Running};

fn findings(ran: &Ran) -> Vec<Value> {
    let value: Value = serde_json::from_str(&ran.out)
        .unwrap_or_else(|error| panic!("{error}: {}{}", ran.out, ran.err));
    assert_eq!(value["schema"], "hlrp.doctor/1");
    let findings = value["findings"].as_array().unwrap().clone();
    let healthy = findings.iter().all(|one| one["state"] != "missing");
    assert_eq!(value["healthy"], healthy);
    assert_eq!(ran.code(), i32::from(!healthy), "{}", ran.out);
    for one in &findings {
        let is_ok = one["state"] == "ok";
        assert_eq!(
            one["then"].is_null(),
            is_ok,
            "what follows, or a fix: {one}"
        );
    }
    findings
}

fn finding<'f>(findings: &'f [Value], subject: &str) -> &'f Value {
    findings
        .iter()
        .find(|one| one["subject"] == subject)
        .unwrap_or_else(|| panic!("{subject}: {findings:?}"))
}

#[test]
fn everything_is_looked_at_and_nothing_stays_behind() {
    let bench = Bench::new();
    let ran = bench.run(&["doctor"]);
    for subject in [
        "session",
        "guard",
        "landlock",
        "scopes",
        "notification",
        "wait-killable",
        "ptrace",
        "namespaces",
        "trial",
        "refusal",
        "roots",
        "dss",
        "births",
        "reflinks",
        "exchange",
        "bash",
        "slurm",
        "quota",
        "policy",
        "state",
        "audit",
        "scratch",
        "terminal",
    ] {
        let line = ran
            .out
            .lines()
            .find(|line| line.split_whitespace().nth(1) == Some(subject));
        let state = line.and_then(|line| line.split_whitespace().next());
        assert!(
            matches!(state, Some("ok" | "degraded" | "missing")),
            "{subject}: {}{}",
            ran.out,
            ran.err
        );
    }
    let names: Vec<_> = std::fs::read_dir(bench.home())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .filter(|name| name.to_string_lossy().contains("doctor"))
        .collect();
    assert!(names.is_empty(), "{names:?}");
    assert_eq!(bench.read("home/notes.txt"), "what was there before\n");
}

#[test]
fn the_guard_is_tried_for_real() {
    let bench = Bench::new();
    let findings = findings(&bench.run(&["doctor", "--json"]));
    let level = finding(&findings, "trial")["found"].as_str().unwrap();
    assert!(level.contains("level "), "{level}");
    assert_eq!(finding(&findings, "refusal")["state"], "ok");
    let refused = bench.run(&["audit", "--decision", "deny"]);
    assert!(refused.out.contains("fs.no-delete"), "{}", refused.out);
}

#[test]
fn each_level_is_told_with_what_follows() {
    let bench = Bench::new();
    let look = |hidden: &[&str]| {
        let ran = Running::start(&mut bench.hiding(hidden, &["doctor", "--json"])).end();
        findings(&ran)
    };
    let without = look(&["--no-landlock", "--no-namespaces"]);
    assert_eq!(finding(&without, "landlock")["state"], "degraded");
    assert_eq!(finding(&without, "namespaces")["state"], "degraded");
    assert_eq!(finding(&without, "trial")["state"], "degraded");
    let level = finding(&without, "trial")["found"].as_str().unwrap();
    assert!(level.ends_with("level C"), "{level}");
    assert_eq!(finding(&without, "refusal")["state"], "ok");
    let none = look(&["--no-notification"]);
    assert_eq!(finding(&none, "guard")["state"], "missing");
    assert_eq!(finding(&none, "notification")["state"], "missing");
    assert_eq!(finding(&none, "trial")["state"], "missing");
}

#[test]
fn inside_a_session_it_says_so() {
    let bench = Bench::new();
    let program = bench.program();
    let words = ["run", "--", program.to_str().unwrap(), "doctor", "--json"];
    let findings = findings(&bench.run(&words));
    assert_eq!(finding(&findings, "session")["state"], "degraded");
    assert_eq!(finding(&findings, "trial")["state"], "degraded");
}

#[test]
fn a_policy_that_does_not_load_and_a_dss_that_is_not_ours_are_missing() {
    let bench = Bench::new();
    let mut shell = bench.shell(&["doctor", "--json"]);
    let ran = Running::start(shell.env("HLRP_DSS", "/etc")).end();
    let found = findings(&ran);
    let dss = finding(&found, "dss");
    assert_eq!(dss["state"], "missing");
    assert!(dss["then"].as_str().unwrap().contains("export HLRP_DSS="));
    bench.file("home/.config/hlrp-sh/policy.toml", "schema = \n");
    let found = findings(&bench.run(&["doctor", "--json"]));
    let broken: Vec<&Value> = found
        .iter()
        .filter(|one| one["state"] == "missing")
        .collect();
    assert_eq!(broken.len(), 1, "{broken:?}");
    let text = broken[0]["found"].as_str().unwrap();
    assert!(text.contains("policy.toml:1"), "{text}");
}
