//! As a shell: status, signals, streams, arguments and what is left behind are those of the program itself.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;
use std::time::Duration;

use crate::guard::bench::Bench;
use crate::guard::running::{Running, within};

#[test]
fn the_status_is_the_childs_own() {
    let bench = Bench::new();
    bench.file("home/plain.txt", "no program\n");
    for (line, status) in [
        ("true", 0),
        ("false", 1),
        ("exit 3", 3),
        ("exit 255", 255),
        ("(exit 7)", 7),
        ("./plain.txt", 126),
        ("no-such-program", 127),
        ("rm notes.txt", 77),
        ("ls; rm notes.txt", 77),
        ("if then", 2),
    ] {
        let ran = bench.line(line);
        assert_eq!(ran.code(), status, "{line}: {}{}", ran.out, ran.err);
    }
    for (words, status) in [
        (&["true"][..], 0),
        (&["false"], 1),
        (&["./plain.txt"], 126),
        (&["no-such-program"], 127),
        (&["./no/such"], 127),
        (&["rm", "notes.txt"], 77),
    ] {
        let ran = bench.run(&[&["run", "--"], words].concat());
        assert_eq!(ran.code(), status, "{words:?}: {}{}", ran.out, ran.err);
    }
    assert_eq!(bench.run(&["./no/such/script"]).code(), 127);
    bench.run(&["-c"]).ended(2);
    bench.run(&["run"]).ended(2);
    bench.file("home/.config/hlrp-sh/policy.toml", "schema = \n");
    bench.line("true").ended(78);
}

#[test]
fn death_by_a_signal_is_128_and_its_number() {
    let bench = Bench::new();
    let text = "import os, signal, sys
n = int(sys.argv[1])
if n not in (9, 19): signal.signal(n, signal.SIG_DFL)
os.kill(os.getpid(), n)";
    let deadly = (1..=31).filter(|number| !matches!(number, 17..=23 | 28));
    for number in deadly {
        let words = ["run", "--", "python3", "-c", text, &number.to_string()];
        bench.run(&words).ended(128 + number).said("");
    }
}

#[test]
fn signals_are_passed_on() {
    let bench = Bench::new();
    for (signal, name) in [
        (libc::SIGTERM, "TERM"),
        (libc::SIGHUP, "HUP"),
        (libc::SIGINT, "INT"),
        (libc::SIGUSR1, "USR1"),
    ] {
        let ready = bench.home().join(name);
        let line = format!(
            "trap 'echo caught; exit 9' {name}; touch {name}; while :; do sleep 0.02; done"
        );
        let running = Running::start(&mut bench.shell(&["-c", &line]));
        within("the line does not start", || ready.exists().then_some(()));
        Running::signal(running.front(), signal);
        running.end().ended(9).said("caught\n");
    }
    let running = Running::start(&mut bench.shell(&["-c", "touch up; exec sleep 100"]));
    within("the line does not start", || {
        bench.home().join("up").exists().then_some(())
    });
    Running::signal(running.front(), libc::SIGTERM);
    running.end().ended(128 + libc::SIGTERM);
}

#[test]
fn what_goes_on_in_the_background_is_not_waited_for() {
    let bench = Bench::new();
    let ran = bench
        .line("(sleep 2; echo done > late) >/dev/null 2>&1 & echo x")
        .ended(0)
        .said("x\n");
    assert!(ran.took < Duration::from_millis(1800), "{:?}", ran.took);
    let late = bench.home().join("late");
    assert!(!late.exists());
    within("the background does not go on", || {
        fs::read_to_string(&late)
            .ok()
            .filter(|text| text == "done\n")
    });
}

#[test]
fn standard_input_passes_through() {
    let bench = Bench::new();
    for (arguments, said) in [
        (&["-c", "cat"][..], "one\ntwo\n"),
        (&["-c", "read first; echo $first; cat"], "one\ntwo\n"),
        (&["-c", "read first; echo $first"], "one\n"),
        (&["run", "--", "wc", "-l"], "2\n"),
    ] {
        let input = bench.file("input", "one\ntwo\n");
        let mut command = bench.shell(arguments);
        command.stdin(File::open(input).unwrap());
        Running::start(&mut command).end().ended(0).said(said);
    }
    // What was not read is still there for the next.
    let program = bench.program();
    let mut command = bench.command("bash");
    let script = format!(
        "{0} -c 'read x; echo $x'; {0} -c 'read x; echo $x'",
        program.display()
    );
    command
        .args(["-c", &script])
        .stdin(File::open(bench.path("input")).unwrap());
    Running::start(&mut command).end().said("one\ntwo\n");
}

#[test]
fn pipes_end_as_without_the_guard() {
    let bench = Bench::new();
    let program = bench.program();
    let program = program.display();
    for (script, said) in [
        (format!("yes | {program} run -- head -n 1"), "y\n"),
        (format!("yes | {program} -c 'head -n 1'"), "y\n"),
        (format!("{program} run -- yes | head -n 1"), "y\n"),
        (format!("{program} -c 'yes | head -n 1'"), "y\n"),
        (
            format!("{program} -c yes | {program} -c 'head -n 2' | {program} -c 'wc -l'"),
            "2\n",
        ),
        (
            format!("set -o pipefail; {program} run -- yes | head -n 1 >/dev/null; echo $?"),
            "141\n",
        ),
    ] {
        let mut command = bench.command("bash");
        command.args(["-c", &script]);
        let ran = Running::start(&mut command).end();
        assert_eq!(ran.out, said, "{script}: {}", ran.err);
    }
}

#[test]
fn output_keeps_its_order_and_is_not_held_back() {
    let bench = Bench::new();
    let log = bench.file("log", "");
    let both = File::options().append(true).open(&log).unwrap();
    let mut command = bench.shell(&["-c", "echo 1; echo 2 >&2; ls notes.txt; echo 3 >&2; echo 4"]);
    let mut child = command
        .stdout(both.try_clone().unwrap())
        .stderr(both)
        .spawn()
        .unwrap();
    assert!(child.wait().unwrap().success());
    assert_eq!(bench.read("log"), "1\n2\nnotes.txt\n3\n4\n");

    let mut command = bench.shell(&["-c", "echo first; read answer; echo $answer"]);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert_eq!(lines.next().unwrap().unwrap(), "first");
    child.stdin.take().unwrap().write_all(b"second\n").unwrap();
    assert_eq!(lines.next().unwrap().unwrap(), "second");
    assert!(lines.next().is_none());
    assert!(child.wait().unwrap().success());
}

#[test]
fn arguments_arrive_as_in_bash() {
    let bench = Bench::new();
    bench
        .run(&["-c", "echo $0-$1-$2-$#", "zero", "a b", ""])
        .said("zero-a b--2\n");
    bench
        .run(&["-c", "printf '<%s>' \"$@\"", "zero", "a  b", "*", "$x"])
        .said("<a  b><*><$x>");
    bench.run(&["-c", "echo $0"]).said("bash\n");
    bench
        .run(&["-ec", "false; echo not reached"])
        .ended(1)
        .said("");
    bench.file("home/script.sh", "echo $0 $1 $#; exit 4\n");
    bench
        .run(&["./script.sh", "one", "two"])
        .ended(4)
        .said("./script.sh one 2\n");
    bench.file("home/-odd", "echo odd\n");
    bench.run(&["--", "-odd"]).ended(0).said("odd\n");
    bench
        .run(&["run", "--", "printf", "%s|", "a b", "--json", "-c"])
        .said("a b|--json|-c|");
}

#[test]
fn the_environment_is_the_callers_but_for_its_scratch() {
    let bench = Bench::new();
    let mut command = bench.shell(&["run", "--", "env"]);
    command.env("MINE", "kept").env("TMPDIR", "/somewhere");
    let ran = Running::start(&mut command).end().ended(0);
    let has = |entry: &str| ran.out.lines().any(|line| line == entry);
    assert!(
        has("MINE=kept") && has(&format!("HOME={}", bench.home().display())),
        "{}",
        ran.out
    );
    assert!(!has("TMPDIR=/somewhere"), "{}", ran.out);
}

#[test]
fn scratch_is_ones_own_and_is_gone_afterwards() {
    let bench = Bench::new();
    let ran = bench.line(
        "stat -c '%a %n' $TMPDIR; mkdir -p $TMPDIR/a/b; mktemp >/dev/null; echo x > $TMPDIR/a/b/c",
    );
    let ran = ran.ended(0);
    let (mode, scratch) = ran.out.trim().split_once(' ').unwrap();
    assert_eq!(mode, "700");
    assert!(scratch.starts_with("/tmp/hlrp-"), "{scratch}");
    within("scratch is left", || {
        (!fs::exists(scratch).unwrap()).then_some(())
    });
    // The same where nothing could be started, was denied, or was killed.
    for line in ["no-such-program", "rm notes.txt", "kill -9 $$"] {
        bench.line(line);
    }
    let mine = |entry: fs::DirEntry| {
        let name = entry.file_name();
        let id = name
            .to_string_lossy()
            .strip_prefix("hlrp-")
            .unwrap_or_default()
            .to_owned();
        !id.is_empty() && fs::exists(bench.home().join(".hlrp/retained").join(id)).unwrap_or(false)
    };
    assert!(!fs::read_dir("/tmp").unwrap().flatten().any(mine));
}

/// Go's module cache is read-only, directories too.
#[test]
fn what_is_read_only_in_scratch_goes_too() {
    let bench = Bench::new();
    let line =
        "mkdir -p $TMPDIR/go/mod; echo x > $TMPDIR/go/mod/x; chmod -R a-w $TMPDIR/go; echo $TMPDIR";
    let scratch = bench.line(line).ended(0).out.trim().to_owned();
    within("scratch is left", || {
        (!fs::exists(&scratch).unwrap()).then_some(())
    });
}

#[test]
fn inside_the_guard_the_inner_one_judges_and_the_outer_one_enforces() {
    let bench = Bench::new();
    let program = bench.program();
    let program = program.display();
    let nested = |line: &str| bench.line(&format!("{program} -c '{line}'"));
    nested("echo in; echo $TMPDIR").ended(0);
    nested("exit 5").ended(5);
    nested("rm notes.txt").ended(77).told("fs.no-delete");
    let ran = nested("python3 -c \"import os; os.remove(\\\"notes.txt\\\")\"").ended(1);
    assert!(ran.err.contains("PermissionError"), "{}", ran.err);
    assert_eq!(bench.read("home/notes.txt"), "what was there before\n");
    let session = |ran: &str| ran.lines().collect::<std::collections::BTreeSet<_>>().len();
    let ran = bench.line(&format!("echo $TMPDIR; {program} -c 'echo $TMPDIR'"));
    assert_eq!(
        session(&ran.out),
        1,
        "one session, one scratch: {}",
        ran.out
    );
}
