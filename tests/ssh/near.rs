//! `ssh` inside a session: the session's own, which the broker answers.

use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;

use super::door::Door;
use crate::guard::bench::{Bench, has};
use crate::guard::running::{Running, within};
use crate::shell_editor::terminal::Terminal;

const BEFORE: &str = "what was there before\n";

/// A machine with bash as login shell, where our program is on `PATH`.
pub fn open(name: &str) -> Option<Door> {
    Door::with(name, Bench::new(), |_| "/bin/bash".into())
}

#[test]
fn a_line_runs_guarded_over_there() {
    let Some(door) = open("near-line") else {
        return;
    };
    door.session("ssh host 'cat notes.txt; exit 7'")
        .ended(7)
        .said(BEFORE);
    // What the text shows is denied before anything is connected.
    door.session("ssh host 'rm notes.txt'")
        .ended(77)
        .said("")
        .told("fs.no-delete");
    // What it does not show is refused over there, in the kernel.
    let hidden = r#"ssh host 'python3 -c "import os; os.unlink(\"notes.txt\")" 2>/dev/null'"#;
    door.session(hidden).ended(1).told("fs.no-delete");
    door.session(r#"x=$(printf 'r%s' m); ssh host "$x notes.txt""#)
        .ended(77)
        .told("fs.no-delete");
    // Also for a program that was not typed.
    let words = door.bench.file("home/words", "ssh host rm notes.txt");
    door.session(&format!("python3 -c '{CALLS}' {}", words.display()))
        .said("77\n")
        .told("fs.no-delete");
    assert_eq!(door.bench.read("home/notes.txt"), BEFORE);
    door.session(r#"ssh host 'python3 -c "open(\"notes.txt\", \"w\").write(\"new\")"'"#)
        .ended(0);
    assert_eq!(door.bench.read("home/notes.txt"), "new");
    assert!(door.retained().contains(&BEFORE.to_owned()));
    // Nobody asked for it by its name, and nobody could be asked.
    door.session("ssh nobody.invalid true").ended(255);
}

#[test]
fn where_our_program_is_not_only_looking_is_possible() {
    let Some(door) = Door::without_program("near-bare") else {
        return;
    };
    door.session("ssh host 'cat notes.txt'")
        .ended(0)
        .said(BEFORE);
    for line in ["ssh host 'mkdir x'", "ssh host", "sftp host:notes.txt"] {
        let ran = door.session(line);
        assert!(ran.code() != 0);
        ran.told("no hlrp-sh on host");
    }
    assert!(!door.bench.path("home/x").exists());
    // What counts as looking where a guard is runs something else where none is.
    let evil = door
        .bench
        .file("home/evil/ls", "#!/bin/sh\necho ran > \"$HOME/ran\"\n");
    std::fs::set_permissions(&evil, PermissionsExt::from_mode(0o755)).unwrap();
    let script = door.bench.file("home/script", "echo ran > \"$HOME/ran\"\n");
    let script = script.display();
    for line in [
        format!("ssh host bash < {script}"),
        format!("ssh host sh < {script}"),
        format!("cat {script} | ssh host bash"),
        "ssh host 'PATH=$HOME/evil:$PATH ls'".to_owned(),
        "ssh host 'export PATH=$HOME/evil; ls'".to_owned(),
        "ssh host 'LD_PRELOAD=x.so ls'".to_owned(),
        format!("ssh host 'BASH_ENV={script} bash -c true'"),
        "ssh host 'git grep -Oevil/ls x'".to_owned(),
        "ssh host 'GIT_PAGER=evil/ls git log'".to_owned(),
        "ssh host 'git diff --ext-diff'".to_owned(),
        "ssh host 'PAGER=evil/ls man ls'".to_owned(),
        "ssh host 'ls | evil/ls'".to_owned(),
        "ssh host evil/ls".to_owned(),
    ] {
        let words = door.bench.file("home/line", &line);
        for line in [&line, &format!("bash {}", words.display())] {
            let ran = door.session(line);
            assert!(ran.code() != 0, "{line}: {}", ran.out);
            assert!(!door.bench.path("home/ran").exists(), "{line}");
        }
    }
    // The standard input of what looks is nobody's.
    door.session("echo in | ssh host cat").ended(0).said("");
    door.session("ssh host 'cat notes.txt | head -c 4'")
        .ended(0)
        .said("what");
}

/// Runs the words of a file, which no line shows.
const CALLS: &str = r#"import shlex, subprocess, sys
words = shlex.split(open(sys.argv[1]).read())
print(subprocess.call(words))"#;

#[test]
fn options_that_run_or_open_something_here_do_not_pass() {
    let Some(door) = open("near-options") else {
        return;
    };
    for options in [
        "-F cfg",
        "-A",
        "-D 1080",
        "-R 1:h:2",
        "-f",
        "-S none",
        "-O exit",
        "-W h:22",
        "-E log",
        "-I x.so",
        "-o 'ProxyCommand=touch made'",
        "-o LocalCommand=x",
        "-o ControlPath=/tmp/x",
        "-L 2222:localhost:22",
        "-L 2222:localhost:022",
        "-o HostKeyAlias=ai",
        "-o StrictHostKeyChecking=no",
        "-o StrictHostKeyChecking=accept-new",
        "-o UserKnownHostsFile=/dev/null",
        "-J '-oProxyCommand=x'",
        "-l 'x;touch made'",
        "-o 'HostName=$(touch made)'",
    ] {
        door.session(&format!("ssh {options} host true"))
            .ended(77)
            .told("remote.guarded");
        let words = door
            .bench
            .file("home/words", &format!("ssh {options} host true"));
        door.session(&format!("python3 -c '{CALLS}' {}", words.display()))
            .said("77\n")
            .told("remote.guarded");
    }
    assert!(!door.bench.path("home/made").exists());
    door.session("ssh -Z host").ended(255);
    door.session("ssh -V").ended(0).told("OpenSSH");
    door.session("ssh -o ConnectTimeout=5 -oBatchMode=yes -T -x -p $(ssh -G host | sed -n 's/^port //p') host echo hi")
        .ended(0)
        .said("hi\n");
}

#[test]
fn bytes_signals_and_the_agents_name_go_through() {
    let Some(door) = open("near-bytes") else {
        return;
    };
    let bytes: Vec<u8> = (0..300_000_u32)
        .map(|at| (at.wrapping_mul(2_654_435_761) >> 13) as u8)
        .collect();
    let mut there = door
        .near(&["-c", "ssh host 'cat > blob; cat blob'"])
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
    door.session("timeout -s INT 1 ssh host 'sleep 30'; echo $?")
        .said("124\n");
    let mut command = door.near(&["-c", "ssh host 'echo $HLRP_AGENT'"]);
    command.env("HLRP_AGENT", "it's me");
    Running::start(&mut command)
        .end()
        .ended(0)
        .said("it's me\n");
    let input = door.bench.file("lines", "x=5\necho $((x + 1))\nexit 3\n");
    let mut command = door.near(&["-c", "ssh -T host"]);
    command.stdin(std::fs::File::open(input).unwrap());
    Running::start(&mut command).end().ended(3).said("6\n");
}

#[test]
fn git_rsync_scp_and_sftp_go_through_it() {
    let Some(door) = open("near-copying") else {
        return;
    };
    door.bench.file("home/tree/one", "1\n");
    door.session("scp tree/one host:two && scp host:two three && cat three")
        .ended(0)
        .said("1\n");
    door.session("scp -O -r tree host:copy && cat copy/one")
        .ended(0)
        .said("1\n");
    door.bench
        .file("home/batch", "put tree/one four\n-rm notes.txt\nls four\n");
    door.session("sftp -b batch host")
        .ended(77)
        .told("fs.no-delete");
    let words = door.bench.file("home/words", "sftp -b batch host");
    let ran = door.session(&format!("python3 -c '{CALLS}' {}", words.display()));
    assert!(
        ran.err.contains("notes.txt: Permission denied"),
        "{}",
        ran.err
    );
    assert_eq!(door.bench.read("home/four"), "1\n");
    assert_eq!(door.bench.read("home/notes.txt"), BEFORE);
    if has("rsync", "near-rsync") {
        door.session("rsync -a tree/ host:five/").ended(0);
        assert_eq!(door.bench.read("home/five/one"), "1\n");
        door.session("rsync -a --delete tree/ host:five/")
            .ended(77)
            .told("fs.no-delete");
    }
    if has("git", "near-git") {
        let commit = "git -c user.name=me -c user.email=me@here commit -q --allow-empty -m first";
        door.session(&format!(
            "git init -q --bare far.git && git clone -q host:far.git near && cd near && {commit} && \
             git push -q origin HEAD:main && git -C ../far.git log --format=%s main"
        ))
        .ended(0)
        .said("first\n");
    }
}

#[test]
fn a_session_there_has_the_terminal() {
    let Some(door) = open("near-terminal") else {
        return;
    };
    let mut command = door.near_by("setsid".as_ref(), &["-c", "-w"]);
    command
        .arg(door.bench.program())
        .env("TERM", "xterm-256color");
    let mut terminal = Terminal::start(command, 100, 30);
    terminal.until("❯");
    terminal.keys("ssh host\r");
    terminal.until("host");
    terminal.keys("echo in-$((40 + 2)); stty size\r");
    terminal.until("in-42");
    terminal.until("30 100");
    // The shell has opened a connection that stays, for the next line as well.
    let sockets = std::fs::read_dir(door.bench.path("run/hlrp-sh-ssh")).unwrap();
    assert!(sockets.flatten().any(|entry| entry.file_name() != "lock"));
    terminal.keys("python3 -c 'import os; os.unlink(\"notes.txt\")'\r");
    terminal.until("fs.no-delete");
    terminal.keys("sleep 60\r");
    std::thread::sleep(std::time::Duration::from_millis(300));
    terminal.keys("\x03");
    terminal.keys("echo after-$((1 + 1))\r");
    terminal.until("after-2");
    terminal.keys("exit 5\r");
    terminal.until("· exit 5");
    terminal.keys("echo back-$?\r");
    terminal.until("back-5");
    // The other machine stands in the prompt, while its connection is there. It has no Slurm, but room.
    std::thread::sleep(std::time::Duration::from_secs(6));
    terminal.keys("\r");
    terminal.until("host: ");
    terminal.keys("exit\r");
    assert_eq!(terminal.end(), Some(0));
    assert_eq!(door.bench.read("home/notes.txt"), BEFORE);
}

#[test]
fn nothing_of_it_is_left_when_the_session_ends() {
    let Some(door) = open("near-left") else {
        return;
    };
    let mut session =
        Running::start(&mut door.near(&["-c", "ssh -tt host 'echo $$ > pid; exec sleep 300'"]));
    let pid: i32 = within("the far line does not begin", || {
        assert!(session.is_running());
        std::fs::read_to_string(door.bench.path("home/pid"))
            .ok()?
            .trim()
            .parse()
            .ok()
    });
    Running::signal(session.front(), libc::SIGTERM);
    session.end();
    within("the far line goes on", || {
        (!std::path::Path::new(&format!("/proc/{pid}")).exists()).then_some(())
    });
}
