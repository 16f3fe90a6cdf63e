//! Whole runs of the program: what it leaves, and that a run which is killed or asked to end goes on as the unbroken one.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use hlrp_train::random::Generator;
use serde_json::Value;

use crate::data::world::{Recipe, World};

const PROGRAM: &str = env!("CARGO_BIN_EXE_hlrp-train-torch");
/// Steps of a run.
const STEPS: u64 = 60;

/// A run directory, and how a training in it is started.
pub(crate) struct Bench {
    world: World,
    place: tempfile::TempDir,
}

impl Bench {
    pub(crate) fn new() -> Self {
        Self::of(&Recipe {
            lengths: vec![9, 8, 9, 7, 9, 8],
            ..Recipe::default()
        })
    }

    /// With more than a hundred frames.
    pub(crate) fn long() -> Self {
        Self::of(&Recipe {
            lengths: vec![15; 9],
            ..Recipe::default()
        })
    }

    /// Trains in a run directory of this name.
    pub(crate) fn train(&self, name: &str, more: &[&str]) -> std::process::Output {
        self.command(name, more).output().unwrap()
    }

    pub(crate) fn of(recipe: &Recipe) -> Self {
        Self {
            world: World::new(recipe),
            place: tempfile::tempdir().unwrap(),
        }
    }

    pub(crate) fn run(&self, name: &str) -> PathBuf {
        self.place.path().join(name)
    }

    pub(crate) fn command(&self, name: &str, more: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        command
            .arg("train")
            .arg("--config-dir")
            .arg(repository.join("config"))
            .arg("experiment=stage1_native")
            .arg(format!("data.path={}", self.world.root().display()))
            .arg(format!("logging.runs_dir={}", self.run(name).display()))
            .args([
                "data.camera=observation.images.front",
                "data.loader.batch_size=4",
                "model.dim=32",
                "model.spatial_depth=1",
                "model.temporal_depth=1",
                "model.heads=1",
                "model.image_size=32",
                "model.patch_size=4",
                "model.codebook_size=16",
                "model.continuous_steps=13",
                "training.native.codebook_pairs=16",
                "training.native.hold_out_every=3",
                "training.max_steps=60",
                "training.scheduler.warmup_steps=5",
                "training.checkpoint.every_n_train_steps=7",
                "training.log_every_n_steps=1",
                "validation.check_interval=25",
                "validation.limit_batches=2",
                "++validation.probe_pairs=24",
            ])
            .args(more)
            .env("OMP_NUM_THREADS", "1")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    pub(crate) fn lines(&self, name: &str) -> Vec<Value> {
        let text = fs::read_to_string(self.run(name).join("metrics.jsonl")).unwrap_or_default();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    pub(crate) fn checkpoints(&self, name: &str) -> Vec<String> {
        let entries = fs::read_dir(self.run(name).join("checkpoints"));
        let names = entries.into_iter().flatten().flatten();
        let mut names: Vec<String> = names
            .map(|entry| entry.file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

/// Ends whatever happens.
pub(crate) struct Started(pub(crate) Child);

impl Drop for Started {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

pub(crate) fn ended(command: &mut Command) -> (i32, String) {
    let ran = command.output().unwrap();
    let said = String::from_utf8_lossy(&ran.stderr).into_owned();
    (ran.status.code().unwrap_or(-1), said)
}

pub(crate) fn whole(bench: &Bench, name: &str) -> Vec<Value> {
    let (status, said) = ended(&mut bench.command(name, &[]));
    assert_eq!(status, 0, "{said}");
    bench.lines(name)
}

#[test]
fn a_run_leaves_its_curve_and_whole_checkpoints() {
    let bench = Bench::new();
    let lines = whole(&bench, "whole");
    let trained: Vec<&Value> = lines
        .iter()
        .filter(|line| line.get("train/loss").is_some())
        .collect();
    assert_eq!(trained.len(), 60);
    assert!(trained.iter().all(|line| line["train/loss"].is_f64()));
    // Measured at 25, 50 and the end, with pictures.
    let measured: Vec<u64> = lines
        .iter()
        .filter(|line| line.get("val/loss").is_some_and(Value::is_f64))
        .map(|line| line["step"].as_u64().unwrap())
        .collect();
    assert_eq!(measured, [25, 50, 60]);
    for step in measured {
        let place = bench
            .run("whole")
            .join(format!("validation/step_{step:07}"));
        for name in ["reconstructions", "transfer", "codebook", "sequences"] {
            let png = fs::read(place.join(format!("{name}.png"))).unwrap();
            assert!(png.starts_with(b"\x89PNG"), "{name}");
        }
    }
    let saved = bench.checkpoints("whole");
    let steps = [7, 14, 21, 28, 35, 42, 49, 56, 60];
    let steps = steps.map(|step| format!("step_{step:07}"));
    assert_eq!(saved, steps);
    // Another process makes the same numbers.
    assert_eq!(whole(&bench, "again"), lines);
    // Started once more there is nothing left to do.
    let (status, said) = ended(&mut bench.command("whole", &[]));
    assert_eq!(status, 0, "{said}");
    assert_eq!(bench.lines("whole"), lines);
}

#[test]
fn killed_twenty_times_it_writes_the_curve_of_the_unbroken_run() {
    let bench = Bench::new();
    let lines = whole(&bench, "unbroken");
    let mut generator = Generator::new(3, "kills");
    let mut kills = 0;
    for part in 0..8 {
        let name = format!("killed-{part}");
        let mut last = 0;
        loop {
            let begun = Instant::now();
            let mut started = Started(bench.command(&name, &[]).spawn().unwrap());
            // Somewhere behind the steps that are there already, so that it comes to an end.
            let further = last + 1 + generator.below(24) as u64;
            let is_over = loop {
                let there = bench.lines_so_far(&name);
                if there >= further && further < STEPS {
                    started.0.kill().unwrap();
                    started.0.wait().unwrap();
                    kills += 1;
                    last = there;
                    break false;
                }
                if let Some(status) = started.0.try_wait().unwrap() {
                    assert!(status.success());
                    break true;
                }
                assert!(begun.elapsed() < Duration::from_secs(120), "{name} hangs");
                sleep(Duration::from_millis(1 + generator.below(5) as u64));
            };
            // Whatever has the name of a checkpoint is one.
            for saved in bench.checkpoints(&name) {
                let path = bench.run(&name).join("checkpoints").join(&saved);
                if !saved.starts_with('.') {
                    hlrp_train::run::checkpoint::load(&path).unwrap();
                }
            }
            if is_over {
                break;
            }
        }
        assert_eq!(bench.lines(&name), lines, "{name}");
    }
    assert!(kills >= 20, "only {kills}");
}

impl Bench {
    /// The last step that stands in the curve, also while it is being written.
    pub(crate) fn lines_so_far(&self, name: &str) -> u64 {
        let text = fs::read_to_string(self.run(name).join("metrics.jsonl")).unwrap_or_default();
        text.lines().count() as u64
    }
}

#[test]
fn asked_to_end_it_saves_and_goes_on_later() {
    let bench = Bench::new();
    let lines = whole(&bench, "unbroken");
    for (signal, status) in [("TERM", 0), ("USR1", 0), ("INT", 130)] {
        let name = format!("asked-{signal}");
        let mut started = Started(bench.command(&name, &[]).spawn().unwrap());
        while bench.lines_so_far(&name) < 10 {
            assert!(started.0.try_wait().unwrap().is_none());
            sleep(Duration::from_millis(2));
        }
        let process = started.0.id().to_string();
        let sent = Command::new("kill").args(["-s", signal, &process]).status();
        assert!(sent.unwrap().success());
        let ended = started.0.wait().unwrap();
        assert_eq!(ended.code(), Some(status), "{signal}");
        // Saved at the step that it was at.
        let steps = bench.lines_so_far(&name);
        assert!(
            bench
                .checkpoints(&name)
                .contains(&format!("step_{steps:07}")),
            "{signal}: {steps} of {:?}",
            bench.checkpoints(&name)
        );
        assert_eq!(whole(&bench, &name), lines, "{signal}");
    }
}

#[test]
fn only_its_own_checkpoints_go_where_few_are_kept() {
    let bench = Bench::new();
    let (status, said) = ended(&mut bench.command("few", &["training.checkpoint.keep=2"]));
    assert_eq!(status, 0, "{said}");
    assert_eq!(bench.checkpoints("few"), ["step_0000056", "step_0000060"]);
}

#[test]
fn a_rate_that_begins_with_nothing_trains() {
    let bench = Bench::new();
    let slow = [
        "training.scheduler.warmup_start_lr=0",
        "training.max_steps=8",
        "validation.limit_batches=0",
    ];
    let (status, said) = ended(&mut bench.command("slow", &slow));
    assert_eq!(status, 0, "{said}");
    let lines = bench.lines("slow");
    assert!(lines.iter().all(|line| line["train/loss"].is_f64()));
    // No batches to measure on: nothing is measured.
    assert!(lines.iter().all(|line| line.get("val/loss").is_none()));
}

#[test]
fn a_loss_that_is_no_number_ends_the_run_with_its_batch() {
    let bench = Bench::new();
    let wild = [
        "training.optimizer.lr=1e30",
        "training.scheduler.warmup_steps=0",
        "training.gradient.clip_val=0",
    ];
    let (status, said) = ended(&mut bench.command("wild", &wild));
    assert_eq!(status, 1, "{said}");
    assert!(said.contains("the loss is"), "{said}");
    let kept = fs::read_dir(bench.run("wild")).unwrap().flatten();
    let mut kept = kept.map(|entry| entry.file_name().into_string().unwrap());
    assert!(kept.any(|name| name.starts_with("diverged_")), "{said}");
}

#[test]
fn what_cannot_be_trained_is_said_and_nothing_is_written() {
    let bench = Bench::new();
    for (override_, said) in [
        ("training.native.device=cuda", "cuda"),
        ("model.image_size=48", "patch"),
        ("training.scheduler.type=plateau", "plateau"),
        ("precision=16-mixed", "precision"),
        (
            "data.request.image_requests.primary.deltas_steps=[0]",
            "pairs",
        ),
        ("data.path=/nowhere/at/all", "/nowhere/at/all"),
        (
            "training.resume_from_checkpoint=/nowhere",
            "there is nothing",
        ),
        ("training.native.codebook_pairs=0", "codebook_pairs"),
        (
            "data.request.image_requests.primary.deltas_steps=[0,30]",
            "no held-out episode is long enough",
        ),
    ] {
        let (status, told) = ended(&mut bench.command("none", &[override_]));
        assert!([69, 78].contains(&status), "{override_}: {status} {told}");
        assert!(told.contains(said), "{override_}: {told}");
        assert!(!bench.run("none").exists(), "{override_}");
    }
    let damaged = Bench::of(&Recipe {
        lengths: vec![9, 8, 9, 7, 9, 8],
        state: |frame| if frame == 4 { f32::NAN } else { 0.0 },
        ..Recipe::default()
    });
    let (status, told) = ended(&mut damaged.command("none", &[]));
    assert_eq!(status, 78, "{told}");
    assert!(!damaged.run("none").exists(), "{told}");
}
