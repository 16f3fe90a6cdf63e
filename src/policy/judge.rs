//! The one function that judges.
//!
//! INVARIANT: the strictest rule that applies decides, the first among equals;
//! where none applies the law's last rule does.

use std::fmt;
use std::sync::Arc;

use super::action::Action;
use super::context::{Scene, Stage};
use super::document::{Kind, RootsText};
use super::limit::{Limit, Limits};
use super::lists::Lists;
use super::rule::Rule;
use super::verdict::{Decision, Verdict};
use super::view::View;

/// The id of the rule that speaks where no other does.
pub(crate) const DEFAULT: &str = "default.allow";

/// The whole law, all layers joined.
pub struct Policy {
    pub(crate) rules: Vec<Rule>,
    pub(crate) index: Index,
    pub(crate) limits: Limits,
    pub(crate) lists: Lists,
    pub(crate) roots: RootsText,
    pub(crate) default: usize,
}

impl Policy {
    /// Returns the verdict on an action in its scene.
    pub fn judge(&self, action: &Action, scene: &Scene<'_>) -> Verdict {
        let view = View::new(action, scene);
        let subject = Some((action, scene));
        self.index
            .rules(Kind::of(action), scene.stage)
            .iter()
            .filter_map(|number| self.rules.get(*number))
            .find(|rule| rule.applies(&view))
            .or_else(|| self.rules.get(self.default))
            .map_or_else(no_law, |rule| rule.verdict(subject))
    }

    /// Returns the verdict of a rule that no action matches, because the program
    /// itself finds out that it applies: `quota.halt`, or one that the guard names.
    /// An id that the law does not have is denied under that id.
    pub fn cite(&self, id: &str, part: Option<&str>) -> Verdict {
        self.rules
            .iter()
            .find(|rule| &*rule.id == id && rule.text.part.as_deref() == part)
            .map_or_else(
                || Verdict {
                    rule: id.into(),
                    ..no_law()
                },
                |rule| rule.verdict(None),
            )
    }

    /// Returns the value of a threshold.
    pub fn limit(&self, limit: Limit) -> u64 {
        // Load refuses a law without all of them; 0 refuses everything.
        self.limits.value(limit).unwrap_or(0)
    }

    /// Returns the entries of a list (`replacers`, `git_hosts`); none where there is no such list.
    pub fn list(&self, name: &str) -> &[String] {
        self.lists.entries(name)
    }

    /// Returns whether a program is on a list.
    pub fn is_listed(&self, list: &str, program: &str) -> bool {
        self.lists.has_program(list, program)
    }

    /// Returns the roots that the policy files name.
    pub fn roots(&self) -> &RootsText {
        &self.roots
    }

    /// Returns all rules in the order in which they stand.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }
}

impl fmt::Debug for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Policy({} rules)", self.rules.len())
    }
}

/// Answers where the law has lost its last rule, which load refuses.
fn no_law() -> Verdict {
    Verdict {
        decision: Decision::Deny,
        rule: Arc::from(DEFAULT),
        because: Arc::from("the policy has no rule for this"),
        instead: Arc::from(""),
    }
}

impl Kind {
    const COUNT: usize = 14;

    /// Every kind of action, without `Any`.
    pub(crate) const ALL: [Self; Self::COUNT] = [
        Self::Exec,
        Self::Read,
        Self::Write,
        Self::Create,
        Self::Delete,
        Self::Rename,
        Self::Truncate,
        Self::Chmod,
        Self::Connect,
        Self::Signal,
        Self::Submit,
        Self::Cancel,
        Self::Remote,
        Self::Train,
    ];

    /// Returns the kind of an action.
    pub fn of(action: &Action) -> Self {
        match action {
            Action::Exec { .. } => Self::Exec,
            Action::Read { .. } => Self::Read,
            Action::Write { .. } => Self::Write,
            Action::Create { .. } => Self::Create,
            Action::Delete { .. } => Self::Delete,
            Action::Rename { .. } => Self::Rename,
            Action::Truncate { .. } => Self::Truncate,
            Action::Chmod { .. } => Self::Chmod,
            Action::Connect { .. } => Self::Connect,
            Action::Signal { .. } => Self::Signal,
            Action::Submit { .. } => Self::Submit,
            Action::Cancel { .. } => Self::Cancel,
            Action::Remote { .. } => Self::Remote,
            Action::Train { .. } => Self::Train,
        }
    }
}

/// Which rules to look at for each kind and stage, the strictest first.
#[derive(Debug, Default)]
pub(crate) struct Index {
    rows: Vec<Vec<usize>>,
}

impl Index {
    pub(crate) fn new(rules: &[Rule]) -> Self {
        let mut rows = Vec::with_capacity(Kind::COUNT * STAGES.len());
        for kind in Kind::ALL {
            for stage in STAGES {
                let mut row: Vec<usize> = rules
                    .iter()
                    .enumerate()
                    .filter(|(_, rule)| rule.may_speak(kind, stage))
                    .map(|(number, _)| number)
                    .collect();
                row.sort_by_key(|number| {
                    std::cmp::Reverse(rules.get(*number).map(|rule| rule.decision))
                });
                rows.push(row);
            }
        }
        Self { rows }
    }

    fn rules(&self, kind: Kind, stage: Stage) -> &[usize] {
        let kind = Kind::ALL.iter().position(|one| *one == kind);
        let stage = STAGES.iter().position(|one| *one == stage);
        kind.zip(stage)
            .and_then(|(kind, stage)| self.rows.get(kind * STAGES.len() + stage))
            .map_or(&[], Vec::as_slice)
    }
}

const STAGES: [Stage; 3] = [Stage::Line, Stage::File, Stage::Kernel];

impl Rule {
    /// Returns whether the rule could apply to this kind at this stage at all.
    fn may_speak(&self, kind: Kind, stage: Stage) -> bool {
        (self.kinds.contains(&kind) || self.kinds.contains(&Kind::Any))
            && (self.when.is_empty()
                || self.when.iter().any(|condition| {
                    condition
                        .text
                        .stage
                        .as_ref()
                        .is_none_or(|stages| stages.0.contains(&stage))
                }))
    }
}
