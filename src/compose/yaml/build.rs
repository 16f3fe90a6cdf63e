//! Events to values: anchors, merged mappings, duplicate keys, and the kinds of scalars.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use libyaml_safer::{Event, EventData};

use super::events::{events, position};
use super::tag::{self, Shape};
use crate::compose::node::{Class, Dict, Error, Key, Value};
use crate::compose::scalar::{self, Kind};

/// How many values a document may come to when its aliases are written out.
const MOST: usize = 2_000_000;

/// The value of the only document of `text`; `null` where there is none.
///
/// # Errors
///
/// Text that is no YAML, or whose values no configuration can hold.
pub(super) fn document(text: &str) -> Result<Value, Error> {
    let events = events(text)?;
    let mut builder = Builder {
        events: events.into_iter(),
        anchors: HashMap::new(),
        late: None,
        size: 0,
    };
    let mut value = None;
    while let Some(event) = builder.events.next() {
        match event.data {
            EventData::DocumentStart { .. } if value.is_some() => {
                let error = Error::new(Class::ComposerError, "the text holds a second document");
                return Err(error.at(position(event.start_mark)));
            }
            EventData::DocumentStart { .. } => value = Some(builder.root()?),
            _ => {}
        }
    }
    match builder.late {
        Some(error) => Err(error),
        None => Ok(value.unwrap_or_default()),
    }
}

/// A node that is built: its value, and what it may be as a key.
struct Node {
    value: Value,
    /// Whether it is the plain `<<`, which merges.
    merges: bool,
    /// Whether its tag is that of text, for which duplicates are refused.
    text: bool,
    /// How many values it comes to, aliases written out.
    size: usize,
}

struct Builder {
    events: std::vec::IntoIter<Event>,
    /// What each anchor names; nothing while it is being built.
    anchors: HashMap<String, Option<(Value, usize)>>,
    /// The first error that only the configuration makes, which any error of the text precedes.
    late: Option<Error>,
    size: usize,
}

impl Builder {
    fn root(&mut self) -> Result<Value, Error> {
        let Some(event) = self.events.next() else {
            return Ok(Value::Null);
        };
        let node = self.node(event)?;
        node.kept().map(|node| node.value)
    }

    fn late(&mut self, error: Error) {
        self.late.get_or_insert(error);
    }

    fn node(&mut self, event: Event) -> Result<Node, Error> {
        let place = position(event.start_mark);
        let (anchor, done) = match event.data {
            EventData::Alias { anchor } => return self.alias(&anchor).map_err(|e| e.at(place)),
            EventData::Scalar {
                anchor,
                tag,
                value,
                plain_implicit,
                quoted_implicit,
                ..
            } => {
                self.open(anchor.as_ref())
                    .map_err(|error| error.at(place))?;
                let implicit = plain_implicit || tag.is_none() && !quoted_implicit;
                (anchor, self.scalar(tag.as_deref(), value, implicit))
            }
            EventData::SequenceStart { anchor, tag, .. } => {
                self.open(anchor.as_ref())
                    .map_err(|error| error.at(place))?;
                (anchor, self.sequence(tag.as_deref()))
            }
            EventData::MappingStart { anchor, tag, .. } => {
                self.open(anchor.as_ref())
                    .map_err(|error| error.at(place))?;
                (anchor, self.mapping(tag.as_deref()))
            }
            _ => return Err(Error::new(Class::ParserError, "a value is missing").at(place)),
        };
        let node = done.map_err(|error| error.at(place))?;
        if let Some(anchor) = anchor {
            self.anchors
                .insert(anchor, Some((node.value.clone(), node.size)));
        }
        Ok(node)
    }

    fn open(&mut self, anchor: Option<&String>) -> Result<(), Error> {
        let Some(anchor) = anchor else { return Ok(()) };
        if self.anchors.insert(anchor.clone(), None).is_some() {
            let message = format!("the anchor `{anchor}` is given twice");
            return Err(Error::new(Class::ComposerError, message));
        }
        Ok(())
    }

    fn alias(&mut self, anchor: &str) -> Result<Node, Error> {
        let (value, size) = match self.anchors.get(anchor) {
            Some(Some((value, size))) => (value.clone(), *size),
            Some(None) => {
                let message = format!("the anchor `{anchor}` holds itself");
                return Err(Error::new(Class::RecursionError, message));
            }
            None => {
                let message = format!("there is no anchor `{anchor}`");
                return Err(Error::new(Class::ComposerError, message));
            }
        };
        self.size = self.size.saturating_add(size);
        if self.size > MOST {
            let message = "the aliases come to more values than can be held";
            return Err(Error::new(Class::ComposerError, message));
        }
        let text = matches!(value, Value::Str(_));
        Ok(Node {
            value,
            merges: false,
            text,
            size,
        })
    }

    fn scalar(&mut self, tag: Option<&str>, value: String, implicit: bool) -> Result<Node, Error> {
        self.size += 1;
        let node = |value, text| Node {
            value,
            merges: false,
            text,
            size: 1,
        };
        if let Some(tag) = tag.filter(|tag| *tag != "!") {
            return match tag::scalar(tag, &value)? {
                Shape::Value(value) => Ok(node(value, tag == tag::STR)),
                Shape::Merge => Ok(Node {
                    merges: true,
                    ..node(Value::Null, false)
                }),
                Shape::Unsupported(what) => {
                    self.late(unsupported(what));
                    Ok(node(Value::Null, false))
                }
            };
        }
        let kind = if implicit || tag.is_some() {
            scalar::kind(&value)
        } else {
            Kind::Str
        };
        Ok(match kind {
            Kind::Str => node(Value::Str(value.into()), true),
            Kind::Merge => Node {
                merges: true,
                ..node(Value::Null, false)
            },
            // As a key, `=` is text; as a value, `kept` refuses it.
            Kind::Default => Node {
                merges: true,
                ..node(Value::from("="), false)
            },
            kind => node(scalar::construct(kind, &value)?, false),
        })
    }

    fn sequence(&mut self, tag: Option<&str>) -> Result<Node, Error> {
        self.size += 1;
        let (mut items, mut size) = (Vec::new(), 1_usize);
        while let Some(event) = self.events.next() {
            if event.data == EventData::SequenceEnd {
                break;
            }
            let item = self.node(event)?.kept()?;
            size = size.saturating_add(item.size);
            items.push(item.value);
        }
        let value = match tag.filter(|tag| *tag != "!") {
            None => Value::from(items),
            Some(tag) => tag::sequence(tag, items)?,
        };
        Ok(Node {
            value,
            merges: false,
            text: false,
            size,
        })
    }

    fn mapping(&mut self, tag: Option<&str>) -> Result<Node, Error> {
        self.size += 1;
        let mut entries = Entries::default();
        while let Some(event) = self.events.next() {
            if event.data == EventData::MappingEnd {
                break;
            }
            let place = position(event.start_mark);
            let key = self.node(event)?;
            let Some(event) = self.events.next() else {
                break;
            };
            let value = self.node(event)?;
            if let Some(error) = entries.add(key, value).map_err(|error| error.at(place))? {
                self.late(error.at(place));
            }
        }
        let size = entries.size.saturating_add(1);
        let value = match tag.filter(|tag| *tag != "!" && *tag != tag::MAP) {
            None => Value::from(entries.dict()),
            Some(tag) => match tag::mapping(tag, &entries.own)? {
                Shape::Value(value) => value,
                Shape::Merge => Value::Null,
                Shape::Unsupported(what) => {
                    self.late(unsupported(what));
                    Value::Null
                }
            },
        };
        Ok(Node {
            value,
            merges: false,
            text: false,
            size,
        })
    }
}

impl Node {
    /// The node, where it is a value and no mark of a mapping.
    fn kept(self) -> Result<Self, Error> {
        if self.merges {
            return Err(Error::new(
                Class::ConstructorError,
                "`<<` and `=` are no values",
            ));
        }
        Ok(self)
    }
}

/// The entries of a mapping: first those merged in, then its own.
#[derive(Default)]
struct Entries {
    merged: Vec<Arc<Dict>>,
    own: Dict,
    names: HashSet<Arc<str>>,
    size: usize,
}

impl Entries {
    /// Adds an entry; gives the error that a configuration makes of its key.
    fn add(&mut self, key: Node, value: Node) -> Result<Option<Error>, Error> {
        self.size = self
            .size
            .saturating_add(key.size)
            .saturating_add(value.size);
        if key.merges && matches!(key.value, Value::Null) {
            self.merge(value.value)?;
            return Ok(None);
        }
        let value = value.kept()?.value;
        let own = match key.value {
            Value::Str(name) => {
                if key.text && !self.names.insert(name.clone()) {
                    let message = format!("the key `{name}` is given twice");
                    return Err(Error::new(Class::ConstructorError, message));
                }
                Key::Str(name)
            }
            Value::Int(int) => Key::Int(int),
            Value::Big(digits) => Key::Big(digits),
            Value::Float(float) => Key::Float(float),
            Value::Bool(flag) => Key::Bool(flag),
            Value::Bytes(bytes) => Key::Bytes(bytes),
            Value::List(_) | Value::Dict(_) => {
                let message = "a list or a mapping is no key";
                return Err(Error::new(Class::ConstructorError, message));
            }
            Value::Null | Value::Path(_) => {
                let message = "a key must be text, a number, a boolean or bytes";
                return Ok(Some(Error::new(Class::KeyValidationError, message)));
            }
        };
        self.own.insert(own, value);
        Ok(None)
    }

    fn merge(&mut self, value: Value) -> Result<(), Error> {
        let refuse = || {
            Error::new(
                Class::ConstructorError,
                "`<<` takes a mapping or a list of them",
            )
        };
        match value {
            Value::Dict(dict) => self.merged.push(dict),
            Value::List(list) => {
                for item in list.iter().rev() {
                    let Value::Dict(dict) = item else {
                        return Err(refuse());
                    };
                    self.merged.push(dict.clone());
                }
            }
            _ => return Err(refuse()),
        }
        Ok(())
    }

    fn dict(&self) -> Dict {
        if self.merged.is_empty() {
            return self.own.clone();
        }
        let merged = self.merged.iter().flat_map(|dict| dict.iter());
        let entries = merged.chain(self.own.iter());
        entries
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect()
    }
}

fn unsupported(what: &str) -> Error {
    Error::new(
        Class::UnsupportedValueType,
        format!("a configuration cannot hold a {what}"),
    )
}
