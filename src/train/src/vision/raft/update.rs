//! One refinement: what the last flow found, remembered, as a correction of it.

use tch::Tensor;

use super::layers::Convolution;
use crate::vision::store::Place;

/// Sides of the picture for one of a map of features.
pub(super) const FACTOR: i64 = 8;
/// How much of it the network takes for the weights of neighbours.
const SHARE: f64 = 0.25;

/// What refinements are built from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    /// Numbers that describe the likeness around a point.
    pub(super) correlation: i64,
    /// Channels of what is seen of it.
    pub(super) seen: &'static [i64],
    /// Channels of what is seen of the flow.
    pub(super) flow: [i64; 2],
    /// Channels of both together.
    pub(super) motion: i64,
    /// Channels of the context.
    pub(super) context: i64,
    /// Channels of what is remembered.
    pub(super) hidden: i64,
    /// Kernels of the memory, one after the other.
    pub(super) memory: &'static [[i64; 2]],
    /// Channels of the correction's inner layer.
    pub(super) head: i64,
    /// Channels of the inner layer of what enlarges the flow; without it, it is interpolated.
    pub(super) mask: Option<i64>,
}

/// All that refines.
#[derive(Debug)]
pub(super) struct Update {
    motion: Motion,
    memory: Vec<Memory>,
    head: [Convolution; 2],
    mask: Option<[Convolution; 2]>,
}

#[derive(Debug)]
struct Motion {
    correlation: Vec<Convolution>,
    flow: [Convolution; 2],
    both: Convolution,
}

/// A gated recurrent unit.
#[derive(Debug)]
struct Memory {
    update: Convolution,
    reset: Convolution,
    candidate: Convolution,
}

impl Update {
    pub(super) fn new(root: &mut Place<'_>, plan: Plan) -> Self {
        let mut place = root.enter("update_block");
        let motion = Motion::new(&mut place.enter("motion_encoder"), plan);
        let inputs = plan.hidden + plan.motion + plan.context;
        let mut recurrent = place.enter("recurrent_block");
        let memory = plan.memory.iter().zip(1..).map(|(&kernel, at)| {
            let mut place = recurrent.enter(format_args!("convgru{at}"));
            let mut gate =
                |name| Convolution::new(&mut place.enter(name), (inputs, plan.hidden), kernel);
            Memory {
                update: gate("convz"),
                reset: gate("convr"),
                candidate: gate("convq"),
            }
        });
        let memory = memory.collect();
        let mut head = place.enter("flow_head");
        let head = [
            Convolution::square(&mut head.enter("conv1"), (plan.hidden, plan.head), 3),
            Convolution::square(&mut head.enter("conv2"), (plan.head, 2), 3),
        ];
        let mask = plan.mask.map(|inner| {
            let mut place = root.enter("mask_predictor");
            let neighbours = FACTOR * FACTOR * 9;
            [
                Convolution::square(&mut place.enter("convrelu.0"), (plan.hidden, inner), 3),
                Convolution::square(&mut place.enter("conv"), (inner, neighbours), 1),
            ]
        });
        Self {
            motion,
            memory,
            head,
            mask,
        }
    }

    /// What is remembered after `hidden`, and the correction of the flow, both of maps.
    pub(super) fn apply(
        &self,
        hidden: &Tensor,
        context: &Tensor,
        correlation: &Tensor,
        flow: &Tensor,
    ) -> (Tensor, Tensor) {
        let motion = self.motion.apply(correlation, flow);
        let seen = Tensor::cat(&[context, &motion], 1);
        let start = hidden.shallow_clone();
        let hidden = self
            .memory
            .iter()
            .fold(start, |h, one| one.apply(&h, &seen));
        let [inner, last] = &self.head;
        let correction = last.apply(&inner.apply(&hidden).relu());
        (hidden, correction)
    }

    /// The flow `[B, 2, h, w]` of a map as that of the picture, `[B, 2, H, W]`.
    pub(super) fn enlarge(&self, flow: &Tensor, hidden: &Tensor) -> Tensor {
        let [batch, _, height, width] = super::correlation::shape(flow);
        let size = [height * FACTOR, width * FACTOR];
        #[allow(clippy::cast_precision_loss)] // 8
        let flow = flow * FACTOR as f64;
        let Some([inner, last]) = &self.mask else {
            return flow.upsample_bilinear2d(size, true, None, None);
        };
        let weights = last.apply(&inner.apply(hidden).relu()) * SHARE;
        let weights = weights
            .view(&[batch, 1, 9, FACTOR, FACTOR, height, width][..])
            .softmax(2, None);
        let neighbours = flow
            .im2col([3, 3], [1, 1], [1, 1], [1, 1])
            .view(&[batch, 2, 9, 1, 1, height, width][..]);
        (weights * neighbours)
            .sum_dim_intlist(2, false, None)
            .permute([0, 1, 4, 2, 5, 3])
            .reshape([batch, 2, height * FACTOR, width * FACTOR])
    }
}

impl Motion {
    fn new(place: &mut Place<'_>, plan: Plan) -> Self {
        let mut width = plan.correlation;
        let mut correlation = Vec::new();
        for ((&to, side), at) in plan.seen.iter().zip([1, 3]).zip(1..) {
            let mut place = place.enter(format_args!("convcorr{at}.0"));
            correlation.push(Convolution::square(&mut place, (width, to), side));
            width = to;
        }
        let [outer, inner] = plan.flow;
        Self {
            correlation,
            flow: [
                Convolution::square(&mut place.enter("convflow1.0"), (2, outer), 7),
                Convolution::square(&mut place.enter("convflow2.0"), (outer, inner), 3),
            ],
            // The flow itself is added.
            both: Convolution::square(
                &mut place.enter("conv.0"),
                (width + inner, plan.motion - 2),
                3,
            ),
        }
    }

    fn apply(&self, correlation: &Tensor, flow: &Tensor) -> Tensor {
        let through = |layers: &[Convolution], x: &Tensor| {
            let start = x.shallow_clone();
            layers.iter().fold(start, |x, layer| layer.apply(&x).relu())
        };
        let seen = [
            through(&self.correlation, correlation),
            through(&self.flow, flow),
        ];
        let both = self.both.apply(&Tensor::cat(&seen, 1)).relu();
        Tensor::cat(&[&both, flow], 1)
    }
}

impl Memory {
    fn apply(&self, hidden: &Tensor, seen: &Tensor) -> Tensor {
        let both = Tensor::cat(&[hidden, seen], 1);
        let update = self.update.apply(&both).sigmoid();
        let reset = self.reset.apply(&both).sigmoid();
        let kept = Tensor::cat(&[&(reset * hidden), seen], 1);
        let candidate = self.candidate.apply(&kept).tanh();
        (1.0 - &update) * hidden + update * candidate
    }
}
