//! What was meant to be queued, and what was: written before the first call of sbatch,
//! and after each.
//!
//! INVARIANT: the file is whole at every instant: a new version takes the name of the old
//! one, and only its own.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::plan::Plan;
use super::unit::Unit;
use crate::sys::regular;

/// The name of the file, in the run directory or beside those of a sweep.
pub const NAME: &str = "manifest.json";
/// Names tried for a file beside it.
const TRIES: u32 = 100;
const SCHEMA: &str = "hlrp.manifest/1";
/// A manifest of ten thousand points is some megabytes.
const LONGEST: u64 = 64 << 20;

/// A submission, and how far it came.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Manifest {
    /// The format.
    pub schema: String,
    /// A name that no other submission has.
    pub id: String,
    /// When it was made, local time.
    pub created: String,
    /// The project.
    pub project: PathBuf,
    /// The experiment.
    pub experiment: String,
    /// What was typed.
    pub overrides: Vec<String>,
    /// The commit of the project, where it is under git.
    pub commit: Option<String>,
    /// The points.
    pub points: Vec<Point>,
    /// The calls of sbatch.
    pub jobs: Vec<Entry>,
    /// The runs on this machine, where there is no Slurm.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub runs: Vec<Run>,
    /// The clusters of a race, one a job: all jobs are for one run then.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub race: Vec<String>,
}

/// One run on this machine.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Run {
    /// Its run directory.
    pub directory: PathBuf,
    /// The script.
    pub script: PathBuf,
    /// Its exit status; `None`: it has not ended, or nobody saw it end.
    pub status: Option<u8>,
    /// Whether it was started.
    pub is_begun: bool,
    /// Seconds that it took, where somebody saw it end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds: Option<u64>,
}

/// One point.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Point {
    /// Its run directory.
    pub directory: PathBuf,
    /// Its name in the queue, where it is queued by itself.
    pub name: String,
    /// The sweep's own overrides.
    pub overrides: Vec<String>,
}

/// One call of sbatch.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Entry {
    /// The points it queues, by place.
    pub points: Vec<usize>,
    /// The script.
    pub script: PathBuf,
    /// Options beside the script.
    pub options: Vec<String>,
    /// The name in the queue.
    pub name: String,
    /// What Slurm keeps with the job.
    pub comment: String,
    /// Where an array finds the run directories of its points.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tasks: Option<Tasks>,
    /// How far it is.
    pub state: Progress,
    /// Earlier jobs for the same points.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub earlier: Vec<String>,
}

/// The run directories of an array's points.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Tasks {
    /// The list of their names.
    pub list: PathBuf,
    /// Where they lie.
    pub directory: PathBuf,
}

/// How far a call of sbatch is.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "is")]
pub enum Progress {
    /// To be called; whether it was, only Slurm knows until it has answered.
    Intended,
    /// In the queue, under this id.
    Queued {
        /// The job.
        job: String,
    },
    /// Not taken by Slurm, with its reason.
    Refused {
        /// The reason.
        reason: String,
    },
}

impl Manifest {
    /// Returns the manifest of a plan of which nothing has happened yet.
    pub fn new(plan: &Plan, project: &Path, overrides: &[String], created: &str) -> Self {
        let points = plan.jobs.iter().map(|job| Point {
            directory: job.directory.clone(),
            name: job.name.clone(),
            overrides: job.point.clone(),
        });
        let jobs = plan.units.iter().map(|unit| {
            let first = unit.points.first().and_then(|first| plan.jobs.get(*first));
            let own = first.map(|job| job.name.clone()).unwrap_or_default();
            let shared = format!("{}{}", plan.base.prefix, plan.base.experiment);
            Entry {
                name: if unit.table.is_some() { shared } else { own },
                ..Entry::of(unit)
            }
        });
        Self {
            overrides: overrides.to_vec(),
            points: points.collect(),
            jobs: jobs.collect(),
            ..Self::of(&plan.id, project, &plan.base.experiment, created)
        }
    }

    /// Returns the manifest of a submission without points.
    pub fn of(id: &str, project: &Path, experiment: &str, created: &str) -> Self {
        Self {
            schema: SCHEMA.to_owned(),
            id: id.to_owned(),
            created: created.to_owned(),
            project: project.to_owned(),
            experiment: experiment.to_owned(),
            overrides: Vec::new(),
            commit: None,
            points: Vec::new(),
            jobs: Vec::new(),
            runs: Vec::new(),
            race: Vec::new(),
        }
    }

    /// Reads a manifest.
    ///
    /// # Errors
    ///
    /// Where it cannot be read, or is none.
    pub fn load(path: &Path) -> io::Result<Self> {
        let text = regular::read(path, LONGEST)?;
        let manifest: Self = serde_json::from_str(&text)?;
        if manifest.schema != SCHEMA {
            let text = format!(
                "its format is `{}`, and must be `{SCHEMA}`",
                manifest.schema
            );
            return Err(io::Error::new(io::ErrorKind::InvalidData, text));
        }
        Ok(manifest)
    }

    /// Writes it for the first time, under a name that nothing has.
    ///
    /// # Errors
    ///
    /// Where the name is taken, or nothing can be written.
    pub fn create(&self, path: &Path) -> io::Result<()> {
        let mut file = File::create_new(path)?;
        file.write_all(self.text()?.as_bytes())?;
        file.sync_all()
    }

    /// Writes it over its own earlier version, whole or not at all.
    ///
    /// # Errors
    ///
    /// Where nothing can be written; the earlier version stands then.
    pub fn update(&self, path: &Path) -> io::Result<()> {
        let (beside, mut file) = fresh_beside(path)?;
        file.write_all(self.text()?.as_bytes())?;
        file.sync_data()?;
        fs::rename(&beside, path)
    }

    fn text(&self) -> io::Result<String> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }
}

/// Makes a file of a name that nobody could have taken beforehand: what is there, a link above all, is not followed.
fn fresh_beside(path: &Path) -> io::Result<(PathBuf, File)> {
    let mut last = io::Error::from(io::ErrorKind::AlreadyExists);
    for _ in 0..TRIES {
        let now = crate::sys::clock::fine();
        let beside = path.with_file_name(format!(
            ".{NAME}.{}-{}-{:09}",
            std::process::id(),
            now.seconds,
            now.nanoseconds
        ));
        match File::create_new(&beside) {
            Ok(file) => return Ok((beside, file)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => last = error,
            Err(error) => return Err(error),
        }
    }
    Err(last)
}

impl Entry {
    /// Returns the entry of a call that was not made yet.
    pub fn of(unit: &Unit) -> Self {
        Self {
            points: unit.points.clone(),
            script: unit.file.clone(),
            options: unit.options.clone(),
            name: String::new(),
            comment: unit.comment.clone(),
            tasks: unit.table.clone().map(|list| Tasks {
                list,
                directory: unit.runs.clone(),
            }),
            state: Progress::Intended,
            earlier: Vec::new(),
        }
    }

    /// Returns the job, where Slurm has one for it.
    pub fn job(&self) -> Option<&str> {
        match &self.state {
            Progress::Queued { job } => Some(job),
            Progress::Intended | Progress::Refused { .. } => None,
        }
    }

    /// Returns whether it is a job array.
    pub fn is_array(&self) -> bool {
        self.options
            .iter()
            .any(|option| option.starts_with("--array="))
    }
}
