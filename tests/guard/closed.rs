//! The guard fails closed: whatever dies, stops or runs out, nothing is lost and one line says what to do.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use libc::{SIGCONT, SIGKILL, SIGSTOP};

use super::bench::{Bench, NOBODY, PATH, has, is_root, skip};
use super::running::{Ran, Running, state, within};

const KEPT: &str = "what was there before\n";

/// Waits for `go`, then tries everything that destroys, and says what each answered.
const DESTROYER: &str = r"
import errno, os, sys, time
open('ready', 'x').close()
while not os.path.exists('go'): time.sleep(0.005)
def attempt(what, *how):
    try: what(*how); print('done', end=' ')
    except OSError as e: print(errno.errorcode[e.errno], end=' ')
attempt(os.unlink, 'notes.txt')
attempt(os.rename, 'other.txt', 'notes.txt')
attempt(os.truncate, 'notes.txt', 0)
attempt(open, 'notes.txt', 'w')
attempt(open, 'notes.txt', 'r+')
attempt(os.mkdir, 'made')
print(len(open('notes.txt').read()))
";

/// A program inside the guard that waits for the test's word.
struct Waiting<'a> {
    bench: &'a Bench,
    running: Running,
    supervisor: i32,
    program: i32,
}

impl<'a> Waiting<'a> {
    fn start(bench: &'a Bench, text: &str) -> Self {
        bench.file("home/other.txt", "another\n");
        let running = Running::start(&mut bench.shell(&["run", "--", "python3", "-c", text]));
        let ready = bench.home().join("ready");
        within("the program does not come up", || {
            ready.exists().then_some(())
        });
        let (supervisor, program) = running.members();
        Self {
            bench,
            running,
            supervisor,
            program,
        }
    }

    fn go(&self) {
        self.bench.file("home/go", "");
    }

    /// Stops the supervisor, all of it: until one thread has taken the signal the others go on.
    fn stop(&self) {
        Running::signal(self.supervisor, SIGSTOP);
        within("the supervisor does not stop", || {
            (state(self.supervisor) == Some('T')).then_some(())
        });
    }
}

fn is_intact(bench: &Bench) {
    assert_eq!(bench.read("home/notes.txt"), KEPT);
}

/// Returns what standard error says besides denials.
fn one_line(ran: &Ran) -> &str {
    let lines: Vec<&str> = ran
        .err
        .lines()
        .filter(|line| line.starts_with("hlrp-sh: "))
        .collect();
    assert_eq!(lines.len(), 1, "{}", ran.err);
    lines[0]
}

#[test]
fn without_its_supervisor_a_program_can_only_read() {
    let bench = Bench::new();
    let waiting = Waiting::start(&bench, DESTROYER);
    Running::signal(waiting.supervisor, SIGKILL);
    within("the supervisor lives", || {
        state(waiting.supervisor)
            .is_none_or(|now| now == 'Z')
            .then_some(())
    });
    waiting.go();
    let ran = waiting.running.end().ended(0);
    let length = KEPT.len();
    assert_eq!(
        ran.out,
        format!("ENOSYS ENOSYS ENOSYS ENOSYS ENOSYS ENOSYS {length}\n")
    );
    assert!(one_line(&ran).contains("start a new one"), "{}", ran.err);
    is_intact(&bench);
    assert!(!bench.home().join("made").exists());
}

#[test]
fn a_call_that_waits_when_the_supervisor_dies_fails() {
    let bench = Bench::new();
    let waiting = Waiting::start(&bench, DESTROYER);
    waiting.stop();
    waiting.go();
    std::thread::sleep(Duration::from_millis(100));
    Running::signal(waiting.supervisor, SIGKILL);
    let ran = waiting.running.end().ended(0);
    assert!(!ran.out.contains("done"), "{}", ran.out);
    is_intact(&bench);
}

#[test]
fn while_the_supervisor_is_stopped_callers_wait() {
    let bench = Bench::new();
    let mut waiting = Waiting::start(&bench, DESTROYER);
    waiting.stop();
    waiting.go();
    std::thread::sleep(Duration::from_millis(300));
    assert!(waiting.running.is_running());
    assert!(!bench.home().join("made").exists());
    is_intact(&bench);
    Running::signal(waiting.supervisor, SIGCONT);
    let ran = waiting.running.end().ended(0);
    assert!(ran.out.starts_with("EPERM "), "{}", ran.out);
    assert!(bench.home().join("made").exists());
}

#[test]
fn a_caller_that_waits_can_be_killed() {
    let bench = Bench::new();
    let waiting = Waiting::start(&bench, DESTROYER);
    waiting.stop();
    waiting.go();
    std::thread::sleep(Duration::from_millis(100));
    Running::signal(waiting.program, SIGKILL);
    within("the caller lives", || {
        state(waiting.program)
            .is_none_or(|now| now == 'Z')
            .then_some(())
    });
    Running::signal(waiting.supervisor, SIGCONT);
    waiting.running.end().ended(128 + SIGKILL);
    is_intact(&bench);
}

#[test]
fn out_of_descriptors_nothing_is_lost_and_afterwards_all_goes_on() {
    if !has("prlimit", "out of descriptors") {
        return;
    }
    let bench = Bench::new();
    let again = "sys.stdout.flush()\nwhile not os.path.exists('again'): time.sleep(0.005)\n";
    let text = format!("{DESTROYER}{again}attempt(os.mkdir, 'later')\n");
    let waiting = Waiting::start(&bench, &text);
    let limit = |soft: &str| {
        let process = format!("--pid={}", waiting.supervisor);
        let limit = format!("--nofile={soft}:");
        let done = bench
            .command("prlimit")
            .args([process, limit])
            .status()
            .unwrap();
        assert!(done.success());
    };
    limit("1");
    waiting.go();
    std::thread::sleep(Duration::from_millis(300));
    is_intact(&bench);
    limit("1024");
    bench.file("home/again", "");
    let ran = waiting.running.end().ended(0);
    let first = ran.out.lines().next().unwrap();
    assert!(!first.contains("done"), "{}", ran.out);
    assert!(bench.home().join("later").exists(), "{}", ran.out);
}

/// Runs a program that truncates, edits and removes what was there, where the store has a fault.
fn destroy(bench: &Bench) -> Ran {
    bench.file("home/go", "");
    bench.file("home/other.txt", "another\n");
    Running::start(&mut bench.shell(&["run", "--", "python3", "-c", DESTROYER])).end()
}

/// Holds that the old text is in place or kept, and that no call that was done lost it.
fn is_kept(bench: &Bench, ran: &Ran) {
    let kept = find(&bench.home(), KEPT);
    assert!(kept, "the old text is nowhere; {}\n{}", ran.out, ran.err);
    assert!(find(&bench.home(), "another\n"), "{}\n{}", ran.out, ran.err);
}

fn find(directory: &Path, text: &str) -> bool {
    fs::read_dir(directory)
        .into_iter()
        .flatten()
        .flatten()
        .any(|entry| {
            let (path, kind) = (entry.path(), entry.file_type().unwrap());
            if kind.is_dir() {
                find(&path, text)
            } else {
                kind.is_file() && fs::read(&path).is_ok_and(|all| all == text.as_bytes())
            }
        })
}

#[test]
fn a_store_that_is_a_file_keeps_nothing_and_loses_nothing() {
    let bench = Bench::new();
    bench.file("home/.hlrp", "not a directory\n");
    let ran = destroy(&bench);
    is_kept(&bench, &ran);
    assert_eq!(bench.read("home/.hlrp"), "not a directory\n");
}

#[test]
fn a_store_that_cannot_be_written_loses_nothing() {
    let bench = Bench::new();
    let store = bench.place("home/.hlrp");
    bench.place("home/.hlrp/retained");
    for path in [store.join("retained"), store] {
        fs::set_permissions(path, Permissions::from_mode(0o555)).unwrap();
    }
    is_kept(&bench, &destroy(&bench));
}

#[test]
fn a_store_that_is_a_link_out_is_not_followed() {
    let bench = Bench::new();
    symlink(bench.path("outside"), bench.home().join(".hlrp")).unwrap();
    is_kept(&bench, &destroy(&bench));
    assert_eq!(fs::read_dir(bench.path("outside")).unwrap().count(), 1);
}

/// Fills the file system up to the last block, then edits and replaces.
const FILLER: &str = r"
import os
try:
    with open('filler', 'xb', buffering=0) as f:
        while f.write(bytes(4096)): pass
except OSError as e: print('full', e.errno)
for mode in ('r+', 'w'):
    try:
        with open('notes.txt', mode) as f: f.write('new')
    except OSError as e: print(mode, e.errno)
";

#[test]
fn a_full_store_loses_nothing() {
    let name = "a full store";
    if !is_root() {
        return skip(
            name,
            "no second file system to write to: only root mounts one",
        );
    }
    if !has("setpriv", name) || !has("unshare", name) {
        return;
    }
    let bench = Bench::new();
    let (home, program) = (bench.home(), bench.program());
    let (home, program) = (home.display(), program.display());
    // In a mount namespace of its own, so that nothing stays mounted.
    let script = format!(
        "set -e; mount -t tmpfs -o size=1m,uid={NOBODY},gid={NOBODY} tmpfs {home} || exit 99; cd {home}
        head -c 100000 /dev/urandom > notes.txt; chown {NOBODY}:{NOBODY} notes.txt; sum=$(sha256sum < notes.txt)
        setpriv --reuid={NOBODY} --regid={NOBODY} --clear-groups {program} run -- python3 -c \"$FILLER\"
        find . -type f -size +40k ! -name filler -exec sha256sum {{}} + | grep -q \"${{sum%% *}}\" && echo kept; df . | tail -n 1"
    );
    let mut command = Command::new("unshare");
    command
        .args(["-m", "bash", "-c", &script])
        .env_clear()
        .env("PATH", PATH)
        .env("HOME", bench.home())
        .env("HLRP_DSS", bench.path("group"))
        .env("FILLER", FILLER);
    let ran = Running::start(&mut command).end();
    if ran.code() == 99 || ran.err.starts_with("unshare") {
        return skip(
            name,
            "no second file system to write to: mounting is not allowed here",
        );
    }
    let ran = ran.ended(0);
    assert!(
        ran.out.starts_with("full 28\n") && ran.out.contains("\nkept\n"),
        "{}\n{}",
        ran.out,
        ran.err
    );
    assert!(
        ran.out.contains("r+ 28"),
        "an edit that cannot be kept is refused: {}",
        ran.out
    );
}

#[test]
fn with_a_policy_that_does_not_load_nothing_runs() {
    for (name, text) in [
        ("broken", "schema = 1\n[[rule]]\nid = 3\n"),
        ("unreadable", "schema = 1\n"),
        ("newer", "schema = 99\n"),
    ] {
        let bench = Bench::new();
        let policy = bench.file("home/.config/hlrp-sh/policy.toml", text);
        if name == "unreadable" {
            fs::set_permissions(&policy, Permissions::from_mode(0o000)).unwrap();
        }
        for arguments in [
            &["-c", "touch made"][..],
            &["run", "--", "touch", "made"],
            &["-c", "true"],
            &["check", "ls"],
        ] {
            let ran = bench.run(arguments).ended(78).said("").told("policy.toml");
            assert!(ran.err.lines().count() <= 3, "{name}: {}", ran.err);
            assert!(!bench.home().join("made").exists());
        }
    }
}
