//! What native training on the real Slurm is tested with: a desk with data and the trainer, jobs that are followed, and run
//! directories as this machine sees them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::guard::bench::skip;
use crate::guard::running::Ran;
use crate::slurm_real::cluster::HOME;
use crate::slurm_real::desk::{Desk, run};

/// Where the trainer lies in the user's home.
pub(super) const TRAINER: &str = "native/bin";
/// A model and a data set that train in seconds on a core that others use too.
pub(super) const SMALL: [&str; 17] = [
    "data.camera=observation.images.front",
    "data.loader.batch_size=4",
    "model.dim=32",
    "model.spatial_depth=1",
    "model.temporal_depth=1",
    "model.heads=1",
    "model.image_size=32",
    "model.patch_size=4",
    "model.codebook_size=16",
    "model.continuous_steps=5",
    "training.native.codebook_pairs=16",
    "training.native.hold_out_every=3",
    "training.scheduler.warmup_steps=2",
    "training.log_every_n_steps=1",
    "validation.limit_batches=2",
    "validation.probe_pairs=24",
    "training.checkpoint.every_n_train_steps=1000000",
];
/// Starts what follows on a compute node.
pub(super) const SRUN: &str = "srun -p lrz-cpu --qos=cpu -t 2 --mem=1000";
/// How long a job may take to start and to train a little.
pub(super) const PATIENCE: Duration = Duration::from_secs(90);
/// Longer than any test waits: such a run ends only where it is told to.
pub(super) const ENDLESS: u64 = 1_000_000;

/// A desk with the repository's configuration, a data set, and the trainer.
pub(super) struct Lab {
    pub(super) desk: Desk,
    /// The directory with `hlrp-train`, first on `PATH`.
    pub(super) programs: String,
}

impl Lab {
    /// Makes everything ready; `None` where there is no cluster or no trainer, and the skip is said.
    pub(super) fn new(name: &str) -> Option<Self> {
        let built = Path::new(env!("CARGO_BIN_EXE_hlrp-sh")).parent().unwrap();
        let maker = built.join("examples/make_set");
        let programs = ["hlrp-train", "hlrp-train-torch"].map(|program| built.join(program));
        if !maker.exists() || !programs.iter().all(|program| program.exists()) {
            skip(
                name,
                "native training is not built: LIBTORCH=… cargo build -p hlrp-train --features torch --bins --example make_set",
            );
            return None;
        }
        let desk = Desk::new(name)?;
        for program in &programs {
            let file = program.file_name().unwrap().to_str().unwrap();
            desk.cluster.bring(program, &format!("{TRAINER}/{file}"));
        }
        let programs = format!("{HOME}/{TRAINER}");
        let trainer = format!("{programs}/hlrp-train");
        let ran = run(&mut desk.on("cpu-001", &[&trainer, "train", "--help"]));
        if ran.code() != 0 {
            skip(
                name,
                &format!("it does not start there: {}", ran.err.trim()),
            );
            return None;
        }
        let mut made = Command::new(maker);
        made.arg(desk.path("set")).args(["6", "9"]);
        assert!(made.status().unwrap().success());
        desk.copy(Path::new(env!("CARGO_MANIFEST_DIR")), "config");
        let mine = format!(
            "# @package _global_\nlogging:\n  root_dir: {}\nsubmit:\n  job_name_prefix: {}_\n",
            desk.place("store"),
            desk.tag()
        );
        desk.file("config/user_config/local.yaml", &mine);
        desk.file("store/here", "");
        Some(Self { desk, programs })
    }

    /// Types `submit` or `train` on the login node, with the small model and the data set, and `before` before it.
    pub(super) fn types(&self, before: &[&str], verb: &str, more: &[&str]) -> Ran {
        let data = format!("data.path={}", self.desk.place("set"));
        let mut all = vec![verb, "experiment=stage1_native", &data];
        all.extend(SMALL);
        all.extend(more);
        self.hlrp(before, &all)
    }

    /// Runs the program on the login node, where the trainer is on `PATH`, with `before` before it.
    pub(super) fn hlrp(&self, before: &[&str], words: &[&str]) -> Ran {
        let path = format!("PATH={}:{HOME}/.local/bin:/usr/bin:/bin", self.programs);
        let mut all = before.to_vec();
        all.extend(["env", &path, "hlrp-sh"]);
        all.extend(words);
        run(&mut self.desk.on("login01", &all))
    }

    /// Submits runs; returns their jobs.
    pub(super) fn submits(&self, more: &[&str]) -> Vec<String> {
        let mut words = vec![
            "cluster=lrz_cpu_only",
            "cluster.compute.cpus_per_task=1",
            "cluster.compute.mem_gb=1",
        ];
        words.extend(more);
        self.types(&[], "submit", &words).ended(0);
        let queued = self.desk.queued();
        let ids = queued.iter().filter_map(|line| line.split('|').next());
        ids.map(str::to_owned).collect()
    }

    /// Submits a run that does not end by itself; returns its job and directory once it trains.
    pub(super) fn trains(&self) -> (String, Directory) {
        let steps = format!("training.max_steps={ENDLESS}");
        let jobs = self.submits(&[&steps, "validation.check_interval=1000000"]);
        let [job] = &jobs[..] else {
            panic!("{jobs:?}");
        };
        self.is_at(job, 10);
        let [directory] = self.directories().try_into().ok().unwrap();
        (job.clone(), directory)
    }

    /// Waits until the only run has done so many steps.
    pub(super) fn is_at(&self, job: &str, step: u64) {
        eventually("it does not train", || {
            self.lives(job);
            let found = self.directories();
            (found.first()?.last()? >= step).then_some(())
        });
    }

    /// Holds that a job waits or runs.
    pub(super) fn lives(&self, job: &str) {
        let states = self.desk.states(job);
        let is_alive = |state: &&str| states[0].starts_with(*state);
        assert!(
            ["PENDING", "RUNNING", "CONFIGURING"].iter().any(is_alive),
            "{states:?}\n{}",
            self.said(job)
        );
    }

    /// Lets a job that was requeued start soon: Slurm would wait two minutes. In the second in which a node hears of its
    /// end it starts nothing of the same number.
    pub(super) fn starts_again(&self, job: &str) {
        self.desk.until(job, "PENDING");
        let now = format!("scontrol update JobId={job} StartTime=now+3");
        self.desk.natively(&now).ended(0);
    }

    /// Waits for the end of a job, which must be this.
    pub(super) fn ends(&self, job: &str, states: &str) {
        let ended = self.desk.ended(job);
        assert_eq!(ended, [states], "{}", self.said(job));
    }

    /// What a job's log says, both streams.
    pub(super) fn said(&self, job: &str) -> String {
        let ran = self.desk.hlrp(&["logs", job]);
        ran.out + &ran.err
    }

    /// The run directories.
    pub(super) fn directories(&self) -> Vec<Directory> {
        let entries = fs::read_dir(self.desk.path("store/runs"));
        let paths = entries
            .into_iter()
            .flatten()
            .map(|entry| entry.unwrap().path());
        let mut paths: Vec<PathBuf> = paths
            .filter(|path| path.join("config.yaml").exists())
            .collect();
        paths.sort();
        paths.into_iter().map(Directory).collect()
    }

    /// The rows of the record.
    pub(super) fn rows(&self) -> Vec<Value> {
        let said = self
            .desk
            .hlrp(&["results", "stage1_native", "--json"])
            .ended(0);
        let rows = said
            .out
            .lines()
            .map(|line| serde_json::from_str(line).unwrap());
        rows.collect()
    }
}

/// A run directory, as this machine sees it.
pub(super) struct Directory(pub(super) PathBuf);

impl Directory {
    pub(super) fn lines(&self) -> Vec<Value> {
        let text = fs::read_to_string(self.0.join("metrics.jsonl")).unwrap_or_default();
        let whole = text
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok());
        whole.collect()
    }

    /// The last step that stands in the curve.
    pub(super) fn last(&self) -> Option<u64> {
        self.lines().last()?["step"].as_u64()
    }

    /// Holds that every step up to the last stands there, once; returns the last.
    pub(super) fn is_whole(&self) -> u64 {
        let steps = self.lines().into_iter();
        let steps: Vec<u64> = steps.map(|line| line["step"].as_u64().unwrap()).collect();
        let expected: Vec<u64> = (1..=steps.len() as u64).collect();
        assert_eq!(steps, expected);
        steps.len() as u64
    }

    pub(super) fn names(&self, place: &str) -> Vec<String> {
        let entries = fs::read_dir(self.0.join(place)).into_iter().flatten();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = names.collect();
        names.sort();
        names
    }

    /// What a job has complained of here; the training says everything there.
    pub(super) fn log(&self, job: &str) -> String {
        fs::read_to_string(self.0.join(format!("{job}.err"))).unwrap_or_default()
    }

    pub(super) fn name(&self) -> &str {
        self.0.file_name().unwrap().to_str().unwrap()
    }
}

/// Waits until a job that was started again so many times has done steps of its own, from where it had saved.
pub(super) fn goes_on(lab: &Lab, job: &str, times: usize, directory: &Directory, before: u64) {
    eventually("it does not go on", || {
        lab.lives(job);
        let said = directory.log(job);
        let starts: Vec<&str> = said.split(", from step ").skip(1).collect();
        let from = starts.get(times - 1)?;
        let (step, _) = from.split_once(' ')?;
        let step: u64 = step.parse().unwrap();
        assert!(step >= before, "from {step}, after {before}\n{said}");
        (directory.last()? > step).then_some(())
    });
}

/// Looks now and then, for a minute and a half.
pub(super) fn eventually(otherwise: &str, mut look: impl FnMut() -> Option<()>) {
    let begin = Instant::now();
    while look().is_none() {
        assert!(begin.elapsed() < PATIENCE, "{otherwise}");
        sleep(Duration::from_millis(200));
    }
}

/// The step of the last checkpoint.
pub(super) fn saved(directory: &Directory) -> u64 {
    let names = directory.names("checkpoints");
    let last = names.last().and_then(|name| name.strip_prefix("step_"));
    last.and_then(|step| step.parse().ok()).unwrap_or(0)
}

/// Has a job queued again, and waits until it goes on as [`goes_on`] says.
pub(super) fn goes_on_requeued(
    lab: &Lab,
    job: &str,
    times: usize,
    directory: &Directory,
    before: u64,
) {
    lab.desk
        .natively(&format!("scontrol requeue {job}"))
        .ended(0);
    lab.starts_again(job);
    goes_on(lab, job, times, directory, before);
}
