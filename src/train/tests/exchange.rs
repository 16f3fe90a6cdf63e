//! Weights go both ways: what was trained here is loaded by Python, strictly, and gives the same codes.

use std::fs;
use std::process::Command;

use hlrp_train::data::{Loader, Order, Set, Spec};
use hlrp_train::run::lam::{Weights, open_model, pairs};
use hlrp_train::weights;
use tch::{Device, Kind};

use crate::data::official::python;
use crate::running::Bench;
use crate::skip::skip;

#[test]
fn python_gives_the_same_codes_on_a_hundred_pairs() {
    let Some(python) = python() else {
        return skip("train::exchange", "PyTorch and LeRobot are not installed");
    };
    let bench = Bench::long();
    let trained = bench.train("exchange", &[]);
    assert!(trained.status.success());
    let saved = bench.run("exchange").join("checkpoints/step_0000060");
    let (settings, model) = open_model(&saved, Device::Cpu, Weights::Averaged).unwrap();
    let set = Set::open(&settings.data).unwrap();
    let spec = Spec {
        batch_size: 100,
        workers: 0,
        ..Spec::default()
    };
    let mut loader =
        Loader::new(&set.all(), &settings.data.request, &spec, Order::Once, None).unwrap();
    let frames = pairs(&loader.next().unwrap().unwrap(), Device::Cpu).frames;
    assert_eq!(frames.size(), [100, 3, 2, 32, 32]);
    let codes = model.codes(&frames).unwrap();

    let place = tempfile::tempdir().unwrap();
    let video = place.path().join("video.safetensors");
    let numbers = frames.to_kind(Kind::Float) / 255.0;
    let about = std::collections::HashMap::new();
    weights::save(&video, &[("video".to_owned(), numbers.contiguous())], about).unwrap();
    let exported = place.path().join("lam.safetensors");
    let export = Command::new(env!("CARGO_BIN_EXE_hlrp-train-torch"))
        .arg("export")
        .arg(&saved)
        .arg("-o")
        .arg(&exported)
        .status();
    assert!(export.unwrap().success());
    let config = place.path().join("config.json");
    fs::write(&config, settings.all["model"].to_string()).unwrap();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/train/codes.py");
    let ran = Command::new(python)
        .arg(script)
        .args([&config, &exported, &video])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{said}");
    let theirs: Vec<Vec<i64>> = serde_json::from_slice(&ran.stdout).unwrap();
    let ours: Vec<Vec<i64>> = Vec::try_from(&codes).unwrap();
    assert_eq!(theirs, ours);
    let mut different: Vec<&i64> = ours.iter().flatten().collect();
    different.sort_unstable();
    different.dedup();
    assert!(different.len() > 2, "the codes say nothing: {different:?}");
}
