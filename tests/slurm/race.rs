//! `hlrp-sh race` on a real Slurm: two clusters, one run, and everything that may go wrong between them.

use std::fs;
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::desk::Desk;
use super::submission::{manifests, project};
use crate::guard::running::Ran;

/// Where a race's jobs go: partition and QOS. The third takes any number of this size; the last has no such QOS.
const CLUSTERS: [(&str, &str, &str, &str); 4] = [
    ("lrz", "lrz-hgx-h100-94x4", "normal", "0.3"),
    ("mcml", "mcml-hgx-h100-94x4", "mcml", "0.35"),
    ("same", "mcml-hgx-h100-94x4", "mcml", "0.3"),
    ("small", "lrz-cpu", "cpu", "0.3"),
];
/// The training of a race: it says that it trains, and once more at its end.
const WORK: &str = "echo \"$SLURM_JOB_ID\" >>\"../trained-$2\"; echo begun; sleep \"${1#sleep}\"; echo done; echo \"$SLURM_JOB_ID\" >>\"../ended-$2\"\n";

/// Puts a project here whose clusters differ, with jobs that sleep for so long.
pub fn racing(name: &str) -> Option<Desk> {
    let desk = Desk::new(name)?;
    project(&desk);
    for (name, partition, qos, memory) in CLUSTERS {
        let cluster = format!(
            "name: {name}\ncompute:\n  num_nodes: 1\n  tasks_per_node: 1\n  gpus_per_node: 0\n  cpus_per_task: 1\n  mem_gb: {memory}\n  time_limit: \"5\"\n\
             slurm:\n  enabled: true\n  partition: {partition}\n  qos: {qos}\n  account: null\n\
             container:\n  enabled: false\n  image: null\n  python_bin: python3\n"
        );
        desk.file(&format!("project/config/cluster/{name}.yaml"), &cluster);
    }
    for seconds in [0, 1, 8, 60] {
        let experiment = format!("# @package _global_\nexperiment:\n  name: sleep{seconds}\n");
        desk.file(
            &format!("project/config/experiment/sleep{seconds}.yaml"),
            &experiment,
        );
    }
    desk.file("project/work.sh", WORK);
    Some(desk)
}

pub fn race(desk: &Desk, words: &[&str]) -> Ran {
    let mut all = vec!["race"];
    all.extend(words);
    desk.hlrp_in("project", &all)
}

/// Returns the jobs that a race has queued, as it says them.
pub fn jobs_of(ran: &Ran) -> Vec<String> {
    let lines = ran.out.lines().filter_map(|line| line.split_once("  "));
    lines.map(|(job, _)| job.to_owned()).collect()
}

/// Returns the run directory of the only race, as this machine sees it.
fn run_directory(desk: &Desk) -> PathBuf {
    let all = manifests(desk);
    let [manifest] = &all[..] else {
        panic!("{all:?}");
    };
    let below = &manifest[desk.place("").len() + 1..];
    desk.path(below.trim_end_matches("/manifest.json"))
}

/// Returns the job that has the run of the only race, once one has it.
pub fn owner(desk: &Desk) -> String {
    let manifest = fs::read_to_string(run_directory(desk).join("manifest.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();
    let id = manifest["id"].as_str().unwrap();
    let line = format!(
        "cd; timeout 90 sh -c 'until cat .hlrp/races/{id}/claim 2>/dev/null; do sleep 0.05; done'"
    );
    let claim = desk.natively(&line).ended(0).out;
    claim.split(' ').nth(1).unwrap().to_owned()
}

/// Returns the watchers of a race: processes on the login node whose words name its directory.
fn watchers(desk: &Desk) -> Vec<String> {
    let line = format!(
        "for p in /proc/[0-9]*; do tr '\\0' ' ' <$p/cmdline 2>/dev/null | grep -q '[_]_race .* watcher .*{}.* again' && echo ${{p#/proc/}}; done; true",
        desk.place("")
    );
    let ran = desk.natively(&line).ended(0);
    ran.out.lines().map(str::to_owned).collect()
}

/// Holds a job's word in `status`.
fn state_of(desk: &Desk, job: &str) -> String {
    let ran = desk.hlrp(&["status", job]).ended(0);
    let line = ran.out.lines().find(|line| line.starts_with("state"));
    line.unwrap().trim_start_matches("state").trim().to_owned()
}

/// Holds that one job trained, once, and to its end; returns it.
pub fn trained_once(desk: &Desk, point: &str) -> String {
    let trained = desk.read(&format!("trained-{point}"));
    let lines: Vec<&str> = trained.lines().collect();
    let story = fs::read_to_string(run_directory(desk).join("race/story.txt"));
    assert_eq!(lines.len(), 1, "{trained}\n{story:?}");
    assert_eq!(desk.read(&format!("ended-{point}")), trained);
    lines[0].to_owned()
}

/// Fills a partition, so that what comes waits; returns the job that holds it.
pub fn filled(desk: &Desk, partition: &str, qos: &str) -> Vec<String> {
    let nodes = desk.natively(&format!("sinfo -h -N -p {partition} -o %n"));
    let names: Vec<&str> = nodes.out.lines().collect();
    let mut jobs = Vec::new();
    for node in names {
        let line = format!(
            "sbatch --parsable -p {partition} --qos={qos} -w {node} --exclusive -t 5 --mem=0 -J {}-filler -o /dev/null --wrap 'sleep 200'",
            desk.tag()
        );
        jobs.push(desk.natively(&line).ended(0).out.trim().to_owned());
    }
    for job in &jobs {
        desk.until(job, "RUNNING");
    }
    jobs
}

#[test]
fn the_first_that_starts_has_the_run_and_the_other_is_cancelled() {
    let Some(desk) = racing("race") else {
        return;
    };
    filled(&desk, "mcml-hgx-h100-94x4", "mcml");
    let ran = race(&desk, &["experiment=sleep8", "--clusters", "mcml,lrz"]).ended(0);
    let jobs = jobs_of(&ran);
    assert_eq!(jobs.len(), 2, "{}\n{}", ran.out, ran.err);
    assert_eq!(owner(&desk), jobs[1]);
    // No session takes the run from it, or gives it to somebody else.
    for forged in [
        "mv ~/.hlrp/races ~/elsewhere",
        "echo '0 1 0 here' > ~/.hlrp/races/x",
        "python3 -c 'import os; os.chdir(os.environ[\"HOME\"] + \"/.hlrp/races\"); os.rename(os.listdir()[0], \"x\")'",
        "python3 -c 'import os; os.mkdir(os.environ[\"HOME\"] + \"/.hlrp/races/x\")'",
    ] {
        let tried = desk.guarded(forged);
        assert!(tried.code() != 0, "{forged}");
        assert!(tried.err.contains("denied"), "{forged}: {}", tried.err);
    }
    let began = Instant::now();
    desk.ended(&jobs[0]);
    assert!(
        began.elapsed() < Duration::from_secs(8),
        "{:?}",
        began.elapsed()
    );
    // One line for both, while it runs and afterwards; both in JSON.
    let table = desk.hlrp(&["jobs"]).ended(0).out;
    let line = format!("{},{}", jobs[1], jobs[0]);
    let rows: Vec<&str> = table
        .lines()
        .filter(|row| row.contains("_sleep8"))
        .collect();
    let own: Vec<&&str> = rows.iter().filter(|row| row.contains(&line[..])).collect();
    assert!(own.len() == 1 && own[0].contains("RUNNING"), "{table}");
    let json = desk.hlrp(&["jobs", "--json"]).ended(0).out;
    for job in &jobs {
        let key = format!("\"number\":{job},");
        let one = json.lines().find(|line| line.contains(&key));
        assert!(one.unwrap().contains("\"race\":{\"id\":\""), "{one:?}");
    }
    assert_eq!(desk.ended(&jobs[1]), ["COMPLETED 0:0"]);
    assert_eq!(trained_once(&desk, "0"), jobs[1]);
    let said = state_of(&desk, &jobs[0]);
    assert!(said.starts_with("cancelled: other started"), "{said}");
    assert!(said.contains(&jobs[1]), "{said}");
    assert!(state_of(&desk, &jobs[1]).starts_with("COMPLETED"));
    let log = fs::read_to_string(run_directory(&desk).join("run.out")).unwrap();
    assert!(log.contains("begun\ndone\n"), "{log}");
    // One row in the record, of the job that trained, though the other was queued first and was cancelled.
    let words = ["results", "sleep8", "--json"];
    let rows = desk.hlrp_in("project", &words).ended(0).out;
    let row: Value = serde_json::from_str(rows.trim()).unwrap();
    assert_eq!(
        (&row["kind"], &row["state"]),
        (&"race".into(), &"done".into())
    );
    assert_eq!(row["place"], "lrz", "{row}");
    let mut listed: Vec<&str> = row["jobs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|job| job.as_str().unwrap())
        .collect();
    listed.sort_unstable();
    let mut both: Vec<&str> = jobs.iter().map(String::as_str).collect();
    both.sort_unstable();
    assert_eq!(listed, both);
}

/// Two free partitions: both start in the same second, most of the time.
#[test]
fn of_two_that_start_together_one_trains_twenty_times() {
    let Some(desk) = racing("together") else {
        return;
    };
    let mut lost = 0;
    for round in 0..20 {
        let point = format!("point={round}");
        let words = ["experiment=sleep0", &point, "--clusters", "lrz,mcml"];
        let jobs = jobs_of(&race(&desk, &words).ended(0));
        let mut winners = Vec::new();
        for job in &jobs {
            match &desk.ended(job)[..] {
                [one] if one == "COMPLETED 0:0" => winners.push(job.clone()),
                [one] if one == "FAILED 76:0" => lost += 1,
                [one] if one.starts_with("CANCELLED") => {}
                other => panic!("{job}: {other:?}"),
            }
        }
        assert_eq!(winners.len(), 1, "{jobs:?}");
        let trained = desk.read(&format!("trained-{round}"));
        assert_eq!(trained.trim_end(), winners[0]);
        assert_eq!(desk.read(&format!("ended-{round}")), trained);
        if let Some(loser) = jobs.iter().find(|job| **job != winners[0]) {
            let said = state_of(&desk, loser);
            let is_told = said.starts_with("lost the race") || said.starts_with("cancelled: other");
            assert!(is_told, "{said}");
        }
    }
    assert!(lost > 0, "in none of twenty races both started");
}

#[test]
fn a_winner_that_is_requeued_goes_on_and_nobody_else_does() {
    let Some(desk) = racing("requeue") else {
        return;
    };
    let words = ["experiment=sleep8", "--clusters", "lrz,mcml"];
    let jobs = jobs_of(&race(&desk, &words).ended(0));
    let winner = owner(&desk);
    desk.until(&winner, "RUNNING");
    while desk.read("trained-0").is_empty() {
        thread::sleep(Duration::from_millis(100));
    }
    desk.natively(&format!("scontrol requeue {winner}"))
        .ended(0);
    // Slurm would start it again two minutes later.
    desk.until(&winner, "PENDING");
    desk.natively(&format!("scontrol update jobid={winner} starttime=now"))
        .ended(0);
    let ended = desk.ended_within(&winner, Duration::from_secs(240));
    assert_eq!(ended, ["COMPLETED 0:0"]);
    let twice = format!("{winner}\n{winner}\n");
    assert_eq!(desk.read("trained-0"), twice, "the same job, twice begun");
    assert_eq!(desk.read("ended-0"), format!("{winner}\n"));
    let loser = jobs.iter().find(|job| **job != winner).unwrap();
    let said = state_of(&desk, loser);
    let is_told = said.starts_with("lost the race") || said.starts_with("cancelled: other");
    assert!(is_told, "{said}");
}

#[test]
fn where_one_sbatch_is_refused_the_other_job_stays() {
    let Some(desk) = racing("refused") else {
        return;
    };
    // More nodes of that size than the partition has, which only sbatch itself knows.
    let bad = desk.read("project/config/cluster/mcml.yaml");
    let bad = bad.replace("cpus_per_task: 1", "cpus_per_task: 100000");
    desk.file("project/config/cluster/mcml.yaml", &bad);
    let ran = race(&desk, &["experiment=sleep1", "--clusters", "mcml,lrz"]);
    assert_eq!(ran.code(), 1, "{}\n{}", ran.out, ran.err);
    assert!(ran.err.contains("no job for mcml"), "{}", ran.err);
    let jobs = jobs_of(&ran);
    let [job] = &jobs[..] else {
        panic!("{}\n{}", ran.out, ran.err);
    };
    assert_eq!(desk.ended(job), ["COMPLETED 0:0"]);
    assert_eq!(trained_once(&desk, "0"), *job);
}

#[test]
fn what_stands_against_one_side_refuses_all_before_anything_is_made() {
    let Some(desk) = racing("bad-qos") else {
        return;
    };
    let bad = desk.read("project/config/cluster/mcml.yaml");
    desk.file(
        "project/config/cluster/mcml.yaml",
        &bad.replace("qos: mcml", "qos: cpu"),
    );
    let ran = race(&desk, &["experiment=sleep1", "--clusters", "lrz,mcml"]);
    assert_eq!(ran.code(), 78, "{}\n{}", ran.out, ran.err);
    assert!(ran.err.contains("does not take the QOS"), "{}", ran.err);
    assert_eq!(manifests(&desk), [""; 0]);
    assert_eq!(desk.queued(), [""; 0]);
    for words in [
        &["experiment=sleep1", "--clusters", "lrz"][..],
        &["experiment=sleep1", "--clusters", "lrz,lrz"],
        &["experiment=sleep1", "cluster=lrz", "--clusters", "lrz,mcml"],
    ] {
        assert_eq!(race(&desk, words).code(), 2, "{words:?}");
    }
    let sweep = race(
        &desk,
        &["experiment=sleep1", "point=1,2", "--clusters", "lrz,mcml"],
    );
    assert!(sweep.err.contains("a race is for one run"), "{}", sweep.err);
    assert_eq!(manifests(&desk), [""; 0]);
}

#[test]
fn without_a_watcher_the_other_still_trains_nothing() {
    let Some(desk) = racing("no-watcher") else {
        return;
    };
    let fillers = filled(&desk, "mcml-hgx-h100-94x4", "mcml");
    let more = filled(&desk, "lrz-hgx-h100-94x4", "normal");
    let words = ["experiment=sleep8", "--clusters", "lrz,mcml"];
    let jobs = jobs_of(&race(&desk, &words).ended(0));
    let found = watchers(&desk);
    assert_eq!(found.len(), 1, "one watcher, which outlives its submission");
    desk.natively(&format!("kill -9 {}", found[0])).ended(0);
    assert_eq!(watchers(&desk), [""; 0]);
    for job in fillers.iter().chain(&more) {
        desk.natively(&format!("scancel {job}")).ended(0);
    }
    let winner = owner(&desk);
    assert_eq!(desk.ended(&winner), ["COMPLETED 0:0"]);
    let loser = jobs.iter().find(|job| **job != winner).unwrap();
    desk.ended(loser);
    assert_eq!(trained_once(&desk, "0"), winner);
    let said = state_of(&desk, loser);
    let is_told = said.starts_with("lost the race") || said.starts_with("cancelled: other");
    assert!(is_told, "{said}");
}

#[test]
fn where_one_job_can_wait_everywhere_there_is_no_race() {
    let Some(desk) = racing("everywhere") else {
        return;
    };
    let ran = race(&desk, &["experiment=sleep0", "--clusters", "lrz,same"]).ended(0);
    assert!(
        ran.err.contains("one job can wait in all queues"),
        "{}",
        ran.err
    );
    let jobs = jobs_of(&ran);
    assert_eq!(jobs.len(), 1, "{}", ran.out);
    let said = desk
        .natively(&format!("scontrol -o show job {}", jobs[0]))
        .out;
    assert!(said.contains("QOS=mcml"), "{said}");
    assert_eq!(desk.ended(&jobs[0]), ["COMPLETED 0:0"]);
    let before = desk.queued().len();
    let dry = race(
        &desk,
        &["experiment=sleep0", "--clusters", "lrz,same", "--dry-run"],
    )
    .ended(0);
    let both = "--partition=lrz-hgx-h100-94x4,mcml-hgx-h100-94x4";
    assert!(dry.out.contains(both), "{}", dry.out);
    let separate = [
        "experiment=sleep0",
        "--clusters",
        "lrz,same",
        "--separate",
        "--dry-run",
    ];
    let dry = race(&desk, &separate).ended(0);
    assert!(dry.out.contains("script-same.sbatch"), "{}", dry.out);
    assert_eq!(desk.queued().len(), before);
}
