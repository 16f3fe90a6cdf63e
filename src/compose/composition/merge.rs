//! Merging the configurations of the final list, each below its package.

use std::collections::HashMap;

use super::error::{self, Error, Kind};
use super::origin;
use crate::compose::defaults::Step;
use crate::compose::hydra;
use crate::compose::node::{self, Change, Class, Dict, Key, Value};
use crate::compose::resolver::World;
use crate::compose::tree::{Config, Search};

/// Hydra's own configuration: what comes after it has its types.
const OWN: &str = "hydra/config";

/// Merges the configurations of the list.
pub(super) fn merged(
    steps: &[Step],
    search: &Search<'_>,
    world: &World<'_>,
) -> Result<Value, Error> {
    let mut root = Value::empty();
    let mut is_typed = false;
    let mut shared = Shared::of(steps);
    for step in steps {
        let Some(config) = search.config(&step.config)? else {
            continue;
        };
        let at_fault = |fault: node::Error| {
            let place = fault
                .key()
                .and_then(|key| origin::in_step(key, step, search));
            let place = place.or_else(|| Some((config.file.clone()?, None)));
            let message = format!("`{}` cannot be merged: {}", step.config, fault.message());
            let error = Error::of_value(error::raised(fault.class()), &fault);
            error.saying(message).at(place)
        };
        let content = shared.content(step, &config, &root);
        let mut content = embedded(content, &step.package, world).map_err(at_fault)?;
        if !step.is_primary && step.config != OWN {
            refuse_searchpath(&content, step, world)?;
        }
        if is_typed && let Some(incoming) = content.get("hydra") {
            let current = root.get("hydra").unwrap_or(&Value::Null);
            let admitted = hydra::admit(current, incoming.clone());
            let admitted =
                admitted.map_err(|fault| at_fault(fault.seen_as(Class::ConfigKeyError)))?;
            if let Some(dict) = content.as_dict_mut() {
                dict.set("hydra", admitted);
            }
        }
        node::merge(&mut root, &content, world).map_err(at_fault)?;
        is_typed |= step.config == OWN;
    }
    Ok(root)
}

/// Configurations that come more than once. Hydra merges the first without copying it where it
/// goes to the top, so what is merged over it later is there when it comes again.
struct Shared<'s> {
    /// How the whole was before the first came to its top; nothing until then.
    before: HashMap<&'s str, Option<Value>>,
}

impl<'s> Shared<'s> {
    fn of(steps: &'s [Step]) -> Self {
        let mut seen = HashMap::new();
        for step in steps {
            *seen.entry(step.config.as_str()).or_insert(0) += 1;
        }
        let often = seen.into_iter().filter(|(_, count)| *count > 1);
        Self {
            before: often.map(|(config, _)| (config, None)).collect(),
        }
    }

    /// Returns what a configuration says by now.
    fn content(&mut self, step: &Step, config: &Config, now: &Value) -> Value {
        let Some(before) = self.before.get_mut(step.config.as_str()) else {
            return config.content.clone();
        };
        match before {
            Some(before) => merged_since(&config.content, before, now),
            None => {
                *before = step.package.is_empty().then(|| now.clone());
                config.content.clone()
            }
        }
    }
}

fn merged_since(content: &Value, before: &Value, now: &Value) -> Value {
    let (Value::Dict(own), Value::Dict(now)) = (content, now) else {
        return content.clone();
    };
    let mut result = (**own).clone();
    for (key, value) in result.iter_mut() {
        let Some(now) = now.value(key) else {
            continue;
        };
        match before.child(key) {
            None => *value = now.clone(),
            Some(before) => *value = merged_since(value, before, now),
        }
    }
    Value::from(result)
}

/// Puts a configuration below its package.
fn embedded(content: Value, package: &str, world: &World<'_>) -> Result<Value, node::Error> {
    if package.is_empty() {
        return Ok(content);
    }
    let is_plain = !package.contains(['[', ']']);
    if is_plain && package.split('.').all(|part| !part.is_empty()) {
        let below = |content, part| Value::from(Dict::from_iter([(Key::from(part), content)]));
        return Ok(package.rsplit('.').fold(content, below));
    }
    let mut root = Value::empty();
    let change = Change {
        merge: false,
        force_add: false,
    };
    node::update(&mut root, package, content, change, world)?;
    Ok(root)
}

fn refuse_searchpath(content: &Value, step: &Step, world: &World<'_>) -> Result<(), Error> {
    if content.get("hydra").is_none() {
        return Ok(());
    }
    let found = node::select(content, "hydra.searchpath", world);
    match found.map_err(|fault| Error::of_value(Kind::Composition, &fault))? {
        None | Some(Value::Null) => Ok(()),
        Some(_) => {
            let message = format!("`{}` may not set `hydra.searchpath`", step.config);
            Err(Error::composition(message).hinted("only the primary config may"))
        }
    }
}
