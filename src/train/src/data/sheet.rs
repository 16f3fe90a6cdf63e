//! Contact sheets: a row of small pictures for each episode, evenly spaced over it.

use super::reader::{Reader, View};
use super::source::Source;
use super::{Error, Picture, Resize};

/// Which pictures a sheet shows.
#[derive(Clone, Debug)]
pub(super) struct Sheet {
    /// The episodes, a row each.
    pub(super) episodes: Vec<usize>,
    /// The place of the camera.
    pub(super) camera: usize,
    /// How many pictures a row has.
    pub(super) columns: usize,
}

impl Sheet {
    /// Draws it.
    pub(super) fn draw(&self, source: &Source, reader: &mut Reader) -> Result<Picture, Error> {
        let mut cells = Vec::new();
        for &number in &self.episodes {
            let episode = source.meta.episodes.get(number);
            let frames = episode.map(|of| of.frames.clone()).unwrap_or_default();
            let frames = spaced(frames.len(), self.columns).map(|at| frames.start + at);
            let frames: Vec<usize> = frames.collect();
            let view = View {
                number: 0,
                source,
                camera: self.camera,
            };
            cells.push(reader.pictures(view, &frames, None)?);
        }
        let first = cells.iter().flatten().next();
        let (height, width) = first.map_or((1, 1), |first| (first.height(), first.width()));
        let shrunk = |side: usize| (side * CELL).div_ceil(height.max(width)).min(side).max(1);
        let (height, width) = (shrunk(height), shrunk(width));
        let across = self.columns * (width + GAP) + GAP;
        let mut sheet = Picture::filled(cells.len() * (height + GAP) + GAP, across, PAPER);
        let mut resize = Resize::default();
        for (row, cells) in cells.iter().enumerate() {
            for (column, cell) in cells.iter().enumerate() {
                let cell = resize
                    .to(Picture::clone(cell), [height, width])
                    .map_err(Error::Config)?;
                let (top, left) = (row * (height + GAP) + GAP, column * (width + GAP) + GAP);
                sheet.paste(&cell, top, left);
            }
        }
        Ok(sheet)
    }
}

/// Returns `wanted` numbers below `count`, evenly spaced from the first to the last; all of them where there are fewer.
pub(super) fn spaced(count: usize, wanted: usize) -> impl Iterator<Item = usize> {
    let wanted = wanted.min(count);
    let last = wanted.saturating_sub(1).max(1);
    (0..wanted).map(move |at| at * (count - 1) / last)
}

/// The longer side of a small picture.
const CELL: usize = 128;
/// Between two of them.
const GAP: usize = 2;
const PAPER: [u8; 3] = [255, 255, 255];
