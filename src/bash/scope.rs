//! Variables, functions, aliases and the working directory, as far as the text proves them.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::rc::Rc;

use brush_parser::ast;

use super::frame::{Frame, Text};

/// What a variable holds.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Value {
    /// Exactly this.
    Known(String),
    /// An array of exactly these.
    List(Vec<String>),
    /// An associative array of exactly these.
    Table(BTreeMap<String, String>),
    /// Only known when it runs, but most likely this (`${x:=rm}`).
    Likely(String),
    /// Assigned, but only known when it runs.
    Unknown,
}

/// A function that the text defined.
#[derive(Clone, Debug)]
pub(crate) struct Function {
    pub(crate) body: Rc<ast::FunctionBody>,
    pub(crate) text: Rc<Text>,
    pub(crate) frame: Rc<Frame>,
}

/// What names mean at this point of the walk.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scope {
    pub(crate) variables: BTreeMap<String, Value>,
    pub(crate) functions: BTreeMap<String, Function>,
    pub(crate) aliases: BTreeMap<String, String>,
    /// Names that stand for other names (`declare -n x=y`).
    pub(crate) references: BTreeMap<String, String>,
    /// `$1`, `$2`, …; `None` where they are not known.
    pub(crate) arguments: Option<Vec<String>>,
    /// `None` where it is not known.
    pub(crate) cwd: Option<PathBuf>,
    pub(crate) home: Option<PathBuf>,
    /// Commands of `trap … EXIT` and the like were already walked; names whose meaning is lost.
    pub(crate) lost: bool,
}

impl Scope {
    /// Keeps only what both ways through the text agree on.
    pub(crate) fn join(&mut self, other: &Self) {
        let names: Vec<String> = self
            .variables
            .keys()
            .chain(other.variables.keys())
            .cloned()
            .collect();
        for name in names {
            if self.variables.get(&name) != other.variables.get(&name) {
                self.variables.insert(name, Value::Unknown);
            }
        }
        for (name, function) in &other.functions {
            self.functions
                .entry(name.clone())
                .or_insert_with(|| function.clone());
        }
        for (name, alias) in &other.aliases {
            self.aliases
                .entry(name.clone())
                .or_insert_with(|| alias.clone());
        }
        for (name, other) in &other.references {
            self.references
                .entry(name.clone())
                .or_insert_with(|| other.clone());
        }
        if self.cwd != other.cwd {
            self.cwd = None;
        }
        self.lost |= other.lost;
    }

    /// Forgets what variables hold: something ran that cannot be worked out.
    pub(crate) fn forget(&mut self) {
        for value in self.variables.values_mut() {
            *value = Value::Unknown;
        }
        self.lost = true;
        self.cwd = None;
    }

    pub(crate) fn set(&mut self, name: &str, value: Value) {
        let name = self.meant(name).to_owned();
        self.variables.insert(name, value);
    }

    /// Sets one element of an array; what else it holds stays.
    pub(crate) fn set_element(&mut self, name: &str, key: &str, value: Option<String>) {
        let name = self.meant(name).to_owned();
        let Some(text) = value else {
            self.variables.insert(name, Value::Unknown);
            return;
        };
        let mut table = match self.variables.remove(&name) {
            Some(Value::Table(table)) => table,
            Some(Value::List(list)) => list
                .into_iter()
                .enumerate()
                .map(|(at, text)| (at.to_string(), text))
                .collect(),
            Some(Value::Known(text)) => BTreeMap::from([("0".to_owned(), text)]),
            Some(Value::Unknown | Value::Likely(_)) => {
                self.variables.insert(name, Value::Unknown);
                return;
            }
            None => BTreeMap::new(),
        };
        table.insert(key.to_owned(), text);
        self.variables.insert(name, Value::Table(table));
    }

    /// Returns the name that a name stands for.
    pub(crate) fn meant<'a>(&'a self, name: &'a str) -> &'a str {
        let mut name = name;
        for _ in 0..8 {
            match self.references.get(name) {
                Some(other) => name = other,
                None => break,
            }
        }
        name
    }
}
