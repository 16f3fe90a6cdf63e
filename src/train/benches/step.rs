//! Steps of training a second, of a model without data: what `compare.py` runs beside the same in Python.
//!
//! usage: step CONFIG BATCH STEPS        CONFIG is a `model` node in JSON

#![allow(clippy::expect_used, clippy::unwrap_used, missing_docs)]

use std::io::Write as _;
use std::time::Instant;

use hlrp_train::device::{Choice, open};
use hlrp_train::lam::{Batch, Model};
use hlrp_train::optim::{AdamW, Clip, ClipKind, Config, Kind};
use hlrp_train::precision::Precision;
use hlrp_train::random::Generator;
use tch::Tensor;

/// Steps before the clock runs.
const WARM: u64 = 5;

fn main() {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|one| one != "--bench")
        .collect();
    let [config, pairs, steps] = &arguments[..] else {
        return;
    };
    let (device, _) = open(Choice::Cpu).expect("a CPU");
    let config: hlrp_train::lam::Config = serde_json::from_str(config).expect("a model");
    let pairs: i64 = pairs.parse().unwrap();
    let steps: u64 = steps.parse().unwrap();
    let mut generator = Generator::new(0, "bench");
    let mut model = Model::new(&config, Precision::Full, device, &mut generator).unwrap();
    let optimiser = Config {
        kind: Kind::AdamW,
        lr: 1e-4,
        betas: (0.9, 0.999),
        eps: 1e-8,
        weight_decay: 0.01,
    };
    let mut optimiser = AdamW::new(model.parameters(), &optimiser);
    let clip = Clip {
        clip_val: Some(1.0),
        clip_algorithm: ClipKind::Norm,
    };
    let side = config.image_size;
    let shape = [pairs, config.channels, 2, side, side];
    let count = usize::try_from(shape.iter().product::<i64>()).unwrap();
    let frames = Tensor::from_slice(&generator.spread(count, 0.5)).view(shape) + 0.5;
    let batch = Batch { frames, flow: None };
    let mut start = Instant::now();
    let mut loss = 0.0;
    for step in 1..=WARM + steps {
        if step == WARM + 1 {
            start = Instant::now();
        }
        let outcome = model.step(&batch, step, &mut generator).unwrap();
        let _ = optimiser.step(&outcome.loss, 1e-4, &clip);
        loss = outcome.loss.double_value(&[]);
    }
    #[allow(clippy::cast_precision_loss)]
    let rate = steps as f64 / start.elapsed().as_secs_f64();
    let _ = writeln!(
        std::io::stdout(),
        r#"{{"steps_per_second": {rate:.4}, "loss": {loss:.6}}}"#
    );
}
