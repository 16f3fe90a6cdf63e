//! Commands that run and that have ended, and what `/proc` says of them.

use std::fs;
use std::io::Read;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

/// How long one command may take before it counts as stuck.
const PATIENCE: Duration = Duration::from_secs(30);

/// A command that runs, in a process group of its own.
pub struct Running {
    child: Child,
    said: [Receiver<Vec<u8>>; 2],
}

impl Running {
    /// Starts it, with both outputs piped.
    pub fn start(command: &mut Command) -> Self {
        command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0);
        let mut child = command
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let said = [
            drain(child.stdout.take().unwrap()),
            drain(child.stderr.take().unwrap()),
        ];
        Self { child, said }
    }

    /// Returns the process that the caller waits for.
    pub fn front(&self) -> i32 {
        i32::try_from(self.child.id()).unwrap()
    }

    /// Returns the supervisor and the program, once the program is another than the shell under test.
    pub fn members(&self) -> (i32, i32) {
        within("the program has not started", || {
            let supervisor = *children(self.front()).first()?;
            let program = *children(supervisor).first()?;
            let started = fs::read_link(format!("/proc/{program}/exe")).ok()?;
            (started.file_name()? != "hlrp-sh").then_some((supervisor, program))
        })
    }

    /// Sends a signal to one process.
    pub fn signal(process: i32, signal: i32) {
        let signal = nix::sys::signal::Signal::try_from(signal).unwrap();
        nix::sys::signal::kill(nix::unistd::Pid::from_raw(process), signal).unwrap();
    }

    /// Returns whether it has not ended.
    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Waits for the end.
    pub fn end(self) -> Ran {
        self.end_within(PATIENCE.as_secs())
    }

    /// Waits for the end, for so many seconds.
    pub fn end_within(mut self, seconds: u64) -> Ran {
        let begin = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            if begin.elapsed() > Duration::from_secs(seconds) {
                let group = nix::unistd::Pid::from_raw(self.front());
                let _ = nix::sys::signal::killpg(group, nix::sys::signal::Signal::SIGKILL);
                let _ = self.child.wait();
                let [out, err] = self.said.each_ref().map(gather);
                panic!("it does not end; it said\n{out}\n{err}");
            }
            thread::sleep(Duration::from_millis(2));
        };
        let [out, err] = self.said.each_ref().map(gather);
        Ran {
            status,
            out,
            err,
            took: begin.elapsed(),
        }
    }
}

/// A command that has ended.
#[derive(Debug)]
pub struct Ran {
    pub status: ExitStatus,
    pub out: String,
    pub err: String,
    pub took: Duration,
}

impl Ran {
    /// Returns the exit status as a shell has it.
    pub fn code(&self) -> i32 {
        let signal = || 128 + self.status.signal().unwrap();
        self.status.code().unwrap_or_else(signal)
    }

    /// Holds that it ended with this status.
    pub fn ended(self, code: i32) -> Self {
        assert_eq!(self.code(), code, "{}\n{}", self.out, self.err);
        self
    }

    /// Holds that it said this on standard output, and nothing else.
    pub fn said(self, text: &str) -> Self {
        assert_eq!(self.out, text, "{}", self.err);
        self
    }

    /// Holds that standard error has this in it.
    pub fn told(self, text: &str) -> Self {
        assert!(self.err.contains(text), "no `{text}` in\n{}", self.err);
        self
    }
}

/// Waits until something is there.
pub fn within<T>(otherwise: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let begin = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(begin.elapsed() < PATIENCE, "{otherwise}");
        thread::sleep(Duration::from_millis(5));
    }
}

/// Returns the children of a process.
pub fn children(parent: i32) -> Vec<i32> {
    let mut found: Vec<i32> = fs::read_dir("/proc")
        .unwrap()
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(|process: &i32| parent_of(*process) == Some(parent))
        .collect();
    found.sort_unstable();
    found
}

fn parent_of(process: i32) -> Option<i32> {
    let text = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    text.rsplit_once(')')?
        .1
        .split_whitespace()
        .nth(1)?
        .parse()
        .ok()
}

/// Returns what the scheduler says of a process: `R`, `S`, `T`, `Z`, …
pub fn state(process: i32) -> Option<char> {
    let text = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    text.rsplit_once(") ")?.1.chars().next()
}

fn drain(mut pipe: impl Read + Send + 'static) -> Receiver<Vec<u8>> {
    let (send, receive) = channel();
    thread::spawn(move || {
        let mut buffer = [0; 8192];
        while let Ok(count @ 1..) = pipe.read(&mut buffer) {
            if send.send(buffer[..count].to_vec()).is_err() {
                return;
            }
        }
    });
    receive
}

/// Takes what was said; a process in the background may hold the pipe for longer than a test waits.
fn gather(pipe: &Receiver<Vec<u8>>) -> String {
    let end = Instant::now() + Duration::from_secs(5);
    let mut all = Vec::new();
    while let Ok(part) = pipe.recv_timeout(end.saturating_duration_since(Instant::now())) {
        all.extend(part);
    }
    String::from_utf8_lossy(&all).into_owned()
}
