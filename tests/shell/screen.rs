//! Our shell on a whole terminal: full-screen programs, another size, pasted text, and once in tmux.

use std::process::Command;

use crate::guard::bench::{Bench, has};
use crate::guard::running::{Running, within};
use crate::shell_editor::terminal::Terminal;

fn open(name: &str, program: &str) -> Option<(Bench, Terminal)> {
    if !has("setsid", name) || !has(program, name) {
        return None;
    }
    let bench = Bench::new();
    let mut command = bench.command("setsid");
    command
        .args(["--ctty", "--wait"])
        .arg(bench.program())
        .env("TERM", "xterm-256color");
    let mut terminal = Terminal::start(command, 80, 24);
    terminal.until("guard");
    Some((bench, terminal))
}

#[test]
fn vim_edits_a_file() {
    let Some((bench, mut terminal)) = open("shell-vim", "vim") else {
        return;
    };
    terminal.keys("vim -u NONE new.txt\r");
    terminal.until("[New File]");
    terminal.keys("ifirst\rsecond\x1b");
    terminal.until("second");
    terminal.keys(":wq\r");
    terminal.until("guard");
    terminal.keys("cat new.txt; echo $((6 * 7))\r");
    let shown = terminal.until("42");
    assert!(shown.contains("first\nsecond\n42"), "{shown}");
    assert_eq!(bench.read("home/new.txt"), "first\nsecond\n");
    // What was there before is kept.
    terminal.keys("vim -u NONE notes.txt\r");
    terminal.until("what was there before");
    terminal.keys("ccother\x1b:wq\r");
    terminal.until("guard");
    within("not written", || {
        (bench.read("home/notes.txt") == "other\n").then_some(())
    });
    terminal.keys("hlrp-sh retained --json | grep -c notes.txt; echo 6$((6 * 7))\r");
    terminal.until("642");
}

#[test]
fn less_pages_and_stops() {
    let Some((bench, mut terminal)) = open("shell-less", "less") else {
        return;
    };
    let text: String = (1..=200).map(|number| format!("row {number}\n")).collect();
    bench.file("home/long.txt", &text);
    terminal.keys("less long.txt\r");
    terminal.until("row 23");
    terminal.keys("G");
    terminal.until("row 200");
    terminal.keys("q");
    terminal.until("guard");
    terminal.keys("less long.txt\r");
    terminal.until("row 23");
    terminal.keys("\x1a");
    terminal.until("Stopped");
    terminal.keys("echo \"status $?\"; fg\r");
    terminal.until("row 23");
    terminal.keys("q");
    terminal.until("status 148");
}

#[test]
fn another_size_is_seen_by_what_runs() {
    let Some((_bench, mut terminal)) = open("shell-size", "stty") else {
        return;
    };
    terminal.keys("echo $COLUMNS $LINES $(stty size)\r");
    terminal.until("80 24 24 80");
    terminal.resize(120, 40);
    terminal.keys("echo $COLUMNS $LINES $(stty size)\r");
    terminal.until("120 40 40 120");
    // While something runs in the foreground, too.
    terminal.keys(
        "sh -c 'trap \"stty size\" WINCH; echo b$((1))n; for x in 1 2 3 4 5; do sleep 0.3; done; echo over'\r",
    );
    terminal.until("b1n");
    terminal.resize(100, 30);
    terminal.until("\n30 100");
    terminal.until("\nover");
    terminal.keys("echo $COLUMNS $LINES\r");
    terminal.until("100 30");
}

#[test]
fn what_is_pasted_waits_for_enter() {
    let Some((bench, mut terminal)) = open("shell-paste", "stty") else {
        return;
    };
    terminal.keys("\x1b[200~touch pasted.txt\nfor x in a b; do\n  echo in $x\ndone\x1b[201~");
    let shown = terminal.until("done");
    assert!(!shown.contains("\nin a"), "{shown}");
    assert!(!bench.path("home/pasted.txt").exists());
    terminal.keys("\r");
    terminal.until("in a\nin b");
    assert!(bench.path("home/pasted.txt").exists());
    // One line of it that may not run keeps all of it from running.
    terminal.keys("\x1b[200~touch more.txt\nrm notes.txt\x1b[201~\r");
    terminal.until("explain fs.no-delete");
    assert!(!bench.path("home/more.txt").exists());
}

#[test]
fn top_refreshes_and_goes() {
    let Some((_bench, mut terminal)) = open("shell-top", "top") else {
        return;
    };
    terminal.keys("top\r");
    terminal.until("load average");
    terminal.keys("q");
    terminal.until("guard");
    terminal.keys("echo $((6 * 7))\r");
    terminal.until("42");
}

#[test]
fn tmux_shows_what_was_typed_and_said() {
    if !has("tmux", "shell-tmux") {
        return;
    }
    let bench = Bench::new();
    let tmux = |arguments: &[&str]| {
        let mut command: Command = bench.command("tmux");
        command
            .env("SHELL", "/bin/sh")
            .arg("-S")
            .arg(bench.path("outside/tmux"))
            .args(["-f", "/dev/null"])
            .args(arguments);
        Running::start(&mut command).end()
    };
    let shell = bench.program();
    let start = [
        "new-session",
        "-d",
        "-x",
        "80",
        "-y",
        "24",
        shell.to_str().unwrap(),
    ];
    tmux(&start).ended(0);
    let screen = || {
        let shown = tmux(&["capture-pane", "-p"]).out;
        let rows: Vec<&str> = shown.lines().map(str::trim_end).collect();
        rows.join("\n")
    };
    let until = |what: &str| {
        let found = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            within(what, || screen().contains(what).then(&screen))
        }));
        found.unwrap_or_else(|_| panic!("no `{what}`:\n{}", screen()))
    };
    until("guard");
    for (keys, shown) in [
        ("cat notes.txt", "what was there before"),
        ("rm notes.txt", "explain fs.no-delete"),
        ("echo $?", "\n77\n"),
    ] {
        tmux(&["send-keys", keys, "Enter"]).ended(0);
        until(shown);
    }
    let shown = until("\n77\n");
    let home = bench.home();
    let expected = format!(
        "~ ❯ cat notes.txt
what was there before
~ ❯ rm notes.txt
denied  fs.no-delete
  │ rm notes.txt
  │    ^^^^^^^^^ deletes {}/notes.txt
  why      nothing is ever deleted here, not even what could be made again;
           `archive` moves it out of the way
  instead  hlrp-sh archive notes.txt
  more     hlrp-sh policy explain fs.no-delete
~ ❯ echo $?
77
",
        home.display()
    );
    tmux(&["kill-server"]).ended(0);
    assert!(shown.starts_with(&expected), "{shown}\nand not\n{expected}");
    let prompt = &shown[expected.len()..];
    assert!(
        prompt.contains("guard ✓") && prompt.contains("❯"),
        "{prompt}"
    );
}

#[test]
fn ctrl_c_in_a_question_is_no() {
    let Some((_bench, mut terminal)) = open("shell-asked", "stty") else {
        return;
    };
    terminal.keys("git merge --abort\r");
    terminal.until("[y/N]");
    terminal.keys("y\x03");
    terminal.until("exit 130");
    terminal.keys("echo $((6 * 7)) $?\r");
    terminal.until("42 130");
}
