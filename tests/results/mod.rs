//! The record of experiments, from run directories that are laid out as `submit` plans them.

mod pages;

use std::fs;
use std::path::PathBuf;

use hlrp_sh::record::{Kind, Record, Run, State, fate};
use hlrp_sh::slurm::query::sacct::{self, FIELDS};
use hlrp_sh::slurm::submit::manifest::{self, Manifest, Progress};

use crate::submit::World;

/// Makes the directories of a submission; returns them.
fn submitted(world: &World, overrides: &[&str]) -> (Manifest, PathBuf) {
    let plan = world.plan(overrides).unwrap();
    let typed: Vec<String> = overrides.iter().map(|one| (*one).to_owned()).collect();
    let manifest = Manifest::new(&plan, &world.path(), &typed, "2026-01-31_12-00-00");
    fs::create_dir_all(&plan.group).unwrap();
    for job in &plan.jobs {
        fs::create_dir_all(&job.directory).unwrap();
        let config = format!(
            "experiment:\n  name: one\nlr: {}\nlogging:\n  runs_dir: {}\n",
            job.suffix,
            job.directory.display()
        );
        fs::write(job.directory.join("config.yaml"), config).unwrap();
    }
    let path = plan.group.join(manifest::NAME);
    manifest.create(&path).unwrap();
    (manifest, path)
}

fn record(world: &World) -> Record {
    Record::read(&[world.path().join("runs")]).unwrap()
}

fn metrics(run: &manifest::Point, text: &str) {
    fs::write(run.directory.join("metrics.jsonl"), text).unwrap();
}

fn told(run: &Run) -> Vec<(&str, f64)> {
    let metrics = run.metrics.iter();
    metrics.map(|(name, value)| (&**name, *value)).collect()
}

#[test]
fn each_point_of_a_sweep_is_a_row_with_what_it_measured() {
    let world = World::new();
    let (mut manifest, path) = submitted(&world, &["lr=0.1,0.2", "seed=7"]);
    for (entry, job) in manifest.jobs.iter_mut().zip(["41", "42"]) {
        entry.state = Progress::Queued { job: job.into() };
    }
    manifest.update(&path).unwrap();
    metrics(
        &manifest.points[0],
        "{\"loss\": 3}\n{\"loss\": 0.5, \"step\": 2}\n",
    );
    metrics(
        &manifest.points[1],
        "{\"loss\": NaN}\n{\"loss\": 2e-4}\n{\"lo",
    );
    let record = record(&world);
    assert_eq!(record.runs.len(), 2);
    let [one, other] = &record.runs[..] else {
        panic!()
    };
    assert_eq!((one.kind, one.state), (Kind::Point, State::Unknown));
    assert_eq!(one.overrides, ["seed=7", "lr=0.1"]);
    assert_eq!(
        (&*one.jobs, &*other.jobs),
        (&["41".to_owned()][..], &["42".to_owned()][..])
    );
    assert_eq!(told(one), [("loss", 0.5), ("step", 2.0)]);
    // Half a line is one that is being written.
    assert_eq!(told(other), [("loss", 2e-4)]);
    assert!(other.faults.is_empty(), "{:?}", other.faults);
    assert_ne!(one.config, other.config);
}

#[test]
fn the_same_configuration_has_the_same_hash_wherever_it_ran() {
    let (one, other) = (World::new(), World::new());
    submitted(&one, &["lr=0.1,0.2"]);
    submitted(&other, &["lr=0.1,0.2"]);
    let hashes = |world| {
        record(world)
            .runs
            .into_iter()
            .map(|run| run.config)
            .collect::<Vec<_>>()
    };
    assert_eq!(hashes(&one), hashes(&other));
    assert!(hashes(&one).iter().all(Option::is_some));
}

#[test]
fn what_is_broken_is_one_marked_row_and_hides_no_other() {
    let world = World::new();
    let (manifest, _) = submitted(&world, &["lr=0.1,0.2"]);
    metrics(&manifest.points[0], "no json at all\n{\"loss\": 1}\n");
    let runs = world.path().join("runs");
    for (name, file, text) in [
        ("half", "manifest.json", "{\"schema\": \"hlrp.manif"),
        ("alone", "config.yaml", "experiment:\n  name: lonely\n"),
        ("foreign", "holiday.jpg", "x"),
        (
            "newer",
            "manifest.json",
            "{\"schema\": \"hlrp.manifest/9\"}",
        ),
    ] {
        fs::create_dir(runs.join(name)).unwrap();
        fs::write(runs.join(name).join(file), text).unwrap();
    }
    fs::write(runs.join("a-file"), "").unwrap();
    std::os::unix::fs::symlink(&runs, runs.join("loop")).unwrap();
    let record = record(&world);
    let marked: Vec<&str> = record
        .runs
        .iter()
        .filter(|run| !run.faults.is_empty())
        .map(|run| &*run.name)
        .collect();
    assert_eq!(record.runs.len(), 5, "{:?}", record.runs);
    assert_eq!(marked.len(), 4, "{marked:?}");
    let lonely = record.find("alone").unwrap();
    assert_eq!(lonely.experiment, "lonely");
    let broken = record.find(marked[0]).unwrap();
    assert_eq!(
        told(
            record
                .runs
                .iter()
                .find(|run| !run.metrics.is_empty())
                .unwrap()
        ),
        [("loss", 1.0)]
    );
    assert!(!broken.faults[0].is_empty());
}

#[test]
fn a_run_says_itself_what_counts() {
    let world = World::new();
    let (manifest, _) = submitted(&world, &["lr=0.1,0.2"]);
    for point in &manifest.points {
        let path = point.directory.join("config.yaml");
        let config = fs::read_to_string(&path).unwrap();
        let own = "results:\n  metrics:\n  - val.loss:min\n  - acc\n";
        fs::write(&path, format!("{config}{own}")).unwrap();
    }
    let lines = "{\"val\": {\"loss\": 1}, \"acc\": 5}\n{\"val\": {\"loss\": 4}, \"noise\": 1}\n";
    metrics(&manifest.points[0], lines);
    let log = manifest.points[1].directory.join("7.out");
    fs::write(
        log,
        "step 1 val.loss=9 acc=1\nend: val.loss: 0.25, acc=0.5\nbye\n",
    )
    .unwrap();
    let record = record(&world);
    assert_eq!(told(&record.runs[0]), [("acc", 5.0), ("val.loss:min", 1.0)]);
    assert_eq!(
        told(&record.runs[1]),
        [("acc", 0.5), ("val.loss:min", 0.25)]
    );
}

#[test]
fn runs_that_were_moved_together_are_found_beside_their_manifest() {
    let world = World::new();
    submitted(&world, &["lr=0.1,0.2"]);
    let moved = world.path().join("elsewhere");
    fs::rename(world.path().join("runs"), &moved).unwrap();
    let record = Record::read(std::slice::from_ref(&moved)).unwrap();
    assert_eq!(record.runs.len(), 2);
    assert!(
        record
            .runs
            .iter()
            .all(|run| run.directory.starts_with(&moved) && run.faults.is_empty())
    );
}

#[test]
fn an_array_s_tasks_are_told_apart_and_their_logs_found() {
    let world = World::new();
    let many: Vec<String> = (0..25).map(|point| point.to_string()).collect();
    let (mut manifest, path) = submitted(&world, &[&format!("lr={}", many.join(","))]);
    let [entry] = &mut manifest.jobs[..] else {
        panic!("one array");
    };
    entry.state = Progress::Queued { job: "90".into() };
    manifest.update(&path).unwrap();
    let log = path.with_file_name("90_3.out");
    fs::write(log, "epoch 1\nloss=0.75\n").unwrap();
    let config = manifest.points[3].directory.join("config.yaml");
    fs::write(config, "results:\n  metrics: [loss]\n").unwrap();
    let mut record = record(&world);
    assert_eq!(record.runs.len(), 25);
    assert_eq!(record.runs[3].jobs, ["90_3"]);
    assert_eq!(told(&record.runs[3]), [("loss", 0.75)]);
    let mark = "~";
    let line = |id: &str, state: &str| {
        let jobs = FIELDS.split(',').map(|field| match field {
            "JobID" => id.to_owned(),
            "JobIDRaw" => "95".to_owned(),
            "State" => state.to_owned(),
            _ => String::new(),
        });
        jobs.collect::<Vec<_>>().join(mark) + "\n"
    };
    let said = line("90_3", "COMPLETED") + &line("90_4", "TIMEOUT");
    let (jobs, unread) = sacct::read(&said, mark);
    assert_eq!((jobs.len(), unread), (2, 0));
    fate::tell(&mut record.runs, &jobs);
    let state = |point: usize| record.runs[point].state;
    assert_eq!(
        (state(3), state(4), state(5)),
        (State::Done, State::Failed, State::Unknown)
    );
}
