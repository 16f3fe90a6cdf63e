//! What of a submission is missing or has failed, by what Slurm says of it.
//!
//! INVARIANT: what Slurm says nothing about has not failed. A point is queued again only
//! where Slurm says that it failed, or where neither the queue nor the accounts know of it.

use std::collections::BTreeMap;

use super::manifest::{Entry, Manifest, Progress};

/// What Slurm says, from the queue and from the accounts.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// States by job and array task.
    states: BTreeMap<(String, Option<usize>), Fate>,
    /// Jobs by comment.
    comments: BTreeMap<String, String>,
    /// Whether the accounts answered.
    pub has_accounts: bool,
}

/// How it went with a job.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Fate {
    /// It waits or runs.
    Alive,
    /// It ended well.
    Done,
    /// It ended otherwise.
    Failed,
}

/// Options of squeue whose answer [`Facts::queue`] reads.
pub const SQUEUE: [&str; 9] = [
    "--me",
    "-h",
    "-a",
    "-r",
    "-t",
    "all",
    "-o",
    "%F|%K|%T|%k",
    "--sort=i",
];
/// Fields of sacct that [`Facts::accounts`] reads.
pub const SACCT: &str = "JobID,State,Comment,SubmitLine";

impl Facts {
    /// Adds what squeue said.
    pub fn queue(&mut self, text: &str) {
        for line in text.lines() {
            let mut fields = line.splitn(4, '|');
            let (Some(job), Some(task), Some(state)) =
                (fields.next(), fields.next(), fields.next())
            else {
                continue;
            };
            self.add(
                job,
                task.parse().ok(),
                state,
                fields.next().unwrap_or_default(),
            );
        }
    }

    /// Adds what sacct said; what the queue says counts more.
    pub fn accounts(&mut self, text: &str) {
        self.has_accounts = true;
        for line in text.lines() {
            let mut fields = line.splitn(4, '|');
            let (Some(id), Some(state), Some(comment)) =
                (fields.next(), fields.next(), fields.next())
            else {
                continue;
            };
            let submitted = fields.next().unwrap_or_default();
            let named = submitted
                .split_whitespace()
                .find_map(|word| word.strip_prefix("--comment="));
            let comment = if comment.starts_with("hlrp:") {
                comment
            } else {
                named.unwrap_or_default()
            };
            let (job, task) = id.split_once('_').unwrap_or((id, ""));
            self.add(job, task.parse().ok(), state, comment);
        }
    }

    fn add(&mut self, job: &str, task: Option<usize>, state: &str, comment: &str) {
        if let Some(fate) = Fate::of(state) {
            let key = (job.to_owned(), task);
            self.states.entry(key).or_insert(fate);
        }
        if comment.starts_with("hlrp:") {
            // The latest call counts: its id is the highest.
            let number = |id: &str| id.parse::<u64>().unwrap_or(0);
            let known = self
                .comments
                .entry(comment.to_owned())
                .or_insert_with(|| job.to_owned());
            if number(job) > number(known) {
                *known = job.to_owned();
            }
        }
    }

    fn fate(&self, job: &str, task: Option<usize>) -> Option<Fate> {
        self.states.get(&(job.to_owned(), task)).copied()
    }

    fn knows(&self, job: &str) -> bool {
        self.states.keys().any(|(known, _)| known == job)
    }
}

impl Fate {
    /// Reads a state of Slurm's; `None` for what is none.
    fn of(state: &str) -> Option<Self> {
        let word = state.split([' ', '+']).next()?;
        Some(match word {
            "" | "Unknown" => return None,
            "COMPLETED" => Self::Done,
            "FAILED" | "CANCELLED" | "TIMEOUT" | "OUT_OF_MEMORY" | "NODE_FAIL" | "BOOT_FAIL"
            | "DEADLINE" | "PREEMPTED" | "REVOKED" => Self::Failed,
            _ => Self::Alive,
        })
    }
}

/// What is to be done about a submission.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Verdict {
    /// Entries to be called for again, by place.
    pub again: Vec<usize>,
    /// Entries that were queued although the manifest did not know.
    pub adopted: Vec<usize>,
    /// Entries of which Slurm says nothing.
    pub unknown: Vec<usize>,
    /// Points that wait or run.
    pub alive: usize,
    /// Points that are done.
    pub done: usize,
    /// Points that failed.
    pub failed: usize,
}

/// Decides about every entry, and changes the manifest accordingly: jobs that were found are
/// entered, failed ones are made ready to be called for again.
///
/// `dare`: call again also for what Slurm says nothing about.
pub fn decide(manifest: &mut Manifest, facts: &Facts, dare: bool) -> Verdict {
    let mut verdict = Verdict::default();
    let mut parts: Vec<Entry> = Vec::new();
    for (index, entry) in manifest.jobs.iter_mut().enumerate() {
        if entry.job().is_none() && !matches!(entry.state, Progress::Refused { .. }) {
            if let Some(job) = facts.comments.get(&entry.comment) {
                entry.state = Progress::Queued { job: job.clone() };
                verdict.adopted.push(index);
            } else if !facts.has_accounts && !dare {
                verdict.unknown.push(index);
                continue;
            }
        }
        let Some(job) = entry.job().map(str::to_owned) else {
            verdict.again.push(index);
            continue;
        };
        if !facts.knows(&job) && !dare {
            verdict.unknown.push(index);
            continue;
        }
        let tasks = tasks(entry);
        let mut again = Vec::new();
        for task in &tasks {
            match facts.fate(&job, *task) {
                Some(Fate::Alive) => verdict.alive += 1,
                Some(Fate::Done) => verdict.done += 1,
                Some(Fate::Failed) => {
                    verdict.failed += 1;
                    again.push(*task);
                }
                None if facts.knows(&job) => verdict.alive += 1,
                None => again.push(*task),
            }
        }
        if again.is_empty() {
            continue;
        }
        if again.len() < tasks.len() {
            // What goes on keeps its entry; what is called for again gets one of its own.
            let mut part = entry.clone();
            part.renew(&job, &again);
            parts.push(part);
            let rest: Vec<_> = tasks
                .iter()
                .filter(|task| !again.contains(task))
                .copied()
                .collect();
            entry.narrow(&rest);
        } else {
            entry.renew(&job, &again);
            verdict.again.push(index);
        }
    }
    for part in parts {
        verdict.again.push(manifest.jobs.len());
        manifest.jobs.push(part);
    }
    verdict
}

/// Returns the tasks of an entry: `None` alone where it is no array.
fn tasks(entry: &Entry) -> Vec<Option<usize>> {
    let Some(list) = entry
        .options
        .iter()
        .find_map(|one| one.strip_prefix("--array="))
    else {
        return vec![None];
    };
    let list = list.split('%').next().unwrap_or_default();
    let ranges = list.split(',').filter_map(|range| {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        Some(first.parse::<usize>().ok()?..=last.parse().ok()?)
    });
    ranges.flatten().map(Some).collect()
}

impl Entry {
    /// Makes it ready to be called for again, for some of its tasks.
    fn renew(&mut self, job: &str, tasks: &[Option<usize>]) {
        self.earlier.push(job.to_owned());
        self.state = Progress::Intended;
        let attempt = self.earlier.len() + 1;
        let base = self
            .comment
            .split('#')
            .next()
            .unwrap_or_default()
            .to_owned();
        self.comment = format!("{base}#{attempt}");
        self.narrow(tasks);
    }

    /// Leaves it some of its tasks.
    fn narrow(&mut self, tasks: &[Option<usize>]) {
        for option in &mut self.options {
            if let Some(list) = option.strip_prefix("--array=") {
                let limit = list
                    .split_once('%')
                    .map_or_else(String::new, |(_, most)| format!("%{most}"));
                let numbers: Vec<String> = tasks.iter().flatten().map(usize::to_string).collect();
                *option = format!("--array={}{limit}", numbers.join(","));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(states: Vec<(&str, Progress)>) -> Manifest {
        let jobs = states
            .into_iter()
            .enumerate()
            .map(|(index, (array, state))| Entry {
                points: vec![index],
                script: "/r/s.sbatch".into(),
                options: if array.is_empty() {
                    Vec::new()
                } else {
                    vec![format!("--array={array}")]
                },
                name: "hlrp_x".into(),
                comment: format!("hlrp:id:{index}"),
                tasks: None,
                state,
                earlier: Vec::new(),
            });
        Manifest {
            schema: "hlrp.manifest/1".into(),
            id: "id".into(),
            created: "now".into(),
            project: "/p".into(),
            experiment: "x".into(),
            overrides: Vec::new(),
            commit: None,
            points: Vec::new(),
            jobs: jobs.collect(),
            runs: Vec::new(),
            race: Vec::new(),
        }
    }

    fn queued(job: &str) -> Progress {
        Progress::Queued {
            job: job.to_owned(),
        }
    }

    #[test]
    fn only_what_is_missing_or_failed_is_queued_again() {
        let mut manifest = manifest(vec![
            ("", queued("1")),
            ("", queued("2")),
            ("", queued("3")),
            ("", queued("4")),
            ("", Progress::Intended),
            ("", Progress::Intended),
            (
                "",
                Progress::Refused {
                    reason: "no".into(),
                },
            ),
        ]);
        let mut facts = Facts::default();
        facts.queue("1|N/A|RUNNING|hlrp:id:0\n2|N/A|FAILED|hlrp:id:1\n9|N/A|PENDING|hlrp:id:4\n");
        facts.accounts("3|COMPLETED||sbatch --comment=hlrp:id:2 s\n");
        let verdict = decide(&mut manifest, &facts, false);
        assert_eq!(verdict.again, [1, 5, 6]);
        assert_eq!(verdict.adopted, [4]);
        assert_eq!(verdict.unknown, [3]);
        assert_eq!(manifest.jobs[4].job(), Some("9"));
        assert_eq!(manifest.jobs[1].comment, "hlrp:id:1#2");
        assert_eq!(manifest.jobs[1].earlier, ["2"]);
    }

    #[test]
    fn of_an_array_only_the_failed_tasks_are_queued_again() {
        let mut manifest = manifest(vec![("0-3%2", queued("7"))]);
        let mut facts = Facts::default();
        facts.queue("7|0|COMPLETED|c\n7|1|FAILED|c\n7|2|TIMEOUT|c\n7|3|RUNNING|c\n");
        let verdict = decide(&mut manifest, &facts, false);
        assert_eq!(verdict.again, [1]);
        assert_eq!(manifest.jobs[0].options, ["--array=0,3%2"]);
        assert_eq!(manifest.jobs[1].options, ["--array=1,2%2"]);
        assert_eq!((verdict.done, verdict.failed, verdict.alive), (1, 2, 1));
    }

    #[test]
    fn without_accounts_nothing_is_taken_for_never_queued() {
        let mut manifest = manifest(vec![("", Progress::Intended)]);
        let facts = Facts::default();
        assert_eq!(decide(&mut manifest, &facts, false).unknown, [0]);
        assert_eq!(decide(&mut manifest, &facts, true).again, [0]);
    }

    #[test]
    fn a_state_that_slurm_does_not_say_is_none() {
        assert_eq!(Fate::of("CANCELLED by 1001"), Some(Fate::Failed));
        assert_eq!(Fate::of("Unknown"), None);
        assert_eq!(Fate::of("COMPLETING"), Some(Fate::Alive));
    }
}
