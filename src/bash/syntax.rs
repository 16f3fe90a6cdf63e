//! What each part of a text is, for showing it: commands, quotes, variables, redirections.
//!
//! From the syntax tree that the law reads; a text that is not finished yet is finished
//! first. INVARIANT: pieces are in order, do not overlap, and lie on character boundaries.

use std::ops::Range;

use brush_parser::ast::{
    AndOr, AndOrList, Assignment, AssignmentValue, CaseItem, Command, CommandPrefixOrSuffixItem,
    CompoundCommand, CompoundList, ExtendedTestExpr, IoFileRedirectTarget, IoRedirect, Pipeline,
    Program, RedirectList, SimpleCommand, Word,
};
use brush_parser::{SourceSpan, Token};

use super::frame::{Anchor, Text};
use super::redirect;
use super::unfinished::finished;
use super::{letters, parse};

/// What a part of a text is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    /// An ordinary word, or the space between words.
    Plain,
    /// The name of a command.
    Command,
    /// A reserved word: `if`, `for`, `{`.
    Keyword,
    /// A word that begins with a hyphen.
    Option,
    /// Quoted or escaped text, or the body of a here-document.
    Quoted,
    /// `$name`, `${…}`, arithmetic.
    Variable,
    /// What stands to the left of a value: `name=`.
    Assignment,
    /// A redirection with its target.
    Redirect,
    /// `;`, `|`, `&&`, `$(` and the like.
    Operator,
    /// A comment.
    Comment,
}

/// A part of a text.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Piece {
    /// Its bytes.
    pub(crate) span: Range<usize>,
    /// What it is.
    pub(crate) kind: Kind,
}

/// Returns the parts of a text; what does not parse has fewer, never wrong ones.
pub(crate) fn pieces(text: &str) -> Vec<Piece> {
    let painted = parse::with_room(text, || {
        let mut canvas = Canvas::new(text.len());
        canvas.text(text, 0, 0);
        canvas
    });
    painted.map_or_else(|_| Vec::new(), |canvas| canvas.pieces(text))
}

/// Substitutions inside each other beyond this stay one colour.
const DEPTH: usize = 16;

/// What each byte is.
pub(super) struct Canvas {
    kinds: Vec<Kind>,
}

impl Canvas {
    fn new(length: usize) -> Self {
        Self {
            kinds: vec![Kind::Plain; length],
        }
    }

    pub(super) fn fill(&mut self, span: Range<usize>, kind: Kind) {
        let end = span.end.min(self.kinds.len());
        if let Some(kinds) = self.kinds.get_mut(span.start.min(end)..end) {
            kinds.fill(kind);
        }
    }

    /// Paints a text that begins at byte `base`.
    pub(super) fn text(&mut self, text: &str, base: usize, depth: usize) {
        if depth > DEPTH {
            return;
        }
        let as_it_stands = parse::program(text);
        let whole = if as_it_stands.is_ok() {
            None
        } else {
            finished(text)
        };
        let program = match &whole {
            Some(whole) => parse::program(whole),
            None => as_it_stands,
        };
        let whole = whole.as_deref().unwrap_or(text);
        let mut painter = Painter {
            canvas: self,
            text: Text::new(whole, Anchor::At(base)),
            depth,
        };
        let Ok(tokens) = parse::tokens(whole) else {
            return;
        };
        painter.tokens(&tokens);
        match program {
            Ok(program) => painter.program(&program),
            Err(_) => painter.words(&tokens),
        }
    }

    fn pieces(self, text: &str) -> Vec<Piece> {
        let mut pieces: Vec<Piece> = Vec::new();
        for (at, kind) in self.kinds.into_iter().enumerate() {
            match pieces.last_mut() {
                Some(last) if last.kind == kind || !text.is_char_boundary(at) => {
                    last.span.end = at + 1;
                }
                _ => pieces.push(Piece {
                    span: at..at + 1,
                    kind,
                }),
            }
        }
        pieces
    }
}

struct Painter<'c> {
    canvas: &'c mut Canvas,
    text: Text,
    depth: usize,
}

const RESERVED: [&str; 21] = [
    "if", "then", "else", "elif", "fi", "for", "select", "in", "do", "done", "while", "until",
    "case", "esac", "{", "}", "!", "time", "function", "[[", "]]",
];

impl Painter<'_> {
    fn fill(&mut self, bytes: Range<usize>, kind: Kind) {
        let span = self.text.outer(bytes);
        self.canvas.fill(span, kind);
    }

    /// Paints what tokens say by themselves: operators, reserved words, and comments, which stand between them.
    fn tokens(&mut self, tokens: &[Token]) {
        let mut end = 0;
        for token in tokens {
            let span = self.text.inner(token.location());
            self.gap(end..span.start);
            end = end.max(span.end);
            match token {
                Token::Operator(..) => self.fill(span, Kind::Operator),
                Token::Word(word, _) if RESERVED.contains(&word.as_str()) => {
                    self.fill(span, Kind::Keyword);
                }
                Token::Word(..) => {}
            }
        }
        self.gap(end..self.text.source.len());
    }

    fn gap(&mut self, bytes: Range<usize>) {
        let Some(gap) = self.text.source.get(bytes.clone()) else {
            return;
        };
        let mut at = bytes.start;
        let mut comments = Vec::new();
        for line in gap.split_inclusive('\n') {
            if let Some(hash) = line.find('#') {
                comments.push(at + hash..at + line.trim_end_matches('\n').len());
            }
            at += line.len();
        }
        for comment in comments {
            self.fill(comment, Kind::Comment);
        }
    }

    /// Paints words of a text that does not parse.
    fn words(&mut self, tokens: &[Token]) {
        let mut is_command = true;
        for token in tokens {
            match token {
                Token::Operator(..) => is_command = true,
                Token::Word(word, place) if !RESERVED.contains(&word.as_str()) => {
                    let kind = if is_command {
                        Kind::Command
                    } else {
                        Kind::Plain
                    };
                    self.place(Some(place), kind);
                    is_command = false;
                }
                Token::Word(..) => {}
            }
        }
    }

    fn program(&mut self, program: &Program) {
        for list in &program.complete_commands {
            self.list(list);
        }
    }

    fn list(&mut self, list: &CompoundList) {
        for item in &list.0 {
            self.and_or(&item.0);
        }
    }

    fn and_or(&mut self, list: &AndOrList) {
        self.pipeline(&list.first);
        for item in &list.additional {
            match item {
                AndOr::And(pipeline) | AndOr::Or(pipeline) => self.pipeline(pipeline),
            }
        }
    }

    fn pipeline(&mut self, pipeline: &Pipeline) {
        for command in &pipeline.seq {
            self.command(command);
        }
    }

    fn command(&mut self, command: &Command) {
        match command {
            Command::Simple(simple) => self.simple(simple),
            Command::Compound(compound, redirects) => {
                self.compound(compound);
                self.redirects(redirects.as_ref());
            }
            Command::Function(function) => {
                self.word(&function.fname, Kind::Command);
                self.compound(&function.body.0);
                self.redirects(function.body.1.as_ref());
            }
            Command::ExtendedTest(test, redirects) => {
                self.test(&test.expr);
                self.redirects(redirects.as_ref());
            }
        }
    }

    fn compound(&mut self, compound: &CompoundCommand) {
        match compound {
            CompoundCommand::Arithmetic(arithmetic) => {
                self.place(Some(&arithmetic.loc), Kind::Variable);
            }
            CompoundCommand::ArithmeticForClause(clause) => self.list(&clause.body.list),
            CompoundCommand::BraceGroup(group) => self.list(&group.list),
            CompoundCommand::Subshell(subshell) => self.list(&subshell.list),
            CompoundCommand::ForClause(clause) => {
                for word in clause.values.iter().flatten() {
                    self.word(word, Kind::Plain);
                }
                self.list(&clause.body.list);
            }
            CompoundCommand::CaseClause(clause) => {
                self.word(&clause.value, Kind::Plain);
                clause.cases.iter().for_each(|case| self.case(case));
            }
            CompoundCommand::IfClause(clause) => {
                self.list(&clause.condition);
                self.list(&clause.then);
                for branch in clause.elses.iter().flatten() {
                    branch.condition.iter().for_each(|list| self.list(list));
                    self.list(&branch.body);
                }
            }
            CompoundCommand::WhileClause(clause) | CompoundCommand::UntilClause(clause) => {
                self.list(&clause.0);
                self.list(&clause.1.list);
            }
            CompoundCommand::Coprocess(coprocess) => self.command(&coprocess.body),
        }
    }

    fn case(&mut self, case: &CaseItem) {
        for pattern in &case.patterns {
            self.word(pattern, Kind::Plain);
        }
        case.cmd.iter().for_each(|list| self.list(list));
    }

    fn test(&mut self, test: &ExtendedTestExpr) {
        match test {
            ExtendedTestExpr::And(left, right) | ExtendedTestExpr::Or(left, right) => {
                self.test(left);
                self.test(right);
            }
            ExtendedTestExpr::Not(inner) | ExtendedTestExpr::Parenthesized(inner) => {
                self.test(inner);
            }
            ExtendedTestExpr::UnaryTest(_, word) => self.word(word, Kind::Plain),
            ExtendedTestExpr::BinaryTest(_, left, right) => {
                self.word(left, Kind::Plain);
                self.word(right, Kind::Plain);
            }
        }
    }

    fn simple(&mut self, command: &SimpleCommand) {
        let prefix = command.prefix.iter().flat_map(|prefix| &prefix.0);
        let suffix = command.suffix.iter().flat_map(|suffix| &suffix.0);
        prefix.for_each(|item| self.item(item));
        if let Some(word) = &command.word_or_name {
            self.word(word, Kind::Command);
        }
        suffix.for_each(|item| self.item(item));
    }

    fn item(&mut self, item: &CommandPrefixOrSuffixItem) {
        match item {
            CommandPrefixOrSuffixItem::IoRedirect(redirect) => self.redirect(redirect),
            CommandPrefixOrSuffixItem::Word(word) => {
                let is_option = word.value.starts_with('-');
                let kind = if is_option { Kind::Option } else { Kind::Plain };
                self.word(word, kind);
            }
            CommandPrefixOrSuffixItem::AssignmentWord(assignment, word) => {
                self.assignment(assignment, word);
            }
            CommandPrefixOrSuffixItem::ProcessSubstitution(_, subshell) => {
                self.list(&subshell.list);
            }
        }
    }

    fn assignment(&mut self, assignment: &Assignment, word: &Word) {
        self.word(word, Kind::Plain);
        let Some(place) = &word.loc else { return };
        let span = self.text.inner(place);
        let raw = self.text.source.get(span.clone()).unwrap_or_default();
        if let Some(equals) = raw.find('=') {
            self.fill(span.start..span.start + equals + 1, Kind::Assignment);
        }
        if let AssignmentValue::Array(elements) = &assignment.value {
            for (_, element) in elements {
                self.word(element, Kind::Plain);
            }
        }
    }

    fn redirects(&mut self, list: Option<&RedirectList>) {
        for redirect in list.iter().flat_map(|list| &list.0) {
            self.redirect(redirect);
        }
    }

    fn redirect(&mut self, redirect: &IoRedirect) {
        if let Some(place) = redirect::place(&self.text, redirect) {
            self.fill(place, Kind::Redirect);
        }
        match redirect {
            IoRedirect::File(_, _, target) => match target {
                IoFileRedirectTarget::Filename(word) | IoFileRedirectTarget::Duplicate(word) => {
                    self.word(word, Kind::Redirect);
                }
                IoFileRedirectTarget::ProcessSubstitution(_, subshell) => {
                    self.list(&subshell.list);
                }
                IoFileRedirectTarget::Fd(_) => {}
            },
            IoRedirect::HereDocument(_, document) => {
                self.place(document.doc.loc.as_ref(), Kind::Quoted);
            }
            IoRedirect::HereString(_, word) | IoRedirect::OutputAndError(word, _) => {
                self.word(word, Kind::Redirect);
            }
        }
    }

    fn word(&mut self, word: &Word, kind: Kind) {
        self.place(word.loc.as_ref(), kind);
    }

    /// Paints a word, and what is quoted or expanded in it.
    fn place(&mut self, place: Option<&SourceSpan>, kind: Kind) {
        let Some(place) = place else { return };
        let bytes = self.text.inner(place);
        let Some(raw) = self.text.source.get(bytes.clone()) else {
            return;
        };
        let base = self.text.outer(bytes).start;
        self.canvas.fill(base..base + raw.len(), kind);
        if kind != Kind::Quoted {
            letters::paint(self.canvas, raw, base, self.depth);
        }
    }
}
