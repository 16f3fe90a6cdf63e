//! Calls of sbatch: one for each point, or one for many points whose scripts differ in
//! nothing but the arguments.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::job::Host;
use super::plan::{Plan, Request, unique};
use super::problem::Problem;
use super::script::{Script, Serves, render};

/// One call of sbatch.
#[derive(Clone, Debug, Default)]
pub struct Unit {
    /// The points it queues, by place in the plan.
    pub points: Vec<usize>,
    /// The script.
    pub script: Script,
    /// Where the script is kept.
    pub file: PathBuf,
    /// What each node runs, where it is kept.
    pub node_file: PathBuf,
    /// Where the points of an array are listed.
    pub table: Option<PathBuf>,
    /// Where the run directories of its points lie.
    pub runs: PathBuf,
    /// Options beside the script: `--array=0-99%10`.
    pub options: Vec<String>,
    /// What Slurm keeps with the job, so that it is found again.
    pub comment: String,
}

impl Plan {
    /// Writes the scripts, as few as serve all points.
    pub(crate) fn write(&mut self, request: &Request, host: &Host) -> Vec<Problem> {
        let mut problems = Vec::new();
        self.units = Vec::new();
        let least = self
            .base
            .array_min
            .filter(|_| !request.as_ever && self.is_sweep);
        let arrays = match least.and_then(|least| usize::try_from(least).ok()) {
            Some(least) if self.jobs.len() >= least.max(2) => self.alike(host, least.max(2)),
            _ => Vec::new(),
        };
        let mut is_done = vec![false; self.jobs.len()];
        let group = self.group.clone();
        let name = format!("{}{}", self.base.prefix, self.base.experiment);
        for (index, points) in arrays.into_iter().enumerate() {
            let serves = Serves::Array {
                group: &group,
                name: &name,
                number: index + 1,
            };
            for point in &points {
                if let Some(done) = is_done.get_mut(*point) {
                    *done = true;
                }
            }
            self.add(serves, &group, points, host, &mut problems);
        }
        for (point, _) in is_done.iter().enumerate().filter(|(_, done)| !**done) {
            let place = self.jobs.get(point).map(|job| job.directory.clone());
            let place = place.unwrap_or_default();
            self.add(Serves::One, &place, vec![point], host, &mut problems);
        }
        self.units.sort_by_key(|unit| unit.points.first().copied());
        for (index, unit) in self.units.iter_mut().enumerate() {
            unit.comment = format!("hlrp:{}:{index}", self.id);
        }
        unique(problems)
    }

    pub(crate) fn add(
        &mut self,
        serves: Serves<'_>,
        place: &Path,
        points: Vec<usize>,
        host: &Host,
        problems: &mut Vec<Problem>,
    ) {
        let Some(job) = points.first().and_then(|first| self.jobs.get(*first)) else {
            return;
        };
        let script = match render(job, host, serves) {
            Ok(script) => script,
            Err(found) => return problems.extend(found),
        };
        let (stem, table, options) = match serves {
            Serves::One | Serves::Race { .. } => ("script", None, Vec::new()),
            Serves::Array { .. } => {
                let limit = job
                    .settings
                    .array_limit
                    .map_or_else(String::new, |most| format!("%{most}"));
                let last = points.len().saturating_sub(1);
                let table = place.join(serves.file("points", ""));
                (
                    "array",
                    Some(table),
                    vec![format!("--array=0-{last}{limit}")],
                )
            }
        };
        self.units.push(Unit {
            points,
            script,
            file: place.join(serves.file(stem, ".sbatch")),
            node_file: place.join(serves.file("node", ".sh")),
            table,
            runs: job.directory.parent().unwrap_or(place).to_owned(),
            options,
            comment: String::new(),
        });
    }

    /// Finds points that one array can serve: their scripts differ in nothing but themselves.
    fn alike(&self, host: &Host, least: usize) -> Vec<Vec<usize>> {
        let serves = Serves::Array {
            group: &self.group,
            name: "",
            number: 1,
        };
        // By hash: a thousand points that all differ would hold a thousand scripts.
        let mut shapes: BTreeMap<[u8; 32], Vec<usize>> = BTreeMap::new();
        for (index, job) in self.jobs.iter().enumerate() {
            if let Ok(script) = render(job, host, serves) {
                let shape = Sha256::new()
                    .chain_update(script.text)
                    .chain_update(script.node.unwrap_or_default());
                let shape = shape.finalize().into();
                shapes.entry(shape).or_default().push(index);
            }
        }
        let mut groups: Vec<Vec<usize>> = shapes
            .into_values()
            .filter(|all| all.len() >= least)
            .collect();
        groups.sort();
        groups
    }
}
