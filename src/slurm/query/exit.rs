//! How a job ended, in numbers and in words.

use std::fmt;
use std::str::FromStr;

use nix::sys::signal::Signal;
use serde::{Serialize, Serializer};

use super::id::digits;
use super::state::{Known, State};
use crate::error::code;

/// A status and a signal: `7:0`, `0:9`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Exit {
    /// What the script's last command answered.
    pub status: u32,
    /// The signal that ended it, 0 for none.
    pub signal: u32,
}

impl Exit {
    /// Returns whether nothing is wrong with it.
    pub fn is_clean(self) -> bool {
        self.status == 0 && self.signal == 0
    }
}

impl FromStr for Exit {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (status, signal) = text.split_once(':').ok_or(())?;
        Ok(Self {
            status: digits(status).ok_or(())?,
            signal: digits(signal).ok_or(())?,
        })
    }
}

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.status, self.signal)
    }
}

impl Serialize for Exit {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Slurm's own number for a job that was killed for its memory.
const MEMORY: u32 = 125;
/// And for one whose output could not be opened.
const OUTPUT: u32 = 53;

/// Says what a job's end means, `None` while it has not ended or where there is nothing to say.
pub fn explain(state: &State, exit: Option<Exit>, by: Option<&str>) -> Option<String> {
    let State::Known(known) = state else {
        return None;
    };
    let exit = exit.filter(|exit| !exit.is_clean());
    let text = match known {
        Known::Completed => "it ended with status 0".to_owned(),
        Known::Failed => exit.map_or_else(
            || "it failed; Slurm says no status".to_owned(),
            failed,
        ),
        Known::OutOfMemory => "it wanted more memory than it had asked for; ask for more with cluster.compute.mem_gb=…".to_owned(),
        Known::Timeout => "its time was up; ask for more with cluster.compute.time_limit=…, or go on from its last checkpoint".to_owned(),
        Known::Cancelled => match by {
            Some(by) => format!("it was cancelled by {by}"),
            None => "it was cancelled".to_owned(),
        },
        Known::NodeFail => "a node of it died; that is no fault of the job".to_owned(),
        Known::BootFail | Known::LaunchFailed | Known::ReconfigFail => {
            "its node could not start it; that is no fault of the job".to_owned()
        }
        Known::Preempted => "a job of higher rank took its place".to_owned(),
        Known::Deadline => "it could not be done before its deadline".to_owned(),
        Known::Revoked => "another cluster of the federation has it".to_owned(),
        Known::SpecialExit => "it ended with a status that this site treats apart, and is held".to_owned(),
        Known::Completing
        | Known::Configuring
        | Known::Pending
        | Known::PowerUpNode
        | Known::Requeued
        | Known::RequeueFed
        | Known::RequeueHold
        | Known::Resizing
        | Known::ReservationGone
        | Known::Running
        | Known::Signaling
        | Known::StageOut
        | Known::Stopped
        | Known::Suspended
        | Known::UpdateDb => return None,
    };
    Some(text)
}

/// Returns whether a job only gave way to its twin in another queue.
pub fn lost_race(state: &State, exit: Option<Exit>) -> bool {
    *state == State::Known(Known::Failed)
        && exit.is_some_and(|exit| exit.status == u32::from(code::LOST_RACE) && exit.signal == 0)
}

fn failed(exit: Exit) -> String {
    const OWN: [(u8, &str); 6] = [
        (
            code::UNREACHABLE,
            "what it needs could not be reached: Slurm, a host, or libtorch",
        ),
        (code::SOFTWARE, "a fault of hlrp-sh"),
        (code::HALTED, "the quota halted it"),
        (code::DENIED, "the policy denied it"),
        (code::CONFIG, "a policy or configuration did not load"),
        (code::GUARD, "the guard could not start"),
    ];
    if exit.signal == MEMORY {
        return "it wanted more memory than it had asked for".to_owned();
    }
    if exit.signal == OUTPUT {
        return "Slurm could not open its output file; does the directory exist?".to_owned();
    }
    if exit.signal != 0 {
        return format!("it was ended by {}", signal(exit.signal));
    }
    let status = exit.status;
    if status == u32::from(code::LOST_RACE) {
        return "lost the race: its twin in the other queue started first".to_owned();
    }
    if let Some((_, meaning)) = OWN.iter().find(|(own, _)| u32::from(*own) == status) {
        return format!("its script ended with status {status}; of hlrp-sh that means: {meaning}");
    }
    match status {
        126 => "its script ended with status 126: a program that may not be executed".to_owned(),
        127 => {
            "its script ended with status 127: a program, or a library that it needs, was not found"
                .to_owned()
        }
        129..=192 => format!(
            "its script ended with status {status}: a program in it was ended by {}",
            signal(status - 128)
        ),
        _ => format!("its script ended with status {status}"),
    }
}

fn signal(number: u32) -> String {
    let known = i32::try_from(number).ok();
    match known.and_then(|number| Signal::try_from(number).ok()) {
        Some(signal) => format!("{} ({number})", signal.as_str()),
        None => format!("signal {number}"),
    }
}
