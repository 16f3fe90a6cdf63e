//! What a model makes of pairs of a part of the data, read once, in batches.

use std::collections::BTreeMap;
use std::sync::Arc;

use ndarray::{Array2, Axis, concatenate};
use tch::{Device, Kind, Reduction, Tensor};

use super::centres::nearest;
use super::{Error, Plan};
use crate::data::{Batch, CameraRequest, Flow, Frames, Loader, Order, Part, Request, Spec};
use crate::lam::{self, Model};
use crate::random::Generator;

/// How many of a state's numbers are looked at: where the hand is.
const AXES: usize = 3;
/// The camera that is trained on, where a request has several.
const PRIMARY: &str = "primary";

/// What all errors but those of pixels add up to.
pub(super) const LOSS: &str = "loss";

/// What was asked of a part.
pub(super) struct Asked<'a> {
    pub(super) model: &'a Model,
    pub(super) untrained: Option<&'a Model>,
    pub(super) part: &'a Part,
    pub(super) request: &'a Request,
    pub(super) plan: &'a Plan,
    /// At most so many pairs.
    pub(super) pairs: usize,
    /// Whether second frames are predicted too.
    pub(super) predicts: bool,
}

/// Pairs, and what the model made of them. All tensors are on the CPU.
pub(super) struct Seen {
    /// Differences of encoded frames, `[N, s, D]`.
    pub(super) differences: Tensor,
    /// Codes, `[N, s]`.
    pub(super) codes: Tensor,
    /// The untrained model's differences.
    pub(super) untrained: Option<Tensor>,
    /// How the state moves, `[N, A]`, with up to three numbers.
    pub(super) moved: Array2<f64>,
    /// Whether it is known how, `[N]`.
    pub(super) is_known: Vec<bool>,
    /// Instructions, `[N]`.
    pub(super) tasks: Vec<Arc<str>>,
    /// The first pairs themselves, for pictures.
    pub(super) first: Shown,
    /// What predictions are off by.
    pub(super) errors: Errors,
    /// What the model is off by besides pixels, by name; `loss` is all of it, weighted.
    pub(super) others: Vec<(&'static str, f64)>,
}

/// A few pairs as they are.
pub(super) struct Shown {
    /// `[n, C, 2, H, W]`, bytes.
    pub(super) frames: Tensor,
    /// Data set, episode and frame of each.
    pub(super) places: Vec<(i64, i64, i64)>,
}

/// Mean squared errors of second frames.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Errors {
    /// Of copies of first frames.
    pub(super) copy: f64,
    /// Of predictions by their own codes; not a number without a decoder of pixels.
    pub(super) own: Option<f64>,
    /// Of predictions by the codes of other pairs.
    pub(super) shuffled: Option<f64>,
}

impl Seen {
    /// Reads pairs in an order that the plan's seed gives, and shows them to the model. Pairs that reach beyond the end of
    /// their episode are left out.
    pub(super) fn read(asked: &Asked<'_>) -> Result<Self, Error> {
        let request = pairs_of(asked.request)?;
        let there = frames(asked.part, &request);
        let count = asked.pairs.min(there);
        if count == 0 {
            return Err(Error::NoPairs);
        }
        let spec = Spec {
            batch_size: asked.plan.batch_size.clamp(2, count.max(2)),
            workers: asked.plan.workers,
            ..Spec::default()
        };
        let order = Order::Shuffled {
            seed: asked.plan.seed,
            epoch: None,
        };
        let mut generator = Generator::new(asked.plan.seed, "codes of other pairs");
        let mut gathered = Gathered::default();
        let loader = Loader::new(asked.part, &request, &spec, order, None)?;
        for batch in loader {
            let batch = batch?;
            let size = batch.size.min(count - gathered.count);
            gathered.add(asked, &batch, size, &mut generator)?;
            if gathered.count >= count {
                break;
            }
        }
        gathered.finish().ok_or(Error::NoPairs)
    }
}

/// Returns how many pairs of a request lie whole within the episodes of a part.
///
/// # Errors
///
/// Where no camera is asked for two frames.
pub fn pairs_there(part: &Part, request: &Request) -> Result<usize, Error> {
    Ok(frames(part, &pairs_of(request)?))
}

fn frames(part: &Part, request: &Request) -> usize {
    let sources = 0..part.set().sources().len();
    sources.map(|of| part.frames(of, request).len()).sum()
}

/// What is asked of the data: the two frames of one camera, and the states at them.
fn pairs_of(request: &Request) -> Result<Request, Error> {
    let pairs = || request.cameras.iter().filter(|of| of.frames.len() == 2);
    let camera = pairs()
        .find(|camera| camera.name == PRIMARY)
        .or_else(|| pairs().next())
        .ok_or(Error::NoCamera)?;
    Ok(Request {
        cameras: vec![CameraRequest::clone(camera)],
        image_size: request.image_size,
        state: camera.frames.clone(),
        action: Vec::new(),
        flow: request.flow,
        pad: false,
    })
}

/// Pairs of a camera's pictures `[B, 2, C, H, W]`, as the model wants them: `[B, C, 2, H, W]`.
pub(crate) fn tensor(frames: &Frames) -> Tensor {
    let side = |size: usize| i64::try_from(size).unwrap_or(0);
    let shape = [
        -1,
        side(frames.times),
        3,
        side(frames.height),
        side(frames.width),
    ];
    Tensor::from_slice(&frames.pixels)
        .view(shape)
        .transpose(1, 2)
        .contiguous()
}

/// Flow `[B, 2, H, W]`.
pub(crate) fn flow(flow: &Flow) -> Tensor {
    let side = |size: usize| i64::try_from(size).unwrap_or(0);
    let shape = [-1, 2, side(flow.height), side(flow.width)];
    Tensor::from_slice(&flow.values).view(shape)
}

#[derive(Default)]
struct Gathered {
    count: usize,
    differences: Vec<Tensor>,
    codes: Vec<Tensor>,
    untrained: Vec<Tensor>,
    moved: Vec<Array2<f64>>,
    is_known: Vec<bool>,
    tasks: Vec<Arc<str>>,
    first: Option<Shown>,
    copied: f64,
    own: Mean,
    shuffled: Mean,
    /// What is off besides pixels: all together, and by name.
    others: BTreeMap<&'static str, Mean>,
}

/// A mean that is being summed up.
#[derive(Default)]
struct Mean {
    sum: f64,
    count: usize,
}

impl Mean {
    fn add(&mut self, mean: f64, count: usize) {
        self.sum += mean * count as f64;
        self.count += count;
    }

    fn value(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum / self.count as f64)
    }
}

impl Gathered {
    fn add(
        &mut self,
        asked: &Asked<'_>,
        batch: &Batch,
        size: usize,
        generator: &mut Generator,
    ) -> Result<(), Error> {
        let camera = batch.cameras.first().ok_or(Error::NoCamera)?;
        let device = asked.model.codebook().device();
        let bytes = tensor(camera).narrow(0, 0, size as i64);
        let frames = bytes.to_device(device);
        let differences = asked.model.differences(&frames)?;
        let codes = nearest(&differences.flatten(0, 1), asked.model.codebook());
        let codes = codes.view([size as i64, -1]);
        if asked.predicts {
            let truth = frames.select(2, 1).to_kind(Kind::Float) / 255.0;
            let copy = frames.select(2, 0).to_kind(Kind::Float) / 255.0;
            self.copied += squared(&copy, &truth) * size as f64;
            if let Some(guess) = asked.model.reconstruct(&frames, Some(&codes))? {
                self.own.add(squared(&guess, &truth), size);
                if size > 1 {
                    let others = codes.index_select(0, &others(size, generator).to_device(device));
                    let guess = asked.model.reconstruct(&frames, Some(&others))?;
                    let wrong = guess.map(|guess| squared(&guess, &truth));
                    self.shuffled.add(wrong.unwrap_or(f64::NAN), size);
                }
            }
        }
        if asked.predicts && asked.model.explains_more_than_pixels() {
            let own = batch.flow.as_ref().map(flow);
            let own = own.map(|own| own.narrow(0, 0, size as i64).to_device(device));
            let batch = lam::Batch {
                frames: frames.shallow_clone(),
                flow: own,
            };
            let (whole, parts) = asked.model.losses_but_pixels(&batch)?;
            let named = std::iter::once((LOSS, whole)).chain(parts);
            for (name, value) in named {
                let mean = self.others.entry(name).or_default();
                mean.add(value.double_value(&[]), size);
            }
        }
        if let Some(untrained) = asked.untrained {
            let device = untrained.codebook().device();
            let differences = untrained.differences(&frames.to_device(device))?;
            self.untrained.push(differences.to_device(Device::Cpu));
        }
        self.differences.push(differences.to_device(Device::Cpu));
        self.codes.push(codes.to_device(Device::Cpu));
        self.move_by(batch, size);
        self.tasks.extend(batch.task.iter().take(size).cloned());
        self.first.get_or_insert_with(|| Shown {
            frames: bytes,
            places: batch
                .source
                .iter()
                .zip(&batch.episode)
                .zip(&batch.frame)
                .take(size)
                .map(|((source, episode), frame)| (*source, *episode, *frame))
                .collect(),
        });
        self.count += size;
        Ok(())
    }

    fn move_by(&mut self, batch: &Batch, size: usize) {
        let Some(state) = &batch.state else {
            self.moved.push(Array2::zeros((size, 0)));
            self.is_known.extend(vec![false; size]);
            return;
        };
        let axes = state.width.min(AXES);
        let mut moved = Vec::with_capacity(size * axes);
        let vectors = state.values.chunks_exact((2 * state.width).max(1));
        for vectors in vectors.take(size) {
            let (first, last) = vectors.split_at(state.width);
            let steps = first.iter().zip(last).take(axes);
            moved.extend(steps.map(|(from, to)| f64::from(*to) - f64::from(*from)));
        }
        let padding = state.is_padding.chunks_exact(2).take(size);
        self.is_known
            .extend(padding.map(|of| !of.iter().any(|&is_padding| is_padding)));
        let moved = Array2::from_shape_vec((size, axes), moved);
        self.moved
            .push(moved.unwrap_or_else(|_| Array2::zeros((size, axes))));
    }

    fn finish(self) -> Option<Seen> {
        let moved: Vec<_> = self.moved.iter().map(Array2::view).collect();
        let others = self.others.iter();
        let others = others.filter_map(|(&name, mean)| Some((name, mean.value()?)));
        Some(Seen {
            differences: Tensor::cat(&self.differences, 0),
            codes: Tensor::cat(&self.codes, 0),
            untrained: (!self.untrained.is_empty()).then(|| Tensor::cat(&self.untrained, 0)),
            moved: concatenate(Axis(0), &moved).ok()?,
            is_known: self.is_known,
            tasks: self.tasks,
            first: self.first?,
            others: others.collect(),
            errors: Errors {
                copy: self.copied / self.count as f64,
                own: self.own.value(),
                shuffled: self.shuffled.value(),
            },
        })
    }
}

fn squared(guess: &Tensor, truth: &Tensor) -> f64 {
    let guess = guess.to_kind(Kind::Float);
    guess.mse_loss(truth, Reduction::Mean).double_value(&[])
}

/// For every pair another one, `[count]`: an order that is a single circle leaves none in its place.
fn others(count: usize, generator: &mut Generator) -> Tensor {
    let mut order: Vec<i64> = (0..count).map(|place| place as i64).collect();
    for last in (1..count).rev() {
        order.swap(last, generator.below(last));
    }
    Tensor::from_slice(&order)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_keeps_its_own_codes() {
        for count in 2..40 {
            let order = others(count, &mut Generator::new(count as u64, ""));
            let mut order: Vec<i64> = order.try_into().unwrap();
            assert!((0..).zip(&order).all(|(at, other)| at != *other));
            order.sort_unstable();
            assert_eq!(order, (0..count as i64).collect::<Vec<_>>());
        }
    }
}
