//! A job as Slurm's clients together know it.

use std::path::PathBuf;

use serde::Serialize;

use super::exit::Exit;
use super::id::{self, JobId};
use super::state::{Known, State};
use super::time::Limit;
use crate::audit::Timestamp;
use crate::slurm::race::story::Part;

/// A job, or the tasks of an array that wait together.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// The number that this very job has: a task's own, where an array's tasks have some.
    pub number: u64,
    /// Its name.
    pub name: String,
    /// Whose it is.
    pub user: String,
    /// Their number.
    pub uid: Option<u32>,
    /// Where it runs or may run.
    pub partition: String,
    /// Its quality of service.
    pub qos: String,
    /// What it is doing.
    pub state: State,
    /// The number of the user who cancelled it.
    pub cancelled_by: Option<u32>,
    /// Why it waits or ended, in Slurm's word.
    pub reason: Option<String>,
    /// Seconds that it ran.
    pub elapsed: Option<u64>,
    /// Seconds that it may run.
    pub limit: Limit,
    /// When it was submitted.
    pub submitted: Option<Timestamp>,
    /// When it started.
    pub started: Option<Timestamp>,
    /// When Slurm thinks that it will start.
    pub expected: Option<Timestamp>,
    /// When it ended.
    pub ended: Option<Timestamp>,
    /// Where it runs, in Slurm's short form: `n[1-3]`.
    pub nodes: String,
    /// How many nodes that are.
    pub node_count: Option<u32>,
    /// How it ended.
    pub exit: Option<Exit>,
    /// Its working directory.
    pub directory: Option<PathBuf>,
    /// Its part in a race, where it is of one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub race: Option<Part>,
    /// Who said so.
    pub source: Source,
}

/// Which client a fact came from, the one believed most last.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// `sacct`: it knows all that was, and lags.
    Accounting,
    /// `scontrol`: the controller, in detail.
    Controller,
    /// `squeue`: the controller, at once for all jobs.
    Queue,
}

impl Job {
    /// Returns how many jobs this record stands for.
    pub fn count(&self) -> u64 {
        match &self.id.part {
            id::Part::Tasks(tasks) => tasks.count().max(1),
            id::Part::Whole | id::Part::Task(_) | id::Part::Component(_) => 1,
        }
    }

    /// Returns the first of its nodes by its short name.
    pub fn first_node(&self) -> String {
        first_node(&self.nodes)
    }

    /// Takes from another record of the same job what this one does not know.
    pub(super) fn fill(&mut self, other: Self) {
        fn text(own: &mut String, other: String) {
            if own.is_empty() {
                *own = other;
            }
        }
        let agrees = self.state == other.state
            || self.state == State::Known(Known::Completing) && other.state.is_over();
        text(&mut self.name, other.name);
        text(&mut self.user, other.user);
        text(&mut self.partition, other.partition);
        text(&mut self.qos, other.qos);
        text(&mut self.nodes, other.nodes);
        self.uid = self.uid.or(other.uid);
        self.node_count = self.node_count.or(other.node_count);
        self.submitted = self.submitted.take().or(other.submitted);
        self.directory = self.directory.take().or(other.directory);
        self.race = self.race.take().or(other.race);
        if self.limit == Limit::Unknown {
            self.limit = other.limit;
        }
        // What accounting says of an earlier run of a job that was queued again is not of this one.
        if agrees {
            self.cancelled_by = self.cancelled_by.or(other.cancelled_by);
            self.exit = self.exit.or(other.exit);
            self.elapsed = self.elapsed.or(other.elapsed);
            self.started = self.started.take().or(other.started);
            self.ended = self.ended.take().or(other.ended);
            self.reason = self.reason.take().or(other.reason);
        }
    }
}

/// Returns the first node of Slurm's list of nodes: `n1` of `n[1-3,7],m4`.
pub fn first_node(list: &str) -> String {
    let prefix: String = list
        .chars()
        .take_while(|c| !matches!(c, '[' | ','))
        .collect();
    let inner = list
        .get(prefix.len()..)
        .and_then(|rest| rest.strip_prefix('['));
    let number = inner.map_or("", |inner| {
        inner.split(['-', ',', ']']).next().unwrap_or_default()
    });
    let name = prefix + number;
    name.split('.').next().unwrap_or_default().to_owned()
}

/// Returns a field without the words that Slurm writes where there is nothing to say.
pub(super) fn said(text: &str) -> Option<&str> {
    let nothing = [
        "",
        "N/A",
        "(null)",
        "None",
        "Unknown",
        "None assigned",
        "n/a",
    ];
    (!nothing.contains(&text)).then_some(text)
}
