//! Where a job's output belongs, and the file that Slurm itself opens in its place.
//!
//! INVARIANT: slurmstepd opens an output by name and writes to it before any guard stands, so the name it gets lies
//! where no session can write. The names that were asked for go with the script; `__job` judges and opens them.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::spec::sha256;
use crate::slurm::query::pattern::{self, Facts};

/// Below the state directory: what slurmstepd itself says of jobs, and where their output is.
const JOBS: &str = "jobs";
/// Digits of a hash that tell one wish from another.
const DIGITS: usize = 16;

/// Where a job's output is to go, as it was asked for: patterns are still in it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Outputs {
    /// Where relative names begin.
    pub directory: PathBuf,
    /// The job's name.
    pub name: String,
    /// The user's name.
    pub user: String,
    /// The output.
    pub stdout: String,
    /// The errors, where they have a file of their own.
    pub stderr: Option<String>,
}

/// Returns whether a file is one that Slurm is given by a session with this state directory.
pub fn is_log(state: &Path, path: &Path) -> bool {
    path.parent() == Some(&state.join(JOBS))
}

impl Outputs {
    /// Returns the name of the file that Slurm is given.
    ///
    /// # Errors
    /// Where Slurm would read the state directory's name as something else.
    pub fn log(&self, state: &Path) -> Result<String, String> {
        let jobs = state.join(JOBS);
        let text = jobs.to_str().filter(|text| !text.contains(['%', '\\']));
        let text = text.ok_or_else(|| format!("Slurm cannot write below {}", jobs.display()))?;
        Ok(format!("{text}/{}-%j.log", self.token()))
    }

    /// Puts down where the output is to be found, for those who ask later, and makes the place for the log.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn put_down(&self, state: &Path) -> std::io::Result<()> {
        use std::io::Write;
        use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
        let jobs = state.join(JOBS);
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true).mode(0o700).create(&jobs)?;
        let path = jobs.join(format!("{}.json", self.token()));
        let mut options = std::fs::OpenOptions::new();
        match options.write(true).create_new(true).mode(0o600).open(path) {
            Ok(mut file) => file.write_all(self.text().as_bytes()),
            Err(fault) if fault.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
            Err(fault) => Err(fault),
        }
    }

    /// Returns what was put down for the file that Slurm says it writes to.
    pub fn of_log(log: &Path) -> Option<Self> {
        let name = log.file_name()?.to_str()?;
        let token = name.strip_suffix(".log")?.split('-').next()?;
        let is_token = token.len() == DIGITS && token.bytes().all(|byte| byte.is_ascii_hexdigit());
        let jobs = log.parent().filter(|jobs| jobs.ends_with(JOBS))?;
        let path = is_token.then(|| jobs.join(format!("{token}.json")))?;
        let found: Self = serde_json::from_str(&std::fs::read_to_string(path).ok()?).ok()?;
        (found.token() == token).then_some(found)
    }

    /// Returns where the output and the errors of a job go.
    pub fn places(&self, facts: &Facts<'_>) -> (PathBuf, PathBuf) {
        let facts = Facts {
            name: &self.name,
            user: &self.user,
            ..facts.clone()
        };
        let place = |pattern: &str| pattern::place(&self.directory, pattern, &facts);
        let stdout = place(&self.stdout);
        let stderr = self.stderr.as_deref().map(place);
        (stdout.clone(), stderr.unwrap_or(stdout))
    }

    fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    fn token(&self) -> String {
        sha256(self.text().as_bytes())
            .chars()
            .take(DIGITS)
            .collect()
    }
}
