//! What can be wrong with a configuration: where, what, and what to write in its place.

use std::path::{Path, PathBuf};

use super::origin::{self, Place};
use crate::compose::defaults::Malformed;
use crate::compose::node;
use crate::compose::overrides;

/// Why a configuration cannot be composed.
#[derive(Debug, thiserror::Error)]
#[error("{}{message}", self.place())]
pub struct Error {
    kind: Kind,
    message: String,
    more: Box<More>,
}

/// What else is known of it.
#[derive(Debug, Default)]
struct More {
    file: Option<PathBuf>,
    position: Option<node::Position>,
    key: Option<String>,
    hint: Option<String>,
}

/// What went wrong.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Kind {
    /// An override does not parse.
    Override,
    /// A configuration that is named is not there.
    NotFound,
    /// The configuration contradicts itself, or an override contradicts it.
    Composition,
    /// A defaults list or a value is not what it must be; the class of Python's exception.
    Invalid(&'static str),
    /// A file cannot be read; the class of Python's exception.
    Unreadable(&'static str),
    /// A value is refused, or an interpolation has no value.
    Value(node::Class),
}

impl Error {
    pub(super) fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            more: Box::default(),
        }
    }

    pub(super) fn composition(message: impl Into<String>) -> Self {
        Self::new(Kind::Composition, message)
    }

    pub(super) fn hinted(mut self, hint: impl Into<String>) -> Self {
        self.more.hint = Some(hint.into());
        self
    }

    pub(super) fn in_file(mut self, file: Option<&Path>) -> Self {
        self.more.file = file.map(Path::to_owned);
        self
    }

    pub(super) fn at(mut self, place: Option<Place>) -> Self {
        if let Some((file, position)) = place {
            self.more.file = Some(file);
            self.more.position = position;
        }
        self
    }

    /// Says it in other words.
    pub(super) fn saying(self, message: String) -> Self {
        Self { message, ..self }
    }

    /// Returns what went wrong.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Claims that an override is to blame for its form, not for what it says.
    pub fn is_bad_override(&self) -> bool {
        self.kind == Kind::Override
    }

    /// Returns the file it happened in.
    pub fn file(&self) -> Option<&Path> {
        self.more.file.as_deref()
    }

    /// Returns the line in that file.
    pub fn line(&self) -> Option<usize> {
        self.more.position.map(|position| position.line)
    }

    /// Returns the dotted key it is about.
    pub fn key(&self) -> Option<&str> {
        self.more.key.as_deref()
    }

    /// Returns what to do.
    pub fn hint(&self) -> Option<&str> {
        self.more.hint.as_deref()
    }

    /// Returns the class of the exception that Hydra raises in its place.
    pub fn class(&self) -> String {
        match self.kind {
            Kind::Override => "OverrideParseException".to_owned(),
            Kind::NotFound => "MissingConfigException".to_owned(),
            Kind::Composition => "ConfigCompositionException".to_owned(),
            Kind::Invalid(class) | Kind::Unreadable(class) => class.to_owned(),
            Kind::Value(class) => class.to_string(),
        }
    }

    fn place(&self) -> String {
        match (&self.more.file, self.more.position) {
            (Some(file), Some(position)) => format!("{}:{}: ", file.display(), position.line),
            (Some(file), None) => format!("{}: ", file.display()),
            (None, _) => String::new(),
        }
    }

    pub(crate) fn no_directory(directory: &Path) -> Self {
        let message = format!(
            "`{}` is no directory of configurations",
            directory.display()
        );
        Self::new(Kind::NotFound, message)
    }

    pub(crate) fn unknown_scheme(scheme: &str, path: &str) -> Self {
        let message = format!("`{path}`: nothing is found by `{scheme}://`");
        Self::new(Kind::Invalid("ValueError"), message)
            .hinted("a search path holds directories: file:///absolute/directory")
    }

    pub(crate) fn unreadable(file: &Path, source: &std::io::Error) -> Self {
        let class = match source.kind() {
            std::io::ErrorKind::PermissionDenied => "PermissionError",
            std::io::ErrorKind::NotFound => "FileNotFoundError",
            _ => "OSError",
        };
        Self::new(Kind::Unreadable(class), source.to_string()).in_file(Some(file))
    }

    pub(crate) fn yaml(file: &Path, source: &node::Error) -> Self {
        Self::of_value(raised(source.class()), source).in_file(Some(file))
    }

    /// Takes position, hint and key over.
    pub(super) fn of_value(kind: Kind, source: &node::Error) -> Self {
        let mut error = Self::new(kind, source.message());
        *error.more = More {
            file: None,
            position: source.position(),
            key: source.key().map(str::to_owned),
            hint: source.hint().map(str::to_owned),
        };
        error
    }

    pub(crate) fn malformed(config: &str, file: Option<&Path>, fault: Malformed) -> Self {
        let position = file.and_then(|file| origin::line_of_default(file, fault.index?));
        let message = if file.is_some() {
            fault.message
        } else {
            format!("`{config}`: {}", fault.message)
        };
        let mut error = Self::new(Kind::Invalid(fault.class), message).in_file(file);
        error.more.position = position;
        error
    }

    pub(crate) fn of_override(fault: &overrides::Error) -> Self {
        let mut error = Self::new(Kind::Override, fault.to_string());
        error.more.hint.clone_from(&fault.hint);
        error
    }
}

/// Hydra turns `OmegaConf`'s exceptions into its own, and lets others through.
pub(super) fn raised(class: node::Class) -> Kind {
    use node::Class;
    match class {
        Class::AssertionError
        | Class::ComposerError
        | Class::ConstructorError
        | Class::OSError
        | Class::ParserError
        | Class::ReaderError
        | Class::RecursionError
        | Class::ScannerError
        | Class::TypeError
        | Class::UnicodeDecodeError
        | Class::ValueError => Kind::Value(class),
        _ => Kind::Composition,
    }
}
