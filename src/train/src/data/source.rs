//! One data set, opened: its metadata, its rows, and where its pictures lie. Shared by all threads.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use super::config::SourceConfig;
use super::fields::Field;
use super::meta::{Episode, Feature, File, Meta};
use super::place::Caches;
use super::rows::{Rows, Vectors};
use super::stills::Stills;
use super::{Error, Video};

/// A data set.
#[derive(Debug)]
pub struct Source {
    /// What it says about itself.
    pub meta: Meta,
    /// Its rows.
    pub rows: Rows,
    /// Its cameras that the camera map names.
    pub cameras: Vec<Camera>,
    /// Its flow, where the configuration asks for it.
    pub flow: Option<Field>,
    /// Its share of the samples of a mix.
    pub weight: f64,
    /// How many episodes are held out by the configuration.
    pub val_episode_count: usize,
    /// How far a picture's time may be from its row's, in seconds.
    pub tolerance: f64,
    /// Its instructions, by the index of the task.
    pub(super) tasks: Vec<Arc<str>>,
    state: Option<String>,
    action: Option<String>,
}

/// A camera of a data set.
#[derive(Debug)]
pub struct Camera {
    /// What the camera map calls it.
    pub name: String,
    /// The feature's key.
    pub key: String,
    /// Height, width and channels of its pictures.
    pub shape: [usize; 3],
    /// Whether it is stored as video, else as PNGs among the rows.
    pub is_video: bool,
    /// One file each; those of PNGs in the order of the files of rows.
    files: Vec<Lazy>,
}

/// A file of pictures, opened when it is first needed.
#[derive(Debug)]
struct Lazy {
    file: File,
    path: PathBuf,
    stills: OnceLock<Arc<Stills>>,
    video: OnceLock<Arc<Video>>,
}

impl Source {
    /// Opens a data set: reads its metadata and its rows, and sees that every file is there.
    ///
    /// # Errors
    ///
    /// Where something is missing or malformed.
    pub fn open(config: &SourceConfig, caches: &Caches) -> Result<Self, Error> {
        let root = caches.find(&config.repo_id, &config.revision)?;
        let meta = Meta::read(&root)?;
        let vector = |kind, key: &Option<String>| {
            let key = key.as_deref();
            key.map(|key| meta.feature(kind, key, Feature::is_vector))
                .transpose()
        };
        vector("state", &config.state_key)?;
        vector("action", &config.action_key)?;
        let keys = config.state_key.iter().chain(&config.action_key);
        let mut keys: Vec<&str> = keys.chain(&config.vectors).map(String::as_str).collect();
        keys.sort_unstable();
        keys.dedup();
        let rows = Rows::read(&meta, &keys)?;
        let cameras = config.camera_map.iter();
        let cameras: Result<Vec<_>, _> = cameras
            .map(|(name, key)| Camera::open(name, key, &meta, &rows))
            .collect();
        let flow = config.flow.as_ref();
        let flow = flow.map(|flow| Field::open(flow, &meta, &rows));
        Ok(Self {
            cameras: cameras?,
            flow: flow.transpose()?,
            weight: config.weight,
            val_episode_count: config.val_episode_count,
            tolerance: config.tolerance_s,
            tasks: meta.tasks.iter().map(|task| task.as_str().into()).collect(),
            state: config.state_key.clone(),
            action: config.action_key.clone(),
            meta,
            rows,
        })
    }

    /// Returns the states, where the configuration names their key.
    pub fn state(&self) -> Option<&Vectors> {
        self.rows.vectors.get(self.state.as_ref()?)
    }

    /// Returns the actions, where the configuration names their key.
    pub fn action(&self) -> Option<&Vectors> {
        self.rows.vectors.get(self.action.as_ref()?)
    }

    /// Returns the episode that a frame of the data set is of, and its number.
    pub fn episode(&self, frame: usize) -> Option<(usize, &Episode)> {
        let episodes = &self.meta.episodes;
        let after = episodes.partition_point(|episode| episode.frames.start <= frame);
        let number = after.checked_sub(1)?;
        let episode = episodes.get(number)?;
        episode.frames.contains(&frame).then_some((number, episode))
    }

    /// Opens every file of pictures and of flow.
    ///
    /// # Errors
    ///
    /// Where one is malformed, a video cut short for example.
    pub fn check(&self) -> Result<(), Error> {
        for camera in &self.cameras {
            for place in 0..camera.files.len() {
                match camera.is_video {
                    true => drop(camera.video(place)?),
                    false => drop(camera.stills(place)?),
                }
            }
        }
        self.flow.as_ref().map_or(Ok(()), Field::check)
    }

    /// Returns the file that a camera's picture of a frame lies in.
    pub(super) fn picture_path(&self, camera: &Camera, frame: usize) -> PathBuf {
        let Some((_, episode)) = self.episode(frame) else {
            return self.meta.info_path();
        };
        match episode.clips.get(&camera.key) {
            Some(clip) => self.meta.video_path(&camera.key, clip.file),
            None => self.meta.data_path(episode.data),
        }
    }

    /// Returns the error of a frame in a file.
    pub(super) fn wrong(&self, path: impl Into<PathBuf>, frame: usize, what: String) -> Error {
        let (episode, start) = self
            .episode(frame)
            .map_or((0, 0), |(number, episode)| (number, episode.frames.start));
        Error::Frame {
            path: path.into(),
            episode,
            frame: frame - start,
            what,
        }
    }
}

impl Camera {
    fn open(name: &str, key: &str, meta: &Meta, rows: &Rows) -> Result<Self, Error> {
        let feature = meta.feature("camera", key, Feature::is_camera)?;
        let shape = <[usize; 3]>::try_from(feature.shape.as_slice());
        let shape = shape
            .ok()
            .filter(|shape| shape[2] == 3 && shape[0] > 0 && shape[1] > 0);
        let shape = shape.ok_or_else(|| {
            let shape = &feature.shape;
            let what = format!("camera `{key}` has the shape {shape:?}, not [height, width, 3]");
            Error::malformed(meta.info_path(), what)
        })?;
        let is_video = feature.dtype == "video";
        let files: Vec<File> = match is_video {
            true => {
                let clips = meta.episodes.iter().filter_map(|of| of.clips.get(key));
                let mut files: Vec<_> = clips.map(|clip| clip.file).collect();
                files.sort();
                files.dedup();
                files
            }
            false => rows.files.iter().map(|&(file, _)| file).collect(),
        };
        let lazy = |file| {
            let path = match is_video {
                true => meta.video_path(key, file),
                false => meta.data_path(file),
            };
            std::fs::metadata(&path).map_err(Error::file(&path))?;
            Ok(Lazy {
                file,
                path,
                stills: OnceLock::new(),
                video: OnceLock::new(),
            })
        };
        let files: Result<Vec<_>, Error> = files.into_iter().map(lazy).collect();
        Ok(Self {
            name: name.to_owned(),
            key: key.to_owned(),
            shape,
            is_video,
            files: files?,
        })
    }

    /// Says that a picture has other sides than the camera's have.
    pub(super) fn other_sides(&self, [height, width]: [usize; 2]) -> String {
        let [own_height, own_width, _] = self.shape;
        format!(
            "`{}` is {height} × {width}, its feature says {own_height} × {own_width}",
            self.key
        )
    }

    /// Returns how many files its pictures lie in.
    pub fn file_count(&self) -> usize {
        self.files.len()
    }

    /// Returns the place of a video file among this camera's.
    pub(super) fn place_of(&self, file: File) -> Option<usize> {
        self.files
            .binary_search_by_key(&file, |lazy| lazy.file)
            .ok()
    }

    /// Returns the PNGs of one file of rows.
    pub(super) fn stills(&self, place: usize) -> Result<Arc<Stills>, Error> {
        let file = self.file(place)?;
        if let Some(stills) = file.stills.get() {
            return Ok(Arc::clone(stills));
        }
        let stills = Arc::new(Stills::open(&file.path, &self.key)?);
        Ok(Arc::clone(file.stills.get_or_init(|| stills)))
    }

    /// Returns one video.
    ///
    /// # Errors
    ///
    /// Where it is malformed.
    pub fn video(&self, place: usize) -> Result<Arc<Video>, Error> {
        let file = self.file(place)?;
        if let Some(video) = file.video.get() {
            return Ok(Arc::clone(video));
        }
        let [height, width, _] = self.shape;
        let video = Video::open_within(&file.path, height.saturating_mul(width))?;
        // Before anything is decoded, which takes memory by the size.
        if let Some(found) = video.sides().filter(|found| *found != [height, width]) {
            return Err(Error::malformed(&file.path, self.other_sides(found)));
        }
        let video = Arc::new(video);
        Ok(Arc::clone(file.video.get_or_init(|| video)))
    }

    fn file(&self, place: usize) -> Result<&Lazy, Error> {
        let lacking = || Error::Config(format!("camera `{}` has no file {place}", self.key));
        self.files.get(place).ok_or_else(lacking)
    }
}
