//! A shell on a terminal of its own, driven by keys. Nothing sleeps: everything waits for what is shown.

use std::fs::File;
use std::io::{Read, Write};
use std::os::unix::fs::fchown;
use std::process::{Child, Command};
use std::sync::{Arc, Mutex};
use std::thread;

use crate::guard::bench::{Bench, NOBODY, is_root};
use crate::guard::running::within;

/// What bash shows before a line, and what ours is recognised by.
pub const READY: &str = "ready> ";

/// What is shown where only reading is left.
const FALLBACK: &str = "read-only> ";

/// A shell on a terminal.
pub struct Keys {
    shell: Child,
    master: File,
    shown: Arc<Mutex<String>>,
    /// How much of what was shown has been looked at.
    read: usize,
    prompt: String,
}

impl Keys {
    /// Starts a bash, the oracle, in a world.
    pub fn bash(bench: &Bench) -> Self {
        let mut command = terminal(bench);
        command
            .args(["bash", "--norc", "--noprofile", "--noediting", "-i"])
            .env("PS1", READY);
        Self::open(command, READY.to_owned())
    }

    /// Starts ours.
    pub fn ours(bench: &Bench) -> Self {
        let mut command = terminal(bench);
        command.arg(bench.program());
        let host = nix::unistd::gethostname().unwrap();
        let host = host.to_string_lossy();
        Self::open(command, host.split('.').next().unwrap().to_owned() + " ")
    }

    /// Starts ours where it can only be the shell that reads.
    pub fn fallback(bench: &Bench) -> Self {
        let mut command = terminal(bench);
        command.arg(bench.program());
        Self::open(command, FALLBACK.to_owned())
    }

    fn open(mut command: Command, prompt: String) -> Self {
        let pair = nix::pty::openpty(None, None).unwrap();
        let slave = File::from(pair.slave);
        let master = File::from(pair.master);
        let owner = is_root().then_some(NOBODY);
        if owner.is_some() {
            fchown(&slave, owner, owner).unwrap();
        }
        command
            .stdin(slave.try_clone().unwrap())
            .stdout(slave.try_clone().unwrap())
            .stderr(slave);
        // The copies close on exec: whoever lives on the terminal must not hold its other end.
        let master = master.try_clone().unwrap();
        let shell = command.spawn().unwrap();
        drop(command);
        let mut screen = master.try_clone().unwrap();
        let shown = Arc::new(Mutex::new(String::new()));
        let seen = Arc::clone(&shown);
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(count @ 1..) = screen.read(&mut buffer) {
                let text = String::from_utf8_lossy(&buffer[..count]).into_owned();
                seen.lock().unwrap().push_str(&text);
            }
        });
        let mut keys = Self {
            shell,
            master,
            shown,
            read: 0,
            prompt,
        };
        keys.prompt();
        keys
    }

    /// Presses keys.
    pub fn press(&mut self, keys: &str) {
        self.master.write_all(keys.as_bytes()).unwrap();
    }

    /// Waits until the screen shows this, after what was waited for before.
    pub fn shows(&mut self, text: &str) -> String {
        let (shown, from) = (Arc::clone(&self.shown), self.read);
        let found = std::panic::catch_unwind(|| {
            within(text, || {
                let shown = shown.lock().unwrap();
                let at = shown[from..].find(text)?;
                Some((from + at, from + at + text.len()))
            })
        });
        let (begins, ends) =
            found.unwrap_or_else(|_| panic!("no `{text}`: {:?}", self.shown.lock().unwrap()));
        self.read = ends;
        self.shown.lock().unwrap()[from..begins].to_owned()
    }

    /// Waits for the prompt, and returns what was shown before it.
    pub fn prompt(&mut self) -> String {
        let prompt = self.prompt.clone();
        let mut before = self.shows(&prompt);
        for class in ["login:", "compute:"] {
            if let Some(shorter) = before.strip_suffix(class) {
                before = shorter.to_owned();
            }
        }
        if prompt != READY && prompt != FALLBACK {
            // The rest of the row of facts.
            self.shows("$ ");
        }
        before
    }

    /// Types a line, presses keys when the screen shows what each waits for, and returns what was shown.
    pub fn line(&mut self, line: &str, then: &[(&str, &str)]) -> String {
        self.press(&format!("{line}\n"));
        let last = line.lines().next_back().unwrap_or_default();
        self.shows(&format!("{last}\r\n"));
        let mut shown = String::new();
        for (text, keys) in then {
            shown.push_str(&self.shows(text));
            shown.push_str(text);
            if keys.starts_with(['\x03', '\x1a', '\x1c']) {
                // Bash itself loses a signal that comes between what a line says and what it then waits for,
                // also without us. Nobody's finger is that fast.
                std::thread::sleep(std::time::Duration::from_millis(250));
            }
            self.press(keys);
        }
        shown + &self.prompt()
    }

    /// Waits for the end of the shell, and returns its status.
    pub fn end(mut self) -> Option<i32> {
        within("the shell does not end", || self.shell.try_wait().unwrap()).code()
    }
}

impl Drop for Keys {
    fn drop(&mut self) {
        let _ = self.shell.kill();
        let _ = self.shell.wait();
    }
}

fn terminal(bench: &Bench) -> Command {
    let mut command = bench.command("setsid");
    command
        .args(["--ctty", "--wait"])
        .env("TERM", "dumb")
        .env("HLRP_DSS", bench.path("group"));
    command
}
