//! A race as one line: the job that speaks for it, and the others beside its id.

use std::collections::BTreeMap;

use crate::slurm::query::Job;
use crate::slurm::race::story::speaker;

/// Puts the jobs of each race into one line, where the first of them stood.
pub(super) fn together(jobs: &[Job]) -> Vec<Job> {
    let mut races: BTreeMap<&str, Vec<&Job>> = BTreeMap::new();
    for job in jobs {
        if let Some(part) = &job.race {
            races.entry(&part.member.id).or_default().push(job);
        }
    }
    let mut lines = Vec::new();
    for job in jobs {
        match &job.race {
            None => lines.push(job.clone()),
            Some(part) => {
                let all = races.remove(part.member.id.as_str()).unwrap_or_default();
                lines.extend(line(&all));
            }
        }
    }
    lines
}

fn line(all: &[&Job]) -> Option<Job> {
    let mut line = speaker(all)?.clone();
    let mut others: Vec<u64> = all.iter().map(|job| job.number).collect();
    others.retain(|number| *number != line.number);
    others.sort_unstable();
    if line.state.is_waiting() {
        let waiting = all.iter().filter(|job| job.state.is_waiting());
        let mut partitions: Vec<&str> = waiting.map(|job| job.partition.as_str()).collect();
        partitions.dedup();
        line.partition = partitions.join(",");
    }
    if let Some(part) = &mut line.race {
        part.beside = others;
    }
    Some(line)
}

/// Returns an id, with those of the jobs that are in the same line.
pub(super) fn ids(job: &Job) -> String {
    let mut text = job.id.to_string();
    for number in job.race.iter().flat_map(|part| &part.beside) {
        text.push_str(&format!(",{number}"));
    }
    text
}
