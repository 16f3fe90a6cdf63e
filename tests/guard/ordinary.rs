//! Ordinary work does not notice the guard: the same output, the same status, the same tree.

use serde_json::Value;

use super::battery::because;
use super::bench::{Bench, has, is_root, skip};
use super::running::Running;

fn run(name: &str, globs: &[&str], hidden: &[&str]) {
    if !has("python3", name) {
        return;
    }
    let bench = Bench::new();
    let mut command = bench.harness("ordinary/ordinary.py");
    command.args(["--json", "--guard", &bench.guard(hidden)]);
    for glob in globs {
        command.args(["--only", glob]);
    }
    let mut command = bench.with_toolchain(command);
    let ran = Running::start(&mut command).end_within(600);
    let answer: Value =
        serde_json::from_str(&ran.out).unwrap_or_else(|_| panic!("{}\n{}", ran.out, ran.err));
    let results = answer["results"].as_array().unwrap();
    assert!(results.len() > 4, "{globs:?} match too little");
    let mut differing = Vec::new();
    for result in results {
        let script = result["name"].as_str().unwrap();
        match result["verdict"].as_str().unwrap() {
            "equal" => {}
            "skip" => skip(script, &reason(result["reason"].as_str().unwrap())),
            _ => differing.push(format!("{result:#}")),
        }
    }
    assert!(differing.is_empty(), "{}", differing.join("\n"));
}

fn reason(said: &str) -> String {
    match said {
        "cargo: not installed" if is_root() => {
            "the toolchain is out of the unprivileged user's reach".to_owned()
        }
        _ => because(said),
    }
}

/// Level A.
mod landlock {
    use super::run;

    const HIDDEN: &[&str] = &[];

    #[test]
    fn scripts_01_to_08() {
        run("landlock", &["0[1-8]*"], HIDDEN);
    }

    #[test]
    fn scripts_09_to_16() {
        run("landlock", &["09*", "1[0-6]*"], HIDDEN);
    }

    #[test]
    fn scripts_17_to_24() {
        run("landlock", &["1[7-9]*", "2[0-4]*"], HIDDEN);
    }

    #[test]
    fn scripts_25_to_34() {
        run("landlock", &["2[5-9]*", "3[0-4]*"], HIDDEN);
    }

    #[test]
    fn scripts_35_and_above() {
        run("landlock", &["3[5-9]*", "[4-9]*"], HIDDEN);
    }
}

/// Level B. Script 24 debugs: without Landlock tracing cannot be kept inside, and is refused.
mod namespaces {
    use super::run;

    const HIDDEN: &[&str] = &["--no-landlock"];

    #[test]
    fn scripts_01_to_08() {
        run("namespaces", &["0[1-8]*"], HIDDEN);
    }

    #[test]
    fn scripts_09_to_16() {
        run("namespaces", &["09*", "1[0-6]*"], HIDDEN);
    }

    #[test]
    fn scripts_17_to_23() {
        run("namespaces", &["1[7-9]*", "2[0-3]*"], HIDDEN);
    }

    #[test]
    fn scripts_25_to_34() {
        run("namespaces", &["2[5-9]*", "3[0-4]*"], HIDDEN);
    }

    #[test]
    fn scripts_35_and_above() {
        run("namespaces", &["3[5-9]*", "[4-9]*"], HIDDEN);
    }
}

/// Level C, again without script 24.
mod notified {
    use super::run;

    const HIDDEN: &[&str] = &["--no-landlock", "--no-namespaces"];

    #[test]
    fn scripts_01_to_08() {
        run("notified", &["0[1-8]*"], HIDDEN);
    }

    #[test]
    fn scripts_09_to_16() {
        run("notified", &["09*", "1[0-6]*"], HIDDEN);
    }

    #[test]
    fn scripts_17_to_23() {
        run("notified", &["1[7-9]*", "2[0-3]*"], HIDDEN);
    }

    #[test]
    fn scripts_25_to_34() {
        run("notified", &["2[5-9]*", "3[0-4]*"], HIDDEN);
    }

    #[test]
    fn scripts_35_and_above() {
        run("notified", &["3[5-9]*", "[4-9]*"], HIDDEN);
    }
}
