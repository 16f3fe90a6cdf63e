//! What changed between two looks at the queue.

use std::collections::{BTreeSet, HashMap};

use serde::Serialize;

use super::exit::lost_race;
use super::{Job, JobId, Part, Phase};

/// What happened to a job.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Event {
    /// It was there at the first look.
    Present,
    /// It is new and waits.
    Queued,
    /// It runs now.
    Started,
    /// It waits again.
    Requeued,
    /// It ended well.
    Ended,
    /// It ended, and not well.
    Failed,
    /// It was cancelled.
    Cancelled,
}

impl Event {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Present => "is there",
            Self::Queued => "is queued",
            Self::Started => "started",
            Self::Requeued => "waits again",
            Self::Ended => "ended",
            Self::Failed => "failed",
            Self::Cancelled => "was cancelled",
        }
    }
}

/// What was known of every job at the last look.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    phases: HashMap<JobId, Phase>,
    numbers: BTreeSet<u64>,
    has_looked: bool,
}

impl Seen {
    /// Compares with what is known, and knows the new from then on.
    pub(crate) fn compare<'j>(&mut self, jobs: &'j [Job]) -> Vec<(Event, &'j Job)> {
        let mut events = Vec::new();
        for job in jobs {
            let phase = match lost_race(&job.state, job.exit) {
                true => Phase::Done,
                false => settled(job.state.phase()),
            };
            let before = self.phases.insert(job.id.clone(), phase);
            let is_new_number = !self.numbers.contains(&job.id.number);
            let is_group = matches!(job.id.part, Part::Tasks(_));
            let event = if self.has_looked {
                match before {
                    // Tasks that wait together are fewer each time one starts; that is no news.
                    None if is_group && !is_new_number && phase == Phase::Waiting => None,
                    None => first(phase),
                    Some(before) if before == phase => None,
                    Some(_) => next(phase),
                }
            } else {
                (!job.state.is_over()).then_some(Event::Present)
            };
            events.extend(event.map(|event| (event, job)));
        }
        self.numbers.extend(jobs.iter().map(|job| job.id.number));
        self.has_looked = true;
        events
    }
}

/// That a job is being tidied up is no news; it still holds its nodes.
fn settled(phase: Phase) -> Phase {
    match phase {
        Phase::Ending => Phase::Running,
        phase => phase,
    }
}

fn first(phase: Phase) -> Option<Event> {
    match phase {
        Phase::Waiting => Some(Event::Queued),
        phase => next(phase),
    }
}

fn next(phase: Phase) -> Option<Event> {
    match phase {
        Phase::Waiting => Some(Event::Requeued),
        Phase::Running | Phase::Ending => Some(Event::Started),
        Phase::Done => Some(Event::Ended),
        Phase::Failed => Some(Event::Failed),
        Phase::Cancelled => Some(Event::Cancelled),
        Phase::Unknown => None,
    }
}
