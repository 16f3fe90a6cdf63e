//! An action as conditions look at it: every fact worked out once, and only when
//! a condition asks for it.

use std::cell::OnceCell;
use std::path::Path;

use super::action::{Action, Endpoint, PathFacts, Target};
use super::context::{Place, Scene};
use super::document::EndWord;
use super::pattern::Names;

/// An action in its scene.
pub(crate) struct View<'a> {
    pub(crate) action: &'a Action,
    pub(crate) scene: &'a Scene<'a>,
    first: Option<End<'a>>,
    second: Option<End<'a>>,
    socket: Option<End<'a>>,
}

impl<'a> View<'a> {
    pub(crate) fn new(action: &'a Action, scene: &'a Scene<'a>) -> Self {
        let (first, second, socket) = match action {
            Action::Rename { from, to, .. } => (
                Some(End::new(EndWord::From, from)),
                Some(End::new(EndWord::To, to)),
                None,
            ),
            Action::Exec { program, .. } => (Some(End::new(EndWord::To, program)), None, None),
            Action::Read { target }
            | Action::Write { target, .. }
            | Action::Create { target, .. }
            | Action::Delete { target, .. }
            | Action::Truncate { target }
            | Action::Chmod { target, .. } => (Some(End::new(EndWord::To, target)), None, None),
            Action::Connect {
                endpoint: Endpoint::Unix { path, .. },
            } => (None, None, Some(End::socket(path))),
            Action::Connect { .. }
            | Action::Signal { .. }
            | Action::Submit { .. }
            | Action::Cancel { .. }
            | Action::Remote { .. }
            | Action::Train { .. } => (None, None, None),
        };
        Self {
            action,
            scene,
            first,
            second,
            socket,
        }
    }

    /// Returns where a rename goes.
    pub(crate) fn destination(&self) -> Option<&End<'a>> {
        self.second.as_ref()
    }

    /// Returns the targets: both ends of a rename, the one target of anything else.
    pub(crate) fn ends(&self) -> impl Iterator<Item = &End<'a>> {
        self.first.iter().chain(&self.second).chain(&self.socket)
    }
}

/// One target of an action.
pub(crate) struct End<'a> {
    pub(crate) word: EndWord,
    pub(crate) target: &'a Target,
    path: Option<&'a Path>,
    names: OnceCell<Names<'a>>,
    place: OnceCell<Option<Place>>,
}

/// Stands where a socket's path is the target.
static SOCKET: Target = Target::Pattern {
    text: String::new(),
};

impl<'a> End<'a> {
    fn new(word: EndWord, target: &'a Target) -> Self {
        let path = match target {
            Target::Path(facts) => Some(facts.path.as_path()),
            Target::Pattern { text } => Some(Path::new(text.as_str())),
            Target::Dynamic { .. } => None,
        };
        Self {
            word,
            target,
            path,
            names: OnceCell::new(),
            place: OnceCell::new(),
        }
    }

    fn socket(path: &'a Path) -> Self {
        Self {
            path: Some(path),
            ..Self::new(EndWord::To, &SOCKET)
        }
    }

    pub(crate) fn facts(&self) -> Option<&'a PathFacts> {
        match self.target {
            Target::Path(facts) => Some(facts),
            Target::Pattern { .. } | Target::Dynamic { .. } => None,
        }
    }

    /// Returns whether anything is known of the name.
    pub(crate) fn is_named(&self) -> bool {
        self.path.is_some()
    }

    pub(crate) fn names(&self, scene: &Scene<'_>) -> &Names<'a> {
        self.names
            .get_or_init(|| Names::new(self.path.unwrap_or(Path::new("")), &scene.context.home))
    }

    pub(crate) fn place(&self, scene: &Scene<'_>) -> Option<Place> {
        *self
            .place
            .get_or_init(|| Some(scene.context.place(&self.facts()?.path)))
    }

    /// Returns whether it is a root, the home directory, or above one.
    pub(crate) fn is_root(&self, scene: &Scene<'_>) -> bool {
        let Some(facts) = self.facts() else {
            return false;
        };
        let context = scene.context;
        context
            .roots
            .iter()
            .chain([&context.home])
            .any(|root| root.starts_with(&facts.path))
    }
}
