//! What Slurm's clients say is read right: recorded from 22.05, and by hand where a newer
//! version's shape is meant.

mod merging;
mod parsing;
mod properties;

use hlrp_sh::slurm::query::{Job, JobId, sacct, scontrol, squeue};

const MARK: &str = "0123456789abcdef";

const EARLY: &str = include_str!("22.05/squeue.early");
const LATE: &str = include_str!("22.05/squeue.late");
const ACCOUNTING: &str = include_str!("22.05/sacct");
const CONTROLLER: &str = include_str!("22.05/scontrol.late");

fn queued(text: &str) -> Vec<Job> {
    let (jobs, unread) = squeue::read(text, MARK);
    assert_eq!(unread, 0);
    jobs
}

fn accounted(text: &str) -> Vec<Job> {
    let (jobs, unread) = sacct::read(text, MARK);
    assert_eq!(unread, 0);
    jobs
}

fn told(text: &str) -> Vec<scontrol::Detail> {
    scontrol::read(text)
}

fn id(text: &str) -> JobId {
    text.parse().unwrap()
}

fn named<'j>(jobs: &'j [Job], name: &str) -> &'j Job {
    let found = jobs.iter().find(|job| job.name.starts_with(name));
    found.unwrap_or_else(|| panic!("no job {name}"))
}
