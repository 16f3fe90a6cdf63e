//! Through a real sshd: as the login shell of its user, and beside another one.

mod copying;
mod door;
mod login;
mod lost;
mod near;
pub mod remote;
mod sync;
mod trust;

use std::io::Write;
use std::process::Stdio;

use crate::guard::running::Running;
use door::Door;

#[test]
fn a_line_comes_back_with_its_output_alone_and_its_status() {
    let Some(door) = Door::open("ssh-line") else {
        return;
    };
    door.line("cat notes.txt; echo $0 >&2; exit 7")
        .ended(7)
        .said("what was there before\n");
    // A signal is a signal; ssh has one number for all of them.
    door.line("kill -9 $$").ended(255).said("");
    door.line("sh -c 'kill -9 $$'; exit $?").ended(137).said("");
    door.line("nonsense-program").ended(127).said("");
    let denied = door.line("rm notes.txt").ended(77).said("");
    for part in ["fs.no-delete", "why", "instead", "more"] {
        assert!(denied.err.contains(part), "{}", denied.err);
    }
    assert_eq!(door.bench.read("home/notes.txt"), "what was there before\n");
    door.line("python3 -c 'import os; os.unlink(\"notes.txt\")' 2>/dev/null")
        .ended(1)
        .said("")
        .told("fs.no-delete");
    door.line("echo a > new.txt && cat new.txt; test -t 0; echo $?")
        .ended(0)
        .said("a\n1\n");
}

#[test]
fn what_goes_through_is_not_touched() {
    let Some(door) = Door::open("ssh-binary") else {
        return;
    };
    let bytes: Vec<u8> = (0..1_000_000_u32)
        .map(|at| (at.wrapping_mul(2_654_435_761) >> 13) as u8)
        .collect();
    let mut there = door
        .client("ssh", &["host", "cat > blob; cat blob"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = there.stdin.take().unwrap();
    let sent = bytes.clone();
    let sender = std::thread::spawn(move || input.write_all(&sent).unwrap());
    let output = there.wait_with_output().unwrap();
    sender.join().unwrap();
    assert!(output.status.success());
    assert!(output.stdout == bytes);
    assert!(std::fs::read(door.bench.path("home/blob")).unwrap() == bytes);
}

#[test]
fn lines_without_a_terminal_are_read_from_the_input() {
    let Some(door) = Door::open("ssh-input") else {
        return;
    };
    let lines = door
        .bench
        .file("lines", "x=5\ncd /usr\necho $((x + 1)) $PWD\nexit 3\n");
    let mut command = door.client("ssh", &["-T", "host"]);
    command.stdin(std::fs::File::open(lines).unwrap());
    Running::start(&mut command).end().ended(3).said("6 /usr\n");
}

#[test]
fn beside_another_login_shell_it_is_a_program() {
    let bench = crate::guard::bench::Bench::new();
    let Some(door) = Door::with("ssh-program", bench, |_| "/bin/bash".into()) else {
        return;
    };
    door.line("hlrp-sh -c 'echo in; exit 4'")
        .ended(4)
        .said("in\n");
    door.line("hlrp-sh -c 'rm notes.txt'")
        .ended(77)
        .said("")
        .told("fs.no-delete");
    door.line("printf 'a\\0b' | hlrp-sh -c 'od -An -c'")
        .ended(0)
        .said("   a  \\0   b\n");
}

#[test]
fn a_key_can_be_bound_to_it() {
    let bench = crate::guard::bench::Bench::new();
    let Some(door) = Door::with("ssh-forced", bench, |_| "/bin/bash".into()) else {
        return;
    };
    // As docs/shell.md says it.
    let forced = r#"restrict,pty,command="exec hlrp-sh ${SSH_ORIGINAL_COMMAND:+-c \"$SSH_ORIGINAL_COMMAND\"}" "#;
    let mut command = door.bench.command("ssh-keygen");
    command.args(["-q", "-t", "ed25519", "-N", "", "-f"]);
    Running::start(command.arg(door.bench.path("ssh/agent")))
        .end()
        .ended(0);
    let key = door.bench.read("ssh/agent.pub");
    door.bench.file("ssh/forced", &format!("{forced}{key}"));
    let config = door
        .bench
        .read("ssh/ssh_config")
        .replace("ssh/key", "ssh/agent");
    door.bench.file("ssh/ssh_config", &config);
    door.line("echo 'a  b'; exit 3").ended(3).said("a  b\n");
    door.line("rm notes.txt")
        .ended(77)
        .said("")
        .told("fs.no-delete");
}
