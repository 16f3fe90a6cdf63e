//! Words to fields: quotes removed, braces and what is known of variables and
//! substitutions expanded, everything else marked as a pattern or as dynamic.
//!
//! Commands inside words (`$(…)`, `<(…)`, array subscripts, arithmetic, prompts) are
//! walked on the way, so that nothing in a word is skipped.

use std::ops::Range;

use super::braces;
use super::fields::Builder;
use super::frame::{Anchor, Feed};
use super::scope::Value;
use super::walk::Walker;
use super::word::{Manner, Piece, pieces};
use crate::policy::Word;

/// One word of a command after expansion.
#[derive(Clone, Debug)]
pub(crate) struct Field {
    /// What it is.
    pub(crate) word: Word,
    /// Where it stands in the outermost line.
    pub(crate) span: Range<usize>,
    /// What a dynamic word most likely is (`${RM:-rm}`).
    pub(crate) guess: Option<String>,
    /// What is known of a dynamic word, `${_}` for the rest (`rm ${_}`).
    pub(crate) shape: Option<String>,
}

impl Field {
    pub(crate) fn literal(text: &str, span: Range<usize>) -> Self {
        Self {
            word: Word::Literal(text.to_owned()),
            span,
            guess: None,
            shape: None,
        }
    }

    pub(crate) fn dynamic(text: &str, span: Range<usize>) -> Self {
        Self {
            word: Word::Dynamic(text.to_owned()),
            span,
            guess: None,
            shape: None,
        }
    }

    /// Returns the text where it is known to the letter.
    pub(crate) fn known(&self) -> Option<&str> {
        match &self.word {
            Word::Literal(text) => Some(text),
            Word::Glob(_) | Word::Dynamic(_) => None,
        }
    }

    /// Returns the text, as written where it is not known.
    pub(crate) fn text(&self) -> &str {
        self.word.text()
    }
}

/// How a word is used, which decides whether it splits.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Use {
    Split,
    Whole,
}

/// What a piece expands to.
pub(crate) enum Expansion {
    Text(String),
    List(Vec<String>),
    Unknown { guess: Option<String> },
}

impl Walker<'_> {
    /// Expands a word of a command. `place` is where it stands in the current text.
    pub(crate) fn fields(&mut self, raw: &str, place: Range<usize>) -> Vec<Field> {
        if is_plain(raw) {
            return vec![Field::literal(raw, self.frame.text.outer(place))];
        }
        match braces::expand(raw) {
            Some(words) => words
                .iter()
                .flat_map(|word| self.assemble(word, place.clone(), Use::Split))
                .collect(),
            None => self.assemble(raw, place, Use::Split),
        }
    }

    /// Expands a word that stays one: an assigned value, a redirect's target.
    pub(crate) fn whole(&mut self, raw: &str, place: Range<usize>) -> Field {
        if is_plain(raw) {
            return Field::literal(raw, self.frame.text.outer(place));
        }
        let span = self.frame.text.outer(place.clone());
        let mut fields = self.assemble(raw, place, Use::Whole);
        match fields.len() {
            0 => Field::literal("", span),
            1 => fields.pop().unwrap_or_else(|| Field::dynamic(raw, span)),
            _ => Field::dynamic(raw, span),
        }
    }

    /// Expands text as inside double quotes or an unquoted here-document.
    pub(crate) fn document(&mut self, raw: &str, place: Range<usize>) -> Option<String> {
        if !raw.contains(['$', '`', '\\']) {
            return Some(raw.to_owned());
        }
        let parts = match pieces(raw, Manner::Document) {
            Ok(parts) => parts,
            Err(reason) => {
                let span = self.frame.text.outer(place);
                self.give_up(span, raw, reason);
                return None;
            }
        };
        let mut whole = Some(String::new());
        for part in parts {
            let known = match self.piece(part, raw, &place) {
                Expansion::Text(text) => Some(text),
                Expansion::List(list) => Some(list.join(" ")),
                Expansion::Unknown { .. } => None,
            };
            match (&mut whole, known) {
                (Some(text), Some(known)) => text.push_str(&known),
                _ => whole = None,
            }
        }
        whole
    }

    fn assemble(&mut self, raw: &str, place: Range<usize>, manner: Use) -> Vec<Field> {
        let span = self.frame.text.outer(place.clone());
        let parts = match pieces(raw, Manner::Word) {
            Ok(parts) => parts,
            Err(reason) => {
                self.give_up(span.clone(), raw, reason);
                return vec![Field::dynamic(raw, span)];
            }
        };
        let separators = match self.scope.variables.get("IFS") {
            Some(Value::Known(text)) => text.clone(),
            _ => " \t\n".into(),
        };
        let mut builder = Builder::new(raw, span, separators);
        for part in parts {
            let quoted = match &part {
                Piece::Text(_) => false,
                Piece::Parameter { quoted, .. } | Piece::Command { quoted, .. } => *quoted,
                Piece::Quoted(_)
                | Piece::Tilde(_)
                | Piece::Arithmetic(_)
                | Piece::Process { .. } => true,
            };
            if let Piece::Text(text) = &part {
                builder.text(text, manner == Use::Split);
                continue;
            }
            let is_list = is_list(&part, quoted);
            match self.piece(part, raw, &place) {
                Expansion::Text(text) if quoted || manner == Use::Whole => builder.quoted(&text),
                Expansion::Text(text) => builder.split(&text),
                Expansion::List(list) if is_list && manner == Use::Split => {
                    builder.list(&list, quoted);
                }
                Expansion::List(list) => builder.quoted(&list.join(" ")),
                Expansion::Unknown { guess } => builder.unknown(guess),
            }
        }
        builder.finish()
    }

    fn piece(&mut self, part: Piece, raw: &str, place: &Range<usize>) -> Expansion {
        match part {
            Piece::Text(text) | Piece::Quoted(text) => Expansion::Text(text),
            Piece::Tilde(name) => self.tilde(&name),
            Piece::Parameter { text, .. } => self.parameter(&text, place),
            Piece::Command { text, at, .. } => {
                let anchor = self.anchor(raw, place, at);
                match self.substitute(&text, anchor, Feed::Inherited) {
                    Feed::Text(text) | Feed::File(_, text) => {
                        Expansion::Text(text.trim_end_matches('\n').to_owned())
                    }
                    Feed::Shape(_) | Feed::Unknown | Feed::Inherited => {
                        Expansion::Unknown { guess: None }
                    }
                }
            }
            Piece::Arithmetic(text) => {
                self.arithmetic(&text, place);
                match text.trim().parse::<i64>() {
                    Ok(number) => Expansion::Text(number.to_string()),
                    Err(_) => Expansion::Unknown { guess: None },
                }
            }
            Piece::Process { text, at } => {
                let anchor = self.anchor(raw, place, Some(at));
                self.substitute(&text, anchor, Feed::Unknown);
                Expansion::Unknown { guess: None }
            }
        }
    }

    /// Returns where text lies that starts `at` bytes into a word.
    fn anchor(&self, raw: &str, place: &Range<usize>, at: Option<usize>) -> Anchor {
        match at {
            Some(at) if self.frame.text.source.get(place.clone()) == Some(raw) => {
                self.frame.text.anchor_at(place.start + at)
            }
            _ => Anchor::Whole(self.frame.text.outer(place.clone())),
        }
    }

    fn tilde(&self, name: &str) -> Expansion {
        let path = match name {
            "" => self.scope.home.as_ref(),
            "+" => self.scope.cwd.as_ref(),
            "-" => None,
            // Homes lie side by side.
            name => {
                let home = self.scope.home.as_ref().and_then(|home| home.parent());
                return match home.filter(|_| !self.is_far()) {
                    Some(homes) => Expansion::Text(homes.join(name).display().to_string()),
                    None => Expansion::Unknown { guess: None },
                };
            }
        };
        match path {
            Some(path) => Expansion::Text(path.display().to_string()),
            None => Expansion::Unknown { guess: None },
        }
    }

    /// Walks the commands inside arithmetic, also those in values it would evaluate.
    pub(crate) fn arithmetic(&mut self, text: &str, place: &Range<usize>) {
        if text.contains(['$', '`']) {
            self.document(text, place.clone());
        }
        let names: Vec<&str> = text
            .split(|c: char| c != '_' && !c.is_ascii_alphanumeric())
            .filter(|name| name.starts_with(|c: char| c == '_' || c.is_ascii_alphabetic()))
            .collect();
        for name in names {
            match self.scope.variables.get(name).cloned() {
                Some(Value::Known(value)) if value.contains(['$', '`']) && self.spend() => {
                    self.document(&value, place.clone());
                }
                _ => {}
            }
        }
    }
}

/// Whether a piece stands for the elements of a list, each a word of its own.
fn is_list(part: &Piece, quoted: bool) -> bool {
    let Piece::Parameter { text, .. } = part else {
        return false;
    };
    text == "@" || text.ends_with("@]") || (!quoted && (text == "*" || text.ends_with("*]")))
}

/// Whether a raw word means itself.
fn is_plain(raw: &str) -> bool {
    !raw.is_empty()
        && raw
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_-./=:,+@%".contains(&byte))
}
