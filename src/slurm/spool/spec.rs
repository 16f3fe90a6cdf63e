//! The facts that a guard inside a job starts from, written by whoever submits.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::outputs::Outputs;
use super::tasks::{NoTask, Tasks};
use crate::policy::{BUILTIN, Context, Layer, LayerKind, Origin};
use crate::slurm::race::Member;
use crate::slurm::submit::image::Import;

/// The format that this program writes and reads.
const SCHEMA: u32 = 1;

/// What a guard inside a job starts from.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Spec {
    /// The format.
    pub schema: u32,
    /// The session that submitted.
    pub session: String,
    /// On whose behalf.
    pub origin: Origin,
    /// The user's name.
    pub user: String,
    /// The home directory.
    pub home: PathBuf,
    /// What may be written; the machine of the job may have less, never more.
    pub roots: Vec<PathBuf>,
    /// `$XDG_CONFIG_HOME/hlrp-sh` of the session.
    pub config: PathBuf,
    /// `$XDG_STATE_HOME/hlrp-sh` of the session.
    pub state: PathBuf,
    /// The hash of the law: what the program brings, and the layers over it.
    pub law: String,
    /// The layers over it.
    pub layers: Vec<LayerText>,
    /// Whether Slurm was asked for a container: programs of that machine are not to be believed then.
    pub container: bool,
    /// The script, where there is one.
    pub body: Option<Body>,
    /// The run that the job belongs to.
    pub run: Option<Run>,
    /// Where a script's output goes, where Slurm does not open it by itself.
    pub outputs: Option<Outputs>,
    /// The image that the script imports, where it is the very script that is written for that and no other.
    pub import: Option<Import>,
}

/// A policy file, whole.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct LayerText {
    /// Whose it is.
    pub kind: LayerKind,
    /// Where it lay.
    pub path: PathBuf,
    /// What stood in it.
    pub text: String,
}

/// What a job's script was.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Body {
    /// Its hash.
    pub sha256: String,
    /// Its length in bytes.
    pub length: usize,
}

/// The run that a job belongs to: one submission, through all its requeues.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Run {
    /// What tells one submission from all others.
    pub submission: String,
    /// Where the run's own files lie; with tasks, where the directories of their runs lie.
    pub directory: PathBuf,
    /// The tasks of an array, each with a run directory of its own.
    #[serde(default)]
    pub tasks: Option<Tasks>,
    /// Which job of a race it is: it trains only where it has claimed the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub race: Option<Member>,
}

impl Run {
    /// Returns the run directory of a job; none of an array's where it is no task.
    ///
    /// # Errors
    /// Where the tasks' directories are not those that were submitted.
    pub fn directory_of(&self, task: Option<&str>) -> Result<Option<PathBuf>, NoTask> {
        match (&self.tasks, task) {
            (None, _) => Ok(Some(self.directory.clone())),
            (Some(_), None) => Ok(None),
            (Some(tasks), Some(task)) => Ok(Some(self.directory.join(tasks.name(task)?))),
        }
    }
}

impl Spec {
    /// Returns the facts of a session.
    pub fn of(
        session: &str,
        context: &Context,
        layers: &[Layer],
        config: PathBuf,
        state: PathBuf,
    ) -> Self {
        let layers = layers.iter().map(|layer| LayerText {
            kind: layer.kind,
            path: layer.path.clone(),
            text: layer.text.to_string(),
        });
        let layers: Vec<LayerText> = layers.collect();
        Self {
            schema: SCHEMA,
            session: session.to_owned(),
            origin: context.origin.clone(),
            user: context.user.clone(),
            home: context.home.clone(),
            roots: context.roots.clone(),
            config,
            state,
            law: law(&layers),
            layers,
            container: false,
            body: None,
            // The steps of a job are of its run.
            run: context.run_directory.clone().map(|directory| Run {
                submission: String::new(),
                directory,
                tasks: None,
                // A step is no racer: its job has the run.
                race: None,
            }),
            outputs: None,
            import: None,
        }
    }

    /// Returns the facts as one line without control characters.
    ///
    /// # Errors
    /// Where a path is not UTF-8.
    pub fn line(&self) -> Result<String, String> {
        let text = serde_json::to_string(self).map_err(|fault| fault.to_string())?;
        // What JSON leaves as it is: DEL, the controls above it, line separators.
        let mut line = String::with_capacity(text.len());
        for c in text.chars() {
            if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') {
                line.push_str(&format!("\\u{:04x}", u32::from(c)));
            } else {
                line.push(c);
            }
        }
        Ok(line)
    }

    /// Reads the facts.
    ///
    /// # Errors
    /// Where they are not whole, or not for this program.
    pub fn parse(text: &str) -> Result<Self, String> {
        let spec: Self = serde_json::from_str(text).map_err(|fault| fault.to_string())?;
        if spec.schema != SCHEMA {
            return Err(format!("format {} is not known", spec.schema));
        }
        if spec.law != law(&spec.layers) {
            return Err("the law is not the one it was written for".to_owned());
        }
        Ok(spec)
    }

    /// Returns the layers as the policy reads them.
    pub fn layers(&self) -> Vec<Layer> {
        let layers = self.layers.iter();
        layers
            .map(|layer| Layer {
                kind: layer.kind,
                path: layer.path.clone(),
                text: layer.text.as_str().into(),
            })
            .collect()
    }
}

impl Body {
    /// Returns what there is to know of a script.
    pub fn of(bytes: &[u8]) -> Self {
        Self {
            sha256: sha256(bytes),
            length: bytes.len(),
        }
    }
}

/// Returns the hash of a whole law.
fn law(layers: &[LayerText]) -> String {
    let mut bytes = sha256(BUILTIN.as_bytes()).into_bytes();
    for layer in layers {
        bytes.extend_from_slice(format!("\n{:?} {} ", layer.kind, layer.path.display()).as_bytes());
        bytes.extend_from_slice(sha256(layer.text.as_bytes()).as_bytes());
    }
    sha256(&bytes)
}

/// Returns a hash in hexadecimal digits.
pub fn sha256(bytes: &[u8]) -> String {
    digits(&Sha256::digest(bytes))
}

/// Returns bytes in hexadecimal digits.
pub(super) fn digits(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
