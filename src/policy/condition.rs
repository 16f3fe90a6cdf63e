//! Conditions, compiled: lists resolved, patterns cut up, thresholds filled in.
//!
//! INVARIANT: a condition on a fact that is not known does not hold.

use std::sync::{Arc, OnceLock};

use regex::Regex;

use super::action::{
    Action, CancelScope, Change, Deletable, Endpoint, Entries, Node, PathFacts, Purpose, Recipient,
    RemoteEffect, Target, Word, WriteHow,
};
use super::context::{GuardLevel, Origin, Scene};
use super::document::{
    ConditionText, EndpointWord, EntriesWord, GuardWord, Many, OriginWord, RecipientWord,
    RootsWord, TargetWord,
};
use super::pattern::{NameSet, PathSet};
use super::view::{End, View};

/// Facts that must all hold.
#[derive(Debug, Default)]
pub(crate) struct Condition {
    pub(crate) text: ConditionText,
    pub(crate) name: Option<Arc<PathSet>>,
    pub(crate) covers: Option<Arc<PathSet>>,
    pub(crate) socket: Option<Arc<PathSet>>,
    pub(crate) sockets: Option<Arc<NameSet>>,
    pub(crate) program: Option<Arc<NameSet>>,
    pub(crate) actor: Option<Arc<NameSet>>,
    pub(crate) host: Option<Arc<NameSet>>,
    pub(crate) ports: Option<Vec<u16>>,
    pub(crate) entries_above: Option<u64>,
    pub(crate) args: Option<LazyRegex>,
}

impl Condition {
    /// Returns whether everything it says holds.
    pub(crate) fn holds(&self, view: &View<'_>) -> bool {
        self.scene_holds(view.scene) && self.action_holds(view) && self.target_holds(view)
    }

    fn scene_holds(&self, scene: &Scene<'_>) -> bool {
        let context = scene.context;
        let text = &self.text;
        is_any(text.stage.as_ref(), || scene.stage)
            && is_any(text.class.as_ref(), || context.class)
            && is_any(text.origin.as_ref(), || origin_word(&context.origin))
            && is_any(text.guard.as_ref(), || guard_word(context.guard))
            && is_same(text.job, || context.job.is_some())
            && is_same(text.roots, || {
                if context.roots.is_empty() {
                    RootsWord::None
                } else {
                    RootsWord::Some
                }
            })
            && self
                .actor
                .as_ref()
                .is_none_or(|set| scene.actor.is_some_and(|actor| set.matches(actor)))
    }

    fn action_holds(&self, view: &View<'_>) -> bool {
        let text = &self.text;
        let action = view.action;
        is_known(text.how.as_ref(), || how(action))
            && is_known(text.what.as_ref(), || what(action))
            && is_known(text.node.as_ref(), || node(action))
            && is_known(text.change.as_ref(), || change(action))
            && is_known(text.purpose.as_ref(), || purpose(action))
            && is_known(text.scope.as_ref(), || scope(action))
            && is_known(text.effect.as_ref(), || effect(action))
            && is_known(text.recipient.as_ref(), || recipient(action))
            && is_known(text.into.as_ref(), || view.destination()?.place(view.scene))
            && is_known(text.entries.as_ref(), || entries(action).map(entries_word))
            && self
                .entries_above
                .is_none_or(|limit| match entries(action) {
                    Some(Entries::Known(number)) => number > limit,
                    Some(Entries::Unbounded) => true,
                    Some(Entries::Tree) | None => false,
                })
            && self.program_holds(action)
            && self.endpoint_holds(action)
    }

    fn program_holds(&self, action: &Action) -> bool {
        self.program
            .as_ref()
            .is_none_or(|set| program(action).is_some_and(|name| set.matches(&name)))
            && self.args.as_ref().is_none_or(|regex| match action {
                Action::Exec { args, .. } => {
                    let words: Vec<&str> = args.iter().map(Word::text).collect();
                    regex.is_match(&words.join(" "))
                }
                Action::Remote { command, .. } => {
                    command.as_ref().is_some_and(|line| regex.is_match(line))
                }
                _ => false,
            })
            && self.host.as_ref().is_none_or(|set| match action {
                Action::Remote { host, .. } => set.matches(host),
                _ => false,
            })
    }

    fn endpoint_holds(&self, action: &Action) -> bool {
        let text = &self.text;
        let Action::Connect { endpoint } = action else {
            return text.endpoint.is_none()
                && text.socket.is_none()
                && text.port.is_none()
                && text.family.is_none();
        };
        let (word, born) = match endpoint {
            Endpoint::Unix { born, .. } => (EndpointWord::Unix, Some(*born)),
            Endpoint::Abstract { born, .. } => (EndpointWord::Abstract, Some(*born)),
            Endpoint::Inet { born, .. } => (EndpointWord::Inet, *born),
            Endpoint::Other { .. } => (EndpointWord::Other, None),
        };
        is_any(text.endpoint.as_ref(), || word)
            && text.born.is_none_or(|wanted| born == Some(wanted))
            && is_known(self.ports.as_ref(), || match endpoint {
                Endpoint::Inet { port, .. } => Some(*port),
                _ => None,
            })
            && is_known(text.family.as_ref(), || match endpoint {
                Endpoint::Other { family } => Some(*family),
                _ => None,
            })
    }

    /// Holds where one end of the action has all that is said of targets.
    fn target_holds(&self, view: &View<'_>) -> bool {
        if let Action::Connect { endpoint } = view.action {
            return self.socket_holds(endpoint, view);
        }
        !self.speaks_of_targets() || view.ends().any(|end| self.end_holds(end, view))
    }

    fn socket_holds(&self, endpoint: &Endpoint, view: &View<'_>) -> bool {
        match endpoint {
            Endpoint::Unix { .. } => self
                .socket
                .as_ref()
                .is_none_or(|set| view.ends().any(|end| set.matches(end.names(view.scene)))),
            Endpoint::Abstract { name, .. } => {
                self.sockets.as_ref().is_none_or(|set| set.matches(name))
            }
            Endpoint::Inet { .. } | Endpoint::Other { .. } => self.text.socket.is_none(),
        }
    }

    fn speaks_of_targets(&self) -> bool {
        let text = &self.text;
        text.target.is_some()
            || text.place.is_some()
            || text.name.is_some()
            || text.covers.is_some()
            || text.exists.is_some()
            || text.presence.is_some()
            || text.born.is_some()
            || text.root.is_some()
            || text.end.is_some()
    }

    fn end_holds(&self, end: &End<'_>, view: &View<'_>) -> bool {
        let text = &self.text;
        text.end.is_none_or(|word| word == end.word)
            && is_any(text.target.as_ref(), || target_word(end.target))
            && is_known(text.place.as_ref(), || end.place(view.scene))
            && self.path_holds(end, view)
    }

    fn path_holds(&self, end: &End<'_>, view: &View<'_>) -> bool {
        let text = &self.text;
        let facts = end.facts();
        let taken = facts.is_some_and(|facts| facts.presence.is_taken());
        is_known(text.presence.as_ref(), || facts.map(|facts| facts.presence))
            && text.exists.is_none_or(|wanted| wanted == taken)
            && text
                .born
                .is_none_or(|wanted| wanted == facts.is_some_and(is_born))
            && text
                .root
                .is_none_or(|wanted| wanted == end.is_root(view.scene))
            && self
                .name
                .as_ref()
                .is_none_or(|set| end.is_named() && set.matches(end.names(view.scene)))
            && self
                .covers
                .as_ref()
                .is_none_or(|set| facts.is_some() && set.covers(end.names(view.scene)))
    }
}

fn is_born(facts: &PathFacts) -> bool {
    facts.born == Some(true)
}

fn is_any<T: PartialEq>(wanted: Option<&Many<T>>, actual: impl FnOnce() -> T) -> bool {
    wanted.is_none_or(|Many(words)| words.contains(&actual()))
}

fn is_same<T: PartialEq>(wanted: Option<T>, actual: impl FnOnce() -> T) -> bool {
    wanted.is_none_or(|word| word == actual())
}

fn is_known<T: PartialEq, L: AsRef<[T]>>(
    wanted: Option<&L>,
    actual: impl FnOnce() -> Option<T>,
) -> bool {
    wanted.is_none_or(|words| actual().is_some_and(|word| words.as_ref().contains(&word)))
}

impl<T> AsRef<[T]> for Many<T> {
    fn as_ref(&self) -> &[T] {
        &self.0
    }
}

/// A regular expression, compiled when it is first needed.
#[derive(Debug)]
pub(crate) struct LazyRegex {
    text: String,
    regex: OnceLock<Option<Regex>>,
}

impl LazyRegex {
    pub(crate) fn new(text: String) -> Self {
        Self {
            text,
            regex: OnceLock::new(),
        }
    }

    /// Compiles it now and says what is wrong with it.
    pub(crate) fn fault(&self) -> Option<String> {
        Regex::new(&self.text).err().map(|fault| fault.to_string())
    }

    fn is_match(&self, words: &str) -> bool {
        self.regex
            .get_or_init(|| Regex::new(&self.text).ok())
            .as_ref()
            .is_some_and(|regex| regex.is_match(words))
    }
}

fn origin_word(origin: &Origin) -> OriginWord {
    match origin {
        Origin::Person => OriginWord::Person,
        Origin::Script => OriginWord::Script,
        Origin::Agent(_) => OriginWord::Agent,
    }
}

fn guard_word(guard: Option<GuardLevel>) -> GuardWord {
    match guard {
        Some(GuardLevel::A) => GuardWord::A,
        Some(GuardLevel::B) => GuardWord::B,
        Some(GuardLevel::C) => GuardWord::C,
        Some(GuardLevel::D) => GuardWord::D,
        None => GuardWord::None,
    }
}

fn target_word(target: &Target) -> TargetWord {
    match target {
        Target::Path(_) => TargetWord::Path,
        Target::Pattern { .. } => TargetWord::Pattern,
        Target::Dynamic { .. } => TargetWord::Dynamic,
    }
}

fn entries_word(entries: Entries) -> EntriesWord {
    match entries {
        Entries::Known(_) => EntriesWord::Known,
        Entries::Unbounded => EntriesWord::Unbounded,
        Entries::Tree => EntriesWord::Tree,
    }
}

fn how(action: &Action) -> Option<WriteHow> {
    match action {
        Action::Write { how, .. } => Some(*how),
        _ => None,
    }
}

fn what(action: &Action) -> Option<Deletable> {
    match action {
        Action::Delete { what, .. } => Some(*what),
        _ => None,
    }
}

fn node(action: &Action) -> Option<Node> {
    match action {
        Action::Create { node, .. } => Some(*node),
        _ => None,
    }
}

fn change(action: &Action) -> Option<Change> {
    match action {
        Action::Chmod { change, .. } => Some(*change),
        _ => None,
    }
}

fn purpose(action: &Action) -> Option<Purpose> {
    match action {
        Action::Exec { purpose, .. } => Some(*purpose),
        _ => None,
    }
}

fn scope(action: &Action) -> Option<CancelScope> {
    match action {
        Action::Cancel { scope } => Some(*scope),
        _ => None,
    }
}

fn effect(action: &Action) -> Option<RemoteEffect> {
    match action {
        Action::Remote { effect, .. } => Some(*effect),
        _ => None,
    }
}

fn recipient(action: &Action) -> Option<RecipientWord> {
    match action {
        Action::Signal { to } => Some(match to {
            Recipient::Named => RecipientWord::Named,
            Recipient::Everything => RecipientWord::Everything,
            Recipient::Matching => RecipientWord::Matching,
            Recipient::Outside => RecipientWord::Outside,
        }),
        _ => None,
    }
}

fn entries(action: &Action) -> Option<Entries> {
    match action {
        Action::Rename { entries, .. } | Action::Chmod { entries, .. } => Some(*entries),
        _ => None,
    }
}

fn program(action: &Action) -> Option<String> {
    match action {
        Action::Exec { program, .. } => Some(program.display()),
        Action::Train { program } => Some(program.clone()),
        Action::Submit { tool } => Some(tool.clone()),
        _ => None,
    }
}
