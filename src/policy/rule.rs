//! One law, compiled: what it speaks of, what it decides, and what it says.

use std::sync::Arc;

use super::action::{Action, Target};
use super::condition::Condition;
use super::context::{Context, Scene};
use super::document::{Kind, RuleText};
use super::verdict::{Decision, Verdict};
use super::view::View;

/// One law, or a named part of one.
#[derive(Debug)]
pub struct Rule {
    pub(crate) id: Arc<str>,
    pub(crate) kinds: Vec<Kind>,
    pub(crate) when: Vec<Condition>,
    pub(crate) unless: Vec<Condition>,
    pub(crate) decision: Decision,
    pub(crate) because: Phrase,
    pub(crate) instead: Phrase,
    pub(crate) text: RuleText,
    pub(crate) layer: usize,
}

impl Rule {
    /// Returns its id, `area.what`.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Returns what it decides.
    pub fn decision(&self) -> Decision {
        self.decision
    }

    /// Returns why, thresholds filled in.
    pub fn because(&self) -> &str {
        self.because.as_str()
    }

    /// Returns what to do instead, thresholds filled in.
    pub fn instead(&self) -> &str {
        self.instead.as_str()
    }

    /// Returns it as it stands in the policy, lower layers' changes included.
    pub fn text(&self) -> &RuleText {
        &self.text
    }

    /// Returns the number of the layer that wrote it; 0 is the built-in law.
    pub fn layer(&self) -> usize {
        self.layer
    }

    /// Returns whether it applies to an action of one of its kinds.
    pub(crate) fn applies(&self, view: &View<'_>) -> bool {
        (self.when.is_empty() || self.when.iter().any(|condition| condition.holds(view)))
            && !self.unless.iter().any(|condition| condition.holds(view))
    }

    /// Returns its verdict on an action.
    pub(crate) fn verdict(&self, subject: Option<(&Action, &Scene<'_>)>) -> Verdict {
        Verdict {
            decision: self.decision,
            rule: Arc::clone(&self.id),
            because: self.because.fill(subject),
            instead: self.instead.fill(subject),
        }
    }
}

/// A text of a rule; `{target}`, `{name}`, `{from}`, `{program}` and `{host}` stand
/// for what the action is about. Thresholds are filled in at load.
#[derive(Debug)]
pub(crate) struct Phrase {
    text: Arc<str>,
    is_open: bool,
}

impl Phrase {
    pub(crate) fn new(text: &str) -> Self {
        Self {
            text: text.into(),
            is_open: text.contains('{'),
        }
    }

    fn as_str(&self) -> &str {
        &self.text
    }

    /// The words that may stand in braces besides the keys of thresholds.
    pub(crate) const WORDS: [&'static str; 6] =
        ["target", "name", "from", "program", "host", "lack"];

    fn fill(&self, subject: Option<(&Action, &Scene<'_>)>) -> Arc<str> {
        let Some((action, scene)) = subject.filter(|_| self.is_open) else {
            return Arc::clone(&self.text);
        };
        let mut text = String::with_capacity(self.text.len() + 32);
        for piece in self.text.split_inclusive('}') {
            match piece
                .strip_suffix('}')
                .and_then(|open| open.rsplit_once('{'))
            {
                Some((before, word)) => {
                    text.push_str(before);
                    text.push_str(&subject_word(word, action, scene.context));
                }
                None => text.push_str(piece),
            }
        }
        text.into()
    }
}

fn subject_word(word: &str, action: &Action, context: &Context) -> String {
    let (from, to) = match action {
        Action::Rename { from, to, .. } => (Some(from), Some(to)),
        Action::Exec { program, .. } => (None, Some(program)),
        Action::Read { target }
        | Action::Write { target, .. }
        | Action::Create { target, .. }
        | Action::Delete { target, .. }
        | Action::Truncate { target }
        | Action::Chmod { target, .. } => (None, Some(target)),
        Action::Connect { .. }
        | Action::Signal { .. }
        | Action::Submit { .. }
        | Action::Cancel { .. }
        | Action::Remote { .. }
        | Action::Train { .. } => (None, None),
    };
    let program = match action {
        Action::Train { program } => Some(program),
        Action::Submit { tool } => Some(tool),
        _ => None,
    };
    let shown = |target: Option<&Target>, stand_in: &str| {
        target.map_or_else(|| stand_in.to_owned(), |target| shown(target, context))
    };
    match (word, action) {
        ("from", _) => shown(from, "NAME"),
        ("name", _) => to.map_or_else(|| "NAME".to_owned(), base_name),
        ("program", _) => program.map_or_else(|| shown(to, "PROGRAM"), |name| quoted(name)),
        ("host", Action::Remote { host, .. }) => quoted(host),
        ("lack", _) => context.lack().to_owned(),
        ("host", _) => "HOST".to_owned(),
        _ => shown(to, "NAME"),
    }
}

/// Shows a target the way a person would type it: from here, from home, or in full.
fn shown(target: &Target, context: &Context) -> String {
    let Target::Path(facts) = target else {
        return target.display();
    };
    if let Ok(rest) = facts.path.strip_prefix(&context.cwd)
        && rest.components().next().is_some()
    {
        return quoted(&rest.to_string_lossy());
    }
    match facts.path.strip_prefix(&context.home) {
        Ok(rest) if rest.components().next().is_some() => {
            format!("~/{}", quoted(&rest.to_string_lossy()))
        }
        _ => quoted(&facts.path.to_string_lossy()),
    }
}

fn base_name(target: &Target) -> String {
    match target {
        Target::Path(facts) => facts
            .path
            .file_name()
            .map_or_else(|| "NAME".to_owned(), |name| quoted(&name.to_string_lossy())),
        Target::Pattern { .. } | Target::Dynamic { .. } => "NAME".to_owned(),
    }
}

fn quoted(text: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "-_./=:@%+,".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}
