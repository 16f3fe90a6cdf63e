//! Every level of the guard refuses the same things, each by its own means, and says what it is.

use super::bench::{Bench, has};
use super::running::{Ran, Running};

/// What the levels A, B and C do not hide, and what a creation outside the roots answers: Landlock says `EACCES`, a
/// read-only mount `EROFS`, the supervisor what it says at any level.
const LEVELS: [(&str, &[&str], &[&str]); 3] = [
    ("A", &[], &["EACCES"]),
    ("B", &["--no-landlock"], &["EROFS"]),
    (
        "C",
        &["--no-landlock", "--no-namespaces"],
        &["EACCES", "EPERM"],
    ),
];

const PROBE: &str = r"
import errno, os, sys
def attempt(what, *how):
    try: what(*how); print('done')
    except OSError as e: print(errno.errorcode[e.errno])
outside = sys.argv[1]
new = os.O_CREAT | os.O_EXCL | os.O_WRONLY
attempt(os.open, outside + '/new', new, 0o644)
attempt(os.unlink, outside + '/other.txt')
attempt(os.truncate, outside + '/other.txt', 0)
attempt(os.chmod, outside + '/other.txt', 0o777)
attempt(os.unlink, 'notes.txt')
attempt(os.open, 'new', new, 0o644)
attempt(os.unlink, 'new')
attempt(os.kill, int(sys.argv[2]), 0)
print(os.readlink('/proc/self/ns/mnt'))
";

fn probe(bench: &Bench, hidden: &[&str]) -> Ran {
    let outside = bench.path("outside");
    let us = std::process::id().to_string();
    let words = [
        "run",
        "--",
        "python3",
        "-c",
        PROBE,
        outside.to_str().unwrap(),
        &us,
    ];
    Running::start(&mut bench.hiding(hidden, &words))
        .end()
        .ended(0)
}

#[test]
fn every_level_refuses_the_same_by_its_own_means() {
    if !has("python3", "levels") {
        return;
    }
    for (level, hidden, outside) in LEVELS {
        let bench = Bench::new();
        let ran = probe(&bench, hidden);
        let answers: Vec<&str> = ran.out.lines().collect();
        assert!(outside.contains(&answers[0]), "{level}: {answers:?}");
        for answer in &answers[1..5] {
            assert!(
                matches!(*answer, "EACCES" | "EPERM" | "EROFS"),
                "{level}: {answers:?}"
            );
        }
        assert_eq!(
            answers[5..7],
            ["done", "done"],
            "{level}: what it made itself is its own"
        );
        assert_eq!(answers[7], "EPERM", "{level}: signals stay inside");
        let ours = std::fs::read_link("/proc/self/ns/mnt").unwrap();
        assert_eq!(
            ours.to_str() != Some(answers[8]),
            level == "B",
            "{level}: {answers:?}"
        );
        assert_eq!(bench.read("outside/other.txt"), "somebody else's\n");
        assert_eq!(bench.read("home/notes.txt"), "what was there before\n");
    }
}

#[test]
fn at_every_level_what_is_replaced_comes_back() {
    for (level, hidden, _) in LEVELS {
        let bench = Bench::new();
        let line = "echo 1 > notes.txt; python3 -c 'open(\"notes.txt\", \"a\").write(\"2\\n\")'";
        Running::start(&mut bench.hiding(hidden, &["-c", line]))
            .end()
            .ended(0)
            .said("");
        assert_eq!(bench.read("home/notes.txt"), "1\n2\n", "{level}");
        bench.run(&["restore", "notes.txt"]).ended(0);
        let names = std::fs::read_dir(bench.home()).unwrap().flatten();
        let texts = names.filter_map(|entry| std::fs::read_to_string(entry.path()).ok());
        assert!(
            texts
                .into_iter()
                .any(|text| text == "what was there before\n"),
            "{level}"
        );
    }
}

#[test]
fn without_notification_only_reading_runs() {
    let bench = Bench::new();
    let hidden = ["--no-notification"];
    let run = |arguments: &[&str]| Running::start(&mut bench.hiding(&hidden, arguments)).end();
    run(&["-c", "cat notes.txt"])
        .ended(0)
        .said("what was there before\n");
    run(&["-c", "ls | wc -l; grep before notes.txt"]).ended(0);
    run(&["run", "--", "cat", "notes.txt"]).ended(0);
    for arguments in [
        &["-c", "touch made"][..],
        &["-c", "echo x > made"],
        &["-c", "python3 -c 'open(\"made\", \"w\")'"],
        &["-c", "x=touch; $x made"],
        &["-c", "ls; ./made.sh"],
        &["run", "--", "python3", "-c", "open('made', 'w')"],
        &["run", "--", "touch", "made"],
    ] {
        let ran = run(arguments);
        // Refused by the law (`guard.absent`), or by the launch.
        assert!(
            matches!(ran.code(), 77 | 125),
            "{arguments:?}: {} {}",
            ran.code(),
            ran.err
        );
        assert_eq!(ran.out, "", "{arguments:?}");
        assert!(
            ran.err.contains("hlrp-sh doctor"),
            "{arguments:?}: {}",
            ran.err
        );
        assert!(!bench.home().join("made").exists(), "{arguments:?}");
    }
    bench.run(&["policy", "explain", "guard.absent"]).ended(0);
}
