//! Pictures out of mp4 files: seeks the key frame before the one that is asked for, and decodes forward from there.
//!
//! INVARIANT: a picture is found by the time at which it is shown, edit lists and
//! reordering counted in, never by its place in the file.

mod av1;
mod boxes;
mod colour;
mod h264;
mod mp4;
mod parameters;
mod sys;

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use self::av1::Av1;
use self::colour::Planes;
use self::h264::H264;
use self::mp4::{Codec, Track};
use super::{Error, Picture};

/// A video file whose index has been read; shared by the threads that decode it.
#[derive(Debug)]
pub struct Video {
    path: PathBuf,
    track: Track,
    /// How many pixels a picture of it may have.
    largest: usize,
}

impl Video {
    /// Opens a file and reads its index.
    ///
    /// # Errors
    ///
    /// Where it cannot be opened, is cut short, is no mp4, or is encoded with something else than H.264 and AV1.
    pub fn open(path: &Path) -> Result<Self, Error> {
        Self::open_within(path, LARGEST)
    }

    /// Opens a file whose pictures have at most so many pixels: larger ones are not decoded.
    ///
    /// # Errors
    ///
    /// As [`Video::open`].
    pub(super) fn open_within(path: &Path, largest: usize) -> Result<Self, Error> {
        let file = File::open(path).map_err(Error::file(path))?;
        let track = Track::read(path, &file)?;
        Ok(Self {
            path: path.to_owned(),
            track,
            largest,
        })
    }

    /// Returns the height and width that the file says, where it does; the stream's may be others.
    pub(super) fn sides(&self) -> Option<[usize; 2]> {
        self.track.sides
    }

    /// Returns the name of what it is encoded with.
    pub fn codec(&self) -> &'static str {
        match self.track.codec {
            Codec::H264 { .. } => "h264",
            Codec::Av1 => "av1",
        }
    }

    /// Returns how many pictures it shows.
    pub fn len(&self) -> usize {
        self.track.shown.len() - self.track.hidden
    }

    /// Returns whether it shows none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the place, in the order of showing, of the picture nearest to a time in seconds.
    ///
    /// # Errors
    ///
    /// Where the nearest is not nearer than `tolerance`, in seconds.
    pub fn place(&self, time: f64, tolerance: f64) -> Result<usize, String> {
        match self.track.nearest(time) {
            Some((place, away)) if away < tolerance => Ok(place),
            Some((_, away)) => Err(format!(
                "the nearest picture to {time:.6} s is {away:.6} s away, the tolerance {tolerance} s"
            )),
            None => Err("it shows no picture".to_owned()),
        }
    }
}

/// One thread's way through a video.
pub struct Decoder {
    video: Arc<Video>,
    file: File,
    codec: Inner,
    /// The place, in the order of showing, of each sample.
    places: Vec<usize>,
    /// The next sample to decode; `None` where only a key frame can be.
    next: Option<usize>,
    /// The last place, in the order of showing, that came out since the last key frame was sought.
    last: Option<usize>,
}

enum Inner {
    H264(Box<H264>),
    Av1(Av1),
}

impl Decoder {
    /// Creates a decoder.
    ///
    /// # Errors
    ///
    /// What the decoder says, or the kernel of the file.
    pub fn new(video: Arc<Video>) -> Result<Self, String> {
        let file = File::open(&video.path).map_err(|fault| fault.to_string())?;
        let track = &video.track;
        let codec = match &track.codec {
            Codec::H264 {
                length_size,
                parameter_sets,
            } => Inner::H264(Box::new(H264::new(
                *length_size,
                parameter_sets,
                track.colour,
            )?)),
            Codec::Av1 => Inner::Av1(Av1::new(video.largest)?),
        };
        let mut places = vec![usize::MAX; track.samples.len()];
        for (place, &sample) in track.shown.iter().enumerate() {
            if let Some(entry) = places.get_mut(sample) {
                *entry = place;
            }
        }
        Ok(Self {
            video,
            file,
            codec,
            places,
            next: None,
            last: None,
        })
    }

    /// Returns the file.
    pub fn path(&self) -> &Path {
        &self.video.path
    }

    /// Returns the pictures at these places, which must ascend, in order.
    ///
    /// # Errors
    ///
    /// The place of the picture that could not be had, and what the decoder says.
    pub fn pictures(&mut self, wanted: &[usize]) -> Result<Vec<Picture>, (usize, String)> {
        let mut pictures: Vec<Option<Picture>> = vec![None; wanted.len()];
        for (number, &place) in wanted.iter().enumerate() {
            if pictures.get(number).is_some_and(Option::is_none) {
                self.reach(place, wanted, &mut pictures).map_err(|what| {
                    self.next = None;
                    (place, what)
                })?;
            }
        }
        let lacking = pictures.iter().position(Option::is_none);
        match lacking.and_then(|number| wanted.get(number)) {
            Some(&place) => Err((place, "a plane of it is too short".to_owned())),
            None => Ok(pictures.into_iter().flatten().collect()),
        }
    }

    /// Decodes until `place` has come out; whatever of `wanted` does on the way is taken along.
    fn reach(
        &mut self,
        place: usize,
        wanted: &[usize],
        pictures: &mut [Option<Picture>],
    ) -> Result<(), String> {
        let video = Arc::clone(&self.video);
        let samples = &video.track.samples;
        let target = *video.track.shown.get(place).ok_or("no such picture")?;
        let before = samples.get(..=target).unwrap_or_default();
        let key = before.iter().rposition(|sample| sample.is_key).unwrap_or(0);
        // A key frame that is not far ahead is reached without a new start.
        let follows = self.next.is_some_and(|next| next + NEAR > key)
            && self.last.is_none_or(|last| last < place);
        if !follows {
            self.restart()?;
            self.next = Some(key);
            self.last = None;
        }
        let mut reached = false;
        let mut last = self.last;
        while let Some(next) = self.next.filter(|_| !reached) {
            let mut shown = |came: usize, planes: Planes<'_>| {
                last = last.max(Some(came));
                reached |= came == place;
                let slots = pictures.iter_mut().zip(wanted);
                for (slot, _) in slots.filter(|(_, wanted)| **wanted == came) {
                    *slot = planes.to_picture();
                }
            };
            match samples.get(next) {
                Some(sample) => {
                    let mut bytes = vec![0; sample.size];
                    self.file
                        .read_exact_at(&mut bytes, sample.offset)
                        .map_err(|fault| fault.to_string())?;
                    let at = self.places.get(next).copied().unwrap_or(usize::MAX);
                    match &mut self.codec {
                        Inner::H264(h264) => h264.feed(&bytes, at, sample.is_key, &mut shown)?,
                        Inner::Av1(av1) => av1.feed(bytes, at, &mut shown)?,
                    }
                    self.next = Some(next + 1);
                }
                // After the last sample what is still inside comes out.
                None => {
                    self.drain(&mut shown)?;
                    self.next = None;
                }
            }
        }
        self.last = last;
        match reached {
            true => Ok(()),
            false => Err("a picture that its index lists does not come out".to_owned()),
        }
    }

    fn restart(&mut self) -> Result<(), String> {
        match &mut self.codec {
            Inner::H264(h264) => h264.restart(),
            Inner::Av1(av1) => {
                av1.restart();
                Ok(())
            }
        }
    }

    fn drain(&mut self, shown: &mut dyn FnMut(usize, Planes<'_>)) -> Result<(), String> {
        match &mut self.codec {
            Inner::H264(h264) => h264.drain(shown),
            Inner::Av1(av1) => av1.drain(shown),
        }
    }
}

/// Pixels of the largest picture that is decoded where nothing says how large it should be.
const LARGEST: usize = 1 << 24;
/// How many samples are rather decoded than sought over.
const NEAR: usize = 8;
