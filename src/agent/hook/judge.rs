//! Has the gate judge what a tool is about to do, and says what came of it.
//!
//! INVARIANT: a file tool is judged by the actions that a line doing the same would have; there is no
//! second law.

use std::path::Path;

use sha2::{Digest, Sha256};

use super::{Answer, Client, Event, Fault, Intent, reason};
use crate::audit::Writer;
use crate::bash::{Analysis, Site, Spanned, World, analyse, analyse_program};
use crate::error::Error;
use crate::gate::Judgement;
use crate::gate::example::vouch;
use crate::launch::room;
use crate::launch::world::Here;
use crate::policy::{
    Action, Decision, Deletable, Entries, GuardLevel, Node, Origin, PathFacts, Presence, Purpose,
    Stage, Target, WriteHow,
};
use crate::session::{Request, Session};
use crate::sys::process::is_guarded;
use crate::ui::Denial;

/// Judges an event, in a session of its own whose record is that of the client's session.
pub(super) fn judge(client: Client, event: &Event) -> Result<Answer, Fault> {
    if event.intents.is_empty() {
        return Ok(Answer::Pass);
    }
    let mut session = Session::open(&Request {
        cwd: Some(event.cwd.clone()),
        origin: Some(Origin::Agent(client.as_str().to_owned())),
        ..Request::default()
    })?;
    session.id = name(client, event, &session.id);
    let guarded = is_guarded();
    // A client inside a guard starts its tools there too; elsewhere nothing stands behind the answer.
    session.context.guard = guarded.then_some(GuardLevel::A);
    vouch(&session.policy, &session.layers, &session.places.state).map_err(Error::from)?;
    let judgements = judgements(&session, event);
    if !guarded {
        record(&session, client, &judgements)?;
    }
    let decision = judgements.iter().map(|judgement| judgement.decision).max();
    let denials: Vec<Denial> = judgements.iter().flat_map(Denial::all).collect();
    Ok(match decision.unwrap_or(Decision::Allow) {
        Decision::Allow => Answer::Pass,
        Decision::Ask if event.asks => Answer::Ask(reason::question(&event.tool, &denials)),
        Decision::Ask => Answer::Deny(reason::unasked(&event.tool, client, &denials)),
        Decision::Deny | Decision::Halt => Answer::Deny(reason::denial(&event.tool, &denials)),
    })
}

/// Returns one judgement a line, and one for everything that happens to files.
fn judgements(session: &Session, event: &Event) -> Vec<Judgement> {
    let gate = room::gate(session);
    let world = Here::without_scratch(session);
    let mut found = Vec::new();
    let mut files = Files::new(&event.tool);
    for intent in &event.intents {
        match intent {
            Intent::Line(line) => found.push(gate.judge(line, analyse(line, &world))),
            Intent::Program(words) => {
                found.push(gate.judge(&words.join(" "), analyse_program(words, &world)));
            }
            Intent::Write { path, empty } => files.write(session, &world, path, *empty),
            Intent::Edit(path) => {
                let target = target(session, &world, path, true);
                let how = WriteHow::Edit;
                files.add(path, Action::Write { target, how });
            }
            Intent::Delete(path) => {
                let target = target(session, &world, path, false);
                let what = Deletable::Path;
                files.add(path, Action::Delete { target, what });
            }
            Intent::Move { from, to } => files.rename(session, &world, from, to),
            Intent::Drop(what) => {
                let target = Target::name(what.clone());
                files.add(
                    what,
                    Action::Delete {
                        target,
                        what: Deletable::Work,
                    },
                );
            }
            Intent::Unknown(text) => files.add(
                text,
                Action::Exec {
                    program: Target::Dynamic { text: text.clone() },
                    args: Vec::new(),
                    purpose: Purpose::Unknown,
                },
            ),
        }
    }
    if !files.actions.is_empty() {
        let analysis = Analysis {
            actions: files.actions,
            incomplete: None,
        };
        found.push(gate.judge(&files.text, analysis));
    }
    found
}

/// What a tool does to files, as a text that names them, for denials to point at.
struct Files {
    text: String,
    actions: Vec<Spanned>,
}

impl Files {
    fn new(tool: &str) -> Self {
        Self {
            text: tool.to_owned(),
            actions: Vec::new(),
        }
    }

    /// New content for a whole file: nothing of the old stays.
    fn write(&mut self, session: &Session, world: &Here<'_>, path: &str, empty: bool) {
        let target = target(session, world, path, true);
        let is_free = matches!(&target, Target::Path(facts) if facts.presence == Presence::Absent);
        let action = match (empty, is_free) {
            (true, true) => Action::Create {
                target,
                node: Node::File,
            },
            (true, false) => Action::Truncate { target },
            (false, _) => Action::Write {
                target,
                how: WriteHow::Overwrite,
            },
        };
        self.add(path, action);
    }

    /// As `mv` of one file.
    fn rename(&mut self, session: &Session, world: &Here<'_>, from: &str, to: &str) {
        let old = target(session, world, from, false);
        let new = target(session, world, to, false);
        let is_taken = matches!(&new, Target::Path(facts) if facts.presence.is_taken());
        if is_taken && old != new {
            let how = WriteHow::Replace;
            let target = new.clone();
            self.add(to, Action::Write { target, how });
        }
        let entries = Entries::Known(1);
        self.add(
            to,
            Action::Rename {
                from: old,
                to: new,
                entries,
            },
        );
    }

    fn add(&mut self, name: &str, action: Action) {
        self.text.push(' ');
        let start = self.text.len();
        self.text.push_str(name);
        self.actions.push(Spanned {
            action,
            span: start..self.text.len(),
            stage: Stage::Line,
            site: Site::Here,
            via: Vec::new(),
        });
    }
}

/// Returns a target with its facts; `follow`: a link in the last place is followed, as writing does.
fn target(session: &Session, world: &Here<'_>, path: &str, follow: bool) -> Target {
    let context = &session.context;
    let path = match path.strip_prefix("~/") {
        Some(rest) => context.home.join(rest),
        None => context.cwd.join(Path::new(path)),
    };
    Target::Path(PathFacts {
        presence: world.stat(&path),
        path: if follow {
            world.follow(&path)
        } else {
            world.resolve(&path)
        },
        born: None,
    })
}

/// Writes down what is refused or changes something. Elsewhere what cannot be written down may not happen;
/// neither may it here.
fn record(session: &Session, client: Client, judgements: &[Judgement]) -> Result<(), Fault> {
    let judged = judgements.iter().flat_map(|judgement| &judgement.actions);
    let worth: Vec<_> = judged
        .filter(|judged| !judged.verdict.is_allowed() || changes(&judged.action))
        .collect();
    if worth.is_empty() {
        return Ok(());
    }
    let written = Writer::open(&session.places.audit, session.stamp()).and_then(|mut writer| {
        worth.iter().try_for_each(|judged| {
            writer.action(&judged.action, Some(client.as_str()), &judged.verdict)
        })?;
        writer.finish()
    });
    written.map_err(Fault::Record)
}

fn changes(action: &Action) -> bool {
    match action {
        Action::Read { .. } => false,
        Action::Exec { purpose, .. } => *purpose != Purpose::ReadOnly,
        _ => true,
    }
}

/// Returns the name of the record: one for each session of a client. What the client calls it is not
/// taken over, so that no event can name the record of something else.
fn name(client: Client, event: &Event, own: &str) -> String {
    if event.session.is_empty() {
        return own.to_owned();
    }
    let hash = Sha256::digest(event.session.as_bytes());
    let digits: String = hash
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("hook-{}-{digits}", client.as_str())
}
