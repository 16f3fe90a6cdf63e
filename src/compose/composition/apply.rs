//! What overrides say about values, done.

use super::error::{self, Error, Kind};
use crate::compose::hydra;
use crate::compose::node::{self, Change, Class, Dict, Key, Value};
use crate::compose::overrides::{Element, Kind as Action, Override};
use crate::compose::resolver::World;

/// Applies overrides in order.
pub(super) fn values(
    root: &mut Value,
    overrides: &[&Override],
    world: &World<'_>,
) -> Result<(), Error> {
    for one in overrides {
        if one.package.is_some() {
            let message = format!("override `{}`: there is no group `{}`", one.text, one.key);
            return Err(Error::composition(message));
        }
        apply(root, one, world)?;
    }
    Ok(())
}

fn apply(root: &mut Value, one: &Override, world: &World<'_>) -> Result<(), Error> {
    let value = one.value.as_ref().map(value).transpose();
    let value = value.map_err(|fault| refused(one, &fault))?;
    match one.kind {
        Action::Delete => delete(root, one, value, world),
        Action::Add => {
            let value = value.unwrap_or(Value::Null);
            let there = select(root, one, world)?;
            if there.is_some() && !value.is_container() {
                let message = format!("override `{}`: `{}` is there already", one.text, one.key);
                let plain = one.text.trim_start_matches('+');
                return Err(Error::composition(message).hinted(format!("write {plain}")));
            }
            update(root, one, value, true, world)
        }
        Action::ForceAdd => update(root, one, value.unwrap_or(Value::Null), true, world),
        Action::Change => update(root, one, value.unwrap_or(Value::Null), false, world),
    }
}

fn select(root: &Value, one: &Override, world: &World<'_>) -> Result<Option<Value>, Error> {
    let found = node::select(root, &one.key, world).map_err(|fault| refused(one, &fault))?;
    Ok(found.filter(|found| !matches!(found, Value::Null)))
}

fn update(
    root: &mut Value,
    one: &Override,
    value: Value,
    force_add: bool,
    world: &World<'_>,
) -> Result<(), Error> {
    let value = match root.get("hydra") {
        Some(current) if one.key == "hydra" || one.key.starts_with("hydra.") => {
            let admitted = hydra::admit_at(current, &one.key, value);
            admitted.map_err(|fault| refused(one, &fault))?
        }
        _ => value,
    };
    let change = Change {
        merge: true,
        force_add,
    };
    node::update(root, &one.key, value, change, world).map_err(|fault| refused(one, &fault))
}

fn delete(
    root: &mut Value,
    one: &Override,
    value: Option<Value>,
    world: &World<'_>,
) -> Result<(), Error> {
    let Some(there) = select(root, one, world)? else {
        let message = format!("override `{}`: there is no `{}`", one.text, one.key);
        return Err(Error::composition(message));
    };
    let value = value.filter(|value| !matches!(value, Value::Null));
    if let Some(value) = value
        && !is_equal(&value, &there)
    {
        let there = node::display(&there);
        let message = format!("override `{}`: `{}` is `{there}`", one.text, one.key);
        return Err(Error::composition(message));
    }
    let hydra = root.get("hydra").filter(|_| one.key.starts_with("hydra."));
    if hydra.is_some_and(|hydra| hydra::is_fixed(hydra, &one.key)) {
        let message = format!("override `{}`: Hydra itself needs `{}`", one.text, one.key);
        return Err(Error::composition(message));
    }
    node::delete(root, &one.key)
        .map(drop)
        .map_err(|fault| refused(one, &fault))
}

fn refused(one: &Override, fault: &node::Error) -> Error {
    let kind = error::raised(fault.class());
    let message = format!("override `{}`: {}", one.text, fault.message());
    let error = Error::of_value(kind, fault).saying(message);
    let is_unknown = matches!(
        fault.class(),
        Class::ConfigAttributeError | Class::ConfigKeyError
    );
    if kind == Kind::Composition && is_unknown && one.kind == Action::Change {
        let add = format!("+{} adds it", one.text);
        let hint = match fault.hint() {
            Some(hint) if hint.starts_with("did you mean") => format!("{hint} {add}"),
            _ => add,
        };
        return error.hinted(hint);
    }
    error
}

/// Claims that Python would call them equal.
fn is_equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::List(a), Value::List(b)) => {
            a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| is_equal(a, b))
        }
        (Value::Dict(a), Value::Dict(b)) => {
            let mut pairs = a.iter();
            let is_there = |(key, a): (&Key, &Value)| b.value(key).is_some_and(|b| is_equal(a, b));
            a.len() == b.len() && pairs.all(is_there)
        }
        (Value::Null, Value::Null) => true,
        (Value::Str(a), Value::Str(b)) => a == b,
        _ => match (key(a), key(b)) {
            (Some(a), Some(b)) => a == b,
            _ => false,
        },
    }
}

/// A plain value as a key: those compare as Python compares.
fn key(value: &Value) -> Option<Key> {
    Some(match value {
        Value::Str(text) | Value::Path(text) => Key::Str(text.clone()),
        Value::Int(int) => Key::Int(*int),
        Value::Big(digits) => Key::Big(digits.clone()),
        Value::Float(float) => Key::Float(*float),
        Value::Bool(flag) => Key::Bool(*flag),
        Value::Bytes(bytes) => Key::Bytes(bytes.clone()),
        Value::Null | Value::List(_) | Value::Dict(_) => return None,
    })
}

/// Returns the value of an override as a value of a configuration.
pub(super) fn value(element: &Element) -> Result<Value, node::Error> {
    Ok(match element {
        Element::Null => Value::Null,
        Element::Bool(flag) => Value::from(*flag),
        Element::Int(int) => Value::from(*int),
        Element::Big(digits) => Value::Big(digits.as_str().into()),
        Element::Float(float) => Value::from(*float),
        Element::Text(text) => Value::from(text.as_str()),
        Element::Quoted(quoted) => Value::from(quoted.text.as_str()),
        Element::List(items) => {
            let items = items.iter().map(value);
            Value::from(items.collect::<Result<Vec<_>, _>>()?)
        }
        Element::Dict(pairs) => {
            let mut dict = Dict::with_capacity(pairs.len());
            for (name, item) in pairs {
                let Some(name) = key(&value(name)?) else {
                    let message = "a key of a mapping must be a text, a number or a boolean";
                    return Err(node::Error::new(Class::KeyValidationError, message));
                };
                dict.insert(name, value(item)?);
            }
            Value::from(dict)
        }
        Element::Sweep(_) | Element::Glob(_) => {
            let message = "a sweep is no value";
            return Err(node::Error::new(Class::UnsupportedValueType, message));
        }
    })
}
