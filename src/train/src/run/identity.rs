//! Which run a run directory is of: `run.json`, written once, with the name that the run gave itself and what it was told
//! first. A run that goes on is told the same, or it would be another.

use std::io;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use hlrp_sh::error::code;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::fresh;
use crate::random::Generator;

/// The file's name.
pub const NAME: &str = "run.json";
const FORMAT: &str = "hlrp.run/1";

/// What decides which numbers a run makes.
const DECISIVE: [&str; 15] = [
    "seed",
    "precision",
    "model",
    "data",
    "training.load_weights_from",
    "training.optimizer",
    "training.scheduler",
    "training.gradient",
    "training.use_ema",
    "training.ema_decay",
    "training.ema_update_every",
    "training.ema_update_after_step",
    "training.native.codebook_pairs",
    "training.native.codebook_rounds",
    "training.native.hold_out_every",
];
/// What does not, of these.
const IDLE: [&str; 3] = [
    "data.loader.num_workers",
    "data.loader.prefetch_factor",
    "data.loader.pin_memory",
];
/// How many differences are said.
const SAID: usize = 4;

/// Why a run directory cannot be gone on in.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file.
    #[error("`{path}` cannot be read or written")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// It is another run's.
    #[error(
        "`{directory}` is of a run that was told otherwise: {differences}; give this run a directory of its own, in which \
         `training.resume_from_checkpoint` can begin it where that one was"
    )]
    Other {
        /// The run directory.
        directory: PathBuf,
        /// What differs.
        differences: String,
    },
}

impl Error {
    /// Returns the exit status.
    #[must_use]
    pub fn code(&self) -> u8 {
        match self {
            Self::File { .. } => code::NO,
            Self::Other { .. } => code::CONFIG,
        }
    }
}

/// What a run directory says of its run.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Identity {
    schema: String,
    /// The run's name.
    pub run: String,
    settings: Value,
}

impl Identity {
    /// Makes one for a run that begins.
    #[must_use]
    pub fn new(settings: &Value) -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let now = now.map_or(0, |now| now.as_nanos() as u64);
        let bits = Generator::new(now ^ u64::from(std::process::id()), "run").bits();
        Self {
            schema: FORMAT.to_owned(),
            run: format!("{bits:016x}"),
            settings: settings.clone(),
        }
    }

    /// Reads what a run directory says, where it says anything.
    ///
    /// # Errors
    ///
    /// Where it cannot be read, or these settings are another run's.
    pub fn read(directory: &Path, settings: &Value) -> Result<Option<Self>, Error> {
        let path = directory.join(NAME);
        let wrong = |source| Error::File {
            path: path.clone(),
            source,
        };
        let text = match std::fs::read_to_string(&path) {
            Err(fault) if fault.kind() == io::ErrorKind::NotFound => return Ok(None),
            other => other.map_err(wrong)?,
        };
        let found: Self = serde_json::from_str(&text).map_err(|fault| wrong(fault.into()))?;
        // Read as what was found was read: reading may change a float's last bit.
        let text = settings.to_string();
        let now: Value = serde_json::from_str(&text).map_err(|fault| wrong(fault.into()))?;
        let differences = differences(&found.settings, &now);
        if differences.is_empty() {
            return Ok(Some(found));
        }
        let more = differences.len().saturating_sub(SAID);
        let mut said = differences;
        said.truncate(SAID);
        if more > 0 {
            said.push(format!("and {more} more"));
        }
        Err(Error::Other {
            directory: directory.to_owned(),
            differences: said.join(", "),
        })
    }

    /// Writes it into a run directory that has none.
    ///
    /// # Errors
    ///
    /// Where it cannot be written.
    pub fn write(&self, directory: &Path) -> Result<(), Error> {
        let path = directory.join(NAME);
        let text = serde_json::to_vec_pretty(self).map_err(io::Error::from);
        let written = text.and_then(|text| fresh::create(&path, |part| std::fs::write(part, text)));
        written.map_err(|source| Error::File { path, source })
    }
}

/// Says what differs between what was told before and now, of what decides.
fn differences(before: &Value, now: &Value) -> Vec<String> {
    let mut found = Vec::new();
    for key in DECISIVE {
        let at = |all| {
            key.split('.')
                .try_fold(all, |node: &Value, part| node.get(part))
        };
        if let (Some(before), Some(now)) = (at(before), at(now)) {
            compare(key, before, now, &mut found);
        }
    }
    found
}

/// A key that only one of both has is of another version of `config/`, where its default is what was done before.
fn compare(key: &str, before: &Value, now: &Value, found: &mut Vec<String>) {
    if IDLE.contains(&key) {
        return;
    }
    match (before, now) {
        (Value::Object(before), Value::Object(now)) => {
            for (name, before) in before {
                if let Some(now) = now.get(name) {
                    compare(&format!("{key}.{name}"), before, now, found);
                }
            }
        }
        (Value::Array(before), Value::Array(now)) if before.len() == now.len() => {
            for (place, (before, now)) in before.iter().zip(now).enumerate() {
                compare(&format!("{key}.{place}"), before, now, found);
            }
        }
        _ if before == now => {}
        // 1 and 1.0 are one number.
        _ if before.is_number() && before.as_f64() == now.as_f64() => {}
        _ => found.push(format!("`{key}` was {before} and is {now}")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_directory_is_of_one_run() {
        let place = tempfile::tempdir().unwrap();
        let all = json!({
            "seed": 42, "model": {"dim": 96, "flow": {"enabled": false}}, "data": {"loader": {"num_workers": 1}},
            "training": {"max_steps": 60, "optimizer": {"lr": 0.1, "betas": [1.0, {"a": 1}]}},
        });
        assert!(Identity::read(place.path(), &all).unwrap().is_none());
        let own = Identity::new(&all);
        own.write(place.path()).unwrap();
        let with = |pointer: &str, value: Value| {
            let mut all = all.clone();
            *all.pointer_mut(pointer).unwrap() = value;
            Identity::read(place.path(), &all)
        };
        for (pointer, value) in [
            ("/training/max_steps", json!(90)),
            ("/data/loader/num_workers", json!(4)),
            ("/model/flow", json!({"enabled": false, "newer": 1})),
            (
                "/training/optimizer/betas",
                json!([1, {"a": 1, "newer": 2}]),
            ),
        ] {
            let found = with(pointer, value).unwrap().unwrap();
            assert_eq!(found.run, own.run, "{pointer}");
        }
        for (pointer, said) in [
            ("/seed", "`seed` was 42 and is 7"),
            (
                "/model/flow/enabled",
                "`model.flow.enabled` was false and is 7",
            ),
            (
                "/training/optimizer/lr",
                "`training.optimizer.lr` was 0.1 and is 7",
            ),
        ] {
            let fault = with(pointer, json!(7)).unwrap_err();
            assert!(fault.to_string().contains(said), "{fault}");
            assert_eq!(fault.code(), code::CONFIG);
        }
        // Numbers of many digits, too, are what they were.
        for power in 0..200 {
            let rate = 10_f64.powf(-5.0 + f64::from(power) / 40.0);
            let place = tempfile::tempdir().unwrap();
            let all = json!({"training": {"optimizer": {"lr": rate}}});
            Identity::new(&all).write(place.path()).unwrap();
            Identity::read(place.path(), &all).unwrap();
        }
        // It is never written over.
        assert!(own.write(place.path()).is_err());
    }
}
