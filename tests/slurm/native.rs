//! Native training on the real Slurm: as a job, told to end and going on, refused where nobody trains, and what it says
//! where it cannot start.

mod lab;

use serde_json::Value;

use self::lab::{Directory, Lab, SRUN, TRAINER, goes_on, goes_on_requeued, saved};
use super::cluster::HOME;
use super::desk::run;

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
        goes_on_requeued(&lab, &job, times, &directory, before);
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
        goes_on_requeued(&lab, &job, times, &directory, before);
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
