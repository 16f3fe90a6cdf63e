//! Some episodes of a mix: what is trained on, or what is held out.

use std::collections::BTreeSet;
use std::ops::Range;

use super::{Request, Set, Source};
use crate::random::Generator;

/// How episodes are told apart. Frames of one episode are never on both sides.
#[derive(Clone, Debug, PartialEq)]
pub enum Split {
    /// As many episodes as each data set's `val_episode_count`, drawn by a seed.
    Configured {
        /// What they are drawn from.
        seed: u64,
    },
    /// Every `nth` episode, the first held out being number `nth - 1`.
    Every {
        /// How many episodes there are to one that is held out.
        nth: usize,
    },
    /// A share of each data set's episodes, rounded to the nearest and at least one, drawn by a seed.
    Share {
        /// The share, between 0 and 1.
        share: f64,
        /// What they are drawn from.
        seed: u64,
    },
}

impl Split {
    /// Returns the episodes of a data set to train on, and those held out; both ascend.
    pub(super) fn of(&self, number: usize, source: &Source) -> (Vec<usize>, Vec<usize>) {
        let count = source.meta.episodes.len();
        let drawn = |seed, held: usize| {
            let mut generator = Generator::new(seed, &format!("episodes held out of {number}"));
            let mut order = generator.permutation(count);
            order.truncate(held);
            order
        };
        let held: BTreeSet<usize> = match *self {
            Self::Configured { seed } => {
                drawn(seed, source.val_episode_count).into_iter().collect()
            }
            Self::Every { nth } => (0..count).filter(|at| (at + 1) % nth.max(1) == 0).collect(),
            Self::Share { share, seed } => {
                let held = (share * count as f64).round().max(1.0) as usize;
                drawn(seed, held).into_iter().collect()
            }
        };
        (0..count).partition(|episode| !held.contains(episode))
    }
}

/// Some episodes of each data set of a mix; cheap enough to clone.
#[derive(Clone, Debug)]
pub struct Part {
    set: Set,
    episodes: Vec<Vec<usize>>,
}

impl Part {
    pub(super) fn new(set: Set, episodes: Vec<Vec<usize>>) -> Self {
        Self { set, episodes }
    }

    /// Returns the mix.
    pub fn set(&self) -> &Set {
        &self.set
    }

    /// Returns the episodes of each data set, ascending.
    pub fn episodes(&self) -> &[Vec<usize>] {
        &self.episodes
    }

    /// Returns the frames of one data set that a request can be answered for.
    pub fn frames(&self, source: usize, request: &Request) -> Frames {
        let (low, high) = match request.pad {
            true => (0, 0),
            false => request.reach(),
        };
        let side = |reach: i64| usize::try_from(reach.unsigned_abs()).unwrap_or(usize::MAX);
        let (before, after) = (side(low), side(high));
        let episodes = self.set.sources().get(source).map(|of| &of.meta.episodes);
        let chosen = self.episodes.get(source).into_iter().flatten();
        let mut frames = Frames::default();
        for episode in chosen.filter_map(|&number| episodes?.get(number)) {
            let start = episode.frames.start.saturating_add(before);
            let end = episode.frames.end.saturating_sub(after);
            if start < end {
                frames.starts.push(frames.count);
                frames.count += end - start;
                frames.ranges.push(start..end);
            }
        }
        frames
    }

    /// Returns a number that tells this part of this data from any other.
    pub fn fingerprint(&self) -> u64 {
        let mut hash = Hash(0xcbf2_9ce4_8422_2325);
        for (source, chosen) in self.set.sources().iter().zip(&self.episodes) {
            hash.add(source.weight.to_bits());
            hash.add(chosen.len() as u64);
            for episode in chosen {
                hash.add(*episode as u64);
            }
            hash.add(source.meta.episodes.len() as u64);
            for episode in &source.meta.episodes {
                hash.add(episode.frames.end as u64);
            }
        }
        hash.0
    }
}

/// Fowler, Noll and Vo's hash (FNV-1a): the same in every version of this program.
struct Hash(u64);

impl Hash {
    fn add(&mut self, value: u64) {
        for byte in value.to_le_bytes() {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

/// Frames of one data set, in order.
#[derive(Clone, Debug, Default)]
pub struct Frames {
    count: usize,
    starts: Vec<usize>,
    ranges: Vec<Range<usize>>,
}

impl Frames {
    /// Returns how many there are.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Returns whether there is none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Returns the frame of the data set that is at a place among these.
    pub fn at(&self, place: usize) -> Option<usize> {
        let number = self
            .starts
            .partition_point(|&start| start <= place)
            .checked_sub(1)?;
        let frame = self.ranges.get(number)?.start + place - self.starts.get(number)?;
        (place < self.count).then_some(frame)
    }
}
