//! Sheets of frames: what the model predicts, beside what happened.

use std::collections::BTreeSet;

use tch::{Device, Kind, Tensor};

use super::Error;
use super::seen::Shown;
use crate::canvas::{Area, Canvas, INK, LETTER, PALE};
use crate::data::Picture;
use crate::lam::Model;

/// Frames are enlarged to this side, at least where a whole factor leads there.
const SIDE: usize = 128;
const GAP: usize = 6;
const MARGIN: usize = 12;
/// Left of a row, for its words.
const WORDS: usize = 11 * LETTER;
/// By how much errors are brightened.
const BRIGHTER: f64 = 4.0;

/// Draws pairs, their reconstruction, and what it is off by.
pub(super) fn reconstructions(
    model: &Model,
    shown: &Shown,
    count: usize,
) -> Result<Option<Picture>, Error> {
    let count = count.min(shown.places.len());
    let frames = shown.frames.narrow(0, 0, count as i64);
    let device = model.codebook().device();
    let Some(guess) = model.reconstruct(&frames.to_device(device), None)? else {
        return Ok(None);
    };
    let guess = bytes(&guess);
    let (first, second) = (frames.select(2, 0), frames.select(2, 1));
    let off = (guess.to_kind(Kind::Float) - second.to_kind(Kind::Float)).abs() * BRIGHTER;
    let off = off.clamp(0.0, 255.0).to_kind(Kind::Uint8);
    let columns = ["first", "second", "predicted", "error x4"];
    let rows: Vec<Vec<Option<Picture>>> = (0..count as i64)
        .map(|row| {
            let cells = [&first, &second, &guess, &off];
            cells.map(|cells| picture(&cells.get(row))).to_vec()
        })
        .collect();
    let words = shown.places.iter().take(count).map(|&place| words(place));
    Ok(table(
        "Second frames as predicted from the first and the codes",
        &columns,
        &words.collect::<Vec<_>>(),
        &rows,
    ))
}

/// Draws first frames of some episodes (rows) with the codes of pairs of others (columns).
pub(super) fn transfer(
    model: &Model,
    shown: &Shown,
    count: usize,
) -> Result<Option<Picture>, Error> {
    let chosen = apart(shown, count);
    let device = model.codebook().device();
    let index: Vec<i64> = chosen.iter().map(|&place| place as i64).collect();
    let frames = shown.frames.index_select(0, &Tensor::from_slice(&index));
    let there = frames.to_device(device);
    let codes = model.codes(&there)?;
    let mut columns = Vec::new();
    for giver in 0..index.len() as i64 {
        let given = codes.narrow(0, giver, 1).expand_as(&codes).contiguous();
        match model.reconstruct(&there, Some(&given))? {
            Some(guess) => columns.push(bytes(&guess)),
            None => return Ok(None),
        }
    }
    let (first, second) = (frames.select(2, 0), frames.select(2, 1));
    let numbers = 0..index.len() as i64;
    let givers = |of: &Tensor| {
        let cells = numbers.clone().map(|giver| picture(&of.get(giver)));
        std::iter::once(None).chain(cells).collect::<Vec<_>>()
    };
    let mut rows = vec![givers(&first), givers(&second)];
    for taker in numbers.clone() {
        let cells = columns.iter().map(|cells| picture(&cells.get(taker)));
        rows.push(
            std::iter::once(picture(&first.get(taker)))
                .chain(cells)
                .collect(),
        );
    }
    let places: Vec<String> = chosen
        .iter()
        .filter_map(|&place| shown.places.get(place).map(|&place| words(place)))
        .collect();
    let mut left = vec!["codes of".to_owned(), String::new()];
    left.extend(places.iter().cloned());
    let mut top = vec!["applied to"];
    top.extend(places.iter().map(String::as_str));
    Ok(table(
        "First frames (left) with the codes of other episodes (top two rows: their frames)",
        &top,
        &left,
        &rows,
    ))
}

/// Pairs of as many different episodes.
fn apart(shown: &Shown, count: usize) -> Vec<usize> {
    let mut known = BTreeSet::new();
    let places = shown.places.iter().enumerate();
    places
        .filter(|(_, (source, episode, _))| known.insert((*source, *episode)))
        .map(|(at, _)| at)
        .take(count)
        .collect()
}

fn words((source, episode, frame): (i64, i64, i64)) -> String {
    match source {
        0 => format!("e{episode} f{frame}"),
        source => format!("{source}:e{episode} f{frame}"),
    }
}

/// Pictures in rows, with words left of them and over the columns.
fn table(
    title: &str,
    columns: &[&str],
    left: &[String],
    rows: &[Vec<Option<Picture>>],
) -> Option<Picture> {
    let cell = rows.iter().flatten().flatten().next()?;
    let scale = (SIDE / cell.height().max(1)).max(1);
    let (height, width) = (cell.height() * scale, cell.width() * scale);
    let head = MARGIN + 4 * LETTER + GAP;
    let across = WORDS + columns.len() * (width + GAP) + 2 * MARGIN;
    let across = across.max(title.len() * LETTER + 2 * MARGIN);
    let mut canvas = Canvas::new(head + rows.len() * (height + GAP) + MARGIN, across);
    canvas.text(MARGIN, MARGIN, title, INK);
    let column = |number: usize| MARGIN + WORDS + number * (width + GAP);
    for (number, words) in columns.iter().enumerate() {
        let fits: String = words.chars().take(width / LETTER).collect();
        canvas.text(MARGIN + 2 * LETTER + GAP, column(number), &fits, INK);
    }
    for (number, (cells, words)) in rows.iter().zip(left).enumerate() {
        let top = head + number * (height + GAP);
        canvas.text(top + (height - LETTER) / 2, MARGIN, words, INK);
        for (at, cell) in cells.iter().enumerate() {
            let Some(cell) = cell else { continue };
            let area = Area {
                top,
                left: column(at),
                height,
                width,
            };
            canvas.outline(area, PALE);
            canvas.paste(cell, top, column(at), scale);
        }
    }
    Some(canvas.into_picture())
}

/// Frames of 0 to 1 as bytes, on the CPU.
fn bytes(frames: &Tensor) -> Tensor {
    let frames = frames.to_device(Device::Cpu).to_kind(Kind::Float);
    (frames.clamp(0.0, 1.0) * 255.0)
        .round()
        .to_kind(Kind::Uint8)
}

/// A frame `[C, H, W]` of bytes.
fn picture(frame: &Tensor) -> Option<Picture> {
    let &[_, height, width] = &frame.size()[..] else {
        return None;
    };
    let flat = frame.permute([1, 2, 0]).contiguous().view([-1]);
    let pixels: Vec<u8> = flat.try_into().ok()?;
    Picture::new(height as usize, width as usize, pixels)
}
