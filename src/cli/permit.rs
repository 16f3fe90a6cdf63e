//! Asks the gate for what a subcommand itself is about to do, and records it.

use std::path::{Path, PathBuf};

use crate::audit::Writer;
use crate::error::Error;
use crate::gate::Answer;
use crate::launch::room;
use crate::policy::{Action, Origin, PathFacts, Presence, Stage, Target};
use crate::session::Session;
use crate::sys::process::is_guarded;
use crate::sys::regular;
use crate::ui::{self, Denial};

/// The gate and the record, for one run of a subcommand.
pub(super) struct Clerk<'a> {
    session: &'a Session,
    program: &'static str,
    /// A supervisor mediates and records what is done.
    pub(super) guarded: bool,
    writer: Option<Writer>,
}

impl<'a> Clerk<'a> {
    pub(super) fn new(session: &'a Session, program: &'static str) -> Self {
        Self {
            session,
            program,
            guarded: is_guarded(),
            writer: None,
        }
    }

    /// Returns whether something may be done; where not, the person has been told why.
    pub(super) fn allows(&mut self, action: Action, target: &Path) -> Result<bool, Error> {
        let line = format!("{} {}", self.program, ui::quoted(&target.to_string_lossy()));
        self.allows_line(&line, action)
    }

    /// The same, with the line as a person would type it.
    pub(super) fn allows_line(&mut self, line: &str, action: Action) -> Result<bool, Error> {
        let gate = room::gate(self.session);
        let judgement = gate.judge_action(line, action, Stage::Line);
        let mut ask = |judgement: &crate::gate::Judgement, judged: &crate::gate::Judged| {
            ui::say(&Denial::new(&judgement.line, judged).render());
            ui::ask::ask("Go ahead?")
        };
        match gate.pass(judgement, &mut ask) {
            Ok(permit) => {
                for judged in permit.spend().actions {
                    self.record(&judged.action, &judged.verdict)?;
                }
                Ok(true)
            }
            Err(refusal) => {
                let denials = Denial::all(&refusal.judgement);
                match &self.session.context.origin {
                    Origin::Person | Origin::Script => ui::say(&ui::denial::render_all(&denials)),
                    Origin::Agent(_) => {
                        for denial in denials
                            .iter()
                            .filter_map(|one| serde_json::to_string(one).ok())
                        {
                            ui::say(&denial);
                        }
                    }
                }
                if refusal.answer == Some(Answer::Nobody) {
                    ui::say("nobody could be asked: a person at a terminal must say yes to this");
                }
                Ok(false)
            }
        }
    }

    /// Writes to the record, where no supervisor does it. What cannot be recorded is not done.
    pub(super) fn record(
        &mut self,
        action: &Action,
        verdict: &crate::policy::Verdict,
    ) -> Result<(), Error> {
        if self.guarded {
            return Ok(());
        }
        let directory = &self.session.places.audit;
        let unwritable = |source| Error::File {
            path: directory.clone(),
            source,
        };
        if self.writer.is_none() {
            self.writer = Some(Writer::open(directory, self.session.stamp()).map_err(unwritable)?);
        }
        match &mut self.writer {
            Some(writer) => writer
                .action(action, Some(self.program), verdict)
                .map_err(unwritable),
            None => Ok(()),
        }
    }
}

impl Drop for Clerk<'_> {
    fn drop(&mut self) {
        if let Some(writer) = self.writer.take() {
            // Without its end the session looks as if it had crashed; every record is there.
            let _ = writer.finish();
        }
    }
}

/// Returns a target with what there is to know about it.
pub(super) fn target(path: &Path, presence: Presence) -> Target {
    Target::Path(PathFacts {
        path: path.to_owned(),
        presence,
        born: None,
    })
}

/// Returns where a path leads, so that what is judged is what is done: links are followed as far as there is anything.
///
/// # Errors
/// Where what is not there yet is not plain names.
pub(super) fn settled(path: &Path) -> Result<PathBuf, Error> {
    for above in path.ancestors() {
        if let (Ok(found), Ok(rest)) = (above.canonicalize(), path.strip_prefix(above)) {
            if above.symlink_metadata().is_ok() && regular::is_below(rest) {
                return Ok(match rest.as_os_str().is_empty() {
                    true => found,
                    false => found.join(rest),
                });
            }
            break;
        }
        // A link that leads nowhere yet would lead what is made.
        if above.symlink_metadata().is_ok() {
            break;
        }
    }
    Err(Error::No(format!(
        "`{}` leads nowhere that can be told",
        path.display()
    )))
}
