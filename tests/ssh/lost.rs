//! Where the guard cannot stand, nobody is locked out.

use super::door::Door;
use crate::guard::bench::{Bench, has};
use crate::guard::running::Running;
use crate::shell_editor::terminal::Terminal;

fn login(door: &Door) -> Terminal {
    let mut command = door.client("ssh", &["-tt", "host"]);
    command.env("TERM", "xterm-256color");
    Terminal::start(command, 80, 24)
}

fn reads_only(door: &Door, reason: &str) {
    door.line("cat notes.txt")
        .ended(0)
        .said("what was there before\n");
    door.line("rm notes.txt").ended(77).said("");
    // What a program is rests on such a variable.
    let led = door.line("PATH=$HOME/other:$PATH ls");
    assert!(led.code() != 0 && led.out.is_empty(), "{}", led.out);
    door.line("echo gone > notes.txt").ended(77).said("");
    let mut terminal = login(door);
    let shown = terminal.until("read-only>");
    // The terminal is narrow: rows are broken between words.
    let words: Vec<&str> = shown.split_whitespace().collect();
    assert!(words.join(" ").contains(reason), "{shown}");
    terminal.keys("cat notes.txt\r");
    terminal.until("what was there before");
    terminal.keys("echo gone > notes.txt\r");
    terminal.until("denied");
    terminal.keys("exit 4\r");
    assert_eq!(terminal.end(), Some(4));
    assert_eq!(door.bench.read("home/notes.txt"), "what was there before\n");
}

#[test]
fn a_kernel_that_offers_nothing_leaves_reading() {
    if !has("python3", "ssh-bare") {
        return;
    }
    let shell = |bench: &Bench| {
        let (outer, program) = (bench.material("outer.py"), bench.program());
        let text = format!(
            "#!/bin/sh\nexec /usr/bin/python3 {} --no-landlock --no-notification -- {} \"$@\"\n",
            outer.display(),
            program.display()
        );
        let path = bench.file("login-shell", &text);
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(&path, mode).unwrap();
        path
    };
    let Some(door) = Door::with("ssh-bare", Bench::new(), shell) else {
        return;
    };
    reads_only(&door, "hlrp-sh doctor");
}

#[test]
fn a_broken_policy_leaves_reading_and_says_where() {
    let Some(door) = Door::open("ssh-policy") else {
        return;
    };
    door.bench
        .file("home/.config/hlrp-sh/policy.toml", "nonsense = [\n");
    door.line("true").ended(0).told("policy.toml:1:");
    reads_only(&door, "policy.toml:1:");
    let lines = door.bench.file("lines", "cat notes.txt\nexit 3\n");
    let mut command = door.client("ssh", &["-T", "host"]);
    command.stdin(std::fs::File::open(lines).unwrap());
    Running::start(&mut command)
        .end()
        .ended(3)
        .said("what was there before\n")
        .told("policy.toml:1:");
}

#[test]
fn a_home_that_is_gone_is_no_wall() {
    let Some(door) = Door::open("ssh-homeless") else {
        return;
    };
    std::fs::rename(door.bench.home(), door.bench.path("moved")).unwrap();
    let ran = door.line("pwd; echo on").ended(0);
    assert_eq!(ran.out, "/\non\n");
    let mut terminal = login(&door);
    terminal.until("> ");
    terminal.keys("printf '%d%d\\n' 4 2; pwd\r");
    terminal.until("42");
    terminal.keys("exit 4\r");
    assert_eq!(terminal.end(), Some(4));
}
