//! Hands what is planned to Slurm, one call after the other, and remembers each.
//!
//! INVARIANT: between an answer of Slurm and the next call lies a manifest that holds it.

use std::ffi::OsString;
use std::io;
use std::path::Path;

use super::manifest::{Entry, Manifest, Progress};

/// Why a call of sbatch queued nothing.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Refused {
    /// Slurm cannot be reached, or sbatch is missing.
    Unreachable(String),
    /// Slurm does not want it so.
    No(String),
    /// The law does not want it so: the exit status, and what a person is told.
    Denied(u8, String),
}

/// How far a queueing came.
#[derive(Debug)]
pub enum Ended {
    /// Everything that was to be queued is.
    Whole,
    /// One call queued nothing; what comes after it was not tried.
    At {
        /// Which.
        entry: usize,
        /// Why.
        why: Refused,
    },
}

/// Calls sbatch for some entries of a manifest. `call` returns what `--parsable` prints.
///
/// # Errors
///
/// Where the manifest cannot be written: then nothing more is queued.
pub fn queue(
    manifest: &mut Manifest,
    path: &Path,
    entries: &[usize],
    call: &mut dyn FnMut(&Entry) -> Result<String, Refused>,
) -> io::Result<Ended> {
    for index in entries {
        let Some(entry) = manifest.jobs.get_mut(*index) else {
            continue;
        };
        let answer = call(entry).and_then(|said| {
            job_of(&said).ok_or_else(|| {
                Refused::No(format!("sbatch said `{}`, which names no job", said.trim()))
            })
        });
        let (state, ended) = match answer {
            Ok(job) => (Progress::Queued { job }, None),
            Err(why) => {
                // A job may have come to be although no answer arrived.
                let state = match &why {
                    Refused::Unreachable(_) => Progress::Intended,
                    Refused::No(reason) => Progress::Refused {
                        reason: reason.clone(),
                    },
                    Refused::Denied(..) => Progress::Refused {
                        reason: "denied by the policy".to_owned(),
                    },
                };
                (state, Some(why))
            }
        };
        entry.state = state;
        manifest.update(path)?;
        if let Some(why) = ended {
            return Ok(Ended::At { entry: *index, why });
        }
    }
    Ok(Ended::Whole)
}

/// Returns the job that `sbatch --parsable` names: `123`, `123;cluster`.
fn job_of(said: &str) -> Option<String> {
    let line = said.lines().rev().find(|line| !line.trim().is_empty())?;
    let id = line.trim().split(';').next()?;
    let is_id = !id.is_empty() && id.chars().all(|c| c.is_ascii_digit());
    is_id.then(|| id.to_owned())
}

/// Returns the arguments of a call. Logs are added to, so that a requeue empties none.
pub fn arguments(entry: &Entry, after: Option<&str>) -> Vec<OsString> {
    let mut words = vec![
        OsString::from("--parsable"),
        "--open-mode=append".into(),
        format!("--comment={}", entry.comment).into(),
    ];
    words.extend(entry.options.iter().map(OsString::from));
    if let Some(job) = after {
        words.push(format!("--dependency=afterok:{job}").into());
    }
    words.push(entry.script.clone().into_os_string());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_is_read_out_of_what_sbatch_prints() {
        assert_eq!(job_of("123\n"), Some("123".to_owned()));
        assert_eq!(job_of("sbatch: note\n123;lrz\n"), Some("123".to_owned()));
        assert_eq!(job_of("Submitted"), None);
        assert_eq!(job_of(""), None);
    }
}
