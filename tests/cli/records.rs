//! What a session leaves on record: the lines of the README, what is kept, what the audit says, and all of it as JSON.

use serde_json::Value;

use crate::guard::bench::Bench;
use crate::guard::running::Ran;

/// A home as the README has it.
fn readme() -> Bench {
    let bench = Bench::new();
    bench.file("home/thesis.tex", "the thesis\n");
    bench.file("home/runs/a/checkpoint.pt", "weights\n");
    bench
}

const SECOND: &str = r#"echo 1 > notes.txt; python3 -c "import os; os.remove(\"thesis.tex\")""#;

fn answers(ran: &Ran) -> Vec<Value> {
    let values = serde_json::Deserializer::from_str(&ran.out).into_iter::<Value>();
    values
        .map(|value| value.unwrap_or_else(|error| panic!("{error}: {}", ran.out)))
        .collect()
}

#[test]
fn of_the_first_line_of_the_readme_nothing_runs() {
    let bench = readme();
    bench
        .line("ls; rm -rf runs")
        .ended(77)
        .said("")
        .told("denied  fs.no-delete")
        .told("hlrp-sh archive runs");
    assert_eq!(bench.read("home/runs/a/checkpoint.pt"), "weights\n");
}

#[test]
fn the_second_line_runs_and_what_it_replaced_comes_back() {
    let bench = readme();
    bench
        .line(SECOND)
        .ended(1)
        .told("PermissionError")
        .told("fs.no-delete")
        .told("thesis.tex");
    assert_eq!(bench.read("home/thesis.tex"), "the thesis\n");
    assert_eq!(bench.read("home/notes.txt"), "1\n");
    let kept = bench.run(&["retained"]).ended(0);
    assert!(kept.out.contains("notes.txt"), "{}", kept.out);
    bench.run(&["restore", "notes.txt"]).ended(0);
    let names = std::fs::read_dir(bench.home()).unwrap().flatten();
    let back = names.filter(|entry| {
        entry.file_name().to_string_lossy().starts_with("notes")
            && std::fs::read_to_string(entry.path())
                .is_ok_and(|text| text == "what was there before\n")
    });
    assert_eq!(
        back.count(),
        1,
        "the old notes are beside the new ones, or in their place"
    );
    bench.run(&["audit", "verify"]).ended(0);
}

#[test]
fn every_record_parses_as_json() {
    let bench = readme();
    bench.line(SECOND).ended(1);
    bench.line("rm notes.txt").ended(77);
    for arguments in [
        &["retained"][..],
        &["diff"],
        &["audit"],
        &["audit", "verify"],
        &["context"],
        &["restore", "notes.txt"],
        &["archive", "runs"],
        &["retained"],
        &["check", "rm notes.txt"],
        &["check", "ls"],
    ] {
        let ran = bench.run(&[&["--json"], arguments].concat());
        let answers = answers(&ran);
        assert!(!answers.is_empty(), "{arguments:?}: {}", ran.err);
        for answer in answers {
            let schema = answer["schema"].as_str().unwrap_or_default();
            assert!(schema.starts_with("hlrp."), "{arguments:?}: {answer}");
        }
    }
    bench.run(&["audit", "verify"]).ended(0);
}

#[test]
fn an_agent_reads_its_denials_as_json() {
    let bench = readme();
    for line in ["rm notes.txt", SECOND] {
        let mut command = bench.shell(&["-c", line]);
        command.env("HLRP_AGENT", "somebody");
        let ran = crate::guard::running::Running::start(&mut command).end();
        let denial = ran
            .err
            .lines()
            .find_map(|line| serde_json::from_str::<Value>(line).ok());
        let denial = denial.unwrap_or_else(|| panic!("{line}: {}", ran.err));
        assert_eq!(denial["rule"], "fs.no-delete", "{denial}");
    }
}

#[test]
fn the_audit_tells_what_was_done_and_what_was_refused() {
    let bench = readme();
    bench.line(SECOND).ended(1);
    bench.line("rm -rf runs").ended(77);
    let told = bench.run(&["audit"]).ended(0).out;
    for word in ["notes.txt", "thesis.tex", "runs"] {
        assert!(told.contains(word), "no {word} in\n{told}");
    }
}
