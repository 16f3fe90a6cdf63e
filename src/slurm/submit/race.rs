//! A race: the same point, planned for several clusters, as one run with a job for each.
//!
//! INVARIANT: all jobs of a race have one run directory, one name and one log; they differ in
//! what Slurm is asked for, and in the cluster that their training is told.

use super::cluster::Offer;
use super::job::Host;
use super::manifest::Manifest;
use super::plan::{Plan, Request, unique};
use super::problem::{Problem, Subject};
use super::script::Serves;
use super::settings::Settings;
use crate::slurm::race::Member;

/// Joins plans for one cluster each into the plan of a race, or says what stands against it.
///
/// # Errors
/// Everything that stands against it.
pub fn join(
    plans: Vec<Plan>,
    clusters: &[String],
    request: &Request,
    host: &Host,
) -> Result<Plan, Vec<Problem>> {
    let mut problems = Vec::new();
    for (plan, cluster) in plans.iter().zip(clusters) {
        problems.extend(against(plan, cluster));
    }
    if !problems.is_empty() {
        return Err(unique(problems));
    }
    let mut plans = plans.into_iter();
    let Some(mut race) = plans.next() else {
        return Err(problems);
    };
    for plan in plans {
        for mut job in plan.jobs {
            if let Some(first) = race.jobs.first() {
                job.name.clone_from(&first.name);
            }
            race.jobs.push(job);
        }
    }
    problems.extend(place(&mut race, clusters, request, host));
    match problems.is_empty() {
        true => Ok(race),
        false => Err(problems),
    }
}

/// Writes the scripts of a race, all for one run directory: that of the plan.
pub fn place(race: &mut Plan, clusters: &[String], request: &Request, host: &Host) -> Vec<Problem> {
    let group = race.group.clone();
    let moved: Vec<_> = race
        .jobs
        .iter()
        .filter(|job| job.directory != group)
        .map(|job| (job.directory.clone(), group.clone()))
        .collect();
    let mut problems = race.relocate(request, host, &moved);
    race.units = Vec::new();
    for (point, cluster) in clusters.iter().enumerate() {
        race.add(
            Serves::Race { cluster },
            &group,
            vec![point],
            host,
            &mut problems,
        );
    }
    for (number, unit) in (0_u32..).zip(&mut race.units) {
        let id = race.id.clone();
        unit.comment = Member { id, number }.to_string();
    }
    unique(problems)
}

/// Returns the manifest of a race: one point, and a job for it in each cluster.
pub fn manifest(race: &Plan, clusters: &[String], mut manifest: Manifest) -> Manifest {
    manifest.points.truncate(1);
    for entry in &mut manifest.jobs {
        entry.points = vec![0];
    }
    manifest
        .overrides
        .retain(|word| !word.starts_with("cluster="));
    manifest.experiment.clone_from(&race.base.experiment);
    manifest.race = clusters.to_vec();
    manifest
}

fn against(plan: &Plan, cluster: &str) -> Option<Problem> {
    if plan.is_sweep {
        return Some(Problem::config(
            Subject::Submission,
            format!(
                "it is a sweep of {} points, and a race is for one run",
                plan.jobs.len()
            ),
            "race each point by itself: `hlrp-sh race … seed=1 --clusters …`",
        ));
    }
    let is_slurm = plan.jobs.iter().all(|job| job.settings.slurm);
    (!is_slurm).then(|| {
        Problem::config(
            Subject::Key("cluster.slurm.enabled".to_owned()),
            format!("cluster={cluster} has no queue: it runs here"),
            "race clusters of Slurm; `hlrp-sh submit` runs it here",
        )
    })
}

/// One job that waits in all queues at once.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Everywhere {
    /// The partitions.
    pub partitions: Vec<String>,
    /// A QOS that all of them take; `None`: the user's own is asked of all.
    pub qos: Option<String>,
}

/// Finds the partitions and the QOS with which one job could wait in all queues.
///
/// # Errors
/// Why there is none.
pub fn everywhere(race: &Plan, offer: &Offer) -> Result<Everywhere, String> {
    let settings: Vec<&Settings> = race.jobs.iter().map(|job| &job.settings).collect();
    let Some(first) = settings.first() else {
        return Err("there is nothing to queue".to_owned());
    };
    for other in &settings {
        if let Some(what) = differ(first, other) {
            return Err(format!("the clusters differ in {what}"));
        }
    }
    let mut partitions: Vec<String> = Vec::new();
    for one in &settings {
        let Some(partition) = &one.partition else {
            return Err("a cluster names no partition".to_owned());
        };
        if !partitions.contains(partition) {
            partitions.push(partition.clone());
        }
    }
    let mut asked: Vec<Option<&String>> = settings.iter().map(|one| one.qos.as_ref()).collect();
    asked.dedup();
    if asked.iter().all(Option::is_none) && offer.all_take_any(&partitions) {
        return Ok(Everywhere {
            partitions,
            qos: None,
        });
    }
    let mut named = asked.into_iter().flatten();
    let is_valid = |qos: &&String| offer.all_take(&partitions, qos);
    match named.find(is_valid).cloned() {
        Some(qos) => Ok(Everywhere {
            partitions,
            qos: Some(qos),
        }),
        None => Err(format!(
            "no QOS of theirs is valid in all of {}",
            partitions.join(", ")
        )),
    }
}

/// Returns in what two clusters differ beyond partition and QOS.
fn differ(one: &Settings, other: &Settings) -> Option<&'static str> {
    let pairs = [
        ("account", one.account != other.account),
        ("GPUs", one.gpus != other.gpus),
        (
            "nodes",
            (one.nodes, one.tasks) != (other.nodes, other.tasks),
        ),
        ("CPUs", one.cpus != other.cpus),
        ("memory", one.memory != other.memory),
        ("time limit", one.time != other.time),
        (
            "container",
            (one.container, &one.image) != (other.container, &other.image),
        ),
        ("run directory", one.runs_dir != other.runs_dir),
    ];
    if let Some((what, _)) = pairs.iter().find(|(_, differs)| *differs) {
        return Some(what);
    }
    let mut same = other.clone();
    same.partition.clone_from(&one.partition);
    same.qos.clone_from(&one.qos);
    same.cluster.clone_from(&one.cluster);
    (same != *one).then_some("what their jobs run")
}
