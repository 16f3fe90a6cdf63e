//! Opens a job's output where it was asked for, in slurmstepd's stead.

use std::ffi::CString;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crate::policy::{Action, PathFacts, Presence, Scene, Stage, Target, WriteHow};
use crate::session::Session;
use crate::slurm::query::pattern::Facts;
use crate::slurm::spool::Outputs;
use crate::sys;

/// Whose output it is.
pub(super) enum Of {
    /// The batch script's.
    Script,
    /// One task's of a step, by the names that srun has a node's slurmstepd fill in.
    Task,
}

/// Puts a job's output and errors where they were asked for.
///
/// # Errors
/// Why one cannot be: nothing has been written to it then.
pub(super) fn take(outputs: &Outputs, session: &Session, of: Of) -> Result<(), String> {
    let number = |name: &str| std::env::var(name).ok()?.parse::<u64>().ok();
    let job = number("SLURM_JOB_ID").ok_or("Slurm did not say which job this is")?;
    let node = std::env::var("SLURMD_NODENAME").unwrap_or_default();
    let task = number("SLURM_ARRAY_TASK_ID").and_then(|task| u32::try_from(task).ok());
    let facts = Facts {
        job,
        array: number("SLURM_ARRAY_JOB_ID").unwrap_or(job),
        task,
        node: node.split('.').next().unwrap_or_default(),
        ..Facts::default()
    };
    let facts = match of {
        Of::Script => facts,
        Of::Task => Facts {
            rank: number("SLURM_PROCID").ok_or("Slurm did not say which task this is")?,
            node_index: number("SLURM_NODEID").unwrap_or_default(),
            step: number("SLURM_STEP_ID"),
            ..facts
        },
    };
    let (out, err) = outputs.places(&facts);
    let told =
        |path: &Path, fault: String| format!("the job's output is {}: {fault}", path.display());
    let stdout = open(&out, session).map_err(|fault| told(&out, fault))?;
    let stderr = if err == out {
        stdout
            .try_clone()
            .map_err(|fault| told(&err, fault.to_string()))?
    } else {
        open(&err, session).map_err(|fault| told(&err, fault))?
    };
    sys::spawn::become_output(stdout.as_fd(), stderr.as_fd())
        .map_err(|fault| told(&out, fault.to_string()))
}

/// Judges the file that a name leads to now, and opens that and no other.
fn open(path: &Path, session: &Session) -> Result<OwnedFd, String> {
    let said = |fault: io::Error| fault.to_string();
    if path == Path::new("/dev/null") {
        return File::options()
            .append(true)
            .open(path)
            .map(OwnedFd::from)
            .map_err(said);
    }
    let (real, presence) = match path.canonicalize() {
        Ok(real) => (real, Presence::File),
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => (absent(path)?, Presence::Absent),
        Err(fault) => return Err(fault.to_string()),
    };
    judge(&real, presence, session)?;
    let name = CString::new(real.as_os_str().as_bytes()).map_err(|fault| fault.to_string())?;
    let file =
        sys::regular::open_to_append(&name, 0o666).map_err(|fault| match fault.raw_os_error() {
            Some(code) if code == sys::regular::NOT_REGULAR => "it is no regular file".to_owned(),
            _ => fault.to_string(),
        })?;
    let reached = sys::file::path_of(file.as_fd()).map_err(said)?;
    if reached != real {
        return Err("it was moved while it was opened".to_owned());
    }
    Ok(file)
}

/// Returns the place of a file that is not there yet; a dangling link is none.
fn absent(path: &Path) -> Result<PathBuf, String> {
    if path.symlink_metadata().is_ok() {
        return Err("it is a link that leads nowhere".to_owned());
    }
    let name = path.file_name().ok_or("it names no file")?;
    let parent = path.parent().unwrap_or(Path::new("/"));
    let parent = parent.canonicalize().map_err(|fault| fault.to_string())?;
    Ok(parent.join(name))
}

fn judge(path: &Path, presence: Presence, session: &Session) -> Result<(), String> {
    let target = Target::Path(PathFacts {
        path: path.to_owned(),
        presence,
        born: None,
    });
    let scene = Scene {
        context: &session.context,
        stage: Stage::Kernel,
        actor: None,
    };
    let how = WriteHow::Append;
    let verdict = session.policy.judge(&Action::Write { target, how }, &scene);
    if verdict.is_allowed() {
        Ok(())
    } else {
        Err(format!("{} ({})", verdict.because, verdict.rule))
    }
}
