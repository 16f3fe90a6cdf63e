//! Checkpoints: everything that a run needs to go on exactly where it was. A directory each, `checkpoints/step_0000500`:
//!
//! | | |
//! |---|---|
//! | `model.safetensors` | the weights by the reference's names, and the codebook's counters |
//! | `optimiser.safetensors` | moments, counts, and the moving average where there is one |
//! | `state.json` | step, generator, position in the data |
//! | `config.json` | what the run was told |
//!
//! INVARIANT: a directory of that name is whole. It is written under another name, reaches the disk, and is renamed.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tch::Tensor;

use super::journal::Numbers;
use crate::data::Position;
use crate::weights::{self, MODEL};

/// Where checkpoints lie in a run directory.
pub const PLACE: &str = "checkpoints";
/// What the run was told.
pub const CONFIG: &str = "config.json";
const OPTIMISER: &str = "optimiser.safetensors";
const STATE: &str = "state.json";
const PREFIX: &str = "step_";
/// The format of what is written here.
pub const FORMAT: &str = "hlrp.checkpoint/1";

/// Why a checkpoint cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file system.
    #[error("`{path}` cannot be read or written")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The tensors.
    #[error(transparent)]
    Weights(#[from] weights::Error),
    /// Not what we write.
    #[error("`{path}` is no state of a run: {fault}")]
    State {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        fault: String,
    },
}

/// Where a run was.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct State {
    /// The format, [`FORMAT`].
    pub schema: String,
    /// The last step that was done.
    pub step: u64,
    /// The generator after it.
    pub generator: [u64; 4],
    /// Where the loader was.
    pub position: Position,
    /// Seconds that training took so far.
    pub seconds: f64,
    /// Threads that computed: other sums in another order are other numbers in their last bits. 0 where it was not kept.
    #[serde(default)]
    pub threads: usize,
    /// The run, by the name it gave itself.
    #[serde(default)]
    pub run: String,
    /// The numbers of the step, where it is still to be measured before they are written.
    #[serde(default, with = "bits")]
    pub unmeasured: Option<Numbers>,
}

/// A checkpoint, read.
#[derive(Debug)]
pub struct Checkpoint {
    /// The directory.
    pub path: PathBuf,
    /// Where the run was.
    pub state: State,
    /// What the optimiser needs.
    pub optimiser: HashMap<String, Tensor>,
}

/// What is saved.
#[derive(Debug)]
pub struct Contents<'a> {
    /// The weights.
    pub model: Vec<(String, Tensor)>,
    /// What the optimiser needs.
    pub optimiser: Vec<(String, Tensor)>,
    /// Where the run is.
    pub state: State,
    /// What it was told.
    pub config: &'a Value,
}

/// Writes a checkpoint below a run directory; returns where. One of the same step that is there stays.
///
/// # Errors
///
/// Where it cannot be written; nothing of its name is there then.
pub fn save(run: &Path, contents: &Contents<'_>) -> Result<PathBuf, Error> {
    let place = run.join(PLACE);
    let name = format!("{PREFIX}{:07}", contents.state.step);
    let (whole, part) = (
        place.join(&name),
        // The same after a kill: what was half written is written anew.
        place.join(format!(".{name}.part")),
    );
    if whole.is_dir() {
        return Ok(whole);
    }
    let file = |path: &Path| {
        let path = path.to_owned();
        move |source| Error::File { path, source }
    };
    fs::create_dir_all(&part).map_err(file(&part))?;
    let about = || HashMap::from([("schema".to_owned(), FORMAT.to_owned())]);
    weights::save(&part.join(MODEL), &contents.model, about())?;
    weights::save(&part.join(OPTIMISER), &contents.optimiser, about())?;
    put(&part.join(STATE), &contents.state)?;
    put(&part.join(CONFIG), contents.config)?;
    for name in [MODEL, OPTIMISER, STATE, CONFIG] {
        let path = part.join(name);
        File::open(&path)
            .and_then(|file| file.sync_all())
            .map_err(file(&path))?;
    }
    fs::rename(&part, &whole).map_err(file(&whole))?;
    // So that the name outlives a crash of the machine as well.
    let _ = File::open(&place).and_then(|place| place.sync_all());
    Ok(whole)
}

/// Returns the checkpoints of a run directory, the oldest first.
///
/// # Errors
///
/// Where it cannot be read: a directory that does not answer is not an empty one.
pub fn list(run: &Path) -> Result<Vec<(u64, PathBuf)>, Error> {
    let place = run.join(PLACE);
    let wrong = |source| Error::File {
        path: place.clone(),
        source,
    };
    let entries = match fs::read_dir(&place) {
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other.map_err(wrong)?,
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry.map_err(wrong)?;
        let name = entry.file_name();
        let step = name.to_str().and_then(|name| name.strip_prefix(PREFIX));
        if let Some(step) = step.and_then(|step| step.parse().ok()) {
            found.push((step, entry.path()));
        }
    }
    found.sort();
    Ok(found)
}

/// Takes away all but the newest of the checkpoints that the run of this name wrote; those of others stay.
///
/// # Errors
///
/// Where one cannot be taken away.
pub fn thin(directory: &Path, keep: usize, run: &str) -> Result<(), Error> {
    let mut own = list(directory)?;
    own.retain(|(_, path)| state(path).is_ok_and(|state| state.run == run));
    let surplus = own.len().saturating_sub(keep.max(1));
    for (step, path) in own.iter().take(surplus) {
        let wrong = |source| Error::File {
            path: path.clone(),
            source,
        };
        // Under another name first: what has the name of a checkpoint is whole.
        let gone = format!(".{PREFIX}{step:07}.{}.gone", std::process::id());
        let gone = path.with_file_name(gone);
        fs::rename(path, &gone).map_err(wrong)?;
        fs::remove_dir_all(&gone).map_err(wrong)?;
    }
    Ok(())
}

/// Reads where a run was, without its weights, which [`weights::load_into`] reads.
///
/// # Errors
///
/// Where it is no checkpoint.
pub fn load(path: &Path) -> Result<Checkpoint, Error> {
    Ok(Checkpoint {
        path: path.to_owned(),
        state: state(path)?,
        optimiser: weights::load(&path.join(OPTIMISER))?,
    })
}

fn state(path: &Path) -> Result<State, Error> {
    let file = path.join(STATE);
    let text = fs::read_to_string(&file).map_err(|source| Error::File {
        path: file.clone(),
        source,
    })?;
    let wrong = |fault: String| Error::State {
        path: file.clone(),
        fault,
    };
    let state: State = serde_json::from_str(&text).map_err(|fault| wrong(fault.to_string()))?;
    if state.schema != FORMAT {
        return Err(wrong(format!(
            "its format is `{}`, and must be `{FORMAT}`",
            state.schema
        )));
    }
    Ok(state)
}

fn put(path: &Path, value: &impl Serialize) -> Result<(), Error> {
    let wrong = |source| Error::File {
        path: path.to_owned(),
        source,
    };
    let bytes = serde_json::to_vec_pretty(value).map_err(|fault| wrong(fault.into()))?;
    fs::write(path, bytes).map_err(wrong)
}

/// Numbers by name as their bits: text may lose the last one.
mod bits {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::Numbers;

    pub(super) fn serialize<S: Serializer>(
        numbers: &Option<Numbers>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        let bits = |numbers: &Numbers| -> Vec<(String, u64)> {
            let each = numbers.iter();
            each.map(|(name, value)| (name.clone(), value.to_bits()))
                .collect()
        };
        numbers.as_ref().map(bits).serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<Numbers>, D::Error> {
        let bits = Option::<Vec<(String, u64)>>::deserialize(from)?;
        Ok(bits.map(|bits| {
            let each = bits.into_iter();
            each.map(|(name, bits)| (name, f64::from_bits(bits)))
                .collect()
        }))
    }
}
