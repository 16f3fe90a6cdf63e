//! A parsed value, with what the text said about it: quotes are kept until they are dropped.

use super::sweep::Sweep;
use super::{number, quote};

/// A value of the override language.
#[derive(Clone, Debug)]
pub enum Element {
    /// `null`
    Null,
    /// `true`
    Bool(bool),
    /// `12`
    Int(i64),
    /// An integer that needs more than 64 bits: sign and digits.
    Big(String),
    /// `1.5`
    Float(f64),
    /// A word without quotes, escapes resolved.
    Text(String),
    /// A text that was quoted.
    Quoted(Quoted),
    /// `[a,b]`
    List(Vec<Element>),
    /// `{a:b}`, in order, keys that are equal joined.
    Dict(Vec<(Element, Element)>),
    /// Several values, one a run.
    Sweep(Box<Sweep>),
    /// `glob(…)`: options of a group, one a run.
    Glob(Glob),
}

/// A quoted text.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Quoted {
    /// What stands between the quotes, escapes resolved.
    pub text: String,
    /// Which quotes.
    pub mark: QuoteMark,
}

/// Which quotes a text had.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum QuoteMark {
    /// `'`
    Single,
    /// `"`
    Double,
}

/// Which options of a config group are meant.
#[derive(Clone, Debug)]
pub struct Glob {
    /// Patterns, one of which must match.
    pub include: Vec<Element>,
    /// Patterns, none of which may.
    pub exclude: Vec<Element>,
}

impl Element {
    /// Returns it without quotes, also inside lists and mappings.
    #[must_use]
    pub fn unquoted(self) -> Self {
        match self {
            Self::Quoted(quoted) => Self::Text(quoted.text),
            Self::List(items) => Self::List(items.into_iter().map(Self::unquoted).collect()),
            Self::Dict(pairs) => {
                let pairs = pairs.into_iter();
                let pairs = pairs.map(|(key, value)| (key.unquoted(), value.unquoted()));
                Self::Dict(pairs.collect())
            }
            other => other,
        }
    }

    /// Returns the text that stands for it after the `=` of an override; nothing when it is
    /// several values, or holds such.
    pub fn to_text(&self) -> Option<String> {
        let mut out = String::new();
        self.write(&mut out).then_some(out)
    }

    fn write(&self, out: &mut String) -> bool {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(true) => out.push_str("True"),
            Self::Bool(false) => out.push_str("False"),
            Self::Int(value) => out.push_str(&value.to_string()),
            Self::Big(digits) => out.push_str(digits),
            Self::Float(value) => out.push_str(&number::float_text(*value)),
            Self::Text(text) => out.push_str(&quote::escaped(text)),
            Self::Quoted(quoted) => out.push_str(&quote::with_quotes(quoted)),
            Self::List(items) => {
                out.push('[');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    if !item.write(out) {
                        return false;
                    }
                }
                out.push(']');
            }
            Self::Dict(pairs) => {
                out.push('{');
                for (index, (key, value)) in pairs.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    if !key.write(out) {
                        return false;
                    }
                    out.push(':');
                    if !value.write(out) {
                        return false;
                    }
                }
                out.push('}');
            }
            Self::Sweep(_) | Self::Glob(_) => return false,
        }
        true
    }

    /// Returns the name of its type, as people who write YAML know it.
    pub(super) fn type_name(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Int(_) | Self::Big(_) => "an integer",
            Self::Float(_) => "a float",
            Self::Text(_) | Self::Quoted(_) => "a text",
            Self::List(_) => "a list",
            Self::Dict(_) => "a mapping",
            Self::Sweep(_) => "a sweep",
            Self::Glob(_) => "a glob",
        }
    }
}

impl Glob {
    /// Returns those of `options` that are meant.
    pub(super) fn choose(&self, options: Vec<String>) -> Vec<String> {
        let patterns = |elements: &[Element]| {
            let texts = elements.iter().filter_map(|element| match element {
                Element::Text(text) => glob::Pattern::new(text).ok(),
                Element::Quoted(quoted) => glob::Pattern::new(&quoted.text).ok(),
                _ => None,
            });
            texts.collect::<Vec<_>>()
        };
        let include = patterns(&self.include);
        let exclude = patterns(&self.exclude);
        let mut options = options;
        options.retain(|option| {
            include.iter().any(|pattern| pattern.matches(option))
                && !exclude.iter().any(|pattern| pattern.matches(option))
        });
        options
    }
}
