//! Claims the run of a race for this job, before any of its script runs.
//!
//! INVARIANT: where it is not certain that the run is this job's own, nothing trains.

use std::path::Path;

use super::{Error, cannot};
use crate::cli::race::watch;
use crate::error::code;
use crate::policy::{Action, Node, PathFacts, Presence, Scene, Stage, Target};
use crate::session::Session;
use crate::slurm::race::Member;
use crate::slurm::race::claim::{self, Racer, Standing};
use crate::slurm::spool::Run;
use crate::ui;

/// Claims the run. Returns the status to end with where another job has it.
///
/// # Errors
/// Where nobody can tell whose it is.
pub(super) fn take(run: &Run, member: &Member, session: &Session) -> Result<Option<u8>, Error> {
    let place = run.directory.join(claim::DIRECTORY);
    judge(&place, session).map_err(|why| cannot(format!("the race: {why}")))?;
    let number = |name: &str| std::env::var(name).ok()?.parse::<u64>().ok();
    let job =
        number("SLURM_JOB_ID").ok_or_else(|| cannot("Slurm did not say which job this is"))?;
    let restarts = number("SLURM_RESTART_COUNT").and_then(|count| u32::try_from(count).ok());
    let racer = Racer {
        member: member.number,
        job,
        restarts: restarts.unwrap_or(0),
        host: session.context.host.clone(),
    };
    let who = format!("job {job}");
    let standing = claim::take(&place, &racer).map_err(|source| {
        claim::tell(&place, &who, &format!("cannot claim the run: {source}"));
        Error::File {
            path: place.clone(),
            source,
        }
    })?;
    match standing {
        Standing::Own { again } => {
            let word = if again {
                "has the run still"
            } else {
                "has the run"
            };
            claim::tell(&place, &who, &format!("{word}, on {}", racer.host));
            // Where Slurm cannot be asked from here, the others find the run claimed.
            let _ = watch::start(&member.id, &place, &who);
            Ok(None)
        }
        Standing::Lost(owner) => {
            let what = format!("lost the race: {} has the run", owner.job);
            claim::tell(&place, &who, &what);
            ui::say(&format!("hlrp-sh: {what}"));
            Ok(Some(code::LOST_RACE))
        }
    }
}

/// Holds that the directory is where it was, and that files may be made there.
fn judge(place: &Path, session: &Session) -> Result<(), String> {
    let real = place.canonicalize().map_err(|fault| fault.to_string())?;
    let action = Action::Create {
        target: Target::Path(PathFacts {
            path: real.join("claim"),
            presence: Presence::Absent,
            born: None,
        }),
        node: Node::File,
    };
    let scene = Scene {
        context: &session.context,
        stage: Stage::Kernel,
        actor: None,
    };
    let verdict = session.policy.judge(&action, &scene);
    match verdict.is_allowed() {
        true => Ok(()),
        false => Err(format!("{} ({})", verdict.because, verdict.rule)),
    }
}
