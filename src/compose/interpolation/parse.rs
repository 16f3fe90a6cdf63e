//! The shape of a text with interpolations: what lies between the marks, before anything is
//! looked up.

use super::shape::{Element, Interpolation, Piece, Word};
use super::token::{Kind, Mode, Token, tokens};
use crate::compose::node::{Class, Error};

/// How deep interpolations, lists and mappings may nest within one text.
const NESTING: usize = 64;

/// Parses a whole string: text with interpolations in it.
pub(super) fn text(source: &str) -> Result<Vec<Piece>, Error> {
    let mut parser = Parser::new(source, Mode::Top)?;
    let pieces = parser.text()?;
    if pieces.is_empty() {
        return Err(parser.refuse());
    }
    parser.end(pieces)
}

/// Parses one element, as `oc.decode` reads its argument.
pub(super) fn element(source: &str) -> Result<Element, Error> {
    let mut parser = Parser::new(source, Mode::Value)?;
    let element = parser.element()?;
    parser.end(element)
}

struct Parser<'a> {
    words: Vec<Token<'a>>,
    next: usize,
    nesting: usize,
    source: &'a str,
}

impl<'a> Parser<'a> {
    fn new(source: &'a str, mode: Mode) -> Result<Self, Error> {
        let words = tokens(source, mode).map_err(|at| {
            let message = format!("`{source}` is no valid interpolation: unexpected `{at}`");
            Error::new(Class::GrammarParseError, message)
        })?;
        Ok(Self {
            words,
            next: 0,
            nesting: 0,
            source,
        })
    }

    fn peek(&self) -> Option<Kind> {
        self.words.get(self.next).map(|word| word.kind)
    }

    fn take(&mut self) -> Option<Token<'a>> {
        let word = self.words.get(self.next).copied();
        self.next += 1;
        word
    }

    fn accept(&mut self, kind: Kind) -> bool {
        let found = self.peek() == Some(kind);
        self.next += usize::from(found);
        found
    }

    fn expect(&mut self, kind: Kind) -> Result<(), Error> {
        if self.accept(kind) {
            Ok(())
        } else {
            Err(self.refuse())
        }
    }

    fn end<T>(&self, parsed: T) -> Result<T, Error> {
        if self.peek().is_none() {
            Ok(parsed)
        } else {
            Err(self.refuse())
        }
    }

    fn refuse(&self) -> Error {
        let message = match self.words.get(self.next) {
            Some(word) => {
                format!(
                    "`{}` is no valid interpolation: unexpected `{}`",
                    self.source, word.text
                )
            }
            None => format!(
                "`{}` is no valid interpolation: it ends too early",
                self.source
            ),
        };
        Error::new(Class::GrammarParseError, message)
    }

    fn deeper<T>(&mut self, inner: impl FnOnce(&mut Self) -> Result<T, Error>) -> Result<T, Error> {
        self.nesting += 1;
        if self.nesting > NESTING {
            return Err(Error::new(
                Class::RecursionError,
                "the interpolation nests too deeply",
            ));
        }
        let parsed = inner(self);
        self.nesting -= 1;
        parsed
    }

    /// Plain or quoted text, up to what is neither.
    fn text(&mut self) -> Result<Vec<Piece>, Error> {
        let mut pieces = Pieces::default();
        while let Some(kind) = self.peek() {
            match kind {
                Kind::Open => pieces.push(self.interpolation()?),
                Kind::Text | Kind::EscapedOpen | Kind::Escaped => {
                    let Some(word) = self.take() else { break };
                    pieces.word(word);
                }
                Kind::Backslashes | Kind::QuotedBackslashes => {
                    let Some(word) = self.take() else { break };
                    let last = kind == Kind::QuotedBackslashes
                        && matches!(self.peek(), None | Some(Kind::QuoteClose));
                    if last || self.peek() == Some(Kind::Open) {
                        pieces.text(&halved(word.text));
                    } else {
                        pieces.text(word.text);
                    }
                }
                _ => break,
            }
        }
        Ok(pieces.0)
    }

    fn interpolation(&mut self) -> Result<Interpolation, Error> {
        self.deeper(|parser| {
            parser.expect(Kind::Open)?;
            if parser.is_resolver() {
                parser.resolver()
            } else {
                parser.node()
            }
        })
    }

    /// Whether the words up to the matching mark are a resolver's name and a colon.
    fn is_resolver(&self) -> bool {
        let mut depth = 0_usize;
        for word in self.words.get(self.next..).unwrap_or_default() {
            match word.kind {
                Kind::Open => depth += 1,
                Kind::Colon if depth == 0 => return true,
                Kind::Close | Kind::BraceClose if depth == 0 => return false,
                Kind::Close => depth -= 1,
                // A mapping's own braces balance; a resolver's brace closes its `${`.
                Kind::BraceOpen => depth += 1,
                Kind::BraceClose => depth -= 1,
                _ => {}
            }
        }
        false
    }

    fn node(&mut self) -> Result<Interpolation, Error> {
        let mut pieces = Pieces::default();
        while self.accept(Kind::Dot) {
            pieces.text(".");
        }
        let mut first = true;
        loop {
            if self.accept(Kind::BracketOpen) {
                pieces.text("[");
                self.key(&mut pieces)?;
                self.expect(Kind::BracketClose)?;
                pieces.text("]");
            } else if first {
                self.key(&mut pieces)?;
            } else if self.accept(Kind::Dot) {
                pieces.text(".");
                self.key(&mut pieces)?;
            } else {
                self.expect(Kind::Close)?;
                return Ok(Interpolation::Node(pieces.0));
            }
            first = false;
        }
    }

    fn key(&mut self, pieces: &mut Pieces) -> Result<(), Error> {
        match self.peek() {
            Some(Kind::Open) => pieces.push(self.interpolation()?),
            Some(Kind::Id | Kind::Key) => {
                pieces.text(self.take().map_or("", |word| word.text));
            }
            _ => return Err(self.refuse()),
        }
        Ok(())
    }

    fn resolver(&mut self) -> Result<Interpolation, Error> {
        let mut name = Vec::new();
        loop {
            let piece = match self.peek() {
                Some(Kind::Open) => Piece::Interpolation(self.interpolation()?),
                Some(Kind::Id) => Piece::Text(self.take().map_or("", |word| word.text).to_owned()),
                _ => return Err(self.refuse()),
            };
            name.push(piece);
            if !self.accept(Kind::Dot) {
                break;
            }
        }
        self.expect(Kind::Colon)?;
        let arguments = self.sequence(Kind::BraceClose)?;
        Ok(Interpolation::Resolver { name, arguments })
    }

    /// Elements between commas up to `closing`; a place left empty is empty text.
    fn sequence(&mut self, closing: Kind) -> Result<Vec<Element>, Error> {
        let mut elements = Vec::new();
        if self.accept(closing) {
            return Ok(elements);
        }
        loop {
            if matches!(self.peek(), Some(Kind::Comma)) || self.peek() == Some(closing) {
                elements.push(Element::Quoted(Vec::new()));
            } else {
                elements.push(self.element()?);
            }
            if self.accept(closing) {
                return Ok(elements);
            }
            self.expect(Kind::Comma)?;
        }
    }

    fn element(&mut self) -> Result<Element, Error> {
        self.deeper(|parser| match parser.peek() {
            Some(Kind::QuoteOpen) => {
                parser.next += 1;
                let pieces = parser.text()?;
                parser.expect(Kind::QuoteClose)?;
                Ok(Element::Quoted(pieces))
            }
            Some(Kind::BracketOpen) => {
                parser.next += 1;
                parser.sequence(Kind::BracketClose).map(Element::List)
            }
            Some(Kind::BraceOpen) => {
                parser.next += 1;
                parser.dict()
            }
            _ => parser.primitive(true),
        })
    }

    fn dict(&mut self) -> Result<Element, Error> {
        let mut entries = Vec::new();
        if self.accept(Kind::BraceClose) {
            return Ok(Element::Dict(entries));
        }
        loop {
            let key = self.primitive(false)?;
            self.expect(Kind::Colon)?;
            entries.push((key, self.element()?));
            if self.accept(Kind::BraceClose) {
                return Ok(Element::Dict(entries));
            }
            self.expect(Kind::Comma)?;
        }
    }

    /// Words without quotes; a mapping's key may hold neither colons nor interpolations.
    fn primitive(&mut self, value: bool) -> Result<Element, Error> {
        let start = self.next;
        let mut pieces = Pieces::default();
        let mut only = None;
        while let Some(kind) = self.peek() {
            match kind {
                Kind::Open if value => {
                    let inner = self.interpolation()?;
                    only = Some(Element::Interpolation(inner.clone()));
                    pieces.push(inner);
                }
                Kind::Colon if !value => break,
                Kind::Id
                | Kind::Null
                | Kind::Int
                | Kind::Float
                | Kind::Bool
                | Kind::Mark
                | Kind::Colon
                | Kind::Escaped
                | Kind::Space => {
                    let Some(word) = self.take() else { break };
                    only = Some(Element::Word(meaning(word)));
                    pieces.word(word);
                }
                _ => break,
            }
        }
        let words = self.words.get(start..self.next).unwrap_or_default();
        let alone = words.len() == 1 || matches!(pieces.0.as_slice(), [Piece::Interpolation(_)]);
        let only_blanks = matches!(words, [word] if word.kind == Kind::Space);
        match only {
            // Blanks alone belong to a neighbour; without one they are nothing.
            Some(_) if only_blanks => Err(self.refuse()),
            Some(element) if alone => Ok(element),
            Some(_) => Ok(Element::Joined(pieces.0)),
            None => Err(self.refuse()),
        }
    }
}

/// The value of a word that stands alone.
fn meaning(word: Token<'_>) -> Word {
    match word.kind {
        Kind::Null => Word::Null,
        Kind::Bool => Word::Bool(word.text.eq_ignore_ascii_case("true")),
        Kind::Int => Word::Int(word.text.replace('_', "")),
        Kind::Float => Word::Float(word.text.replace('_', "")),
        Kind::Escaped => Word::Text(halved(word.text)),
        _ => Word::Text(word.text.to_owned()),
    }
}

/// Every second character: what escapes stand for.
fn halved(text: &str) -> String {
    text.chars().skip(1).step_by(2).collect()
}

/// Pieces being collected, neighbouring text joined.
#[derive(Default)]
struct Pieces(Vec<Piece>);

impl Pieces {
    fn text(&mut self, text: &str) {
        if let Some(Piece::Text(last)) = self.0.last_mut() {
            last.push_str(text);
        } else {
            self.0.push(Piece::Text(text.to_owned()));
        }
    }

    fn push(&mut self, inner: Interpolation) {
        self.0.push(Piece::Interpolation(inner));
    }

    fn word(&mut self, word: Token<'_>) {
        match word.kind {
            Kind::Escaped => self.text(&halved(word.text)),
            Kind::EscapedOpen => {
                let kept = word.text.len() / 2 + 1;
                self.text(word.text.get(word.text.len() - kept..).unwrap_or(""));
            }
            _ => self.text(word.text),
        }
    }
}
