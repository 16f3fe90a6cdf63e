//! Which state of the project a run was made from.

use std::ffi::OsStr;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};

/// The commit, and what was changed and not committed.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct State {
    /// The commit.
    pub commit: String,
    /// Changes to what git knows, as a patch, cut where it is too large.
    pub diff: String,
    /// Whether the patch was cut.
    pub is_cut: bool,
    /// Names that differ or that git does not know, as `git status` shows them.
    pub status: String,
}

impl State {
    /// Asks git; `None` where the project is no repository, or there is no git. Reads, and
    /// writes nothing, not even git's own index.
    pub fn of(project: &Path, limit: u64) -> Option<Self> {
        let (commit, _) = ask(project, ["rev-parse", "HEAD"], 128)?;
        let (status, _) = ask(project, ["status", "--porcelain=v1"], limit)?;
        let (diff, is_cut) = if status.is_empty() {
            (String::new(), false)
        } else {
            ask(
                project,
                [
                    "diff",
                    "HEAD",
                    "--no-ext-diff",
                    "--no-textconv",
                    "--no-color",
                ],
                limit,
            )?
        };
        Some(Self {
            commit: commit.trim().to_owned(),
            diff,
            is_cut,
            status,
        })
    }
}

/// Returns what git says, up to a limit of bytes, and whether there was more.
fn ask<const N: usize>(project: &Path, arguments: [&str; N], limit: u64) -> Option<(String, bool)> {
    let mut child = Command::new("git")
        // A project's own configuration may name programs to run; none is.
        .args([
            "-c",
            "core.fsmonitor=false",
            "-c",
            "core.hooksPath=/dev/null",
            "-C",
        ])
        .arg(project)
        .args(arguments.map(OsStr::new))
        .env("GIT_OPTIONAL_LOCKS", "0")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let mut bytes = Vec::new();
    let mut pipe = child.stdout.take()?;
    let read = (&mut pipe)
        .take(limit.saturating_add(1))
        .read_to_end(&mut bytes);
    let is_cut = u64::try_from(bytes.len()).is_ok_and(|length| length > limit);
    drop(pipe);
    let status = child.wait().ok()?;
    read.ok()?;
    if !status.success() && !is_cut {
        return None;
    }
    bytes.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Some((String::from_utf8_lossy(&bytes).into_owned(), is_cut))
}
