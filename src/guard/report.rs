//! What the supervisor tells the front, one JSON line each, through a pipe.

use std::io::{self, BufRead as _, BufReader, Write as _};
use std::sync::{Arc, Mutex, PoisonError};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde::{Deserialize, Serialize};

use super::denial::Denial;
use crate::policy::GuardLevel;

/// What the supervisor tells the front.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Report {
    /// The program's process.
    Started {
        process: i32,
        level: GuardLevel,
    },
    Denied(Denial),
    /// The program has ended: exit status, or signal.
    Ended {
        status: u8,
        #[serde(default)]
        signal: Option<i32>,
        /// Others of the session are still there.
        #[serde(default)]
        goes_on: bool,
    },
    /// It could not be started; which step, and the errno.
    Failed {
        step: String,
        errno: i32,
    },
}

/// The step that fails when the program itself cannot be executed.
pub(super) const EXEC: &str = "exec";

/// The supervisor's end of the pipe.
pub(super) type Reporter = Arc<Mutex<io::PipeWriter>>;

pub(super) fn tell(reporter: &Reporter, report: &Report) {
    if let Ok(mut line) = serde_json::to_vec(report) {
        line.push(b'\n');
        let mut pipe = reporter.lock().unwrap_or_else(PoisonError::into_inner);
        // The front may be gone already (a session that goes on in the background).
        let _ = pipe.write_all(&line);
    }
}

/// Sends a signal to the program on behalf of the front.
pub(super) fn pass_on(process: i32, signal: Signal) {
    let _ = kill(Pid::from_raw(process), signal);
}

pub(super) fn read_report(line: &str) -> Option<Report> {
    serde_json::from_str(line).ok()
}

pub(super) fn next_line(reports: &mut BufReader<io::PipeReader>) -> io::Result<Option<String>> {
    let mut line = String::new();
    Ok((reports.read_line(&mut line)? > 0).then_some(line))
}
