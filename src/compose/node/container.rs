//! Lists and mappings, with the two flags that `OmegaConf` keeps on them.

use std::hash::{BuildHasherDefault, Hasher};
use std::ops::Deref;

use indexmap::IndexMap;

use super::key::Name;
use super::{Key, Value};

/// What a container says of itself; `None` asks the container it lies in.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Flags {
    /// Keys that are not there may not be added.
    pub structured: Option<bool>,
    /// Nothing may be changed.
    pub read_only: Option<bool>,
}

impl Flags {
    /// The flags of a container whose own are these and whose parent's are `parent`.
    #[must_use]
    pub(crate) fn within(self, parent: Self) -> Self {
        Self {
            structured: self.structured.or(parent.structured),
            read_only: self.read_only.or(parent.read_only),
        }
    }

    /// These flags, overwritten where `other` says something.
    #[must_use]
    pub(crate) fn overwritten(self, other: Self) -> Self {
        other.within(self)
    }
}

/// A list.
#[derive(Clone, Debug, Default)]
pub struct List {
    /// Its elements.
    pub items: Vec<Value>,
    /// Its flags.
    pub flags: Flags,
}

impl Deref for List {
    type Target = [Value];

    fn deref(&self) -> &[Value] {
        &self.items
    }
}

impl From<Vec<Value>> for List {
    fn from(items: Vec<Value>) -> Self {
        Self {
            items,
            flags: Flags::default(),
        }
    }
}

/// A mapping that keeps the order of its keys.
#[derive(Clone, Debug, Default)]
pub struct Dict {
    entries: IndexMap<Key, Value, BuildHasherDefault<Fowler>>,
    /// Its flags.
    pub flags: Flags,
}

impl Dict {
    /// An empty mapping with room for `count` entries.
    pub fn with_capacity(count: usize) -> Self {
        let entries = IndexMap::with_capacity_and_hasher(count, BuildHasherDefault::default());
        Self {
            entries,
            flags: Flags::default(),
        }
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The value of a text key.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.entries.get(&Name(name))
    }

    /// The value of a text key, to change it.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Value> {
        self.entries.get_mut(&Name(name))
    }

    /// The value of a key.
    pub fn value(&self, key: &Key) -> Option<&Value> {
        self.entries.get(key)
    }

    /// The value of a key, to change it.
    pub fn value_mut(&mut self, key: &Key) -> Option<&mut Value> {
        self.entries.get_mut(key)
    }

    /// Whether there is such a text key.
    pub fn contains(&self, name: &str) -> bool {
        self.entries.contains_key(&Name(name))
    }

    /// Sets a key, at its place where it exists, else at the end; the key that was there stays.
    pub fn insert(&mut self, key: Key, value: Value) -> Option<Value> {
        self.entries.insert(key, value)
    }

    /// Sets a text key.
    pub fn set(&mut self, name: &str, value: impl Into<Value>) {
        self.insert(Key::from(name), value.into());
    }

    /// Takes a text key out; the others keep their order.
    pub fn remove(&mut self, name: &str) -> Option<Value> {
        self.entries.shift_remove(&Name(name))
    }

    /// Takes a key out; the others keep their order.
    pub fn remove_key(&mut self, key: &Key) -> Option<Value> {
        self.entries.shift_remove(key)
    }

    /// The entries in their order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&Key, &Value)> + ExactSizeIterator {
        self.entries.iter()
    }

    /// The entries in their order, to change their values.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&Key, &mut Value)> {
        self.entries.iter_mut()
    }

    /// The keys in their order.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &Key> + ExactSizeIterator {
        self.entries.keys()
    }

    /// The values in the order of their keys.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &Value> + ExactSizeIterator {
        self.entries.values()
    }
}

impl FromIterator<(Key, Value)> for Dict {
    fn from_iter<I: IntoIterator<Item = (Key, Value)>>(entries: I) -> Self {
        Self {
            entries: entries.into_iter().collect(),
            flags: Flags::default(),
        }
    }
}

/// A small, fast hash for short keys. Keys come from the user's own files, so a hash that
/// resists an adversary would only cost time.
#[derive(Default)]
struct Fowler(u64);

impl Hasher for Fowler {
    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn write_i64(&mut self, int: i64) {
        self.0 = (self.0 ^ int.cast_unsigned()).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }

    fn finish(&self) -> u64 {
        self.0 ^ (self.0 >> 32)
    }
}
