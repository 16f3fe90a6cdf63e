//! How runs are: what their manifests say, and what Slurm says of all of them at once.
//!
//! INVARIANT: one look at Slurm for all runs; that it says nothing of a job is not an end.

use std::collections::HashMap;

use serde::Serialize;

use super::Run;
use crate::audit::Timestamp;
use crate::slurm::client::{Clients, Error};
use crate::slurm::query::{Accounting, Job, JobId, Part, Phase, Whose, look, lost_race};
use crate::slurm::race::story::speaker;

/// How a run is.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It was not handed to Slurm, or not begun.
    Unqueued,
    /// Slurm did not take it.
    Refused,
    /// It waits for its turn.
    Waiting,
    /// It runs.
    Running,
    /// It ended well.
    Done,
    /// It did not end well.
    Failed,
    /// Somebody cancelled it.
    Cancelled,
    /// Another job of the same run was faster.
    LostRace,
    /// Nobody knows.
    Unknown,
}

impl State {
    /// Returns its word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unqueued => "unqueued",
            Self::Refused => "refused",
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::LostRace => "lost-race",
            Self::Unknown => "unknown",
        }
    }

    /// Returns whether nothing of it will run any more, and something did.
    pub fn is_finished(self) -> bool {
        match self {
            Self::Done | Self::Failed | Self::Cancelled => true,
            Self::Unqueued
            | Self::Refused
            | Self::Waiting
            | Self::Running
            | Self::LostRace
            | Self::Unknown => false,
        }
    }

    fn of(job: &Job) -> Self {
        if lost_race(&job.state, job.exit) {
            return Self::LostRace;
        }
        match job.state.phase() {
            Phase::Waiting => Self::Waiting,
            Phase::Running | Phase::Ending => Self::Running,
            Phase::Done => Self::Done,
            Phase::Cancelled => Self::Cancelled,
            Phase::Failed => Self::Failed,
            Phase::Unknown => Self::Unknown,
        }
    }
}

/// So many jobs are asked for by their numbers; more, by their user.
const NAMED: usize = 400;

/// Asks Slurm about all runs that have jobs; returns what accounting complained of.
///
/// # Errors
///
/// Where the controller does not answer; the runs are then as they were.
pub fn ask(runs: &mut [Run], clients: &Clients) -> Result<Option<String>, Error> {
    let jobs = runs.iter().flat_map(|run| &run.jobs);
    let mut ids: Vec<JobId> = jobs
        .filter_map(|job| job.split(['_', '+', ';']).next()?.parse().ok())
        .map(JobId::whole)
        .collect();
    ids.sort();
    ids.dedup();
    if ids.is_empty() {
        return Ok(None);
    }
    let oldest = runs.iter().filter(|run| !run.jobs.is_empty());
    let since = oldest.filter_map(|run| moment(&run.started)).min();
    let since = since.unwrap_or_else(|| Timestamp::from(std::time::UNIX_EPOCH + DAY));
    let whose = match ids.len() <= NAMED {
        true => Whose::These(ids),
        false => Whose::mine(),
    };
    let found = look(clients, &whose, Some(&since))?;
    tell(runs, &found.jobs);
    Ok(match found.accounting {
        Accounting::Silent(said) => Some(said),
        Accounting::Answered | Accounting::NotAsked => None,
    })
}

const DAY: std::time::Duration = std::time::Duration::from_secs(86_400);

/// Writes into runs what is known of their jobs.
pub fn tell(runs: &mut [Run], jobs: &[Job]) {
    let mut by_number: HashMap<u64, Vec<&Job>> = HashMap::new();
    for job in jobs {
        by_number.entry(job.id.number).or_default().push(job);
    }
    for run in runs {
        let ids = run.jobs.iter().filter_map(|job| id(job));
        let known = ids.filter_map(|id| {
            let candidates = by_number.get(&id.number)?;
            candidates.iter().find(|job| job.id.meets(&id)).copied()
        });
        let known: Vec<&Job> = known.collect();
        let speaks = match run.clusters.is_empty() {
            true => known.first().copied(),
            // Of a race the one that ran counts, whichever was queued first.
            false => speaker(&known),
        };
        if let Some(job) = speaks {
            run.state = State::of(job);
            run.said = Some(job.state.as_str().to_owned());
            run.elapsed = job.elapsed;
            if let Some(started) = &job.started {
                run.started = local(started);
            }
            let member = job.race.as_ref().map(|part| part.member.number);
            let member = member.and_then(|number| usize::try_from(number).ok());
            let cluster = member.and_then(|number| run.clusters.get(number));
            match cluster {
                Some(cluster) if job.started.is_some() => run.place.clone_from(cluster),
                Some(_) | None if run.place.is_empty() => run.place.clone_from(&job.partition),
                Some(_) | None => {}
            }
        }
    }
}

fn id(text: &str) -> Option<JobId> {
    let (number, task) = match text.split_once('_') {
        Some((number, task)) => (number, Some(task.parse().ok()?)),
        None => (text, None),
    };
    let number = number.split(';').next()?.parse().ok()?;
    Some(JobId {
        number,
        part: task.map_or(Part::Whole, Part::Task),
    })
}

/// Reads a moment as manifests name it: local, `2026-01-31_12-00-00`.
fn moment(text: &str) -> Option<Timestamp> {
    let civil = jiff::civil::DateTime::strptime("%Y-%m-%d_%H-%M-%S", text).ok()?;
    let zoned = civil.to_zoned(jiff::tz::TimeZone::system()).ok()?;
    let seconds = u64::try_from(zoned.timestamp().as_second()).ok()?;
    let at = std::time::UNIX_EPOCH.checked_add(std::time::Duration::from_secs(seconds))?;
    Some(Timestamp::from(at))
}

/// Returns a moment as manifests name it.
fn local(moment: &Timestamp) -> String {
    let zone = jiff::tz::TimeZone::system();
    match jiff::Timestamp::try_from(moment.instant()) {
        Ok(at) => at.to_zoned(zone).strftime("%Y-%m-%d_%H-%M-%S").to_string(),
        Err(_) => moment.to_string(),
    }
}
