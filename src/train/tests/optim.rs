//! AdamW: its groups, its arithmetic, and that it continues as if it had not stopped.

use std::collections::HashMap;

use hlrp_train::lam::{Batch, Config, Model};
use hlrp_train::optim::{AdamW, Average, Clip, ClipKind};
use hlrp_train::parameters::{Parameters, Role, Start};
use hlrp_train::precision::Precision;
use hlrp_train::random::Generator;
use hlrp_train::weights;
use serde_json::json;
use tch::{Device, Kind, Tensor};

use crate::parity::adamw;

const NO_CLIP: Clip = Clip {
    clip_val: None,
    clip_algorithm: ClipKind::Norm,
};

#[test]
fn matrices_decay_and_scales_do_not() {
    let model = Model::new(
        &small(),
        Precision::Full,
        Device::Cpu,
        &mut Generator::new(1, ""),
    )
    .unwrap();
    let optimiser = AdamW::new(model.parameters(), &adamw(1e-4));
    let groups = optimiser.groups();
    let [(decay, matrices), (none, others)] = &groups[..] else {
        panic!("two groups")
    };
    assert_eq!((*decay, *none), (0.01, 0.0));
    let decays = [
        "vq.codebooks",
        "vq.cnn_encoder.0.weight",
        "pixel_projection.2.weight",
        "pixel_decoder.layers.0.2.null_kv",
        "enc_spatial_transformer.layers.0.0.dsconv.weight",
        "spatial_rel_pos_bias.net.2.weight",
    ];
    let stays = [
        "vq.project_in.bias",
        "pixel_projection.1.weight",
        "enc_spatial_transformer.layers.0.1.norm.gamma",
        "enc_spatial_transformer.layers.0.1.q_scale",
        "enc_spatial_transformer.layers.0.3.0.weight",
        "enc_temporal_transformer.layers.0.0.dsconv.bias",
    ];
    for name in decays {
        assert!(matrices.contains(&name), "{name}");
    }
    for name in stays {
        assert!(others.contains(&name), "{name}");
    }
    let idle = "enc_spatial_transformer.layers.0.1.context_norm.gamma";
    assert!(!matrices.contains(&idle) && !others.contains(&idle));
    let trained = model
        .parameters()
        .iter()
        .filter(|one| one.role == Role::Trained && one.tensor.numel() > 0);
    assert_eq!(matrices.len() + others.len(), trained.count());
}

#[test]
fn steps_are_those_of_the_paper() {
    let mut parameters = Parameters::new(Device::Cpu);
    let mut generator = Generator::new(7, "");
    let x = parameters
        .root(&mut generator)
        .trained("x", &[3, 5], Start::Normal);
    let goal = Tensor::from_slice(&generator.normal(15)).view([3, 5]);
    let mut optimiser = AdamW::new(&parameters, &adamw(1e-2));
    let mut plain = x.detach().copy().to_kind(Kind::Double);
    let (mut first, mut second) = (plain.zeros_like(), plain.zeros_like());
    for step in 1..=20 {
        let loss = (&x - &goal).square().sum(Kind::Float);
        let gradient = (&plain - &goal) * 2.0;
        let _ = optimiser.step(&loss, 1e-2, &NO_CLIP);
        first = first * 0.9 + &gradient * 0.1;
        second = second * 0.999 + &gradient * &gradient * 0.001;
        let (a, b) = (
            &first / (1.0 - 0.9_f64.powi(step)),
            &second / (1.0 - 0.999_f64.powi(step)),
        );
        plain = &plain * (1.0 - 1e-2 * 0.01) - a / (b.sqrt() + 1e-8) * 1e-2;
        let off = (x.detach() - &plain).abs().max().double_value(&[]);
        assert!(off < 1e-6, "{step}: {off}");
    }
}

#[test]
fn long_gradients_are_shortened_and_short_ones_are_not() {
    for (bound, kind, moment) in [
        (1.0, ClipKind::Norm, 0.06),
        (10.0, ClipKind::Norm, 0.3),
        (2.0, ClipKind::Value, 0.2),
    ] {
        let mut parameters = Parameters::new(Device::Cpu);
        let start = Start::Constant(0.0);
        let x = parameters
            .root(&mut Generator::new(0, ""))
            .trained("x", &[2], start);
        let mut optimiser = AdamW::new(&parameters, &adamw(1e-3));
        let loss = (&x * Tensor::from_slice(&[3.0_f32, 4.0])).sum(Kind::Float);
        let clip = Clip {
            clip_val: Some(bound),
            clip_algorithm: kind,
        };
        assert!((optimiser.step(&loss, 1e-3, &clip) - 5.0).abs() < 1e-6);
        let state: HashMap<_, _> = optimiser.state().into_iter().collect();
        assert!(
            (state["exp_avg.x"].double_value(&[0]) - moment).abs() < 1e-6,
            "{kind:?}"
        );
    }
}

#[test]
fn no_rate_changes_nothing_and_makes_no_number_that_is_none() {
    let mut parameters = Parameters::new(Device::Cpu);
    let mut generator = Generator::new(0, "");
    let x = parameters
        .root(&mut generator)
        .trained("x", &[2, 2], Start::Normal);
    let before = x.detach().copy();
    let mut optimiser = AdamW::new(&parameters, &adamw(0.0));
    // One number has a gradient, three have none.
    for rate in [0.0, 1e-44] {
        let _ = optimiser.step(&x.select(0, 0).select(0, 0).square(), rate, &NO_CLIP);
        assert!(x.detach().equal(&before), "{rate}");
    }
    // The moments have seen it.
    let state: HashMap<_, _> = optimiser.state().into_iter().collect();
    assert!(state["exp_avg.x"].double_value(&[0, 0]).abs() > 0.0);
}

#[test]
fn a_gradient_that_is_no_number_changes_nothing() {
    let mut parameters = Parameters::new(Device::Cpu);
    let mut generator = Generator::new(0, "");
    let x = parameters
        .root(&mut generator)
        .trained("x", &[2], Start::Constant(0.0));
    let mut optimiser = AdamW::new(&parameters, &adamw(1e-3));
    for clip_algorithm in [ClipKind::Norm, ClipKind::Value] {
        let clip = Clip {
            clip_val: Some(1.0),
            clip_algorithm,
        };
        // The root of 0 is 0, and its slope is infinite.
        let loss = x.sqrt().sum(Kind::Float);
        assert!(!optimiser.step(&loss, 1e-3, &clip).is_finite());
        assert!(x.detach().equal(&x.zeros_like()));
        let state: HashMap<_, _> = optimiser.state().into_iter().collect();
        assert_eq!(state["step.x"].int64_value(&[]), 0);
    }
}

#[test]
fn what_no_loss_reaches_stays_as_it_is() {
    let mut parameters = Parameters::new(Device::Cpu);
    let mut generator = Generator::new(0, "");
    let mut scope = parameters.root(&mut generator);
    let [x, y] = ["x", "y"].map(|name| scope.trained(name, &[2, 2], Start::Normal));
    let before = y.detach().copy();
    let mut optimiser = AdamW::new(&parameters, &adamw(1e-3));
    let _ = optimiser.step(&x.sum(Kind::Float), 1e-3, &NO_CLIP);
    assert!(y.detach().equal(&before));
    let state: HashMap<_, _> = optimiser.state().into_iter().collect();
    assert_eq!(
        (
            state["step.x"].int64_value(&[]),
            state["step.y"].int64_value(&[])
        ),
        (1, 0)
    );
    // A tensor that joins later has its own count.
    let _ = optimiser.step(&(&x + &y).sum(Kind::Float), 1e-3, &NO_CLIP);
    let state: HashMap<_, _> = optimiser.state().into_iter().collect();
    assert_eq!(
        (
            state["step.x"].int64_value(&[]),
            state["step.y"].int64_value(&[])
        ),
        (2, 1)
    );
}

#[test]
fn a_resumed_run_is_the_unbroken_one_bit_for_bit() {
    let place = tempfile::tempdir().unwrap();
    let file = |name: &str| place.path().join(name);
    let mut run = Run::new(1);
    for step in 1..=12 {
        run.step(step);
    }
    // The checkpoint: weights, the run's own state, the optimiser, the average, and the generator.
    let parameters = run.model.parameters();
    weights::save(&file("model"), &parameters.named(), HashMap::new()).unwrap();
    let mut state = parameters.state();
    state.extend(run.optimiser.state());
    state.extend(run.average.state(&run.optimiser));
    weights::save(&file("state"), &state, HashMap::new()).unwrap();
    let words = run.generator.state();
    let unbroken: Vec<u64> = (13..=30).map(|step| run.step(step)).collect();

    let mut again = Run::new(2);
    again.step(1);
    weights::load_into(&file("model"), again.model.parameters()).unwrap();
    let mut state = weights::load(&file("state")).unwrap();
    again.optimiser.load(&state).unwrap();
    again.average.load(&again.optimiser, &state).unwrap();
    state.retain(|name, _| name == "vq.codebooks_used");
    weights::fit(&file("state"), state, &again.model.parameters().state()).unwrap();
    again.generator = Generator::restore(words);
    let resumed: Vec<u64> = (13..=30).map(|step| again.step(step)).collect();
    assert_eq!(unbroken, resumed);
    for ((name, a), (_, b)) in run
        .model
        .parameters()
        .named()
        .iter()
        .zip(again.model.parameters().named())
    {
        assert!(a.equal(&b), "{name}");
    }
    let averages = |run: &Run| run.average.state(&run.optimiser);
    for ((name, a), (_, b)) in averages(&run).iter().zip(averages(&again)) {
        assert!(a.equal(&b), "{name}");
    }
}

#[test]
fn the_average_follows_the_weights_slowly() {
    let mut run = Run::new(3);
    run.step(1);
    let name = "vq.codebooks";
    let weights = |run: &Run| run.model.parameters().find(name).unwrap().detach().copy();
    let mean = |run: &Run| {
        let state: HashMap<_, _> = run.average.state(&run.optimiser).into_iter().collect();
        state[&format!("ema.{name}")].copy()
    };
    let before = mean(&run);
    run.step(2);
    let wanted = &before * 0.9 + weights(&run) * 0.1;
    assert!((mean(&run) - wanted).abs().max().double_value(&[]) < 1e-6);
    let (own, average) = (weights(&run), mean(&run));
    run.average.exchange(&run.optimiser);
    assert!(weights(&run).equal(&average));
    run.average.exchange(&run.optimiser);
    assert!(weights(&run).equal(&own));
}

/// A model with everything that trains it.
struct Run {
    model: Model,
    optimiser: AdamW,
    average: Average,
    generator: Generator,
    batch: Batch,
}

impl Run {
    fn new(seed: u64) -> Self {
        tch::set_num_threads(1);
        let model = Model::new(
            &small(),
            Precision::Full,
            Device::Cpu,
            &mut Generator::new(seed, "weights"),
        )
        .unwrap();
        let optimiser = AdamW::new(model.parameters(), &adamw(1e-3));
        let frames = Generator::new(5, "frames").spread(6 * 3 * 2 * 64 * 64, 0.5);
        let frames = Tensor::from_slice(&frames).view([6, 3, 2, 64, 64]) + 0.5;
        Self {
            average: Average::new(&optimiser, 0.9, 1, 0),
            model,
            optimiser,
            generator: Generator::new(seed, "run"),
            batch: Batch { frames, flow: None },
        }
    }

    /// The bits of the loss.
    fn step(&mut self, step: u64) -> u64 {
        let outcome = self
            .model
            .step(&self.batch, step, &mut self.generator)
            .unwrap();
        let clip = Clip {
            clip_val: Some(1.0),
            ..NO_CLIP
        };
        let _ = self.optimiser.step(&outcome.loss, 1e-3, &clip);
        self.average.update(&self.optimiser, step);
        outcome.loss.double_value(&[]).to_bits()
    }
}

/// A model of some thousand parameters, with entries replaced every third step, dropout, and other pairs' actions.
pub(crate) fn small() -> Config {
    serde_json::from_value(json!({
        "image_size": 64, "patch_size": 8, "channels": 3,
        "dim": 32, "spatial_depth": 1, "temporal_depth": 1, "heads": 2, "dim_head": 16,
        "attn_dropout": 0.1, "ff_dropout": 0.1,
        "codebook_size": 16, "quant_dim": 8, "code_seq_len": 4,
        "vq_discarding_threshold": 0.5, "codebook_replace_schedule": [[3, 1000]],
        "use_pixel_decoder": true, "use_aux_decoder": true, "latent_ablation": "permute_batch",
        "dino": {"loss_weight": 0.5, "warmup_steps": 10},
    }))
    .unwrap()
}
