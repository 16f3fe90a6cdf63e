//! Looking up one dotted key, interpolations resolved on the way, as `OmegaConf.select` does.

use super::{Class, Error, Value};
use crate::compose::interpolation::{Found, Place, Walk};
use crate::compose::resolver::World;

/// What lies at the dotted `key`, its own interpolation resolved but not those inside a
/// container; `None` where there is nothing, or only the missing value.
///
/// # Errors
///
/// An interpolation that cannot be resolved, an index that is none.
pub fn select(root: &Value, key: &str, world: &World<'_>) -> Result<Option<Value>, Error> {
    match Walk::new(world).select(&Place::root(root), key, false) {
        Ok(found) => Ok(found
            .map(|found| found.value().clone())
            .filter(|value| !value.is_missing())),
        Err(error) if error.class() == Class::ConfigTypeError => Ok(None),
        Err(error) => Err(outermost(error)),
    }
}

/// What lies at the dotted `key`, every interpolation inside it resolved.
///
/// # Errors
///
/// As [`select`], and where what lies there is missing.
pub fn select_resolved(root: &Value, key: &str, world: &World<'_>) -> Result<Option<Value>, Error> {
    let mut walk = Walk::new(world);
    let found = match walk.select(&Place::root(root), key, true) {
        Err(error) if error.class() == Class::ConfigTypeError => return Ok(None),
        found => found.map_err(outermost)?,
    };
    match found {
        Some(Found::Node(place)) => walk.resolved(&place).map(Some),
        Some(Found::Plain(value)) => Ok(Some(value)),
        None => Ok(None),
    }
}

/// The whole configuration with every interpolation resolved.
///
/// # Errors
///
/// An interpolation that cannot be resolved.
pub fn resolved(root: &Value, world: &World<'_>) -> Result<Value, Error> {
    Walk::new(world).resolved(&Place::root(root))
}

/// What the outermost call makes of an error of Python's own.
fn outermost(error: Error) -> Error {
    match error.class() {
        Class::TypeError => error.seen_as(Class::ConfigTypeError),
        Class::ValueError => error.seen_as(Class::ConfigValueError),
        _ => error,
    }
}
