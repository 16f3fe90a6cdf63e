//! YAML text to values: `PyYAML`'s reading of YAML 1.1, as `OmegaConf` loads it.
//!
//! `events` turns text into libyaml's events, `quirks` knows where `PyYAML` differs, `build` turns them
//! into values, `tag` does what explicit tags ask, `locate` finds a key's place again.

mod build;
mod events;
mod locate;
mod quirks;
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
    contents(build::document(text)?, Class::AssertionError)
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
    match build::document(text)? {
        // A lone word of a file is read once more, as a text of its own.
        Value::Str(word) => create(&word),
        value => contents(value, Class::OSError),
    }
}

fn contents(value: Value, neither: Class) -> Result<Value, Error> {
    let value = match value {
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
