//! What the cluster has: partitions (`sinfo`, `scontrol show partition`), and what accounting
//! lets a user have (`sacctmgr`).

use serde::Serialize;

use super::id::digits;
use super::job::said;
use super::time::Limit;

/// The fields to ask `sinfo -h -a -o` for.
pub const SINFO: &str = "%R|%a|%l|%D|%T|%c|%m|%G|%N";

/// Nodes of one partition that are alike, as `sinfo` says.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Nodes {
    /// The partition.
    pub partition: String,
    /// Whether the partition takes jobs.
    pub is_up: bool,
    /// How long a job may take there.
    pub limit: Limit,
    /// How many nodes.
    pub count: u32,
    /// What they are doing: `idle`, `mixed`, `drained`; without the mark of nodes that do not answer.
    pub state: String,
    /// They do not answer.
    pub is_silent: bool,
    /// Cores of each, at least.
    pub cores: Option<u64>,
    /// Memory of each in MiB, at least.
    pub memory: Option<u64>,
    /// What else each has: `gpu:4`.
    pub resources: Vec<String>,
    /// Which nodes.
    pub names: String,
}

/// Reads `sinfo`'s records; lines that make no sense are left out.
pub fn sinfo(text: &str) -> Vec<Nodes> {
    text.lines().filter_map(nodes).collect()
}

fn nodes(line: &str) -> Option<Nodes> {
    let mut fields = line.split('|');
    let mut next = || fields.next();
    let partition = next()?.trim_end_matches('*').to_owned();
    let is_up = next()? == "up";
    let limit = Limit::read(&next()?.replace("infinite", "UNLIMITED"));
    let count = digits(next()?)?;
    let state = next()?;
    Some(Nodes {
        partition,
        is_up,
        limit,
        count,
        is_silent: state.contains('*'),
        state: state
            .trim_end_matches(|c: char| !c.is_alphanumeric())
            .to_owned(),
        cores: digits(next()?.trim_end_matches('+')),
        memory: digits(next()?.trim_end_matches('+')),
        resources: said(next()?).map_or_else(Vec::new, items),
        names: next()?.to_owned(),
    })
}

/// Splits a list at commas that stand in no parentheses: `gpu:h100:4(S:0-1,3),nvme`.
fn items(text: &str) -> Vec<String> {
    let mut depth = 0_i32;
    let parts = text.split(|c: char| {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth -= 1,
            _ => {}
        }
        c == ',' && depth == 0
    });
    parts
        .filter(|part| !part.is_empty())
        .map(str::to_owned)
        .collect()
}

/// A partition, as the controller says.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Partition {
    /// Its name.
    pub name: String,
    /// The longest that a job may take.
    pub max_time: Limit,
    /// What a job gets that does not say.
    pub default_time: Limit,
    /// The qualities of service that may use it; `None` is all.
    pub qos: Option<Vec<String>>,
    /// The accounts that may use it; `None` is all.
    pub accounts: Option<Vec<String>>,
    /// Qualities of service that may not use it.
    pub denied_qos: Vec<String>,
    /// Whether it is the one that a job gets that does not say.
    pub is_default: bool,
    /// Whether it takes jobs.
    pub is_up: bool,
    /// How many nodes it has.
    pub nodes: Option<u32>,
    /// The most nodes that a job may have.
    pub max_nodes: Option<u32>,
    /// Its resources in all: `cpu=96,mem=700000M,gres/gpu=4`.
    pub resources: String,
}

/// Reads `scontrol -o show partition`.
pub fn partitions(text: &str) -> Vec<Partition> {
    text.lines().filter_map(partition).collect()
}

fn partition(line: &str) -> Option<Partition> {
    let of = |key: &str| {
        line.split_whitespace()
            .find_map(|word| word.strip_prefix(key)?.strip_prefix('='))
            .and_then(said)
    };
    let list = |key| {
        let text = of(key).filter(|text| *text != "ALL")?;
        Some(text.split(',').map(str::to_owned).collect::<Vec<String>>())
    };
    let limit = |key| match of(key) {
        Some("NONE") | None => Limit::Unknown,
        Some(text) => Limit::read(text),
    };
    Some(Partition {
        name: line
            .strip_prefix("PartitionName=")?
            .split(' ')
            .next()?
            .to_owned(),
        max_time: limit("MaxTime"),
        default_time: limit("DefaultTime"),
        qos: list("AllowQos"),
        accounts: list("AllowAccounts"),
        denied_qos: list("DenyQos").unwrap_or_default(),
        is_default: of("Default") == Some("YES"),
        is_up: of("State") == Some("UP"),
        nodes: of("TotalNodes").and_then(digits),
        max_nodes: of("MaxNodes").and_then(digits),
        resources: of("TRES").unwrap_or_default().to_owned(),
    })
}

/// The fields to ask `sacctmgr -nP show qos` for.
pub const QOS: &str = "format=Name,MaxWall,MaxSubmitPU,MaxJobsPU";

/// A quality of service.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Qos {
    /// Its name.
    pub name: String,
    /// The longest that a job may take.
    pub max_time: Limit,
    /// The most jobs that a user may have queued.
    pub max_submitted: Option<u64>,
    /// The most jobs that a user may have running.
    pub max_running: Option<u64>,
}

/// Reads `sacctmgr -nP show qos`.
pub fn qos(text: &str) -> Vec<Qos> {
    let read = |line: &str| {
        let mut fields = line.split('|');
        let name = fields.next().filter(|name| !name.is_empty())?.to_owned();
        Some(Qos {
            name,
            max_time: Limit::read(fields.next()?),
            max_submitted: digits(fields.next()?),
            max_running: digits(fields.next()?),
        })
    };
    text.lines().filter_map(read).collect()
}

/// The fields to ask `sacctmgr -nP show assoc user=…` for.
pub const ASSOCIATION: &str = "format=Account,User,Partition,QOS,DefaultQOS";

/// What a user may have, under one account.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Association {
    /// The account.
    pub account: String,
    /// The user; empty for the account itself.
    pub user: String,
    /// The partition that this is about; empty for all.
    pub partition: String,
    /// The qualities of service that may be asked for.
    pub qos: Vec<String>,
    /// The one that a job gets that does not say.
    pub default_qos: Option<String>,
}

/// Reads `sacctmgr -nP show assoc`.
pub fn associations(text: &str) -> Vec<Association> {
    let read = |line: &str| {
        let mut fields = line.split('|');
        let mut next = || fields.next().map(str::to_owned);
        Some(Association {
            account: next()?,
            user: next()?,
            partition: next()?,
            qos: next()?
                .split(',')
                .filter(|name| !name.is_empty())
                .map(str::to_owned)
                .collect(),
            default_qos: next()?.split(',').next().and_then(said).map(str::to_owned),
        })
    };
    text.lines().filter_map(read).collect()
}
