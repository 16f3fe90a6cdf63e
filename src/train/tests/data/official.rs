//! What is read against what the official loader gives: `tests/train/compare_data.py`, in the virtual environment that
//! `tests/train/install.sh` makes. Further data sets to compare are named in `HLRP_COMPARE_DATA`, separated by colons.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use hlrp_train::data::{
    Batch, Caches, CameraRequest, FieldConfig, Loader, Order, Request, Set, SourceConfig, Spec,
};
use serde::Deserialize;

use super::world::FLOW;
use crate::skip::skip;

/// How far apart resized pictures may be: torchvision rounds between its two passes elsewhere.
const RESIZED: u8 = 1;

/// Height and width of the flow that `compare_data.py` makes.
const FLOW_SIZE: [usize; 2] = [4, 6];

#[derive(Deserialize)]
struct Official {
    request: Asked,
    samples: Vec<Given>,
}

#[derive(Deserialize)]
struct Asked {
    cameras: Vec<String>,
    pictures: Vec<Vec<i64>>,
    state: Vec<i64>,
    action: Vec<i64>,
    size: [usize; 2],
}

#[derive(Deserialize)]
struct Given {
    index: i64,
    episode: i64,
    frame: i64,
    task: String,
    state: Vec<f32>,
    action: Vec<f32>,
    flow: Option<Vec<f32>>,
    padding: std::collections::BTreeMap<String, Vec<bool>>,
}

#[test]
fn every_sample_is_that_of_the_official_loader() {
    let name = "every_sample_is_that_of_the_official_loader";
    let Some(python) = python() else {
        return skip(name, "lerobot is not installed (tests/train/install.sh)");
    };
    let folder = tempfile::tempdir().unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/train/compare_data.py");
    let run = |sets: &[PathBuf]| {
        let ran = Command::new(&python)
            .arg(&script)
            .arg(folder.path())
            .args(sets)
            .output();
        let ran = ran.unwrap();
        let said = String::from_utf8_lossy(&ran.stderr);
        assert!(ran.status.success(), "{said}");
    };
    run(&[]);
    let own = ["image", "h264", "av1"].map(|name| folder.path().join(name));
    let others = env::var("HLRP_COMPARE_DATA").unwrap_or_default();
    let others: Vec<PathBuf> = others
        .split(':')
        .filter(|path| !path.is_empty())
        .map(Into::into)
        .collect();
    for set in &own {
        compare(set, &folder.path().join(set.file_name().unwrap()));
    }
    if !others.is_empty() {
        run(&others);
    }
    for set in &others {
        compare(set, &folder.path().join(set.file_name().unwrap()));
    }
}

/// Returns the Python that has lerobot.
pub(crate) fn python() -> Option<PathBuf> {
    let home = PathBuf::from(env::var_os("HOME")?).join(".cache");
    let cache = env::var_os("XDG_CACHE_HOME").map_or(home, PathBuf::from);
    let python = env::var_os("HLRP_LAM_PYTHON").map_or_else(
        || cache.join("hlrp-sh-tests/lam-2.11.0/bin/python"),
        PathBuf::from,
    );
    let has = Command::new(&python)
        .args([
            "-c",
            "import lerobot.datasets.lerobot_dataset, torchcodec.decoders",
        ])
        .output();
    has.is_ok_and(|has| has.status.success()).then_some(python)
}

fn compare(root: &Path, given: &Path) {
    let official = fs::read_to_string(given.with_extension("json")).unwrap();
    let official: Official = serde_json::from_str(&official).unwrap();
    let asked = &official.request;
    let mut config = SourceConfig::of(root.to_str().unwrap(), asked.cameras.clone());
    config.state_key = Some("observation.state".into());
    config.action_key = Some("action".into());
    let has_flow = official.samples.iter().all(|given| given.flow.is_some());
    config.flow = has_flow.then(|| FieldConfig {
        key: FLOW.to_owned(),
        size: FLOW_SIZE,
    });
    let cameras = asked.cameras.iter().zip(&asked.pictures);
    let request = Request {
        cameras: cameras
            .map(|(name, frames)| CameraRequest {
                name: name.clone(),
                frames: frames.clone(),
            })
            .collect(),
        state: asked.state.clone(),
        action: asked.action.clone(),
        flow: has_flow,
        pad: true,
        ..Request::default()
    };
    let set = Set::open_in(&[config], &Caches::from_environment()).unwrap();
    let worst = apart(
        &set,
        &request,
        &official.samples,
        &given.with_extension("u8"),
    );
    let resized = Request {
        image_size: Some(asked.size),
        ..request
    };
    let after = apart(
        &set,
        &resized,
        &official.samples,
        &given.with_extension("resized"),
    );
    let name = root.display();
    println!("{name}: pictures at most {worst} of 255 apart, resized {after}");
    // Videos too: what decoders give is exact, and colours are converted in the same fixed point.
    assert_eq!(worst, 0, "{name}");
    assert!(after <= RESIZED, "{name}: {after}");
}

/// Returns how far apart pictures are at most, all else being equal.
fn apart(set: &Set, request: &Request, samples: &[Given], pixels: &Path) -> u8 {
    let pixels = fs::read(pixels).unwrap();
    let spec = Spec {
        batch_size: 1,
        ..Spec::default()
    };
    let loader = Loader::new(&set.all(), request, &spec, Order::Once, None).unwrap();
    let (mut place, mut worst, mut count) = (0, 0, 0);
    for (batch, given) in loader.zip(samples) {
        let batch = batch.unwrap();
        equal(&batch, given);
        for camera in &batch.cameras {
            let theirs = &pixels[place..place + camera.pixels.len()];
            let apart = camera
                .pixels
                .iter()
                .zip(theirs)
                .map(|(a, b)| a.abs_diff(*b));
            worst = worst.max(apart.max().unwrap());
            place += camera.pixels.len();
        }
        count += 1;
    }
    assert_eq!((count, place), (samples.len(), pixels.len()));
    worst
}

fn equal(batch: &Batch, given: &Given) {
    let found = (batch.index[0], batch.episode[0], batch.frame[0]);
    assert_eq!(found, (given.index, given.episode, given.frame));
    assert_eq!(*batch.task[0], *given.task);
    let (state, action) = (
        batch.state.as_ref().unwrap(),
        batch.action.as_ref().unwrap(),
    );
    assert_eq!(state.values, given.state);
    assert_eq!(action.values, given.action);
    assert_eq!(state.is_padding, given.padding["observation.state"]);
    assert_eq!(action.is_padding, given.padding["action"]);
    let flow = batch.flow.as_ref().map(|flow| &flow.values);
    assert_eq!(flow, given.flow.as_ref());
    for camera in &batch.cameras {
        assert_eq!(camera.is_padding, given.padding[&camera.name]);
    }
}
