//! The types of the keys below `hydra`: what may be set there, and what it becomes.

use crate::compose::node::{self, Class, Dict, Value};

/// What a key takes.
#[derive(Clone, Copy, Debug)]
enum Type {
    Any,
    Text,
    OptionalText,
    OptionalInt,
    Int,
    OptionalBool,
    Mode,
    Texts,
    TextMap,
    OptionalTextMap,
    Map,
    Keys(&'static [(&'static str, Type)]),
    Launcher,
    Sweeper,
}

use Type::{
    Any, Int, Keys, Launcher, Map, Mode, OptionalBool, OptionalInt, OptionalText, OptionalTextMap,
    Sweeper, Text, TextMap, Texts,
};

const HYDRA: Type = Keys(&[
    ("mode", Mode),
    ("searchpath", Texts),
    ("run", Keys(&[("dir", Text)])),
    ("sweep", Keys(&[("dir", Text), ("subdir", Text)])),
    ("hydra_logging", Map),
    ("job_logging", Map),
    ("sweeper", Sweeper),
    ("launcher", Launcher),
    ("callbacks", Map),
    (
        "help",
        Keys(&[
            ("app_name", Text),
            ("header", Text),
            ("footer", Text),
            ("template", Text),
        ]),
    ),
    (
        "hydra_help",
        Keys(&[("hydra_help", Text), ("template", Text)]),
    ),
    ("output_subdir", OptionalText),
    ("overrides", Keys(&[("hydra", Texts), ("task", Texts)])),
    (
        "job",
        Keys(&[
            ("name", Text),
            ("chdir", OptionalBool),
            ("override_dirname", Text),
            ("id", Text),
            ("num", Int),
            ("config_name", OptionalText),
            ("env_set", TextMap),
            ("env_copy", Texts),
            (
                "config",
                Keys(&[(
                    "override_dirname",
                    Keys(&[
                        ("kv_sep", Text),
                        ("item_sep", Text),
                        ("exclude_keys", Texts),
                    ]),
                )]),
            ),
        ]),
    ),
    (
        "runtime",
        Keys(&[
            ("version", Text),
            ("version_base", Text),
            ("cwd", Text),
            ("config_sources", Any),
            ("output_dir", Text),
            ("choices", Map),
        ]),
    ),
    ("verbose", Any),
]);

const BASIC_LAUNCHER: Type = Keys(&[("_target_", Text)]);

const BASIC_SWEEPER: Type = Keys(&[
    ("_target_", Text),
    ("max_batch_size", OptionalInt),
    ("params", OptionalTextMap),
]);

/// Checks what is merged into the node `hydra`, which is `current`, and gives it its types.
pub(crate) fn admit(current: &Value, incoming: Value) -> Result<Value, node::Error> {
    take(HYDRA, Some(current), incoming, "hydra")
}

/// The same for what is set at the dotted `key` below `hydra`.
pub(crate) fn admit_at(current: &Value, key: &str, value: Value) -> Result<Value, node::Error> {
    let parts = node::split(key);
    let (kind, here) = follow(current, parts.get(1..).unwrap_or_default());
    take(kind, here, value, key)
}

/// Claims that the dotted `key` belongs to a node whose keys cannot be taken away.
pub(crate) fn is_fixed(current: &Value, key: &str) -> bool {
    let parts = node::split(key);
    let parent = parts.len().saturating_sub(1);
    let (kind, here) = follow(current, parts.get(1..parent).unwrap_or_default());
    matches!(known(kind, here), Keys(_))
}

fn follow<'v>(current: &'v Value, parts: &[&str]) -> (Type, Option<&'v Value>) {
    let mut kind = HYDRA;
    let mut here = Some(current);
    for part in parts {
        kind = match known(kind, here) {
            Keys(keys) => {
                let key = keys.iter().find(|(name, _)| name == part);
                key.map_or(Any, |(_, kind)| *kind)
            }
            TextMap | OptionalTextMap | Texts => Text,
            _ => Any,
        };
        here = here.and_then(|here| here.get(part));
    }
    (kind, here)
}

/// Launcher and sweeper have Hydra's own types only as long as they are Hydra's own.
fn known(kind: Type, current: Option<&Value>) -> Type {
    let is_basic = || {
        let target = current.and_then(|current| current.get("_target_")?.as_str());
        target.is_some_and(|target| target.starts_with("hydra._internal.core_plugins.basic_"))
    };
    match kind {
        Launcher if is_basic() => BASIC_LAUNCHER,
        Sweeper if is_basic() => BASIC_SWEEPER,
        Launcher | Sweeper => Any,
        other => other,
    }
}

fn take(
    kind: Type,
    current: Option<&Value>,
    value: Value,
    key: &str,
) -> Result<Value, node::Error> {
    if value.is_missing() || value.is_interpolation() {
        return Ok(value);
    }
    let refused = |value: &Value, wanted: &str| {
        let shown = node::display(value);
        let message = format!("`{shown}` is not {wanted}");
        Err(node::Error::new(Class::ValidationError, message).at_key(key))
    };
    match (known(kind, current), value) {
        (Any | Launcher | Sweeper, value) => Ok(value),
        (Keys(keys), Value::Dict(dict)) => take_keys(keys, current, &dict, key),
        (Map, value @ Value::Dict(_)) => Ok(value),
        (TextMap | OptionalTextMap, Value::Dict(dict)) => {
            let mut taken = Dict::with_capacity(dict.len());
            for (name, value) in dict.iter() {
                let value = take(Text, None, value.clone(), &format!("{key}.{name}"))?;
                taken.insert(name.clone(), value);
            }
            Ok(Value::from(taken))
        }
        (Texts, Value::List(list)) => {
            let items = list.iter().enumerate();
            let items =
                items.map(|(at, item)| take(Text, None, item.clone(), &format!("{key}[{at}]")));
            Ok(Value::from(items.collect::<Result<Vec<_>, _>>()?))
        }
        (OptionalText | OptionalInt | OptionalBool | OptionalTextMap | Mode, Value::Null) => {
            Ok(Value::Null)
        }
        (Text | OptionalText, value) => match value {
            Value::Str(_) | Value::Path(_) => Ok(value),
            Value::Int(_) | Value::Big(_) | Value::Float(_) | Value::Bool(_) => {
                Ok(Value::from(node::display(&value)))
            }
            other => refused(&other, "a text"),
        },
        (Int | OptionalInt, value) => match &value {
            Value::Int(_) => Ok(value),
            Value::Str(text) => match text.trim().parse::<i64>() {
                Ok(int) => Ok(Value::from(int)),
                Err(_) => refused(&value, "an integer"),
            },
            _ => refused(&value, "an integer"),
        },
        (OptionalBool, value) => match as_bool(&value) {
            Some(flag) => Ok(Value::from(flag)),
            None => refused(&value, "a boolean"),
        },
        (Mode, value) => match node::display(&value).trim_start_matches("RunMode.") {
            "RUN" | "1" => Ok(Value::from("RUN")),
            "MULTIRUN" | "2" => Ok(Value::from("MULTIRUN")),
            _ => refused(&value, "one of RUN and MULTIRUN"),
        },
        (Keys(_) | Map | TextMap | OptionalTextMap, value) => refused(&value, "a mapping"),
        (Texts, value) => refused(&value, "a list of texts"),
    }
}

fn take_keys(
    keys: &[(&str, Type)],
    current: Option<&Value>,
    dict: &Dict,
    key: &str,
) -> Result<Value, node::Error> {
    let mut taken = Dict::with_capacity(dict.len());
    for (name, value) in dict.iter() {
        let here = current.and_then(|current| current.as_dict()?.value(name));
        let known = keys.iter().find(|(known, _)| name.as_str() == Some(*known));
        let kind = match known {
            Some((_, kind)) => *kind,
            None if here.is_some() => Any,
            None => {
                let names = keys.iter().map(|(name, _)| *name);
                let near = crate::compose::nearest::nearest(&name.to_string(), names);
                let message = format!("`{key}` has no key `{name}`");
                let error = node::Error::new(Class::ConfigKeyError, message);
                let error = error.at_key(format!("{key}.{name}"));
                return Err(match near {
                    Some(near) => error.hinted(format!("did you mean `{near}`?")),
                    None => error,
                });
            }
        };
        let value = take(kind, here, value.clone(), &format!("{key}.{name}"))?;
        taken.insert(name.clone(), value);
    }
    Ok(Value::from(taken))
}

fn as_bool(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::Int(int) => Some(*int != 0),
        Value::Str(text) => match text.to_ascii_lowercase().as_str() {
            "yes" | "y" | "on" | "true" | "1" => Some(true),
            "no" | "n" | "off" | "false" | "0" => Some(false),
            _ => None,
        },
        _ => None,
    }
}
