//! The operations on values alone: reading YAML, resolving interpolations, writing YAML.

use std::env;
use std::sync::atomic::{AtomicBool, Ordering};

use hlrp_sh::compose::dump::to_yaml;
use hlrp_sh::compose::interpolation::validate;
use hlrp_sh::compose::node::{Value, resolved, select_resolved};
use hlrp_sh::compose::resolver::World;
use hlrp_sh::compose::yaml;
use jiff::civil::{DateTime, date};
use serde_json::Value as Json;

use super::code::{Decoded, encode, text, unhex};
use crate::{Answer, refused};

/// Whether a question has asked for the resolver `test`, which then stays, as in Python.
static TESTED: AtomicBool = AtomicBool::new(false);

/// The time that every question is asked at.
pub(crate) fn now() -> DateTime {
    date(2026, 3, 1).at(12, 34, 56, 789_012_000)
}

/// The variable as the question sets it, else as it is.
pub(crate) fn variable(question: &Json, name: &str) -> Option<String> {
    match question.get("env").and_then(|env| env.get(name)) {
        Some(value) => value.as_str().map(str::to_owned),
        None if name.starts_with("HLRPT_") => None,
        None => env::var(name).ok(),
    }
}

/// `text`, or bytes as a file, read as a configuration.
pub(crate) fn yaml(question: &Json) -> Answer {
    let value = match (question.get("via"), question.get("bytes_hex")) {
        (Some(_), Some(digits)) => yaml::load(&unhex(digits.as_str().unwrap_or(""))),
        (Some(_), None) => yaml::load(source(question).as_bytes()),
        _ => yaml::create(source(question)),
    };
    let value = value.map_err(|error| refused(&error))?;
    Ok(vec![
        ("value", encode(&value)),
        ("yaml", text(&to_yaml(&value))),
    ])
}

fn source(question: &Json) -> &str {
    question.get("text").and_then(Json::as_str).unwrap_or("")
}

/// A key, or the whole configuration, resolved.
pub(crate) fn resolve(question: &Json, line: &str) -> Answer {
    let root = match object(line) {
        Some(root) => validate(&root).map(|()| root),
        None => yaml::create(source(question)),
    };
    let root = root.map_err(|error| refused(&error))?;
    let env = |name: &str| variable(question, name);
    let test = |name: &str, arguments: &[Value]| {
        (name == "test").then(|| {
            Ok(match arguments {
                [only] => only.clone(),
                many => Value::from(many.to_vec()),
            })
        })
    };
    if question.get("test_resolver").and_then(Json::as_bool) == Some(true) {
        TESTED.store(true, Ordering::Relaxed);
    }
    let tested = TESTED.load(Ordering::Relaxed);
    let world = World {
        env: &env,
        now: now(),
        hydra: None,
        custom: tested.then_some(&test as _),
    };
    let value = match question.get("key").and_then(Json::as_str) {
        Some(key) => select_resolved(&root, key, &world).map(Option::unwrap_or_default),
        None => resolved(&root, &world),
    };
    let value = value.map_err(|error| refused(&error))?;
    Ok(vec![("value", encode(&value))])
}

/// A value written as YAML.
pub(crate) fn dump(line: &str) -> Answer {
    let root = object(line).unwrap_or_default();
    validate(&root).map_err(|error| refused(&error))?;
    Ok(vec![("yaml", text(&to_yaml(&root)))])
}

/// The question's `obj`, keys in their order.
fn object(line: &str) -> Option<Value> {
    let Decoded(question) = serde_json::from_str(line).ok()?;
    question.get("obj").cloned()
}
