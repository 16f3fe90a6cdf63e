//! Joins layers into one law and compiles it.
//!
//! INVARIANT: a locked rule or threshold only ever gets stricter on the way down,
//! and the project's layer loosens nothing at all.

use std::collections::BTreeMap;

use super::compile::{Compiler, check_entries};
use super::document::{Document, RootsText, RuleText};
use super::judge::{DEFAULT, Index, Policy};
use super::layers::LayerKind;
use super::limit::{Limit, Limits};
use super::lists::{Lists, REQUIRED};
use super::load::{Fault, Step};
use super::rule::Rule;
use super::verdict::Decision;

/// The law while layers are still being added.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    is_tried: bool,
    limits: Limits,
    locked: Vec<String>,
    guarded: BTreeMap<String, Vec<String>>,
    trusted: BTreeMap<String, Vec<String>>,
    roots: RootsText,
    rules: Vec<DraftRule>,
}

/// A rule and where it was last written.
#[derive(Debug)]
pub(crate) struct DraftRule {
    pub(crate) text: RuleText,
    pub(crate) layer: usize,
    pub(crate) number: usize,
}

impl Draft {
    /// Returns a draft whose base is the built-in law, which the tests have tried: its patterns need not be tried again
    /// at every start.
    pub(crate) fn on_tried_base() -> Self {
        Self {
            is_tried: true,
            ..Self::default()
        }
    }

    fn is_doubted(&self, kind: LayerKind) -> bool {
        !(self.is_tried && kind == LayerKind::Builtin)
    }

    /// Adds a layer below those already there.
    pub(crate) fn add(
        &mut self,
        layer: usize,
        kind: LayerKind,
        document: Document,
    ) -> Result<(), Fault> {
        let result = self
            .add_limits(kind, &document)
            .and_then(|()| self.add_lists(kind, &document))
            .and_then(|()| self.add_roots(kind, &document))
            .and_then(|()| self.add_rules(layer, kind, document.rule));
        result.map_err(|fault| fault.layer(layer))
    }

    fn add_limits(&mut self, kind: LayerKind, document: &Document) -> Result<(), Fault> {
        for (area, values) in &document.limits {
            for (name, amount) in values {
                let key = format!("{area}.{name}");
                let steps = [Step::key("limits"), Step::key(area), Step::key(name)];
                self.set_limit(kind, &key, amount.0)
                    .map_err(|fault| fault.at(steps))?;
            }
        }
        for (number, key) in document.locked.iter().enumerate() {
            if Limit::by_key(key).is_none() {
                let steps = [Step::key("locked"), Step::Item(number)];
                return Err(unknown_limit(key).at(steps));
            }
            self.locked.push(key.clone());
        }
        Ok(())
    }

    fn set_limit(&mut self, kind: LayerKind, key: &str, value: u64) -> Result<(), Fault> {
        let limit = Limit::by_key(key).ok_or_else(|| unknown_limit(key))?;
        if value > limit.ceiling() {
            let most = limit.display(limit.ceiling());
            return Err(Fault::new(format!("`{key}` is at most {most}")));
        }
        let is_bound = kind.may_only_tighten() || self.locked.iter().any(|one| one == key);
        if let Some(old) = self.limits.value(limit)
            && is_bound
            && !limit.is_tighter(value, old)
        {
            let old = limit.display(old);
            return Err(Fault::new(format!("`{key}` may only be tightened here"))
                .hint(format!("the layers above say {old}")));
        }
        self.limits.set(limit, value);
        Ok(())
    }

    fn add_lists(&mut self, kind: LayerKind, document: &Document) -> Result<(), Fault> {
        for (name, entries) in &document.guarded {
            if self.trusted.contains_key(name) {
                return Err(Fault::new(format!("`{name}` is a trusted list"))
                    .at([Step::key("guarded"), Step::key(name)]));
            }
            if self.is_doubted(kind) {
                check_entries("guarded", name, entries)?;
            }
            extend(&mut self.guarded, name, entries);
        }
        for (name, entries) in &document.trusted {
            let steps = [Step::key("trusted"), Step::key(name)];
            if kind.may_only_tighten() {
                return Err(Fault::new("a project's policy may only tighten")
                    .hint("a longer trusted list is looser; put it into your own policy")
                    .at(steps));
            }
            if self.guarded.contains_key(name) {
                return Err(Fault::new(format!("`{name}` is a guarded list")).at(steps));
            }
            if self.is_doubted(kind) {
                check_entries("trusted", name, entries)?;
            }
            extend(&mut self.trusted, name, entries);
        }
        for (name, entries) in &document.distrusted {
            let list = self.trusted.get_mut(name).ok_or_else(|| {
                Fault::new(format!("there is no trusted list `{name}`"))
                    .at([Step::key("distrusted"), Step::key(name)])
            })?;
            list.retain(|entry| !entries.contains(entry));
        }
        Ok(())
    }

    fn add_roots(&mut self, kind: LayerKind, document: &Document) -> Result<(), Fault> {
        let roots = &document.roots;
        if *roots == RootsText::default() {
            return Ok(());
        }
        if kind.may_only_tighten() {
            return Err(Fault::new("a project's policy cannot name roots")
                .hint("roots belong into your own policy")
                .at([Step::key("roots")]));
        }
        if roots.dss.is_some() {
            self.roots.dss.clone_from(&roots.dss);
        }
        self.roots.further.extend(roots.further.iter().cloned());
        Ok(())
    }

    fn add_rules(
        &mut self,
        layer: usize,
        kind: LayerKind,
        rules: Vec<RuleText>,
    ) -> Result<(), Fault> {
        for (number, text) in rules.into_iter().enumerate() {
            let draft = DraftRule {
                text,
                layer,
                number,
            };
            self.add_rule(kind, draft)
                .map_err(|fault| under_rule(fault, number))?;
        }
        Ok(())
    }

    fn add_rule(&mut self, kind: LayerKind, new: DraftRule) -> Result<(), Fault> {
        let above = self
            .rules
            .iter_mut()
            .find(|rule| rule.text.id == new.text.id && rule.text.part == new.text.part);
        let Some(above) = above else {
            if kind.may_only_tighten() && new.text.decision == Some(Decision::Allow) {
                return Err(Fault::new("a project's policy may only tighten")
                    .hint("a new rule here says `ask` or `deny`")
                    .at([Step::key("decision")]));
            }
            self.rules.push(new);
            return Ok(());
        };
        if above.layer == new.layer {
            let name = new.text.full_name();
            return Err(Fault::new(format!("rule `{name}` stands here twice"))
                .hint("give one of them another `part`")
                .at([Step::key("id")]));
        }
        if above.text.locked == Some(true) || kind.may_only_tighten() {
            check_tightens(&above.text, &new.text)?;
        }
        above.layer = new.layer;
        above.number = new.number;
        overlay(&mut above.text, new.text);
        Ok(())
    }

    /// Compiles the law.
    pub(crate) fn finish(self) -> Result<Policy, Fault> {
        for limit in Limit::ALL {
            if self.limits.value(limit).is_none() {
                let key = limit.key();
                return Err(Fault::new(format!("`{key}` is missing"))
                    .hint("every threshold of the law stands in the policy")
                    .at([Step::key("limits")]));
            }
        }
        let mut entries = self.guarded;
        entries.extend(self.trusted);
        let mut lists = Lists::new(entries);
        if let Some(name) = REQUIRED.into_iter().find(|name| !lists.has(name)) {
            return Err(Fault::new(format!("the list `{name}` is missing")));
        }
        let mut rules = Vec::with_capacity(self.rules.len());
        let mut compiler = Compiler {
            lists: &mut lists,
            limits: &self.limits,
            is_tried: self.is_tried,
        };
        for draft in self.rules {
            let (layer, number) = (draft.layer, draft.number);
            let rule = compiler
                .rule(draft)
                .map_err(|fault| under_rule(fault, number).layer(layer))?;
            rules.push(rule);
        }
        let default = rules
            .iter()
            .position(|rule: &Rule| &*rule.id == DEFAULT)
            .ok_or_else(|| Fault::new(format!("the rule `{DEFAULT}` is missing")))?;
        Ok(Policy {
            index: Index::new(&rules),
            rules,
            limits: self.limits,
            lists,
            roots: self.roots,
            default,
        })
    }
}

fn under_rule(mut fault: Fault, number: usize) -> Fault {
    fault
        .steps
        .splice(0..0, [Step::key("rule"), Step::Item(number)]);
    fault
}

fn unknown_limit(key: &str) -> Fault {
    let known: Vec<&str> = Limit::ALL.into_iter().map(Limit::key).collect();
    Fault::new(format!("there is no threshold `{key}`"))
        .hint(format!("the thresholds are {}", known.join(", ")))
}

fn extend(lists: &mut BTreeMap<String, Vec<String>>, name: &str, entries: &[String]) {
    let list = lists.entry(name.to_owned()).or_default();
    for entry in entries {
        if !list.contains(entry) {
            list.push(entry.clone());
        }
    }
}

/// Refuses a change that could loosen a rule: only texts, examples, `locked` and a
/// stricter decision pass.
fn check_tightens(above: &RuleText, new: &RuleText) -> Result<(), Fault> {
    let id = &above.id;
    let hint = "it may only get a stricter decision; put further cases into a rule of their own";
    let refused = |key: &str| {
        Err(
            Fault::new(format!("rule `{id}` is locked, `{key}` cannot change"))
                .hint(hint)
                .at([Step::key(key)]),
        )
    };
    if new.on.is_some() {
        return refused("on");
    }
    if new.when.is_some() {
        return refused("when");
    }
    if new.unless.is_some() {
        return refused("unless");
    }
    if new.cited.is_some() {
        return refused("cited");
    }
    if new.locked == Some(false) {
        return refused("locked");
    }
    if new.decision.is_some() && new.decision < above.decision {
        return refused("decision");
    }
    Ok(())
}

fn overlay(above: &mut RuleText, new: RuleText) {
    fn set<T>(above: &mut Option<T>, new: Option<T>) {
        if new.is_some() {
            *above = new;
        }
    }
    set(&mut above.on, new.on);
    set(&mut above.when, new.when);
    set(&mut above.unless, new.unless);
    set(&mut above.decision, new.decision);
    set(&mut above.because, new.because);
    set(&mut above.instead, new.instead);
    set(&mut above.locked, new.locked);
    set(&mut above.cited, new.cited);
    if !new.examples.is_empty() {
        above.examples = new.examples;
    }
}
