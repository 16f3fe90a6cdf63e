//! Calls sbatch, and says what came of it.

use std::ffi::OsString;
use std::path::Path;

use crate::error::{Error, code};
use crate::slurm::client::{Client, Clients, Error as ClientError};
use crate::slurm::submit::manifest::{Entry, Manifest};
use crate::slurm::submit::queue::{self, Ended, Refused};
use crate::slurm::submit::Plan;
use crate::ui;

use super::{Args, Work};

/// Slurm, as far as submission speaks to it.
pub(super) struct Slurm {
    pub(super) clients: Clients,
}

impl Slurm {
    /// Has sbatch queue a script that lies in a file.
    fn sbatch(&self, arguments: Vec<OsString>) -> Result<String, Refused> {
        let said = self.clients.capture(Client::Sbatch, arguments, None);
        said.map(|said| said.stdout).map_err(|fault| refused(&fault))
    }
}

fn refused(fault: &ClientError) -> Refused {
    match fault.code() {
        code::UNREACHABLE => Refused::Unreachable(fault.to_string()),
        _ => Refused::No(fault.to_string()),
    }
}

/// Queues some entries of a manifest.
pub(super) fn queue(
    args: &Args,
    manifest: &mut Manifest,
    path: &Path,
    entries: &[usize],
    slurm: &Slurm,
) -> Result<Ended, Error> {
    let mut call = |entry: &Entry| slurm.sbatch(queue::arguments(entry, args.after.as_deref()));
    queue::queue(manifest, path, entries, &mut call).map_err(|source| Error::File {
        path: path.to_owned(),
        source,
    })
}

/// Returns the exit status for how a queueing ended.
pub(super) fn status(ended: &Ended) -> u8 {
    match ended {
        Ended::Whole => code::DONE,
        Ended::At { why: Refused::Unreachable(_), .. } => code::UNREACHABLE,
        Ended::At { why: Refused::No(_), .. } => code::NO,
    }
}

/// Lets Slurm say when the jobs would start.
pub(super) fn try_out(work: &Work<'_>, plan: &Plan, slurm: &Slurm) -> Result<u8, Error> {
    for unit in &plan.units {
        let mut arguments: Vec<OsString> = vec!["--test-only".into()];
        arguments.extend(unit.options.iter().map(OsString::from));
        if let Some(job) = &work.args.after {
            arguments.push(format!("--dependency=afterok:{job}").into());
        }
        let script = unit.script.text.as_bytes();
        let said = slurm.clients.capture(Client::Sbatch, arguments, Some(script))?;
        // sbatch says it on stderr.
        for line in said.stderr.lines().chain(said.stdout.lines()) {
            ui::data(&ui::clean(line.strip_prefix("sbatch: ").unwrap_or(line)))?;
        }
    }
    Ok(code::DONE)
}
