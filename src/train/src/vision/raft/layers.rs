//! Convolutions and what follows them.

use tch::Tensor;

use crate::vision::store::Place;

/// Below it a variance counts as none.
const EPSILON: f64 = 1e-5;
/// What torch is told of running means, which are not moved here.
const MOMENTUM: f64 = 0.1;

/// A convolution that keeps the size of what it sees, but for its stride.
#[derive(Debug)]
pub(super) struct Convolution {
    weight: Tensor,
    bias: Tensor,
    stride: i64,
    padding: [i64; 2],
}

impl Convolution {
    /// From so many channels to so many, with a kernel of these sides.
    pub(super) fn new(place: &mut Place<'_>, (from, to): (i64, i64), kernel: [i64; 2]) -> Self {
        let [height, width] = kernel;
        Self {
            weight: place.take("weight", &[to, from, height, width]),
            bias: place.take("bias", &[to]),
            stride: 1,
            padding: [height / 2, width / 2],
        }
    }

    /// The same, with a square kernel.
    pub(super) fn square(place: &mut Place<'_>, channels: (i64, i64), side: i64) -> Self {
        Self::new(place, channels, [side, side])
    }

    /// The same at every so manieth place alone.
    pub(super) fn strided(self, stride: i64) -> Self {
        Self { stride, ..self }
    }

    pub(super) fn apply(&self, x: &Tensor) -> Tensor {
        let (stride, one) = ([self.stride; 2], [1, 1]);
        x.conv2d(&self.weight, Some(&self.bias), stride, self.padding, one, 1)
    }
}

/// What brings the numbers of a channel into one range.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Norms {
    /// Nothing.
    None,
    /// The channel of this picture.
    Instance,
    /// What the network saw when it was trained.
    Batch,
}

#[derive(Debug)]
enum Norm {
    None,
    Instance,
    Batch(Box<Running>),
}

#[derive(Debug)]
struct Running {
    scale: Tensor,
    shift: Tensor,
    mean: Tensor,
    variance: Tensor,
}

/// A convolution and its norm.
#[derive(Debug)]
pub(super) struct Unit {
    convolution: Convolution,
    norm: Norm,
}

impl Unit {
    pub(super) fn new(
        place: &mut Place<'_>,
        norms: Norms,
        channels: (i64, i64),
        side: i64,
        stride: i64,
    ) -> Self {
        let convolution = Convolution::square(&mut place.enter(0), channels, side).strided(stride);
        let norm = match norms {
            Norms::None => Norm::None,
            Norms::Instance => Norm::Instance,
            Norms::Batch => {
                let (mut place, width) = (place.enter(1), [channels.1]);
                Norm::Batch(Box::new(Running {
                    scale: place.take("weight", &width),
                    shift: place.take("bias", &width),
                    mean: place.take("running_mean", &width),
                    variance: place.take("running_var", &width),
                }))
            }
        };
        Self { convolution, norm }
    }

    pub(super) fn apply(&self, x: &Tensor) -> Tensor {
        let x = self.convolution.apply(x);
        match &self.norm {
            Norm::None => x,
            Norm::Instance => {
                let none = None::<&Tensor>;
                x.instance_norm(none, none, none, none, true, MOMENTUM, EPSILON, true)
            }
            Norm::Batch(seen) => x.batch_norm(
                Some(&seen.scale),
                Some(&seen.shift),
                Some(&seen.mean),
                Some(&seen.variance),
                false,
                MOMENTUM,
                EPSILON,
                true,
            ),
        }
    }
}
