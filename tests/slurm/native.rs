//! Native training on the real Slurm: as a job, told to end and going on, refused where nobody trains, and what it says
//! where it cannot start.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::cluster::HOME;
use super::desk::{Desk, run};
use crate::guard::bench::skip;
use crate::guard::running::Ran;

/// Where the trainer lies in the user's home.
const TRAINER: &str = "native/bin";
/// A model and a data set that train in seconds on a core that others use too.
const SMALL: [&str; 17] = [
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
const SRUN: &str = "srun -p lrz-cpu --qos=cpu -t 2 --mem=1000";
/// How long a job may take to start and to train a little.
const PATIENCE: Duration = Duration::from_secs(90);
/// Longer than any test waits: such a run ends only where it is told to.
const ENDLESS: u64 = 1_000_000;

/// A desk with the repository's configuration, a data set, and the trainer.
struct Lab {
    desk: Desk,
    /// The directory with `hlrp-train`, first on `PATH`.
    programs: String,
}

impl Lab {
    /// Makes everything ready; `None` where there is no cluster or no trainer, and the skip is said.
    fn new(name: &str) -> Option<Self> {
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
    fn types(&self, before: &[&str], verb: &str, more: &[&str]) -> Ran {
        let data = format!("data.path={}", self.desk.place("set"));
        let mut all = vec![verb, "experiment=stage1_native", &data];
        all.extend(SMALL);
        all.extend(more);
        self.hlrp(before, &all)
    }

    /// Runs the program on the login node, where the trainer is on `PATH`, with `before` before it.
    fn hlrp(&self, before: &[&str], words: &[&str]) -> Ran {
        let path = format!("PATH={}:{HOME}/.local/bin:/usr/bin:/bin", self.programs);
        let mut all = before.to_vec();
        all.extend(["env", &path, "hlrp-sh"]);
        all.extend(words);
        run(&mut self.desk.on("login01", &all))
    }

    /// Submits runs; returns their jobs.
    fn submits(&self, more: &[&str]) -> Vec<String> {
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
    fn trains(&self) -> (String, Directory) {
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
    fn is_at(&self, job: &str, step: u64) {
        eventually("it does not train", || {
            self.lives(job);
            let found = self.directories();
            (found.first()?.last()? >= step).then_some(())
        });
    }

    /// Holds that a job waits or runs.
    fn lives(&self, job: &str) {
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
    fn starts_again(&self, job: &str) {
        self.desk.until(job, "PENDING");
        let now = format!("scontrol update JobId={job} StartTime=now+3");
        self.desk.natively(&now).ended(0);
    }

    /// Waits for the end of a job, which must be this.
    fn ends(&self, job: &str, states: &str) {
        let ended = self.desk.ended(job);
        assert_eq!(ended, [states], "{}", self.said(job));
    }

    /// What a job's log says, both streams.
    fn said(&self, job: &str) -> String {
        let ran = self.desk.hlrp(&["logs", job]);
        ran.out + &ran.err
    }

    /// The run directories.
    fn directories(&self) -> Vec<Directory> {
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
    fn rows(&self) -> Vec<Value> {
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
struct Directory(PathBuf);

impl Directory {
    fn lines(&self) -> Vec<Value> {
        let text = fs::read_to_string(self.0.join("metrics.jsonl")).unwrap_or_default();
        let whole = text
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok());
        whole.collect()
    }

    /// The last step that stands in the curve.
    fn last(&self) -> Option<u64> {
        self.lines().last()?["step"].as_u64()
    }

    /// Holds that every step up to the last stands there, once; returns the last.
    fn is_whole(&self) -> u64 {
        let steps = self.lines().into_iter();
        let steps: Vec<u64> = steps.map(|line| line["step"].as_u64().unwrap()).collect();
        let expected: Vec<u64> = (1..=steps.len() as u64).collect();
        assert_eq!(steps, expected);
        steps.len() as u64
    }

    fn names(&self, place: &str) -> Vec<String> {
        let entries = fs::read_dir(self.0.join(place)).into_iter().flatten();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = names.collect();
        names.sort();
        names
    }

    /// What a job has complained of here; the training says everything there.
    fn log(&self, job: &str) -> String {
        fs::read_to_string(self.0.join(format!("{job}.err"))).unwrap_or_default()
    }

    fn name(&self) -> &str {
        self.0.file_name().unwrap().to_str().unwrap()
    }
}

#[test]
fn a_submitted_training_leaves_its_run_and_its_row() {
    let Some(lab) = Lab::new("native") else {
        return;
    };
    let sizes = [
        "training.max_steps=12",
        "validation.check_interval=10",
        "training.checkpoint.every_n_train_steps=5",
    ];
    let jobs = lab.submits(&sizes);
    let [job] = &jobs[..] else {
        panic!("{jobs:?}");
    };
    lab.ends(job, "COMPLETED 0:0");
    let said = lab.said(job);
    // Of two processors Slurm gave one.
    assert!(said.contains("on cpu with 1 thread,"), "{said}");
    let [directory] = lab.directories().try_into().ok().unwrap();
    assert_eq!(directory.is_whole(), 12);
    let saved = ["step_0000005", "step_0000010", "step_0000012"];
    assert_eq!(directory.names("checkpoints"), saved);
    let pictures = directory.names("validation/step_0000010");
    assert!(
        pictures.contains(&"reconstructions.png".to_owned()),
        "{pictures:?}"
    );
    let all = directory.names("");
    assert!(
        all.iter()
            .any(|name| name.starts_with("events.out.tfevents.")),
        "{all:?}"
    );

    let rows = lab.rows();
    let [row] = &rows[..] else {
        panic!("{rows:?}");
    };
    assert_eq!(row["state"], "done", "{row}");
    assert_eq!(row["name"], directory.name(), "{row}");
    let last = directory.lines().pop().unwrap();
    for metric in [
        "train/loss",
        "val/loss",
        "val/shuffled_ratio",
        "val/codes_used",
    ] {
        assert!(row["metrics"][metric].is_number(), "{metric}: {row}");
        assert_eq!(row["metrics"][metric], last[metric], "{metric}: {row}");
    }
}

#[test]
fn each_point_of_a_sweep_has_its_own_run() {
    let Some(lab) = Lab::new("native-sweep") else {
        return;
    };
    let sizes = ["seed=42,43", "training.max_steps=6"];
    for job in lab.submits(&sizes) {
        lab.ends(&job, "COMPLETED 0:0");
    }
    let rows = lab.rows();
    assert_eq!(rows.len(), 2, "{rows:?}");
    let mut seen = Vec::new();
    for (row, seed) in rows.iter().zip([42, 43]) {
        assert_eq!(
            (&row["state"], &row["kind"]),
            (&"done".into(), &"point".into()),
            "{row}"
        );
        let runs = lab.desk.path("store/runs");
        let directory = Directory(runs.join(row["name"].as_str().unwrap()));
        assert!(directory.name().ends_with(&format!("_seed{seed}")), "{row}");
        assert_eq!(directory.is_whole(), 6);
        assert_eq!(directory.names("checkpoints"), ["step_0000006"]);
        seen.push(row["metrics"]["val/loss"].clone());
    }
    assert_ne!(seen[0], seen[1]);
}

/// What Slurm does to a job that makes room for another, and what a person does who wants it elsewhere.
#[test]
fn a_requeued_training_saves_and_goes_on() {
    let Some(lab) = Lab::new("native-requeue") else {
        return;
    };
    let (job, directory) = lab.trains();
    for times in 1..=2 {
        let before = directory.last().unwrap();
        lab.desk
            .natively(&format!("scontrol requeue {job}"))
            .ended(0);
        lab.starts_again(&job);
        goes_on(&lab, &job, times, &directory, before);
    }
    lab.desk.natively(&format!("scancel {job}")).ended(0);
    directory.is_whole();
}

/// Told by a signal the run ends well; whoever wants more of it has it queued again.
#[test]
fn a_training_that_is_told_to_end_ends_well() {
    let Some(lab) = Lab::new("native-told") else {
        return;
    };
    let (job, directory) = lab.trains();
    for (times, signal) in (1..).zip(["USR1", "TERM"]) {
        let before = directory.last().unwrap();
        lab.desk
            .natively(&format!("scancel --batch -s {signal} {job}"))
            .ended(0);
        lab.ends(&job, "COMPLETED 0:0");
        assert_eq!(saved(&directory), directory.is_whole());
        lab.desk
            .natively(&format!("scontrol requeue {job}"))
            .ended(0);
        lab.starts_again(&job);
        goes_on(&lab, &job, times, &directory, before);
    }
    lab.desk.natively(&format!("scancel {job}")).ended(0);
    directory.is_whole();
}

#[test]
fn a_training_over_its_time_saves_and_is_resumed() {
    let Some(lab) = Lab::new("native-time") else {
        return;
    };
    let (job, directory) = lab.trains();
    // The shortest limit is a minute; the administrator has this one end at once. Slurm looks twice a minute.
    let mut root = lab.desk.cluster.on("login01", "root");
    let end = "scontrol update JobId=$0 EndTime=$(date -d '+1 second' +%Y-%m-%dT%H:%M:%S)";
    run(root.args(["bash", "-c", end, &job])).ended(0);
    let states = lab.desk.ended(&job);
    assert!(
        states[0].starts_with("TIMEOUT"),
        "{states:?}\n{}",
        lab.said(&job)
    );
    let step = directory.is_whole();
    assert_eq!(saved(&directory), step, "{}", lab.said(&job));
    let said = lab.said(&job);
    assert!(said.contains("asked to end: saved"), "{said}");

    let manifest = format!(
        "{}/runs/{}/manifest.json",
        lab.desk.place("store"),
        directory.name()
    );
    lab.hlrp(&[], &["submit", "--resume", &manifest]).ended(0);
    let again = lab.desk.queued();
    let again = again.iter().filter_map(|line| line.split('|').next());
    let [again] = &again.filter(|id| *id != job).collect::<Vec<_>>()[..] else {
        panic!("{:?}", lab.desk.queued());
    };
    goes_on(&lab, again, 1, &directory, step);
    lab.desk.natively(&format!("scancel {again}")).ended(0);
    assert_eq!(lab.directories().len(), 1);
    directory.is_whole();
}

/// Waits until a job that was started again so many times has done steps of its own, from where it had saved.
fn goes_on(lab: &Lab, job: &str, times: usize, directory: &Directory, before: u64) {
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
fn eventually(otherwise: &str, mut look: impl FnMut() -> Option<()>) {
    let begin = Instant::now();
    while look().is_none() {
        assert!(begin.elapsed() < PATIENCE, "{otherwise}");
        sleep(Duration::from_millis(200));
    }
}

/// The step of the last checkpoint.
fn saved(directory: &Directory) -> u64 {
    let names = directory.names("checkpoints");
    let last = names.last().and_then(|name| name.strip_prefix("step_"));
    last.and_then(|step| step.parse().ok()).unwrap_or(0)
}

#[test]
fn a_login_node_refuses_to_train_and_a_compute_node_does_not() {
    let Some(lab) = Lab::new("native-here") else {
        return;
    };
    let listing = || lab.desk.natively("find . | sort").ended(0).out;
    let before = listing();
    let sizes = ["training.max_steps=4"];
    let ran = lab.types(&[], "train", &sizes).ended(77);
    assert!(ran.err.contains("train.login-node"), "{}", ran.err);
    assert!(
        ran.err.contains("hlrp-sh submit experiment="),
        "{}",
        ran.err
    );
    assert_eq!(listing(), before);

    let mut allocated: Vec<&str> = SRUN.split(' ').collect();
    let tag = lab.desk.tag();
    allocated.extend(["-J", &tag]);
    lab.types(&allocated, "train", &sizes).ended(0);
    let [directory] = lab.directories().try_into().ok().unwrap();
    assert_eq!(directory.is_whole(), 4);
    let rows = lab.rows();
    assert_eq!(rows.len(), 1, "{rows:?}");
    assert_eq!(
        (&rows[0]["state"], &rows[0]["kind"]),
        (&"done".into(), &"local".into()),
        "{}",
        rows[0]
    );
}

#[test]
fn a_job_without_the_trainer_says_so() {
    let Some(mut lab) = Lab::new("native-missing") else {
        return;
    };
    lab.programs = lab.desk.place("nowhere");
    let why = "hlrp-train: not found";
    fails(&lab, why, "FAILED 127:0", "was not found");
}

#[test]
fn a_job_that_cannot_read_libtorch_says_so() {
    let Some(mut lab) = Lab::new("native-unreadable") else {
        return;
    };
    // The same programs, which look for it where it is not.
    let from = format!("{HOME}/{TRAINER}");
    let changed = format!(
        "mkdir bin && for name in hlrp-train hlrp-train-torch; do \
         LC_ALL=C sed 's,/libtorch-2[.]11[.]0,/libtorch-gone-0,g' {from}/$name > bin/$name && chmod 755 bin/$name; done"
    );
    lab.desk.natively(&changed).ended(0);
    lab.programs = lab.desk.place("bin");
    let why = "libtorch-gone-0/lib/libtorch_cpu.so` cannot be read here: No such file";
    fails(&lab, why, "FAILED 69:0", "libtorch");
}

/// Holds that a job ends at once, with one line that says why, and that the record has it.
fn fails(lab: &Lab, why: &str, state: &str, meaning: &str) {
    let jobs = lab.submits(&["training.max_steps=4"]);
    let [job] = &jobs[..] else {
        panic!("{jobs:?}");
    };
    lab.ends(job, state);
    let said = lab.said(job);
    assert_eq!(
        said.lines().filter(|line| line.contains(why)).count(),
        1,
        "{said}"
    );
    let status = lab.desk.hlrp(&["status", job]).ended(0).out;
    assert!(status.contains(meaning), "{status}");
    let rows = lab.rows();
    assert_eq!(rows.len(), 1, "{rows:?}");
    assert_eq!(rows[0]["state"], "failed", "{}", rows[0]);
    assert_eq!(rows[0]["faults"], Value::Array(Vec::new()), "{}", rows[0]);
}
