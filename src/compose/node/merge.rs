//! Merging one configuration into another, as `OmegaConf.merge` does: mappings key by key,
//! everything else replaced. The missing value never overwrites anything.

use super::update::flags_at;
use super::{Class, Error, Key, Value, full_key};
use crate::compose::interpolation::container_at;
use crate::compose::nearest::nearest;
use crate::compose::resolver::World;

/// Merges `source` into `target`, both whole configurations.
///
/// An interpolation in `target` that leads to a container is replaced by a copy of it before
/// anything is merged into it, so `world` answers what that interpolation asks.
///
/// # Errors
///
/// A key that a struct does not have, a read-only target, a list merged with a mapping.
pub fn merge(target: &mut Value, source: &Value, world: &World<'_>) -> Result<(), Error> {
    merge_at(target, &mut Vec::new(), source, world)
}

/// Merges many configurations, the later over the earlier.
///
/// # Errors
///
/// As [`merge`].
pub fn merge_all<'a>(
    sources: impl IntoIterator<Item = &'a Value>,
    world: &World<'_>,
) -> Result<Value, Error> {
    let mut sources = sources.into_iter();
    let mut target = sources.next().cloned().unwrap_or_else(Value::empty);
    for source in sources {
        merge(&mut target, source, world)?;
    }
    Ok(target)
}

/// Merges `source` into what lies at `path`.
pub(super) fn merge_at(
    root: &mut Value,
    path: &mut Vec<Key>,
    source: &Value,
    world: &World<'_>,
) -> Result<(), Error> {
    let flags = flags_at(root, path);
    match (root.at(path), source) {
        (Some(Value::Dict(_)), Value::Dict(incoming)) => {
            for (key, value) in incoming.iter() {
                path.push(key.clone());
                merge_entry(root, path, value, world)?;
                path.pop();
            }
        }
        (Some(Value::List(_)), Value::List(incoming)) => {
            if flags.read_only == Some(true) && !incoming.is_empty() {
                return Err(read_only(root, path));
            }
            if let Some(list) = root.at_mut(path).and_then(Value::as_list_mut) {
                list.items.clone_from(&incoming.items);
            }
        }
        _ => {
            let error = Error::new(Class::ConfigTypeError, "a list and a mapping do not merge");
            return Err(error.at_key(full_key(root, path)));
        }
    }
    let incoming = source.flags();
    if let Some(own) = root.at_mut(path).and_then(Value::flags_mut)
        && incoming != super::Flags::default()
    {
        *own = own.overwritten(incoming);
    }
    Ok(())
}

/// Merges `value` into the entry at `path`, whose last key may be new.
fn merge_entry(
    root: &mut Value,
    path: &mut Vec<Key>,
    value: &Value,
    world: &World<'_>,
) -> Result<(), Error> {
    let Some(mut here) = root.at(path) else {
        return place(root, path, value.clone());
    };
    if here.is_interpolation()
        && (value.is_container() || value.is_missing())
        && let Some(leads_to) = container_at(root, path, world)
    {
        place(root, path, leads_to)?;
        let Some(placed) = root.at(path) else {
            return Ok(());
        };
        here = placed;
    }
    if value.is_missing() {
        return Ok(());
    }
    if here.is_container() && value.is_container() {
        return merge_at(root, path, value, world);
    }
    place(root, path, value.clone())
}

/// Sets what lies at `path`, as `mapping[key] = value` does.
pub(super) fn place(root: &mut Value, path: &[Key], value: Value) -> Result<(), Error> {
    let Some((key, parent)) = path.split_last() else {
        *root = value;
        return Ok(());
    };
    let flags = flags_at(root, parent);
    if flags.read_only == Some(true) {
        return Err(read_only(root, path));
    }
    let exists = root.at(path).is_some();
    match root.at_mut(parent) {
        Some(Value::Dict(_)) if !exists && flags.structured == Some(true) => {
            Err(unknown(root, parent, key))
        }
        Some(Value::Dict(dict)) => {
            std::sync::Arc::make_mut(dict).insert(key.clone(), value);
            Ok(())
        }
        Some(list @ Value::List(_)) => match list.child_mut(key) {
            Some(slot) => {
                *slot = value;
                Ok(())
            }
            None => {
                let error = Error::new(Class::ConfigIndexError, "the list is not that long");
                Err(error.at_key(full_key(root, path)))
            }
        },
        _ => {
            let error = Error::new(Class::ConfigTypeError, "a plain value has no keys");
            Err(error.at_key(full_key(root, path)))
        }
    }
}

/// The refusal of a change to something read only.
pub(super) fn read_only(root: &Value, path: &[Key]) -> Error {
    Error::new(
        Class::ReadonlyConfigError,
        "the configuration is read only here",
    )
    .at_key(full_key(root, path))
}

/// The refusal of a key that a struct does not have, with the nearest one that it has.
pub(super) fn unknown(root: &Value, parent: &[Key], key: &Key) -> Error {
    let mut path = parent.to_vec();
    path.push(key.clone());
    let error = Error::new(
        Class::ConfigKeyError,
        format!("`{key}` is not in the configuration"),
    )
    .at_key(full_key(root, &path));
    let names = root
        .at(parent)
        .and_then(Value::as_dict)
        .into_iter()
        .flat_map(|dict| dict.keys());
    match nearest(&key.to_string(), names.filter_map(Key::as_str)) {
        Some(name) => error.hinted(format!("did you mean `{name}`?")),
        None => error.hinted("a `+` before the key adds it"),
    }
}
