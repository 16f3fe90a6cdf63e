//! From what was typed to everything that will be queued, without touching anything.
//!
//! INVARIANT: each point is composed by itself, and no two points share a run directory
//! (but where the reference's faults are asked for).

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::job::{Host, Job, Overrides};
use super::name;
use super::problem::{Kind, Problem, Subject};
use super::settings::{Select, Settings};
use super::sweep::{self, Parameter};
use super::typed::key_of;
use super::unit::Unit;

/// What submission asks of composing: one configuration, for these overrides.
pub struct Composed<'a> {
    /// Looks up a key, resolved.
    pub select: Box<Select<'a>>,
}

/// Why something does not compose.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Refusal {
    /// What is wrong.
    pub what: String,
    /// The way out, where it is known.
    pub instead: Option<String>,
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.what)?;
        match &self.instead {
            Some(instead) => write!(f, "; {instead}"),
            None => Ok(()),
        }
    }
}

/// Composes with overrides.
pub type Compose<'a> = dyn Fn(&[String]) -> Result<Composed<'a>, Refusal> + 'a;
/// Returns the values of an override that is a sweep (`a=1,2`), `None` where it is none.
pub type Expand<'a> = dyn Fn(&str) -> Result<Option<Vec<String>>, Refusal> + 'a;

/// Composing, as submission needs it.
pub struct Composer<'a> {
    /// Composes with overrides.
    pub compose: &'a Compose<'a>,
    /// Tells sweeps from plain overrides.
    pub expand: &'a Expand<'a>,
}

/// What was asked.
#[derive(Clone, Debug)]
pub struct Request {
    /// The overrides as they were typed.
    pub overrides: Vec<String>,
    /// Reproduce the reference's faults 3, 4 and 9.
    pub as_ever: bool,
    /// A name that no other submission has.
    pub id: String,
    /// This moment, as run directories are named by it.
    pub timestamp: String,
    /// Points a sweep may have.
    pub max_points: u64,
}

/// Everything that will be queued.
#[derive(Debug, Default)]
pub struct Plan {
    /// A name that no other submission has.
    pub id: String,
    /// Where the manifest is kept: the run directory, or beside those of a sweep.
    pub group: PathBuf,
    /// Whether there are several points.
    pub is_sweep: bool,
    /// The points.
    pub jobs: Vec<Job>,
    /// What sbatch is called for.
    pub units: Vec<Unit>,
    /// What the base configuration asks for.
    pub base: Settings,
    /// What composes each point, beyond the sweep's own overrides.
    pub fixed: Vec<String>,
}

impl Plan {
    /// Plans a submission, or says everything that stands against it.
    pub fn make(
        request: &Request,
        host: &Host,
        composer: &Composer<'_>,
    ) -> Result<Self, Vec<Problem>> {
        let overrides = Overrides::new(&request.overrides, request.as_ever);
        let (fixed, swept) = part(&overrides, composer)?;
        let mut problems = Vec::new();
        let first: Vec<String> = swept.iter().filter_map(first_of).collect();
        let base = settings(
            composer,
            &[fixed.clone(), first].concat(),
            host,
            &mut problems,
        );
        let Some(base) = base else {
            return Err(problems);
        };
        let mut parameters = sweep::parameters(&base.sweep).map_err(|problem| vec![problem])?;
        parameters.retain(|one| {
            !swept
                .iter()
                .any(|other| key_of(&other.key) == key_of(&one.key))
        });
        parameters.extend(swept);
        if let Some(problem) = too_many(&parameters, request.max_points) {
            return Err(vec![problem]);
        }
        let points = sweep::points(&parameters);
        let is_sweep = points.len() > 1;
        let suffixes = match (is_sweep, request.as_ever) {
            (false, _) => vec![String::new()],
            (true, false) => name::suffixes(&points),
            (true, true) => name::suffixes_as_ever(&points),
        };
        let mut taken = BTreeSet::new();
        let mut jobs = Vec::new();
        for (point, suffix) in points.into_iter().zip(suffixes) {
            let settings = if request.as_ever || point.is_empty() {
                base.clone()
            } else {
                let all = [fixed.clone(), point.clone()].concat();
                match settings(composer, &all, host, &mut problems) {
                    Some(settings) => settings,
                    None => continue,
                }
            };
            let job = Job::place(request, settings, point, suffix, is_sweep);
            let job = if request.as_ever {
                job
            } else {
                job.alone(&mut taken)
            };
            jobs.push(job.with_arguments(&overrides, &fixed, is_sweep));
        }
        let group = match jobs.first() {
            Some(job) if !is_sweep => job.directory.clone(),
            _ => run_directory(request, &base),
        };
        let mut plan = Self {
            id: request.id.clone(),
            group,
            is_sweep,
            jobs,
            units: Vec::new(),
            base,
            fixed,
        };
        for job in &plan.jobs {
            problems.extend(job.faults());
        }
        match plan.jobs.iter().all(|job| job.settings.slurm) {
            true => problems.extend(plan.write(request, host)),
            false if plan.jobs.iter().any(|job| job.settings.slurm) => problems.push(mixed()),
            false => {}
        }
        if problems.is_empty() {
            return Ok(plan);
        }
        Err(unique(problems))
    }

    /// Moves everything to directories that are free, before anything is made.
    pub fn relocate(
        &mut self,
        request: &Request,
        host: &Host,
        moved: &[(PathBuf, PathBuf)],
    ) -> Vec<Problem> {
        let overrides = Overrides::new(&request.overrides, request.as_ever);
        for job in &mut self.jobs {
            if let Some((_, to)) = moved.iter().find(|(from, _)| *from == job.directory) {
                job.directory = to.clone();
                *job = job
                    .clone()
                    .with_arguments(&overrides, &self.fixed, self.is_sweep);
            }
        }
        if let Some((_, to)) = moved.iter().find(|(from, _)| *from == self.group) {
            self.group = to.clone();
        }
        match self.jobs.iter().all(|job| job.settings.slurm) {
            true => self.write(request, host),
            false => Vec::new(),
        }
    }
}

/// Tells sweeps on the command line from plain overrides.
fn part(
    overrides: &Overrides,
    composer: &Composer<'_>,
) -> Result<(Vec<String>, Vec<Parameter>), Vec<Problem>> {
    let (mut fixed, mut swept, mut problems) = (Vec::new(), Vec::new(), Vec::new());
    for one in overrides.composed() {
        match (composer.expand)(one.as_str()) {
            Ok(None) => fixed.push(one.as_str().to_owned()),
            Ok(Some(values)) => {
                let key = one
                    .as_str()
                    .split_once('=')
                    .map_or(one.as_str(), |(key, _)| key);
                swept.push(Parameter {
                    key: key.trim().to_owned(),
                    values,
                });
            }
            Err(reason) => problems.push(Problem::config(Subject::Override(one.as_str().to_owned()), reason.what, reason.instead.unwrap_or_else(|| "`hlrp-sh compose --help` shows the grammar; text with odd characters goes into quotes".to_owned()))),
        }
    }
    match problems.is_empty() {
        true => Ok((fixed, swept)),
        false => Err(problems),
    }
}

fn first_of(parameter: &Parameter) -> Option<String> {
    let value = parameter.values.first()?;
    Some(format!("{}={value}", parameter.key))
}

fn settings(
    composer: &Composer<'_>,
    overrides: &[String],
    host: &Host,
    problems: &mut Vec<Problem>,
) -> Option<Settings> {
    match (composer.compose)(overrides) {
        Ok(composed) => Some(Settings::read(
            &*composed.select,
            &host.project,
            &host.home,
            problems,
        )),
        Err(reason) => {
            problems.push(Problem::config(
                Subject::Submission,
                reason.what,
                reason
                    .instead
                    .unwrap_or_else(|| "`hlrp-sh compose` shows what composes".to_owned()),
            ));
            None
        }
    }
}

pub(crate) fn run_directory(request: &Request, settings: &Settings) -> PathBuf {
    settings.runs_dir.clone().unwrap_or_else(|| {
        let name = format!("{}_{}", request.timestamp, settings.experiment);
        settings.root_dir.join("runs").join(name)
    })
}

fn too_many(parameters: &[Parameter], most: u64) -> Option<Problem> {
    let count = sweep::count(parameters);
    let is_few = count.is_some_and(|count| u64::try_from(count).is_ok_and(|count| count <= most));
    if is_few {
        return None;
    }
    let count = count.map_or_else(
        || "more points than can be counted".to_owned(),
        |count| format!("{count} points"),
    );
    Some(Problem::new(
        Kind::Denied,
        Subject::Key("sweep.params".to_owned()),
        format!("the sweep has {count}, and the policy's `sweep.max_points` is {most}"),
        "sweep fewer values, or several times",
    ))
}

fn mixed() -> Problem {
    Problem::config(
        Subject::Key("cluster.slurm.enabled".to_owned()),
        "some points of the sweep run here, and some under Slurm",
        "sweep them apart",
    )
}

/// Says each thing once, however many points it stands against.
pub(crate) fn unique(problems: Vec<Problem>) -> Vec<Problem> {
    let mut kept: Vec<Problem> = Vec::new();
    for problem in problems {
        if !kept.contains(&problem) {
            kept.push(problem);
        }
    }
    kept
}
