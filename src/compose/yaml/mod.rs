//! YAML text to values: `PyYAML`'s reading of YAML 1.1, as `OmegaConf` loads it.
//!
//! `events` turns text into libyaml's events with `PyYAML`'s differences, `build` turns them
//! into values, `tag` does what explicit tags ask, `locate` finds a key's place again.

mod build;
mod events;
mod locate;
mod tag;

pub use locate::locate;

use super::interpolation::validate;
use super::node::{Class, Dict, Error, Key, Value};

/// The configuration that a text is, as `OmegaConf.create` makes it.
///
/// # Errors
///
/// Text that is no YAML, or whose values no configuration can hold.
pub fn create(text: &str) -> Result<Value, Error> {
    contents(text, Class::AssertionError)
}

/// The configuration that a file's bytes are, as `OmegaConf.load` makes it.
///
/// # Errors
///
/// As [`create`], and bytes that are not UTF-8.
pub fn load(bytes: &[u8]) -> Result<Value, Error> {
    let text = str::from_utf8(bytes).map_err(|error| {
        let message = format!("the file is not UTF-8 from byte {} on", error.valid_up_to());
        Error::new(Class::UnicodeDecodeError, message)
    })?;
    contents(text, Class::OSError)
}

fn contents(text: &str, neither: Class) -> Result<Value, Error> {
    let value = match build::document(text)? {
        Value::Null => Value::empty(),
        Value::Str(word) => Value::from(Dict::from_iter([(Key::Str(word), Value::Null)])),
        container @ (Value::List(_) | Value::Dict(_)) => container,
        _ => {
            return Err(Error::new(
                neither,
                "the text is neither a list nor a mapping",
            ));
        }
    };
    validate(&value)?;
    Ok(value)
}
