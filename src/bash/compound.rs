//! Compound commands: loops, branches, groups, subshells, tests.

use std::ops::Range;

use brush_parser::ast::{
    CaseClauseCommand, Command, CompoundCommand, CompoundList, ExtendedTestExpr, ForClauseCommand,
    IfClauseCommand, ProcessSubstitutionKind, SubshellCommand,
};

use super::expand::Field;
use super::frame::Feed;
use super::scope::Value;
use super::walk::Walker;
use crate::policy::{Purpose, Word};

/// A loop over more words than this is walked once, with the variable unknown.
const UNROLL: usize = 16;

impl Walker<'_> {
    pub(crate) fn compound(&mut self, command: &CompoundCommand, feed: Feed) -> Feed {
        match command {
            CompoundCommand::BraceGroup(group) => self.list(&group.list, feed),
            CompoundCommand::Subshell(subshell) => {
                let scope = self.scope.clone();
                let flow = self.list(&subshell.list, feed);
                self.scope = scope;
                flow
            }
            CompoundCommand::IfClause(clause) => self.if_clause(clause, feed),
            CompoundCommand::ForClause(clause) => self.for_clause(clause, feed),
            CompoundCommand::CaseClause(clause) => self.case_clause(clause, feed),
            CompoundCommand::WhileClause(clause) | CompoundCommand::UntilClause(clause) => {
                self.forget_assigned(&clause.0);
                self.forget_assigned(&clause.1.list);
                let before = self.scope.clone();
                let lines = known_lines(&clause.0, &feed);
                self.repeated(|walker| {
                    for line in &lines {
                        walker.list(&clause.0, Feed::Text(line.clone()));
                        walker.list(&clause.1.list, Feed::Unknown);
                    }
                    if lines.is_empty() {
                        walker.list(&clause.0, feed.clone());
                        walker.list(&clause.1.list, feed);
                    }
                });
                self.scope.join(&before);
                Feed::Unknown
            }
            CompoundCommand::Arithmetic(arithmetic) => {
                let place = self.frame.text.inner(&arithmetic.loc);
                let raw = self
                    .frame
                    .text
                    .source
                    .get(place.clone())
                    .unwrap_or_default();
                if !raw.starts_with("((") || !raw.ends_with("))") {
                    // `( ( … ) )` are subshells; the parser takes them for arithmetic.
                    let inner = raw.get(1..raw.len().saturating_sub(1)).unwrap_or_default();
                    let inner = inner.to_owned();
                    let anchor = self.frame.text.anchor_at(place.start + 1);
                    // It is the same text, so it costs no depth.
                    self.frame.depth = self.frame.depth.saturating_sub(1);
                    let flow = self.substitute(&inner, anchor, feed);
                    self.frame.depth += 1;
                    return flow;
                }
                let span = self.frame.text.outer(place.clone());
                self.exec("((", &[], Purpose::ReadOnly, span);
                self.arithmetic(&arithmetic.expr.value, &place);
                self.forget_arithmetic(&arithmetic.expr.value);
                Feed::Text(String::new())
            }
            CompoundCommand::ArithmeticForClause(clause) => {
                let place = self.frame.text.inner(&clause.loc);
                let parts = [&clause.initializer, &clause.condition, &clause.updater];
                for part in parts.into_iter().flatten() {
                    self.arithmetic(&part.value, &place);
                    self.forget_arithmetic(&part.value);
                }
                self.forget_assigned(&clause.body.list);
                let before = self.scope.clone();
                self.repeated(|walker| walker.list(&clause.body.list, feed));
                self.scope.join(&before);
                Feed::Unknown
            }
            CompoundCommand::Coprocess(coprocess) => {
                let scope = self.scope.clone();
                self.one(&coprocess.body, Feed::Unknown);
                self.scope = scope;
                Feed::Text(String::new())
            }
        }
    }

    /// Whether nothing in a command writes anything, so that its `>` only empties.
    pub(crate) fn is_silent(command: &CompoundCommand) -> bool {
        let list = match command {
            CompoundCommand::BraceGroup(group) => &group.list,
            CompoundCommand::Subshell(subshell) => &subshell.list,
            CompoundCommand::Arithmetic(_) => return true,
            CompoundCommand::ArithmeticForClause(_)
            | CompoundCommand::ForClause(_)
            | CompoundCommand::CaseClause(_)
            | CompoundCommand::IfClause(_)
            | CompoundCommand::WhileClause(_)
            | CompoundCommand::UntilClause(_)
            | CompoundCommand::Coprocess(_) => return false,
        };
        list.0.iter().all(|item| {
            item.0.additional.is_empty()
                && item.0.first.seq.iter().all(|command| match command {
                    Command::Simple(simple) => simple
                        .word_or_name
                        .as_ref()
                        .is_none_or(|word| [":", "true", "false"].contains(&word.value.as_str())),
                    Command::Compound(inner, _) => Self::is_silent(inner),
                    Command::Function(_) | Command::ExtendedTest(..) => true,
                })
        })
    }

    /// Walks the command of a process substitution.
    pub(crate) fn process(
        &mut self,
        kind: &ProcessSubstitutionKind,
        subshell: &SubshellCommand,
        feed: Feed,
    ) -> Feed {
        let scope = self.scope.clone();
        let feed = match kind {
            ProcessSubstitutionKind::Read => Feed::Inherited,
            ProcessSubstitutionKind::Write => feed,
        };
        let flow = self.list(&subshell.list, feed);
        self.scope = scope;
        flow
    }

    fn repeated<T>(&mut self, work: impl FnOnce(&mut Self) -> T) -> T {
        self.within(|frame| frame.repeats = true, work)
    }

    fn if_clause(&mut self, clause: &IfClauseCommand, feed: Feed) -> Feed {
        self.list(&clause.condition, feed.clone());
        let before = self.scope.clone();
        self.list(&clause.then, feed.clone());
        let mut ways = vec![std::mem::replace(&mut self.scope, before)];
        let mut has_else = false;
        for other in clause.elses.iter().flatten() {
            match &other.condition {
                Some(condition) => {
                    self.list(condition, feed.clone());
                }
                None => has_else = true,
            }
            let before = self.scope.clone();
            self.list(&other.body, feed.clone());
            ways.push(std::mem::replace(&mut self.scope, before));
        }
        if has_else && let Some(last) = ways.pop() {
            self.scope = last;
        }
        for way in &ways {
            self.scope.join(way);
        }
        Feed::Unknown
    }

    fn for_clause(&mut self, clause: &ForClauseCommand, feed: Feed) -> Feed {
        let place = self.frame.text.inner(&clause.loc);
        let mut fields: Vec<Field> = Vec::new();
        match &clause.values {
            Some(words) => {
                for word in words {
                    let place = word
                        .loc
                        .as_ref()
                        .map_or(place.clone(), |loc| self.frame.text.inner(loc));
                    fields.extend(self.fields(&word.value, place));
                }
            }
            None => {
                let span = self.frame.text.outer(place.clone());
                match &self.scope.arguments {
                    Some(arguments) => {
                        let words = arguments
                            .iter()
                            .map(|text| Field::literal(text, span.clone()));
                        fields.extend(words);
                    }
                    None => fields.push(Field::dynamic("$@", span)),
                }
            }
        }
        let head = self.frame.text.outer(place.start..place.start + 3);
        self.exec("for", &fields, Purpose::ReadOnly, head);
        let known: Option<Vec<String>> = fields
            .iter()
            .map(|field| field.known().map(str::to_owned))
            .collect();
        self.forget_assigned(&clause.body.list);
        let before = self.scope.clone();
        match known {
            Some(words) if words.len() <= UNROLL => {
                for word in &words {
                    self.scope
                        .set(&clause.variable_name, Value::Known(word.clone()));
                    self.list(&clause.body.list, feed.clone());
                }
            }
            _ => {
                // The variable is one of the words; which is only known when it runs.
                self.scope.set(&clause.variable_name, Value::Unknown);
                let only = match fields.as_slice() {
                    [
                        Field {
                            word: Word::Glob(pattern),
                            ..
                        },
                    ] => Some(pattern.clone()),
                    _ => None,
                };
                if let Some(found) = only.and_then(|pattern| self.matches(&pattern))
                    && let [single] = found.as_slice()
                {
                    let value = Value::Known(single.display().to_string());
                    self.scope.set(&clause.variable_name, value);
                }
                self.repeated(|walker| walker.list(&clause.body.list, feed));
            }
        }
        self.scope.join(&before);
        Feed::Unknown
    }

    fn case_clause(&mut self, clause: &CaseClauseCommand, feed: Feed) -> Feed {
        let place = self.frame.text.inner(&clause.loc);
        let head = self.frame.text.outer(place.start..place.start + 4);
        self.exec("case", &[], Purpose::ReadOnly, head);
        self.whole(&clause.value.value, place.clone());
        let before = self.scope.clone();
        let mut ways = Vec::new();
        for case in &clause.cases {
            for pattern in &case.patterns {
                self.whole(&pattern.value, place.clone());
            }
            if let Some(list) = &case.cmd {
                self.list(list, feed.clone());
            }
            ways.push(std::mem::replace(&mut self.scope, before.clone()));
        }
        for way in &ways {
            self.scope.join(way);
        }
        Feed::Unknown
    }

    pub(crate) fn extended_test(&mut self, test: &ExtendedTestExpr, place: &Range<usize>) {
        match test {
            ExtendedTestExpr::And(first, second) | ExtendedTestExpr::Or(first, second) => {
                self.extended_test(first, place);
                self.extended_test(second, place);
            }
            ExtendedTestExpr::Not(inner) | ExtendedTestExpr::Parenthesized(inner) => {
                self.extended_test(inner, place);
            }
            ExtendedTestExpr::UnaryTest(_, word) => {
                self.test_word(&word.value, place);
            }
            ExtendedTestExpr::BinaryTest(_, first, second) => {
                self.test_word(&first.value, place);
                self.test_word(&second.value, place);
            }
        }
    }

    fn test_word(&mut self, raw: &str, place: &Range<usize>) {
        self.whole(raw, place.clone());
        // `-v a[…]` and `-eq` evaluate subscripts inside quotes too.
        if raw.contains("[") && raw.contains(['$', '`']) && raw.contains('\'') {
            self.arithmetic(&raw.replace('\'', ""), place);
        }
    }

    /// What a loop's body assigns is not known at its start.
    fn forget_assigned(&mut self, list: &CompoundList) {
        for name in super::assign::assigned(list) {
            self.scope.set(&name, Value::Unknown);
        }
    }

    fn forget_arithmetic(&mut self, text: &str) {
        if !text.contains('=') && !text.contains("++") && !text.contains("--") {
            return;
        }
        for name in text.split(|c: char| c != '_' && !c.is_ascii_alphanumeric()) {
            if name.starts_with(|c: char| c == '_' || c.is_ascii_alphabetic()) {
                self.scope.set(name, Value::Unknown);
            }
        }
    }
}

/// Returns the lines that `while read …` gets, where they are known and not too many.
fn known_lines(condition: &CompoundList, feed: &Feed) -> Vec<String> {
    let reads = condition.0.iter().any(|item| {
        item.0.first.seq.iter().any(|command| {
            matches!(command, Command::Simple(simple)
                if simple.word_or_name.as_ref().is_some_and(|word| word.value == "read"))
        })
    });
    let lines: Vec<String> = match feed.text() {
        Some(text) if reads => text.lines().map(str::to_owned).collect(),
        _ => Vec::new(),
    };
    if lines.len() > UNROLL {
        Vec::new()
    } else {
        lines
    }
}
