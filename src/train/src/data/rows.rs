//! The numbers of every frame: when it is, whose it is, and the vectors (state, action) that were asked for.
//!
//! INVARIANT: row `i` is frame `i` of the data set, lies in the episode that the table
//! of episodes says, and holds finite numbers only.

use std::collections::BTreeMap;
use std::path::Path;

use super::Error;
use super::meta::{File, Meta};
use super::table::Table;

/// The rows of a data set.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    /// Seconds since its episode began.
    pub time: Vec<f32>,
    /// The index of its task.
    pub task: Vec<u32>,
    /// The vectors by key.
    pub vectors: BTreeMap<String, Vectors>,
    /// The files, and the first row of each.
    pub(super) files: Vec<(File, usize)>,
}

/// One vector a row.
#[derive(Clone, Debug)]
pub struct Vectors {
    /// How many numbers each has.
    pub width: usize,
    /// All of them, `[rows, width]`.
    pub values: Vec<f32>,
}

impl Vectors {
    /// Returns the vector of a row.
    pub fn row(&self, row: usize) -> Option<&[f32]> {
        let start = row.checked_mul(self.width)?;
        self.values.get(start..start.checked_add(self.width)?)
    }
}

impl Rows {
    /// Reads the rows of all of a data set's files, with the vectors of these keys.
    ///
    /// # Errors
    ///
    /// Where a file is missing, a vector has another width than its feature says or a number that is not finite, or a
    /// row is not that of the frame it should be.
    pub fn read(meta: &Meta, keys: &[&str]) -> Result<Self, Error> {
        let mut rows = Self::default();
        for key in keys {
            let width = meta.info.features.get(*key).map_or(Some(0), width);
            let width = width.ok_or_else(|| {
                Error::malformed(
                    meta.info_path(),
                    format!("the shape of `{key}` is too large"),
                )
            })?;
            // What the metadata counts is not reserved: only what is found takes memory.
            let values = Vec::new();
            rows.vectors
                .insert((*key).to_owned(), Vectors { width, values });
        }
        let mut episode = 0;
        while let Some(first) = meta.episodes.get(episode) {
            let file = first.data;
            let after = meta.episodes.iter().skip(episode);
            let count = after.take_while(|of| of.data == file).count();
            rows.files.push((file, first.frames.start));
            rows.add(meta, file, episode, episode + count)?;
            episode += count;
        }
        Ok(rows)
    }

    /// Returns which file a frame lies in, by its place in `files`, and its row there.
    pub(super) fn find(&self, frame: usize) -> Option<(usize, usize)> {
        let after = self.files.partition_point(|&(_, first)| first <= frame);
        let place = after.checked_sub(1)?;
        Some((place, frame - self.files.get(place)?.1))
    }

    /// Adds a file, which should hold the rows of these episodes.
    fn add(&mut self, meta: &Meta, file: File, from: usize, to: usize) -> Result<(), Error> {
        let path = meta.data_path(file);
        let mut names = COLUMNS.to_vec();
        names.extend(self.vectors.keys().map(String::as_str));
        let mut table = Table::open(&path)?.read(&names)?;
        let (episodes, indices) = (table.integers("episode_index")?, table.integers("index")?);
        let own = table.integers("frame_index")?;
        let own = meta.episodes.get(from..to).unwrap_or_default().iter().zip(
            // One row after the other, episode by episode.
            std::iter::repeat(&own),
        );
        let mut row = 0;
        for (number, (episode, frames)) in own.enumerate() {
            let number = from + number;
            for (within, frame) in episode.frames.clone().enumerate() {
                let found = [&episodes, &indices, frames].map(|column| column.get(row).copied());
                let found = found.map(|value| value.and_then(|value| usize::try_from(value).ok()));
                if found != [Some(number), Some(frame), Some(within)] {
                    return Err(misplaced(&path, number, within, row, found));
                }
                row += 1;
            }
        }
        if row != table.len() {
            return Err(Error::malformed(
                &path,
                format!(
                    "{} rows; its episodes have {row} frames (is its last part another file's?)",
                    table.len()
                ),
            ));
        }
        let times = table.numbers("timestamp")?;
        if let Some(row) = times.iter().position(|&time| !(time as f32).is_finite()) {
            return Err(Error::Row {
                path,
                row,
                what: "`timestamp` is not finite".into(),
            });
        }
        self.time.extend(times.into_iter().map(|time| time as f32));
        for (row, task) in table.integers("task_index")?.into_iter().enumerate() {
            let known = usize::try_from(task).is_ok_and(|task| task < meta.tasks.len());
            let task = u32::try_from(task).ok().filter(|_| known);
            self.task.push(task.ok_or_else(|| Error::Row {
                path: path.clone(),
                row,
                what: "its task is not in `tasks.parquet`".into(),
            })?);
        }
        for (key, vectors) in &mut self.vectors {
            let values = table.vectors(key, vectors.width);
            vectors
                .values
                .extend(values.map_err(|fault| placed(fault, meta, from))?);
        }
        Ok(())
    }
}

fn width(feature: &super::meta::Feature) -> Option<usize> {
    let mut sides = feature.shape.iter();
    sides.try_fold(1_usize, |all, &side| all.checked_mul(side))
}

fn misplaced(
    path: &Path,
    episode: usize,
    frame: usize,
    row: usize,
    found: [Option<usize>; 3],
) -> Error {
    let what = match found {
        [Some(episode), Some(index), Some(frame)] => {
            format!("row {row} is frame {frame} of episode {episode} (index {index})")
        }
        _ => format!("row {row} is not there"),
    };
    Error::Frame {
        path: path.to_owned(),
        episode,
        frame,
        what,
    }
}

/// Says of which frame a row is: `from` is the first episode of its file.
fn placed(fault: Error, meta: &Meta, from: usize) -> Error {
    let Error::Row { path, row, what } = fault else {
        return fault;
    };
    let first = meta.episodes.get(from).map_or(0, |of| of.frames.start);
    let after = meta
        .episodes
        .partition_point(|of| of.frames.start <= first + row);
    let episode = after.saturating_sub(1);
    let start = meta.episodes.get(episode).map_or(0, |of| of.frames.start);
    Error::Frame {
        path,
        episode,
        frame: first + row - start,
        what: format!("{what} (row {row})"),
    }
}

const COLUMNS: [&str; 5] = [
    "timestamp",
    "frame_index",
    "episode_index",
    "index",
    "task_index",
];
