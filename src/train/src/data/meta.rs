//! What a data set says about itself: `meta/info.json`, `stats.json`, `tasks.parquet` and `episodes/`.
//!
//! INVARIANT: a version other than v3.0 is refused before anything else is read.

use std::collections::BTreeMap;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use ndarray::Array1;
use serde::{Deserialize, Serialize};

use super::table::Table;
use super::{Error, episodes};

/// The version of the format that is read.
pub const VERSION: &str = "v3.0";

/// All of a data set's metadata.
#[derive(Clone, Debug)]
pub struct Meta {
    /// The data set's directory.
    pub root: PathBuf,
    /// `info.json`.
    pub info: Info,
    /// The instruction of each task, by its index.
    pub tasks: Vec<String>,
    /// The episodes, by their index.
    pub episodes: Vec<Episode>,
    /// `stats.json`, by feature; empty where there is none.
    pub statistics: BTreeMap<String, Statistics>,
}

impl Meta {
    /// Reads the metadata of the data set in a directory.
    ///
    /// # Errors
    ///
    /// Where a file is missing or malformed, the version is another, or an episode is empty.
    pub fn read(root: &Path) -> Result<Self, Error> {
        let info = Info::read(root)?;
        let tasks = tasks(&root.join("meta/tasks.parquet"))?;
        let episodes = episodes::read(root, &info)?;
        let statistics = statistics(&root.join("meta/stats.json"))?;
        Ok(Self {
            root: root.to_owned(),
            info,
            tasks,
            episodes,
            statistics,
        })
    }

    /// Returns the path of `info.json`.
    pub fn info_path(&self) -> PathBuf {
        self.root.join("meta/info.json")
    }

    /// Returns the path of a file of rows.
    pub fn data_path(&self, file: File) -> PathBuf {
        self.root.join(file.fill(&self.info.data_path, ""))
    }

    /// Returns the path of a camera's video file.
    pub fn video_path(&self, camera: &str, file: File) -> PathBuf {
        let template = self.info.video_path.as_deref().unwrap_or_default();
        self.root.join(file.fill(template, camera))
    }

    /// Returns the feature of a key.
    ///
    /// # Errors
    ///
    /// Where there is none of that kind: those that `fits` accepts are then named.
    pub fn feature(
        &self,
        kind: &'static str,
        key: &str,
        fits: impl Fn(&Feature) -> bool,
    ) -> Result<&Feature, Error> {
        let features = &self.info.features;
        let found = features.get(key).filter(|feature| fits(feature));
        found.ok_or_else(|| {
            let known = features.iter().filter(|(_, feature)| fits(feature));
            let known: Vec<_> = known.map(|(key, _)| format!("`{key}`")).collect();
            Error::Missing {
                path: self.info_path(),
                kind,
                key: key.to_owned(),
                known: match known.is_empty() {
                    true => "none".to_owned(),
                    false => known.join(", "),
                },
            }
        })
    }
}

/// `info.json`.
#[derive(Clone, Debug, Deserialize)]
pub struct Info {
    /// The version of the format.
    pub codebase_version: String,
    /// What kind of robot it was.
    pub robot_type: Option<String>,
    /// How many episodes there are.
    pub total_episodes: usize,
    /// How many frames there are in all.
    pub total_frames: usize,
    /// Frames a second.
    pub fps: f64,
    /// Where files of rows lie, with places for the chunk and the file.
    pub data_path: String,
    /// Where video files lie, with places for the camera as well.
    pub video_path: Option<String>,
    /// What each frame has.
    pub features: BTreeMap<String, Feature>,
}

impl Info {
    fn read(root: &Path) -> Result<Self, Error> {
        #[derive(Deserialize)]
        struct Version {
            codebase_version: Option<String>,
        }
        let path = root.join("meta/info.json");
        let text = fs::read_to_string(&path).map_err(Error::file(&path))?;
        let version: Version =
            serde_json::from_str(&text).map_err(|fault| Error::malformed(&path, fault))?;
        let found = version.codebase_version.unwrap_or_default();
        if found != VERSION {
            return Err(Error::Version { path, found });
        }
        let info: Self =
            serde_json::from_str(&text).map_err(|fault| Error::malformed(&path, fault))?;
        if !(info.fps.is_finite() && info.fps > 0.0) {
            return Err(Error::malformed(
                &path,
                format!("{} frames a second", info.fps),
            ));
        }
        Ok(info)
    }
}

/// What one feature is.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Feature {
    /// `image`, `video`, or the type of its numbers.
    pub dtype: String,
    /// Its shape; of a camera height, width and channels.
    pub shape: Vec<usize>,
}

impl Feature {
    /// Returns whether it is a picture, however it is stored.
    pub fn is_camera(&self) -> bool {
        self.dtype == "image" || self.dtype == "video"
    }

    /// Returns whether it is a vector of floating-point numbers.
    pub fn is_vector(&self) -> bool {
        self.dtype.starts_with("float") && self.shape.len() == 1
    }
}

/// One file among those of its kind.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
pub struct File {
    /// The directory it lies in.
    pub chunk: u64,
    /// Its number there.
    pub file: u64,
}

impl File {
    /// Fills a template like `data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet`.
    fn fill(self, template: &str, camera: &str) -> String {
        template
            .replace("{chunk_index:03d}", &format!("{:03}", self.chunk))
            .replace("{chunk_index}", &self.chunk.to_string())
            .replace("{file_index:03d}", &format!("{:03}", self.file))
            .replace("{file_index}", &self.file.to_string())
            .replace("{video_key}", camera)
    }
}

/// One episode.
#[derive(Clone, Debug)]
pub struct Episode {
    /// Its instructions.
    pub tasks: Vec<String>,
    /// The file its rows lie in.
    pub data: File,
    /// Its frames among all of the data set. Never empty.
    pub frames: Range<usize>,
    /// The part of a video that each camera stored as video has of it.
    pub clips: BTreeMap<String, Clip>,
}

/// The part of a video file that an episode is.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Clip {
    /// The file.
    pub file: File,
    /// Where in it the episode begins, in seconds.
    pub from: f64,
}

/// The statistics of one feature, flattened: of a vector one number a dimension, of a picture one a channel.
#[derive(Clone, Debug, Default)]
pub struct Statistics {
    /// The smallest value.
    pub min: Array1<f64>,
    /// The largest value.
    pub max: Array1<f64>,
    /// The mean.
    pub mean: Array1<f64>,
    /// The standard deviation (of the population).
    pub std: Array1<f64>,
}

/// Reads `stats.json`, where there is one.
fn statistics(path: &Path) -> Result<BTreeMap<String, Statistics>, Error> {
    if !path.exists() {
        return Ok(BTreeMap::new());
    }
    let text = fs::read_to_string(path).map_err(Error::file(path))?;
    let tree: BTreeMap<String, BTreeMap<String, serde_json::Value>> =
        serde_json::from_str(&text).map_err(|fault| Error::malformed(path, fault))?;
    let one = |of: BTreeMap<String, serde_json::Value>| {
        let part = |name: &str| {
            let mut numbers = Vec::new();
            if let Some(value) = of.get(name) {
                flatten(value, &mut numbers);
            }
            Array1::from(numbers)
        };
        Statistics {
            min: part("min"),
            max: part("max"),
            mean: part("mean"),
            std: part("std"),
        }
    };
    Ok(tree.into_iter().map(|(key, of)| (key, one(of))).collect())
}

fn flatten(value: &serde_json::Value, into: &mut Vec<f64>) {
    match value {
        serde_json::Value::Array(parts) => parts.iter().for_each(|part| flatten(part, into)),
        other => into.extend(other.as_f64()),
    }
}

/// Reads `tasks.parquet`: a pandas frame whose index holds the instructions.
fn tasks(path: &Path) -> Result<Vec<String>, Error> {
    let table = Table::open(path)?;
    let text = ["task", "__index_level_0__"]
        .into_iter()
        .find(|name| table.has(name))
        .ok_or_else(|| Error::malformed(path, "no column of instructions"))?;
    let mut rows = table.read(&["task_index", text])?;
    let (indices, texts) = (rows.integers("task_index")?, rows.texts(text)?);
    let mut tasks = vec![String::new(); indices.len()];
    for (row, (index, text)) in indices.into_iter().zip(texts).enumerate() {
        let place = usize::try_from(index).ok().and_then(|i| tasks.get_mut(i));
        let Some(place) = place else {
            return Err(Error::Row {
                path: path.to_owned(),
                row,
                what: format!("task {index} of {}", rows.len()),
            });
        };
        *place = text;
    }
    Ok(tasks)
}
