//! Walks a syntax tree in the order bash would run it, and keeps the books: what
//! names mean, where it stands, what flows through pipes.

use std::ops::Range;
use std::rc::Rc;

use brush_parser::ast::{
    AndOr, AndOrList, Command, CommandPrefixOrSuffixItem, CompoundList, Pipeline, Program,
    SeparatorOperator, SimpleCommand,
};

use super::expand::Field;
use super::frame::{Anchor, Feed, Frame, Text};
use super::scope::{Function, Scope};
use super::written::Written;
use super::{Analysis, Site, Spanned, World, parse};
use crate::policy::{Purpose, Stage};

/// Texts and calls inside each other beyond this are not followed.
const DEPTH_LIMIT: usize = 24;
/// Commands walked in all; functions that call each other may multiply.
const STEP_LIMIT: u32 = 20_000;

/// The walk over one line and everything it leads to.
pub(crate) struct Walker<'w> {
    pub(crate) world: &'w dyn World,
    pub(crate) out: Vec<Spanned>,
    pub(crate) scope: Scope,
    pub(crate) frame: Frame,
    pub(crate) incomplete: Option<String>,
    pub(crate) written: Written,
    steps: u32,
}

/// Walks a line.
pub(crate) fn line(text: &str, world: &dyn World) -> Analysis {
    let mut walker = Walker::new(text, world);
    walker.text(text, Anchor::At(0), Feed::Inherited);
    walker.finish()
}

impl<'w> Walker<'w> {
    pub(crate) fn new(text: &str, world: &'w dyn World) -> Self {
        let scope = Scope {
            cwd: world.cwd(),
            home: world.variable("HOME").map(Into::into),
            ..Scope::default()
        };
        Self {
            world,
            out: Vec::new(),
            scope,
            frame: Frame {
                text: Rc::new(Text::new(text, Anchor::At(0))),
                stage: Stage::Line,
                site: Site::Here,
                via: Vec::new(),
                repeats: false,
                depth: 0,
            },
            incomplete: None,
            written: Written::default(),
            steps: STEP_LIMIT,
        }
    }

    pub(crate) fn finish(self) -> Analysis {
        Analysis {
            actions: self.out,
            incomplete: self.incomplete,
        }
    }

    /// Walks exact arguments, as `execve` would get them.
    pub(crate) fn exact(&mut self, arguments: &[String]) {
        let mut at = 0;
        let mut fields = Vec::new();
        for argument in arguments {
            fields.push(Field::literal(argument, at..at + argument.len()));
            at += argument.len() + 1;
        }
        let end = at.saturating_sub(1);
        self.invoke(&fields, Feed::Inherited, 0..end);
    }

    /// Takes one step from the budget; `false` when it is spent.
    pub(crate) fn spend(&mut self) -> bool {
        self.steps = self.steps.saturating_sub(1);
        if self.steps == 0 {
            self.incomplete
                .get_or_insert_with(|| "it leads to too many commands".into());
        }
        self.steps > 0
    }

    /// Walks a text that lies at `anchor` in the outermost line.
    pub(crate) fn text(&mut self, source: &str, anchor: Anchor, feed: Feed) -> Feed {
        let text = Rc::new(Text::new(source, anchor));
        if self.frame.depth > DEPTH_LIMIT || !self.spend() {
            self.give_up(text.all(), source, "it nests too deep to follow".into());
            return Feed::Unknown;
        }
        match parse::program(source) {
            Ok(program) => {
                let before = std::mem::replace(&mut self.frame.text, text);
                self.frame.depth += 1;
                let feed = self.program(&program, feed);
                self.frame.depth -= 1;
                self.frame.text = before;
                feed
            }
            Err(reason) => {
                self.give_up(text.all(), source, reason);
                Feed::Unknown
            }
        }
    }

    /// Walks a text in a subshell: what it changes is forgotten, but its actions stay.
    pub(crate) fn substitute(&mut self, source: &str, anchor: Anchor, feed: Feed) -> Feed {
        let scope = self.scope.clone();
        let out = self.text(source, anchor, feed);
        self.scope = scope;
        out
    }

    /// Walks what `change` of the frame leads to, and comes back.
    pub(crate) fn within<T>(
        &mut self,
        change: impl FnOnce(&mut Frame),
        work: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let frame = self.frame.clone();
        change(&mut self.frame);
        let done = work(self);
        self.frame = frame;
        done
    }

    /// Walks shell text that was found inside a word.
    pub(crate) fn follow(
        &mut self,
        source: &str,
        label: &str,
        span: Range<usize>,
        feed: Feed,
    ) -> Feed {
        self.within(
            |frame| frame.via.push(label.to_owned()),
            |walker| walker.text(source, Anchor::Whole(span), feed),
        )
    }

    /// Walks what is known of a word that holds shell text, for what it surely does.
    pub(crate) fn follow_shape(&mut self, field: &Field, label: &str) {
        let Some(shape) = field.shape.clone() else {
            return;
        };
        if parse::program(&shape).is_ok() {
            let scope = self.scope.clone();
            self.follow(&shape, label, field.span.clone(), Feed::Unknown);
            self.scope = scope;
        }
    }

    fn program(&mut self, program: &Program, feed: Feed) -> Feed {
        let mut out = Feed::Text(String::new());
        for list in &program.complete_commands {
            let next = self.list(list, feed.clone());
            out = joined(out, next);
        }
        out
    }

    pub(crate) fn list(&mut self, list: &CompoundList, feed: Feed) -> Feed {
        let mut out = Feed::Text(String::new());
        for item in &list.0 {
            let next = match item.1 {
                SeparatorOperator::Async => {
                    let scope = self.scope.clone();
                    let next = self.and_or(&item.0, feed.clone());
                    self.scope = scope;
                    next
                }
                SeparatorOperator::Sequence => self.and_or(&item.0, feed.clone()),
            };
            out = joined(out, next);
        }
        out
    }

    fn and_or(&mut self, list: &AndOrList, feed: Feed) -> Feed {
        let mut out = self.pipeline(&list.first, feed.clone());
        let mut others: Vec<Scope> = Vec::new();
        for item in &list.additional {
            others.push(self.scope.clone());
            let next = match item {
                AndOr::And(pipeline) => self.pipeline(pipeline, feed.clone()),
                AndOr::Or(pipeline) => {
                    for other in &others {
                        self.scope.join(other);
                    }
                    self.pipeline(pipeline, feed.clone())
                }
            };
            // Either side may have written: only what both agree on is known.
            out = match item {
                AndOr::And(_) => joined(out, next),
                AndOr::Or(_) => Feed::Unknown,
            };
        }
        let cwd = self.scope.cwd.clone();
        let only_and = list
            .additional
            .iter()
            .all(|item| matches!(item, AndOr::And(_)));
        for other in &others {
            self.scope.join(other);
        }
        if only_and {
            // `cd d && …`: when it fails the rest of the line is hardly meant for here.
            self.scope.cwd = cwd;
        }
        out
    }

    fn pipeline(&mut self, pipeline: &Pipeline, feed: Feed) -> Feed {
        if let [command] = pipeline.seq.as_slice() {
            return self.one(command, feed);
        }
        let scope = self.scope.clone();
        let mut flow = feed;
        for command in &pipeline.seq {
            flow = self.one(command, flow);
            if flow == Feed::Inherited {
                flow = Feed::Unknown;
            }
            self.scope = scope.clone();
        }
        flow
    }

    pub(crate) fn one(&mut self, command: &Command, feed: Feed) -> Feed {
        match command {
            Command::Simple(simple) => self.simple(simple, feed),
            Command::Compound(compound, redirects) => {
                let Some(list) = redirects else {
                    return self.compound(compound, feed);
                };
                let silent = Self::is_silent(compound);
                let redirected = self.redirects(&list.0, feed, silent);
                let flow = self.compound(compound, redirected.feed);
                self.keep(redirected.kept, &flow);
                flow
            }
            Command::Function(definition) => {
                let name = definition.fname.value.clone();
                let span = match &definition.fname.loc {
                    Some(place) => self.frame.text.inner(place),
                    None => 0..self.frame.text.source.len(),
                };
                let end = brush_parser::ast::SourceLocation::location(&definition.body.0)
                    .map_or(span.end, |place| self.frame.text.inner(&place).end);
                let span = self.frame.text.outer(span.start..end);
                self.exec(&name, &[], Purpose::ReadOnly, span);
                let function = Function {
                    body: Rc::new(definition.body.clone()),
                    text: Rc::clone(&self.frame.text),
                    frame: Rc::new(self.frame.clone()),
                };
                self.scope.functions.insert(name, function);
                Feed::Text(String::new())
            }
            Command::ExtendedTest(test, redirects) => {
                let span = self.frame.text.inner(&test.loc);
                let outer = self.frame.text.outer(span.clone());
                self.exec("[[", &[], Purpose::ReadOnly, outer);
                self.extended_test(&test.expr, &span);
                if let Some(list) = redirects {
                    self.redirects(&list.0, feed, true);
                }
                Feed::Text(String::new())
            }
        }
    }

    fn simple(&mut self, command: &SimpleCommand, feed: Feed) -> Feed {
        if !self.spend() {
            let span = self.frame.text.all();
            self.unknown("…", &[], span);
            return Feed::Unknown;
        }
        let mut seen = Seen::default();
        let mut redirects = Vec::new();
        let prefix = command.prefix.iter().flat_map(|prefix| &prefix.0);
        let suffix = command.suffix.iter().flat_map(|suffix| &suffix.0);
        for item in prefix {
            match item {
                CommandPrefixOrSuffixItem::AssignmentWord(assignment, word) => {
                    seen.place(&self.frame.text, word.loc.as_ref());
                    seen.assignments.push((assignment, word));
                }
                CommandPrefixOrSuffixItem::IoRedirect(redirect) => redirects.push(redirect.clone()),
                CommandPrefixOrSuffixItem::Word(word) => {
                    seen.place(&self.frame.text, word.loc.as_ref());
                }
                CommandPrefixOrSuffixItem::ProcessSubstitution(..) => {}
            }
        }
        let mut fields = Vec::new();
        if let Some(word) = &command.word_or_name {
            let place = seen.place(&self.frame.text, word.loc.as_ref());
            fields.extend(self.fields(&word.value, place));
        }
        let is_declaration = fields.first().and_then(Field::known).is_some_and(|name| {
            ["export", "declare", "typeset", "local", "readonly"].contains(&name)
        });
        let mut declared = Vec::new();
        for item in suffix {
            match item {
                CommandPrefixOrSuffixItem::Word(word) => {
                    let place = seen.place(&self.frame.text, word.loc.as_ref());
                    fields.extend(self.fields(&word.value, place));
                }
                CommandPrefixOrSuffixItem::AssignmentWord(assignment, word) => {
                    let place = seen.place(&self.frame.text, word.loc.as_ref());
                    if is_declaration {
                        declared.push((assignment, word));
                    } else {
                        fields.extend(self.fields(&word.value, place));
                    }
                }
                CommandPrefixOrSuffixItem::IoRedirect(redirect) => redirects.push(redirect.clone()),
                CommandPrefixOrSuffixItem::ProcessSubstitution(kind, subshell) => {
                    let place = seen.place(&self.frame.text, Some(&subshell.loc));
                    let flow = self.process(kind, subshell, Feed::Unknown);
                    let mut field = Field::dynamic("<(…)", self.frame.text.outer(place));
                    // What a shell reads from it is worth knowing: `source <(echo …)`.
                    if let Some(text) = flow.text() {
                        field.guess = Some(text.to_owned());
                    }
                    fields.push(field);
                }
            }
        }
        let span = seen.span(&self.frame.text, &redirects);
        self.finish_simple(&seen.assignments, &declared, fields, &redirects, feed, span)
    }
}

/// What a simple command was seen to consist of.
#[derive(Default)]
pub(crate) struct Seen<'a> {
    pub(crate) assignments: Vec<(
        &'a brush_parser::ast::Assignment,
        &'a brush_parser::ast::Word,
    )>,
    range: Option<Range<usize>>,
}

impl Seen<'_> {
    fn place(&mut self, text: &Text, place: Option<&brush_parser::SourceSpan>) -> Range<usize> {
        let Some(place) = place else {
            return 0..text.source.len();
        };
        let place = text.inner(place);
        self.range = Some(match self.range.take() {
            Some(range) => range.start.min(place.start)..range.end.max(place.end),
            None => place.clone(),
        });
        place
    }

    /// Returns the span of the command with its redirects, in the outermost line.
    fn span(&self, text: &Text, redirects: &[brush_parser::ast::IoRedirect]) -> Range<usize> {
        let mut range = self.range.clone();
        for redirect in redirects {
            if let Some(place) = super::redirect::place(text, redirect) {
                range = Some(match range {
                    Some(range) => range.start.min(place.start)..range.end.max(place.end),
                    None => place,
                });
            }
        }
        text.outer(range.unwrap_or(0..text.source.len()))
    }
}

/// Puts what two commands write after each other together.
fn joined(first: Feed, second: Feed) -> Feed {
    match (first, second) {
        (Feed::Text(first), second) if first.is_empty() => second,
        (first, Feed::Text(second)) if second.is_empty() => first,
        (Feed::Shape(first), Feed::Shape(second) | Feed::Text(second))
        | (Feed::Text(first), Feed::Shape(second)) => Feed::Shape(first + "\n" + &second),
        (Feed::Text(first), Feed::Text(second)) => Feed::Text(first + &second),
        _ => Feed::Unknown,
    }
}
