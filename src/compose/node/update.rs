//! Setting and deleting one dotted key, as `OmegaConf.update` does for an override.

use super::merge::{merge_at, place, read_only, unknown};
use super::{Class, DEPTH, Error, Flags, Key, Value, full_key, index, split};
use crate::compose::interpolation::validate;
use crate::compose::resolver::World;

/// How [`update`] treats what is there.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Change {
    /// A container merges into the container that is there; otherwise it replaces it.
    pub merge: bool,
    /// Keys may be added even where a struct does not have them.
    pub force_add: bool,
}

/// Sets the dotted `key` to `value`; plain values on the way become mappings.
///
/// # Errors
///
/// A key that a struct does not have, a read-only target, an index that is none, an
/// interpolation in `value` that does not parse.
pub fn update(
    root: &mut Value,
    key: &str,
    value: Value,
    change: Change,
    world: &World<'_>,
) -> Result<(), Error> {
    validate(&value)?;
    let parts = split(key);
    if parts.len() > DEPTH {
        return Err(Error::new(
            Class::RecursionError,
            "the key has too many parts",
        ));
    }
    let Some((last, leading)) = parts.split_last() else {
        return Ok(());
    };
    let mut path = Vec::with_capacity(parts.len());
    for part in leading {
        let step = child_key(root, &path, part)?;
        path.push(step);
        if !root.at(&path).is_some_and(Value::is_container) {
            set(
                root,
                &path,
                Value::empty(),
                change.force_add,
                Class::ConfigKeyError,
            )?;
        }
    }
    let step = child_key(root, &path, last)?;
    path.push(step);
    if change.merge && value.is_container() && root.at(&path).is_some_and(Value::is_container) {
        return merge_forced(root, path, &value, change.force_add, world);
    }
    set(
        root,
        &path,
        value,
        change.force_add,
        Class::ConfigAttributeError,
    )
}

/// Takes the dotted `key` out and gives what was there.
///
/// # Errors
///
/// A key that does not exist, a read-only target, an element of a list.
pub fn delete(root: &mut Value, key: &str) -> Result<Value, Error> {
    let mut path = Vec::new();
    for part in split(key) {
        let step = child_key(root, &path, part)?;
        path.push(step);
    }
    let Some((last, parent)) = path.split_last() else {
        return Ok(Value::Null);
    };
    if flags_at(root, parent).read_only == Some(true) {
        return Err(read_only(root, &path));
    }
    if root.at(&path).is_none() {
        return Err(unknown(root, parent, last));
    }
    let taken = match root.at_mut(parent) {
        Some(Value::Dict(dict)) => std::sync::Arc::make_mut(dict).remove_key(last),
        // As Hydra has it: its key is a text, and a list takes none.
        Some(Value::List(_)) => {
            let message = "elements of a list cannot be deleted; give the whole list";
            return Err(Error::new(Class::TypeError, message).at_key(full_key(root, parent)));
        }
        _ => None,
    };
    taken.ok_or_else(|| unknown(root, parent, last))
}

/// The flags in force at `path`: each container's own, else those of what it lies in.
pub(super) fn flags_at(root: &Value, path: &[Key]) -> Flags {
    let mut flags = root.flags();
    let mut value = root;
    for key in path {
        let Some(child) = value.child(key) else { break };
        flags = child.flags().within(flags);
        value = child;
    }
    flags
}

/// The key that `part` is in the container at `path`: an index where that is a list.
fn child_key(root: &Value, path: &[Key], part: &str) -> Result<Key, Error> {
    match root.at(path) {
        Some(Value::List(_)) => index(part).map(Key::Int).ok_or_else(|| {
            let message = format!("the list's index `{part}` is not an integer");
            Error::new(Class::TypeError, message).at_key(full_key(root, path))
        }),
        _ => Ok(Key::from(part)),
    }
}

/// Sets what lies at `path`; `forced` adds a key even to a struct.
fn set(
    root: &mut Value,
    path: &[Key],
    value: Value,
    forced: bool,
    refusal: Class,
) -> Result<(), Error> {
    let parent = path.split_last().map_or(path, |(_, parent)| parent);
    let before = if forced { open(root, parent) } else { None };
    let done = place(root, path, value);
    close(root, parent, before);
    done.map_err(|error| match error.class() {
        Class::ConfigKeyError => error.seen_as(refusal),
        _ => error,
    })
}

/// Merges into the container at `path`; `forced` opens its parent, as `update` does.
fn merge_forced(
    root: &mut Value,
    mut path: Vec<Key>,
    value: &Value,
    forced: bool,
    world: &World<'_>,
) -> Result<(), Error> {
    let parent = path
        .split_last()
        .map_or_else(Vec::new, |(_, parent)| parent.to_vec());
    let before = if forced { open(root, &parent) } else { None };
    let done = merge_at(root, &mut path, value, world);
    close(root, &parent, before);
    done
}

/// Lets keys be added to the container at `path`; gives what its flag was.
fn open(root: &mut Value, path: &[Key]) -> Option<Option<bool>> {
    let flags = root.at_mut(path)?.flags_mut()?;
    Some(flags.structured.replace(false))
}

/// Puts back the flag that [`open`] changed.
fn close(root: &mut Value, path: &[Key], before: Option<Option<bool>>) {
    if let Some(before) = before
        && let Some(flags) = root.at_mut(path).and_then(Value::flags_mut)
    {
        flags.structured = before;
    }
}
