//! The `data` node of the configuration, as far as reading goes: which data sets, and what of each.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::Error;
use super::request::{CameraRequest, Request};

/// Everything that says what is read and how.
#[derive(Clone, Debug)]
pub struct Config {
    /// The data sets of the mix.
    pub sources: Vec<SourceConfig>,
    /// What each sample holds.
    pub request: Request,
    /// Samples a batch.
    pub batch_size: usize,
    /// Threads that load.
    pub workers: usize,
    /// How many batches each of them is ahead.
    pub prefetch: usize,
    /// What the order of samples, and the episodes held out, are drawn from.
    pub seed: u64,
    /// Batches an epoch.
    pub steps_per_epoch: usize,
}

/// One data set of the mix.
#[derive(Clone, Debug, Deserialize)]
pub struct SourceConfig {
    /// A directory, or `ORG/NAME` in the caches.
    pub repo_id: String,
    /// Which revision, where it is in the hub's cache.
    #[serde(default = "main_revision")]
    pub revision: String,
    /// Its share of the samples, in any unit.
    #[serde(default = "one")]
    pub weight: f64,
    /// From the names that samples call cameras by to the keys of features.
    pub camera_map: BTreeMap<String, String>,
    /// The key of the state, where there is one.
    #[serde(default)]
    pub state_key: Option<String>,
    /// The key of the action, where there is one.
    #[serde(default)]
    pub action_key: Option<String>,
    /// The flow of its frames, where it is to be read.
    #[serde(skip)]
    pub flow: Option<FieldConfig>,
    /// Keys of further vectors that are read with the rows.
    #[serde(skip)]
    pub vectors: Vec<String>,
    /// How many episodes are held out for validation.
    #[serde(default)]
    pub val_episode_count: usize,
    /// How far a picture's time may be from its row's, in seconds.
    #[serde(default = "tolerance")]
    pub tolerance_s: f64,
}

/// Which flow a data set is to have.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FieldConfig {
    /// The key of the feature.
    pub key: String,
    /// Height and width.
    pub size: [usize; 2],
}

impl Config {
    /// Reads the `data` node of a composed configuration.
    ///
    /// # Errors
    ///
    /// Where it is not of the shape of `config/data/`, or asks for what is not built (`filtering.enabled`, weights
    /// other than explicit ones).
    pub fn from_node(node: &serde_json::Value) -> Result<Self, Error> {
        let node: Node = Deserialize::deserialize(node)
            .map_err(|fault| Error::Config(format!("`data`: {fault}")))?;
        let refuse = |what: &str| Err(Error::Config(what.to_owned()));
        if node.filtering.enabled {
            return refuse("`data.filtering.enabled`: frames cannot be left out natively yet");
        }
        let adapter = node.adapter.lerobot_v3;
        if adapter.weights_mode != "explicit" {
            return refuse("`data.adapter.lerobot_v3.weights_mode`: only `explicit` is known");
        }
        let sources = node.dataset.lerobot.sources;
        for source in &sources {
            if !(source.weight.is_finite() && source.weight > 0.0) {
                let name = &source.repo_id;
                return refuse(&format!("`{name}`: a weight of {}", source.weight));
            }
        }
        let request = node.request;
        let cameras = request.image_requests.into_iter();
        let offsets = |of: Option<Offsets>| of.map(|of| of.deltas_steps).unwrap_or_default();
        Ok(Self {
            sources,
            request: Request {
                cameras: cameras
                    .map(|(name, of)| CameraRequest {
                        name,
                        frames: of.deltas_steps,
                    })
                    .collect(),
                image_size: request.image_size,
                state: offsets(request.state_request),
                action: offsets(request.action_request),
                flow: false,
                pad: request.pad_missing_future,
            },
            batch_size: node.loader.batch_size,
            workers: node.loader.num_workers,
            prefetch: node.loader.prefetch_factor,
            seed: adapter.seed,
            steps_per_epoch: adapter.steps_per_epoch,
        })
    }

    /// Asks every data set for its flow, as large as this says; or leaves it out.
    pub fn read_flow(&mut self, field: Option<&FieldConfig>) {
        self.request.flow = field.is_some();
        for source in &mut self.sources {
            source.flow = field.cloned();
        }
    }
}

impl SourceConfig {
    /// Returns the configuration of one data set alone, with its cameras under their own keys.
    pub fn of(repo_id: &str, cameras: impl IntoIterator<Item = String>) -> Self {
        Self {
            repo_id: repo_id.to_owned(),
            revision: main_revision(),
            weight: one(),
            camera_map: cameras.into_iter().map(|key| (key.clone(), key)).collect(),
            state_key: None,
            action_key: None,
            flow: None,
            vectors: Vec::new(),
            val_episode_count: 0,
            tolerance_s: tolerance(),
        }
    }
}

#[derive(Deserialize)]
struct Node {
    dataset: Dataset,
    request: RequestNode,
    loader: LoaderNode,
    adapter: Adapter,
    #[serde(default)]
    filtering: Filtering,
}

#[derive(Deserialize)]
struct Dataset {
    lerobot: Sources,
}

#[derive(Deserialize)]
struct Sources {
    sources: Vec<SourceConfig>,
}

#[derive(Deserialize)]
struct RequestNode {
    image_requests: BTreeMap<String, Offsets>,
    image_size: Option<[usize; 2]>,
    state_request: Option<Offsets>,
    action_request: Option<Offsets>,
    #[serde(default = "yes")]
    pad_missing_future: bool,
}

#[derive(Deserialize)]
struct Offsets {
    deltas_steps: Vec<i64>,
}

#[derive(Deserialize)]
struct LoaderNode {
    batch_size: usize,
    num_workers: usize,
    prefetch_factor: usize,
}

#[derive(Deserialize)]
struct Adapter {
    lerobot_v3: AdapterNode,
}

#[derive(Deserialize)]
struct AdapterNode {
    seed: u64,
    weights_mode: String,
    steps_per_epoch: usize,
}

#[derive(Default, Deserialize)]
struct Filtering {
    #[serde(default)]
    enabled: bool,
}

fn main_revision() -> String {
    "main".to_owned()
}

fn one() -> f64 {
    1.0
}

fn yes() -> bool {
    true
}

/// LeRobot's own default.
fn tolerance() -> f64 {
    1e-4
}
