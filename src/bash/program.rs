//! The format of the program table, and how an entry is applied to a command.
//!
//! A program is one line in one of the tables under `programs/`:
//!
//! ```text
//! looks(&["ls", "dir"]),                                   only reads
//! each(&["rm"], Delete(Path)),                             its operands are deleted
//! plain(&["gcc"]).values("-o -I").flags(&[("-o", Write(Edit))]),
//! plain(&["pip"]).verbs(&[("uninstall", Delete(Product))]),
//! special(&["tar"], tar).values("-f -C"),                  needs code of its own
//! ```

use std::collections::HashMap;
use std::ops::Range;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::expand::Field;
use super::flags::{Cut, Style, cut, is_flag};
use super::frame::Feed;
use super::programs;
use super::walk::Walker;
use crate::policy::{Action, Change, Deletable, Node, Purpose, Recipient, WriteHow};

/// What happens to the words an effect is applied to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Effect {
    /// Nothing: they are read, or only data.
    Nothing,
    /// Content is written to them.
    Write(WriteHow),
    /// They come to be.
    Create(Node),
    /// They are deleted.
    Delete(Deletable),
    /// They are emptied.
    Empty,
    /// Their attributes change.
    Attribute(Change),
    /// The program is used for something special.
    Is(Purpose),
    /// A training starts.
    Train,
    /// Everything of a user gets a signal.
    Signal,
    /// The words after it are a command.
    Run,
    /// It is a line for a shell.
    Line,
    /// Content goes to the last of them, unless that names another machine.
    Into,
}

/// Code for a program that the table's columns cannot describe.
pub(crate) type Special = fn(&mut Walker<'_>, &Call<'_>, &Cut<'_>) -> Feed;

/// A command about to be looked up.
pub(crate) struct Call<'a> {
    /// The program's base name.
    pub(crate) name: &'a str,
    /// Its arguments.
    pub(crate) args: &'a [Field],
    /// Where the command stands.
    pub(crate) span: Range<usize>,
    /// What arrives on its standard input.
    pub(crate) feed: Feed,
}

/// One line of the table.
#[derive(Clone, Copy)]
pub(crate) struct Program {
    pub(crate) names: &'static [&'static str],
    pub(crate) purpose: Purpose,
    pub(crate) values: &'static str,
    pub(crate) harmless: &'static str,
    pub(crate) style: Style,
    pub(crate) flags: &'static [(&'static str, Effect)],
    pub(crate) verbs: &'static [(&'static str, Effect)],
    pub(crate) operands: Effect,
    pub(crate) special: Option<Special>,
}

impl Program {
    const fn new(names: &'static [&'static str], purpose: Purpose) -> Self {
        Self {
            names,
            purpose,
            values: "",
            harmless: "--help --version",
            style: Style::Clusters,
            flags: &[],
            verbs: &[],
            operands: Effect::Nothing,
            special: None,
        }
    }

    /// Flags that take a value in the next word.
    pub(crate) const fn values(mut self, values: &'static str) -> Self {
        self.values = values;
        self
    }

    /// Flags with which it only looks (`--help`, `--dry-run`), where it really has them.
    pub(crate) const fn harmless(mut self, flags: &'static str) -> Self {
        self.harmless = flags;
        self
    }

    /// Flags are whole words (`-delete`).
    pub(crate) const fn words(mut self) -> Self {
        self.style = Style::Words;
        self
    }

    /// The first operand ends the flags.
    pub(crate) const fn leading(mut self) -> Self {
        self.style = Style::Leading;
        self
    }

    /// What a flag does: to its value when it takes one, else to the operands.
    pub(crate) const fn flags(mut self, flags: &'static [(&'static str, Effect)]) -> Self {
        self.flags = flags;
        self
    }

    /// What a subcommand does to the words after it.
    pub(crate) const fn verbs(mut self, verbs: &'static [(&'static str, Effect)]) -> Self {
        self.verbs = verbs;
        self
    }
}

/// A program that changes nothing.
pub(crate) const fn looks(names: &'static [&'static str]) -> Program {
    Program::new(names, Purpose::ReadOnly)
}

/// A program with nothing special but what its flags and verbs say.
pub(crate) const fn plain(names: &'static [&'static str]) -> Program {
    Program::new(names, Purpose::Plain)
}

/// A program with a purpose of its own.
pub(crate) const fn is(names: &'static [&'static str], purpose: Purpose) -> Program {
    Program::new(names, purpose)
}

/// A program that does the same to each of its operands.
pub(crate) const fn each(names: &'static [&'static str], effect: Effect) -> Program {
    let mut program = Program::new(names, Purpose::Plain);
    program.operands = effect;
    program
}

/// A program that needs code of its own.
pub(crate) const fn special(names: &'static [&'static str], code: Special) -> Program {
    let mut program = Program::new(names, Purpose::Plain);
    program.special = Some(code);
    program
}

/// Look-ups that are cheaper one by one than the making of an index.
const FEW: usize = 24;

/// Looks a program up by base name.
pub(crate) fn find(name: &str) -> Option<&'static Program> {
    static ASKED: AtomicUsize = AtomicUsize::new(0);
    static INDEX: LazyLock<HashMap<&str, &Program>> = LazyLock::new(|| {
        let programs = programs::TABLES.iter().flat_map(|table| table.iter());
        programs
            .flat_map(|program| program.names.iter().map(move |name| (*name, program)))
            .collect()
    });
    if ASKED.fetch_add(1, Ordering::Relaxed) < FEW {
        let mut programs = programs::TABLES.iter().flat_map(|table| table.iter());
        return programs.find(|program| program.names.contains(&name));
    }
    INDEX.get(name).copied()
}

impl Walker<'_> {
    /// Applies a table entry to a command.
    pub(crate) fn apply(&mut self, program: &Program, call: &Call<'_>) -> Feed {
        let cut = cut(call.args, program.values, program.style);
        if cut.has(program.harmless) {
            self.exec(call.name, call.args, Purpose::ReadOnly, call.span.clone());
            return Feed::Unknown;
        }
        if let Some(code) = program.special {
            return code(self, call, &cut);
        }
        let found = verb(program.verbs, &cut);
        let asks_help = found.is_some_and(|(_, length)| {
            cut.operands
                .iter()
                .skip(length)
                .take_while(|field| field.text().starts_with('-'))
                .any(|field| {
                    let text = field.text();
                    text.starts_with("--") && program.harmless.split(' ').any(|flag| flag == text)
                })
        });
        if program.style == Style::Leading && asks_help {
            self.looks(call);
            return Feed::Unknown;
        }
        let (effect, operands) = match found {
            Some((effect, length)) => (
                effect,
                cut.operands
                    .iter()
                    .skip(length)
                    .filter(|field| !field.text().starts_with('-'))
                    .copied()
                    .collect(),
            ),
            None => (program.operands, cut.operands.clone()),
        };
        if effect == Effect::Run {
            let length = found.map_or(0, |(_, length)| length);
            let verb = cut.operand(length.saturating_sub(1));
            let at = call.args.iter().position(|field| field.known() == verb);
            return self.run_in(call, at.map_or(0, |at| at + 1));
        }
        let purpose = match effect {
            Effect::Is(purpose) => purpose,
            _ => program.purpose,
        };
        let purpose = cut
            .flags
            .iter()
            .find_map(|flag| match effect_of(program.flags, &flag.name) {
                Some(Effect::Is(purpose)) => Some(purpose),
                _ => None,
            })
            .unwrap_or(purpose);
        let acts = cut.flags.iter().any(|flag| {
            effect_of(program.flags, &flag.name)
                .is_some_and(|effect| !matches!(effect, Effect::Is(_)))
        });
        let purpose = match purpose {
            Purpose::ReadOnly if acts && program.purpose == Purpose::ReadOnly => Purpose::Plain,
            purpose => purpose,
        };
        self.exec(call.name, call.args, purpose, call.span.clone());
        if purpose == Purpose::ReadOnly {
            return Feed::Unknown;
        }
        let name = verb_name(program.verbs, &cut).unwrap_or(call.name);
        self.effect(effect, &operands, name, &call.span);
        for flag in &cut.flags {
            let Some(effect) = effect_of(program.flags, &flag.name) else {
                continue;
            };
            match &flag.value {
                Some(value) => self.effect(effect, &[value], &flag.name, &value.span),
                None => self.effect(effect, &operands, &flag.name, &call.span),
            }
        }
        Feed::Unknown
    }

    /// Applies an effect to words; `name` stands in where there are none.
    pub(crate) fn effect(
        &mut self,
        effect: Effect,
        words: &[&Field],
        name: &str,
        span: &Range<usize>,
    ) {
        match effect {
            Effect::Nothing | Effect::Is(_) | Effect::Run => {}
            Effect::Into => {
                if let [_, .., place] = words
                    && !place.text().contains(':')
                {
                    self.write(place, crate::policy::WriteHow::Edit);
                }
            }
            Effect::Line => {
                for word in words {
                    match word.known().map(str::to_owned) {
                        Some(line) => {
                            self.follow(&line, name, word.span.clone(), Feed::Unknown);
                        }
                        None => self.unknown(word.text(), &[], word.span.clone()),
                    }
                }
            }
            Effect::Train => {
                let program = name.to_owned();
                self.emit(Action::Train { program }, span.clone());
            }
            Effect::Signal => {
                let to = Recipient::Everything;
                self.emit(Action::Signal { to }, span.clone());
            }
            Effect::Delete(what) if words.is_empty() => {
                self.delete_named(name, what, span.clone());
            }
            Effect::Delete(what) => {
                for word in words {
                    self.delete(word, what);
                }
            }
            Effect::Write(how) => {
                for word in words {
                    self.write(word, how);
                }
            }
            Effect::Empty => {
                for word in words {
                    self.empty(word);
                }
            }
            Effect::Create(node) => {
                for word in words {
                    let target = self.target(word, false);
                    self.emit(Action::Create { target, node }, word.span.clone());
                }
            }
            Effect::Attribute(change) => {
                let entries = self.entries(words);
                for word in words {
                    let target = self.target(word, true);
                    self.emit(
                        Action::Chmod {
                            target,
                            change,
                            entries,
                        },
                        word.span.clone(),
                    );
                }
            }
        }
    }
}

fn effect_of(flags: &[(&str, Effect)], name: &str) -> Option<Effect> {
    flags
        .iter()
        .find(|(names, _)| names.split(' ').any(|known| is_flag(name, known)))
        .map(|(_, effect)| *effect)
}

/// Finds the longest verb that the operands start with: its effect and its words.
pub(crate) fn verb(verbs: &[(&str, Effect)], cut: &Cut<'_>) -> Option<(Effect, usize)> {
    verbs
        .iter()
        .filter(|(names, _)| starts_with(cut, names))
        .max_by_key(|(names, _)| names.split(' ').count())
        .map(|(names, effect)| (*effect, names.split(' ').count()))
}

fn verb_name(verbs: &[(&'static str, Effect)], cut: &Cut<'_>) -> Option<&'static str> {
    verbs
        .iter()
        .filter(|(names, _)| starts_with(cut, names))
        .max_by_key(|(names, _)| names.split(' ').count())
        .map(|(names, _)| *names)
}

fn starts_with(cut: &Cut<'_>, names: &str) -> bool {
    names
        .split(' ')
        .enumerate()
        .all(|(at, word)| cut.operand(at) == Some(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_program_is_listed_twice() {
        let mut seen = std::collections::BTreeSet::new();
        let twice: Vec<&str> = programs::TABLES
            .iter()
            .flat_map(|table| table.iter())
            .flat_map(|program| program.names.iter())
            .filter(|name| !seen.insert(**name))
            .copied()
            .collect();
        assert!(twice.is_empty(), "{twice:?}");
    }
}
