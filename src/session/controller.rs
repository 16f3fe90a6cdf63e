//! The controller's word on the job that this seems to be.
//!
//! INVARIANT: asked with a client of root's, in an empty environment, for a job, a user and a machine that the
//! kernel names; whatever is not plainly confirmed is not confirmed.

use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::traces;

/// How long the controller may take; its clients try again for minutes by themselves.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often is looked whether it has answered.
const LOOK: Duration = Duration::from_millis(5);

/// What the controller says.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Controller {
    /// The job runs, on this machine, and is this user's.
    Confirms,
    /// There is no such job of this user here.
    Denies,
    /// It cannot be asked from here: a session is around this, whose guard lets nobody reach it and holds all the same.
    Shielded,
    /// It does not answer, or there is no client to ask with.
    Silent,
}

/// Who is asked about.
pub(super) struct Question<'a> {
    /// The job, by the kernel's word.
    pub(super) job: &'a str,
    /// The user.
    pub(super) uid: u32,
    /// The machine's name.
    pub(super) host: &'a str,
}

impl Question<'_> {
    /// Asks whether the job runs on this machine and is this user's. `path` and `configuration` are the caller's:
    /// they count where what they lead to is root's.
    pub(super) fn ask(&self, path: &str, configuration: Option<&Path>) -> Controller {
        if self.job.is_empty() || !self.job.bytes().all(|byte| byte.is_ascii_digit()) {
            return Controller::Denies;
        }
        let answer = self.ask_by(path, None);
        match configuration {
            // A machine may have more than one cluster of root's; a word that leads nowhere takes nothing away.
            Some(configuration) if answer != Controller::Confirms => {
                match self.ask_by(path, Some(configuration)) {
                    Controller::Confirms => Controller::Confirms,
                    Controller::Denies | Controller::Shielded | Controller::Silent => answer,
                }
            }
            _ => answer,
        }
    }

    fn ask_by(&self, path: &str, configuration: Option<&Path>) -> Controller {
        let Some(mut client) = traces::client("squeue", path, configuration) else {
            return Controller::Silent;
        };
        // A node is called by the first part of its machine's name.
        let node = self.host.split('.').next().unwrap_or(self.host);
        client.args(["--noheader", "--all", "--jobs", self.job]);
        client.args(["--nodelist", node, "--states", "all"]);
        client.args(["--format", "%A|%U|%T"]);
        match answer(client, PATIENCE) {
            Some(text) if self.is_confirmed(&text) => Controller::Confirms,
            Some(_) => Controller::Denies,
            None => Controller::Silent,
        }
    }

    /// Reads the queue's lines: job, user, state, all Slurm's own words.
    fn is_confirmed(&self, text: &str) -> bool {
        let uid = self.uid.to_string();
        text.lines().any(|line| {
            let mut fields = line.trim().split('|');
            fields.next() == Some(self.job)
                && fields.next() == Some(uid.as_str())
                && fields.next() == Some("RUNNING")
        })
    }
}

/// Returns what a program says, if it ends well and in time.
pub(super) fn answer(mut client: Command, patience: Duration) -> Option<String> {
    let mut child = client.stdout(Stdio::piped()).spawn().ok()?;
    let end = Instant::now() + patience;
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if Instant::now() < end => std::thread::sleep(LOOK),
            Ok(None) | Err(_) => {
                let _ = child.kill();
                let _ = child.wait();
                return None;
            }
        }
    };
    let mut text = String::new();
    child.stdout.take()?.read_to_string(&mut text).ok()?;
    // A job that Slurm has forgotten, or a machine that is no node of it, is an error of the client's; so is a
    // controller that does not answer. None of them confirms anything.
    status.success().then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_whole_of_it_confirms() {
        let question = Question {
            job: "42",
            uid: 1000,
            host: "cpu-001.cluster",
        };
        for (text, is_confirmed) in [
            ("42|1000|RUNNING\n", true),
            ("41|1000|RUNNING\n42|1000|RUNNING\n", true),
            ("", false),
            ("42|1001|RUNNING\n", false),
            ("421|1000|RUNNING\n", false),
            ("42|1000|COMPLETING\n", false),
            ("42|1000|PENDING\n", false),
            ("42|1000\n", false),
            ("RUNNING|42|1000\n", false),
        ] {
            assert_eq!(question.is_confirmed(text), is_confirmed, "{text:?}");
        }
    }
}
