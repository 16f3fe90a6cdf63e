//! `hlrp-sh submit` and what watches its jobs, from composing to the last line of a log.

use std::fs;
use std::path::Path;
use std::time::Duration;

use super::desk::{Desk, run};
use crate::guard::bench::skip;
use crate::guard::running::{Ran, Running, within};

/// Longer than a minute, which is the shortest limit, and the time that Slurm takes to notice.
const LIMIT: Duration = Duration::from_secs(200);

/// Puts a project here whose runs and jobs are this test's own.
pub fn project(desk: &Desk) {
    desk.material("project");
    let (place, tag) = (desk.place("store"), desk.tag());
    let mine = format!(
        "# @package _global_\nlogging:\n  root_dir: {place}\nsubmit:\n  job_name_prefix: {tag}_\n"
    );
    desk.file("project/config/mine.yaml", &mine);
    desk.file("store/here", "");
}

/// Returns the manifests of all submissions, as the machines see them.
pub fn manifests(desk: &Desk) -> Vec<String> {
    let mut found = Vec::new();
    collect(&desk.path("store"), &mut found);
    let outside = desk.path("").to_str().unwrap().to_owned();
    let inside = |path: String| format!("{}/{}", desk.place(""), &path[outside.len()..]);
    found.into_iter().map(inside).collect()
}

fn collect(directory: &Path, found: &mut Vec<String>) {
    for entry in directory.read_dir().into_iter().flatten().flatten() {
        let path = entry.path();
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            collect(&path, found);
        } else if path.ends_with("manifest.json") {
            found.push(path.to_str().unwrap().to_owned());
        }
    }
}

fn submit(desk: &Desk, words: &[&str]) -> Ran {
    let mut all = vec!["submit"];
    all.extend(words);
    desk.hlrp_in("project", &all)
}

/// Returns what a job's log says, both streams.
pub fn logs(desk: &Desk, job: &str) -> String {
    let ran = desk.hlrp(&["logs", job]).ended(0);
    ran.out + &ran.err
}

/// Submits one job; returns its id.
pub fn one(desk: &Desk, words: &[&str]) -> String {
    let before = desk.queued();
    submit(desk, words).ended(0);
    let mut fresh = desk.queued();
    fresh.retain(|line| !before.contains(line));
    let ids: Vec<&str> = fresh
        .iter()
        .filter_map(|line| line.split('|').next())
        .collect();
    assert_eq!(ids.len(), 1, "{fresh:?}");
    ids[0].to_owned()
}

#[test]
pub fn a_submitted_job_runs_with_its_arguments_and_leaves_its_records() {
    let Some(desk) = Desk::new("submit") else {
        return;
    };
    project(&desk);
    let job = one(&desk, &["experiment=quick", "+added='a b'"]);
    assert_eq!(desk.ended(&job), ["COMPLETED 0:0"]);
    let said = logs(&desk, &job);
    assert!(
        said.contains(&format!("on cpu-001 in {}", desk.place("project"))),
        "{said}"
    );
    for argument in ["experiment=quick", "+added='a b'", "hydra.sweep.subdir=."] {
        assert!(said.contains(&format!("argument {argument}\n")), "{said}");
    }
    let [manifest] = &manifests(&desk)[..] else {
        panic!("{:?}", manifests(&desk));
    };
    let runs = format!("{}/runs/", desk.place("store"));
    assert!(manifest.starts_with(&runs), "{manifest}");
    assert!(
        said.contains(&format!(
            "argument logging.runs_dir={}\n",
            manifest.trim_end_matches("/manifest.json")
        )),
        "{said}"
    );
}

#[test]
pub fn submitting_over_ssh_and_in_a_session_is_the_same() {
    let Some(desk) = Desk::new("ssh") else {
        return;
    };
    project(&desk);
    desk.file("project/precious.txt", "there\n");
    let line = "cd project && hlrp-sh submit experiment=deletes";
    desk.over_ssh(line).ended(0);
    desk.guarded(line).ended(0);
    submit(&desk, &["experiment=deletes"]).ended(0);
    let queued = desk.queued();
    assert_eq!(queued.len(), 3, "{queued:?}");
    for line in queued {
        let job = line.split('|').next().unwrap();
        assert_eq!(desk.ended(job), ["COMPLETED 0:0"]);
        let said = logs(&desk, job);
        assert!(said.contains("fs.no-delete"), "{said}");
        assert!(said.contains("ended 1\n"), "{said}");
    }
    assert_eq!(desk.read("project/precious.txt"), "there\n");
}

/// The guard goes with the job, so what only shows there is let through here, and refused there.
#[test]
pub fn what_nobody_can_foresee_is_queued_and_refused_in_the_job() {
    let Some(desk) = Desk::new("dynamic") else {
        return;
    };
    project(&desk);
    desk.file("project/precious.txt", "there\n");
    let job = one(&desk, &["experiment=dynamic"]);
    assert_eq!(desk.ended(&job), ["FAILED 1:0"]);
    let said = logs(&desk, &job);
    assert!(said.contains("fs.no-delete"), "{said}");
    assert_eq!(desk.read("project/precious.txt"), "there\n");
}

#[test]
pub fn a_dry_run_touches_nothing() {
    let Some(desk) = Desk::new("dry") else {
        return;
    };
    project(&desk);
    let listing = || desk.natively("find project store | sort").ended(0).out;
    let before = listing();
    for words in [
        &["experiment=quick", "--dry-run"][..],
        &["experiment=sometimes", "submit.dry_run=true"],
        &["experiment=quick", "point=1,2,3", "--dry-run"],
    ] {
        let ran = submit(&desk, words).ended(0);
        assert!(ran.out.contains("#SBATCH"), "{}", ran.out);
    }
    assert_eq!(listing(), before);
    assert_eq!(desk.queued(), [""; 0]);
}

#[test]
pub fn a_sweep_of_jobs_is_finished_with_resume() {
    if let Some(desk) = Desk::new("sweep") {
        resume(&desk, "submit.array.min_points=100");
    }
}

#[test]
pub fn a_sweep_as_an_array_is_finished_with_resume() {
    if let Some(desk) = Desk::new("array") {
        resume(&desk, "submit.array.min_points=2");
    }
}

/// Five points, one of which fails; `--resume` queues that one alone, and then nothing.
fn resume(desk: &Desk, how: &str) {
    project(desk);
    submit(desk, &["experiment=sometimes", how]).ended(0);
    all_end(desk);
    assert_eq!(runs(desk), [1, 1, 1, 1, 1]);
    let [manifest] = &manifests(desk)[..] else {
        panic!("{:?}", manifests(desk));
    };
    desk.file("project/mended", "");
    submit(desk, &["--resume", manifest]).ended(0);
    all_end(desk);
    assert_eq!(runs(desk), [1, 1, 2, 1, 1]);
    submit(desk, &["--resume", manifest]).ended(0);
    all_end(desk);
    assert_eq!(runs(desk), [1, 1, 2, 1, 1]);
    let states = all_end(desk);
    let failed = states.iter().filter(|state| state.starts_with("FAILED"));
    assert_eq!((states.len(), failed.count()), (6, 1), "{states:?}");
}

/// Waits for the end of all jobs of this test; returns their states.
fn all_end(desk: &Desk) -> Vec<String> {
    let mut ids: Vec<String> = desk
        .queued()
        .iter()
        .filter_map(|line| line.split('|').next().map(str::to_owned))
        .collect();
    // The tasks of an array have ids of their own besides the array's.
    ids.sort();
    ids.dedup();
    ids.iter()
        .map(|job| {
            let states = desk.ended(job);
            states[0].clone()
        })
        .collect()
}

/// Returns how often each of the five points ran.
fn runs(desk: &Desk) -> Vec<usize> {
    let count = |point| {
        desk.read(&format!("project/runs-of-{point}"))
            .lines()
            .count()
    };
    (0..5).map(count).collect()
}

/// The submission is killed between two jobs; what it had handed over is in its manifest, and the rest is queued later.
#[test]
pub fn a_broken_connection_loses_nothing_and_queues_nothing_twice() {
    let Some(desk) = Desk::new("broken") else {
        return;
    };
    project(&desk);
    desk.file("project/mended", "");
    let points = (0..5).map(|point| point.to_string()).collect::<Vec<_>>();
    let sweep = format!("point={}", points.join(","));
    let mut command = desk.on(
        "login01",
        &[
            "env",
            "-C",
            &desk.place("project"),
            "hlrp-sh",
            "submit",
            "experiment=sometimes",
        ],
    );
    command.args([&sweep, "submit.array.min_points=100"]);
    let mut running = Running::start(&mut command);
    within("nothing is queued", || {
        (!desk.queued().is_empty() || !running.is_running()).then_some(())
    });
    let group = nix::unistd::Pid::from_raw(running.front());
    let _ = nix::sys::signal::killpg(group, nix::sys::signal::Signal::SIGKILL);
    let _ = running.end_within(60);
    let [manifest] = &manifests(&desk)[..] else {
        panic!("{:?}", manifests(&desk));
    };
    submit(&desk, &["--resume", manifest]).ended(0);
    all_end(&desk);
    assert_eq!(runs(&desk), [1, 1, 1, 1, 1]);
    let queued = desk.queued();
    assert_eq!(queued.len(), 5, "{queued:?}");
}

#[test]
pub fn a_running_job_is_followed_and_cancelled() {
    let Some(desk) = Desk::new("follow") else {
        return;
    };
    project(&desk);
    let job = one(&desk, &["experiment=slow"]);
    desk.until(&job, "RUNNING");
    let follow = Running::start(&mut desk.on("login01", &["hlrp-sh", "logs", "-f", &job]));
    within("the log says nothing", || {
        let said = desk.hlrp(&["logs", &job]);
        said.out.contains("line 2\n").then_some(())
    });
    let jobs = desk.hlrp(&["jobs"]).ended(0).out;
    let line = jobs.lines().find(|line| line.contains(&job));
    assert!(line.is_some_and(|line| line.contains("RUNNING")), "{jobs}");
    let status = desk.hlrp(&["status", &job, "--json"]).ended(0).out;
    let status: serde_json::Value = serde_json::from_str(&status).unwrap();
    assert_eq!(status["state"], "RUNNING", "{status}");
    desk.hlrp(&["cancel", &job]).ended(0);
    let states = desk.ended(&job);
    assert!(states[0].starts_with("CANCELLED"), "{states:?}");
    let followed = follow.end_within(60);
    // What goes to the error log stands in between.
    for line in ["line 1\n", "line 2\n"] {
        assert!(followed.out.contains(line), "{}", followed.out);
    }
    let status = desk.hlrp(&["status", &job]).ended(0).out;
    assert!(status.contains("CANCELLED"), "{status}");
    let said = logs(&desk, &job);
    assert!(said.contains("line 2\n"), "{said}");
}

#[test]
pub fn how_a_job_ended_is_told() {
    let Some(desk) = Desk::new("ends") else {
        return;
    };
    project(&desk);
    let job = one(&desk, &["experiment=seven"]);
    assert_eq!(desk.ended(&job), ["FAILED 7:0"]);
    // At once: the accounts know nothing of it yet.
    let status = desk.hlrp(&["status", &job]).ended(0).out;
    assert!(
        status.contains("FAILED") && status.contains('7'),
        "{status}"
    );
    let said = logs(&desk, &job);
    assert!(
        said.contains("seven\n") && said.contains("grumble\n"),
        "{said}"
    );
    let jobs = desk.hlrp(&["jobs", "--json"]).ended(0).out;
    let mut lines = jobs
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let is_told = lines.any(|found| found["id"] == job.as_str() && found["state"] == "FAILED");
    assert!(is_told, "{jobs}");
    let nobody = desk.hlrp(&["status", "99999999"]);
    assert_eq!(nobody.code(), 1, "{}", nobody.err);
}

#[test]
pub fn a_job_without_memory_is_told() {
    let Some(desk) = Desk::new("out-of-memory") else {
        return;
    };
    if !desk.cluster.has_control_groups() {
        skip("out-of-memory", "no version 1 control groups");
        return;
    }
    project(&desk);
    let job = one(&desk, &["experiment=hungry"]);
    assert_eq!(desk.ended(&job), ["OUT_OF_MEMORY 0:125"]);
    let status = desk.hlrp(&["status", &job]).ended(0).out;
    assert!(status.contains("OUT_OF_MEMORY"), "{status}");
}

#[test]
pub fn a_job_over_its_time_is_told() {
    let Some(desk) = Desk::new("out-of-time") else {
        return;
    };
    project(&desk);
    let job = one(&desk, &["experiment=endless"]);
    let states = desk.ended_within(&job, LIMIT);
    assert!(states[0].starts_with("TIMEOUT"), "{states:?}");
    let status = desk.hlrp(&["status", &job]).ended(0).out;
    assert!(status.contains("TIMEOUT"), "{status}");
}

/// What is wrong is told before anything is queued, and nothing is made.
#[test]
pub fn what_cannot_be_is_refused_and_nothing_is_made() {
    let Some(desk) = Desk::new("refused") else {
        return;
    };
    project(&desk);
    let (elsewhere, path) = desk.elsewhere();
    let outside = format!("submit.pre_commands=['echo x > {elsewhere}/file']");
    desk.file(
        "project/config/experiment/unreadable.yaml",
        "a: [1,\n b: }\n",
    );
    desk.file(
        "project/config/experiment/cyclic.yaml",
        "# @package _global_\ndefaults:\n  - cyclic\n",
    );
    desk.file(
        "project/config/experiment/circle.yaml",
        "# @package _global_\nexperiment:\n  name: ${point}\npoint: ${experiment.name}\n",
    );
    let many = (0..10_000).map(|n| n.to_string()).collect::<Vec<_>>();
    desk.file(
        "project/config/experiment/many.yaml",
        &format!(
            "# @package _global_\nexperiment:\n  name: many\nsweep:\n  params:\n    point: [{}]\n",
            many.join(", ")
        ),
    );
    let listing = || desk.natively("find project store | sort").ended(0).out;
    let before = listing();
    let table: [(&[&str], i32, &str); 14] = [
        (
            &["experiment=quick", "cluster.slurm.partition=nowhere"],
            78,
            "nowhere",
        ),
        (
            &["experiment=quick", "cluster.slurm.qos=nobodys"],
            78,
            "nobodys",
        ),
        (&["experiment=quick", "cluster.slurm.qos=mcml"], 78, "mcml"),
        (
            &[
                "experiment=quick",
                "cluster.compute.time_limit='9-00:00:00'",
            ],
            78,
            "2-00:00:00",
        ),
        (&["experiment=quick", "cluster=gpu"], 78, "image.sqsh"),
        (
            &[
                "experiment=quick",
                "submit.pre_commands=['rm precious.txt']",
            ],
            77,
            "fs.no-delete",
        ),
        (&["experiment=quick", &outside], 77, "fs.outside-roots"),
        (&["experiment=quik"], 78, "quick"),
        (&["experiment=unreadable"], 78, "unreadable.yaml"),
        (&["experiment=cyclic"], 78, "cyclic"),
        (&["experiment=circle"], 78, "experiment.name"),
        (
            &["experiment=quick", "experiment.name=\"a\tb\""],
            78,
            "experiment.name",
        ),
        (&["experiment=many"], 77, "1000"),
        (&["experiment=quick", "point=range(10000)"], 77, "1000"),
    ];
    let mut wrong = Vec::new();
    for (words, status, word) in table {
        let ran = submit(&desk, words);
        let said = format!("{}{}", ran.out, ran.err);
        let text = said.replace(',', "");
        if ran.code() != status || !(said.contains(word) || text.contains(word)) {
            let end: String = said.chars().take(600).collect();
            wrong.push(format!(
                "{words:?}\n  {} instead of {status}, `{word}`\n{end}",
                ran.code()
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(listing(), before);
    assert_eq!(desk.queued(), [""; 0]);
    assert_eq!(path.read_dir().unwrap().count(), 0);
    fs::remove_dir(path).unwrap();
}

/// The image is there: it, the mounts and the working directory reach Slurm; quotes in names reach the job whole.
#[test]
pub fn containers_and_odd_names_reach_the_job() {
    let Some(desk) = Desk::new("container") else {
        return;
    };
    project(&desk);
    let image = desk.file("an image.sqsh", "");
    let image = format!("cluster.container.image='{image}'");
    let words = [
        "experiment=quick",
        "cluster=gpu",
        &image,
        "+note='it\\'s \"quoted\"; $HOME'",
    ];
    let job = one(&desk, &words);
    assert_eq!(desk.ended(&job), ["COMPLETED 0:0"]);
    let said = logs(&desk, &job);
    assert!(
        said.contains("argument +note='it\\'s \"quoted\"; $HOME'\n"),
        "{said}"
    );
    assert!(said.contains("on lrz-hgx-h100-00"), "{said}");
}

/// A new user's first job, with the repository's own configuration.
#[test]
pub fn the_smoke_experiment_of_the_repository_runs() {
    let Some(desk) = Desk::new("smoke") else {
        return;
    };
    desk.copy(Path::new(env!("CARGO_MANIFEST_DIR")), "config");
    let prefix = format!("submit.job_name_prefix={}_", desk.tag());
    let words = [
        "env",
        "-C",
        &desk.place(""),
        "hlrp-sh",
        "submit",
        "experiment=smoke",
        &prefix,
    ];
    run(&mut desk.on("login01", &words)).ended(0);
    let queued = desk.queued();
    assert_eq!(queued.len(), 1, "{queued:?}");
    let job = queued[0].split('|').next().unwrap();
    assert_eq!(desk.ended(job), ["COMPLETED 0:0"]);
    let said = logs(&desk, job);
    assert!(said.contains(&format!("job {job} on cpu-001")), "{said}");
}
