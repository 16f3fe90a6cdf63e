//! Which sample comes when. The whole order follows from a position of a few numbers, which can be saved.
//!
//! INVARIANT: each data set's frames all come once before any comes again, in an order
//! drawn anew each time from the seed, the data set and the pass alone.

use serde::{Deserialize, Serialize};

use super::part::{Frames, Part};
use super::{Error, Request};
use crate::random::Generator;

/// How a part is gone through.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Order {
    /// Without end, shuffled by a seed; each sample's data set is drawn by the weights of the mix.
    Shuffled {
        /// The seed.
        seed: u64,
        /// How many samples an epoch has; `None` for as many as the part has.
        epoch: Option<u64>,
    },
    /// Once, data set by data set, in order.
    Once,
}

/// Where in an order one is: what a resumed run goes on from.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Position {
    /// The epoch, from 0.
    pub epoch: u64,
    /// How many samples of the epoch have been handed out.
    pub index: u64,
    /// How many samples of each data set have been handed out, in all.
    pub drawn: Vec<u64>,
    /// The state of the generator that draws the data sets.
    pub generator: [u64; 4],
    /// The part of the data that this is a position in.
    pub fingerprint: u64,
}

/// One sample: a frame of a data set of the mix.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Sample {
    pub(super) source: usize,
    pub(super) frame: usize,
}

/// Walks through a part.
#[derive(Debug)]
pub(super) struct Walk {
    order: Order,
    frames: Vec<Frames>,
    /// The weights, summed up.
    shares: Vec<f64>,
    generator: Generator,
    position: Position,
    /// Each data set's order of frames, and the pass that it is for.
    shuffles: Vec<Option<(u64, Vec<u32>)>>,
}

impl Walk {
    /// Creates a walk from the beginning, or from where another was.
    pub(super) fn new(
        part: &Part,
        request: &Request,
        order: Order,
        start: Option<Position>,
    ) -> Result<Self, Error> {
        let sources = part.set().sources();
        let frames: Vec<Frames> = (0..sources.len())
            .map(|source| part.frames(source, request))
            .collect();
        let mut sum = 0.0;
        let shares = sources.iter().zip(&frames).map(|(source, frames)| {
            sum += if frames.is_empty() {
                0.0
            } else {
                source.weight
            };
            sum
        });
        let shares: Vec<f64> = shares.collect();
        if frames.iter().all(Frames::is_empty) {
            return Err(Error::Config(
                "no frame of the data can answer the request".into(),
            ));
        }
        if frames
            .iter()
            .any(|frames| u32::try_from(frames.len()).is_err())
        {
            return Err(Error::Config("a data set of more than 2^32 frames".into()));
        }
        let seed = match order {
            Order::Shuffled { seed, .. } => seed,
            Order::Once => 0,
        };
        let fingerprint = part.fingerprint();
        let fresh = Position {
            epoch: 0,
            index: 0,
            drawn: vec![0; frames.len()],
            generator: Generator::new(seed, "data sets of a mix").state(),
            fingerprint,
        };
        let position = start.unwrap_or(fresh);
        if position.fingerprint != fingerprint || position.drawn.len() != frames.len() {
            return Err(Error::Position(
                "the data sets, their weights or their episodes are others than when it was saved"
                    .into(),
            ));
        }
        Ok(Self {
            order,
            shares,
            generator: Generator::restore(position.generator),
            position,
            shuffles: frames.iter().map(|_| None).collect(),
            frames,
        })
    }

    /// Returns where it is.
    pub(super) fn position(&self) -> &Position {
        &self.position
    }

    /// Returns how many samples there are in all, where there is an end.
    pub(super) fn remaining(&self) -> Option<u64> {
        match self.order {
            Order::Shuffled { .. } => None,
            Order::Once => Some(self.total() - self.position.index),
        }
    }

    fn total(&self) -> u64 {
        self.frames.iter().map(|frames| frames.len() as u64).sum()
    }

    fn shuffled(&mut self, seed: u64, epoch: u64) -> Option<Sample> {
        let source = self.source();
        let drawn = self.position.drawn.get_mut(source)?;
        let frames = self.frames.get(source)?;
        let count = frames.len() as u64;
        let (pass, place) = (*drawn / count, *drawn % count);
        *drawn += 1;
        let shuffle = self.shuffles.get_mut(source)?;
        if shuffle.as_ref().is_none_or(|(of, _)| *of != pass) {
            *shuffle = Some((pass, shuffle_of(seed, source, pass, frames.len())));
        }
        let place = shuffle.as_ref()?.1.get(usize::try_from(place).ok()?)?;
        let frame = frames.at(*place as usize)?;
        self.position.generator = self.generator.state();
        self.position.index += 1;
        if self.position.index >= epoch {
            (self.position.epoch, self.position.index) = (self.position.epoch + 1, 0);
        }
        Some(Sample { source, frame })
    }

    /// Draws a data set by the weights.
    fn source(&mut self) -> usize {
        if self.shares.len() == 1 {
            return 0;
        }
        let whole = self.shares.last().copied().unwrap_or_default();
        let point = self.generator.uniform() * whole;
        self.shares.partition_point(|&share| share <= point)
    }

    fn once(&mut self) -> Option<Sample> {
        let mut place = usize::try_from(self.position.index).ok()?;
        for (source, frames) in self.frames.iter().enumerate() {
            if let Some(frame) = frames.at(place) {
                self.position.index += 1;
                *self.position.drawn.get_mut(source)? += 1;
                return Some(Sample { source, frame });
            }
            place -= frames.len();
        }
        None
    }
}

impl Iterator for Walk {
    type Item = Sample;

    fn next(&mut self) -> Option<Sample> {
        match self.order {
            Order::Shuffled { seed, epoch } => {
                let epoch = epoch.unwrap_or_else(|| self.total());
                self.shuffled(seed, epoch)
            }
            Order::Once => self.once(),
        }
    }
}

/// Returns the order of a data set's frames in one pass over them.
fn shuffle_of(seed: u64, source: usize, pass: u64, count: usize) -> Vec<u32> {
    let mut generator = Generator::new(seed, &format!("pass {pass} over data set {source}"));
    let count = u32::try_from(count).unwrap_or(u32::MAX);
    let mut order: Vec<u32> = (0..count).collect();
    for last in (1..order.len()).rev() {
        order.swap(last, generator.below(last + 1));
    }
    order
}
