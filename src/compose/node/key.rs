//! A mapping's key, equal and hashed as Python does: `1`, `1.0` and `true` are one key.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use super::{Value, text};

/// A key of a mapping, or a list's index within a path.
#[derive(Clone, Debug)]
pub enum Key {
    /// Text.
    Str(Arc<str>),
    /// An integer.
    Int(i64),
    /// An integer beyond 64 bits, in decimal.
    Big(Arc<str>),
    /// A float.
    Float(f64),
    /// A boolean.
    Bool(bool),
    /// Bytes.
    Bytes(Arc<[u8]>),
    /// Nothing, which only a resolver's own mapping may have as a key.
    Null,
}

impl Key {
    /// The text, where the key is text.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Str(text) => Some(text),
            _ => None,
        }
    }

    /// The key as a value of its own.
    pub fn to_value(&self) -> Value {
        match self {
            Self::Str(text) => Value::Str(text.clone()),
            Self::Int(int) => Value::Int(*int),
            Self::Big(digits) => Value::Big(digits.clone()),
            Self::Float(float) => Value::Float(*float),
            Self::Bool(flag) => Value::Bool(*flag),
            Self::Bytes(bytes) => Value::Bytes(bytes.clone()),
            Self::Null => Value::Null,
        }
    }

    /// A list's index.
    pub fn index(index: usize) -> Self {
        Self::Int(i64::try_from(index).unwrap_or(i64::MAX))
    }

    /// The integer that Python takes the key for, if it does.
    fn as_whole(&self) -> Option<i64> {
        match *self {
            Self::Int(int) => Some(int),
            Self::Bool(flag) => Some(i64::from(flag)),
            Self::Float(float) => whole(float),
            Self::Str(_) | Self::Big(_) | Self::Bytes(_) | Self::Null => None,
        }
    }
}

/// The integer that a float equals, if it fits.
fn whole(float: f64) -> Option<i64> {
    const EDGE: f64 = 9_223_372_036_854_775_808.0;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "checked to be whole and within range"
    )]
    (float.fract() == 0.0 && (-EDGE..EDGE).contains(&float)).then_some(float as i64)
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Str(one), Self::Str(two)) | (Self::Big(one), Self::Big(two)) => one == two,
            (Self::Bytes(one), Self::Bytes(two)) => one == two,
            (Self::Null, Self::Null) => true,
            (Self::Float(one), Self::Float(two)) => one == two || one.to_bits() == two.to_bits(),
            _ => self.as_whole().is_some() && self.as_whole() == other.as_whole(),
        }
    }
}

impl Eq for Key {}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match (self, self.as_whole()) {
            (_, Some(int)) => int.hash(state),
            (Self::Str(text) | Self::Big(text), None) => text.hash(state),
            (Self::Bytes(bytes), None) => bytes.hash(state),
            (Self::Float(float), None) => float.to_bits().hash(state),
            (Self::Int(_) | Self::Bool(_) | Self::Null, None) => {}
        }
    }
}

impl fmt::Display for Key {
    /// As Python's `str` shows it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Str(text) | Self::Big(text) => f.write_str(text),
            Self::Int(int) => write!(f, "{int}"),
            Self::Float(float) => f.write_str(&text::float(*float)),
            Self::Bool(flag) => f.write_str(if *flag { "True" } else { "False" }),
            Self::Bytes(bytes) => f.write_str(&text::bytes(bytes)),
            Self::Null => f.write_str("None"),
        }
    }
}

impl From<&str> for Key {
    fn from(text: &str) -> Self {
        Self::Str(text.into())
    }
}

impl indexmap::Equivalent<Key> for Name<'_> {
    fn equivalent(&self, key: &Key) -> bool {
        key.as_str() == Some(self.0)
    }
}

/// A text key to look up with, without an allocation.
pub(crate) struct Name<'a>(pub(crate) &'a str);

impl Hash for Name<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}
