//! Jobs, partitions, qualities of service and accounts, with the age of what is known.

use super::Candidate;
use crate::shell::announce::lasted;
use crate::shell::cache::{Dated, Known};
use crate::slurm::query::{Job, Phase};

/// What of Slurm's a word may be.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Thing {
    /// The id of a job of one's own.
    Job,
    /// A partition.
    Partition,
    /// A quality of service.
    Qos,
    /// An account.
    Account,
}

/// Returns what an option of Slurm's clients takes.
pub(crate) fn of_option(option: &str) -> Option<Thing> {
    Some(match option {
        "-p" | "--partition" => Thing::Partition,
        "-q" | "--qos" => Thing::Qos,
        "-A" | "--account" => Thing::Account,
        "-j" | "--jobs" | "--job" | "--jobid" => Thing::Job,
        _ => return None,
    })
}

/// Returns those that begin so; `head` stands before them in the word.
pub(crate) fn things(thing: Thing, known: &Known, head: &str, beginning: &str) -> Vec<Candidate> {
    let all: Vec<(String, String)> = match thing {
        Thing::Job => with_age(known.jobs.as_ref(), |jobs| {
            let mut jobs: Vec<&Job> = jobs.iter().filter(|job| !job.state.is_over()).collect();
            jobs.sort_by_key(|job| std::cmp::Reverse(job.number));
            jobs.into_iter()
                .map(|job| (job.id.to_string(), of_job(job)))
                .collect()
        }),
        Thing::Partition => with_age(known.partitions.as_ref(), |partitions| {
            let about = |state: bool| if state { "up" } else { "down" };
            let named = partitions.iter().map(|one| {
                let default = if one.is_default { "the default, " } else { "" };
                (one.name.clone(), format!("{default}{}", about(one.is_up)))
            });
            named.collect()
        }),
        Thing::Qos => with_age(known.qos.as_ref(), |all| {
            let named = all.iter().map(|one| {
                let most = one.max_submitted.map(|most| format!("{most} jobs at most"));
                (one.name.clone(), most.unwrap_or_else(|| "QOS".to_owned()))
            });
            named.collect()
        }),
        Thing::Account => with_age(known.accounts.as_ref(), |all| {
            let mut names: Vec<&String> = all.iter().map(|one| &one.account).collect();
            names.sort();
            names.dedup();
            let named = names
                .into_iter()
                .map(|name| (name.clone(), "account".to_owned()));
            named.collect()
        }),
    };
    let fitting = all
        .into_iter()
        .filter(|(name, _)| name.starts_with(beginning));
    fitting
        .map(|(name, about)| Candidate {
            word: super::quote::escaped(&format!("{head}{name}"), None),
            shown: name,
            about: Some(about),
            is_whole: true,
        })
        .collect()
}

fn with_age<T>(
    known: Option<&Dated<T>>,
    list: impl Fn(&T) -> Vec<(String, String)>,
) -> Vec<(String, String)> {
    let Some(known) = known else {
        return Vec::new();
    };
    let age = known.age();
    let named = list(&known.value).into_iter();
    named
        .map(|(name, about)| (name, format!("{about} · {age}")))
        .collect()
}

fn of_job(job: &Job) -> String {
    let doing = match job.state.phase() {
        Phase::Running | Phase::Ending => {
            let nodes = &job.nodes;
            let since = job
                .elapsed
                .map(|seconds| format!(" for {}", lasted(seconds)));
            format!("runs on {nodes}{}", since.unwrap_or_default())
        }
        Phase::Waiting => "waits".to_owned(),
        _ => job.state.to_string(),
    };
    format!("{}, {doing}", job.name)
}
