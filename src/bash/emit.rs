//! From words to actions: targets with their facts, and the one place where
//! actions are recorded.

use std::ops::Range;
use std::path::{Path, PathBuf};

use super::expand::Field;
use super::walk::Walker;
use super::{Site, Spanned, world};
use crate::policy::{
    Action, Deletable, Entries, PathFacts, Presence, Purpose, Stage, Target, Word, WriteHow,
};

/// More names than this are not listed one by one.
const LIST_LIMIT: usize = 64;

impl Walker<'_> {
    /// Records an action.
    pub(crate) fn emit(&mut self, action: Action, span: Range<usize>) {
        let mut action = action;
        if self.frame.stage == Stage::File
            && let Action::Delete { target, .. } = &mut action
        {
            *target = left_to_guard(target.clone());
        }
        self.out.push(Spanned {
            action,
            span,
            stage: self.frame.stage,
            site: self.frame.site.clone(),
            via: self.frame.via.clone(),
        });
    }

    /// Records that a program is started.
    pub(crate) fn exec(
        &mut self,
        name: &str,
        args: &[Field],
        purpose: Purpose,
        span: Range<usize>,
    ) {
        let args = args.iter().map(|field| field.word.clone()).collect();
        let program = Target::name(name);
        self.emit(
            Action::Exec {
                program,
                args,
                purpose,
            },
            span,
        );
    }

    /// Records that something could not be worked out.
    pub(crate) fn give_up(&mut self, span: Range<usize>, text: &str, reason: String) {
        let program = Target::Dynamic {
            text: text.chars().take(200).collect(),
        };
        self.emit(
            Action::Exec {
                program,
                args: Vec::new(),
                purpose: Purpose::Unknown,
            },
            span,
        );
        self.incomplete.get_or_insert(reason);
    }

    /// Records that code is run which is only known then.
    pub(crate) fn unknown(&mut self, text: &str, args: &[Field], span: Range<usize>) {
        let args = args.iter().map(|field| field.word.clone()).collect();
        let program = Target::Dynamic {
            text: text.to_owned(),
        };
        let purpose = Purpose::Unknown;
        self.emit(
            Action::Exec {
                program,
                args,
                purpose,
            },
            span,
        );
    }

    /// Returns an absolute path for a word; `None` where the working directory is not known.
    pub(crate) fn absolute(&self, text: &str) -> Option<PathBuf> {
        let path = Path::new(text);
        if path.is_absolute() || (path.starts_with("~") && self.is_far()) {
            return Some(path.to_path_buf());
        }
        self.scope.cwd.as_ref().map(|cwd| cwd.join(path))
    }

    /// Whether this happens on another machine.
    pub(crate) fn is_far(&self) -> bool {
        matches!(self.frame.site, Site::Remote(_) | Site::RemoteJob(_))
    }

    /// Returns whether something has the name now.
    pub(crate) fn presence(&self, text: &str) -> Presence {
        match self.absolute(text) {
            Some(path) if is_device(&path) => Presence::Other,
            Some(path) => self.world.stat(&path),
            None => Presence::Unknown,
        }
    }

    /// Returns the target for a path as written; a last symlink is the target itself.
    pub(crate) fn target_of(&self, text: &str) -> Target {
        self.facts_of(text, false)
    }

    fn facts_of(&self, text: &str, follow: bool) -> Target {
        let Some(path) = self.absolute(text) else {
            return Target::Dynamic {
                text: text.to_owned(),
            };
        };
        if is_device(&path) {
            return Target::Path(PathFacts {
                path,
                presence: Presence::Other,
                born: None,
            });
        }
        let presence = self.world.stat(&path);
        let path = if follow {
            self.world.follow(&path)
        } else {
            self.world.resolve(&path)
        };
        Target::Path(PathFacts {
            path,
            presence,
            born: None,
        })
    }

    /// Returns the target a word names, whatever kind of word it is.
    pub(crate) fn target(&self, field: &Field, follow: bool) -> Target {
        match &field.word {
            Word::Literal(text) => self.facts_of(text, follow),
            Word::Glob(text) => Target::Pattern { text: text.clone() },
            Word::Dynamic(text) => Target::Dynamic { text: text.clone() },
        }
    }

    /// Returns the targets a word names: a pattern gives what it matches now, where
    /// that can be known and is not too much.
    pub(crate) fn targets(&self, field: &Field, follow: bool) -> Vec<Target> {
        match &field.word {
            Word::Glob(pattern) => match self.matches(pattern) {
                Some(found) if !found.is_empty() && found.len() <= LIST_LIMIT => found
                    .iter()
                    .map(|path| self.facts_of(&path.display().to_string(), follow))
                    .collect(),
                _ => vec![self.target(field, follow)],
            },
            Word::Literal(_) | Word::Dynamic(_) => vec![self.target(field, follow)],
        }
    }

    /// Returns what a pattern matches now.
    pub(crate) fn matches(&self, pattern: &str) -> Option<Vec<PathBuf>> {
        if self.is_far() {
            return None;
        }
        let absolute = self.absolute(pattern)?;
        self.world.glob(absolute.to_str()?)
    }

    /// Returns how many entries these words name.
    pub(crate) fn entries(&self, fields: &[&Field]) -> Entries {
        if self.frame.repeats {
            return Entries::Unbounded;
        }
        let mut count = 0_u64;
        for field in fields {
            count += match &field.word {
                Word::Literal(_) => 1,
                Word::Glob(pattern) => match self.matches(pattern) {
                    Some(found) => (found.len() as u64).max(1),
                    None => return Entries::Unbounded,
                },
                Word::Dynamic(text) if text.contains('@') || text.contains("$(") => {
                    return Entries::Unbounded;
                }
                Word::Dynamic(_) => 1,
            };
        }
        Entries::Known(count.max(1))
    }

    /// Records that content is written to what a word names.
    pub(crate) fn write(&mut self, field: &Field, how: WriteHow) {
        for target in self.targets(field, true) {
            self.emit(Action::Write { target, how }, field.span.clone());
        }
    }

    /// Records a deletion of what a word names.
    pub(crate) fn delete(&mut self, field: &Field, what: Deletable) {
        let is_path = matches!(what, Deletable::Path | Deletable::Content);
        let target = match &field.word {
            Word::Literal(text) if !is_path => Target::name(text.clone()),
            Word::Glob(pattern) if self.frame.stage == Stage::File => match self.matches(pattern) {
                Some(found) if !found.is_empty() => self.target(field, false),
                _ => Target::Dynamic {
                    text: pattern.clone(),
                },
            },
            _ => self.target(field, what == Deletable::Content),
        };
        self.emit(Action::Delete { target, what }, field.span.clone());
    }

    /// Records a deletion of something that has only a name.
    pub(crate) fn delete_named(&mut self, name: &str, what: Deletable, span: Range<usize>) {
        let target = Target::name(name);
        self.emit(Action::Delete { target, what }, span);
    }

    /// Records that a file is emptied, or comes to be when the name is free.
    pub(crate) fn empty(&mut self, field: &Field) {
        for target in self.targets(field, true) {
            let action = match &target {
                Target::Path(PathFacts {
                    presence: Presence::Absent,
                    ..
                }) => Action::Create {
                    target,
                    node: crate::policy::Node::File,
                },
                Target::Path(facts) if is_device(&facts.path) => Action::Write {
                    target,
                    how: WriteHow::Append,
                },
                _ => Action::Truncate { target },
            };
            self.emit(action, field.span.clone());
        }
    }
}

/// In a followed file, what does not name something that exists now is left to the guard.
fn left_to_guard(target: Target) -> Target {
    match target {
        Target::Path(facts) if facts.presence.is_taken() => Target::Path(facts),
        Target::Path(facts) => Target::Dynamic {
            text: facts.path.display().to_string(),
        },
        Target::Pattern { text } if text.contains(['*', '?', '[']) => Target::Pattern { text },
        Target::Pattern { text } | Target::Dynamic { text } => Target::Dynamic { text },
    }
}

/// Devices are always there and need no look at the disk.
fn is_device(path: &Path) -> bool {
    path.starts_with("/dev") && !path.starts_with("/dev/shm") && {
        let plain = world::lexical(path);
        plain.starts_with("/dev")
    }
}
