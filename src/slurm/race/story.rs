//! How the jobs of a race ended, each by itself and all of them together, by what Slurm says.
//!
//! INVARIANT: all times compared are the controller's, so that no clock but its own counts.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Member;
use crate::slurm::query::{Job, Phase, lost_race};

/// A job's part in a race.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Part {
    /// Which race, and which of its jobs.
    #[serde(flatten)]
    pub member: Member,
    /// What is special about its end.
    pub end: Option<End>,
    /// The job that has the run, where it gave way to one.
    pub to: Option<u64>,
    /// The other jobs, where one record stands for the race.
    #[serde(skip)]
    pub beside: Vec<u64>,
}

/// An end that only a race knows; neither is a failure.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum End {
    /// It started, and found the run claimed.
    LostTheRace,
    /// It was cancelled, for another had started.
    OtherStarted,
}

impl Part {
    /// Reads a job's comment.
    pub fn of(comment: &str) -> Option<Self> {
        Some(Self {
            member: Member::of(comment)?,
            end: None,
            to: None,
            beside: Vec::new(),
        })
    }
}

/// Says of every job of a race how it ended beside the others.
pub fn settle(jobs: &mut [Job]) {
    let mut races: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (at, job) in jobs.iter().enumerate() {
        if let Some(part) = &job.race {
            races.entry(part.member.id.clone()).or_default().push(at);
        }
    }
    for places in races.into_values() {
        let all: Vec<Job> = places
            .iter()
            .filter_map(|at| jobs.get(*at).cloned())
            .collect();
        for at in places {
            if let Some(job) = jobs.get_mut(at) {
                let (end, to) = end(job, &all);
                if let Some(part) = &mut job.race {
                    (part.end, part.to) = (end, to);
                }
            }
        }
    }
}

fn end(job: &Job, all: &[Job]) -> (Option<End>, Option<u64>) {
    let others = || all.iter().filter(|other| other.number != job.number);
    let is_winner = |other: &&Job| {
        other.started.is_some()
            && !lost_race(&other.state, other.exit)
            && (other.state.phase() != Phase::Cancelled || job.started.is_none())
    };
    // Of one that failed a moment ago only accounting knows whether it had the run.
    let is_unsure = |other: &&Job| other.state.phase() == Phase::Failed && other.exit.is_none();
    let winner = others().filter(is_winner).min_by_key(is_unsure);
    let winner = winner.map(|other| other.number);
    if lost_race(&job.state, job.exit) {
        return (Some(End::LostTheRace), winner);
    }
    match winner {
        Some(winner) if job.state.phase() == Phase::Cancelled => {
            (Some(End::OtherStarted), Some(winner))
        }
        Some(_) | None => (None, None),
    }
}

/// Returns the job that speaks for a race: the one that trains, trained, or still may.
pub fn speaker<'j>(jobs: &[&'j Job]) -> Option<&'j Job> {
    let rank = |job: &Job| match (
        job.race.as_ref().and_then(|part| part.end),
        job.state.phase(),
    ) {
        (Some(_), _) => 6,
        (None, Phase::Running) => 0,
        (None, Phase::Ending) => 1,
        (None, Phase::Done) => 2,
        (None, Phase::Waiting | Phase::Unknown) => 3,
        (None, Phase::Failed) => 4,
        (None, Phase::Cancelled) => 5,
    };
    jobs.iter().copied().min_by_key(|job| rank(job))
}
