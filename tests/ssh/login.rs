//! A person's login, on a terminal.

use super::door::Door;
use crate::shell_editor::terminal::Terminal;

fn login(door: &Door, arguments: &[&str]) -> Terminal {
    let mut all = vec!["-tt"];
    all.extend(arguments);
    let mut command = door.client("ssh", &all);
    command.env("TERM", "xterm-256color");
    Terminal::start(command, 80, 24)
}

#[test]
fn a_login_is_a_shell() {
    let Some(door) = Door::open("ssh-login") else {
        return;
    };
    door.bench.file("home/.bash_profile", "FROM=profile\n");
    let mut terminal = login(&door, &["host"]);
    terminal.until("guard");
    terminal.keys("echo \"$FROM $TERM $(stty size)\" $((6 * 7))\r");
    terminal.until("profile xterm-256color 24 80 42");
    terminal.keys("rm notes.txt\r");
    terminal.until("hlrp-sh policy explain fs.no-delete");
    terminal.keys("echo w$((1))g; cat\r");
    terminal.until("w1g");
    terminal.keys("\x03");
    terminal.until("^C");
    terminal.keys("echo \"status $?\"\r");
    terminal.until("status 130");
    terminal.keys("exit 5\r");
    assert_eq!(terminal.end(), Some(5));
    assert_eq!(door.bench.read("home/notes.txt"), "what was there before\n");
}

#[test]
fn a_line_with_a_terminal_has_one() {
    let Some(door) = Door::open("ssh-tty") else {
        return;
    };
    let mut terminal = login(
        &door,
        &["host", "tty; stty size; read x; echo got $x; exit 6"],
    );
    let shown = terminal.until("24 80");
    assert!(shown.contains("/dev/pts/"), "{shown}");
    terminal.keys("abc\r");
    terminal.until("got abc");
    assert_eq!(terminal.end(), Some(6));
}

#[test]
fn a_login_that_is_cut_leaves_nothing() {
    let Some(door) = Door::open("ssh-cut") else {
        return;
    };
    let mut terminal = login(&door, &["host"]);
    terminal.until("guard");
    terminal.keys("sleep 4711.5\r");
    let sleeper = || {
        let name = b"sleep\x004711.5\x00";
        std::fs::read_dir("/proc")
            .unwrap()
            .flatten()
            .any(|entry| std::fs::read(entry.path().join("cmdline")).is_ok_and(|line| line == name))
    };
    crate::guard::running::within("no sleep", || sleeper().then_some(()));
    drop(terminal);
    crate::guard::running::within("it sleeps on", || (!sleeper()).then_some(()));
}

#[test]
fn a_profile_can_end_in_it() {
    let bench = crate::guard::bench::Bench::new();
    // As docs/shell.md says it.
    let profile = format!(
        "export FROM=profile\n[[ $- == *i* && -t 0 ]] && exec {}\n",
        bench.program().display()
    );
    bench.file("home/.bash_profile", &profile);
    let Some(door) = Door::with("ssh-profile", bench, |_| "/bin/bash".into()) else {
        return;
    };
    let mut terminal = login(&door, &["host"]);
    terminal.until("guard");
    terminal.keys("echo $FROM $((6 * 7)); exit 5\r");
    terminal.until("profile 42");
    assert_eq!(terminal.end(), Some(5));
    let mut terminal = login(&door, &["host", "bash", "--noprofile"]);
    terminal.until("$ ");
    terminal.keys("rm notes.txt; exit 6\r");
    assert_eq!(terminal.end(), Some(6));
    assert!(!door.bench.path("home/notes.txt").exists());
}
