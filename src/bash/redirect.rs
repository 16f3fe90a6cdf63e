//! Redirects: what is read, written, emptied, and what arrives on standard input.

use std::ops::Range;

use brush_parser::SourceSpan;
use brush_parser::ast::{
    IoFileRedirectKind, IoFileRedirectTarget, IoHereDocument, IoRedirect, ProcessSubstitutionKind,
    Word,
};

use super::expand::Field;
use super::frame::{Feed, Text};
use super::walk::Walker;
use super::written::Kept;
use crate::policy::{Action, WriteHow};

/// What the redirects of a command leave.
pub(crate) struct Redirected {
    /// Its standard input.
    pub(crate) feed: Feed,
    /// Whether standard output goes elsewhere than to the pipe.
    pub(crate) diverts: bool,
    /// The file it goes to.
    pub(crate) kept: Option<Kept>,
}

impl Walker<'_> {
    /// Walks redirects. `silent`: the command writes nothing, so that `>` only empties.
    pub(crate) fn redirects(
        &mut self,
        list: &[IoRedirect],
        feed: Feed,
        silent: bool,
    ) -> Redirected {
        let mut done = Redirected {
            feed,
            diverts: false,
            kept: None,
        };
        for redirect in list {
            match redirect {
                IoRedirect::File(descriptor, kind, target) => {
                    self.file(*descriptor, kind, target, silent, &mut done);
                }
                IoRedirect::HereDocument(descriptor, document) => {
                    let text = self.here_document(document);
                    if descriptor.unwrap_or(0) == 0 {
                        // Bash reads the text again, so what is not known may stay as it is.
                        let shape = || Feed::Shape(document.doc.value.clone());
                        done.feed = text.map_or_else(shape, Feed::Text);
                    }
                }
                IoRedirect::HereString(descriptor, word) => {
                    let place = self.word_place(word);
                    let field = self.whole(&word.value, place);
                    if descriptor.unwrap_or(0) == 0 {
                        done.feed = match field.known() {
                            Some(text) => Feed::Text(format!("{text}\n")),
                            None => field.shape.clone().map_or(Feed::Unknown, Feed::Shape),
                        };
                    }
                }
                IoRedirect::OutputAndError(word, append) => {
                    let place = self.word_place(word);
                    let field = self.whole(&word.value, place);
                    self.output(&field, *append, silent);
                    done.diverts = true;
                }
            }
        }
        done
    }

    fn file(
        &mut self,
        descriptor: Option<i32>,
        kind: &IoFileRedirectKind,
        target: &IoFileRedirectTarget,
        silent: bool,
        done: &mut Redirected,
    ) {
        let field = match target {
            IoFileRedirectTarget::Filename(word) => {
                let place = self.word_place(word);
                self.whole(&word.value, place)
            }
            IoFileRedirectTarget::Duplicate(word) => {
                let place = self.word_place(word);
                let field = self.whole(&word.value, place);
                let is_descriptor = field
                    .text()
                    .trim_end_matches('-')
                    .chars()
                    .all(|c| c.is_ascii_digit());
                if is_descriptor {
                    return;
                }
                field
            }
            IoFileRedirectTarget::Fd(_) => return,
            IoFileRedirectTarget::ProcessSubstitution(which, subshell) => {
                let flow = self.process(which, subshell, Feed::Unknown);
                match which {
                    ProcessSubstitutionKind::Read => done.feed = flow,
                    ProcessSubstitutionKind::Write => done.diverts = true,
                }
                return;
            }
        };
        let is_output = descriptor.is_none_or(|number| number == 1);
        let kept = |append: bool| {
            let path = field.known().and_then(|name| self.absolute(name))?;
            (is_output && !path.starts_with("/dev")).then_some(Kept { path, append })
        };
        match kind {
            IoFileRedirectKind::Write | IoFileRedirectKind::Clobber => done.kept = kept(false),
            IoFileRedirectKind::Append => done.kept = kept(true),
            IoFileRedirectKind::Read
            | IoFileRedirectKind::ReadAndWrite
            | IoFileRedirectKind::DuplicateInput
            | IoFileRedirectKind::DuplicateOutput => {}
        }
        match kind {
            IoFileRedirectKind::Read => {
                let target = self.read_target(&field);
                self.emit(Action::Read { target }, field.span.clone());
                if descriptor.unwrap_or(0) == 0 {
                    done.feed = self.file_feed(&field);
                }
            }
            IoFileRedirectKind::Write | IoFileRedirectKind::Clobber => {
                self.output(
                    &field,
                    false,
                    silent || descriptor.is_some_and(|number| number > 2),
                );
                done.diverts |= is_output;
            }
            IoFileRedirectKind::Append => {
                self.output(&field, true, silent);
                done.diverts |= is_output;
            }
            IoFileRedirectKind::ReadAndWrite => {
                if !self.connects(&field) {
                    self.write(&field, WriteHow::Edit);
                }
            }
            IoFileRedirectKind::DuplicateOutput => {
                self.output(&field, false, silent);
                done.diverts |= is_output;
            }
            IoFileRedirectKind::DuplicateInput => done.feed = Feed::Unknown,
        }
    }

    /// Records the connection that bash makes for `/dev/tcp/HOST/PORT`.
    fn connects(&mut self, field: &Field) -> bool {
        let text = field.text();
        let rest = text
            .strip_prefix("/dev/tcp/")
            .or_else(|| text.strip_prefix("/dev/udp/"));
        let Some((address, port)) = rest.and_then(|rest| rest.split_once('/')) else {
            return false;
        };
        let endpoint = crate::policy::Endpoint::Inet {
            address: address.to_owned(),
            port: port.parse().unwrap_or(0),
            born: None,
        };
        self.emit(Action::Connect { endpoint }, field.span.clone());
        true
    }

    fn output(&mut self, field: &Field, append: bool, silent: bool) {
        if self.connects(field) {
            return;
        }
        if append {
            self.write(field, WriteHow::Append);
        } else if silent {
            self.empty(field);
        } else {
            self.write(field, WriteHow::Overwrite);
        }
    }

    /// Returns what comes out of a file that a word names.
    pub(crate) fn file_feed(&self, field: &Field) -> Feed {
        let Some(name) = field.known() else {
            return Feed::Unknown;
        };
        if name == "/dev/null" {
            return Feed::Text(String::new());
        }
        match self.absolute(name).and_then(|path| self.text_of(&path)) {
            Some(text) => Feed::File(name.to_owned(), text),
            None => Feed::Unknown,
        }
    }

    fn read_target(&self, field: &Field) -> crate::policy::Target {
        match field.known().and_then(|name| self.absolute(name)) {
            Some(path) => crate::policy::Target::path(path),
            None => crate::policy::Target::Dynamic {
                text: field.text().to_owned(),
            },
        }
    }

    fn here_document(&mut self, document: &IoHereDocument) -> Option<String> {
        let raw = &document.doc.value;
        let place = self.word_place(&document.doc);
        if document.requires_expansion {
            self.document(raw, place)
        } else {
            Some(raw.clone())
        }
    }

    /// Returns where a word stands in the current text.
    pub(crate) fn word_place(&self, word: &Word) -> Range<usize> {
        match &word.loc {
            Some(place) => self.frame.text.inner(place),
            None => 0..self.frame.text.source.len(),
        }
    }
}

/// Returns where a redirect stands in a text, its operator included.
pub(crate) fn place(text: &Text, redirect: &IoRedirect) -> Option<Range<usize>> {
    let location: &SourceSpan = match redirect {
        IoRedirect::File(_, _, target) => match target {
            IoFileRedirectTarget::Filename(word) | IoFileRedirectTarget::Duplicate(word) => {
                word.loc.as_ref()?
            }
            IoFileRedirectTarget::ProcessSubstitution(_, subshell) => &subshell.loc,
            IoFileRedirectTarget::Fd(_) => return None,
        },
        IoRedirect::HereDocument(_, document) => document.here_end.loc.as_ref()?,
        IoRedirect::HereString(_, word) | IoRedirect::OutputAndError(word, _) => {
            word.loc.as_ref()?
        }
    };
    let range = text.inner(location);
    let before = text.source.get(..range.start)?;
    let start = before
        .trim_end_matches([' ', '\t'])
        .trim_end_matches(['<', '>', '&', '|', '-'])
        .trim_end_matches(|c: char| c.is_ascii_digit())
        .len();
    Some(start..range.end)
}
