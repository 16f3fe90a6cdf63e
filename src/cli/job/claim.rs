//! Claims the run of a race for this job, before any of its script runs.
//!
//! INVARIANT: where it is not certain that the run is this job's own, nothing trains.

use std::path::{Path, PathBuf};

use super::{Error, cannot};
use crate::cli::race::watch;
use crate::error::code;
use crate::policy::{Action, Node, PathFacts, Presence, Scene, Stage, Target};
use crate::session::Session;
use crate::slurm::race::Member;
use crate::slurm::race::claim::{self, Racer, Standing};
use crate::slurm::spool::Run;
use crate::ui;

/// Claims the run. Returns the status to end with where another job has it. `roots`: as they were handed over.
///
/// # Errors
/// Where nobody can tell whose it is.
pub(super) fn take(
    run: &Run,
    member: &Member,
    roots: &[PathBuf],
    session: &Session,
) -> Result<Option<u8>, Error> {
    let real = run.directory.canonicalize();
    let real = real.map_err(|fault| cannot(format!("the race: {fault}")))?;
    let (root, place) = claim::place(roots, &real, &member.id)
        .ok_or_else(|| cannot("the run of this race is in none of its roots"))?;
    // Else each of the jobs might look elsewhere.
    if !session.context.roots.iter().any(|own| own == root) {
        let root = root.display();
        return Err(cannot(format!(
            "the race is decided in {root}, which is not there on this machine"
        )));
    }
    let story = Story::of(&real, session);
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
    let standing = claim::open(&place).and_then(|()| claim::take(&place, &racer));
    let standing = standing.map_err(|source| {
        story.tell(&who, &format!("cannot claim the run: {source}"));
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
            story.tell(&who, &format!("{word}, on {}", racer.host));
            // Where Slurm cannot be asked from here, the others find the run claimed.
            let _ = watch::start(&member.id, &place, &story.place, &who);
            Ok(None)
        }
        Standing::Lost(owner) => {
            let what = format!("lost the race: {} has the run", owner.job);
            story.tell(&who, &what);
            ui::say(&format!("hlrp-sh: {what}"));
            Ok(Some(code::LOST_RACE))
        }
    }
}

/// What happens, written down in the run directory where that may be.
struct Story {
    place: PathBuf,
    may: bool,
}

impl Story {
    fn of(run: &Path, session: &Session) -> Self {
        let place = run.join(claim::DIRECTORY);
        let real = place.canonicalize();
        let may = real.is_ok_and(|real| may_write(&real, session));
        Self { place, may }
    }

    fn tell(&self, who: &str, what: &str) {
        if self.may {
            claim::tell(&self.place, who, what);
        }
    }
}

/// Whether files may be made in a directory.
fn may_write(real: &Path, session: &Session) -> bool {
    let action = Action::Create {
        target: Target::Path(PathFacts {
            path: real.join("story.txt"),
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
    session.policy.judge(&action, &scene).is_allowed()
}
