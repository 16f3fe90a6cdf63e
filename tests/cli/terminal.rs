//! On a real terminal: Ctrl-C, Ctrl-Z and `fg` are as with any program.

use std::fs::File;
use std::io::{Read, Write};
use std::os::unix::fs::fchown;
use std::process::{Child, Command};
use std::sync::{Arc, Mutex};
use std::thread;

use crate::guard::bench::{Bench, NOBODY, has, is_root};
use crate::guard::running::within;

/// An interactive bash of a user's on a terminal of its own.
pub struct Terminal {
    bash: Child,
    keys: File,
    shown: Arc<Mutex<String>>,
    /// How much of what was shown has been looked at.
    read: usize,
}

impl Terminal {
    fn new(bench: &Bench) -> Self {
        let mut command = bench.command("setsid");
        command
            .args(["--ctty", "--wait", "bash", "--norc", "--noprofile", "-i"])
            .env("PS1", "ready> ")
            .env("TERM", "dumb")
            .env("SHELL_UNDER_TEST", bench.program());
        Self::open(command, is_root().then_some(NOBODY))
    }

    /// Starts what shows `ready> ` on a terminal that belongs to this user.
    pub fn open(mut command: Command, owner: Option<u32>) -> Self {
        let pair = nix::pty::openpty(None, None).unwrap();
        // The copies close on exec: whoever lives on the terminal must not hold its other end, or it never hangs up.
        let slave = File::from(pair.slave).try_clone().unwrap();
        let keys = File::from(pair.master).try_clone().unwrap();
        if owner.is_some() {
            fchown(&slave, owner, owner).unwrap();
        }
        command
            .stdin(slave.try_clone().unwrap())
            .stdout(slave.try_clone().unwrap())
            .stderr(slave);
        let bash = command.spawn().unwrap();
        // The command holds the terminal open until it is dropped.
        drop(command);
        let mut screen = keys.try_clone().unwrap();
        let shown = Arc::new(Mutex::new(String::new()));
        let seen = Arc::clone(&shown);
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(count @ 1..) = screen.read(&mut buffer) {
                seen.lock()
                    .unwrap()
                    .push_str(&String::from_utf8_lossy(&buffer[..count]));
            }
        });
        let mut terminal = Self {
            bash,
            keys,
            shown,
            read: 0,
        };
        terminal.shows("ready> ");
        terminal
    }

    /// Presses keys.
    pub fn keys(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
    }

    /// Waits until the screen shows this, after what was waited for before.
    pub fn shows(&mut self, text: &str) {
        let otherwise = format!("the terminal does not show `{text}`");
        let (shown, from) = (Arc::clone(&self.shown), self.read);
        let found = std::panic::catch_unwind(|| {
            within(&otherwise, || {
                let shown = shown.lock().unwrap();
                shown[from..].find(text).map(|at| from + at + text.len())
            })
        });
        self.read =
            found.unwrap_or_else(|_| panic!("{otherwise}: {:?}", self.shown.lock().unwrap()));
    }

    /// Ends the shell and waits for it.
    pub fn close(mut self) -> String {
        self.keys("exit\n");
        self.bash.wait().unwrap();
        self.shown.lock().unwrap().clone()
    }
}

#[test]
fn control_c_ends_the_line_with_130() {
    let bench = Bench::new();
    if !has("setsid", "control-c") {
        return;
    }
    for line in [
        "echo u''p; sleep 100",
        "echo u''p; exec sleep 100",
        "echo u''p; sleep 100; echo not reached",
    ] {
        let mut terminal = Terminal::new(&bench);
        terminal.keys(&format!("$SHELL_UNDER_TEST -c \"{line}\"\n"));
        terminal.shows("up\r\n");
        terminal.keys("\x03");
        terminal.shows("ready> ");
        terminal.keys("echo sta''tus $?\n");
        terminal.shows("status 130\r\n");
        let shown = terminal.close();
        assert!(!shown.contains("\nnot reached"), "{shown}");
    }
}

#[test]
fn a_program_that_handles_control_c_goes_on() {
    let bench = Bench::new();
    if !has("setsid", "control-c") {
        return;
    }
    let mut terminal = Terminal::new(&bench);
    let text = "import time\nprint(\"u\" + \"p\", flush=True)\ntry: time.sleep(100)\nexcept KeyboardInterrupt: print(\"cau\" + \"ght\", flush=True)\nprint(\"on\" + \"wards\")";
    bench.file("home/handles.py", text);
    terminal.keys("$SHELL_UNDER_TEST run -- python3 handles.py; echo sta''tus $?\n");
    terminal.shows("up\r\n");
    terminal.keys("\x03");
    terminal.shows("caught\r\n");
    terminal.shows("onwards\r\n");
    terminal.shows("status 0\r\n");
    let shown = terminal.close();
    assert_eq!(shown.matches("caught\r\n").count(), 1, "{shown}");
}

#[test]
fn control_z_stops_and_fg_goes_on() {
    let bench = Bench::new();
    if !has("setsid", "control-z") {
        return;
    }
    for words in [
        "-c 'echo u\"\"p; read x; echo g\"\"ot $x'",
        "run -- bash -c 'echo u\"\"p; read x; echo g\"\"ot $x'",
    ] {
        let mut terminal = Terminal::new(&bench);
        terminal.keys(&format!("$SHELL_UNDER_TEST {words}\n"));
        terminal.shows("up\r\n");
        terminal.keys("\x1a");
        terminal.shows("Stopped");
        terminal.shows("ready> ");
        terminal.keys("fg\n");
        terminal.shows("SHELL_UNDER_TEST");
        terminal.keys("hello\n");
        terminal.shows("got hello\r\n");
        terminal.shows("ready> ");
        terminal.close();
    }
}

#[test]
fn a_stopped_line_can_be_killed() {
    let bench = Bench::new();
    if !has("setsid", "control-z") {
        return;
    }
    let mut terminal = Terminal::new(&bench);
    terminal.keys("$SHELL_UNDER_TEST -c 'echo u\"\"p; sleep 100'\n");
    terminal.shows("up\r\n");
    terminal.keys("\x1a");
    terminal.shows("Stopped");
    terminal.keys("kill %1; while kill -0 %1 2>/dev/null; do sleep 0.05; done; echo go''ne\n");
    terminal.shows("gone\r\n");
    terminal.close();
}

#[test]
fn control_c_ends_a_loop_of_the_callers() {
    let bench = Bench::new();
    if !has("setsid", "control-c") {
        return;
    }
    let mut terminal = Terminal::new(&bench);
    terminal.keys("for i in 1 2 3; do $SHELL_UNDER_TEST -c 'echo u\"\"p; sleep 100'; done\n");
    terminal.shows("up\r\n");
    terminal.keys("\x03");
    terminal.shows("ready> ");
    terminal.keys("echo sta''tus $?\n");
    terminal.shows("status 130\r\n");
    let shown = terminal.close();
    assert_eq!(shown.matches("up\r\n").count(), 1, "{shown}");
}

#[test]
fn control_d_is_the_end_of_input_and_the_size_is_seen() {
    let bench = Bench::new();
    if !has("setsid", "control-d") {
        return;
    }
    let mut terminal = Terminal::new(&bench);
    terminal.keys(
        "$SHELL_UNDER_TEST -c 'echo u\"\"p; cat; tty; test -t 0 -a -t 1 -a -t 2 && echo al\"\"l'\n",
    );
    terminal.shows("up\r\n");
    terminal.keys("typed\n\x04");
    terminal.shows("typed\r\n");
    terminal.shows("/dev/pts/");
    terminal.shows("all\r\n");
    terminal.shows("ready> ");
    terminal.close();
}
