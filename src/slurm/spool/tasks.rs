//! Which run directory each task of an array has: a list of names, one a line, that stands
//! beside the script, as the script itself reads it.
//!
//! INVARIANT: a list counts only as it was when the job was submitted: the facts for the
//! guard bind its hash, and a directory is a name in it, never a path.

use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Component, Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::spec::sha256;

/// Bytes of a list; sixteen thousand names of the longest kind.
const LONGEST: u64 = 4 << 20;

/// The list of an array's run directories, as it was at submission.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Tasks {
    /// Where it is.
    pub list: PathBuf,
    /// Its hash.
    pub sha256: String,
}

/// Why a task has no run directory of its own.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NoTask {
    /// The list cannot be read.
    #[error("the list of the array's run directories, `{0}`, cannot be read: {1}")]
    Unreadable(PathBuf, #[source] io::Error),
    /// The list is another one now.
    #[error(
        "the list of the array's run directories, `{0}`, was changed after the job was submitted"
    )]
    Changed(PathBuf),
    /// The list has no such line, or none that is a name.
    #[error("the list of the array's run directories, `{0}`, names none for task {1}")]
    Missing(PathBuf, String),
}

impl Tasks {
    /// Takes a list as it is now.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn of(list: &Path) -> io::Result<Self> {
        Ok(Self {
            sha256: sha256(&read(list)?),
            list: list.to_owned(),
        })
    }

    /// Returns the name of a task's run directory.
    ///
    /// # Errors
    /// Where the list is not the one that was submitted, or does not have the task.
    pub fn name(&self, task: &str) -> Result<String, NoTask> {
        let bytes =
            read(&self.list).map_err(|fault| NoTask::Unreadable(self.list.clone(), fault))?;
        if sha256(&bytes) != self.sha256 {
            return Err(NoTask::Changed(self.list.clone()));
        }
        let text = String::from_utf8_lossy(&bytes);
        let number = task.parse::<usize>().ok();
        let name = number.and_then(|number| text.lines().nth(number));
        name.filter(|name| is_name(name))
            .map(str::to_owned)
            .ok_or_else(|| NoTask::Missing(self.list.clone(), task.to_owned()))
    }
}

/// Whether a word is the name of one directory in another.
fn is_name(word: &str) -> bool {
    let mut parts = Path::new(word).components();
    matches!(
        (parts.next(), parts.next()),
        (Some(Component::Normal(part)), None) if part == word
    )
}

fn read(list: &Path) -> io::Result<Vec<u8>> {
    // What was put in its place must neither lead elsewhere nor keep us waiting.
    let flags = nix::libc::O_NOFOLLOW | nix::libc::O_NONBLOCK;
    let file: File = OpenOptions::new()
        .read(true)
        .custom_flags(flags)
        .open(list)?;
    let found = file.metadata()?;
    if !found.is_file() || found.len() > LONGEST {
        return Err(io::Error::from(io::ErrorKind::InvalidData));
    }
    let mut bytes = Vec::new();
    file.take(LONGEST).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_has_the_directory_that_stood_in_the_list_when_it_was_submitted() {
        let place = tempfile::tempdir().unwrap();
        let list = place.path().join("points");
        std::fs::write(&list, "run_a\nrun_b\n../run_c\n\n/dss\nrun_d/\n").unwrap();
        let tasks = Tasks::of(&list).unwrap();
        assert_eq!(tasks.name("0").unwrap(), "run_a");
        assert_eq!(tasks.name("1").unwrap(), "run_b");
        for none in ["2", "3", "4", "5", "6", "-1", "", "x"] {
            assert!(
                matches!(tasks.name(none), Err(NoTask::Missing(..))),
                "{none}"
            );
        }
        std::fs::write(&list, "run_b\nrun_a\n").unwrap();
        assert!(matches!(tasks.name("0"), Err(NoTask::Changed(_))));
        std::fs::remove_file(&list).unwrap();
        assert!(matches!(tasks.name("0"), Err(NoTask::Unreadable(..))));
        std::os::unix::fs::symlink("/etc/passwd", &list).unwrap();
        assert!(Tasks::of(&list).is_err());
    }
}
