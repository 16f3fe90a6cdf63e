//! From the text of policy files to the law that judges, and every way in which
//! that fails, with the place where it did.

use std::fmt;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::build::Draft;
use super::document::Document;
use super::judge::Policy;
use super::layers::{Layer, LayerKind};

/// The built-in law as a person reads it.
pub const BUILTIN: &str = include_str!("../../policies/hlrp.toml");

/// The same without comments and examples, as `build.rs` leaves it.
const COMPACT: &str = include_str!(concat!(env!("OUT_DIR"), "/law.json"));

/// A layer that allows nothing but reading, to lay over the law.
pub const READ_ONLY: &str = include_str!("../../policies/readonly.toml");

impl Policy {
    /// Returns the built-in law.
    ///
    /// # Errors
    ///
    /// Where the built-in law is not complete, which the tests exclude.
    pub fn builtin() -> Result<Self, LoadError> {
        Self::load(&[])
    }

    /// Returns the built-in law with layers over it, from the machine's to the project's.
    ///
    /// # Errors
    ///
    /// Where a layer does not parse, loosens what is locked, or names what is not there.
    pub fn load(layers: &[Layer]) -> Result<Self, LoadError> {
        let builtin = builtin_layer();
        let document = serde_json::from_str(COMPACT).map_err(|fault| LoadError {
            path: builtin.path.clone(),
            line: 1,
            column: 1,
            message: fault.to_string(),
            hint: None,
        })?;
        assemble(Draft::on_tried_base(), document, &builtin, layers)
    }

    /// Returns the same with the examples of every rule, for `policy explain`, `test` and `lint`.
    ///
    /// # Errors
    ///
    /// As [`Policy::load`].
    pub fn load_with_examples(layers: &[Layer]) -> Result<Self, LoadError> {
        Self::load_over(&builtin_layer(), layers)
    }

    /// Returns the law of another base with layers over it.
    ///
    /// # Errors
    ///
    /// As [`Policy::load`].
    pub fn load_over(base: &Layer, layers: &[Layer]) -> Result<Self, LoadError> {
        assemble(Draft::default(), parse(base)?, base, layers)
    }
}

fn builtin_layer() -> Layer {
    Layer {
        kind: LayerKind::Builtin,
        path: PathBuf::from("policies/hlrp.toml"),
        text: BUILTIN.into(),
    }
}

fn assemble(
    mut draft: Draft,
    document: Document,
    base: &Layer,
    layers: &[Layer],
) -> Result<Policy, LoadError> {
    let sources: Vec<&Layer> = [base].into_iter().chain(layers).collect();
    let located = |fault: Fault| {
        let source = sources.get(fault.layer).copied().unwrap_or(base);
        fault.in_layer(source)
    };
    draft.add(0, base.kind, document).map_err(located)?;
    for (number, layer) in layers.iter().enumerate() {
        let document = parse(layer)?;
        draft
            .add(number + 1, layer.kind, document)
            .map_err(located)?;
    }
    draft.finish().map_err(located)
}

fn parse(layer: &Layer) -> Result<Document, LoadError> {
    let document: Document = toml::from_str(&layer.text).map_err(|fault| {
        let offset = fault.span().map_or(0, |span| span.start);
        LoadError::at(layer, offset, fault.message().to_owned())
    })?;
    if document.schema == 1 {
        Ok(document)
    } else {
        let fault = Fault::new("only `schema = 1` is known").at([Step::key("schema")]);
        Err(fault.in_layer(layer))
    }
}

/// A policy file that does not load.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub struct LoadError {
    /// The file.
    pub path: PathBuf,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        write!(f, "{path}:{}:{}: {}", self.line, self.column, self.message)?;
        match &self.hint {
            Some(hint) => write!(f, "\nhint: {hint}"),
            None => Ok(()),
        }
    }
}

impl LoadError {
    /// Returns the error for a file that cannot be read.
    pub(crate) fn unreadable(path: &Path, fault: &std::io::Error) -> Self {
        Self {
            path: path.to_owned(),
            line: 1,
            column: 1,
            message: fault.to_string(),
            hint: Some("a policy that exists must be readable; nothing runs without it".to_owned()),
        }
    }

    /// Returns the error at the first place of a layer where a text stands.
    pub fn near(layer: &Layer, text: &str, message: String, hint: String) -> Self {
        Self {
            hint: Some(hint),
            ..Self::at(layer, layer.text.find(text).unwrap_or(0), message)
        }
    }

    fn at(layer: &Layer, offset: usize, message: String) -> Self {
        let before = layer.text.get(..offset).unwrap_or(&layer.text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Self {
            path: layer.path.clone(),
            line: before.matches('\n').count() + 1,
            column: before
                .get(line_start..)
                .map_or(1, |start| start.chars().count() + 1),
            message: message.trim_end().replace('\n', " "),
            hint: None,
        }
    }
}

impl From<LoadError> for crate::error::Error {
    fn from(fault: LoadError) -> Self {
        Self::Policy(fault.to_string())
    }
}

/// Something wrong with the meaning of a policy, at a key of one of its layers.
#[derive(Debug)]
pub(crate) struct Fault {
    pub(crate) layer: usize,
    pub(crate) steps: Vec<Step>,
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
}

impl Fault {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self {
            layer: 0,
            steps: Vec::new(),
            message: message.into(),
            hint: None,
        }
    }

    pub(crate) fn at(mut self, steps: impl IntoIterator<Item = Step>) -> Self {
        self.steps = steps.into_iter().collect();
        self
    }

    pub(crate) fn layer(mut self, layer: usize) -> Self {
        self.layer = layer;
        self
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    pub(crate) fn in_layer(self, layer: &Layer) -> LoadError {
        LoadError {
            hint: self.hint,
            ..LoadError::at(layer, offset_of(&layer.text, &self.steps), self.message)
        }
    }
}

/// One step on the way to a value in a policy file.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Key(String),
    Item(usize),
}

impl Step {
    pub(crate) fn key(key: impl Into<String>) -> Self {
        Self::Key(key.into())
    }
}

/// Returns where the value that the steps lead to begins; as far as they lead.
fn offset_of(text: &str, steps: &[Step]) -> usize {
    let Ok(document) = DeTable::parse(text) else {
        return 0;
    };
    let mut offset = 0;
    let mut table = Some(document.get_ref());
    let mut value: Option<&Spanned<DeValue<'_>>> = None;
    for step in steps {
        let next = match step {
            Step::Key(key) => table.and_then(|table| {
                let (name, value) = table.iter().find(|(name, _)| name.get_ref() == key)?;
                Some((value, name.span().start))
            }),
            Step::Item(number) => value.and_then(|value| match value.get_ref() {
                DeValue::Array(items) => items.get(*number).map(|item| (item, item.span().start)),
                // One value stands where a list of them may.
                _ => Some((value, value.span().start)),
            }),
        };
        let Some((found, start)) = next else {
            break;
        };
        offset = start;
        value = Some(found);
        table = found.get_ref().as_table();
    }
    offset
}
