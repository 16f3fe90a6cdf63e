//! Asks Slurm what is: jobs, partitions, accounts. Changes nothing.
//!
//! INVARIANT: however many jobs there are, a look is one `squeue` and one `sacct`; and a
//! client that says nothing of a job has not said that there is none.

pub mod cluster;
mod events;
pub mod exit;
pub mod id;
pub mod job;
mod looks;
mod merge;
pub mod output;
pub mod pattern;
pub mod sacct;
pub mod scontrol;
pub mod squeue;
pub mod state;
pub mod tasks;
pub mod time;

use std::sync::mpsc::channel;
use std::time::Duration;

use serde::Serialize;

use super::client::{Client, Clients, Error};
use crate::audit::Timestamp;
use crate::slurm::race::story::settle;

pub(crate) use events::{Event, Seen};
pub use exit::{Exit, explain, lost_race};
pub use id::{JobId, Part};
pub use job::{Job, Source};
pub(crate) use looks::Looks;
pub use merge::merge;
pub use output::Output;
pub use scontrol::Detail;
pub use state::{Known, Phase, State};
pub use tasks::Tasks;
pub use time::Limit;

/// Whose jobs are looked at.
#[derive(Clone, Debug)]
pub enum Whose {
    /// A user's, by name or number.
    User(String),
    /// Everybody's.
    Everybody,
    /// These, whoever has them.
    These(Vec<JobId>),
}

impl Whose {
    /// Returns those of whoever runs this program.
    pub fn mine() -> Self {
        Self::User(nix::unistd::getuid().to_string())
    }
}

/// What a look at Slurm found.
#[derive(Clone, Debug)]
pub struct Look {
    /// The jobs, those that run first, then those that wait, then what ended, the newest first.
    pub jobs: Vec<Job>,
    /// Whether accounting answered.
    pub accounting: Accounting,
    /// Records that made no sense.
    pub unread: usize,
}

/// Whether accounting answered, which knows what ended a while ago.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Accounting {
    /// It did.
    Answered,
    /// It did not, and said this.
    Silent(String),
    /// It was not asked.
    NotAsked,
}

/// Looks at jobs: one `squeue`, and one `sacct` for what ended since a moment.
///
/// # Errors
/// Where the controller does not answer. Where only accounting is silent, the look says so.
pub fn look(clients: &Clients, whose: &Whose, since: Option<&Timestamp>) -> Result<Look, Error> {
    let accounting = since.map(|since| {
        let (sender, receiver) = channel();
        let (clients, whose, since) = (clients.clone(), whose.clone(), since.clone());
        // Nobody waits for it in the end: a daemon that hangs holds `sacct` for a minute.
        std::thread::spawn(move || sender.send(account(&clients, &whose, &since)));
        receiver
    });
    let (queued, mut unread) = queue(clients, whose)?;
    let accounting = accounting.map(|receiver| {
        let silent = |_| {
            Err(format!(
                "no word from it within {} seconds",
                PATIENCE.as_secs()
            ))
        };
        receiver.recv_timeout(PATIENCE).unwrap_or_else(silent)
    });
    let (accounted, accounting) = match accounting {
        None => (Vec::new(), Accounting::NotAsked),
        Some(Err(said)) => (Vec::new(), Accounting::Silent(said)),
        Some(Ok((jobs, more))) => {
            unread += more;
            (jobs, Accounting::Answered)
        }
    };
    let mut jobs = merge(queued, Vec::new(), accounted);
    settle(&mut jobs);
    Ok(Look {
        jobs,
        accounting,
        unread,
    })
}

/// For so long after the queue's answer accounting is waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// Asks the queue. That it knows none of the jobs asked about is an empty answer.
fn queue(clients: &Clients, whose: &Whose) -> Result<(Vec<Job>, usize), Error> {
    let mark = mark();
    let mut args = words(&["-h", "-a", "-t", "all", "-o"]);
    args.push(squeue::format(&mark));
    match whose {
        Whose::User(user) => args.extend(words(&["-u", user])),
        Whose::Everybody => {}
        Whose::These(ids) => args.extend(["-j".to_owned(), list(ids)]),
    }
    match clients.capture(Client::Squeue, &args, None) {
        Ok(output) => Ok(squeue::read(&output.stdout, &mark)),
        Err(Error::NoSuchJob { .. }) if matches!(whose, Whose::These(_)) => Ok((Vec::new(), 0)),
        Err(fault) => Err(fault),
    }
}

fn account(
    clients: &Clients,
    whose: &Whose,
    since: &Timestamp,
) -> Result<(Vec<Job>, usize), String> {
    let mark = mark();
    let mut args = words(&["-nXP", "-o", sacct::FIELDS]);
    args.push(format!("--delimiter={mark}"));
    args.extend(["-S".to_owned(), time::asked(since)]);
    args.extend(words(&["-E", "now"]));
    match whose {
        Whose::User(user) => args.extend(words(&["-u", user])),
        Whose::Everybody => args.push("-a".to_owned()),
        Whose::These(ids) => args.extend(["-j".to_owned(), list(ids)]),
    }
    let output = clients.capture(Client::Sacct, &args, None);
    let output = output.map_err(|fault| fault.to_string())?;
    Ok(sacct::read(&output.stdout, &mark))
}

/// Asks the controller for one job in detail: several records for an array. No such job is none.
///
/// # Errors
/// Where the controller does not answer.
pub fn detail(clients: &Clients, id: &JobId) -> Result<Vec<Detail>, Error> {
    let id = asked(id);
    match clients.capture(Client::Scontrol, ["-o", "show", "job", &id], None) {
        Ok(output) => Ok(scontrol::read(&output.stdout)),
        Err(Error::NoSuchJob { .. }) => Ok(Vec::new()),
        Err(fault) => Err(fault),
    }
}

/// Asks accounting for the line that a job was submitted with.
///
/// # Errors
/// Where accounting does not answer.
pub fn submit_line(clients: &Clients, id: &JobId) -> Result<Option<String>, Error> {
    let id = asked(id);
    let args = ["-nXP", "-o", "SubmitLine", "-j", &id];
    let output = clients.capture(Client::Sacct, args, None)?;
    let line = output.stdout.trim_end_matches('\n');
    Ok(job::said(line).map(str::to_owned))
}

/// Returns ids as the clients read them: of an array's waiting tasks, the whole array.
fn list(ids: &[JobId]) -> String {
    let ids: Vec<String> = ids.iter().map(asked).collect();
    ids.join(",")
}

fn asked(id: &JobId) -> String {
    match &id.part {
        Part::Whole | Part::Task(_) | Part::Component(_) => id.to_string(),
        Part::Tasks(_) => id.number.to_string(),
    }
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}

/// Returns a mark for the beginning of records that no job's name can have in it.
fn mark() -> String {
    use std::hash::{BuildHasher, RandomState};
    let random = || RandomState::new().hash_one(0);
    format!("~{:016x}{:016x}~", random(), random())
}
