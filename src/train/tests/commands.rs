//! What is done with checkpoints, through the program's command line.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use hlrp_train::data::{Loader, Order, Set, Spec};
use hlrp_train::run::lam::{Weights, open_model, pairs};
use hlrp_train::weights;
use serde_json::{Map, Value};
use tch::{Device, Tensor};

use crate::data::world::Recipe;
use crate::running::{Bench, ended};

/// Settings of a run of a few steps with a moving average, past the start of its codebook.
const AVERAGED: [&str; 4] = [
    "training.max_steps=20",
    "training.use_ema=true",
    "training.ema_decay=0.9",
    "training.ema_update_after_step=2",
];

fn bench() -> Bench {
    Bench::of(&Recipe {
        lengths: vec![9, 8, 9, 7, 9, 8],
        ..Recipe::default()
    })
}

/// Trains to the end; returns the last checkpoint.
fn trained(bench: &Bench, name: &str, more: &[&str]) -> PathBuf {
    let mut command = bench.command(name, &["training.scheduler.warmup_steps=0"]);
    let (status, said) = ended(command.args(more));
    assert_eq!(status, 0, "{said}");
    let entries = fs::read_dir(bench.run(name).join("checkpoints")).unwrap();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.pop().unwrap()
}

fn ask(command: &str, checkpoint: &Path, more: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_hlrp-train-torch"))
        .arg(command)
        .arg(checkpoint)
        .args(more)
        .env("OMP_NUM_THREADS", "1")
        .output()
        .unwrap()
}

fn numbers(output: &Output) -> Map<String, Value> {
    assert!(output.status.success(), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The tensors of a checkpoint's file.
fn tensors(path: &Path) -> std::collections::HashMap<String, Tensor> {
    weights::load(path).unwrap()
}

#[test]
fn eval_gives_the_numbers_of_the_runs_last_validation() {
    let bench = bench();
    for (name, more) in [("plain", &AVERAGED[..1]), ("averaged", &AVERAGED[..])] {
        let saved = trained(&bench, name, more);
        let lines = bench.lines(name);
        let last = lines.iter().rfind(|line| line["val/loss"].is_f64());
        let last = last.unwrap();
        let measured = numbers(&ask("eval", &saved, &[]));
        assert!(measured.len() > 10, "{measured:?}");
        for (key, value) in &measured {
            assert_eq!(value, &last[key], "{name}: {key}");
        }
        // The average knows of the codebook's start.
        let lost = measured["val/quantisation_error"].as_f64().unwrap();
        assert!(lost < 2.0, "{name}: {lost}");
        let raw = numbers(&ask("eval", &saved, &["--raw"]));
        let is_one = raw["val/loss"] == measured["val/loss"];
        assert_eq!(is_one, name == "plain", "{name}");
    }
}

#[test]
fn eval_draws_every_picture() {
    let bench = bench();
    let more = [
        "training.max_steps=2",
        "validation.strategies.basic.every_n_validations=3",
    ];
    let saved = trained(&bench, "drawn", &more);
    let place = bench.run("drawn").join("pictures");
    let place = place.to_string_lossy();
    numbers(&ask("eval", &saved, &["--pictures", &place]));
    let step = fs::read_dir(&*place).unwrap().next().unwrap().unwrap();
    for name in ["reconstructions", "reconstructions_train", "codebook"] {
        assert!(step.path().join(format!("{name}.png")).exists(), "{name}");
    }
}

#[test]
fn encode_and_export_write_what_the_model_is_and_replace_nothing() {
    let bench = bench();
    let saved = trained(&bench, "latents", &AVERAGED);
    let place = tempfile::tempdir().unwrap();
    let file = |name: &str| place.path().join(name).to_string_lossy().into_owned();

    let latents = file("latents.safetensors");
    let done = ask("encode", &saved, &["-o", &latents]);
    assert!(done.status.success(), "{done:?}");
    let written = tensors(Path::new(&latents));
    let open = |wanted| open_model(&saved, Device::Cpu, wanted).unwrap();
    let (settings, model) = open(Weights::Averaged);
    let set = Set::open(&settings.data).unwrap();
    let spec = Spec {
        batch_size: 4,
        workers: 0,
        ..Spec::default()
    };
    let loader = Loader::new(&set.all(), &settings.data.request, &spec, Order::Once, None);
    let codes = loader.unwrap().map(|batch| {
        let frames = pairs(&batch.unwrap(), Device::Cpu).frames;
        model.codes(&frames).unwrap()
    });
    let codes = Tensor::cat(&codes.collect::<Vec<_>>(), 0);
    assert_eq!(written["codes"].size(), codes.size());
    assert!(written["codes"].equal(&codes));
    let entries = model.codebook().index_select(0, &codes.flatten(0, 1));
    assert!(written["vectors"].flatten(0, 1).equal(&entries));

    let exported = [("average", None), ("raw", Some("--raw"))].map(|(name, flag)| {
        let path = file(&format!("{name}.safetensors"));
        let mut more = vec!["-o", &path];
        more.extend(flag);
        let done = ask("export", &saved, &more);
        assert!(done.status.success(), "{done:?}");
        tensors(Path::new(&path))
    });
    let [average, raw] = exported;
    for (name, tensor) in model.parameters().named() {
        assert!(average[&name].equal(&tensor), "{name}");
    }
    for (name, tensor) in open(Weights::Raw).1.parameters().named() {
        assert!(raw[&name].equal(&tensor), "{name}");
    }
    assert!(!raw["vq.codebooks"].equal(&average["vq.codebooks"]));

    let before = fs::read(&latents).unwrap();
    for command in ["encode", "export"] {
        let refused = ask(command, &saved, &["-o", &latents]);
        assert!(!refused.status.success());
        let said = String::from_utf8_lossy(&refused.stderr);
        assert!(said.contains("is there already"), "{said}");
        let nowhere = file("nowhere/a.safetensors");
        let refused = ask(command, &saved, &["-o", &nowhere]);
        assert!(!refused.status.success());
        let said = String::from_utf8_lossy(&refused.stderr);
        assert!(said.contains("nowhere"), "{said}");
    }
    assert_eq!(fs::read(&latents).unwrap(), before);
    let names = fs::read_dir(place.path()).unwrap();
    assert_eq!(names.count(), 3, "something was left behind");
}

#[test]
fn paths_that_lead_to_no_checkpoint_are_refused_with_what_is_there() {
    let bench = bench();
    let saved = trained(&bench, "paths", &["training.max_steps=1"]);
    for (path, what) in [
        (saved.join("nothing"), "there is nothing"),
        (saved.join("model.safetensors"), "it is a file"),
        (bench.run("paths"), "it is a run directory"),
        (bench.run("paths").join("checkpoints"), "no `config.json`"),
    ] {
        let refused = ask("eval", &path, &[]);
        let said = String::from_utf8_lossy(&refused.stderr);
        assert_eq!(refused.status.code(), Some(78), "{said}");
        assert!(said.contains(what), "{said}");
    }
}

#[test]
fn a_run_begins_with_the_weights_that_are_named() {
    let bench = bench();
    let first = trained(&bench, "first", &["training.max_steps=3"]);
    let wanted = tensors(&first);
    for (name, path) in [
        ("of-a-file", first.join("model.safetensors")),
        ("of-a-checkpoint", first),
    ] {
        let from = format!("training.load_weights_from={}", path.display());
        let more = [
            &from,
            "training.max_steps=1",
            "training.optimizer.lr=1e-9",
            "seed=7",
        ];
        let found = tensors(&trained(&bench, name, &more));
        let apart = &found["pixel_projection.2.weight"] - &wanted["pixel_projection.2.weight"];
        assert!(apart.abs().max().double_value(&[]) < 1e-6, "{name}");
    }
}

#[test]
fn a_run_goes_on_from_the_checkpoint_that_is_named() {
    let bench = bench();
    trained(&bench, "unbroken", &["training.max_steps=20"]);
    let from = bench.run("unbroken").join("checkpoints/step_0000014");
    let from = format!("training.resume_from_checkpoint={}", from.display());
    trained(&bench, "branch", &["training.max_steps=20", &from]);
    let is_after = |line: &Value| line["step"].as_u64() > Some(14);
    let lines = |name| bench.lines(name).into_iter().filter(is_after);
    assert_eq!(bench.lines("branch").len(), 6);
    assert!(lines("branch").eq(lines("unbroken")));
}

#[test]
fn a_run_in_bf16_is_near_the_one_in_full_precision() {
    let bench = bench();
    let losses = ["32-true", "bf16-mixed"].map(|precision| {
        let name = format!("run-{precision}");
        let precision = format!("precision={precision}");
        trained(&bench, &name, &["training.max_steps=4", &precision]);
        let lines = bench.lines(&name);
        let losses = lines.iter().filter_map(|line| line["train/loss"].as_f64());
        losses.collect::<Vec<f64>>()
    });
    let [full, half] = &losses;
    assert_eq!(half.len(), 4, "{half:?}");
    assert_ne!(full, half);
    for (full, half) in full.iter().zip(half) {
        assert!((full - half).abs() < 0.1 * full, "{full} and {half}");
    }
}

#[test]
fn validations_of_other_stages_are_trained_with() {
    let bench = bench();
    let more = [
        "validation=stage1_cluster_rich",
        "training.max_steps=2",
        "training.scheduler.warmup_steps=0",
        "validation.check_interval=2",
    ];
    let (status, said) = ended(&mut bench.command("rich", &more));
    assert_eq!(status, 0, "{said}");
    assert!(said.contains("not drawn natively: "), "{said}");
    assert!(bench.lines("rich")[1]["val/loss"].is_f64());
}
