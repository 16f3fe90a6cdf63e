//! Keys of a configuration that Lightning reads and native training does not: those that ask for more than is done are
//! named once, and never passed over in silence.

use std::path::PathBuf;

use hlrp_sh::ui;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::settings::{Error, read};

/// Names, in one line, the keys that are set and do nothing.
///
/// # Errors
///
/// Where a key of `logging` that is read while a run goes is of another type.
pub fn say(all: &Value) -> Result<(), Error> {
    check_logging(all)?;
    let keys = said(all);
    if !keys.is_empty() {
        ui::say(&format!("not done natively: {}", keys.join(", ")));
    }
    Ok(())
}

/// Returns the keys that are set and do nothing, each as an override.
#[must_use]
pub fn said(all: &Value) -> Vec<String> {
    let mut keys = Vec::new();
    for (key, done) in inert() {
        let found = key.split('.').try_fold(all, |node, part| node.get(part));
        let asked = found.filter(|value| !value.is_null() && !done.contains(value));
        keys.extend(asked.map(|value| match value {
            Value::Object(_) | Value::Array(_) => key.to_owned(),
            Value::String(word) => format!("{key}={word}"),
            other => format!("{key}={other}"),
        }));
    }
    let strategies = all.pointer("/validation/strategies");
    let strategies = strategies.and_then(Value::as_object).into_iter().flatten();
    for (name, strategy) in strategies {
        let is_enabled = strategy.get("enabled").is_none_or(|on| *on == json!(true));
        let own = strategy.as_object().filter(|_| is_enabled);
        let unknown = own.into_iter().flat_map(|own| own.keys());
        let unknown = unknown.filter(|key| !STRATEGY.contains(&key.as_str()));
        keys.extend(unknown.map(|key| format!("validation.strategies.{name}.{key}")));
    }
    keys
}

/// The keys, and the values that ask for nothing else than what is done.
fn inert() -> Vec<(&'static str, Vec<Value>)> {
    vec![
        ("training.num_nodes", vec![json!(1)]),
        (
            "training.devices",
            vec![json!("auto"), json!(1), json!("1")],
        ),
        ("training.strategy", vec![json!("auto")]),
        ("training.num_sanity_val_steps", vec![json!(0)]),
        ("training.profiler.enabled", vec![json!(false)]),
        ("training.checkpoint.monitor", vec![json!("val/loss")]),
        // What the configuration says of itself; native training has `keep`.
        ("training.checkpoint.save_top_k", vec![json!(3), json!(-1)]),
        ("training.checkpoint.save_last", vec![json!(true)]),
        ("data.backend", vec![json!("lerobot_v3")]),
        ("data.output_format", vec![json!("raw")]),
        ("data.request.image_dtype", vec![json!("uint8")]),
        ("validation.check_val_every_n_epoch", vec![]),
        ("validation.buckets", vec![json!({})]),
        ("logging.log_model", vec![json!(false)]),
    ]
}

/// What a strategy of a validation may say: what is read, and what only has a meaning for pictures that are not drawn.
const STRATEGY: [&str; 16] = [
    "type",
    "enabled",
    "every_n_validations",
    "num_samples",
    "num_fixed_samples",
    "num_random_samples",
    "num_top_sequences",
    "visualize_train",
    "visualize_val",
    "visualize_per_bucket",
    "num_pairs",
    "top_k_sequences",
    "examples_per_sequence",
    "method",
    "pca_components",
    // Named once, as `validation.buckets`.
    "buckets",
];

/// Sees that what W&B is told is of the right type, before anything is begun.
fn check_logging(all: &Value) -> Result<(), Error> {
    check::<bool>(all, "logging.use_wandb")?;
    check::<Vec<String>>(all, "logging.tags")?;
    check::<String>(all, "logging.project")?;
    check::<PathBuf>(all, "logging.wandb_python")
}

fn check<T: DeserializeOwned>(all: &Value, key: &str) -> Result<(), Error> {
    let found = key.split('.').try_fold(all, |node, part| node.get(part));
    match found.is_none_or(Value::is_null) {
        true => Ok(()),
        false => read::<T>(all, key).map(drop),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_asks_for_nothing_more_is_not_named() {
        let all = json!({
            "training": {"num_nodes": 1, "devices": "auto", "num_sanity_val_steps": null},
            "validation": {"strategies": {"basic": {"type": "basic", "visualize_val": true}}},
        });
        assert!(said(&all).is_empty());
    }

    #[test]
    fn what_is_not_done_is_named_as_it_is_set() {
        let all = json!({
            "training": {"num_nodes": 2, "devices": [0, 1], "strategy": "ddp"},
            "data": {"request": {"image_dtype": "float32"}},
            "validation": {
                "buckets": {"bridge": {"max_samples": 3}},
                "strategies": {
                    "basic": {"type": "basic", "num_smaples": 3},
                    "off": {"enabled": false, "num_smaples": 3},
                },
            },
        });
        let named = [
            "training.num_nodes=2",
            "training.devices",
            "training.strategy=ddp",
            "data.request.image_dtype=float32",
            "validation.buckets",
            "validation.strategies.basic.num_smaples",
        ];
        assert_eq!(said(&all), named);
    }

    #[test]
    fn logging_of_another_type_is_an_error() {
        for (key, value) in [
            ("use_wandb", json!("yes please")),
            ("tags", json!("one")),
            ("project", json!(3)),
            ("wandb_python", json!(["python3"])),
        ] {
            let error = check_logging(&json!({"logging": {key: value}})).unwrap_err();
            assert!(error.to_string().contains(key), "{error}");
            assert_eq!(error.code(), hlrp_sh::error::code::CONFIG);
        }
        check_logging(&json!({"logging": {"use_wandb": true, "wandb_python": null}})).unwrap();
    }
}
