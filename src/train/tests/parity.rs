//! The model against what the reference computed: forward, gradients, and 200 steps of training.

use std::collections::HashMap;

use hlrp_train::optim::{AdamW, Clip, ClipKind, Config, Kind, Schedule, ScheduleKind};
use hlrp_train::precision::Precision;
use hlrp_train::random::Generator;
use hlrp_train::weights;
use tch::Tensor;

use crate::fixture::{Fixture, all, apart};

/// Absolute, of anything the model computes.
const FORWARD: f64 = 1e-5;
/// Relative, of gradients and of the curve.
const RELATIVE: f64 = 1e-4;
/// The share of the whole gradient's length below which a tensor's is rounding.
const ROUNDING: f64 = 1e-5;
/// The step that a fixture's numbers are of, where it does not say.
const STEP: u64 = 5;

#[test]
fn forward_is_the_references() {
    for fixture in all("train::parity::forward") {
        let mut model = fixture.model(Precision::Full);
        let noise = fixture.tensor("in.noise");
        let outcome = step(&fixture, &mut model, &noise);
        let loss = apart(&outcome.loss.view([1]), &fixture.tensor("out.loss"));
        println!("{}: loss off by {loss:.1e}", fixture.name());
        assert!(loss <= FORWARD);
        let mut metrics: HashMap<&str, f64> = outcome.metrics().into_iter().collect();
        metrics.insert("unique_codes_in_batch", outcome.unique_codes() as f64);
        for (name, tensor) in &fixture.tensors {
            if let Some(name) = name.strip_prefix("metric.") {
                let theirs = tensor.double_value(&[0]);
                let ours = metrics.get(name).unwrap_or_else(|| panic!("no {name}"));
                assert!(
                    (ours - theirs).abs() <= FORWARD * theirs.abs().max(1.0),
                    "{name}: {ours} {theirs}"
                );
            }
        }
        let frames = fixture.tensor("in.video");
        if let Some(theirs) = fixture.tensors.get("out.inference") {
            let ours = model.reconstruct(&frames, None).unwrap().unwrap();
            let off = apart(&ours, theirs);
            println!("{}: pictures off by {off:.1e}", fixture.name());
            assert!(off <= FORWARD);
        }
        let codes = model.codes(&frames).unwrap();
        assert!(codes.equal(&outcome.codes));
    }
}

#[test]
fn gradients_are_the_references() {
    for fixture in all("train::parity::gradients") {
        let mut model = fixture.model(Precision::Full);
        let noise = fixture.tensor("in.noise");
        let outcome = step(&fixture, &mut model, &noise);
        let trained: Vec<_> = model.parameters().trained().collect();
        let inputs: Vec<&Tensor> = trained.iter().map(|one| &one.tensor).collect();
        let ours = Tensor::run_backward(&[&outcome.loss], &inputs, false, false);
        let whole = fixture
            .tensors
            .iter()
            .filter(|(name, _)| name.starts_with("grad."))
            .map(|(_, theirs)| theirs.norm().double_value(&[]).powi(2))
            .sum::<f64>()
            .sqrt();
        let (mut worst, mut compared) = (0.0_f64, 0);
        for (one, ours) in trained.iter().zip(ours) {
            let Some(theirs) = fixture.tensors.get(&format!("grad.{}", one.name)) else {
                assert!(!ours.defined(), "{} has a gradient", one.name);
                continue;
            };
            if one.tensor.numel() > 0 {
                // The softmax ignores the last bias of the distances: its gradient is rounding of the others'.
                let size = theirs.norm().double_value(&[]).max(ROUNDING * whole);
                let off = (ours - theirs).norm().double_value(&[]) / size;
                assert!(off <= RELATIVE, "{}: {off:.1e}", one.name);
                worst = worst.max(off);
            }
            compared += 1;
        }
        let there = fixture
            .tensors
            .keys()
            .filter(|name| name.starts_with("grad."))
            .count();
        println!(
            "{}: {compared} gradients, {worst:.1e} off at most",
            fixture.name()
        );
        assert_eq!(compared, there);
    }
}

#[test]
fn two_hundred_steps_are_the_references() {
    for fixture in all("train::parity::curve") {
        let Ok(curve) = weights::load(&fixture.place.join("curve.safetensors")) else {
            continue;
        };
        let mut model = fixture.model(Precision::Full);
        let number = |name: &str| fixture.meta[name].as_f64().unwrap();
        let steps = fixture.meta["steps"].as_u64().unwrap();
        let peak = number("lr");
        let schedule = Schedule {
            kind: ScheduleKind::Cosine,
            warmup_steps: fixture.meta["warmup"].as_u64().unwrap(),
            warmup_start_lr: 1e-6,
            min_lr: number("min_lr"),
            gamma: 0.0,
            step_size: 0,
            mode: hlrp_train::optim::PlateauMode::Min,
            factor: 0.0,
            patience: 0,
        };
        let mut optimiser = AdamW::new(model.parameters(), &adamw(peak));
        let clip = Clip {
            clip_val: Some(1.0),
            clip_algorithm: ClipKind::Norm,
        };
        let (batch, generator) = (fixture.batch(), &mut Generator::new(0, "other"));
        let columns: Vec<&str> = fixture.meta["columns"]
            .as_array()
            .unwrap()
            .iter()
            .map(|name| name.as_str().unwrap())
            .collect();
        let mut worst = HashMap::new();
        for step in 1..=steps {
            let row = curve["curve"].get(step as i64 - 1);
            let noise = curve["noise"].get(step as i64 - 1);
            let outcome = model
                .step_with_noise(&batch, step, &noise, generator)
                .unwrap();
            let rate = schedule.rate(peak, step, steps);
            let length = optimiser.step(&outcome.loss, rate, &clip);
            let mut ours: HashMap<&str, f64> = outcome.metrics().into_iter().collect();
            ours.extend([("grad_norm", length), ("lr", rate)]);
            for (column, place) in columns.iter().zip(0_i64..) {
                let name = match *column {
                    "pixel" => "pixel_loss",
                    "aux" => "aux_loss",
                    "flow" => "flow_loss",
                    "perplexity" => "code_usage_perplexity_in_batch",
                    other => other,
                };
                let theirs = row.double_value(&[place]);
                let off = (ours[name] - theirs).abs() / theirs.abs().max(1e-12);
                let most = worst.entry(*column).or_insert(0.0_f64);
                *most = most.max(off);
            }
        }
        println!("{}: off at most by {worst:?}", fixture.name());
        // The length of a gradient near its end is small and all rounding; the others are losses and rates.
        for (column, off) in &worst {
            let bound = if *column == "grad_norm" {
                10.0 * RELATIVE
            } else {
                RELATIVE
            };
            assert!(*off <= bound, "{column}: {off:.1e}");
        }
        let after = fixture.place.join("weights_after.safetensors");
        if let Ok(after) = weights::load(&after) {
            let named: Vec<_> = model.parameters().named();
            let far = named
                .iter()
                .map(|(name, ours)| apart(ours, &after[name]))
                .fold(0.0, f64::max);
            println!("{}: weights off at most by {far:.1e}", fixture.name());
        }
    }
}

fn step(
    fixture: &Fixture,
    model: &mut hlrp_train::lam::Model,
    noise: &Tensor,
) -> hlrp_train::lam::Outcome {
    let at = fixture.meta["step"].as_u64().unwrap_or(STEP);
    let generator = &mut Generator::new(0, "other");
    model
        .step_with_noise(&fixture.batch(), at, noise, generator)
        .unwrap()
}

pub(crate) fn adamw(lr: f64) -> Config {
    Config {
        kind: Kind::AdamW,
        lr,
        betas: (0.9, 0.999),
        eps: 1e-8,
        weight_decay: 0.01,
    }
}

#[test]
fn mixed_precision_is_near_full_precision_and_trains() {
    for fixture in all("train::parity::mixed") {
        let noise = fixture.tensor("in.noise");
        let generator = &mut Generator::new(0, "other");
        let [full, mixed] = [Precision::Full, Precision::Bfloat16].map(|precision| {
            let mut model = fixture.model(precision);
            let mut optimiser = AdamW::new(model.parameters(), &adamw(1e-3));
            let clip = Clip {
                clip_val: Some(1.0),
                clip_algorithm: ClipKind::Norm,
            };
            let losses: Vec<f64> = (1..=20)
                .map(|_| {
                    let outcome = model
                        .step_with_noise(&fixture.batch(), STEP, &noise, generator)
                        .unwrap();
                    let _ = optimiser.step(&outcome.loss, 1e-3, &clip);
                    outcome.loss.double_value(&[])
                })
                .collect();
            losses
        });
        println!("{}: {full:.4?} {mixed:.4?}", fixture.name());
        assert!((full[0] - mixed[0]).abs() <= 0.02 * full[0]);
        assert!((full[19] - mixed[19]).abs() <= 0.05 * full[19]);
        assert!(mixed[19] < mixed[0]);
    }
}
