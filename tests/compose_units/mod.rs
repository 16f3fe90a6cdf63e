//! OmegaConf's half of composing: values, YAML, interpolation, merging, writing.

mod interpolation;
mod merging;
mod odd_texts;
mod reading;
mod writing;

use hlrp_sh::compose::node::{Error, Value};
use hlrp_sh::compose::resolver::World;
use hlrp_sh::compose::yaml;
use jiff::civil::date;

/// The configuration of a text.
fn conf(text: &str) -> Value {
    yaml::create(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// A value as one line that tells `1` from `1.0` and `'1'`.
fn shown(value: &Value) -> String {
    hlrp_sh::compose::node::repr(value)
}

/// The class of an error, by name.
fn class(result: Result<Value, Error>) -> String {
    match result {
        Ok(value) => format!("ok: {}", shown(&value)),
        Err(error) => error.class().to_string(),
    }
}

/// Asks `question` in a world with two environment variables and a fixed time.
fn in_world<T>(question: impl FnOnce(&World<'_>) -> T) -> T {
    let env = |name: &str| match name {
        "NAME" => Some("value".to_owned()),
        "LIKE" => Some("${a}".to_owned()),
        _ => None,
    };
    let now = date(2026, 3, 1).at(12, 34, 56, 789_012_000);
    question(&World {
        env: &env,
        now,
        hydra: None,
        custom: None,
    })
}
