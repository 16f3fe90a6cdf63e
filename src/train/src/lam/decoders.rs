//! What the codes must explain: decoders that turn the first frame and an action into the second frame or into flow.

use tch::{Kind, Tensor};

use super::config::Config;
use super::encoder::Encoded;
use super::layers::Linear;
use super::losses::{mean_flow, share_of_frame, squared};
use super::supervision::Flow;
use super::transformer::{Grid, Plan, Transformer};
use crate::parameters::Scope;

/// A transformer from the first frame's patches, with the action as context, to something of every patch.
#[derive(Debug)]
pub(crate) struct Decoder {
    transformer: Transformer,
    head: Option<Linear>,
    side: i64,
    /// Whether what the head gives is added to the first frame's patches.
    adds: bool,
}

/// What a decoder is asked to do with a batch.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Task<'a> {
    /// Tokens to start from, `[B, n, dim]`.
    pub canvas: &'a Tensor,
    /// What attention on the grid adds.
    pub bias: &'a Tensor,
    /// Tokens of the actions, `[B, s, dim]`.
    pub actions: &'a Tensor,
}

impl<'a> Task<'a> {
    /// From the pixels of the first frame, which are what all but one decoder start from.
    pub(crate) fn of(encoded: &'a Encoded, actions: &'a Tensor) -> Self {
        Self {
            canvas: &encoded.canvas,
            bias: &encoded.bias,
            actions,
        }
    }
}

impl Decoder {
    /// A decoder of pixels: `name` for its transformer, `head` for what makes patches of its tokens.
    pub(crate) fn pixels(
        scope: &mut Scope,
        (name, head): (&str, &str),
        config: &Config,
        plan: Plan,
    ) -> Self {
        let scope = &mut *scope;
        let (dim, numbers) = (config.dim, config.patch_numbers());
        let linear = if config.residual {
            Linear::zero
        } else {
            Linear::new
        };
        Self {
            head: Some(linear(
                &mut scope.enter(head),
                dim,
                numbers,
                plan.shape.precision,
            )),
            adds: config.residual,
            ..Self::tokens(scope, name, config, plan)
        }
    }

    /// A decoder of the encoder's tokens.
    pub(crate) fn tokens(scope: &mut Scope, name: &str, config: &Config, plan: Plan) -> Self {
        Self {
            transformer: Transformer::new(
                &mut scope.enter(name),
                Plan {
                    has_context: true,
                    ..plan
                },
            ),
            head: None,
            side: config.grid(),
            adds: false,
        }
    }

    /// A decoder of flow.
    pub(crate) fn flow(scope: &mut Scope, flow: &Flow, config: &Config, plan: Plan) -> Self {
        let mut scope = scope.enter("flow_decoder");
        let plan = Plan {
            depth: flow.decoder_depth,
            ..plan
        };
        let numbers = 2 * config.patch() * config.patch();
        Self {
            head: Some(Linear::new(
                &mut scope.enter("to_flow.0"),
                config.dim,
                numbers,
                plan.shape.precision,
            )),
            ..Self::tokens(&mut scope, "transformer", config, plan)
        }
    }

    /// What it makes of every patch, `[B, n, numbers]`.
    pub(crate) fn apply(&self, task: Task) -> Tensor {
        let grid = Grid {
            batch: task.canvas.size().first().copied().unwrap_or(0),
            times: 1,
            side: self.side,
        };
        let (actions, bias) = (Some(task.actions), Some(task.bias));
        let tokens = self.transformer.apply(task.canvas, grid, actions, bias);
        match &self.head {
            Some(head) => head.apply(&tokens),
            None => tokens,
        }
    }

    /// The second frame's patches `[B, n, numbers]`, as it sees them from the first one's.
    pub(crate) fn picture(&self, task: Task, first: &Tensor) -> Tensor {
        let made = self.apply(task);
        if self.adds { made + first } else { made }
    }
}

/// The parts of the flow's loss.
#[derive(Debug)]
pub(crate) struct FlowError {
    /// Of every pixel.
    pub pixels: Tensor,
    /// Of the whole frame, where it has a weight.
    pub summary: Option<Tensor>,
    /// How far the mean flow is off, across and down.
    pub off: Option<(Tensor, Tensor)>,
}

impl FlowError {
    /// Compares flows in pixels, both `[B, 2, H, W]`.
    pub(crate) fn of(predicted: &Tensor, truth: &Tensor, config: &Flow) -> Self {
        let (guess, goal) = (share_of_frame(predicted), share_of_frame(truth));
        let pixels = squared(&guess, &goal);
        if config.summary_loss_weight <= 0.0 {
            return Self {
                pixels,
                summary: None,
                off: None,
            };
        }
        let summary = squared(&mean_flow(&guess, config), &mean_flow(&goal, config));
        let off = tch::no_grad(|| {
            let [guess, goal] = [predicted, truth].map(|flow| {
                let flow = flow.detach().to_kind(Kind::Float).flatten(2, 3);
                mean_flow(&flow, config)
            });
            (guess - goal).abs().mean_dim(0, false, Kind::Float)
        });
        Self {
            pixels,
            summary: Some(summary),
            off: Some((off.select(0, 0), off.select(0, 1))),
        }
    }
}
