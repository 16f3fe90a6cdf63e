//! `hlrp-sh remote HOST`: a connection that stays, our program over there, one command there.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use super::door::Door;
use crate::guard::bench::{Bench, PATH, has, skip};
use crate::guard::running::{Ran, Running, within};
use crate::shell_editor::terminal::Terminal;

const BEFORE: &str = "what was there before\n";

/// A machine with bash as login shell, where our program is on `PATH`.
fn open(name: &str) -> Option<Door> {
    Door::with(name, Bench::new(), |_| "/bin/bash".into())
}

/// Our program on this side, with sockets and state of this test's own.
pub fn near(door: &Door, words: &[&str]) -> Command {
    let runtime = door.bench.place("run");
    std::fs::set_permissions(&runtime, PermissionsExt::from_mode(0o700)).unwrap();
    let mut command = door.near(words);
    command
        .env("XDG_RUNTIME_DIR", runtime)
        .env("XDG_STATE_HOME", door.bench.place("home/.near-state"));
    command
}

fn remote(door: &Door, words: &[&str]) -> Ran {
    let mut all = vec!["remote"];
    all.extend(words);
    Running::start(&mut near(door, &all)).end()
}

/// The same on a terminal of its own.
pub fn on_terminal(command: &Command) -> Terminal {
    let mut outer = Command::new("setsid");
    outer
        .args(["-c", "-w"])
        .arg(command.get_program())
        .args(command.get_args())
        .env_clear()
        .current_dir("/");
    for (name, value) in command.get_envs() {
        outer.env(name, value.unwrap_or_default());
    }
    outer.env("PATH", PATH).env("TERM", "xterm-256color");
    Terminal::start(outer, 100, 30)
}

/// Kills the master of the one open connection, by the process that itself names.
pub fn cut(door: &Door) {
    let sockets = door.bench.path("run/hlrp-sh-ssh");
    let found = std::fs::read_dir(sockets).unwrap().flatten();
    let found: Vec<_> = found.filter(|entry| entry.file_name() != "lock").collect();
    let [socket] = &found[..] else {
        panic!("{found:?}");
    };
    let mut command = Command::new("ssh");
    command.args(["-O", "check", "-S"]).arg(socket.path());
    let said = command.arg("host").output().unwrap();
    let said = String::from_utf8(said.stderr).unwrap();
    let process = said
        .split("pid=")
        .nth(1)
        .unwrap_or_else(|| panic!("{said}"));
    let process: i32 = process.split(')').next().unwrap().parse().unwrap();
    Running::signal(process, 9);
    within("the master goes on", || {
        (!Path::new(&format!("/proc/{process}/fd/0")).exists()).then_some(())
    });
}

#[test]
fn a_command_comes_back_as_it_is() {
    let Some(door) = open("remote-command") else {
        return;
    };
    remote(
        &door,
        &["host", "--", "-c", "cat notes.txt; printf e >&2; exit 7"],
    )
    .ended(7)
    .said(BEFORE);
    let line =
        r#"python3 -c 'import sys; sys.stdout.buffer.write(bytes(range(256)) * 999)' | sha256sum"#;
    let sum = door.line(line).out;
    let there = remote(
        &door,
        &["host", "--", "-c", &line.replace(" | sha256sum", "")],
    );
    assert!(there.out.len() > 200_000, "{}", there.out.len());
    assert_eq!(remote(&door, &["host", "--", "-c", line]).out, sum);
    remote(&door, &["host", "--", "-c", "rm notes.txt"])
        .ended(77)
        .said("")
        .told("fs.no-delete");
    let hidden = "python3 -c 'import os; os.unlink(\"notes.txt\")' 2>/dev/null";
    remote(&door, &["host", "--", "-c", hidden])
        .ended(1)
        .told("fs.no-delete");
    assert_eq!(door.bench.read("home/notes.txt"), BEFORE);
    // Words reach it as they are.
    let odd = "it's \"$HOME\" `x` \\ *\n-n";
    remote(&door, &["host", "--", "run", "--", "printf", "%s", odd])
        .ended(0)
        .said(odd);
    // What another connection would ask for, nobody is asked for: it is the same.
    cut(&door);
    remote(&door, &["host", "--", "-c", "echo again"])
        .ended(0)
        .said("again\n");
    remote(&door, &["host", "-C", "/nowhere", "--", "-c", "echo x"]).ended(1);
    remote(&door, &["host", "-C", "/usr", "--", "-c", "pwd"])
        .ended(0)
        .said("/usr\n");
    remote(&door, &["nobody.invalid", "--", "jobs"])
        .ended(69)
        .told("cannot be reached");
}

#[test]
fn hostile_names_are_refused_before_anything_runs() {
    let Some(door) = open("remote-names") else {
        return;
    };
    for bad in [
        "-oProxyCommand=touch made",
        "--",
        "a b",
        "a\nb",
        "$(touch made)",
        "`touch made`",
        "x;touch made",
        "me@-oProxyCommand=touch made",
        "a\u{1b}[31m",
        "../x",
    ] {
        for words in [vec!["remote", bad], vec!["jobs", "--host", bad]] {
            let ran = Running::start(&mut near(&door, &words)).end();
            assert_eq!(ran.code(), 2, "{bad:?}: {}", ran.err);
        }
        let mut command = near(&door, &["jobs", &format!("--host={bad}")]);
        Running::start(&mut command).end().ended(2);
    }
    assert!(!door.bench.path("home/made").exists());
    assert!(!door.bench.path("run/hlrp-sh-ssh").exists());
}

#[test]
fn sockets_in_somebody_elses_directory_are_not_used() {
    let Some(door) = open("remote-sockets") else {
        return;
    };
    let place = door.bench.place("run/hlrp-sh-ssh");
    std::fs::set_permissions(&place, PermissionsExt::from_mode(0o777)).unwrap();
    remote(&door, &["host", "--", "-c", "echo x"])
        .ended(70)
        .said("")
        .told("others may enter it");
}

/// A static program that answers as ours does, and says how it was called.
const STATIC: &str = r#"
#include <stdio.h>
#include <string.h>
int main(int count, char **words) {
    if (count > 2 && !strcmp(words[1], "far"))
        puts("{\"schema\":\"hlrp.far/1\",\"protocol\":1,\"version\":\"0.1.0\"}");
    else
        for (int at = 1; at < count; at++) printf("%s|", words[at]);
    return 0;
}
"#;

fn build(door: &Door) -> Option<String> {
    if !has("cc", "remote-static") {
        return None;
    }
    let source = door.bench.file("static.c", STATIC);
    let program = door.bench.path("static");
    let mut command = Command::new("cc");
    command
        .args(["-static", "-O1", "-o"])
        .arg(&program)
        .arg(source);
    if !command.output().unwrap().status.success() {
        skip("remote-static", "cc makes no static programs");
        return None;
    }
    Some(program.to_str().unwrap().to_owned())
}

#[test]
fn our_program_is_put_there_once_and_never_over_another() {
    let Some(door) = Door::without_program("remote-install") else {
        return;
    };
    let Some(program) = build(&door) else { return };
    remote(&door, &["host", "--", "jobs"])
        .ended(1)
        .told("there is no hlrp-sh on host");
    // Nobody can be asked.
    remote(&door, &["host", "--binary", &program, "--", "jobs"])
        .ended(1)
        .told("--install");
    // What needs libraries, or is no program, is not sent.
    for bad in ["/bin/bash", "/etc/passwd", "/nowhere"] {
        let ran = remote(&door, &["host", "--install", "--binary", bad, "--", "jobs"]);
        assert!(ran.code() != 0);
    }
    assert!(!door.bench.path("home/.local").exists());
    // What has the name already is kept.
    door.bench
        .file("home/.local/bin/hlrp-sh", "#!/bin/sh\nexit 3\n");
    let place = door.bench.path("home/.local/bin/hlrp-sh");
    std::fs::set_permissions(&place, PermissionsExt::from_mode(0o755)).unwrap();
    remote(
        &door,
        &[
            "host",
            "--install",
            "--binary",
            &program,
            "--",
            "jobs",
            "a b",
        ],
    )
    .ended(0)
    .said("jobs|a b|")
    .told("hlrp-sh is on host");
    let versions = door.bench.path("home/.local/share/hlrp-sh/versions");
    let names = || -> Vec<String> {
        let names = std::fs::read_dir(&versions).unwrap().flatten();
        let mut names: Vec<_> = names
            .map(|one| one.file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    };
    let [version, found] = &names()[..] else {
        panic!("{:?}", names());
    };
    let kept = std::fs::read_to_string(versions.join(found).join("hlrp-sh")).unwrap();
    assert_eq!(kept, "#!/bin/sh\nexit 3\n");
    let there = versions.join(version).join("hlrp-sh");
    assert_eq!(
        std::fs::read_link(&place).unwrap().canonicalize().ok(),
        None
    );
    assert_eq!(place.canonicalize().unwrap(), there);
    assert!(std::fs::read(&there).unwrap() == std::fs::read(&program).unwrap());
    // Once: nothing more is asked, and nothing more is made.
    remote(&door, &["host", "--", "jobs"])
        .ended(0)
        .said("jobs|");
    remote(
        &door,
        &["host", "--install", "--binary", &program, "--", "jobs"],
    )
    .ended(0);
    assert_eq!(names().len(), 2);
    // A tampered copy is told, and neither called by us nor written over.
    std::fs::set_permissions(&there, PermissionsExt::from_mode(0o755)).unwrap();
    let mut bytes = std::fs::read(&there).unwrap();
    bytes.push(b'x');
    std::fs::write(&there, &bytes).unwrap();
    remote(
        &door,
        &["host", "--install", "--binary", &program, "--", "jobs"],
    )
    .ended(69)
    .said("")
    .told("is not what it is named after");
    assert!(std::fs::read(&there).unwrap() == bytes);
}

#[test]
fn a_person_is_asked_before_our_program_is_put_there() {
    let Some(door) = Door::without_program("remote-ask") else {
        return;
    };
    let Some(program) = build(&door) else { return };
    for (answer, is_there) in [("n\r", false), ("y\r", true)] {
        let command = near(
            &door,
            &["remote", "host", "--binary", &program, "--", "jobs"],
        );
        let mut terminal = on_terminal(&command);
        terminal.until("Put it there?");
        terminal.keys(answer);
        let ended = terminal.end();
        assert_eq!(ended == Some(0), is_there, "{ended:?}");
        let place = door.bench.path("home/.local/bin/hlrp-sh");
        assert_eq!(place.exists(), is_there);
    }
}

#[test]
fn another_protocol_is_told_and_not_spoken() {
    for (said, told) in [
        (
            r#"{"schema":"hlrp.far/1","protocol":77,"version":"9"}"#,
            "speaks version 77",
        ),
        ("usage: hlrp-sh", "does not answer"),
    ] {
        let Some(door) = Door::without_program("remote-version") else {
            return;
        };
        let fake = format!("#!/bin/sh\n[ \"$1\" = far ] && echo '{said}' && exit 0\ntouch made\n");
        let path = door.bench.file("home/.local/bin/hlrp-sh", &fake);
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).unwrap();
        let ran = remote(&door, &["host", "--", "jobs"]);
        assert!(ran.code() != 0);
        ran.told(told);
        assert!(!door.bench.path("home/made").exists());
    }
}

#[test]
fn a_far_end_that_ends_as_a_lost_connection_does_is_not_asked_for_ever() {
    let Some(door) = Door::without_program("remote-255") else {
        return;
    };
    let fake = "#!/bin/sh\necho x >> ~/calls\n\
        [ \"$1 $2\" = 'far hello' ] && echo '{\"schema\":\"hlrp.far/1\",\"protocol\":1,\"version\":\"9\"}' && exit 0\n\
        exit 255\n";
    let path = door.bench.file("home/.local/bin/hlrp-sh", fake);
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).unwrap();
    for words in [&["submit", "x=1"][..], &["logs", "-f", "7"], &["jobs"]] {
        door.bench.file("home/calls", "");
        remote(&door, &[&["host", "--"], words].concat()).ended(255);
        let calls = door.bench.read("home/calls").lines().count();
        assert!(calls <= 4, "{words:?}: {calls}");
    }
}

#[test]
fn a_session_there_has_the_terminal() {
    let Some(door) = open("remote-session") else {
        return;
    };
    let command = near(&door, &["remote", "host"]);
    let mut terminal = on_terminal(&command);
    terminal.until("❯");
    terminal.keys("echo in-$((40 + 2)); stty size\r");
    terminal.until("in-42");
    terminal.until("30 100");
    terminal.keys("python3 -c 'import os; os.unlink(\"notes.txt\")'\r");
    terminal.until("fs.no-delete");
    terminal.keys("exit 5\r");
    assert_eq!(terminal.end(), Some(5));
    assert_eq!(door.bench.read("home/notes.txt"), BEFORE);
}

#[test]
fn inside_a_session_it_goes_through_the_broker() {
    let Some(door) = open("remote-inside") else {
        return;
    };
    let own = door.bench.program();
    let own = own.display();
    door.session(&format!("{own} remote host -- -c 'cat notes.txt; exit 7'"))
        .ended(7)
        .said(BEFORE);
    door.session(&format!("{own} remote host -- -c 'rm notes.txt'"))
        .ended(77)
        .told("fs.no-delete");
    assert_eq!(door.bench.read("home/notes.txt"), BEFORE);
}
