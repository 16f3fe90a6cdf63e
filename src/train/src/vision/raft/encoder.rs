//! From a picture to a map of features, an eighth as high and wide.

use tch::Tensor;

use super::layers::{Convolution, Norms, Unit};
use crate::vision::store::Place;

/// What an encoder is built from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    /// What its blocks are.
    pub(super) blocks: Blocks,
    /// What follows its convolutions.
    pub(super) norms: Norms,
    /// Channels behind the first convolution, behind each of three layers, and at the end.
    pub(super) channels: [i64; 5],
}

/// What a layer is made of.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Blocks {
    /// Two convolutions of 3 by 3.
    Residual,
    /// One of 3 by 3, between two of single points, with a fourth of the channels.
    Bottleneck,
}

/// An encoder.
#[derive(Debug)]
pub(super) struct Encoder {
    first: Unit,
    blocks: Vec<Block>,
    last: Convolution,
}

#[derive(Debug)]
struct Block {
    units: Vec<Unit>,
    /// Where its size or its channels are others.
    shortcut: Option<Unit>,
}

impl Encoder {
    pub(super) fn new(place: &mut Place<'_>, plan: Plan) -> Self {
        let [first, one, two, three, last] = plan.channels;
        let stem = (3, first);
        let mut blocks = Vec::new();
        let layers = [
            ("layer1", (first, one), 1),
            ("layer2", (one, two), 2),
            ("layer3", (two, three), 2),
        ];
        for (name, (from, to), stride) in layers {
            let mut layer = place.enter(name);
            blocks.push(Block::new(&mut layer.enter(0), plan, (from, to), stride));
            blocks.push(Block::new(&mut layer.enter(1), plan, (to, to), 1));
        }
        Self {
            first: Unit::new(&mut place.enter("convnormrelu"), plan.norms, stem, 7, 2),
            blocks,
            last: Convolution::square(&mut place.enter("conv"), (three, last), 1),
        }
    }

    /// `[B, 3, H, W]` to `[B, C, H / 8, W / 8]`.
    pub(super) fn apply(&self, pictures: &Tensor) -> Tensor {
        let stem = self.first.apply(pictures).relu();
        let seen = self.blocks.iter().fold(stem, |x, block| block.apply(&x));
        self.last.apply(&seen)
    }
}

impl Block {
    fn new(place: &mut Place<'_>, plan: Plan, (from, to): (i64, i64), stride: i64) -> Self {
        let narrow = to / 4;
        let units: &[((i64, i64), i64, i64)] = match plan.blocks {
            Blocks::Residual => &[((from, to), 3, stride), ((to, to), 3, 1)],
            Blocks::Bottleneck => &[
                ((from, narrow), 1, 1),
                ((narrow, narrow), 3, stride),
                ((narrow, to), 1, 1),
            ],
        };
        let units = units
            .iter()
            .zip(1..)
            .map(|(&(channels, side, stride), at)| {
                let mut place = place.enter(format_args!("convnormrelu{at}"));
                Unit::new(&mut place, plan.norms, channels, side, stride)
            });
        Self {
            units: units.collect(),
            shortcut: (stride > 1).then(|| {
                let mut place = place.enter("downsample");
                Unit::new(&mut place, plan.norms, (from, to), 1, stride)
            }),
        }
    }

    fn apply(&self, x: &Tensor) -> Tensor {
        let start = x.shallow_clone();
        let seen = self
            .units
            .iter()
            .fold(start, |x, unit| unit.apply(&x).relu());
        match &self.shortcut {
            Some(shortcut) => (shortcut.apply(x) + seen).relu(),
            None => (x + seen).relu(),
        }
    }
}
