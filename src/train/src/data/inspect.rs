//! What there is to say about one data set: for a person, as JSON, and as a contact sheet.
//!
//! INVARIANT: every row is read, every file of pictures opened, and a picture of each
//! camera decoded before anything is said or written.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ndarray::{ArrayView2, Axis};
use serde::Serialize;

use super::reader::{Reader, Shared, View};
use super::sheet::{Sheet, spaced};
use super::{Caches, Error, Feature, Meta, Rows, Set, Source, SourceConfig};

/// What is looked at.
#[derive(Clone, Debug, Default)]
pub struct Look {
    /// The data set: a directory, or `ORG/NAME` in the caches.
    pub name: String,
    /// Which revision, where it is in the hub's cache.
    pub revision: String,
    /// One episode, instead of all.
    pub episode: Option<usize>,
    /// The camera of the sheet; the first, where none is named.
    pub camera: Option<String>,
    /// Where a contact sheet goes.
    pub sheet: Option<PathBuf>,
}

/// What there is to say.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The shape of this report.
    pub schema: &'static str,
    /// The data set's directory.
    pub path: PathBuf,
    /// The version of the format.
    pub version: String,
    /// What kind of robot it was.
    pub robot_type: Option<String>,
    /// Frames a second.
    pub fps: f64,
    /// How many episodes there are.
    pub episodes: usize,
    /// How many frames, in all.
    pub frames: usize,
    /// How long all of them are, in seconds.
    pub seconds: f64,
    /// Frames of the shortest, the median and the longest episode.
    pub lengths: [usize; 3],
    /// The instructions.
    pub tasks: Vec<Task>,
    /// The features by key.
    pub features: BTreeMap<String, Feature>,
    /// The cameras.
    pub cameras: Vec<CameraReport>,
    /// The vectors by key, counted over the rows.
    pub vectors: BTreeMap<String, VectorReport>,
    /// The episode that was asked for.
    pub episode: Option<EpisodeReport>,
}

/// One instruction.
#[derive(Clone, Debug, Serialize)]
pub struct Task {
    /// Its words.
    pub text: String,
    /// How many episodes have it.
    pub episodes: usize,
    /// How many frames have it.
    pub frames: usize,
}

/// One camera.
#[derive(Clone, Debug, Serialize)]
pub struct CameraReport {
    /// Its key.
    pub key: String,
    /// Height, width and channels.
    pub shape: [usize; 3],
    /// `png`, `h264` or `av1`.
    pub stored_as: &'static str,
    /// How many files.
    pub files: usize,
}

/// The numbers of one vector, one entry a dimension.
#[derive(Clone, Debug, Serialize)]
pub struct VectorReport {
    /// The smallest.
    pub min: Vec<f64>,
    /// The largest.
    pub max: Vec<f64>,
    /// The mean.
    pub mean: Vec<f64>,
    /// The standard deviation (of the population).
    pub std: Vec<f64>,
}

/// One episode.
#[derive(Clone, Debug, Serialize)]
pub struct EpisodeReport {
    /// Its number.
    pub number: usize,
    /// Its instructions.
    pub tasks: Vec<String>,
    /// How many frames it has.
    pub frames: usize,
    /// The first of them in the data set.
    pub first: usize,
    /// How long it is, in seconds.
    pub seconds: f64,
    /// Where its rows lie.
    pub data: PathBuf,
}

impl Report {
    /// Looks at a data set, and writes the contact sheet where one is asked for.
    ///
    /// # Errors
    ///
    /// Where anything of the data set is wrong, or the sheet's name is taken: then nothing is written.
    pub fn of(look: &Look, caches: &Caches) -> Result<Self, Error> {
        if let Some(sheet) = look.sheet.as_ref().filter(|sheet| sheet.exists()) {
            return Err(Error::Taken(sheet.clone()));
        }
        let set = open(look, caches)?;
        let source = set.sources().first();
        let source = source.ok_or_else(|| Error::Config("no data set".to_owned()))?;
        set.check()?;
        let mut reader = Reader::new(Arc::new(Shared::new(1 << 28, 0)));
        for camera in 0..source.cameras.len() {
            let view = View {
                number: 0,
                source,
                camera,
            };
            reader.pictures(view, &[0], None)?;
        }
        let report = Self::new(source, look)?;
        if let Some(path) = &look.sheet {
            let sheet = sheet(source, look)?.draw(source, &mut reader)?;
            let png = sheet.to_png().map_err(Error::Config)?;
            write_new(path, &png)?;
        }
        Ok(report)
    }

    fn new(source: &Source, look: &Look) -> Result<Self, Error> {
        let (meta, rows) = (&source.meta, &source.rows);
        let mut lengths: Vec<usize> = meta.episodes.iter().map(|of| of.frames.len()).collect();
        lengths.sort_unstable();
        let at = |place: usize| lengths.get(place).copied().unwrap_or_default();
        let vectors = rows.vectors.iter();
        let mut cameras = Vec::new();
        for camera in &source.cameras {
            cameras.push(CameraReport {
                key: camera.key.clone(),
                shape: camera.shape,
                stored_as: match camera.is_video {
                    true => camera.video(0)?.codec(),
                    false => "png",
                },
                files: camera.file_count(),
            });
        }
        Ok(Self {
            schema: "hlrp-train.data.inspect.v1",
            path: meta.root.clone(),
            version: meta.info.codebase_version.clone(),
            robot_type: meta.info.robot_type.clone(),
            fps: meta.info.fps,
            episodes: meta.episodes.len(),
            frames: meta.info.total_frames,
            seconds: meta.info.total_frames as f64 / meta.info.fps,
            lengths: [at(0), at(lengths.len() / 2), at(lengths.len() - 1)],
            tasks: tasks(meta, rows),
            features: meta.info.features.clone(),
            cameras,
            vectors: vectors
                .filter_map(|(key, of)| Some((key.clone(), VectorReport::new(of)?)))
                .collect(),
            episode: look
                .episode
                .map(|number| episode(meta, number))
                .transpose()?,
        })
    }

    /// Returns it as a person reads it.
    pub fn text(&self) -> String {
        let mut text = format!(
            "{}\nversion   {}\nrobot     {}\nepisodes  {} of {} to {} frames (median {})\nframes    {}, {:.0} s at {} a second\n",
            self.path.display(),
            self.version,
            self.robot_type.as_deref().unwrap_or("unknown"),
            self.episodes,
            self.lengths[0],
            self.lengths[2],
            self.lengths[1],
            self.frames,
            self.seconds,
            self.fps,
        );
        // Writing to a text cannot go wrong.
        let mut line = |line: std::fmt::Arguments<'_>| {
            let _ = writeln!(text, "{line}");
        };
        line(format_args!("\ntasks"));
        for task in &self.tasks {
            line(format_args!(
                "  {:>6} episodes {:>8} frames  {}",
                task.episodes, task.frames, task.text
            ));
        }
        line(format_args!("\ncameras"));
        for camera in &self.cameras {
            let [height, width, _] = camera.shape;
            line(format_args!(
                "  {}  {height} × {width}  {}  {} files",
                camera.key, camera.stored_as, camera.files
            ));
        }
        line(format_args!("\nfeatures"));
        for (key, feature) in &self.features {
            line(format_args!(
                "  {key}  {} {:?}",
                feature.dtype, feature.shape
            ));
        }
        for (key, vector) in &self.vectors {
            line(format_args!(
                "\n{key:<20}        min        max       mean        std"
            ));
            let numbers = vector.min.iter().zip(&vector.max);
            let numbers = numbers.zip(&vector.mean).zip(&vector.std);
            for (dimension, (((min, max), mean), std)) in numbers.enumerate() {
                line(format_args!(
                    "  {dimension:>18} {min:>10.4} {max:>10.4} {mean:>10.4} {std:>10.4}"
                ));
            }
        }
        if let Some(episode) = &self.episode {
            line(format_args!(
                "\nepisode {}\n  frames  {} from {} on, {:.2} s\n  tasks   {}\n  rows    {}",
                episode.number,
                episode.frames,
                episode.first,
                episode.seconds,
                episode.tasks.join("; "),
                episode.data.display()
            ));
        }
        text
    }
}

impl VectorReport {
    fn new(of: &super::Vectors) -> Option<Self> {
        let rows = of.values.len().checked_div(of.width)?;
        let values = ArrayView2::from_shape((rows, of.width), &of.values).ok()?;
        let values = values.mapv(f64::from);
        let fold = |start: f64, with: fn(f64, f64) -> f64| {
            let folded = values.fold_axis(Axis(0), start, |&held, &value| with(held, value));
            folded.to_vec()
        };
        Some(Self {
            min: fold(f64::INFINITY, f64::min),
            max: fold(f64::NEG_INFINITY, f64::max),
            mean: values.mean_axis(Axis(0))?.to_vec(),
            std: values.std_axis(Axis(0), 0.0).to_vec(),
        })
    }
}

/// Opens a data set with all its cameras and all its vectors.
fn open(look: &Look, caches: &Caches) -> Result<Set, Error> {
    let root = caches.find(&look.name, &look.revision)?;
    let meta = Meta::read(&root)?;
    let keys = |fits: fn(&Feature) -> bool| {
        let features = meta.info.features.iter();
        features
            .filter(move |(key, feature)| fits(feature) && key.as_str() != "timestamp")
            .map(|(key, _)| key.clone())
    };
    let mut config = SourceConfig::of(&root.to_string_lossy(), keys(Feature::is_camera));
    config.vectors = keys(Feature::is_vector).collect();
    Set::open_in(&[config], caches)
}

fn sheet(source: &Source, look: &Look) -> Result<Sheet, Error> {
    let key = match &look.camera {
        Some(key) => key.clone(),
        None => source
            .cameras
            .first()
            .map(|of| of.key.clone())
            .unwrap_or_default(),
    };
    source.meta.feature("camera", &key, Feature::is_camera)?;
    let camera = source.cameras.iter().position(|camera| camera.key == key);
    let episodes = match look.episode {
        Some(number) => vec![number],
        None => spaced(source.meta.episodes.len(), ROWS).collect(),
    };
    Ok(Sheet {
        episodes,
        camera: camera.unwrap_or(0),
        columns: COLUMNS,
    })
}

fn tasks(meta: &Meta, rows: &Rows) -> Vec<Task> {
    let mut tasks: Vec<Task> = meta
        .tasks
        .iter()
        .map(|text| Task {
            text: text.clone(),
            episodes: 0,
            frames: 0,
        })
        .collect();
    for episode in &meta.episodes {
        let own = rows.task.get(episode.frames.clone()).unwrap_or_default();
        for task in own {
            if let Some(task) = tasks.get_mut(*task as usize) {
                task.frames += 1;
            }
        }
        for task in own.iter().collect::<BTreeSet<_>>() {
            if let Some(task) = tasks.get_mut(*task as usize) {
                task.episodes += 1;
            }
        }
    }
    tasks
}

fn episode(meta: &Meta, number: usize) -> Result<EpisodeReport, Error> {
    let episode = meta.episodes.get(number).ok_or_else(|| Error::Episode {
        path: meta.info_path(),
        episode: number,
        what: format!("there are {} episodes, from 0 on", meta.episodes.len()),
    })?;
    Ok(EpisodeReport {
        number,
        tasks: episode.tasks.clone(),
        frames: episode.frames.len(),
        first: episode.frames.start,
        seconds: episode.frames.len() as f64 / meta.info.fps,
        data: meta.data_path(episode.data),
    })
}

/// Writes a new file, whole or not at all.
fn write_new(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let temporary = path.with_file_name(format!(".{name}.{}", std::process::id()));
    let mut options = OpenOptions::new();
    let mut file = options
        .write(true)
        .create_new(true)
        .open(&temporary)
        .map_err(Error::file(path))?;
    // A second name, unlike a rename, is never given over a file that is there.
    let written = file
        .write_all(bytes)
        .and_then(|()| file.sync_all())
        .and_then(|()| fs::hard_link(&temporary, path));
    let removed = fs::remove_file(&temporary);
    match written {
        Err(fault) if fault.kind() == io::ErrorKind::AlreadyExists => {
            Err(Error::Taken(path.to_owned()))
        }
        written => written.and(removed).map_err(Error::file(path)),
    }
}

/// Rows and columns of a contact sheet.
const ROWS: usize = 16;
const COLUMNS: usize = 8;
