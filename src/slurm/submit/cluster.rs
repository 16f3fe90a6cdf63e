//! What Slurm itself says about partitions, QOS, accounts and limits, held against what a
//! submission asks for.
//!
//! INVARIANT: what Slurm does not answer is not held against anybody: sbatch has the last
//! word, and says it.

use std::collections::BTreeSet;

use super::job::Job;
use super::limit::minutes;
use super::problem::{Kind, Problem, Subject};

/// What Slurm offers.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Offer {
    /// The partitions.
    pub partitions: Vec<Partition>,
    /// What the user belongs to; empty where there is no accounting.
    pub associations: Vec<Association>,
}

/// A partition.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Partition {
    /// Its name.
    pub name: String,
    /// The longest job, in minutes; `None` without end.
    pub minutes: Option<u64>,
    /// The QOS it takes; `None`: any.
    pub qos: Option<Vec<String>>,
    /// The QOS it does not take.
    pub denied: Vec<String>,
    /// The accounts it takes; `None`: any.
    pub accounts: Option<Vec<String>>,
    /// The nodes one job may have; `None`: any number.
    pub nodes: Option<u64>,
    /// Whether it takes jobs now.
    pub is_up: bool,
}

/// An account that the user may charge, and the QOS there.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Association {
    /// The account.
    pub account: String,
    /// The partition it is for; empty: any.
    pub partition: String,
    /// The QOS.
    pub qos: Vec<String>,
}

/// Reads `scontrol -o show partition`.
pub fn partitions(text: &str) -> Vec<Partition> {
    text.lines().filter_map(partition).collect()
}

fn partition(line: &str) -> Option<Partition> {
    let value = |key: &str| {
        line.split_whitespace()
            .find_map(|word| word.strip_prefix(key)?.strip_prefix('='))
    };
    let list = |key: &str| match value(key) {
        None | Some("ALL" | "N/A" | "(null)") => None,
        Some(names) => Some(names.split(',').map(str::to_owned).collect::<Vec<_>>()),
    };
    Some(Partition {
        name: value("PartitionName")?.to_owned(),
        minutes: value("MaxTime")
            .and_then(minutes)
            .filter(|most| *most != u64::MAX),
        qos: list("AllowQos"),
        denied: list("DenyQos").unwrap_or_default(),
        accounts: list("AllowAccounts"),
        nodes: value("MaxNodes").and_then(|most| most.parse().ok()),
        is_up: value("State").is_none_or(|state| state == "UP"),
    })
}

/// Reads `sacctmgr -nP show assoc user=… format=Account,Partition,QOS`.
pub fn associations(text: &str) -> Vec<Association> {
    let rows = text.lines().filter_map(|row| {
        let mut fields = row.split('|');
        let (account, partition, qos) = (fields.next()?, fields.next()?, fields.next()?);
        Some(Association {
            account: account.to_owned(),
            partition: partition.to_owned(),
            qos: qos
                .split(',')
                .filter(|name| !name.is_empty())
                .map(str::to_owned)
                .collect(),
        })
    });
    rows.collect()
}

/// Holds what the points ask for against what there is.
pub fn judge(offer: &Offer, jobs: &[Job]) -> Vec<Problem> {
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for job in jobs {
        let settings = &job.settings;
        let (partition, qos, account) = (&settings.partition, &settings.qos, &settings.account);
        if seen.insert((partition, qos, account, &settings.time, settings.nodes)) {
            found.extend(one(offer, job));
        }
    }
    super::plan::unique(found)
}

fn one(offer: &Offer, job: &Job) -> Vec<Problem> {
    let settings = &job.settings;
    let mut found = Vec::new();
    let mut asked: Vec<&Partition> = Vec::new();
    let names = settings.partition.as_deref().unwrap_or_default();
    for name in names.split(',').filter(|name| !name.is_empty()) {
        match offer.partitions.iter().find(|one| one.name == name) {
            Some(one) => asked.push(one),
            None if offer.partitions.is_empty() => {}
            None => found.push(unknown_partition(offer, name)),
        }
    }
    if !found.is_empty() || asked.is_empty() {
        found.extend(belongs(offer, job));
        return found;
    }
    if asked.iter().all(|one| !one.is_up) {
        found.push(problem(
            "cluster.slurm.partition",
            format!("`{names}` takes no jobs now"),
            "`sinfo` shows which partitions are up",
        ));
    }
    if let Some(qos) = &settings.qos
        && !asked.iter().any(|one| one.takes(qos))
    {
        let taken: Vec<String> = asked
            .iter()
            .flat_map(|one| one.qos.clone().unwrap_or_default())
            .collect();
        let what = format!("`{names}` does not take the QOS `{qos}`");
        found.push(problem(
            "cluster.slurm.qos",
            what,
            &format!("it takes {}", words(&taken)),
        ));
    }
    let wanted = settings.time.as_deref().and_then(minutes).unwrap_or(0);
    let longest = asked
        .iter()
        .map(|one| one.minutes.unwrap_or(u64::MAX))
        .max()
        .unwrap_or(u64::MAX);
    if wanted > longest {
        let time = settings.time.as_deref().unwrap_or_default();
        let what = format!("the time limit {time} is longer than `{names}` allows");
        let most = format!(
            "at most {}-{:02}:{:02}:00",
            longest / 1440,
            longest / 60 % 24,
            longest % 60
        );
        found.push(problem("cluster.compute.time_limit", what, &most));
    }
    let nodes = settings.nodes.unwrap_or(1);
    if asked
        .iter()
        .all(|one| one.nodes.is_some_and(|most| nodes > most))
    {
        let what = format!("{nodes} nodes are more than `{names}` gives one job");
        found.push(problem(
            "cluster.compute.num_nodes",
            what,
            "`scontrol show partition` shows MaxNodes",
        ));
    }
    found.extend(belongs(offer, job));
    found
}

impl Offer {
    /// Returns whether the user may use a QOS, and all these partitions take it.
    pub fn all_take(&self, partitions: &[String], qos: &str) -> bool {
        let mut own = self.associations.iter().flat_map(|one| &one.qos).peekable();
        let is_own = own.peek().is_none() || own.any(|name| name == qos);
        let takes = |name: &String| {
            let mut found = self.partitions.iter().filter(|one| one.name == *name);
            found.next().is_some_and(|one| one.takes(qos))
        };
        is_own && partitions.iter().all(takes)
    }

    /// Returns whether all these partitions take any QOS, a user's default above all.
    pub fn all_take_any(&self, partitions: &[String]) -> bool {
        let takes = |name: &String| {
            let mut found = self.partitions.iter().filter(|one| one.name == *name);
            found
                .next()
                .is_some_and(|one| one.qos.is_none() && one.denied.is_empty())
        };
        partitions.iter().all(takes)
    }
}

impl Partition {
    fn takes(&self, qos: &str) -> bool {
        let is_named = |names: &Vec<String>| names.iter().any(|name| name == qos);
        self.qos.as_ref().is_none_or(is_named) && !is_named(&self.denied)
    }
}

/// Checks account and QOS against what the user belongs to.
fn belongs(offer: &Offer, job: &Job) -> Vec<Problem> {
    let all = &offer.associations;
    let settings = &job.settings;
    let mut found = Vec::new();
    if all.is_empty() {
        return found;
    }
    if let Some(account) = &settings.account
        && !all
            .iter()
            .any(|one| one.account.eq_ignore_ascii_case(account))
    {
        let own: Vec<String> = all.iter().map(|one| one.account.clone()).collect();
        let what = format!("you may not charge the account `{account}`");
        found.push(problem(
            "cluster.slurm.account",
            what,
            &format!("yours: {}", words(&own)),
        ));
    }
    let own: Vec<String> = all.iter().flat_map(|one| one.qos.clone()).collect();
    if let Some(qos) = &settings.qos
        && !own.is_empty()
        && !own.contains(qos)
    {
        let what = format!("you may not use the QOS `{qos}`");
        found.push(problem(
            "cluster.slurm.qos",
            what,
            &format!("yours: {}", words(&own)),
        ));
    }
    found
}

fn unknown_partition(offer: &Offer, name: &str) -> Problem {
    let all: Vec<String> = offer
        .partitions
        .iter()
        .map(|one| one.name.clone())
        .collect();
    problem(
        "cluster.slurm.partition",
        format!("Slurm has no partition `{name}`"),
        &format!("it has {}", words(&all)),
    )
}

fn words(names: &[String]) -> String {
    let unique: BTreeSet<&String> = names.iter().collect();
    let words: Vec<String> = unique.iter().map(|name| format!("`{name}`")).collect();
    match words.is_empty() {
        true => "none".to_owned(),
        false => words.join(", "),
    }
}

fn problem(key: &str, what: String, instead: &str) -> Problem {
    Problem::new(Kind::Config, Subject::Key(key.to_owned()), what, instead)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::slurm::submit::settings::Settings;

    const PARTITIONS: &str = "PartitionName=gpu AllowGroups=ALL AllowAccounts=ALL AllowQos=normal,mcml MaxNodes=UNLIMITED MaxTime=2-00:00:00 State=UP\n\
        PartitionName=cpu AllowQos=ALL DenyQos=mcml MaxTime=UNLIMITED MaxNodes=2 State=UP\n";

    fn found(partition: &str, qos: Option<&str>, time: &str, nodes: u64) -> Vec<String> {
        let offer = Offer {
            partitions: partitions(PARTITIONS),
            associations: associations("root||normal,mcml\n"),
        };
        let job = Job {
            settings: Settings {
                partition: Some(partition.to_owned()),
                qos: qos.map(str::to_owned),
                time: Some(time.to_owned()),
                nodes: Some(nodes),
                ..Settings::default()
            },
            ..Job::default()
        };
        judge(&offer, &[job])
            .into_iter()
            .map(|one| one.what)
            .collect()
    }

    #[test]
    fn what_slurm_has_is_let_pass() {
        assert!(found("gpu", Some("mcml"), "2-00:00:00", 8).is_empty());
        assert!(found("gpu,cpu", Some("mcml"), "2-00:00:00", 8).is_empty());
    }

    #[test]
    fn what_slurm_does_not_have_is_told() {
        assert_eq!(
            found("gpux", None, "1:00:00", 1),
            ["Slurm has no partition `gpux`"]
        );
        assert_eq!(
            found("cpu", Some("mcml"), "1:00:00", 1),
            ["`cpu` does not take the QOS `mcml`"]
        );
        assert_eq!(found("gpu", Some("hero"), "1:00:00", 1).len(), 2);
        assert_eq!(
            found("gpu", None, "3-00:00:00", 1),
            ["the time limit 3-00:00:00 is longer than `gpu` allows"]
        );
        assert_eq!(
            found("cpu", None, "3-00:00:00", 3),
            ["3 nodes are more than `cpu` gives one job"]
        );
    }
}
