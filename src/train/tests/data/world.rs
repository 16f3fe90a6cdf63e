//! Small data sets to test with, written here, so that no Python is needed.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::builder::{
    BinaryBuilder, FixedSizeListBuilder, Float32Builder, ListBuilder, StringBuilder,
};
use arrow_array::{
    ArrayRef, Float32Array, Float64Array, Int64Array, RecordBatch, StringArray, StructArray,
};
use arrow_schema::{DataType, Field};
use hlrp_train::data::{Caches, CameraRequest, Error, Picture, Request, Set, SourceConfig};
use parquet::arrow::ArrowWriter;
use serde_json::json;
use tempfile::TempDir;

use super::mp4;

pub(crate) const CAMERA: &str = "observation.images.front";
pub(crate) const FLOW: &str = "observation.flow";
pub(crate) const FPS: usize = 10;
pub(crate) const SIDES: [usize; 2] = [32, 48];

/// What a data set to be written is like.
#[derive(Clone)]
pub(crate) struct Recipe {
    /// Frames of each episode.
    pub(crate) lengths: Vec<usize>,
    pub(crate) is_video: bool,
    pub(crate) version: &'static str,
    /// What is written as the state's first number, by frame.
    pub(crate) state: fn(usize) -> f32,
    /// How many numbers the features say that a state has; 3 are written.
    pub(crate) state_width: usize,
    /// How large the features say that pictures are.
    pub(crate) sides: [usize; 2],
    /// The flow that its frames have, if any.
    pub(crate) flow: Option<FlowRecipe>,
    /// Whether the second half of the episodes lies in a second file.
    pub(crate) two_files: bool,
}

/// Flow to be written under `observation.flow`.
#[derive(Clone, Copy)]
pub(crate) struct FlowRecipe {
    /// The height and width that the features say.
    pub(crate) said: [usize; 2],
    /// Those that are written.
    pub(crate) written: [usize; 2],
    /// The number at a place of a frame.
    pub(crate) number: fn(usize, usize) -> f32,
}

impl Default for Recipe {
    fn default() -> Self {
        Self {
            lengths: vec![7, 4, 9],
            is_video: false,
            version: "v3.0",
            state: |frame| frame as f32,
            state_width: 3,
            sides: SIDES,
            flow: None,
            two_files: false,
        }
    }
}

/// A data set on the disk, gone with this.
pub(crate) struct World {
    folder: TempDir,
}

impl World {
    pub(crate) fn new(recipe: &Recipe) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("set");
        write(&root, recipe);
        Self { folder }
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.folder.path().join("set")
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn config(&self) -> SourceConfig {
        config(&self.root().to_string_lossy())
    }

    pub(crate) fn open(&self) -> Result<Set, Error> {
        open(&[self.config()])
    }
}

/// Returns the configuration of a data set with state, action and the camera as `primary`.
pub(crate) fn config(name: &str) -> SourceConfig {
    let mut config = SourceConfig::of(name, []);
    config.camera_map = [("primary".to_owned(), CAMERA.to_owned())].into();
    config.state_key = Some("observation.state".into());
    config.action_key = Some("action".into());
    config
}

pub(crate) fn open(configs: &[SourceConfig]) -> Result<Set, Error> {
    let nowhere = PathBuf::from("/nonexistent");
    let caches = Caches {
        lerobot: nowhere.clone(),
        hub: nowhere,
    };
    Set::open_in(configs, &caches)
}

/// Returns a request of frames 0 and 5 of the camera, with state and action.
pub(crate) fn request() -> Request {
    Request {
        cameras: vec![CameraRequest {
            name: "primary".into(),
            frames: vec![0, 5],
        }],
        image_size: None,
        state: vec![0],
        action: vec![0, 1],
        flow: false,
        pad: true,
    }
}

/// Returns the picture of a frame: every one is another.
pub(crate) fn picture(frame: usize) -> Picture {
    let [height, width] = SIDES;
    let pixel = |at: usize| {
        let (y, x) = (at / width, at % width);
        let near = y.abs_diff(frame % height) < 4 && x.abs_diff(2 * frame % width) < 4;
        [
            if near { 255 } else { y as u8 * 7 },
            x as u8 * 5,
            (frame as u8).wrapping_mul(3),
        ]
    };
    let pixels = (0..height * width).flat_map(pixel).collect();
    Picture::new(height, width, pixels).unwrap()
}

/// The flow of frames, as LeRobot writes what has three sides: lists of lists of lists.
fn lists(flow: FlowRecipe, frames: &[i64]) -> ArrayRef {
    let [height, width] = flow.written;
    let mut rows = ListBuilder::new(ListBuilder::new(ListBuilder::new(Float32Builder::new())));
    for &frame in frames {
        let mut at = 0;
        for _ in 0..2 {
            for _ in 0..height {
                for _ in 0..width {
                    let number = (flow.number)(frame as usize, at);
                    rows.values().values().values().append_value(number);
                    at += 1;
                }
                rows.values().values().append(true);
            }
            rows.values().append(true);
        }
        rows.append(true);
    }
    Arc::new(rows.finish())
}

/// Writes a parquet file.
pub(crate) fn table(path: &Path, columns: Vec<(&str, ArrayRef)>) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let mut writer =
        ArrowWriter::try_new(File::create(path).unwrap(), batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

pub(crate) fn write(root: &Path, recipe: &Recipe) {
    fs::create_dir_all(root.join("meta")).unwrap();
    info(root, recipe);
    let texts = StringArray::from(vec!["push it", "lift it"]);
    let indices = Int64Array::from(vec![0, 1]);
    table(
        &root.join("meta/tasks.parquet"),
        vec![
            ("task_index", Arc::new(indices)),
            ("__index_level_0__", Arc::new(texts)),
        ],
    );
    episodes(root, recipe);
    let half = if recipe.two_files {
        recipe.lengths.len() / 2
    } else {
        0
    };
    let parts = [
        (0, 0..half),
        (u64::from(half > 0), half..recipe.lengths.len()),
    ];
    for (file, part) in parts.into_iter().filter(|(_, part)| !part.is_empty()) {
        rows(root, recipe, file, part);
    }
    if recipe.is_video {
        let count = recipe.lengths.iter().sum();
        let pictures: Vec<Picture> = (0..count).map(picture).collect();
        let path = root.join(format!("videos/{CAMERA}/chunk-000/file-000.mp4"));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, mp4::encode(&pictures, FPS)).unwrap();
    }
}

fn info(root: &Path, recipe: &Recipe) {
    let number = |dtype: &str| json!({"dtype": dtype, "shape": [1], "names": null});
    let camera = if recipe.is_video { "video" } else { "image" };
    let [height, width] = recipe.sides;
    let info = json!({
        "codebase_version": recipe.version,
        "robot_type": "none",
        "total_episodes": recipe.lengths.len(),
        "total_frames": recipe.lengths.iter().sum::<usize>(),
        "total_tasks": 2,
        "fps": FPS,
        "data_path": "data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet",
        "video_path": "videos/{video_key}/chunk-{chunk_index:03d}/file-{file_index:03d}.mp4",
        "features": {
            CAMERA: {"dtype": camera, "shape": [height, width, 3]},
            "observation.state": {"dtype": "float32", "shape": [recipe.state_width]},
            "action": {"dtype": "float32", "shape": [2]},
            "timestamp": number("float32"),
            "frame_index": number("int64"),
            "episode_index": number("int64"),
            "index": number("int64"),
            "task_index": number("int64"),
        },
    });
    let mut info = info;
    if let Some(flow) = recipe.flow {
        let [height, width] = flow.said;
        info["features"][FLOW] = json!({"dtype": "float32", "shape": [2, height, width]});
    }
    fs::write(root.join("meta/info.json"), info.to_string()).unwrap();
}

fn episodes(root: &Path, recipe: &Recipe) {
    let mut starts = vec![0];
    for length in &recipe.lengths {
        starts.push(starts.last().unwrap() + *length as i64);
    }
    let count = recipe.lengths.len();
    let file = |number: usize| i64::from(recipe.two_files && number >= count / 2);
    let whole = |of: &dyn Fn(usize) -> i64| -> ArrayRef {
        Arc::new(Int64Array::from_iter_values((0..count).map(of)))
    };
    let mut tasks = ListBuilder::new(StringBuilder::new());
    for number in 0..count {
        tasks
            .values()
            .append_value(["push it", "lift it"][number % 2]);
        tasks.append(true);
    }
    let mut columns: Vec<(&str, ArrayRef)> = vec![
        ("episode_index", whole(&|number| number as i64)),
        ("tasks", Arc::new(tasks.finish())),
        ("length", whole(&|number| recipe.lengths[number] as i64)),
        ("data/chunk_index", whole(&|_| 0)),
        ("data/file_index", whole(&file)),
        ("dataset_from_index", whole(&|number| starts[number])),
        ("dataset_to_index", whole(&|number| starts[number + 1])),
    ];
    let of = |what: &str| format!("videos/{CAMERA}/{what}");
    let names = ["chunk_index", "file_index", "from_timestamp"].map(of);
    if recipe.is_video {
        let from = (0..count).map(|number| starts[number] as f64 / FPS as f64);
        columns.push((&names[0], whole(&|_| 0)));
        columns.push((&names[1], whole(&|_| 0)));
        columns.push((&names[2], Arc::new(Float64Array::from_iter_values(from))));
    }
    table(
        &root.join("meta/episodes/chunk-000/file-000.parquet"),
        columns,
    );
}

fn rows(root: &Path, recipe: &Recipe, file: u64, part: std::ops::Range<usize>) {
    let before: usize = recipe.lengths[..part.start].iter().sum();
    let (mut episode, mut frame, mut index) = (Vec::new(), Vec::new(), Vec::new());
    for number in part {
        for within in 0..recipe.lengths[number] {
            episode.push(number as i64);
            frame.push(within as i64);
            index.push((before + index.len()) as i64);
        }
    }
    let mut states = FixedSizeListBuilder::new(Float32Builder::new(), 3);
    let mut actions = FixedSizeListBuilder::new(Float32Builder::new(), 2);
    let mut pictures = BinaryBuilder::new();
    for &index in &index {
        let number = index as f32;
        states
            .values()
            .append_slice(&[(recipe.state)(index as usize), number / 7.0, -number]);
        states.append(true);
        actions.values().append_slice(&[number * 2.0, 0.5]);
        actions.append(true);
        pictures.append_value(picture(index as usize).to_png().unwrap());
    }
    let times = frame.iter().map(|&frame| frame as f32 / FPS as f32);
    let mut columns: Vec<(&str, ArrayRef)> = vec![
        ("observation.state", Arc::new(states.finish())),
        ("action", Arc::new(actions.finish())),
        ("timestamp", Arc::new(Float32Array::from_iter_values(times))),
        ("frame_index", Arc::new(Int64Array::from(frame))),
        (
            "task_index",
            Arc::new(Int64Array::from_iter_values(
                episode.iter().map(|number| number % 2),
            )),
        ),
        ("episode_index", Arc::new(Int64Array::from(episode))),
        ("index", Arc::new(Int64Array::from(index.clone()))),
    ];
    if !recipe.is_video {
        let paths = StringArray::from_iter_values(index.iter().map(|index| format!("{index}.png")));
        let member = |name, kind| Arc::new(Field::new(name, kind, true));
        let bytes: ArrayRef = Arc::new(pictures.finish());
        let pictures = StructArray::from(vec![
            (member("bytes", DataType::Binary), bytes),
            (member("path", DataType::Utf8), Arc::new(paths)),
        ]);
        columns.push((CAMERA, Arc::new(pictures)));
    }
    if let Some(flow) = recipe.flow {
        columns.push((FLOW, lists(flow, &index)));
    }
    table(
        &root.join(format!("data/chunk-000/file-{file:03}.parquet")),
        columns,
    );
}
