//! A real program while it runs: the caller's signals reach it, its end reaches the caller.
//!
//! INVARIANT: it is not waited for by anybody else, so its number stays its own.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt;
use std::process::Child;
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use crate::sys::spawn;

/// How long a program that has been told to end may take over it.
const FAREWELL: Duration = Duration::from_secs(8);

/// Output that goes through the broker's hands.
pub(super) struct Relay<'a> {
    pub(super) pipe: std::process::ChildStderr,
    pub(super) to: &'a File,
    pub(super) seen: Vec<u8>,
}

/// Bytes of relayed output that are looked at.
const MOST_SEEN: usize = 64 << 10;

impl Relay<'_> {
    /// Passes on what there is; returns whether there may be more.
    fn pass_on(&mut self) -> bool {
        use std::io::Write;
        let mut bytes = [0; 4096];
        let count = match self.pipe.read(&mut bytes) {
            Ok(count) if count > 0 => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return true,
            _ => return false,
        };
        let bytes = bytes.get(..count).unwrap_or_default();
        let room = MOST_SEEN.saturating_sub(self.seen.len());
        self.seen.extend(bytes.iter().take(room));
        let _ = { self.to }.write_all(bytes);
        true
    }
}

/// Passes the caller's signals to a client until it has ended; returns its wait status.
pub(super) fn attend(
    mut child: Child,
    connection: &mut UnixStream,
    is_step: bool,
    mut relay: Option<&mut Relay<'_>>,
) -> io::Result<i32> {
    let end = match spawn::watch(child.id()) {
        Ok(end) => end,
        Err(error) => {
            send(&child, Signal::SIGKILL);
            child.wait()?;
            return Err(error);
        }
    };
    let mut last = None;
    let mut listens = true;
    loop {
        let mut sources = vec![PollFd::new(end.as_fd(), PollFlags::POLLIN)];
        if last.is_none() {
            sources.push(PollFd::new(connection.as_fd(), PollFlags::POLLIN));
        }
        if let Some(relay) = relay.as_ref().filter(|_| listens) {
            sources.push(PollFd::new(relay.pipe.as_fd(), PollFlags::POLLIN));
        }
        let patience = match last {
            Some(_) => PollTimeout::from(100_u8),
            None => PollTimeout::NONE,
        };
        if let Err(errno) = poll(&mut sources, patience)
            && errno != nix::errno::Errno::EINTR
        {
            send(&child, Signal::SIGKILL);
        }
        let told: Vec<bool> = sources
            .iter()
            .map(|source| source.any().unwrap_or(false))
            .collect();
        let (has_ended, calls, says) = match (told.as_slice(), last) {
            ([end, calls, says], _) => (*end, *calls, *says),
            ([end, calls], None) => (*end, *calls, false),
            ([end, says], Some(_)) => (*end, false, *says),
            ([end], _) => (*end, false, false),
            _ => (false, false, false),
        };
        if says && let Some(relay) = relay.as_mut() {
            listens = relay.pass_on();
        }
        if has_ended {
            // What it said last is still in the pipe.
            while let Some(relay) = relay.as_mut().filter(|_| listens) {
                listens = relay.pass_on();
            }
            return child.wait().map(ExitStatusExt::into_raw);
        }
        if calls && !forward(&child, connection) {
            last = Some(Instant::now());
            if is_step {
                // It takes its tasks with it, or they would go on with nobody to wait for them.
                send(&child, Signal::SIGTERM);
                send(&child, Signal::SIGCONT);
            } else {
                send(&child, Signal::SIGKILL);
            }
        }
        if last.is_some_and(|last| last.elapsed() > FAREWELL) {
            send(&child, Signal::SIGKILL);
        }
    }
}

/// Passes on the signals that have come; returns whether the caller is still there.
fn forward(child: &Child, connection: &mut UnixStream) -> bool {
    let mut bytes = [0; 64];
    match connection.read(&mut bytes) {
        Ok(0) => false,
        Ok(count) => {
            for byte in bytes.iter().take(count) {
                if let Some(signal) = passed(*byte) {
                    send(child, signal);
                }
            }
            true
        }
        Err(error) => matches!(
            error.kind(),
            io::ErrorKind::Interrupted | io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut
        ),
    }
}

/// Returns the signal that a client gets for one of its caller's.
fn passed(number: u8) -> Option<Signal> {
    match Signal::try_from(i32::from(number)).ok()? {
        // A group without a terminal takes no notice of SIGTSTP.
        Signal::SIGTSTP => Some(Signal::SIGSTOP),
        signal @ (Signal::SIGHUP
        | Signal::SIGINT
        | Signal::SIGQUIT
        | Signal::SIGUSR1
        | Signal::SIGUSR2
        | Signal::SIGALRM
        | Signal::SIGTERM
        | Signal::SIGCONT
        | Signal::SIGWINCH) => Some(signal),
        _ => None,
    }
}

/// Signals a client and what it started. It is our own child and not waited for yet, so the number is its.
fn send(child: &Child, signal: Signal) {
    if let Ok(group) = i32::try_from(child.id()) {
        let _ = killpg(Pid::from_raw(group), signal);
    }
}
