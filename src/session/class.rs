//! Login node, compute node or workstation, and why it is believed to be so.
//!
//! INVARIANT: inside a cluster the answer is `login` unless the kernel says that this is a job, and the controller
//! says the same; `SLURM_*` variables are claims, and no more. In doubt it is `login`.

use super::controller::Controller;
use super::surroundings::{Ancestor, Surroundings};
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
    let group = job_of(&around.cgroup);
    if let Some(job) = &group {
        evidence.push(format!("the control group is that of Slurm job {job}"));
    }
    let has_step = has_step(around);
    if has_step {
        evidence.push("a slurmstepd of root is above this process".to_owned());
    }
    match around.controller {
        Some(Controller::Confirms) => {
            evidence.push("the controller confirms the job, here and now".to_owned());
        }
        Some(Controller::Denies) => {
            evidence.push("the controller knows no such running job of this user here".to_owned());
        }
        Some(Controller::Shielded) => {
            evidence.push("a session is around this, and its own class holds besides".to_owned());
        }
        Some(Controller::Silent) => evidence.push("the controller does not answer".to_owned()),
        None => {}
    }
    // Within a session nothing else than the kernel can be asked; whatever is believed, the session's guard stays.
    let is_confirmed = match around.controller {
        Some(Controller::Confirms) => group.is_some() || has_step,
        Some(Controller::Shielded) => has_step,
        Some(Controller::Denies | Controller::Silent) | None => false,
    };
    let is_compute = is_confirmed && !around.is_made_up;
    if !is_compute && let Some(claim) = around.text("SLURM_JOB_ID") {
        let claim: String = claim.chars().filter(char::is_ascii_digit).collect();
        evidence.push(format!(
            "SLURM_JOB_ID={claim} is set, and that alone makes no job"
        ));
    }
    let class = if is_compute {
        HostClass::Compute
    } else if let Some(trace) = around.slurm.first() {
        evidence.push(format!("Slurm is here: {}", trace.display()));
        HostClass::Login
    } else if group.is_some() || has_step {
        evidence.push("this is a job that nobody confirms".to_owned());
        HostClass::Login
    } else if around.is_made_up {
        evidence.push(
            "this is a user's own namespace: what lies outside of it, Slurm too, cannot be seen"
                .to_owned(),
        );
        HostClass::Login
    } else {
        evidence.push("there is no Slurm on this machine".to_owned());
        HostClass::Workstation
    };
    Classified {
        class,
        job: job(around).filter(|_| is_compute),
        evidence,
    }
}

/// Returns the job that the kernel says this is: by the control group, else by the title of root's slurmstepd.
pub(super) fn job(around: &Surroundings) -> Option<String> {
    let mut steps = around.ancestors.iter().filter(|process| is_step(process));
    job_of(&around.cgroup).or_else(|| steps.find_map(|step| step.job.clone()))
}

/// Returns whether root's slurmstepd is above this process.
pub(super) fn has_step(around: &Surroundings) -> bool {
    around.ancestors.iter().any(is_step)
}

fn is_step(process: &Ancestor) -> bool {
    process.name == "slurmstepd" && process.uid == 0
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
