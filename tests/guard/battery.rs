//! Programs that destroy, each in its own way: natively every one does, inside the guard none can, at any level.
//!
//! `tests/guard/programs/README.md` says what a program is and what counts as lost.

use serde_json::Value;

use super::bench::{Bench, has, skip};
use super::running::Running;

/// Starts the shell programs, so that the kernel answers them and not the reading of their text.
const VIA: &str = "/usr/bin/python3 -c 'import os, sys; os.execvp(sys.argv[1], sys.argv[1:])'";

/// Runs the programs whose numbers match one of the globs.
fn run(name: &str, globs: &[&str], hidden: Option<&[&str]>) {
    if !has("python3", name) || !has("gcc", name) {
        return;
    }
    let bench = Bench::new();
    let mut command = bench.harness("programs/harness.py");
    command
        .arg("--json")
        .arg("--build-dir")
        .arg(bench.workshop());
    for glob in globs {
        command.args(["--only", glob]);
    }
    if let Some(hidden) = hidden {
        command.args(["--guard", &bench.guard(hidden), "--via", VIA]);
    }
    let ran = Running::start(&mut command).end_within(600);
    let answer: Value =
        serde_json::from_str(&ran.out).unwrap_or_else(|_| panic!("{}\n{}", ran.out, ran.err));
    let results = answer["results"].as_array().unwrap();
    assert!(results.len() > 10, "{globs:?} match too little");
    for result in results.iter().filter(|result| result["verdict"] == "skip") {
        let program = result["name"].as_str().unwrap();
        skip(program, &because(result["reason"].as_str().unwrap()));
    }
    let failed = answer["failed"].as_array().unwrap();
    let shown = results
        .iter()
        .filter(|result| failed.contains(&result["name"]));
    let shown: Vec<String> = shown.map(|result| format!("{result:#}")).collect();
    assert!(failed.is_empty(), "{failed:?}\n{}", shown.join("\n"));
}

/// Turns `WORD: why` of the harness into a reason of `tests/run`.
pub(super) fn because(reason: &str) -> String {
    match reason.split_once(": ") {
        Some(("core", why)) => why.to_owned(),
        Some(("reflink", _)) => "the file system has no reflinks".to_owned(),
        Some(("userns", _)) => "user namespaces are not allowed here".to_owned(),
        Some((word, "not installed")) => format!("{word} is not installed"),
        Some((_, why)) if why.starts_with("the kernel has no") => why.to_owned(),
        Some(("pid namespace", why)) => format!("user namespaces are not allowed here: {why}"),
        Some((word, why)) => format!("this kernel does not offer {word}: {why}"),
        None => reason.to_owned(),
    }
}

/// Without a guard every program does what it is for: the battery is worth something.
mod native {
    use super::run;

    const HIDDEN: Option<&[&str]> = None;

    #[test]
    fn programs_000_to_049() {
        run("native", &["0[0-4]*"], HIDDEN);
    }

    #[test]
    fn programs_050_to_119() {
        run("native", &["0[5-9]*", "1[01]*"], HIDDEN);
    }

    #[test]
    fn programs_120_to_159() {
        run("native", &["1[2-5]*"], HIDDEN);
    }

    #[test]
    fn programs_160_to_219() {
        run("native", &["1[6-9]*", "2[01]*"], HIDDEN);
    }

    #[test]
    fn programs_220_to_259() {
        run("native", &["2[2-5]*"], HIDDEN);
    }

    #[test]
    fn programs_260_to_299() {
        run("native", &["2[6-9]*"], HIDDEN);
    }

    #[test]
    fn programs_300_to_369() {
        run("native", &["3[0-6]*"], HIDDEN);
    }

    #[test]
    fn programs_370_to_499() {
        run("native", &["3[7-9]*", "4*"], HIDDEN);
    }

    #[test]
    fn programs_500_and_above() {
        run("native", &["5*"], HIDDEN);
    }
}

/// Level A: Landlock and notification.
mod landlock {
    use super::run;

    const HIDDEN: Option<&[&str]> = Some(&[]);

    #[test]
    fn programs_000_to_049() {
        run("landlock", &["0[0-4]*"], HIDDEN);
    }

    #[test]
    fn programs_050_to_119() {
        run("landlock", &["0[5-9]*", "1[01]*"], HIDDEN);
    }

    #[test]
    fn programs_120_to_159() {
        run("landlock", &["1[2-5]*"], HIDDEN);
    }

    #[test]
    fn programs_160_to_219() {
        run("landlock", &["1[6-9]*", "2[01]*"], HIDDEN);
    }

    #[test]
    fn programs_220_to_259() {
        run("landlock", &["2[2-5]*"], HIDDEN);
    }

    #[test]
    fn programs_260_to_299() {
        run("landlock", &["2[6-9]*"], HIDDEN);
    }

    #[test]
    fn programs_300_to_369() {
        run("landlock", &["3[0-6]*"], HIDDEN);
    }

    #[test]
    fn programs_370_to_499() {
        run("landlock", &["3[7-9]*", "4*"], HIDDEN);
    }

    #[test]
    fn programs_500_and_above() {
        run("landlock", &["5*"], HIDDEN);
    }
}

/// Level B: no Landlock.
mod namespaces {
    use super::run;

    const HIDDEN: Option<&[&str]> = Some(&["--no-landlock"]);

    #[test]
    fn programs_000_to_049() {
        run("namespaces", &["0[0-4]*"], HIDDEN);
    }

    #[test]
    fn programs_050_to_119() {
        run("namespaces", &["0[5-9]*", "1[01]*"], HIDDEN);
    }

    #[test]
    fn programs_120_to_159() {
        run("namespaces", &["1[2-5]*"], HIDDEN);
    }

    #[test]
    fn programs_160_to_219() {
        run("namespaces", &["1[6-9]*", "2[01]*"], HIDDEN);
    }

    #[test]
    fn programs_220_to_259() {
        run("namespaces", &["2[2-5]*"], HIDDEN);
    }

    #[test]
    fn programs_260_to_299() {
        run("namespaces", &["2[6-9]*"], HIDDEN);
    }

    #[test]
    fn programs_300_to_369() {
        run("namespaces", &["3[0-6]*"], HIDDEN);
    }

    #[test]
    fn programs_370_to_499() {
        run("namespaces", &["3[7-9]*", "4*"], HIDDEN);
    }

    #[test]
    fn programs_500_and_above() {
        run("namespaces", &["5*"], HIDDEN);
    }
}

/// Level C: neither Landlock nor namespaces.
mod notified {
    use super::run;

    const HIDDEN: Option<&[&str]> = Some(&["--no-landlock", "--no-namespaces"]);

    #[test]
    fn programs_000_to_049() {
        run("notified", &["0[0-4]*"], HIDDEN);
    }

    #[test]
    fn programs_050_to_119() {
        run("notified", &["0[5-9]*", "1[01]*"], HIDDEN);
    }

    #[test]
    fn programs_120_to_159() {
        run("notified", &["1[2-5]*"], HIDDEN);
    }

    #[test]
    fn programs_160_to_219() {
        run("notified", &["1[6-9]*", "2[01]*"], HIDDEN);
    }

    #[test]
    fn programs_220_to_259() {
        run("notified", &["2[2-5]*"], HIDDEN);
    }

    #[test]
    fn programs_260_to_299() {
        run("notified", &["2[6-9]*"], HIDDEN);
    }

    #[test]
    fn programs_300_to_369() {
        run("notified", &["3[0-6]*"], HIDDEN);
    }

    #[test]
    fn programs_370_to_499() {
        run("notified", &["3[7-9]*", "4*"], HIDDEN);
    }

    #[test]
    fn programs_500_and_above() {
        run("notified", &["5*"], HIDDEN);
    }
}
