//! Reads arguments as getopt_long does: abbreviations, clusters of letters, `--`, and
//! where the operands begin.

use std::ops::Range;

use super::options::{Found, Options, Takes};

/// A word and the bytes of the shown line where it stands.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Word {
    pub(crate) text: String,
    pub(crate) span: Range<usize>,
}

/// An option that was given.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Given {
    /// Its whole long name.
    pub(crate) name: &'static str,
    /// Its value.
    pub(crate) value: Option<String>,
    /// Where the shown line says so.
    pub(crate) span: Range<usize>,
    /// What says so besides the line itself: a directive, a variable.
    pub(crate) via: Option<String>,
}

impl Given {
    /// Returns it as one argument that can be read in one way only.
    pub(crate) fn argument(&self) -> String {
        match &self.value {
            Some(value) => format!("--{}={value}", self.name),
            None => format!("--{}", self.name),
        }
    }
}

/// Why arguments cannot be read.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Fault {
    /// No client known has such an option; what follows could be its value or a command.
    Unknown(Word),
    /// The client itself would refuse them, in these words.
    Usage(String),
}

/// Arguments taken apart.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Cut {
    pub(crate) given: Vec<Given>,
    pub(crate) operands: Vec<Word>,
}

impl Cut {
    pub(crate) fn has(&self, name: &str) -> bool {
        self.given.iter().any(|given| given.name == name)
    }
}

/// Takes arguments apart.
pub(crate) fn cut(words: &[Word], options: &Options) -> Result<Cut, Fault> {
    let mut cut = Cut::default();
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        let text = word.text.as_str();
        if text == "--" {
            cut.operands.extend(rest.cloned());
            break;
        }
        if let Some(long) = text.strip_prefix("--") {
            cut.given.push(long_option(long, word, &mut rest, options)?);
        } else if let Some(letters) = text.strip_prefix('-').filter(|rest| !rest.is_empty()) {
            cluster(letters, word, &mut rest, options, &mut cut.given)?;
        } else if options.permutes {
            cut.operands.push(word.clone());
        } else {
            cut.operands.push(word.clone());
            cut.operands.extend(rest.cloned());
            break;
        }
    }
    Ok(cut)
}

fn long_option<'w>(
    text: &str,
    word: &Word,
    rest: &mut impl Iterator<Item = &'w Word>,
    options: &Options,
) -> Result<Given, Fault> {
    let (given, value) = match text.split_once('=') {
        Some((name, value)) => (name, Some(value.to_owned())),
        None => (text, None),
    };
    let name = match options.find(given) {
        Found::One(name) => name,
        Found::Several(names) => {
            let names: Vec<String> = names.iter().map(|name| format!("'--{name}'")).collect();
            let text = format!(
                "option '--{given}' is ambiguous; possibilities: {}",
                names.join(" ")
            );
            return Err(Fault::Usage(text));
        }
        Found::Nothing => {
            return Err(Fault::Unknown(Word {
                text: format!("--{given}"),
                span: word.span.clone(),
            }));
        }
    };
    let mut span = word.span.clone();
    let value = match (options.takes(name), value) {
        (Some(Takes::Nothing) | None, Some(_)) => {
            let text = format!("option '--{name}' doesn't allow an argument");
            return Err(Fault::Usage(text));
        }
        (Some(Takes::Value), None) => match rest.next() {
            Some(next) => {
                span.end = next.span.end;
                Some(next.text.clone())
            }
            None => {
                let text = format!("option '--{name}' requires an argument");
                return Err(Fault::Usage(text));
            }
        },
        (_, value) => value,
    };
    Ok(Given {
        name,
        value,
        span,
        via: None,
    })
}

fn cluster<'w>(
    letters: &str,
    word: &Word,
    rest: &mut impl Iterator<Item = &'w Word>,
    options: &Options,
    given: &mut Vec<Given>,
) -> Result<(), Fault> {
    for (at, letter) in letters.char_indices() {
        let Some(name) = options.long(letter) else {
            return Err(Fault::Unknown(Word {
                text: format!("-{letter}"),
                span: word.span.clone(),
            }));
        };
        let attached = letters
            .get(at + letter.len_utf8()..)
            .filter(|rest| !rest.is_empty());
        let mut span = word.span.clone();
        let value = match options.takes(name) {
            Some(Takes::Nothing) | None => None,
            Some(Takes::Maybe) => attached.map(str::to_owned),
            Some(Takes::Value) => match (attached, rest.next_if_needed(attached.is_none())) {
                (Some(value), _) => Some(value.to_owned()),
                (None, Some(next)) => {
                    span.end = next.span.end;
                    Some(next.text.clone())
                }
                (None, None) => {
                    let text = format!("option requires an argument -- '{letter}'");
                    return Err(Fault::Usage(text));
                }
            },
        };
        let ends = options.takes(name) != Some(Takes::Nothing);
        given.push(Given {
            name,
            value,
            span,
            via: None,
        });
        if ends {
            break;
        }
    }
    Ok(())
}

/// Takes the next word only where one is wanted.
trait NextIfNeeded<'w>: Iterator<Item = &'w Word> {
    fn next_if_needed(&mut self, needed: bool) -> Option<&'w Word> {
        if needed { self.next() } else { None }
    }
}

impl<'w, I: Iterator<Item = &'w Word>> NextIfNeeded<'w> for I {}
