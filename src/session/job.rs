//! A session inside a Slurm job: what the submitter handed over, narrowed by what this
//! machine has.
//!
//! INVARIANT: nothing here is wider than what was handed over; the environment of the
//! job is not asked.

use std::path::{Path, PathBuf};

use super::controller::Controller;
use super::surroundings::Surroundings;
use super::{Places, Session, class, led_to, new_id, resolved, roots};
use crate::error::Error;
use crate::policy::{Context, HostClass, Layer, Origin, Policy};

/// What the submitter handed over.
#[derive(Clone, Debug)]
pub struct Handed {
    /// On whose behalf.
    pub origin: Origin,
    /// The home directory.
    pub home: PathBuf,
    /// What may be written at most.
    pub roots: Vec<PathBuf>,
    /// The layers over the built-in law.
    pub layers: Vec<Layer>,
    /// The guard's configuration directory.
    pub config: PathBuf,
    /// The guard's state directory.
    pub state: PathBuf,
    /// Whether Slurm was asked for a container, in which neither control groups nor owners are seen as they are.
    pub contained: bool,
    /// Where the run's own files lie.
    pub run_directory: Option<PathBuf>,
    /// Whether this is the batch script, and not one of a step's tasks.
    pub is_batch: bool,
}

impl Session {
    /// Opens a session inside a job.
    ///
    /// # Errors
    /// Where the law that was handed over does not load.
    pub fn in_job(around: &Surroundings, handed: Handed) -> Result<Self, Error> {
        let id = new_id();
        let temporary = around
            .path("SLURM_TMPDIR")
            .filter(|path| path.is_dir() && roots::is_own(path, around))
            .unwrap_or_else(|| PathBuf::from("/tmp"));
        let places = Places {
            config: handed.config,
            audit: handed.state.join("audit"),
            state: handed.state,
            project: None,
            scratch: scratch(&temporary, &id, around, handed.is_batch),
        };
        let policy = Policy::load(&handed.layers)?;
        let mut found = class::classify(around);
        let has_step = around.ancestors.iter().any(|one| one.name == "slurmstepd");
        if handed.contained && has_step {
            found.class = HostClass::Compute;
            found
                .evidence
                .push("a slurmstepd is above this container".to_owned());
        } else if class::has_step(around)
            && around.controller != Some(Controller::Denies)
            && !around.is_made_up
        {
            // Root's slurmstepd started this guard with the facts written for it: a controller that is away for a
            // moment does not make a job's machine a login node.
            found.class = HostClass::Compute;
            found.job = class::job(around);
        }
        let mut evidence = found.evidence;
        let mut roots = Vec::new();
        for root in handed.roots {
            if resolved(&root) == root && roots::is_own(&root, around) {
                evidence.push(format!("the submitter handed over {}", root.display()));
                roots.push(root);
            } else {
                evidence.push(format!(
                    "{} is not there, or not yours, on this machine",
                    root.display()
                ));
            }
        }
        let run_directory = handed
            .run_directory
            .filter(|directory| is_below(directory, &roots) && resolved(directory) == *directory);
        let own = places.own(&roots, around);
        let own = own
            .into_iter()
            .chain(led_to(policy.list("protected"), &handed.home));
        let context = Context {
            class: found.class,
            host: around.host.clone(),
            user: around.user.clone(),
            cwd: around.cwd.clone(),
            own: own.collect(),
            home: handed.home,
            roots,
            scratch: vec![places.scratch.clone()],
            origin: handed.origin,
            guard: None,
            job: found.job,
            run_directory,
            evidence,
        };
        Ok(Self {
            id,
            policy,
            layers: handed.layers,
            context,
            places,
            advice: None,
        })
    }
}

fn is_below(directory: &Path, roots: &[PathBuf]) -> bool {
    roots
        .iter()
        .any(|root| directory.starts_with(root) && directory != root)
}

/// Returns where temporary files go. The batch script has the name that its own `TMPDIR` line has, so that what it makes
/// there with `mkdir -p` is there already; where that name is taken, by an earlier run of the job, a fresh one.
fn scratch(temporary: &Path, id: &str, around: &Surroundings, is_batch: bool) -> PathBuf {
    let number = |name: &str| {
        let text = around.text(name)?;
        text.bytes()
            .all(|byte| byte.is_ascii_digit())
            .then_some(text)
    };
    let fresh = temporary.join(format!("hlrp-{id}"));
    let (true, Some(job)) = (
        is_batch,
        number("SLURM_JOB_ID").filter(|job| !job.is_empty()),
    ) else {
        return fresh;
    };
    let local = number("SLURM_LOCALID").filter(|local| !local.is_empty());
    let usual = temporary.join(format!("hlrp-{job}-{}", local.unwrap_or("0")));
    if usual.symlink_metadata().is_ok() {
        fresh
    } else {
        usual
    }
}
