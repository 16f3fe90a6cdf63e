//! Runs of models that look through other networks: a RAFT that teaches flow, a DINOv3 that sees for the encoder, and flow
//! that a data set has of its own. Their weights are nobody's.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use hlrp_train::data::{Loader, Order, Spec};
use hlrp_train::run::lam::{Weights, open_model};
use hlrp_train::vision::raft::Size;
use hlrp_train::weights;
use serde_json::Value;
use tch::Device;

use crate::data::world::{self, FLOW, FlowRecipe, Recipe, World};
use crate::running::{Bench, ended};
use crate::vision::{dinov3, raft};

const PROGRAM: &str = env!("CARGO_BIN_EXE_hlrp-train-torch");

/// A short run: four steps, measured and saved at the second and the last.
const SHORT: [&str; 9] = [
    "data.loader.batch_size=2",
    "model.continuous_steps=0",
    "training.max_steps=4",
    "training.scheduler.warmup_steps=1",
    "training.checkpoint.every_n_train_steps=2",
    "validation.check_interval=2",
    "validation.limit_batches=1",
    "validation.probe_pairs=0",
    "validation.strategies={}",
];
const WITH_FLOW: [&str; 3] = [
    "model.flow.enabled=true",
    "model.flow.decoder_depth=1",
    "model.flow.warmup_steps=2",
];

fn short<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&SHORT[..], more].concat()
}

fn bench(flow: Option<FlowRecipe>) -> Bench {
    Bench::of(&Recipe {
        lengths: vec![9, 8, 9, 7],
        flow,
        ..Recipe::default()
    })
}

/// The numbers of a name in a run's curve, by step.
fn curve(lines: &[Value], name: &str) -> Vec<(u64, f64)> {
    let lines = lines.iter();
    lines
        .filter_map(|line| Some((line["step"].as_u64()?, line.get(name)?.as_f64()?)))
        .collect()
}

fn steps(lines: &[Value], name: &str) -> Vec<u64> {
    let numbers = curve(lines, name);
    assert!(numbers.iter().all(|(_, value)| *value > 0.0), "{numbers:?}");
    numbers.into_iter().map(|(step, _)| step).collect()
}

fn ask(command: &str, saved: &Path, more: &[&str]) -> Output {
    Command::new(PROGRAM)
        .arg(command)
        .arg(saved)
        .args(more)
        .env("OMP_NUM_THREADS", "1")
        .output()
        .unwrap()
}

#[test]
fn raft_teaches_and_is_in_no_checkpoint() {
    let bench = bench(None);
    let place = tempfile::tempdir().unwrap();
    let file = raft(place.path(), Size::Small);
    let path = format!("model.flow.teacher_weights={}", file.display());
    let own = [
        path.as_str(),
        "model.image_size=128",
        "model.patch_size=16",
        "model.flow.model=raft_small",
        "model.flow.teacher_num_flow_updates=1",
        "model.flow.teacher_chunk_size=1",
    ];
    let all = short(&[&WITH_FLOW[..], &own].concat());
    let (status, said) = ended(&mut bench.command("taught", &all));
    assert_eq!(status, 0, "{said}");
    let lines = bench.lines("taught");
    assert_eq!(steps(&lines, "train/flow_loss"), [1, 2, 3, 4]);
    for name in [
        "flow_loss",
        "flow_summary_loss",
        "flow_mean_dx_abs_err",
        "loss",
    ] {
        assert_eq!(steps(&lines, &format!("val/{name}")), [2, 4], "{name}");
    }
    // At half the weight, then at all of it.
    let weights_ = curve(&lines, "train/flow_weight");
    assert_eq!(weights_, [(1, 2.5), (2, 5.0), (3, 5.0), (4, 5.0)]);
    let saved = bench.run("taught").join("checkpoints");
    let model = weights::load(&saved.join("step_0000004/model.safetensors")).unwrap();
    assert!(model.contains_key("flow_decoder.to_flow.0.weight"));
    assert!(!model.keys().any(|name| name.contains("update_block")));
    // From its second step on, another process does what this one did.
    let half = bench.run("half").join("checkpoints/step_0000002");
    fs::create_dir_all(&half).unwrap();
    for entry in fs::read_dir(saved.join("step_0000002")).unwrap().flatten() {
        fs::copy(entry.path(), half.join(entry.file_name())).unwrap();
    }
    let (status, said) = ended(&mut bench.command("half", &all));
    assert_eq!(status, 0, "{said}");
    assert_eq!(bench.lines("half"), lines[2..]);
    // What is measured later is what was measured then, as long as the teacher is there.
    let saved = saved.join("step_0000004");
    let told = ask("eval", &saved, &[]);
    let told: Value = serde_json::from_slice(&told.stdout).unwrap();
    assert_eq!(told["val/flow_loss"], lines[3]["val/flow_loss"]);
    fs::rename(&file, place.path().join("moved.safetensors")).unwrap();
    let told = ask("eval", &saved, &[]);
    let said = String::from_utf8_lossy(&told.stderr);
    assert_eq!(told.status.code(), Some(78), "{said}");
    for part in ["model.flow.teacher_weights", "raft_small.safetensors"] {
        assert!(said.contains(part), "{said}");
    }
}

#[test]
fn a_dinov3_sees_for_the_encoder_and_is_in_no_checkpoint() {
    let bench = bench(None);
    let place = tempfile::tempdir().unwrap();
    let file = dinov3(place.path(), &[]);
    let path = format!("model.dinov3_weights={}", file.display());
    let own = [
        path.as_str(),
        "model.use_dinov3_encoder=true",
        "model.dinov3_pool_to_grid=8",
        "model.image_size=128",
        "model.patch_size=32",
        "model.residual=false",
        "model.dino.enabled=true",
        "model.use_aux_decoder=true",
    ];
    let all = short(&own);
    let (status, said) = ended(&mut bench.command("seen", &all));
    assert_eq!(status, 0, "{said}");
    let lines = bench.lines("seen");
    for name in ["dino_loss", "pixel_loss", "aux_loss"] {
        assert_eq!(steps(&lines, &format!("train/{name}")), [1, 2, 3, 4]);
    }
    assert_eq!(steps(&lines, "val/dino_loss"), [2, 4]);
    let saved = bench.run("seen").join("checkpoints/step_0000004");
    let model = weights::load(&saved.join("model.safetensors")).unwrap();
    // 8 by 8 patches of 16 by 16, whatever `patch_size` says.
    let size = |name: &str| model[name].size();
    assert_eq!(size("dino_encoder.proj.weight"), [32, 32]);
    assert_eq!(size("pixel_projection.2.weight"), [32, 768]);
    let [one, other] = ["dino_encoder", "encoder_projection.encoder"]
        .map(|name| &model[&format!("{name}.proj.weight")]);
    assert!(one.equal(other));
    assert!(
        !model
            .keys()
            .any(|name| name.contains("k_proj") || name.starts_with("encoder_projection.2"))
    );
    // It moves, and what it is projected from does not count.
    let first = bench.run("seen").join("checkpoints/step_0000002");
    let first = weights::load(&first.join("model.safetensors")).unwrap();
    assert!(!first["dino_encoder.proj.weight"].equal(one));
    let (_, model) = open_model(&saved, Device::Cpu, Weights::Averaged).unwrap();
    let names = model.parameters().trained();
    assert!(
        names
            .map(|one| &one.name)
            .all(|name| !name.contains("layer.0"))
    );
    // Latents need it too.
    let output = place.path().join("latents.safetensors");
    let told = ask("encode", &saved, &["-o", &output.to_string_lossy()]);
    assert!(told.status.success(), "{told:?}");
    assert_eq!(weights::load(&output).unwrap()["codes"].size()[0], 33);
    fs::remove_file(&file).unwrap();
    let output = place.path().join("others.safetensors");
    let told = ask("encode", &saved, &["-o", &output.to_string_lossy()]);
    let said = String::from_utf8_lossy(&told.stderr);
    assert_eq!(told.status.code(), Some(78), "{said}");
    assert!(said.contains("model.dinov3_weights") && said.contains("dinov3.safetensors"));
    // A run that cannot begin leaves nothing.
    let (status, said) = ended(&mut bench.command("none", &all));
    assert_eq!(status, 78, "{said}");
    assert!(!bench.run("none").exists());
}

/// What a frame's flow has at a place.
fn number(frame: usize, at: usize) -> f32 {
    (frame * 3) as f32 / 8.0 - (at % 32) as f32 / 4.0
}

const OWN: FlowRecipe = FlowRecipe {
    said: [32, 32],
    written: [32, 32],
    number,
};

#[test]
fn a_data_sets_own_flow_is_read_row_by_row() {
    let world = World::new(&Recipe {
        lengths: vec![23, 4, 19],
        two_files: true,
        flow: Some(FlowRecipe {
            said: [3, 5],
            written: [3, 5],
            number,
        }),
        ..Recipe::default()
    });
    let mut config = world.config();
    let size = [3, 5];
    let key = FLOW.to_owned();
    config.flow = Some(hlrp_train::data::FieldConfig { key, size });
    let set = world::open(&[config]).unwrap();
    set.check().unwrap();
    let request = hlrp_train::data::Request {
        flow: true,
        ..world::request()
    };
    let order = Order::Shuffled {
        seed: 3,
        epoch: None,
    };
    let spec = Spec {
        batch_size: 8,
        ..Spec::default()
    };
    let loader = Loader::new(&set.all(), &request, &spec, order, None).unwrap();
    for batch in loader.take(12) {
        let batch = batch.unwrap();
        let flow = batch.flow.unwrap();
        assert_eq!((flow.height, flow.width), (3, 5));
        let rows = flow.values.chunks_exact(30).zip(&batch.index);
        assert_eq!(rows.len(), 8);
        for (row, &frame) in rows {
            let wanted = (0..30).map(|at| number(frame as usize, at));
            assert!(row.iter().copied().eq(wanted), "{frame}");
        }
    }
}

#[test]
fn a_data_sets_own_flow_teaches() {
    let bench = bench(Some(OWN));
    let own = [&WITH_FLOW[..], &["model.flow.teacher=dataset"]].concat();
    let (status, said) = ended(&mut bench.command("taught", &short(&own)));
    assert_eq!(status, 0, "{said}");
    let lines = bench.lines("taught");
    assert_eq!(steps(&lines, "train/flow_loss"), [1, 2, 3, 4]);
    assert_eq!(steps(&lines, "val/flow_loss"), [2, 4]);
    // Nothing but flow, then, and the loss is all of it.
    let alone = [&own[..], &["model.use_pixel_decoder=false"]].concat();
    let (status, said) = ended(&mut bench.command("alone", &short(&alone)));
    assert_eq!(status, 0, "{said}");
    let lines = bench.lines("alone");
    let value = |name: &str| lines[3][name].as_f64().unwrap();
    let whole = 5.0 * (value("val/flow_loss") + 0.05 * value("val/flow_summary_loss"));
    assert!((value("val/loss") - whole).abs() <= 1e-6 * whole);
    // Its latents need no flow: another data set may have none.
    let output = bench.run("latents.safetensors");
    let other = World::new(&Recipe::default());
    let data = other.root();
    let saved = bench.run("taught").join("checkpoints/step_0000004");
    let told = ask(
        "encode",
        &saved,
        &[
            "--data",
            &data.to_string_lossy(),
            "-o",
            &output.to_string_lossy(),
        ],
    );
    assert!(told.status.success(), "{told:?}");
}

#[test]
fn flow_that_is_not_as_it_should_be_is_refused_with_its_place() {
    let own = [&WITH_FLOW[..], &["model.flow.teacher=dataset"]].concat();
    let table = [
        (None, vec!["info.json", "no flow", "observation.flow"]),
        (
            Some(FlowRecipe {
                said: [16, 32],
                ..OWN
            }),
            vec!["info.json", "[2, 16, 32]", "[2, 32, 32]"],
        ),
        (
            Some(FlowRecipe {
                written: [32, 31],
                ..OWN
            }),
            vec!["file-000.parquet", "episode", "lists of 31, not of 32"],
        ),
        (
            Some(FlowRecipe {
                number: |_, at| if at == 7 { f32::NAN } else { 1.0 },
                ..OWN
            }),
            vec!["file-000.parquet", "episode", "frame", "NaN"],
        ),
    ];
    for (flow, parts) in table {
        let bench = bench(flow);
        let (status, said) = ended(&mut bench.command("none", &short(&own)));
        assert_eq!(status, 78, "{said}");
        for part in parts {
            assert!(said.contains(part), "{part}: {said}");
        }
    }
    // Under another key.
    let bench = bench(Some(OWN));
    let other = [&own[..], &["model.flow.dataset_key=flow.forward"]].concat();
    let (status, said) = ended(&mut bench.command("none", &short(&other)));
    assert_eq!(status, 78, "{said}");
    assert!(
        said.contains("`flow.forward`; there is `observation.flow`"),
        "{said}"
    );
}
