//! What can go wrong with a configuration's values: one error, with the class that users of
//! `OmegaConf` know, a sentence of ours, the key it happened at and, where there is one, a hint.

use std::fmt;

/// The class of an [`Error`], named as `OmegaConf`, `PyYAML` and Python name it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Class {
    /// The text's single word is neither a list nor a mapping.
    AssertionError,
    /// A second document, an unknown alias, an anchor given twice.
    ComposerError,
    /// An attribute that is not in a struct.
    ConfigAttributeError,
    /// A list index out of its range.
    ConfigIndexError,
    /// A key that is not in a struct.
    ConfigKeyError,
    /// A container of the wrong kind.
    ConfigTypeError,
    /// A value of the wrong kind for a container.
    ConfigValueError,
    /// A tag, a key or a scalar that cannot be constructed.
    ConstructorError,
    /// An interpolation that does not parse.
    GrammarParseError,
    /// An interpolation that names nothing.
    InterpolationKeyError,
    /// An interpolation that cannot be resolved.
    InterpolationResolutionError,
    /// An interpolation of a value that is still missing.
    InterpolationToMissingValueError,
    /// A key that is neither text, number, boolean nor bytes.
    KeyValidationError,
    /// A value that must be given and is not.
    MissingMandatoryValue,
    /// A file that holds neither a list nor a mapping.
    OSError,
    /// YAML that does not parse.
    ParserError,
    /// A character that no YAML text may hold.
    ReaderError,
    /// A change to a node that is read only.
    ReadonlyConfigError,
    /// Nesting deeper than the program follows.
    RecursionError,
    /// YAML that does not scan.
    ScannerError,
    /// An argument of the wrong type.
    TypeError,
    /// Bytes that are not UTF-8.
    UnicodeDecodeError,
    /// A resolver that nobody registered.
    UnsupportedInterpolationType,
    /// A value that is none of the primitive types.
    UnsupportedValueType,
    /// A value that its node does not take.
    ValidationError,
    /// A Python value error.
    ValueError,
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

impl Class {
    /// Whether the class is one of those that resolving an interpolation gives by itself.
    pub(crate) fn is_interpolation(self) -> bool {
        matches!(
            self,
            Self::InterpolationKeyError
                | Self::InterpolationResolutionError
                | Self::InterpolationToMissingValueError
                | Self::UnsupportedInterpolationType
        )
    }
}

/// A line and a column of a text, both from 1.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column, in characters.
    pub column: usize,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// A refused value, key, text or interpolation.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{}", self.sentence())]
pub struct Error(Box<Detail>);

#[derive(Clone, Debug)]
struct Detail {
    class: Class,
    message: String,
    key: Option<String>,
    position: Option<Position>,
    hint: Option<String>,
}

impl Error {
    /// An error of `class` that says `message`.
    pub fn new(class: Class, message: impl Into<String>) -> Self {
        let message = message.into();
        Self(Box::new(Detail {
            class,
            message,
            key: None,
            position: None,
            hint: None,
        }))
    }

    /// The same, at the dotted key `key`, unless it already names one.
    #[must_use]
    pub fn at_key(mut self, key: impl Into<String>) -> Self {
        if self.0.key.is_none() {
            self.0.key = Some(key.into()).filter(|key| !key.is_empty());
        }
        self
    }

    /// The same, at a position of the text.
    #[must_use]
    pub fn at(mut self, position: Position) -> Self {
        self.0.position.get_or_insert(position);
        self
    }

    /// The same, with what the user may do.
    #[must_use]
    pub fn hinted(mut self, hint: impl Into<String>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }

    /// The same, seen as another class: what an outer step makes of it.
    #[must_use]
    pub fn seen_as(mut self, class: Class) -> Self {
        self.0.class = class;
        self
    }

    /// Its class.
    pub fn class(&self) -> Class {
        self.0.class
    }

    /// What went wrong, without where.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The dotted key it happened at.
    pub fn key(&self) -> Option<&str> {
        self.0.key.as_deref()
    }

    /// Where in the text it happened.
    pub fn position(&self) -> Option<Position> {
        self.0.position
    }

    /// What the user may do.
    pub fn hint(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }

    fn sentence(&self) -> String {
        let mut text = self.0.message.clone();
        if let Some(key) = &self.0.key {
            text.push_str(&format!(" (key `{key}`)"));
        }
        if let Some(position) = self.0.position {
            text.push_str(&format!(" at {position}"));
        }
        text
    }
}
