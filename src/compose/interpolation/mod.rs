//! Interpolations: `${a.b}`, `${.sibling}`, `${resolver:argument}` within text.
//!
//! `token` and `parse` know the grammar, `place` the way to a node, `walk` looks things up.
//! What resolvers answer is in [`resolver`](super::resolver).

mod number;
mod parse;
mod place;
mod shape;
mod simple;
mod token;
mod walk;

pub(crate) use place::Place;
pub(crate) use walk::{Found, Walk};

use super::node::{Class, DEPTH, Error, Key, Value, full_key};
use super::resolver::World;

/// Checks that every interpolation in `value` parses, and that nothing nests too deeply.
///
/// # Errors
///
/// The first interpolation that does not parse.
pub fn validate(value: &Value) -> Result<(), Error> {
    validate_at(value, &mut Vec::new())
        .map_err(|(error, path)| error.at_key(full_key(value, &path)))
}

fn validate_at(value: &Value, path: &mut Vec<Key>) -> Result<(), (Error, Vec<Key>)> {
    if path.len() > DEPTH {
        let error = Error::new(Class::RecursionError, "the configuration nests too deeply");
        return Err((error, path.clone()));
    }
    match value {
        Value::Str(text) if text.contains("${") => match parse::text(text) {
            Ok(_) => Ok(()),
            Err(_) if simple::is_simple(text) => Ok(()),
            Err(error) => Err((error, path.clone())),
        },
        Value::Dict(dict) if dict.value(&Key::Null).is_some() => {
            let message = "a key must be text, a number, a boolean or bytes";
            Err((Error::new(Class::KeyValidationError, message), path.clone()))
        }
        Value::Dict(dict) => dict
            .iter()
            .try_for_each(|(key, item)| step(item, key.clone(), path)),
        Value::List(list) => list
            .iter()
            .enumerate()
            .try_for_each(|(index, item)| step(item, Key::index(index), path)),
        _ => Ok(()),
    }
}

fn step(item: &Value, key: Key, path: &mut Vec<Key>) -> Result<(), (Error, Vec<Key>)> {
    if !item.is_container() && !item.is_interpolation() {
        return Ok(());
    }
    path.push(key);
    validate_at(item, path)?;
    path.pop();
    Ok(())
}

/// The container that the interpolation at `path` leads to, if it leads to one.
pub(crate) fn container_at(root: &Value, path: &[Key], world: &World<'_>) -> Option<Value> {
    let place = Place::at(root, path)?;
    match Walk::new(world).dereference(&place) {
        Ok(Found::Node(node)) if node.value().is_container() => Some(node.value().clone()),
        _ => None,
    }
}
