//! RAFT (arXiv 2003.12039) as torchvision 0.26 has it, both sizes: how every point of a frame moves until the next. Its
//! parameters have torchvision's names.
//!
//! INVARIANT: everything is fp32, whatever precision a model is trained in, and nothing has a gradient.

mod correlation;
mod encoder;
mod layers;
mod update;

use std::path::Path;

use tch::{Device, Kind, Tensor, no_grad};

use self::correlation::{Correlation, shape};
use self::encoder::{Blocks, Encoder};
use self::layers::Norms;
use self::update::Update;
pub use crate::lam::supervision::Size;
use crate::vision::store::Store;
use crate::weights;

/// Tensors of torchvision's that count what it was trained on.
const COUNTS: &str = ".num_batches_tracked";

/// The network.
#[derive(Debug)]
pub struct Raft {
    features: Encoder,
    context: Encoder,
    update: Update,
    /// Channels of what is remembered; the context's other channels stay as they are.
    hidden: i64,
    radius: i64,
}

impl Raft {
    /// Reads torchvision's state dict, a safetensors file.
    ///
    /// # Errors
    ///
    /// Where it is none, or that of another network.
    pub fn load(path: &Path, size: Size, device: Device) -> Result<Self, weights::Error> {
        let plan = match size {
            Size::Large => large(),
            Size::Small => small(),
        };
        let mut store = Store::open(path, device)?;
        store.leave_out(|name| name.ends_with(COUNTS));
        store.build(|root| Self {
            features: Encoder::new(&mut root.enter("feature_encoder"), plan.features),
            context: Encoder::new(&mut root.enter("context_encoder"), plan.context),
            update: Update::new(root, plan.update),
            hidden: plan.update.hidden,
            radius: plan.radius,
        })
    }

    /// The flow of pairs in pixels, across and down, `[B, 2, H, W]`, after so many refinements; so many pairs are looked at
    /// together. Frames are `[B, 3, 2, H, W]`: bytes, or numbers of 0 to 1.
    pub fn flow(&self, frames: &Tensor, refinements: i64, together: i64) -> Tensor {
        no_grad(|| {
            let parts = frames.split(together.max(1), 0);
            let flows = parts.iter().map(|part| {
                let [first, second] = [0, 1].map(|at| bright(&part.select(2, at)));
                self.look(&first, &second, refinements)
            });
            Tensor::cat(&flows.collect::<Vec<_>>(), 0)
        })
    }

    /// The flow from pictures to others, `[B, 3, H, W]` of -1 to 1.
    fn look(&self, first: &Tensor, second: &Tensor, refinements: i64) -> Tensor {
        let both = self.features.apply(&Tensor::cat(&[first, second], 0));
        let pairs = shape(first)[0];
        let (from, to) = (both.narrow(0, 0, pairs), both.narrow(0, pairs, pairs));
        let correlation = Correlation::of(&from, &to, self.radius);
        let [_, _, height, width] = shape(&from);

        let seen = self.context.apply(first);
        let [_, channels, _, _] = shape(&seen);
        let mut hidden = seen.narrow(1, 0, self.hidden).tanh();
        let context = seen.narrow(1, self.hidden, channels - self.hidden).relu();

        let start = places(pairs, height, width, first.device());
        let mut points = start.shallow_clone();
        for _ in 0..refinements {
            let around = correlation.at(&points);
            let flow = &points - &start;
            let (next, correction) = self.update.apply(&hidden, &context, &around, &flow);
            hidden = next;
            points = &points + correction;
        }
        self.update.enlarge(&(points - start), &hidden)
    }
}

/// What a network of a size is built from.
struct Plan {
    features: encoder::Plan,
    context: encoder::Plan,
    update: update::Plan,
    radius: i64,
}

fn large() -> Plan {
    let features = encoder::Plan {
        blocks: Blocks::Residual,
        norms: Norms::Instance,
        channels: [64, 64, 96, 128, 256],
    };
    Plan {
        features,
        context: encoder::Plan {
            norms: Norms::Batch,
            ..features
        },
        update: update::Plan {
            correlation: 4 * 9 * 9,
            seen: &[256, 192],
            flow: [128, 64],
            motion: 128,
            context: 128,
            hidden: 128,
            memory: &[[1, 5], [5, 1]],
            head: 256,
            mask: Some(256),
        },
        radius: 4,
    }
}

fn small() -> Plan {
    let features = encoder::Plan {
        blocks: Blocks::Bottleneck,
        norms: Norms::Instance,
        channels: [32, 32, 64, 96, 128],
    };
    Plan {
        features,
        context: encoder::Plan {
            norms: Norms::None,
            channels: [32, 32, 64, 96, 160],
            ..features
        },
        update: update::Plan {
            correlation: 4 * 7 * 7,
            seen: &[96],
            flow: [64, 32],
            motion: 82,
            context: 64,
            hidden: 96,
            memory: &[[3, 3]],
            head: 128,
            mask: None,
        },
        radius: 3,
    }
}

/// Pictures of 0 to 1, or bytes, as -1 to 1.
fn bright(pictures: &Tensor) -> Tensor {
    let numbers = pictures.to_kind(Kind::Float);
    let numbers = match pictures.kind() {
        Kind::Uint8 => numbers / 255.0,
        _ => numbers,
    };
    (numbers * 2.0 - 1.0).contiguous()
}

/// Where every point of maps is, `[B, 2, h, w]`, across and down.
fn places(pairs: i64, height: i64, width: i64, device: Device) -> Tensor {
    let line = |side: i64| Tensor::arange(side, (Kind::Float, device));
    let [down, across] = [line(height), line(width)];
    let size = [pairs, 1, height, width];
    Tensor::cat(
        &[
            across.view([1, 1, 1, width]).expand(size, false),
            down.view([1, 1, height, 1]).expand(size, false),
        ],
        1,
    )
}
