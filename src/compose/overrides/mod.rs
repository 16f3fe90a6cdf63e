//! The override language of Hydra 1.3: `key=value`, `+key=value`, `++key=value`, `~key`,
//! `group@package=option`, with quoting, lists, mappings, casts and sweeps.
//!
//! `lexer` makes tokens, `parser` gives them meaning, `functions` does the calls, `sweep` says
//! which values a sweep stands for, `quote` writes values so that they read back the same.
//!
//! INVARIANT: parsing looks at the text alone; it reads no file and no environment.

mod cast;
mod compare;
mod decimal;
mod element;
mod error;
mod functions;
mod lexer;
mod number;
mod parser;
mod quote;
mod sweep;

pub use element::{Element, Glob, QuoteMark, Quoted};
pub use error::Error;
pub use quote::override_text;
pub use sweep::{Choice, Interval, Number, Range, Sweep};

/// What an override does to the configuration.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// `key=value`: changes what is there.
    Change,
    /// `+key=value`: adds what is not there.
    Add,
    /// `++key=value`: changes or adds.
    ForceAdd,
    /// `~key`: takes away.
    Delete,
}

/// One override, parsed.
#[derive(Clone, Debug)]
pub struct Override {
    /// What it does.
    pub kind: Kind,
    /// A dotted key, or a config group with slashes.
    pub key: String,
    /// What follows `@`.
    pub package: Option<String>,
    /// The value; `None` for `~key` without one.
    pub value: Option<Element>,
    /// The text it was parsed from.
    pub text: String,
}

/// Parses one override.
///
/// # Errors
/// With the column and what was expected there.
pub fn parse(text: &str) -> Result<Override, Error> {
    parser::parse(text)
}

impl Override {
    /// Claims that it stands for several values, one a run.
    pub fn is_sweep(&self) -> bool {
        matches!(self.value, Some(Element::Sweep(_) | Element::Glob(_)))
    }

    /// Claims that it speaks about Hydra's own configuration.
    pub fn is_hydra(&self) -> bool {
        self.key.starts_with("hydra.") || self.key.starts_with("hydra/")
    }

    /// Returns sign, key and package as they are written before the `=`.
    pub fn key_element(&self) -> String {
        let sign = match self.kind {
            Kind::Change => "",
            Kind::Add => "+",
            Kind::ForceAdd => "++",
            Kind::Delete => "~",
        };
        let key = &self.key;
        match &self.package {
            Some(package) => format!("{sign}{key}@{package}"),
            None => format!("{sign}{key}"),
        }
    }

    /// Returns the overrides, one for each value of the sweep; itself when it is none.
    ///
    /// `options` lists the options of a config group, for `glob()`.
    ///
    /// # Errors
    /// When the values cannot be listed (intervals, random order), are no text, or are more
    /// than `limit`.
    pub fn expand(
        &self,
        limit: usize,
        options: impl FnOnce(&str) -> Vec<String>,
    ) -> Result<Vec<String>, Error> {
        let values = match &self.value {
            Some(Element::Glob(glob)) => glob.choose(options(&self.key)),
            Some(Element::Sweep(_)) => {
                let values = self.values(limit.saturating_add(1))?;
                if values.len() > limit {
                    return Err(sweep::Fault::TooMany { limit }.at(&self.text));
                }
                values
            }
            _ => return Ok(vec![self.text.clone()]),
        };
        let key = self.key_element();
        let values = values.into_iter().map(|value| format!("{key}={value}"));
        Ok(values.collect())
    }

    /// Returns what stands after the `=`, one for each value of a choice or a range; `limit`
    /// at most. Nothing for what is neither.
    ///
    /// # Errors
    /// When the values cannot be listed, or are no text.
    pub fn values(&self, limit: usize) -> Result<Vec<String>, Error> {
        match &self.value {
            Some(Element::Sweep(sweep)) => {
                sweep.values(limit).map_err(|fault| fault.at(&self.text))
            }
            _ => Ok(Vec::new()),
        }
    }
}
