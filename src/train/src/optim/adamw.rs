//! `AdamW` whose state can be saved: libtorch's own cannot tell its moments.
//!
//! INVARIANT: the same weights, moments, counts and gradients give the same weights, bit for bit.

use std::collections::HashMap;

use tch::{Device, Kind, Tensor, no_grad};

use super::packed::{Packed, Part};
use super::{Clip, ClipKind, Config};
use crate::parameters::Parameters;

/// Numbers that are changed together on a CPU: with their moments they fit into its cache.
const CHUNK: i64 = 1 << 14;
/// What torch adds to a length before it divides by it.
const EPSILON: f32 = 1e-6;
/// The names of the moments and of the count in a checkpoint, each before the name of a tensor.
const STATE: [&str; 3] = ["exp_avg.", "exp_avg_sq.", "step."];

/// The optimiser of a model.
#[derive(Debug)]
pub struct AdamW {
    config: Config,
    groups: Vec<Group>,
}

/// Why a state cannot be continued.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StateError {
    /// It lacks a tensor.
    #[error("the optimiser's state has no `{0}`")]
    Missing(String),
    /// A tensor is of another model.
    #[error("the optimiser's `{name}` is {found:?} and not {wanted:?}")]
    Size {
        /// The tensor.
        name: String,
        /// Its size.
        found: Vec<i64>,
        /// The model's.
        wanted: Vec<i64>,
    },
}

/// Tensors with the same decay.
#[derive(Debug)]
struct Group {
    decay: f64,
    packed: Packed,
    gradient: Tensor,
    first: Tensor,
    second: Tensor,
    /// How often each tensor was changed.
    counts: Vec<u64>,
}

/// Neighbouring tensors that were changed equally often.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Run {
    start: i64,
    end: i64,
    count: u64,
}

impl AdamW {
    /// Makes the optimiser of all trained tensors: matrices decay, biases and scales do not.
    ///
    /// The tensors are moved; the model goes on with them where they are.
    #[must_use]
    pub fn new(parameters: &Parameters, config: &Config) -> Self {
        let matrix = |tensor: &Tensor| tensor.dim() >= 2;
        let group = |decay, decays| {
            let packed = Packed::new(parameters, |one| matrix(&one.tensor) == decays)?;
            Some(Group {
                decay,
                gradient: packed.zeros(),
                first: packed.zeros(),
                second: packed.zeros(),
                counts: vec![0; packed.parts.len()],
                packed,
            })
        };
        let groups = [group(config.weight_decay, true), group(0.0, false)];
        Self {
            config: *config,
            groups: groups.into_iter().flatten().collect(),
        }
    }

    /// The names of the tensors of each group, with its decay.
    #[must_use]
    pub fn groups(&self) -> Vec<(f64, Vec<&str>)> {
        self.groups
            .iter()
            .map(|group| {
                let parts = group.packed.parts.iter();
                (group.decay, parts.map(|part| part.name.as_str()).collect())
            })
            .collect()
    }

    /// Makes the weights smaller the loss, with a rate; returns the length of the gradient before it was clipped.
    ///
    /// Tensors that the loss does not depend on stay as they are; all do where the length is no number.
    pub fn step(&mut self, loss: &Tensor, rate: f64, clip: &Clip) -> f64 {
        let reached = self.backward(loss);
        no_grad(|| {
            let length = self.length().double_value(&[]);
            if !length.is_finite() {
                return length;
            }
            self.clip(clip, length);
            let config = self.config;
            for (group, reached) in self.groups.iter_mut().zip(&reached) {
                group.apply(&config, rate, reached);
            }
            length
        })
    }

    /// What a checkpoint needs to continue: moments and counts by name.
    #[must_use]
    pub fn state(&self) -> Vec<(String, Tensor)> {
        let mut state = Vec::new();
        for group in &self.groups {
            for (prefix, long) in STATE.into_iter().zip([&group.first, &group.second]) {
                let named = group.packed.named(long);
                state.extend(named.map(|(name, part)| (format!("{prefix}{name}"), part)));
            }
            for (part, &count) in group.packed.parts.iter().zip(&group.counts) {
                let count = Tensor::from(count.cast_signed());
                state.push((format!("{}{}", STATE[2], part.name), count));
            }
        }
        state
    }

    /// Continues with a state; tensors of other names are left alone.
    ///
    /// # Errors
    ///
    /// Where a tensor is missing or of another size.
    pub fn load(&mut self, state: &HashMap<String, Tensor>) -> Result<(), StateError> {
        let find = |prefix: &str, name: &str, wanted: &[i64]| {
            let name = format!("{prefix}{name}");
            let Some(found) = state.get(&name) else {
                return Err(StateError::Missing(name));
            };
            if found.size() != wanted {
                return Err(StateError::Size {
                    name,
                    found: found.size(),
                    wanted: wanted.to_vec(),
                });
            }
            Ok(found)
        };
        for group in &mut self.groups {
            for (part, count) in group.packed.parts.iter().zip(&mut group.counts) {
                let size = part.tensor.size();
                let (first, second) = (
                    find(STATE[0], &part.name, &size)?,
                    find(STATE[1], &part.name, &size)?,
                );
                let steps = find(STATE[2], &part.name, &[])?.int64_value(&[]);
                no_grad(|| {
                    part.of(&group.first).copy_(first);
                    part.of(&group.second).copy_(second);
                });
                *count = steps.cast_unsigned();
            }
        }
        Ok(())
    }

    /// The groups' tensors.
    pub(super) fn packed(&self) -> impl Iterator<Item = &Packed> {
        self.groups.iter().map(|group| &group.packed)
    }

    /// Computes the gradients; returns which tensors of every group have one.
    fn backward(&mut self, loss: &Tensor) -> Vec<Vec<bool>> {
        let inputs: Vec<&Tensor> = self
            .groups
            .iter()
            .flat_map(|group| &group.packed.parts)
            .map(|part| &part.tensor)
            .collect();
        let mut gradients = Tensor::run_backward(&[loss], &inputs, false, false).into_iter();
        self.groups
            .iter()
            .map(|group| {
                let own = gradients.by_ref().take(group.packed.parts.len()).collect();
                no_grad(|| group.gather(own))
            })
            .collect()
    }

    fn length(&self) -> Tensor {
        let lengths: Vec<Tensor> = self
            .groups
            .iter()
            .map(|group| group.gradient.norm())
            .collect();
        Tensor::stack(&lengths, 0).norm()
    }

    fn clip(&mut self, clip: &Clip, length: f64) {
        let Some(bound) = clip.clip_val.filter(|&bound| bound > 0.0) else {
            return;
        };
        match clip.clip_algorithm {
            ClipKind::Value => {
                for group in &mut self.groups {
                    let _ = group.gradient.clamp_(-bound, bound);
                }
            }
            ClipKind::Norm => {
                // In single precision, as torch divides.
                let share = bound as f32 / (length as f32 + EPSILON);
                if share >= 1.0 {
                    return;
                }
                for group in &mut self.groups {
                    let _ = group.gradient.g_mul_scalar_(f64::from(share));
                }
            }
        }
    }
}

impl Group {
    /// Puts gradients into the long tensor; returns which there are.
    fn gather(&self, gradients: Vec<Tensor>) -> Vec<bool> {
        let mut reached = Vec::with_capacity(gradients.len());
        let mut pieces = Vec::with_capacity(2 * gradients.len());
        for (part, gradient) in self.packed.parts.iter().zip(gradients) {
            reached.push(gradient.defined());
            pieces.push(if gradient.defined() {
                gradient.flatten(0, -1)
            } else {
                part.tensor.zeros_like().flatten(0, -1)
            });
            if part.padding() > 0 {
                let options = (Kind::Float, self.gradient.device());
                pieces.push(Tensor::zeros([part.padding()], options));
            }
        }
        let _ = Tensor::cat_out(&self.gradient, &pieces, 0);
        reached
    }

    /// Changes the tensors that the loss reached.
    fn apply(&mut self, config: &Config, rate: f64, reached: &[bool]) {
        for (count, _) in self
            .counts
            .iter_mut()
            .zip(reached)
            .filter(|(_, reached)| **reached)
        {
            *count += 1;
        }
        let chunk = match self.gradient.device() {
            Device::Cpu => CHUNK,
            _ => i64::MAX,
        };
        for run in runs(&self.packed.parts, &self.counts, reached) {
            let change = Change::new(config, rate, self.decay, run.count);
            let mut start = run.start;
            while start < run.end {
                let length = chunk.min(run.end - start);
                let piece = |long: &Tensor| long.narrow(0, start, length);
                change.apply([
                    piece(&self.packed.values),
                    piece(&self.gradient),
                    piece(&self.first),
                    piece(&self.second),
                ]);
                start += length;
            }
        }
    }
}

/// The numbers of one change.
#[derive(Clone, Copy, Debug)]
struct Change {
    /// What is left of a weight before anything else.
    kept: f64,
    /// How far the moments go towards the gradient and its square.
    towards: (f64, f64),
    /// What the root of the second moment is multiplied by, and what is added to it: with the rate and the corrections
    /// of both moments, the weight changes by the first moment over it.
    divisor: (f64, f64),
}

impl Change {
    fn new(config: &Config, rate: f64, decay: f64, count: u64) -> Self {
        let (first, second) = config.betas;
        let power = |beta: f64| beta.powi(i32::try_from(count).unwrap_or(i32::MAX));
        let pace = -rate / (1.0 - power(first));
        Self {
            kept: 1.0 - rate * decay,
            towards: (1.0 - first, 1.0 - second),
            divisor: (
                1.0 / ((1.0 - power(second)).sqrt() * pace),
                config.eps / pace,
            ),
        }
    }

    /// Whether a weight can change at all: a rate of 0, or one that single precision cannot tell from 0, would make
    /// numbers of what has no gradient that are none.
    fn moves(&self) -> bool {
        [self.divisor.0, self.divisor.1]
            .iter()
            .all(|&number| (number as f32).is_finite())
    }

    /// Changes weights, and moments; the gradient is used up.
    fn apply(&self, [mut weight, mut gradient, mut first, mut second]: [Tensor; 4]) {
        if self.kept < 1.0 {
            let _ = weight.g_mul_scalar_(self.kept);
        }
        let _ = first.lerp_(&gradient, self.towards.0);
        let _ = gradient.square_();
        let _ = second.lerp_(&gradient, self.towards.1);
        if !self.moves() {
            return;
        }
        let _ = second.sqrt_out(&gradient);
        let _ = gradient.g_mul_scalar_(self.divisor.0);
        let _ = gradient.g_add_scalar_(self.divisor.1);
        let _ = weight.addcdiv_(&first, &gradient);
    }
}

/// Neighbours that the loss reached and that were changed equally often, as one.
fn runs(parts: &[Part], counts: &[u64], reached: &[bool]) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for ((part, &count), _) in parts
        .iter()
        .zip(counts)
        .zip(reached)
        .filter(|(_, reached)| **reached)
    {
        match runs.last_mut() {
            Some(last) if last.end == part.start && last.count == count => last.end = part.end(),
            _ => runs.push(Run {
                start: part.start,
                end: part.end(),
                count,
            }),
        }
    }
    runs
}
