//! Where in an mp4 file each picture lies, and when it is shown. Decodes nothing.
//!
//! INVARIANT: every sample that is listed lies within the file: one cut short is refused
//! when it is opened.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;

use super::boxes::{Boxes, Fields};
use super::colour::Matrix;
use crate::data::Error;

/// The one video track of a file.
#[derive(Debug)]
pub(super) struct Track {
    /// What it is encoded with.
    pub(super) codec: Codec,
    /// The colours that the container says, where it does.
    pub(super) colour: Option<(Matrix, bool)>,
    /// The height and width that the container says, where it does.
    pub(super) sides: Option<[usize; 2]>,
    /// The samples in the order in which they are decoded.
    pub(super) samples: Vec<Sample>,
    /// The samples in the order in which they are shown.
    pub(super) shown: Vec<usize>,
    /// How many of these, at the beginning, the edit list hides.
    pub(super) hidden: usize,
}

/// What a track is encoded with, and what its decoder must know beforehand.
#[derive(Debug)]
pub(super) enum Codec {
    /// H.264, with its parameter sets.
    H264 {
        /// How many bytes say how long a unit is.
        length_size: usize,
        /// The parameter sets, each without a start code.
        parameter_sets: Vec<Vec<u8>>,
    },
    /// AV1.
    Av1,
}

/// One sample.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sample {
    /// Where it begins in the file.
    pub(super) offset: u64,
    /// How many bytes it has.
    pub(super) size: usize,
    /// When it is shown, in seconds from the beginning of the presentation.
    pub(super) time: f64,
    /// Whether decoding can begin here.
    pub(super) is_key: bool,
}

impl Track {
    /// Reads the index of a file.
    pub(super) fn read(path: &Path, file: &File) -> Result<Self, Error> {
        let length = file.metadata().map_err(Error::file(path))?.len();
        let movie = movie(file, length).map_err(|what| Error::malformed(path, what))?;
        let tracks = Boxes::new(&movie).all(b"trak");
        let mut videos = tracks.filter(|track| is_video(track));
        let track = videos
            .next()
            .ok_or_else(|| Error::malformed(path, "no video track"))?;
        let time_scale = Boxes::new(&movie).find(&[b"mvhd"]).map(scale);
        Self::from_boxes(track, time_scale.flatten().unwrap_or(1000.0), length)
            .map_err(|what| Error::malformed(path, what))
    }

    /// Returns the place in `shown` of the sample whose time is nearest, and how far away that is, in seconds.
    pub(super) fn nearest(&self, time: f64) -> Option<(usize, f64)> {
        let at = |place: usize| Some(self.samples.get(*self.shown.get(place)?)?.time);
        let after = self.shown.partition_point(|&sample| {
            self.samples
                .get(sample)
                .is_some_and(|sample| sample.time < time)
        });
        let near = [after.checked_sub(1), Some(after)].into_iter().flatten();
        near.filter(|&place| place >= self.hidden)
            .filter_map(|place| Some((place, (at(place)? - time).abs())))
            .min_by(|a, b| a.1.total_cmp(&b.1))
    }

    fn from_boxes(track: &[u8], movie_scale: f64, length: u64) -> Result<Self, String> {
        let boxes = Boxes::new(track);
        let lacking = |name: &str| format!("no `{name}` box");
        let media = boxes
            .find(&[b"mdia", b"mdhd"])
            .ok_or_else(|| lacking("mdhd"))?;
        let media_scale = scale(media).ok_or("a time scale of 0")?;
        let table = boxes
            .find(&[b"mdia", b"minf", b"stbl"])
            .ok_or_else(|| lacking("stbl"))?;
        let table = Boxes::new(table);
        let entry = table.find(&[b"stsd"]).ok_or_else(|| lacking("stsd"))?;
        let (codec, colour, sides) = description(entry)?;

        let sizes = table.find(&[b"stsz"]).ok_or_else(|| lacking("stsz"))?;
        let sizes = self::sizes(sizes, length).ok_or("a malformed `stsz` box")?;
        if sizes.is_empty() {
            return Err("no pictures in its index (fragmented files are not read)".into());
        }
        let offsets = offsets(&table, &sizes)?;
        let runs = table.find(&[b"stts"]).ok_or_else(|| lacking("stts"))?;
        let durations = runs_of(runs).ok_or("a malformed `stts` box")?;
        let shifts = table.find(&[b"ctts"]).map(runs_of);
        let shifts = match shifts {
            Some(shifts) => shifts.ok_or("a malformed `ctts` box")?,
            None => vec![(u32::MAX, 0)],
        };
        let keys = table.find(&[b"stss"]).map(keys);
        let edit = boxes.find(&[b"edts", b"elst"]).map(edit).transpose()?;
        let (delay, begin) = edit.unwrap_or_default();
        let delay = delay / movie_scale;

        let mut decoded = 0_i64;
        let mut samples = Vec::with_capacity(sizes.len());
        let mut hidden = 0;
        let durations = spread(&durations).chain(std::iter::repeat(0));
        let shifts = spread(&shifts).chain(std::iter::repeat(0));
        for (number, (((size, offset), duration), shift)) in sizes
            .iter()
            .zip(offsets)
            .zip(durations)
            .zip(shifts)
            .enumerate()
        {
            if offset.saturating_add(u64::from(*size)) > length {
                return Err(format!(
                    "cut short: picture {number} ends at byte {}, the file at {length}",
                    offset.saturating_add(u64::from(*size))
                ));
            }
            let shown = decoded.saturating_add(shift).saturating_sub(begin);
            hidden += usize::from(shown < 0);
            samples.push(Sample {
                offset,
                size: *size as usize,
                time: shown as f64 / media_scale + delay,
                is_key: keys
                    .as_ref()
                    .is_none_or(|keys| keys.binary_search(&number).is_ok()),
            });
            decoded = decoded.saturating_add(duration);
        }
        if samples.first().is_none_or(|sample| !sample.is_key) {
            return Err("its first picture is no key frame".into());
        }
        if edit.is_some() {
            begin_with_the_first(&mut samples, delay);
        }
        let mut shown: Vec<usize> = (0..samples.len()).collect();
        let time = |number: &usize| samples.get(*number).map_or(0.0, |sample| sample.time);
        shown.sort_by(|a, b| time(a).total_cmp(&time(b)));
        Ok(Self {
            codec,
            colour,
            sides,
            samples,
            shown,
            hidden,
        })
    }
}

/// Moves all samples so that the first that is shown is shown at once, even where an edit begins between two: so does
/// FFmpeg.
fn begin_with_the_first(samples: &mut [Sample], delay: f64) {
    let times = samples.iter().map(|sample| sample.time - delay);
    let first = times.filter(|&time| time >= 0.0).min_by(f64::total_cmp);
    for sample in samples {
        sample.time -= first.unwrap_or_default();
    }
}

/// Reads the `moov` box, having seen that each box before it and after it is whole.
fn movie(file: &File, length: u64) -> Result<Vec<u8>, String> {
    let mut place = 0;
    let mut movie = None;
    while place < length {
        let mut head = [0; 16];
        let there = usize::try_from(length - place).map_or(16, |rest| rest.min(16));
        let head = head.get_mut(..there).unwrap_or_default();
        file.read_exact_at(head, place)
            .map_err(|fault| fault.to_string())?;
        let mut fields = Fields::new(head);
        let (size, name) = (fields.u32(), fields.name());
        let (Some(size), Some(name)) = (size, name) else {
            return Err(format!("cut short at byte {place}"));
        };
        let (size, head) = match size {
            0 => (length - place, 8),
            1 => (fields.u64().unwrap_or(0), 16),
            size => (size.into(), 8),
        };
        let shown = String::from_utf8_lossy(&name).into_owned();
        if size < head || size > length - place {
            return Err(format!(
                "cut short or no mp4: its `{shown}` box at byte {place} has {size} bytes, the file {length}"
            ));
        }
        if &name == b"moov" {
            let size = usize::try_from(size - head).map_err(|fault| fault.to_string())?;
            let mut bytes = vec![0; size];
            file.read_exact_at(&mut bytes, place + head)
                .map_err(|fault| fault.to_string())?;
            movie = Some(bytes);
        }
        place += size;
    }
    movie.ok_or_else(|| "no `moov` box: cut short, or no mp4".into())
}

fn is_video(track: &[u8]) -> bool {
    let handler = Boxes::new(track).find(&[b"mdia", b"hdlr"]);
    handler.and_then(|bytes| bytes.get(8..12)) == Some(b"vide")
}

/// Returns the units a second of an `mvhd` or `mdhd` box.
fn scale(header: &[u8]) -> Option<f64> {
    let mut fields = Fields::new(header);
    let is_long = fields.u32()? >> 24 == 1;
    fields.skip(if is_long { 16 } else { 8 })?;
    fields.u32().filter(|&scale| scale > 0).map(f64::from)
}

/// What the samples are encoded with, their colours, and their height and width.
type Description = (Codec, Option<(Matrix, bool)>, Option<[usize; 2]>);

/// Returns what is said of the samples.
fn description(entry: &[u8]) -> Result<Description, String> {
    let entries = entry.get(8..).unwrap_or_default();
    let (name, body) = Boxes::new(entries)
        .each()
        .next()
        .ok_or("no sample description")?;
    let inner = Boxes::new(body.get(78..).unwrap_or_default());
    let colour = inner.find(&[b"colr"]).and_then(|colr| {
        let mut fields = Fields::new(colr);
        (&fields.name()? == b"nclx").then_some(())?;
        fields.skip(4)?;
        let matrix = Matrix::from_code(fields.u16()?);
        Some((matrix, fields.u8()? >> 7 == 1))
    });
    let codec = match &name {
        b"avc1" | b"avc3" => {
            let sets = inner.find(&[b"avcC"]).and_then(parameter_sets);
            let (length_size, parameter_sets) = sets.ok_or("a malformed `avcC` box")?;
            Codec::H264 {
                length_size,
                parameter_sets,
            }
        }
        b"av01" => Codec::Av1,
        other => {
            let name = String::from_utf8_lossy(other).into_owned();
            return Err(format!("encoded as `{name}`; only H.264 and AV1 are read"));
        }
    };
    let mut fields = Fields::new(body.get(24..).unwrap_or_default());
    let (width, height) = (fields.u16().unwrap_or(0), fields.u16().unwrap_or(0));
    let sides = (width > 0 && height > 0).then_some([height.into(), width.into()]);
    Ok((codec, colour, sides))
}

fn parameter_sets(avcc: &[u8]) -> Option<(usize, Vec<Vec<u8>>)> {
    let mut fields = Fields::new(avcc);
    fields.skip(4)?;
    let length_size = usize::from(fields.u8()? & 3) + 1;
    let mut sets = Vec::new();
    for mask in [0x1f, 0xff] {
        for _ in 0..fields.u8()? & mask {
            let size = fields.u16()?;
            sets.push(fields.bytes(size.into())?.to_vec());
        }
    }
    Some((length_size, sets))
}

/// Returns the size of each sample; `length` is the file's, which must have room for all of them.
fn sizes(stsz: &[u8], length: u64) -> Option<Vec<u32>> {
    let mut fields = Fields::new(stsz);
    fields.skip(4)?;
    let (all, count) = (fields.u32()?, fields.u32()? as usize);
    match all {
        0 => fields.u32s(count),
        size => (count as u64 <= length / u64::from(size)).then(|| vec![size; count]),
    }
}

/// Returns where each sample begins.
fn offsets(table: &Boxes<'_>, sizes: &[u32]) -> Result<Vec<u64>, String> {
    let chunks = match (table.find(&[b"stco"]), table.find(&[b"co64"])) {
        (Some(short), _) => counted(short, Fields::u32).map(|all| all.map(u64::from).collect()),
        (None, Some(long)) => counted(long, Fields::u64).map(Iterator::collect),
        (None, None) => return Err("no `stco` box".into()),
    };
    let chunks: Vec<u64> = chunks.ok_or("a malformed `stco` box")?;
    let runs = table.find(&[b"stsc"]).ok_or("no `stsc` box")?;
    let runs: Vec<[u32; 3]> = counted(runs, |fields| {
        Some([fields.u32()?, fields.u32()?, fields.u32()?])
    })
    .ok_or("a malformed `stsc` box")?
    .collect();
    if !runs.is_sorted_by(|[one, ..], [next, ..]| one < next) {
        return Err("a malformed `stsc` box".into());
    }
    let mut sizes = sizes.iter();
    let mut offsets = Vec::with_capacity(sizes.len());
    for (number, mut place) in (1_u32..).zip(chunks) {
        let after = runs.partition_point(|[first, ..]| *first <= number);
        let run = after.checked_sub(1).and_then(|last| runs.get(last));
        let Some([_, samples, _]) = run else {
            return Err("a malformed `stsc` box".into());
        };
        for size in sizes.by_ref().take(*samples as usize) {
            offsets.push(place);
            place = place.saturating_add(u64::from(*size));
        }
    }
    match sizes.next() {
        None => Ok(offsets),
        Some(_) => Err("more samples than places for them".into()),
    }
}

/// Returns the pairs of an `stts` or `ctts` box: how many samples, and a number of units.
fn runs_of(bytes: &[u8]) -> Option<Vec<(u32, i64)>> {
    // Shifts of version 0 are unsigned, and written signed all the same.
    let pair = |fields: &mut Fields<'_>| Some((fields.u32()?, i64::from(fields.u32()? as i32)));
    counted(bytes, pair).map(Iterator::collect)
}

fn spread(runs: &[(u32, i64)]) -> impl Iterator<Item = i64> {
    runs.iter()
        .flat_map(|&(count, value)| std::iter::repeat_n(value, count as usize))
}

/// Returns which samples are key frames, from 0, in order.
fn keys(stss: &[u8]) -> Vec<usize> {
    let all = counted(stss, Fields::u32).into_iter().flatten();
    let mut keys: Vec<usize> = all
        .map(|number| (number as usize).wrapping_sub(1))
        .collect();
    keys.sort_unstable();
    keys
}

/// Returns an edit list as a delay (in units of the movie) and the time of the media that is shown first.
fn edit(elst: &[u8]) -> Result<(f64, i64), String> {
    let is_long = elst.first() == Some(&1);
    let entry = |fields: &mut Fields<'_>| {
        let (duration, begin) = match is_long {
            true => (fields.u64()?, fields.u64()? as i64),
            false => (fields.u32()?.into(), (fields.u32()? as i32).into()),
        };
        fields.skip(4)?;
        Some((duration, begin))
    };
    let edits = counted(elst, entry).ok_or("a malformed `elst` box")?;
    let edits: Vec<(u64, i64)> = edits.collect();
    match edits.as_slice() {
        [] => Ok((0.0, 0)),
        [(_, begin)] => Ok((0.0, (*begin).max(0))),
        [(delay, -1), (_, begin)] => Ok((*delay as f64, (*begin).max(0))),
        more => Err(format!("an edit list of {} parts", more.len())),
    }
}

/// Returns the entries of a box that begins with flags and a count.
fn counted<'a, T>(
    bytes: &'a [u8],
    entry: impl Fn(&mut Fields<'a>) -> Option<T>,
) -> Option<impl Iterator<Item = T>> {
    let mut fields = Fields::new(bytes);
    fields.skip(4)?;
    let count = fields.u32()? as usize;
    let entries: Option<Vec<T>> = (0..count).map(|_| entry(&mut fields)).collect();
    Some(entries?.into_iter())
}
