//! Reads LeRobot v3.0 data sets: what they say about themselves, their rows, their pictures, and batches of those.
//!
//! [`Set`] is a mix of data sets, [`Part`] some of its episodes, [`Loader`] the batches of a part in a seeded order.
//! Nothing here knows of tensors, writes to a data set, or touches the network.
//!
//! INVARIANT: what is handed out equals what the official loader (lerobot 0.4.4) gives: PNGs bit for bit, videos within
//! the tolerance that `tests/train/compare_data.py` holds. Whatever is wrong with a data set is an error that names the
//! file and the row, never a guess.

mod batch;
mod columns;
mod config;
mod episodes;
mod error;
mod fields;
pub mod inspect;
mod kept;
mod loader;
mod meta;
mod order;
mod part;
mod picture;
mod place;
mod reader;
mod request;
mod resize;
mod rows;
mod sample;
mod sheet;
mod source;
mod stills;
mod table;
mod video;

use std::sync::Arc;

pub use self::batch::{Batch, Flow, Frames, Numbers};
pub use self::config::{Config, FieldConfig, SourceConfig};
pub use self::error::Error;
pub use self::fields::Field;
pub use self::loader::{Loader, Spec};
pub use self::meta::{Clip, Episode, Feature, File, Info, Meta, Statistics, VERSION};
pub use self::order::{Order, Position};
pub use self::part::{Part, Split};
pub use self::picture::{Picture, PngFault};
pub use self::place::Caches;
pub use self::reader::{Reader, Shared, View};
pub use self::request::{CameraRequest, Request};
pub use self::resize::Resize;
pub use self::rows::{Rows, Vectors};
pub use self::source::{Camera, Source};
pub use self::video::{Decoder, Video};

/// A mix of data sets, opened; cheap to clone.
#[derive(Clone, Debug)]
pub struct Set {
    sources: Arc<[Source]>,
}

impl Set {
    /// Opens the data sets that a configuration names, local or in Hugging Face's caches as the environment says.
    ///
    /// # Errors
    ///
    /// Where one is nowhere, malformed, or lacks what is asked of it.
    pub fn open(config: &Config) -> Result<Self, Error> {
        Self::open_in(&config.sources, &Caches::from_environment())
    }

    /// Opens data sets, those that are no directories from these caches.
    ///
    /// # Errors
    ///
    /// As [`Set::open`].
    pub fn open_in(sources: &[SourceConfig], caches: &Caches) -> Result<Self, Error> {
        let sources: Result<Vec<_>, _> = sources
            .iter()
            .map(|source| Source::open(source, caches))
            .collect();
        let sources = sources?;
        if sources.is_empty() {
            return Err(Error::Config("no data sets".to_owned()));
        }
        Ok(Self {
            sources: sources.into(),
        })
    }

    /// Returns the data sets.
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// Opens every file of pictures, so that what is cut short is found before a run rather than within it.
    ///
    /// # Errors
    ///
    /// Where one is malformed.
    pub fn check(&self) -> Result<(), Error> {
        self.sources.iter().try_for_each(Source::check)
    }

    /// Returns all episodes.
    pub fn all(&self) -> Part {
        let episodes = self.sources.iter();
        let episodes = episodes.map(|source| (0..source.meta.episodes.len()).collect());
        Part::new(self.clone(), episodes.collect())
    }

    /// Splits the episodes into those to train on and those held out.
    ///
    /// # Errors
    ///
    /// Where a data set has no episode left to train on.
    pub fn split(&self, split: &Split) -> Result<(Part, Part), Error> {
        let (mut train, mut held) = (Vec::new(), Vec::new());
        for (number, source) in self.sources.iter().enumerate() {
            let (rest, out) = split.of(number, source);
            if rest.is_empty() {
                return Err(Error::malformed(
                    source.meta.info_path(),
                    "no episode is left to train on",
                ));
            }
            train.push(rest);
            held.push(out);
        }
        Ok((
            Part::new(self.clone(), train),
            Part::new(self.clone(), held),
        ))
    }
}
