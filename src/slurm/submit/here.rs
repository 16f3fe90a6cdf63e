//! Where a run belongs: on this machine where that is enough, else in the queue, or on the cluster.

use serde::Serialize;

use super::settings::Settings;
use crate::policy::HostClass;
use crate::session::Equipment;

/// The rule, as it is told to people.
pub const RULE: &str = "a run stays on a workstation that has the GPUs and the memory it asks for; otherwise it is \
                        submitted, or taken to the cluster";

/// Where a run belongs.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Belongs {
    /// On this machine.
    Here,
    /// In the queue of this cluster.
    Queue,
    /// On a cluster, and this machine is none.
    Cluster,
}

/// Where a run belongs, and why.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Choice {
    /// Where.
    pub place: Belongs,
    /// Why, and what to type where the configuration says otherwise.
    pub because: String,
}

impl Choice {
    /// Chooses for a run.
    pub fn of(class: HostClass, has: &Equipment, wants: &Settings) -> Self {
        let wanted = wanted(wants);
        let choice = |place, because: String| Self { place, because };
        match class {
            HostClass::Login if wants.slurm => choice(
                Belongs::Queue,
                format!("{wanted} wanted, and a login node computes nothing: it is queued"),
            ),
            HostClass::Login => choice(
                Belongs::Queue,
                format!(
                    "{wanted} wanted, and a login node computes nothing: name a cluster, cluster=NAME"
                ),
            ),
            HostClass::Compute if wants.slurm => choice(
                Belongs::Queue,
                format!("{wanted} wanted, and the configuration names a queue: it is queued"),
            ),
            HostClass::Compute => choice(
                Belongs::Here,
                format!("{wanted} wanted; this is an allocation already: it runs here"),
            ),
            // A machine with Slurm is none of these.
            HostClass::Workstation => match lack(has, wants) {
                None if wants.slurm => choice(
                    Belongs::Here,
                    format!(
                        "{wanted} wanted, and this machine has {}: a cluster=NAME without Slurm runs it here",
                        had(has)
                    ),
                ),
                None => choice(
                    Belongs::Here,
                    format!(
                        "{wanted} wanted, and this machine has {}: it runs here",
                        had(has)
                    ),
                ),
                Some(lack) => choice(
                    Belongs::Cluster,
                    format!("{lack}, and there is no Slurm: submit it on the cluster"),
                ),
            },
        }
    }
}

fn wanted(wants: &Settings) -> String {
    let nodes = wants.nodes.unwrap_or(1).max(1);
    let gpus = plural(wants.gpus.saturating_mul(nodes), "GPU");
    match gigabytes(wants) {
        Some(memory) => format!("{gpus} and {memory} GB are"),
        None if wants.gpus <= 1 && nodes == 1 => format!("{gpus} is"),
        None => format!("{gpus} are"),
    }
}

fn had(has: &Equipment) -> String {
    let memory = has.memory >> 30;
    match has.gpus.first() {
        Some(first) => format!(
            "{} ({}) and {memory} GB",
            plural(u64::try_from(has.gpus.len()).unwrap_or(0), "GPU"),
            first.model
        ),
        None => format!("no GPU and {memory} GB"),
    }
}

/// Returns what this machine lacks for a run.
fn lack(has: &Equipment, wants: &Settings) -> Option<String> {
    let gpus = u64::try_from(has.gpus.len()).unwrap_or(0);
    let is_short = wants.gpus > gpus
        || wants.nodes.is_some_and(|nodes| nodes > 1)
        || gigabytes(wants).is_some_and(|memory| memory > has.memory >> 30);
    is_short.then(|| {
        format!(
            "{} wanted, and this machine has {}",
            wanted(wants),
            had(has)
        )
    })
}

/// Returns the memory a run asks for, in GB, where it says so in a way that Slurm reads.
fn gigabytes(wants: &Settings) -> Option<u64> {
    let text = wants.memory.as_deref()?;
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let number: u64 = digits.parse().ok().filter(|number| *number > 0)?;
    match text.strip_prefix(digits)?.chars().next() {
        Some('T' | 't') => number.checked_mul(1024),
        Some('G' | 'g') => Some(number),
        Some('K' | 'k') => Some(number >> 20),
        Some('M' | 'm') | None => Some(number >> 10),
        Some(_) => None,
    }
}

fn plural(count: u64, what: &str) -> String {
    match count {
        0 => format!("no {what}"),
        1 => format!("1 {what}"),
        _ => format!("{count} {what}s"),
    }
}
