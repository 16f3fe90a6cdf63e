//! Cuts a program's arguments into flags and operands, the GNU way.

use super::expand::Field;
use crate::policy::Word;

/// A flag as it was given.
#[derive(Clone, Debug)]
pub(crate) struct Flag<'a> {
    /// `-r`, `--recursive`; `-` and the letters for whole-word styles (`-delete`).
    pub(crate) name: String,
    /// Its value, where it takes one.
    pub(crate) value: Option<Field>,
    /// The word it was found in.
    pub(crate) field: &'a Field,
}

/// Long flags that are prefixes of others, and mean themselves.
const WHOLE: &[&str] = &[
    "--all",
    "--archive",
    "--delete",
    "--exclude",
    "--exec",
    "--file",
    "--files",
    "--filter",
    "--force",
    "--format",
    "--include",
    "--output",
    "--prefix",
    "--prune",
    "--remove",
    "--root",
    "--target",
    "--user",
];

/// How a program reads its flags.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Style {
    /// `-rf` is `-r -f`; flags may stand after operands.
    Clusters,
    /// `-rf` is `-r -f`; the first operand ends the flags (wrappers).
    Leading,
    /// `-delete` is one flag.
    Words,
}

/// Arguments, cut.
#[derive(Debug, Default)]
pub(crate) struct Cut<'a> {
    pub(crate) flags: Vec<Flag<'a>>,
    pub(crate) operands: Vec<&'a Field>,
    /// How many arguments stand before the first operand.
    pub(crate) lead: usize,
    /// Whether `--` stands among them.
    pub(crate) dashed: bool,
}

impl<'a> Cut<'a> {
    /// Returns whether one of these flags (`-n --dry-run`) was given.
    pub(crate) fn has(&self, names: &str) -> bool {
        self.find(names).is_some()
    }

    /// Returns the last of these flags.
    pub(crate) fn find(&self, names: &str) -> Option<&Flag<'a>> {
        self.flags
            .iter()
            .rev()
            .find(|flag| names.split(' ').any(|name| is_flag(&flag.name, name)))
    }

    /// Returns the values of these flags.
    pub(crate) fn values(&self, names: &str) -> Vec<Field> {
        self.flags
            .iter()
            .filter(|flag| names.split(' ').any(|name| is_flag(&flag.name, name)))
            .filter_map(|flag| flag.value.clone())
            .collect()
    }

    /// Returns the value of the last of these flags, where it is known.
    pub(crate) fn value(&self, names: &str) -> Option<&str> {
        self.find(names)?.value.as_ref()?.known()
    }

    /// Returns an operand's text where it is known.
    pub(crate) fn operand(&self, at: usize) -> Option<&'a str> {
        self.operands.get(at).and_then(|field| field.known())
    }
}

/// Long flags may be shortened, as getopt allows.
pub(crate) fn is_flag(given: &str, name: &str) -> bool {
    given == name
        || (given.len() > 4
            && given.starts_with("--")
            && name.starts_with(given)
            && !WHOLE.contains(&given))
}

/// Cuts arguments; `values` names the flags that take one (`-o --output`).
pub(crate) fn cut<'a>(args: &'a [Field], values: &str, style: Style) -> Cut<'a> {
    let mut done = Cut::default();
    let mut at = 0;
    let takes = |name: &str| {
        values.split(' ').any(|known| {
            known == name || (name.len() > 5 && name.starts_with("--") && known.starts_with(name))
        })
    };
    while let Some(field) = args.get(at) {
        at += 1;
        let text = field.text();
        let is_flag = text.len() > 1
            && text.starts_with('-')
            && !matches!(field.word, Word::Dynamic(_) if text.starts_with("-$"));
        if text == "--" {
            if done.operands.is_empty() {
                done.lead = at;
            }
            done.operands.extend(args.iter().skip(at));
            done.dashed = true;
            return done;
        }
        if !is_flag {
            if done.operands.is_empty() {
                done.lead = at - 1;
            }
            done.operands.push(field);
            if style == Style::Leading {
                done.operands.extend(args.iter().skip(at));
                return done;
            }
            continue;
        }
        if text.starts_with("--") || style == Style::Words {
            let (name, value) = match text.split_once('=') {
                Some((name, value)) => (name, Some(part(field, value))),
                None => (text, None),
            };
            let attached = (style == Style::Words && value.is_none() && !takes(name))
                .then(|| attached(text, values))
                .flatten();
            if let Some((name, value)) = attached {
                done.flags.push(Flag {
                    name: name.to_owned(),
                    value: Some(part(field, value)),
                    field,
                });
                continue;
            }
            let value = value.or_else(|| {
                let next = takes(name).then(|| args.get(at).cloned()).flatten();
                at += usize::from(next.is_some());
                next
            });
            done.flags.push(Flag {
                name: name.to_owned(),
                value,
                field,
            });
            continue;
        }
        for (start, letter) in text.char_indices().skip(1) {
            let name = format!("-{letter}");
            if takes(&name) {
                let rest = text.get(start + letter.len_utf8()..).unwrap_or_default();
                let value = if rest.is_empty() {
                    let next = args.get(at).cloned();
                    at += usize::from(next.is_some());
                    next
                } else {
                    Some(part(field, rest))
                };
                done.flags.push(Flag { name, value, field });
                break;
            }
            if letter == '=' {
                break;
            }
            done.flags.push(Flag {
                name,
                value: None,
                field,
            });
        }
    }
    if done.operands.is_empty() {
        done.lead = at;
    }
    done
}

/// Finds `-oFILE` where flags are whole words.
fn attached<'t>(text: &'t str, values: &str) -> Option<(&'t str, &'t str)> {
    let head = text.get(..2)?;
    let rest = text.get(2..).filter(|rest| !rest.is_empty())?;
    values
        .split(' ')
        .any(|known| known == head && known == "-o")
        .then_some((head, rest))
}

/// Returns a part of a word as a word of its own.
fn part(field: &Field, text: &str) -> Field {
    let word = match &field.word {
        Word::Literal(_) => Word::Literal(text.to_owned()),
        Word::Glob(_) => Word::Glob(text.to_owned()),
        Word::Dynamic(_) if !text.contains(['$', '`', '"', '\'', '\\', '<', '>']) => {
            Word::Literal(text.to_owned())
        }
        Word::Dynamic(_) => Word::Dynamic(text.to_owned()),
    };
    Field {
        word,
        span: field.span.clone(),
        guess: None,
        shape: None,
    }
}
