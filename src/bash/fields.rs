//! Pieces of a word to fields: splitting, patterns, and what stays dynamic.

use std::ops::Range;

use super::expand::Field;
use crate::policy::Word;

/// Puts pieces together to fields.
pub(super) struct Builder<'a> {
    raw: &'a str,
    span: Range<usize>,
    separators: String,
    done: Vec<Field>,
    text: String,
    pattern: String,
    guess: Option<String>,
    shape: String,
    is_pattern: bool,
    is_dynamic: bool,
    started: bool,
}

impl<'a> Builder<'a> {
    pub(super) fn new(raw: &'a str, span: Range<usize>, separators: String) -> Self {
        Self {
            raw,
            span,
            separators,
            done: Vec::new(),
            text: String::new(),
            pattern: String::new(),
            guess: Some(String::new()),
            shape: String::new(),
            is_pattern: false,
            is_dynamic: false,
            started: false,
        }
    }

    fn push(&mut self, letter: char, literal: bool) {
        self.text.push(letter);
        if literal && "*?[]\\".contains(letter) {
            // NOTE: `[*]` is how the glob crate and bash both quote a star.
            self.pattern.push('[');
            self.pattern.push(letter);
            self.pattern.push(']');
        } else {
            self.pattern.push(letter);
        }
        if let Some(guess) = &mut self.guess {
            guess.push(letter);
        }
        self.shape.push(letter);
        self.started = true;
    }

    pub(super) fn text(&mut self, text: &str, globs: bool) {
        let opens = text.contains('[') && text.contains(']');
        if globs
            && (text.contains(['*', '?'])
                || opens
                || text.contains("@(")
                || text.contains("+(")
                || text.contains("!("))
        {
            self.is_pattern = true;
        }
        for letter in text.chars() {
            self.push(letter, false);
        }
    }

    pub(super) fn quoted(&mut self, text: &str) {
        self.started = true;
        for letter in text.chars() {
            self.push(letter, true);
        }
    }

    pub(super) fn split(&mut self, text: &str) {
        let separators = self.separators.clone();
        let separates = |letter: char| separators.contains(letter);
        let mut words = text
            .split(separates)
            .filter(|word| !word.is_empty())
            .peekable();
        if text.starts_with(separates) && self.started {
            self.close();
        }
        while let Some(word) = words.next() {
            self.text(word, true);
            if words.peek().is_some() || text.ends_with(separates) {
                self.close();
            }
        }
    }

    pub(super) fn list(&mut self, list: &[String], quoted: bool) {
        let mut items = list.iter().peekable();
        while let Some(item) = items.next() {
            if quoted {
                self.quoted(item);
            } else {
                self.split(item);
            }
            if items.peek().is_some() {
                self.close();
            }
        }
    }

    pub(super) fn unknown(&mut self, guess: Option<String>) {
        self.started = true;
        self.is_dynamic = true;
        self.shape.push_str("${_}");
        self.guess = match (self.guess.take(), guess) {
            (Some(before), Some(guess)) => Some(before + &guess),
            _ => None,
        };
    }

    fn close(&mut self) {
        if !self.started {
            return;
        }
        let word = if self.is_dynamic {
            Word::Dynamic(self.raw.to_owned())
        } else if self.is_pattern {
            Word::Glob(std::mem::take(&mut self.pattern))
        } else {
            Word::Literal(std::mem::take(&mut self.text))
        };
        let guess = self.guess.take().filter(|_| self.is_dynamic);
        let shape = std::mem::take(&mut self.shape);
        let shape = Some(shape).filter(|shape| self.is_dynamic && shape != "${_}");
        self.done.push(Field {
            word,
            span: self.span.clone(),
            guess,
            shape,
        });
        self.text.clear();
        self.pattern.clear();
        self.guess = Some(String::new());
        self.is_pattern = false;
        self.is_dynamic = false;
        self.started = false;
    }

    pub(super) fn finish(mut self) -> Vec<Field> {
        self.close();
        self.done
    }
}
