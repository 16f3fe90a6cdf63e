//! W&B's client as a child: the real one, without a network, and a stand-in for its `wandb` module, which writes down what
//! it is told and fails as it is asked to.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use hlrp_train::data::Picture;
use hlrp_train::wandb::{Settings, Wandb};
use serde_json::json;

use crate::skip::skip;

const PATIENCE: Duration = Duration::from_secs(20);

/// Not W&B: a module of its name with what is used of it.
const STAND_IN: &str = "
import json, os
def tell(**said):
    with open(os.environ['STAND_IN'], 'a') as file:
        file.write(json.dumps(said) + '\\n')
class Image:
    def __init__(self, path): self.path = path
class Run:
    url = None
    class settings: mode = os.environ.get('WANDB_MODE')
    def log(self, values, step):
        if 'exit' in values: os._exit(9)
        tell(step=step, values={k: getattr(v, 'path', v) for k, v in values.items()})
    def finish(self, exit_code): tell(finish=exit_code)
def init(**said):
    tell(init=said, mode=os.environ.get('WANDB_MODE'), group=os.getpgrp() == os.getpid())
    return Run()
";

#[test]
fn the_client_is_told_and_ends_with_the_run() {
    let place = tempfile::tempdir().unwrap();
    let mut wandb = Wandb::start(&settings(place.path(), STAND_IN)).unwrap();
    wandb.log(1, &[("train/loss", 0.5), ("train/norm", f64::NAN)]);
    wandb.picture(1, "val/sheet", Path::new("/there/sheet.png"));
    let said = wandb.finish(0, PATIENCE);
    assert!(
        said[0].starts_with("W&B records the run (offline)"),
        "{said:?}"
    );
    let told = fs::read_to_string(place.path().join("told")).unwrap();
    let told: Vec<serde_json::Value> = told
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(told[0]["init"]["project"], "hlrp");
    assert_eq!(told[0]["init"]["resume"], "allow");
    let id = told[0]["init"]["id"].as_str().unwrap();
    assert!(id.starts_with("abc-") && id.len() == 12, "{id}");
    assert_eq!(
        (&told[0]["mode"], &told[0]["group"]),
        (&json!("offline"), &json!(true))
    );
    assert_eq!(told[1], json!({"step": 1, "values": {"train/loss": 0.5}}));
    assert_eq!(told[2]["values"]["val/sheet"], "/there/sheet.png");
    assert_eq!(told[3], json!({"finish": 0}));
}

#[test]
fn the_real_client_records_a_run_without_a_network() {
    let Some(python) = std::env::var_os("HLRP_WANDB_PYTHON") else {
        skip("train::wandb", "no W&B (HLRP_WANDB_PYTHON)");
        return;
    };
    let place = tempfile::tempdir().unwrap();
    let picture = place.path().join("sheet.png");
    let png = Picture::filled(8, 8, [200, 10, 10]).to_png().unwrap();
    fs::write(&picture, png).unwrap();
    let mut wandb = Wandb::start(&Settings {
        python: Some(python.into()),
        project: "hlrp".to_owned(),
        id: Some("abc".to_owned()),
        directory: place.path().to_owned(),
        config: json!({"seed": 1}),
        environment: vec![("WANDB_MODE".to_owned(), "offline".to_owned())],
        ..Settings::default()
    })
    .unwrap();
    wandb.log(1, &[("train/loss", 0.5)]);
    wandb.picture(1, "val/sheet", &picture);
    let said = wandb.finish(0, 3 * PATIENCE);
    assert_eq!(said, ["W&B records the run (offline)."], "{said:?}");
    let runs = fs::read_dir(place.path().join("wandb")).unwrap();
    let run = runs
        .map(|entry| entry.unwrap().path())
        .find(|path| path.to_string_lossy().contains("offline-run-"))
        .unwrap();
    let files = fs::read_dir(run).unwrap();
    let record = files
        .map(|entry| entry.unwrap().path())
        .find(|path| path.extension().is_some_and(|of| of == "wandb"))
        .unwrap();
    let record = fs::read(record).unwrap();
    for told in ["train/loss", "val/sheet"] {
        let is_there = record
            .windows(told.len())
            .any(|part| part == told.as_bytes());
        assert!(is_there, "{told}");
    }
}

#[test]
fn a_client_that_is_not_there_is_said_once_and_stops_nothing() {
    let place = tempfile::tempdir().unwrap();
    let broken = settings(place.path(), "raise ImportError('no module of that name')");
    let mut wandb = Wandb::start(&broken).unwrap();
    let said = wait(&mut wandb);
    assert!(
        said.contains("is not installed (no module of that name)"),
        "{said}"
    );
    for step in 0..10_000 {
        wandb.log(step, &[("train/loss", 1.0)]);
    }
    // That was all there is to say.
    let rest = wandb.finish(0, PATIENCE);
    assert!(rest.is_empty(), "{rest:?}");
    let none = Settings {
        python: Some("/nowhere/python3".into()),
        ..broken
    };
    assert!(
        Wandb::start(&none)
            .unwrap_err()
            .contains("/nowhere/python3")
    );
}

#[test]
fn a_client_that_dies_stops_nothing() {
    let place = tempfile::tempdir().unwrap();
    let mut wandb = Wandb::start(&settings(place.path(), STAND_IN)).unwrap();
    wandb.log(1, &[("exit", 1.0)]);
    assert!(wait(&mut wandb).starts_with("W&B records"));
    let until = Instant::now() + PATIENCE;
    let said = loop {
        wandb.log(2, &[("train/loss", 1.0)]);
        match wandb.notice() {
            Some(said) => break said,
            None if Instant::now() > until => panic!("nothing was said"),
            None => std::thread::sleep(Duration::from_millis(10)),
        }
    };
    assert!(said.contains("training goes on"), "{said}");
    wandb.finish(0, PATIENCE);
}

fn wait(wandb: &mut Wandb) -> String {
    let until = Instant::now() + PATIENCE;
    loop {
        match wandb.notice() {
            Some(said) => return said,
            None if Instant::now() > until => panic!("nothing was said"),
            None => std::thread::sleep(Duration::from_millis(10)),
        }
    }
}

fn settings(place: &Path, module: &str) -> Settings {
    fs::write(place.join("wandb.py"), module).unwrap();
    let text = |path: &Path| path.display().to_string();
    Settings {
        project: "hlrp".to_owned(),
        id: Some("abc".to_owned()),
        directory: place.to_owned(),
        config: json!({"seed": 1}),
        environment: vec![
            ("PYTHONPATH".to_owned(), text(place)),
            ("STAND_IN".to_owned(), text(&place.join("told"))),
        ],
        ..Settings::default()
    }
}
