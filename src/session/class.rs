//! Login node, compute node or workstation, and why it is believed to be so.
//!
//! INVARIANT: inside a cluster the answer is `login` unless the kernel says that this
//! is a job; `SLURM_*` variables are claims, and no more.

use super::surroundings::{Controller, Surroundings};
use crate::policy::HostClass;

/// What kind of machine this is, and why.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Classified {
    /// The kind.
    pub class: HostClass,
    /// The job, where this is one.
    pub job: Option<String>,
    /// Why, one line a fact.
    pub evidence: Vec<String>,
}

/// Decides what kind of machine this is.
pub(super) fn classify(around: &Surroundings) -> Classified {
    let mut evidence = Vec::new();
    let job = job_of(&around.cgroup);
    if let Some(job) = &job {
        evidence.push(format!("the control group is that of Slurm job {job}"));
    }
    let has_step = around
        .ancestors
        .iter()
        .any(|process| process.name == "slurmstepd" && process.uid == 0);
    if has_step {
        evidence.push("a slurmstepd of root is above this process".to_owned());
    }
    let says_no = around.controller == Some(Controller::Denies);
    match around.controller {
        Some(Controller::Confirms) => evidence.push("the controller confirms the job".to_owned()),
        Some(Controller::Denies) => {
            evidence.push("the controller knows no such running job of this user".to_owned());
        }
        Some(Controller::Silent) => evidence.push("the controller does not answer".to_owned()),
        None => {}
    }
    let is_compute = !says_no
        && match (&job, has_step) {
            (Some(_), true) => true,
            (Some(_), false) => around.controller == Some(Controller::Confirms),
            (None, true) => true,
            (None, false) => false,
        };
    if !is_compute && let Some(claim) = around.text("SLURM_JOB_ID") {
        let claim: String = claim.chars().filter(char::is_ascii_digit).collect();
        evidence.push(format!(
            "SLURM_JOB_ID={claim} is set, but nothing else says that this is a job"
        ));
    }
    let class = if is_compute {
        HostClass::Compute
    } else if let Some(trace) = around.slurm.first() {
        evidence.push(format!("Slurm is here: {}", trace.display()));
        HostClass::Login
    } else {
        evidence.push("there is no Slurm on this machine".to_owned());
        HostClass::Workstation
    };
    Classified {
        class,
        job: job.filter(|_| is_compute),
        evidence,
    }
}

/// Returns the job of a control group that Slurm made: version 1 has
/// `/slurm/uid_1000/job_42/…`, version 2 `/system.slice/slurmstepd.scope/job_42/…`.
/// Groups that a user can make lie below the user's own slice.
pub(super) fn job_of(cgroup: &str) -> Option<String> {
    cgroup.lines().find_map(|line| {
        let path = line.splitn(3, ':').nth(2)?;
        let mut parts = path.split('/').filter(|part| !part.is_empty());
        let first = parts.next()?;
        let is_slurm = match first {
            "slurm" => true,
            "system.slice" => parts.next()?.ends_with("slurmstepd.scope"),
            other => other.starts_with("slurm_"),
        };
        let job = parts.find_map(|part| part.strip_prefix("job_"))?;
        (is_slurm && job.chars().all(|c| c.is_ascii_digit())).then(|| job.to_owned())
    })
}
