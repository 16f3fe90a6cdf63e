//! One thread's way to pictures: PNGs and videos alike, out of what is kept or from the disk, at the size asked for.

use std::sync::Arc;

use super::fields::{self, Field};
use super::kept::Kept;
use super::resize::Resize;
use super::source::{Camera, Source};
use super::stills::{Block, BlockKey};
use super::video::Decoder;
use super::{Error, Picture, PngFault};

/// What all threads that read the same data keep in common.
#[derive(Debug)]
pub struct Shared {
    blocks: Kept<BlockKey, Block>,
    fields: Kept<fields::BlockKey, fields::Block>,
    pictures: Kept<PictureKey, Picture>,
}

impl Shared {
    /// Creates it: at most so many bytes of PNGs as they are stored, as many of flow, and of pictures decoded and resized.
    pub fn new(stored: usize, decoded: usize) -> Self {
        Self {
            blocks: Kept::new(stored),
            fields: Kept::new(stored),
            pictures: Kept::new(decoded),
        }
    }
}

/// Where a picture is: the data set, its camera, its frame, and the size it was brought to.
type PictureKey = (usize, usize, usize, Option<[usize; 2]>);

/// Reads pictures; one a thread.
pub struct Reader {
    shared: Arc<Shared>,
    resize: Resize,
    /// The decoder used last comes last.
    decoders: Vec<(DecoderKey, Decoder)>,
}

/// A data set, its camera, and the video file of that.
type DecoderKey = (usize, usize, usize);

/// Which camera of which data set, by their places.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// The place of the data set in its mix.
    pub number: usize,
    /// The data set.
    pub source: &'a Source,
    /// The place of the camera in it.
    pub camera: usize,
}

impl Reader {
    /// Creates one.
    pub fn new(shared: Arc<Shared>) -> Self {
        Self {
            shared,
            resize: Resize::default(),
            decoders: Vec::new(),
        }
    }

    /// Returns the pictures of these frames of the data set, all of one episode, at this size.
    ///
    /// # Errors
    ///
    /// Where one cannot be read, decoded, or has another shape than its feature says: with episode and frame.
    pub fn pictures(
        &mut self,
        view: View<'_>,
        frames: &[usize],
        size: Option<[usize; 2]>,
    ) -> Result<Vec<Arc<Picture>>, Error> {
        let camera = view.source.cameras.get(view.camera);
        let camera = camera.ok_or_else(|| Error::Config(format!("no camera {}", view.camera)))?;
        let key = |frame| (view.number, view.camera, frame, size);
        let mut pictures: Vec<Option<Arc<Picture>>> = frames
            .iter()
            .map(|&frame| self.shared.pictures.peek(&key(frame)))
            .collect();
        let mut lacking: Vec<usize> = frames
            .iter()
            .zip(&pictures)
            .filter(|(_, picture)| picture.is_none())
            .map(|(&frame, _)| frame)
            .collect();
        lacking.sort_unstable();
        lacking.dedup();
        let read = match camera.is_video {
            true => self.decoded(view, camera, &lacking)?,
            false => self.stored(view, camera, &lacking)?,
        };
        for (frame, picture) in lacking.into_iter().zip(read) {
            let picture = self.fit(view.source, camera, frame, picture, size)?;
            let picture = Arc::new(picture);
            let bytes = picture.pixels().len();
            self.shared.pictures.keep(&key(frame), &picture, bytes);
            for (slot, _) in pictures
                .iter_mut()
                .zip(frames)
                .filter(|(_, at)| **at == frame)
            {
                *slot = Some(Arc::clone(&picture));
            }
        }
        Ok(pictures.into_iter().flatten().collect())
    }

    /// Adds the flow of a frame of a data set, which is the `number`th of its mix.
    ///
    /// # Errors
    ///
    /// Where it cannot be read, or has another shape: with episode and frame.
    pub(super) fn flow(
        &self,
        of: (usize, &Source),
        field: &Field,
        frame: usize,
        into: &mut Vec<f32>,
    ) -> Result<(), Error> {
        let kept = &self.shared.fields;
        field.with(of, frame, kept, |numbers| into.extend_from_slice(numbers))
    }

    fn stored(
        &self,
        view: View<'_>,
        camera: &Camera,
        frames: &[usize],
    ) -> Result<Vec<Picture>, Error> {
        let mut pictures = Vec::with_capacity(frames.len());
        for &frame in frames {
            let lacking = || Error::Config(format!("no frame {frame}"));
            let (place, row) = view.source.rows.find(frame).ok_or_else(lacking)?;
            let stills = camera.stills(place)?;
            let id = (view.number as u64) << 48 | (view.camera as u64) << 32 | place as u64;
            let [height, width, _] = camera.shape;
            let decode = |png: &[u8]| Picture::from_png(png, [height, width]);
            let picture = stills.with(row, id, &self.shared.blocks, decode)?;
            let wrong = |fault| {
                let what = match fault {
                    PngFault::Sides(found) => camera.other_sides(found),
                    PngFault::Broken(what) => format!("`{}` is no picture: {what}", camera.key),
                };
                view.source.wrong(stills.path(), frame, what)
            };
            pictures.push(picture.map_err(wrong)?);
        }
        Ok(pictures)
    }

    fn decoded(
        &mut self,
        view: View<'_>,
        camera: &Camera,
        frames: &[usize],
    ) -> Result<Vec<Picture>, Error> {
        let Some(&first) = frames.first() else {
            return Ok(Vec::new());
        };
        let clip = view.source.episode(first);
        let clip = clip.and_then(|(_, episode)| episode.clips.get(&camera.key));
        let place = clip.and_then(|clip| camera.place_of(clip.file));
        let (Some(clip), Some(place)) = (clip, place) else {
            let path = view.source.meta.info_path();
            let what = format!("`{}` has no video of it", camera.key);
            return Err(view.source.wrong(path, first, what));
        };
        let video = camera.video(place)?;
        let path = view.source.meta.video_path(&camera.key, clip.file);
        let mut places = Vec::with_capacity(frames.len());
        for &frame in frames {
            let within = view.source.rows.time.get(frame).copied();
            let within = within.unwrap_or(f32::NAN);
            let place = video.place(clip.from + f64::from(within), view.source.tolerance);
            places.push(place.map_err(|what| view.source.wrong(&path, frame, what))?);
        }
        // The decoder goes forward, whatever the order of the frames.
        let mut sorted = places.clone();
        sorted.sort_unstable();
        sorted.dedup();
        let decoder = self
            .decoder((view.number, view.camera, place), || Decoder::new(video))
            .map_err(|what| view.source.wrong(&path, first, what))?;
        let pictures = decoder.pictures(&sorted).map_err(|(at, what)| {
            let number = places.iter().position(|&place| place == at);
            let frame = number.and_then(|number| frames.get(number));
            view.source
                .wrong(&path, frame.copied().unwrap_or(first), what)
        })?;
        let found = |place: &usize| {
            let number = sorted.binary_search(place).ok()?;
            pictures.get(number).cloned()
        };
        Ok(places.iter().filter_map(found).collect())
    }

    fn decoder(
        &mut self,
        key: DecoderKey,
        open: impl FnOnce() -> Result<Decoder, String>,
    ) -> Result<&mut Decoder, String> {
        let entry = match self.decoders.iter().position(|(held, _)| *held == key) {
            Some(place) => self.decoders.remove(place),
            None => {
                if self.decoders.len() >= DECODERS {
                    self.decoders.remove(0);
                }
                (key, open()?)
            }
        };
        self.decoders.push(entry);
        let last = self.decoders.last_mut().map(|(_, decoder)| decoder);
        last.ok_or_else(|| "no decoder".to_owned())
    }

    fn fit(
        &mut self,
        source: &Source,
        camera: &Camera,
        frame: usize,
        picture: Picture,
        size: Option<[usize; 2]>,
    ) -> Result<Picture, Error> {
        let [height, width, _] = camera.shape;
        let found = [picture.height(), picture.width()];
        let place = || source.picture_path(camera, frame);
        if found != [height, width] {
            return Err(source.wrong(place(), frame, camera.other_sides(found)));
        }
        match size {
            Some(size) => self
                .resize
                .to(picture, size)
                .map_err(|what| source.wrong(place(), frame, what)),
            None => Ok(picture),
        }
    }
}

/// How many videos a thread keeps open.
const DECODERS: usize = 8;
