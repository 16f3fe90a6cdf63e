//! Tokens to an override, by recursive descent.

use super::element::{Element, QuoteMark, Quoted};
use super::error::Error;
use super::functions::{self, Call};
use super::lexer::{self, Token, Type};
use super::sweep::{Choice, Sweep};
use super::{Kind, Override, compare, number, quote};

/// How deep lists, mappings and calls may nest.
const DEPTH: usize = 100;

pub(super) fn parse(text: &str) -> Result<Override, Error> {
    let tokens = lexer::tokens(text).map_err(|unknown| {
        let found = unknown.found;
        let error = Error::new(
            text,
            format!("`{}` cannot stand here", found.escape_debug()),
        );
        let error = error.at(unknown.column);
        match found {
            '\'' | '"' => {
                error.hint("the quote is not closed, or the word before it is not quoted")
            }
            _ => error.hint(format!(
                "quote the value: {}",
                quote::example(text).unwrap_or_else(|| "key='value'".to_owned())
            )),
        }
    })?;
    let parser = Parser {
        text,
        tokens: &tokens,
        next: 0,
        depth: 0,
    };
    parser.parse()
}

struct Parser<'a> {
    text: &'a str,
    tokens: &'a [Token<'a>],
    next: usize,
    depth: usize,
}

impl<'a> Parser<'a> {
    fn parse(mut self) -> Result<Override, Error> {
        let kind = if self.take(Type::Tilde).is_some() {
            Kind::Delete
        } else if self.take(Type::Plus).is_none() {
            Kind::Change
        } else if self.take(Type::Plus).is_none() {
            Kind::Add
        } else {
            Kind::ForceAdd
        };
        let key = self.key()?;
        let package = self.take(Type::At).map(|_| self.package());
        let value = if kind == Kind::Delete && self.peek() == Type::End {
            None
        } else if self.take(Type::Equal).is_none() {
            return Err(self.unexpected("`=` and a value"));
        } else if self.peek() == Type::End {
            Some(Element::Text(String::new()))
        } else {
            Some(self.value()?)
        };
        if self.peek() != Type::End {
            return Err(self.unexpected("the end of the value"));
        }
        Ok(Override {
            kind,
            key,
            package,
            value,
            text: self.text.to_owned(),
        })
    }

    /// A dotted key, or words with slashes between them; may be empty.
    fn key(&mut self) -> Result<String, Error> {
        let Some(first) = self.take(Type::Id) else {
            return Ok(self.package());
        };
        let mut key = first.to_owned();
        while self.take(Type::Slash).is_some() {
            let Some(word) = self.take(Type::Id) else {
                return Err(self.unexpected("the name of a config group"));
            };
            key.push('/');
            key.push_str(word);
        }
        Ok(key)
    }

    fn package(&mut self) -> String {
        let kinds = [Type::Id, Type::KeySpecial, Type::DotPath];
        let taken = kinds.into_iter().find_map(|kind| self.take(kind));
        taken.unwrap_or_default().to_owned()
    }

    /// One element, or several with commas between: a sweep.
    fn value(&mut self) -> Result<Element, Error> {
        let first = self.element()?;
        if self.peek() != Type::Comma {
            return Ok(first);
        }
        let mut values = vec![first];
        while self.take(Type::Comma).is_some() {
            values.push(self.element()?);
        }
        let choice = Choice {
            values,
            is_simple: true,
            ..Choice::default()
        };
        Ok(Element::Sweep(Box::new(Sweep::Choice(choice))))
    }

    fn element(&mut self) -> Result<Element, Error> {
        self.depth += 1;
        if self.depth > DEPTH {
            let error = Error::new(self.text, format!("nests deeper than {DEPTH} levels"));
            return Err(error.at(self.column()));
        }
        let element = match self.peek() {
            Type::BracketOpen => self.list(),
            Type::BraceOpen => self.dict(),
            Type::Id if self.peek_at(1) == Type::ParenOpen => self.call(),
            Type::Quoted => self.quoted(),
            _ => self.primitive(true),
        };
        self.depth -= 1;
        element
    }

    fn list(&mut self) -> Result<Element, Error> {
        self.take(Type::BracketOpen);
        let mut items = Vec::new();
        if self.take(Type::BracketClose).is_some() {
            return Ok(Element::List(items));
        }
        loop {
            items.push(self.element()?);
            if self.take(Type::BracketClose).is_some() {
                return Ok(Element::List(items));
            }
            if self.take(Type::Comma).is_none() {
                return Err(self.unexpected("`,` or `]`"));
            }
        }
    }

    fn dict(&mut self) -> Result<Element, Error> {
        self.take(Type::BraceOpen);
        let mut pairs: Vec<(Element, Element)> = Vec::new();
        if self.take(Type::BraceClose).is_some() {
            return Ok(Element::Dict(pairs));
        }
        loop {
            let key = self.primitive(false)?;
            if self.take(Type::Colon).is_none() {
                return Err(self.unexpected("`:`"));
            }
            let value = self.element()?;
            let same = |(known, _): &&mut (Element, Element)| compare::same_key(known, &key);
            match pairs.iter_mut().find(same) {
                Some((_, known)) => *known = value,
                None => pairs.push((key, value)),
            }
            if self.take(Type::BraceClose).is_some() {
                return Ok(Element::Dict(pairs));
            }
            if self.take(Type::Comma).is_none() {
                return Err(self.unexpected("`,` or `}`"));
            }
        }
    }

    fn call(&mut self) -> Result<Element, Error> {
        let column = self.column();
        let mut call = Call {
            name: self.take(Type::Id).unwrap_or_default(),
            arguments: Vec::new(),
            named: Vec::new(),
        };
        self.take(Type::ParenOpen);
        if self.take(Type::ParenClose).is_none() {
            loop {
                self.argument(&mut call)?;
                if self.take(Type::ParenClose).is_some() {
                    break;
                }
                if self.take(Type::Comma).is_none() {
                    return Err(self.unexpected("`,` or `)`"));
                }
            }
        }
        functions::evaluate(call).map_err(|fault| {
            let error = Error::new(self.text, fault.message).at(column);
            match fault.hint {
                Some(hint) => error.hint(hint),
                None => error,
            }
        })
    }

    fn argument(&mut self, call: &mut Call<'a>) -> Result<(), Error> {
        let column = self.column();
        if self.peek() == Type::Id && self.peek_at(1) == Type::Equal {
            let name = self.take(Type::Id).unwrap_or_default();
            self.take(Type::Equal);
            let value = self.element()?;
            call.name_argument(name, value);
            return Ok(());
        }
        let value = self.element()?;
        if !call.named.is_empty() {
            let message = "an argument without a name follows one with a name";
            return Err(Error::new(self.text, message).at(column));
        }
        call.arguments.push(value);
        Ok(())
    }

    fn quoted(&mut self) -> Result<Element, Error> {
        let text = self.take(Type::Quoted).unwrap_or_default();
        let mark = if text.starts_with('"') {
            QuoteMark::Double
        } else {
            QuoteMark::Single
        };
        Ok(Element::Quoted(Quoted {
            text: quote::without_quotes(text),
            mark,
        }))
    }

    /// Words, numbers and signs in a row, without blanks around them. One alone keeps its type;
    /// several are a text. A key may hold neither `:` nor an interpolation.
    fn primitive(&mut self, is_value: bool) -> Result<Element, Error> {
        let start = self.next;
        while is_primitive(self.peek(), is_value) {
            self.next += 1;
        }
        let all = self.tokens.get(start..self.next).unwrap_or_default();
        if all.is_empty() {
            let wanted = if is_value { "a value" } else { "a key" };
            return Err(self.unexpected(wanted));
        }
        let without_first = match all {
            [first, rest @ ..] if first.is == Type::Blank => rest,
            whole => whole,
        };
        let parts = match without_first {
            [rest @ .., last] if last.is == Type::Blank => rest,
            whole => whole,
        };
        match parts {
            [] => {
                let error = Error::new(self.text, "a value of blanks alone");
                let column = all.first().map_or(0, |token| token.column);
                Err(error.at(column).hint("quote it: key=' '"))
            }
            [one] => Ok(typed(*one)),
            several => {
                let mut text = String::new();
                for token in several {
                    push(&mut text, *token);
                }
                Ok(Element::Text(text))
            }
        }
    }

    fn peek(&self) -> Type {
        self.peek_at(0)
    }

    fn peek_at(&self, ahead: usize) -> Type {
        let token = self.tokens.get(self.next + ahead);
        token.map_or(Type::End, |token| token.is)
    }

    fn column(&self) -> usize {
        let token = self.tokens.get(self.next).or(self.tokens.last());
        token.map_or(0, |token| token.column)
    }

    fn take(&mut self, kind: Type) -> Option<&'a str> {
        let token = self.tokens.get(self.next)?;
        if token.is != kind {
            return None;
        }
        self.next += 1;
        Some(token.text)
    }

    fn unexpected(&self, wanted: &str) -> Error {
        let message = match self.tokens.get(self.next) {
            Some(token) if token.is != Type::End => {
                format!("`{}` stands where {wanted} should", token.text.trim())
            }
            _ => format!("ends where {wanted} should stand"),
        };
        let error = Error::new(self.text, message).at(self.column());
        match quote::example(self.text) {
            Some(example) => error.hint(format!("a text with such signs is quoted: {example}")),
            None => error,
        }
    }
}

fn is_primitive(kind: Type, is_value: bool) -> bool {
    match kind {
        Type::Id
        | Type::Null
        | Type::Int
        | Type::Float
        | Type::Bool
        | Type::Unquoted
        | Type::Escape
        | Type::Blank => true,
        Type::Colon | Type::Interpolation => is_value,
        _ => false,
    }
}

fn typed(token: Token<'_>) -> Element {
    let text = || Element::Text(token.text.to_owned());
    match token.is {
        Type::Int => number::int(token.text).unwrap_or_else(text),
        Type::Float => number::float(token.text).map_or_else(text, Element::Float),
        Type::Bool => Element::Bool(token.text.eq_ignore_ascii_case("true")),
        Type::Null => Element::Null,
        _ => {
            let mut out = String::new();
            push(&mut out, token);
            Element::Text(out)
        }
    }
}

fn push(out: &mut String, token: Token<'_>) {
    if token.is == Type::Escape {
        out.extend(token.text.chars().skip(1).step_by(2));
    } else {
        out.push_str(token.text);
    }
}
