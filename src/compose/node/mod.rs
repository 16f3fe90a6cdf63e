//! The values of a configuration: what `OmegaConf` calls nodes.
//!
//! A container shares its children, so a copy costs nothing until it is changed. No value knows
//! its parent: whoever needs one walks from the root. Interpolations and the missing value `???`
//! stay the strings that they are until somebody resolves them.
//!
//! INVARIANT: no value nests deeper than [`DEPTH`].

mod container;
mod error;
mod key;
mod merge;
mod path;
mod select;
mod text;
mod update;

use std::sync::Arc;

pub use container::{Dict, Flags, List};
pub use error::{Class, Error, Position};
pub use key::Key;
pub use merge::{merge, merge_all};
pub use path::{full_key, index, split};
pub use select::{resolved, select, select_resolved};
pub use text::{display, float, repr};
pub use update::{Change, delete, update};

/// How deep containers may nest.
pub const DEPTH: usize = 200;

/// A node of a configuration.
#[derive(Clone, Debug, Default)]
pub enum Value {
    /// Nothing.
    #[default]
    Null,
    /// A boolean.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// An integer beyond 64 bits, in decimal.
    Big(Arc<str>),
    /// A float.
    Float(f64),
    /// Text, an interpolation, or the missing value.
    Str(Arc<str>),
    /// Bytes.
    Bytes(Arc<[u8]>),
    /// A file system path, from a tag of Python's.
    Path(Arc<str>),
    /// A list.
    List(Arc<List>),
    /// A mapping.
    Dict(Arc<Dict>),
}

impl Value {
    /// The text that stands for a value not yet given.
    pub const MISSING: &'static str = "???";

    /// An empty mapping.
    pub fn empty() -> Self {
        Self::from(Dict::default())
    }

    /// The text, where it is text.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Str(text) => Some(text),
            _ => None,
        }
    }

    /// The boolean, where it is one.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(flag) => Some(*flag),
            _ => None,
        }
    }

    /// The integer, where it is one.
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Self::Int(int) => Some(*int),
            _ => None,
        }
    }

    /// The mapping, where it is one.
    pub fn as_dict(&self) -> Option<&Dict> {
        match self {
            Self::Dict(dict) => Some(dict),
            _ => None,
        }
    }

    /// The mapping, to change it; copied first when it is shared.
    pub fn as_dict_mut(&mut self) -> Option<&mut Dict> {
        match self {
            Self::Dict(dict) => Some(Arc::make_mut(dict)),
            _ => None,
        }
    }

    /// The list, where it is one.
    pub fn as_list(&self) -> Option<&List> {
        match self {
            Self::List(list) => Some(list),
            _ => None,
        }
    }

    /// The list, to change it; copied first when it is shared.
    pub fn as_list_mut(&mut self) -> Option<&mut List> {
        match self {
            Self::List(list) => Some(Arc::make_mut(list)),
            _ => None,
        }
    }

    /// The value of a text key of a mapping.
    pub fn get(&self, name: &str) -> Option<&Self> {
        self.as_dict()?.get(name)
    }

    /// Whether it is a list or a mapping.
    pub fn is_container(&self) -> bool {
        matches!(self, Self::List(_) | Self::Dict(_))
    }

    /// Whether the two are one and the same container, not only equal ones.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::List(one), Self::List(two)) => Arc::ptr_eq(one, two),
            (Self::Dict(one), Self::Dict(two)) => Arc::ptr_eq(one, two),
            _ => false,
        }
    }

    /// Whether it is the missing value.
    pub fn is_missing(&self) -> bool {
        self.as_str() == Some(Self::MISSING)
    }

    /// Whether it is text that holds an interpolation.
    pub fn is_interpolation(&self) -> bool {
        self.as_str().is_some_and(|text| text.contains("${"))
    }

    /// Its flags; those of a value that is no container say nothing.
    pub fn flags(&self) -> Flags {
        match self {
            Self::List(list) => list.flags,
            Self::Dict(dict) => dict.flags,
            _ => Flags::default(),
        }
    }

    /// Its flags, to change them.
    pub fn flags_mut(&mut self) -> Option<&mut Flags> {
        match self {
            Self::List(list) => Some(&mut Arc::make_mut(list).flags),
            Self::Dict(dict) => Some(&mut Arc::make_mut(dict).flags),
            _ => None,
        }
    }

    /// The child of a container.
    pub fn child(&self, key: &Key) -> Option<&Self> {
        match (self, key) {
            (Self::Dict(dict), _) => dict.value(key),
            (Self::List(list), Key::Int(index)) => list.get(usize::try_from(*index).ok()?),
            _ => None,
        }
    }

    /// The child of a container, to change it.
    pub fn child_mut(&mut self, key: &Key) -> Option<&mut Self> {
        match (self, key) {
            (Self::Dict(dict), _) => Arc::make_mut(dict).value_mut(key),
            (Self::List(list), Key::Int(index)) => Arc::make_mut(list)
                .items
                .get_mut(usize::try_from(*index).ok()?),
            _ => None,
        }
    }

    /// What lies at a path of keys.
    pub fn at(&self, path: &[Key]) -> Option<&Self> {
        path.iter().try_fold(self, |value, key| value.child(key))
    }

    /// What lies at a path of keys, to change it.
    pub fn at_mut(&mut self, path: &[Key]) -> Option<&mut Self> {
        path.iter()
            .try_fold(self, |value, key| value.child_mut(key))
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Str(text.into())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Str(text.into())
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Bool(flag)
    }
}

impl From<i64> for Value {
    fn from(int: i64) -> Self {
        Self::Int(int)
    }
}

impl From<f64> for Value {
    fn from(float: f64) -> Self {
        Self::Float(float)
    }
}

impl From<Dict> for Value {
    fn from(dict: Dict) -> Self {
        Self::Dict(Arc::new(dict))
    }
}

impl From<List> for Value {
    fn from(list: List) -> Self {
        Self::List(Arc::new(list))
    }
}

impl From<Vec<Self>> for Value {
    fn from(items: Vec<Self>) -> Self {
        Self::from(List::from(items))
    }
}
