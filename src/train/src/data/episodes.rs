//! The table of episodes, `meta/episodes/`: which frames, which files, and from when on in each video.
//!
//! INVARIANT: episodes come out in the order of their index, follow each other without
//! a gap, and none is empty.

use std::fs;
use std::path::{Path, PathBuf};

use super::Error;
use super::meta::{Clip, Episode, File, Info};
use super::table::Table;

/// Reads the table of episodes of the data set in a directory.
pub(super) fn read(root: &Path, info: &Info) -> Result<Vec<Episode>, Error> {
    let folder = root.join("meta/episodes");
    let mut episodes = Vec::new();
    for path in files(&folder)? {
        add(&path, info, &mut episodes)?;
    }
    if episodes.is_empty() {
        return Err(Error::malformed(&folder, "no episodes"));
    }
    let frames = episodes.last().map_or(0, |episode| episode.frames.end);
    if (episodes.len(), frames) != (info.total_episodes, info.total_frames) {
        return Err(Error::malformed(
            &folder,
            format!(
                "{} episodes with {frames} frames; `info.json` counts {} with {}",
                episodes.len(),
                info.total_episodes,
                info.total_frames
            ),
        ));
    }
    Ok(episodes)
}

/// Returns the files `chunk-*/file-*.parquet` in order.
fn files(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut files = Vec::new();
    for chunk in entries(folder)? {
        if chunk.is_dir() {
            files.extend(entries(&chunk)?);
        }
    }
    files.retain(|path| path.extension().is_some_and(|end| end == "parquet"));
    Ok(files)
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let read = fs::read_dir(folder).map_err(Error::file(folder))?;
    let entries: Result<Vec<_>, _> = read.map(|entry| entry.map(|entry| entry.path())).collect();
    let mut entries = entries.map_err(Error::file(folder))?;
    entries.sort();
    Ok(entries)
}

/// Adds the episodes of one file.
fn add(path: &Path, info: &Info, episodes: &mut Vec<Episode>) -> Result<(), Error> {
    let cameras = info.features.iter();
    let cameras: Vec<&String> = cameras
        .filter(|(_, feature)| feature.dtype == "video")
        .map(|(key, _)| key)
        .collect();
    let of = |camera: &str, what: &str| format!("videos/{camera}/{what}");
    let mut names: Vec<String> = COLUMNS.map(str::to_owned).into();
    for camera in &cameras {
        names.extend(["chunk_index", "file_index", "from_timestamp"].map(|what| of(camera, what)));
    }
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut rows = Table::open(path)?.read(&names)?;

    let mut column = |name: &str| rows.integers(name);
    let [index, length, chunk, file, from, to] = [
        column("episode_index")?,
        column("length")?,
        column("data/chunk_index")?,
        column("data/file_index")?,
        column("dataset_from_index")?,
        column("dataset_to_index")?,
    ];
    let tasks = rows.lists_of_texts("tasks")?;
    let mut clips = Vec::new();
    for camera in cameras {
        clips.push((
            camera,
            rows.integers(&of(camera, "chunk_index"))?,
            rows.integers(&of(camera, "file_index"))?,
            rows.numbers(&of(camera, "from_timestamp"))?,
        ));
    }

    for (row, tasks) in tasks.into_iter().enumerate() {
        let at = |column: &[i64]| column.get(row).copied().unwrap_or(-1);
        let number = episodes.len();
        let wrong = |what: String| Error::Episode {
            path: path.to_owned(),
            episode: number,
            what,
        };
        let whole = |what: &str, value: i64| {
            u64::try_from(value).map_err(|_| wrong(format!("{what} {value}")))
        };
        if usize::try_from(at(&index)) != Ok(number) {
            return Err(wrong(format!("row {row} is episode {}", at(&index))));
        }
        let frames = whole("frame", at(&from))? as usize..whole("frame", at(&to))? as usize;
        if frames.is_empty() {
            return Err(wrong("it is empty".to_owned()));
        }
        if usize::try_from(at(&length)) != Ok(frames.len()) {
            let length = at(&length);
            return Err(wrong(format!(
                "length {length}, but frames {} to {}",
                frames.start, frames.end
            )));
        }
        let before = episodes.last().map_or(0, |episode| episode.frames.end);
        if frames.start != before {
            let start = frames.start;
            return Err(wrong(format!(
                "it begins at frame {start}, the one before ends at {before}"
            )));
        }
        let file_at = |chunk: &[i64], file: &[i64]| -> Result<File, Error> {
            Ok(File {
                chunk: whole("chunk", at(chunk))?,
                file: whole("file", at(file))?,
            })
        };
        let mut own = std::collections::BTreeMap::new();
        for (camera, chunk, file, from) in &clips {
            let from = from.get(row).copied().unwrap_or(f64::NAN);
            if !(from.is_finite() && from >= 0.0) {
                return Err(wrong(format!("`{camera}` begins at {from} s")));
            }
            let file = file_at(chunk, file)?;
            own.insert((*camera).clone(), Clip { file, from });
        }
        episodes.push(Episode {
            tasks,
            data: file_at(&chunk, &file)?,
            frames,
            clips: own,
        });
    }
    Ok(())
}

const COLUMNS: [&str; 7] = [
    "episode_index",
    "tasks",
    "length",
    "data/chunk_index",
    "data/file_index",
    "dataset_from_index",
    "dataset_to_index",
];
