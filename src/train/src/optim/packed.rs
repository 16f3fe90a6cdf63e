//! The trained tensors of a model, moved into few long ones, so that one operation changes them all.
//!
//! INVARIANT: every trained tensor of the model is a part of its group's `values`; whoever changes one changes the other.

use tch::{Kind, Tensor, no_grad};

use crate::parameters::{Parameter, Parameters};

/// Tensors begin at multiples of this many numbers: 64 bytes, a line of the cache.
const ALIGNMENT: i64 = 16;

/// Trained tensors that are treated alike, in one long tensor.
#[derive(Debug)]
pub(crate) struct Packed {
    /// All their numbers, `[n]`, with a few zeros between them.
    pub values: Tensor,
    /// Where each is.
    pub parts: Vec<Part>,
}

/// A trained tensor in a long one.
#[derive(Debug)]
pub(crate) struct Part {
    /// Its name.
    pub name: String,
    /// The tensor that the model computes with.
    pub tensor: Tensor,
    /// Where it begins.
    pub start: i64,
    /// How many numbers it has.
    pub length: i64,
}

impl Packed {
    /// Moves the trained tensors that are wanted into one.
    pub(crate) fn new(
        parameters: &Parameters,
        wanted: impl Fn(&Parameter) -> bool,
    ) -> Option<Self> {
        let mut parts = Vec::new();
        let mut end = 0;
        for parameter in parameters.trained().filter(|one| wanted(one)) {
            let length = parameter.tensor.size().iter().product();
            if length == 0 {
                continue;
            }
            parts.push(Part {
                name: parameter.name.clone(),
                tensor: parameter.tensor.shallow_clone(),
                start: end,
                length,
            });
            end += padded(length);
        }
        let device = parts.first()?.tensor.device();
        let values = Tensor::zeros([end], (Kind::Float, device));
        no_grad(|| {
            for part in &mut parts {
                let mut place = part.of(&values);
                place.copy_(&part.tensor);
                part.tensor.set_data(&place);
            }
        });
        Some(Self { values, parts })
    }

    /// A tensor of zeros of the same length.
    pub(crate) fn zeros(&self) -> Tensor {
        no_grad(|| self.values.zeros_like())
    }

    /// The named parts of a tensor of the same length.
    pub(crate) fn named(&self, long: &Tensor) -> impl Iterator<Item = (&str, Tensor)> {
        let long = long.shallow_clone();
        self.parts
            .iter()
            .map(move |part| (part.name.as_str(), part.of(&long)))
    }
}

impl Part {
    /// Where it ends, zeros included.
    pub(crate) fn end(&self) -> i64 {
        self.start + padded(self.length)
    }

    /// The zeros that follow it.
    pub(crate) fn padding(&self) -> i64 {
        padded(self.length) - self.length
    }

    /// Its place in a long tensor, in its own shape.
    pub(crate) fn of(&self, long: &Tensor) -> Tensor {
        long.narrow(0, self.start, self.length)
            .view(&self.tensor.size()[..])
    }
}

fn padded(length: i64) -> i64 {
    (length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT
}
