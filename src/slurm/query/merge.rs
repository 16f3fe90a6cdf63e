//! Joins what the clients say of the same jobs.

use std::collections::HashMap;

use super::id::{JobId, Part};
use super::job::Job;
use super::state::Phase;

/// Joins the records of `squeue`, `scontrol` and `sacct`. Of two that speak of one job the
/// earlier of these counts, and the later adds what it does not know.
pub fn merge(queue: Vec<Job>, controller: Vec<Job>, accounting: Vec<Job>) -> Vec<Job> {
    let mut all = Merged::default();
    for job in queue.into_iter().chain(controller).chain(accounting) {
        all.add(job);
    }
    let mut jobs = all.jobs;
    jobs.sort_by(|a, b| {
        let rank = |job: &Job| match job.state.phase() {
            Phase::Running | Phase::Ending => 0,
            Phase::Waiting | Phase::Unknown => 1,
            Phase::Done | Phase::Cancelled | Phase::Failed => 2,
        };
        let by_end = || b.ended.cmp(&a.ended);
        rank(a)
            .cmp(&rank(b))
            .then_with(|| {
                if rank(a) == 2 {
                    by_end()
                } else {
                    std::cmp::Ordering::Equal
                }
            })
            .then_with(|| a.id.cmp(&b.id))
    });
    jobs
}

#[derive(Default)]
struct Merged {
    jobs: Vec<Job>,
    places: HashMap<JobId, usize>,
    /// Whole jobs and tasks that wait together, by the number that is theirs alone.
    groups: HashMap<u64, usize>,
    /// Tasks that wait together, of which accounting may know some one by one.
    waiting: HashMap<u64, Vec<usize>>,
}

impl Merged {
    fn add(&mut self, job: Job) {
        if let Some(known) = self
            .places
            .get(&job.id)
            .and_then(|at| self.jobs.get_mut(*at))
        {
            known.fill(job);
            return;
        }
        let is_group = matches!(job.id.part, Part::Whole | Part::Tasks(_));
        if is_group
            && let Some(at) = self.groups.get(&job.number)
            && let Some(known) = self.jobs.get_mut(*at)
        {
            // The same record, from before or after a task left it.
            known.fill(job);
            return;
        }
        if self.is_stale(&job) {
            return;
        }
        let at = self.jobs.len();
        if is_group {
            self.groups.insert(job.number, at);
        }
        self.places.insert(job.id.clone(), at);
        if matches!(job.id.part, Part::Tasks(_)) {
            self.waiting.entry(job.id.number).or_default().push(at);
        }
        self.jobs.push(job);
    }

    /// Returns whether a record speaks of tasks that a better one has in another grouping.
    fn is_stale(&self, job: &Job) -> bool {
        let groups = self.waiting.get(&job.id.number).into_iter().flatten();
        let groups = groups.filter_map(|at| self.jobs.get(*at));
        match &job.id.part {
            Part::Task(task) => groups
                .into_iter()
                .any(|group| matches!(&group.id.part, Part::Tasks(tasks) if tasks.contains(*task))),
            // What accounting has of tasks that waited together is as old as its last look.
            Part::Tasks(_) | Part::Whole if job.state.is_waiting() => self
                .jobs
                .iter()
                .any(|known| known.id.number == job.id.number && known.source > job.source),
            Part::Whole | Part::Tasks(_) | Part::Component(_) => false,
        }
    }
}
