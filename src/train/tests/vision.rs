//! RAFT and DINOv3 against torchvision's and transformers' own (`tests/train/vision.py`), and what is no such network.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use hlrp_train::lam::{Batch, Model};
use hlrp_train::precision::Precision;
use hlrp_train::random::Generator;
use hlrp_train::vision::raft::Size;
use hlrp_train::vision::{Dinov3, Raft, dinov3};
use hlrp_train::weights::{self, Error};
use serde_json::{Value, json};
use tch::{Device, Kind, Tensor};

use crate::fixture::apart;
use crate::skip::skip;

/// Pixels that a flow may be off by; of those here the longest are about 40.
const FLOW: f64 = 1e-3;
/// What features of about 1 may be off by.
const FEATURES: f64 = 1e-5;
/// What a gradient may be off by, as a share of its length.
const GRADIENTS: f64 = 1e-4;
const REFINEMENTS: i64 = 4;

#[test]
fn raft_and_dinov3_give_what_python_gives() {
    let name = "train::vision::python";
    let Some(python) = python() else {
        return skip(name, "torchvision or transformers is not installed");
    };
    tch::set_num_threads(1);
    let place = tempfile::tempdir().unwrap();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/train/vision.py");
    let ran = Command::new(python)
        .arg(script)
        .arg(place.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{said}");
    let made = |name: &str| {
        let place = place.path().join(name);
        let numbers = weights::load(&place.join("numbers.safetensors")).unwrap();
        let [frames, found] = ["frames", "found"].map(|name| numbers[name].shallow_clone());
        (place.join("model.safetensors"), frames, found)
    };
    for (name, size) in [("raft_large", Size::Large), ("raft_small", Size::Small)] {
        let (file, frames, found) = made(name);
        let raft = Raft::load(&file, size, Device::Cpu).unwrap();
        let off = apart(&raft.flow(&frames, REFINEMENTS, 64), &found);
        let longest = found.abs().max().double_value(&[]);
        println!("{name}: {off:.1e} pixels off, of up to {longest:.1}");
        assert!(off <= FLOW && longest > 1.0, "{name}: {off}");
        // However many are looked at together, and whether they are bytes or not.
        let numbers = frames.to_kind(Kind::Float) / 255.0;
        let off = apart(&raft.flow(&numbers, REFINEMENTS, 1), &found);
        assert!(off <= FLOW, "{name}: {off}");
    }
    lam_sees_as_the_oracle(place.path());
    for name in ["dinov3", "dinov3_gated"] {
        let (file, frames, found) = made(name);
        let full = Precision::Full;
        let network = Dinov3::load(&file, "", 64, full, Device::Cpu).unwrap();
        let off = apart(&network.look(&frames), &found);
        println!("{name}: {off:.1e} off");
        assert!(off <= FEATURES, "{name}: {off}");
    }
}

/// A step of a model whose encoder sees with DINOv3 and that RAFT teaches: losses, codes and gradients.
fn lam_sees_as_the_oracle(made: &Path) {
    let numbers = weights::load(&made.join("lam/numbers.safetensors")).unwrap();
    let config = json!({
        "dim": 32, "quant_dim": 16, "codebook_size": 32, "image_size": 128, "patch_size": 32, "spatial_depth": 1,
        "temporal_depth": 1, "dim_head": 16, "heads": 2, "code_seq_len": 4, "channels": 3, "attn_dropout": 0.0,
        "ff_dropout": 0.0, "vq_discarding_threshold": 0.02, "use_pixel_decoder": true, "use_aux_decoder": true,
        "use_dinov3_encoder": true, "dinov3_pool_to_grid": 8, "dinov3_weights": made.join("dinov3/model.safetensors"),
        "dino": {"loss_weight": 1.0, "warmup_steps": 0},
        "flow": {
            "model": "raft_small", "teacher_weights": made.join("raft_small/model.safetensors"),
            "teacher_num_flow_updates": REFINEMENTS, "teacher_chunk_size": 1, "decoder_depth": 1, "loss_weight": 5.0,
            "warmup_steps": 10, "summary_loss_weight": 0.05, "summary_static_eps": 1e-6,
        },
    });
    let config = serde_json::from_value(config).unwrap();
    let generator = &mut Generator::new(0, "other");
    let mut model = Model::new(&config, Precision::Full, Device::Cpu, generator).unwrap();
    weights::load_into(&made.join("lam/model.safetensors"), model.parameters()).unwrap();
    let batch = Batch {
        frames: numbers["frames"].shallow_clone(),
        flow: None,
    };
    let outcome = model
        .step_with_noise(&batch, 5, &numbers["noise"], generator)
        .unwrap();
    assert!(outcome.codes.equal(&numbers["indices"]));
    let metrics: HashMap<&str, f64> = outcome.metrics().into_iter().collect();
    for name in ["loss", "dino_loss", "pixel_loss", "aux_loss", "flow_loss"] {
        let (ours, theirs) = (metrics[name], numbers[name].double_value(&[0]));
        println!("lam: {name} {ours:.6}, {:.1e} off", ours - theirs);
        assert!(
            (ours - theirs).abs() <= FEATURES * theirs.abs().max(1.0),
            "{name}: {ours} {theirs}"
        );
    }
    let trained: Vec<_> = model.parameters().trained().collect();
    let inputs: Vec<&Tensor> = trained.iter().map(|one| &one.tensor).collect();
    let ours = Tensor::run_backward(&[&outcome.loss], &inputs, false, false);
    let length = |tensor: &Tensor| tensor.norm().double_value(&[]);
    let theirs = numbers.iter().filter(|(name, _)| name.starts_with("grad."));
    let whole = theirs
        .map(|(_, tensor)| length(tensor).powi(2))
        .sum::<f64>()
        .sqrt();
    let mut worst = 0.0_f64;
    for (one, ours) in trained.iter().zip(ours) {
        let Some(theirs) = numbers.get(&format!("grad.{}", one.name)) else {
            assert!(!ours.defined(), "{} has a gradient", one.name);
            continue;
        };
        if one.tensor.numel() > 0 {
            // What is nearly 0 is all rounding.
            let size = length(theirs).max(1e-5 * whole);
            worst = worst.max(length(&(ours - theirs)) / size);
        }
    }
    println!("lam: gradients {worst:.1e} off at most");
    assert!(worst <= GRADIENTS, "{worst}");
}

#[test]
fn raft_small_gives_the_numbers_of_torchvision() {
    tch::set_num_threads(1);
    let place = tempfile::tempdir().unwrap();
    let file = raft(place.path(), Size::Small);
    let network = Raft::load(&file, Size::Small, Device::Cpu).unwrap();
    let flow = network.flow(&pairs(128), REFINEMENTS, 64);
    let some = flow.slice(2, 0, 128, 50).slice(3, 0, 128, 50);
    let some: Vec<f64> = some.contiguous().view([-1]).try_into().unwrap();
    assert_eq!(some.len(), RECORDED.len());
    for (ours, theirs) in some.into_iter().zip(RECORDED) {
        assert!((ours - theirs).abs() <= FLOW, "{ours} {theirs}");
    }
}

/// `tests/train/vision.py --record`.
const RECORDED: [f64; 36] = [
    9.46816, 15.1908, 15.30332, 13.17116, 28.15717, 33.61041, 17.4924, 20.8138, 26.56476, -3.92234,
    -7.05721, -6.55332, -0.95235, -10.01431, -3.9714, 0.24927, -9.85596, -2.3044, 9.89684,
    16.79702, 14.02714, 12.87898, 30.33941, 32.48447, 16.73351, 22.28415, 25.63186, -4.49015,
    -10.30008, -5.46202, -0.1847, -10.74255, -4.00417, -0.84248, -9.45138, -1.34634,
];

#[test]
fn what_is_no_such_network_is_named() {
    let place = tempfile::tempdir().unwrap();
    let file = raft(place.path(), Size::Small);
    let error = Raft::load(&file, Size::Large, Device::Cpu).unwrap_err();
    let said = error.to_string();
    for part in ["raft_small.safetensors", "missing", "of another size"] {
        assert!(said.contains(part), "{said}");
    }
    let load = |name: &str| {
        let file = place.path().join("dinov3.safetensors");
        Dinov3::load(&file, name, 64, Precision::Full, Device::Cpu)
    };
    assert!(matches!(
        load(""),
        Err(dinov3::Error::Weights(Error::File { .. }))
    ));
    let file = dinov3(place.path(), &[]);
    let network = load("").unwrap();
    assert_eq!((network.grid(), network.width()), (4, 32));
    // In bf16 it sees nearly the same.
    let frames = pairs(64).select(2, 0);
    let mixed = Dinov3::load(&file, "", 64, Precision::Bfloat16, Device::Cpu).unwrap();
    let off = apart(&mixed.look(&frames), &network.look(&frames));
    assert!(off > 0.0 && off < 0.2, "{off}");
    // Without its `config.json`, only published models are known, and only at their widths.
    fs::remove_file(place.path().join("config.json")).unwrap();
    let said = load("facebook/dinov3-vits16-pretrain-lvd1689m");
    let said = said.unwrap_err().to_string();
    for part in ["config.json", "width 32", "model.dinov3_model_name"] {
        assert!(said.contains(part), "{said}");
    }
    // A tensor less, and one of another network.
    dinov3(place.path(), &["norm.weight"]);
    let said = load("").unwrap_err().to_string();
    assert!(said.contains("1 missing (norm.weight)"), "{said}");
    let other = Dinov3::load(
        &place.path().join("raft_small.safetensors"),
        "",
        64,
        Precision::Full,
        Device::Cpu,
    );
    let said = other.unwrap_err().to_string();
    assert!(said.contains("embeddings.cls_token"), "{said}");
    for (key, value, part) in [
        ("num_attention_heads", json!(3), "3 heads"),
        ("model_type", json!("dinov2"), "dinov2"),
        ("hidden_act", json!("relu"), "relu"),
    ] {
        let mut about = about();
        about[key] = value;
        fs::write(file.with_file_name("config.json"), about.to_string()).unwrap();
        let said = load("").unwrap_err().to_string();
        assert!(said.contains(part), "{key}: {said}");
    }
}

/// The Python that has torchvision and transformers.
fn python() -> Option<PathBuf> {
    let python = PathBuf::from(std::env::var_os("HLRP_LAM_PYTHON")?);
    // Importing them takes seconds.
    let has = "import importlib.util as of; [of.find_spec(name).name for name in ('torchvision', 'transformers')]";
    let has = Command::new(&python).args(["-c", has]).output();
    has.is_ok_and(|has| has.status.success()).then_some(python)
}

/// Writes weights of RAFT that are nobody's, the same as `tests/train/vision.py` gives it.
pub(crate) fn raft(place: &Path, size: Size) -> PathBuf {
    let file = place.join(format!("{}.safetensors", size.name()));
    let mut shapes = shapes(&file, size);
    shapes.sort();
    let tensors: Vec<(String, Tensor)> = (0..)
        .zip(shapes)
        .map(|(number, (name, shape))| {
            let tensor = filled(number, &name, &shape);
            (name, tensor)
        })
        .collect();
    weights::save(&file, &tensors, HashMap::new()).unwrap();
    file
}

/// The names and shapes that a RAFT is missed for when a file has none of them.
fn shapes(file: &Path, size: Size) -> Vec<(String, Vec<i64>)> {
    let refused = |tensors: &[(String, Tensor)]| {
        weights::save(file, tensors, HashMap::new()).unwrap();
        match Raft::load(file, size, Device::Cpu) {
            Err(Error::Model {
                missing, misshapen, ..
            }) => (missing, misshapen),
            other => panic!("{other:?}"),
        }
    };
    let (names, _) = refused(&[("other".to_owned(), Tensor::from(0.0_f32))]);
    let numbers = names.into_iter().map(|name| (name, Tensor::from(0.0_f32)));
    let (_, wrong) = refused(&numbers.collect::<Vec<_>>());
    let shape = |line: String| {
        let (name, shape) = line.split_once(" is [] and not ").unwrap();
        (name.to_owned(), serde_json::from_str(shape).unwrap())
    };
    wrong.into_iter().map(shape).collect()
}

/// Writes weights of a small DINOv3 that are nobody's, and what stands beside them.
pub(crate) fn dinov3(place: &Path, without: &[&str]) -> PathBuf {
    let file = place.join("dinov3.safetensors");
    let (width, inner) = (32, 64);
    let mut shapes: Vec<(String, Vec<i64>)> = vec![
        ("embeddings.cls_token".to_owned(), vec![1, 1, width]),
        ("embeddings.mask_token".to_owned(), vec![1, 1, width]),
        ("embeddings.register_tokens".to_owned(), vec![1, 4, width]),
        (
            "embeddings.patch_embeddings.weight".to_owned(),
            vec![width, 3, 16, 16],
        ),
        ("embeddings.patch_embeddings.bias".to_owned(), vec![width]),
        ("norm.weight".to_owned(), vec![width]),
        ("norm.bias".to_owned(), vec![width]),
    ];
    for layer in 0..2 {
        let parts = [
            ("norm1.weight", vec![width]),
            ("norm1.bias", vec![width]),
            ("attention.k_proj.weight", vec![width, width]),
            ("attention.q_proj.weight", vec![width, width]),
            ("attention.q_proj.bias", vec![width]),
            ("attention.v_proj.weight", vec![width, width]),
            ("attention.v_proj.bias", vec![width]),
            ("attention.o_proj.weight", vec![width, width]),
            ("attention.o_proj.bias", vec![width]),
            ("layer_scale1.lambda1", vec![width]),
            ("norm2.weight", vec![width]),
            ("norm2.bias", vec![width]),
            ("mlp.up_proj.weight", vec![inner, width]),
            ("mlp.up_proj.bias", vec![inner]),
            ("mlp.down_proj.weight", vec![width, inner]),
            ("mlp.down_proj.bias", vec![width]),
            ("layer_scale2.lambda1", vec![width]),
        ];
        let parts = parts.map(|(name, shape)| (format!("layer.{layer}.{name}"), shape));
        shapes.extend(parts);
    }
    shapes.retain(|(name, _)| !without.contains(&name.as_str()));
    let tensors = (0..).zip(shapes).map(|(number, (name, shape))| {
        let tensor = filled(number, &name, &shape);
        (name, tensor)
    });
    weights::save(&file, &tensors.collect::<Vec<_>>(), HashMap::new()).unwrap();
    fs::write(file.with_file_name("config.json"), about().to_string()).unwrap();
    file
}

fn about() -> Value {
    json!({
        "model_type": "dinov3_vit", "num_attention_heads": 2, "rope_theta": 100.0, "layer_norm_eps": 1e-5,
        "hidden_act": "gelu",
    })
}

/// The `number`th tensor, as `tests/train/vision.py` fills it.
fn filled(number: u64, name: &str, shape: &[i64]) -> Tensor {
    let count: i64 = shape.iter().product();
    let drawn = (1..=count.cast_unsigned()).map(|at| {
        let mut x = (at + number * 7919) * 2_654_435_761 % (1 << 32);
        x = (x ^ (x >> 15)) * 2_246_822_519 % (1 << 32);
        (x ^ (x >> 13)) as f64 / f64::from(2_u32).powi(32)
    });
    let is_scale = name.contains("norm") && shape.len() == 1 && name.ends_with("weight");
    let is_scale = is_scale || name.contains("running_var") || name.contains("lambda");
    let inputs: i64 = shape.iter().skip(1).product();
    let bound = match shape.len() > 1 && !name.contains("token") {
        true => (3.0 / inputs as f64).sqrt(),
        false => 0.1,
    };
    let values: Vec<f32> = drawn
        .map(|drawn| match is_scale {
            true => 0.5 + drawn,
            false => (2.0 * drawn - 1.0) * bound,
        })
        .map(|value| value as f32)
        .collect();
    Tensor::from_slice(&values).view(shape)
}

/// Two pairs of a pattern that moves, bytes `[2, 3, 2, side, side]`.
fn pairs(side: i64) -> Tensor {
    let mut bytes = Vec::new();
    for pair in 0..2 {
        for colour in 0..3 {
            for time in 0..2 {
                for y in time..side + time {
                    for x in 0..side {
                        let x = x + 2 * time * (pair + 1);
                        let value = x * x / 24 + 5 * y + x * y / 32 + 40 * colour;
                        bytes.push((value % 256) as u8);
                    }
                }
            }
        }
    }
    Tensor::from_slice(&bytes).view([2, 3, 2, side, side])
}
