//! Puts samples together into a batch.

use super::order::Sample;
use super::reader::{Reader, View};
use super::request::{CameraRequest, clamped};
use super::source::Source;
use super::{Batch, Error, Flow, Frames, Numbers, Picture, Request, Set, Vectors};

/// Reads a batch of samples.
pub(super) fn batch(
    set: &Set,
    request: &Request,
    samples: &[Sample],
    reader: &mut Reader,
) -> Result<Batch, Error> {
    let mut batch = Batch {
        size: samples.len(),
        ..Batch::default()
    };
    for camera in &request.cameras {
        batch
            .cameras
            .push(frames(set, request, camera, samples, reader)?);
    }
    batch.state = numbers(set, samples, &request.state, Source::state)?;
    batch.action = numbers(set, samples, &request.action, Source::action)?;
    if request.flow {
        batch.flow = Some(flow(set, samples, reader)?);
    }
    for &sample in samples {
        let (source, place) = find(set, sample)?;
        let task = source.rows.task.get(sample.frame).copied().unwrap_or(0);
        let task = source.tasks.get(task as usize);
        batch.source.push(sample.source as i64);
        batch.episode.push(place.episode as i64);
        batch.frame.push(place.within as i64);
        batch.index.push(sample.frame as i64);
        batch.task.push(task.cloned().unwrap_or_else(|| "".into()));
    }
    Ok(batch)
}

/// Where a sample is in its episode.
struct Place {
    episode: usize,
    start: usize,
    length: usize,
    within: usize,
}

fn find(set: &Set, sample: Sample) -> Result<(&Source, Place), Error> {
    let lacking = || {
        Error::Config(format!(
            "no frame {} of data set {}",
            sample.frame, sample.source
        ))
    };
    let source = set.sources().get(sample.source).ok_or_else(lacking)?;
    let (number, episode) = source.episode(sample.frame).ok_or_else(lacking)?;
    let place = Place {
        episode: number,
        start: episode.frames.start,
        length: episode.frames.len(),
        within: sample.frame - episode.frames.start,
    };
    Ok((source, place))
}

fn frames(
    set: &Set,
    request: &Request,
    camera: &CameraRequest,
    samples: &[Sample],
    reader: &mut Reader,
) -> Result<Frames, Error> {
    let mut frames = Frames {
        name: camera.name.clone(),
        times: camera.frames.len(),
        ..Frames::default()
    };
    for &sample in samples {
        let (source, place) = find(set, sample)?;
        let mut wanted = Vec::with_capacity(camera.frames.len());
        for &offset in &camera.frames {
            let (frame, is_padding) = clamped(place.within, offset, place.length);
            wanted.push(place.start + frame);
            frames.is_padding.push(is_padding);
        }
        let view = View {
            number: sample.source,
            source,
            camera: camera_of(source, &camera.name)?,
        };
        for picture in reader.pictures(view, &wanted, request.image_size)? {
            let size = (picture.height(), picture.width());
            if frames.pixels.is_empty() {
                (frames.height, frames.width) = size;
                let count = samples.len() * frames.times;
                frames.pixels.reserve(count * picture.pixels().len());
            }
            if size != (frames.height, frames.width) {
                return Err(Error::Config(format!(
                    "`{}` has pictures of {} × {} and of {} × {}: `image_size` must be set",
                    camera.name, frames.height, frames.width, size.0, size.1
                )));
            }
            push_planes(&picture, &mut frames.pixels);
        }
    }
    Ok(frames)
}

fn flow(set: &Set, samples: &[Sample], reader: &mut Reader) -> Result<Flow, Error> {
    let mut flow = Flow::default();
    for &sample in samples {
        let (source, _) = find(set, sample)?;
        let field = source.flow.as_ref();
        let field = field.ok_or_else(|| Error::Config("no key of flow".to_owned()))?;
        [flow.height, flow.width] = field.size;
        let of = (sample.source, source);
        reader.flow(of, field, sample.frame, &mut flow.values)?;
    }
    Ok(flow)
}

fn push_planes(picture: &Picture, pixels: &mut Vec<u8>) {
    let before = pixels.len();
    pixels.resize(before + picture.pixels().len(), 0);
    let (_, planes) = pixels.split_at_mut(before);
    picture.write_planes(planes);
}

fn camera_of(source: &Source, name: &str) -> Result<usize, Error> {
    let cameras = &source.cameras;
    let place = cameras.iter().position(|camera| camera.name == name);
    place.ok_or_else(|| {
        let known = cameras.iter().map(|camera| format!("`{}`", camera.name));
        Error::Missing {
            path: source.meta.info_path(),
            kind: "camera in its camera map",
            key: name.to_owned(),
            known: known.collect::<Vec<_>>().join(", "),
        }
    })
}

fn numbers(
    set: &Set,
    samples: &[Sample],
    offsets: &[i64],
    of: impl Fn(&Source) -> Option<&Vectors>,
) -> Result<Option<Numbers>, Error> {
    let widths = set.sources().iter().filter_map(&of).map(|of| of.width);
    let Some(width) = widths.max().filter(|_| !offsets.is_empty()) else {
        return Ok(None);
    };
    let mut numbers = Numbers {
        times: offsets.len(),
        width,
        ..Numbers::default()
    };
    for &sample in samples {
        let (source, place) = find(set, sample)?;
        for &offset in offsets {
            let (frame, is_padding) = clamped(place.within, offset, place.length);
            let vector = of(source).and_then(|of| of.row(place.start + frame));
            let after = numbers.values.len() + width;
            numbers.values.extend_from_slice(vector.unwrap_or_default());
            numbers.values.resize(after, 0.0);
            numbers.is_padding.push(is_padding || vector.is_none());
        }
    }
    Ok(Some(numbers))
}
