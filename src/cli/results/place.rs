//! Where the record is: the project, and the directories that hold its runs.

use std::path::{Path, PathBuf};

use crate::cli::project::Project;
use crate::cli::submit::composing::Composing;
use crate::error::Error;
use crate::record::{Record, fate};
use crate::session::Session;
use crate::slurm::client::Clients;
use crate::slurm::submit::Value;
use crate::ui;

/// The primary configuration, as `submit` has it by default.
const PRIMARY: &str = "config";

/// A project and its runs.
pub(in crate::cli) struct Place {
    /// The project; where there is none, the working directory.
    pub(in crate::cli) project: PathBuf,
    runs: Vec<PathBuf>,
}

impl Place {
    /// Finds the runs: those that are named, else where the configuration puts new ones.
    pub(in crate::cli) fn find(session: &Session, named: &[PathBuf]) -> Result<Self, Error> {
        let here = &session.context.cwd;
        let found = Project::find(None, PRIMARY);
        if !named.is_empty() {
            return Ok(Self {
                project: found.map_or_else(|_| here.clone(), |project| project.root),
                runs: named.iter().map(|path| here.join(path)).collect(),
            });
        }
        let project = found?;
        let composing = Composing::new(&project, PRIMARY, session)?;
        let runs = match composing.value("logging.runs_dir", &project.root)? {
            Value::Text(text) => Path::new(&text)
                .parent()
                .map(|runs| project.root.join(runs)),
            _ => None,
        };
        let runs = runs.ok_or_else(|| {
            Error::No("`logging.runs_dir` is no path: name the runs with --runs DIR".to_owned())
        })?;
        Ok(Self {
            project: project.root,
            runs: vec![runs],
        })
    }

    /// Reads the runs.
    pub(in crate::cli) fn record(&self) -> Result<Record, Error> {
        Record::read(&self.runs).map_err(Error::Policy)
    }

    /// Asks Slurm how the jobs are; without it the rows say what the directories know.
    pub(in crate::cli) fn ask(&self, session: &Session, record: &mut Record) -> Result<(), Error> {
        if record.runs.iter().all(|run| run.jobs.is_empty()) {
            return Ok(());
        }
        let roots: Vec<&Path> = session.context.roots.iter().map(PathBuf::as_path).collect();
        let asked = Clients::find(&roots).and_then(|clients| fate::ask(&mut record.runs, &clients));
        match asked {
            Ok(None) => {}
            Ok(Some(said)) => ui::say(&format!(
                "accounting is silent, so that what ended may be unknown: {said}"
            )),
            Err(fault) => ui::say(&format!("Slurm was not asked how the jobs are: {fault}")),
        }
        Ok(())
    }
}
