//! Resolving: from a place with an interpolation to what it stands for.

use super::parse;
use super::place::Place;
use super::shape::{Element, Interpolation, Piece, Word};
use crate::compose::node::{Class, Dict, Error, Key, Value, display, index, split};
use crate::compose::resolver::{Call, World, answer};

/// How deep resolving may go: interpolations that lead to interpolations, and containers.
const DEEPEST: usize = 300;

/// How many values one resolving may give: a bound for interpolations that double each other.
const MOST: usize = 500_000;

/// What an interpolation stands for.
#[derive(Clone, Debug)]
pub(crate) enum Found {
    /// A node of the configuration, or one that a resolver made in it.
    Node(Place),
    /// A plain value; what looks like an interpolation in it is text.
    Plain(Value),
}

impl Found {
    /// The value, a container's own interpolations as they are.
    pub(crate) fn value(&self) -> &Value {
        match self {
            Self::Node(place) => place.value(),
            Self::Plain(value) => value,
        }
    }
}

/// One resolving: what is being resolved right now, and how much has been done.
pub(crate) struct Walk<'w> {
    /// What resolvers may ask.
    pub(crate) world: &'w World<'w>,
    active: Vec<Place>,
    depth: usize,
    count: usize,
    made: u32,
}

impl<'w> Walk<'w> {
    /// A fresh one.
    pub(crate) fn new(world: &'w World<'w>) -> Self {
        Self {
            world,
            active: Vec::new(),
            depth: 0,
            count: 0,
            made: 0,
        }
    }

    /// What `place` stands for: itself, unless it holds an interpolation.
    pub(crate) fn dereference(&mut self, place: &Place) -> Result<Found, Error> {
        let (Some(text), true) = (place.value().as_str(), place.value().is_interpolation()) else {
            return Ok(Found::Node(place.clone()));
        };
        let Some((parent, key)) = place.up() else {
            let message = "an interpolation needs a container around it";
            return Err(Error::new(Class::InterpolationResolutionError, message));
        };
        let pieces = parse::text(text)?;
        self.deeper(|walk| walk.pieces(&pieces, parent, key))
            .map_err(|error| wrap(error).at_key(place.full_key()))
    }

    /// What the single element `source` stands for, as `oc.decode` asks.
    pub(crate) fn decode(
        &mut self,
        source: &str,
        parent: &Place,
        key: &Key,
    ) -> Result<Found, Error> {
        let element = parse::element(source)?;
        self.deeper(|walk| walk.element(&element, parent, key))
            .map_err(wrap)
    }

    /// What lies at the dotted `key` seen from `place`; its own interpolation resolved.
    pub(crate) fn select(
        &mut self,
        place: &Place,
        key: &str,
        refuse_missing: bool,
    ) -> Result<Option<Found>, Error> {
        if key.is_empty() {
            return Ok(Some(Found::Node(place.clone())));
        }
        let parts = split(key);
        let Some((last, leading)) = parts.split_last() else {
            return Ok(None);
        };
        let mut container = place.clone();
        for (index, part) in leading.iter().enumerate() {
            let Some(step) = one(&container, part, refuse_missing)? else {
                return Ok(None);
            };
            match self.dereference(&step)? {
                Found::Node(node) if node.value().is_container() => container = node,
                _ => {
                    let before = parts.get(..=index).unwrap_or_default().join(".");
                    let message =
                        format!("`{key}` leads through `{before}`, which is no container");
                    return Err(Error::new(Class::ConfigTypeError, message));
                }
            }
        }
        let Some(found) = one(&container, last, refuse_missing)? else {
            return Ok(None);
        };
        if !found.value().is_interpolation() {
            return Ok(Some(Found::Node(found)));
        }
        if self.active.iter().any(|active| active.is(&found)) {
            let message = format!("`{key}` stands for itself in the end");
            return Err(Error::new(Class::InterpolationResolutionError, message));
        }
        self.active.push(found.clone());
        let resolved = self.dereference(&found);
        self.active.pop();
        resolved.map(Some)
    }

    /// The container and the rest of the key that a key with leading dots means.
    pub(crate) fn start<'k>(parent: &Place, key: &'k str) -> Result<(Place, &'k str), Error> {
        let Some(mut rest) = key.strip_prefix('.') else {
            return Ok((parent.top(), key));
        };
        let mut place = parent.clone();
        while let Some(after) = rest.strip_prefix('.') {
            let Some((above, _)) = place.up() else {
                let message = format!("`{key}` leads out of the configuration");
                return Err(Error::new(Class::ConfigKeyError, message));
            };
            place = above.clone();
            rest = after;
        }
        Ok((place, rest))
    }

    /// A value that a resolver made, standing where its interpolation stands.
    pub(crate) fn make(&mut self, parent: &Place, key: &Key, value: Value) -> Found {
        self.made = self.made.saturating_add(1);
        Found::Node(parent.made(key, value, self.made))
    }

    /// Everything in `place`, every interpolation resolved.
    pub(crate) fn resolved(&mut self, place: &Place) -> Result<Value, Error> {
        match place.value() {
            Value::Dict(dict) => {
                let mut out = Dict::with_capacity(dict.len());
                for (key, item) in dict.iter() {
                    out.insert(key.clone(), self.entry(place, key, item)?);
                }
                Ok(Value::from(out))
            }
            Value::List(list) => {
                let items = list.iter().enumerate();
                let items = items.map(|(index, item)| self.entry(place, &Key::index(index), item));
                Ok(Value::from(items.collect::<Result<Vec<Value>, Error>>()?))
            }
            plain => Ok(plain.clone()),
        }
    }

    fn entry(&mut self, place: &Place, key: &Key, item: &Value) -> Result<Value, Error> {
        self.count += 1;
        if self.count > MOST {
            let message = "the interpolations give more values than can be held";
            return Err(Error::new(Class::RecursionError, message));
        }
        if !item.is_container() && !item.is_interpolation() {
            return Ok(item.clone());
        }
        let child = place.with(key, item);
        match self.dereference(&child)? {
            Found::Node(node) if node.value().is_container() => self
                .deeper(|walk| walk.resolved(&node))
                .map_err(|error| error.at_key(child.full_key())),
            found => Ok(found.value().clone()),
        }
    }

    fn deeper<T>(&mut self, inner: impl FnOnce(&mut Self) -> Result<T, Error>) -> Result<T, Error> {
        if self.depth >= DEEPEST {
            return Err(Error::new(
                Class::RecursionError,
                "the interpolations never come to an end",
            ));
        }
        self.depth += 1;
        let done = inner(self);
        self.depth -= 1;
        done
    }

    fn pieces(&mut self, pieces: &[Piece], parent: &Place, key: &Key) -> Result<Found, Error> {
        if let [Piece::Interpolation(inner)] = pieces {
            return self.interpolation(inner, parent, key);
        }
        self.joined(pieces, parent, key)
            .map(|text| Found::Plain(Value::from(text)))
    }

    fn joined(&mut self, pieces: &[Piece], parent: &Place, key: &Key) -> Result<String, Error> {
        let mut out = String::new();
        for piece in pieces {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Interpolation(inner) => {
                    out.push_str(&display(self.interpolation(inner, parent, key)?.value()));
                }
            }
            if out.len() > MOST {
                return Err(Error::new(
                    Class::RecursionError,
                    "the interpolated text is too long",
                ));
            }
        }
        Ok(out)
    }

    /// The pieces of a key or a name, of which each must be text.
    fn names(&mut self, pieces: &[Piece], parent: &Place, key: &Key) -> Result<Vec<String>, Error> {
        pieces
            .iter()
            .map(|piece| match piece {
                Piece::Text(text) => Ok(text.clone()),
                Piece::Interpolation(inner) => {
                    let found = self.interpolation(inner, parent, key)?;
                    found.value().as_str().map(str::to_owned).ok_or_else(|| {
                        let shown = display(found.value());
                        let message = format!("`{shown}` is not text, and so no key or name");
                        Error::new(Class::InterpolationResolutionError, message)
                    })
                }
            })
            .collect()
    }

    fn interpolation(
        &mut self,
        inner: &Interpolation,
        parent: &Place,
        key: &Key,
    ) -> Result<Found, Error> {
        match inner {
            Interpolation::Node(pieces) => {
                let wanted = self.names(pieces, parent, key)?.concat();
                self.node(&wanted, parent)
            }
            Interpolation::Resolver { name, arguments } => {
                let name = self.names(name, parent, key)?.join(".");
                let arguments = arguments
                    .iter()
                    .map(|argument| self.element(argument, parent, key))
                    .collect::<Result<Vec<Found>, Error>>()?;
                answer(
                    self,
                    &Call {
                        name: &name,
                        arguments: &arguments,
                        parent,
                        key,
                    },
                )
            }
        }
    }

    /// What `${wanted}` means where it stands in `parent`.
    fn node(&mut self, wanted: &str, parent: &Place) -> Result<Found, Error> {
        let (start, rest) = Self::start(parent, wanted)
            .map_err(|error| error.seen_as(Class::InterpolationKeyError))?;
        let found = self
            .select(&start, rest, true)
            .map_err(|error| match error.class() {
                Class::MissingMandatoryValue => {
                    error.seen_as(Class::InterpolationToMissingValueError)
                }
                _ => error,
            })?;
        let Some(found) = found else {
            let message = format!("there is no `{wanted}` to interpolate");
            return Err(Error::new(Class::InterpolationKeyError, message));
        };
        if let Found::Node(target) = &found
            && parent.lies_in(target)
        {
            let message = format!("`{wanted}` is a container of its own interpolation");
            return Err(Error::new(Class::InterpolationResolutionError, message));
        }
        Ok(found)
    }

    fn element(&mut self, element: &Element, parent: &Place, key: &Key) -> Result<Found, Error> {
        let value = match element {
            Element::Interpolation(inner) => return self.interpolation(inner, parent, key),
            Element::Word(word) => meaning(word),
            Element::Joined(pieces) => Value::from(self.joined(pieces, parent, key)?),
            Element::Quoted(pieces) => {
                let found = self.pieces(pieces, parent, key)?;
                Value::from(display(found.value()))
            }
            Element::List(items) => {
                let items = items.iter().map(|item| {
                    self.element(item, parent, key)
                        .map(|found| found.value().clone())
                });
                Value::from(items.collect::<Result<Vec<Value>, Error>>()?)
            }
            Element::Dict(entries) => {
                let mut dict = Dict::default();
                for (name, item) in entries {
                    let name = self.element(name, parent, key)?;
                    let item = self.element(item, parent, key)?.value().clone();
                    dict.insert(as_key(name.value()), item);
                }
                Value::from(dict)
            }
        };
        Ok(Found::Plain(value))
    }
}

/// What a word without quotes means.
fn meaning(word: &Word) -> Value {
    match word {
        Word::Null => Value::Null,
        Word::Bool(flag) => Value::Bool(*flag),
        Word::Int(digits) => crate::compose::scalar::integer(digits),
        Word::Float(digits) => Value::Float(digits.parse().unwrap_or(f64::NAN)),
        Word::Text(text) => Value::from(text.as_str()),
    }
}

/// A mapping's key from a value.
fn as_key(value: &Value) -> Key {
    match value {
        Value::Bool(flag) => Key::Bool(*flag),
        Value::Int(int) => Key::Int(*int),
        Value::Big(digits) => Key::Big(digits.clone()),
        Value::Float(float) => Key::Float(*float),
        Value::Str(text) => Key::Str(text.clone()),
        Value::Null => Key::Null,
        other => Key::from(display(other).as_str()),
    }
}

/// One step down: the child, or nothing.
fn one(container: &Place, part: &str, refuse_missing: bool) -> Result<Option<Place>, Error> {
    let key = match container.value() {
        Value::List(_) => Key::Int(index(part).ok_or_else(|| {
            let message = format!("the list's index `{part}` is not an integer");
            Error::new(Class::TypeError, message)
        })?),
        _ => Key::from(part),
    };
    let Some(child) = container.child(&key) else {
        return Ok(None);
    };
    if refuse_missing && child.value().is_missing() {
        let message = format!("`{}` must be given a value", child.full_key());
        return Err(Error::new(Class::MissingMandatoryValue, message));
    }
    Ok(Some(child))
}

/// What resolving makes of an error that is not its own.
fn wrap(error: Error) -> Error {
    if error.class().is_interpolation() {
        error
    } else {
        error.seen_as(Class::InterpolationResolutionError)
    }
}
