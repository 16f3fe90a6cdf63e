//! Why an override is no override.

/// An override that does not parse or cannot be expanded.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("override `{}`: {message}", shown(.text))]
#[non_exhaustive]
pub struct Error {
    /// The whole override.
    pub text: String,
    /// The character at which it stops making sense, counted from 0; none when the whole is meant.
    pub column: Option<usize>,
    /// What is wrong.
    pub message: String,
    /// What to write in its place.
    pub hint: Option<String>,
    /// The Python class of what Hydra would raise while it lists the values of a sweep.
    pub(crate) class: &'static str,
}

impl Error {
    pub(super) fn new(text: &str, message: impl Into<String>) -> Self {
        Self {
            text: text.to_owned(),
            column: None,
            message: message.into(),
            hint: None,
            class: "HydraException",
        }
    }

    pub(super) fn at(mut self, column: usize) -> Self {
        self.column = Some(column);
        self
    }

    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    pub(super) fn class_of(mut self, class: &'static str) -> Self {
        self.class = class;
        self
    }

    /// Returns the class of the exception that Hydra raises in its place.
    pub fn class(&self) -> &'static str {
        self.class
    }

    /// Returns the override with a caret under the column.
    pub fn drawn(&self) -> Option<String> {
        let column = self.column?;
        let text = shown(&self.text);
        Some(format!("{text}\n{}^", " ".repeat(column)))
    }
}

/// Returns the text with control characters made visible, one for one.
fn shown(text: &str) -> String {
    let visible = |c: char| match c {
        '\t' => ' ',
        c if c.is_control() => '\u{fffd}',
        c => c,
    };
    text.chars().map(visible).collect()
}
