//! Whose a job is, and whether a guard goes with it: Slurm's own word, asked for when a verdict depends on it.

use std::path::Path;

use super::client::{Client, Clients};
use super::spool;

/// Returns whether a job is a user's own; `None` where Slurm does not know it, or does not say.
pub fn owns(clients: &Clients, user: &str, id: &str) -> Option<bool> {
    let is_number = !id.is_empty() && id.len() < 12 && id.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number {
        return None;
    }
    let args = [
        "--noheader",
        "--all",
        "--states=all",
        "--format=%u",
        "--jobs",
        id,
    ];
    let output = clients.capture(Client::Squeue, args, None).ok()?;
    let mut owners = output.stdout.lines().map(str::trim).peekable();
    owners.peek()?;
    Some(owners.all(|owner| owner == user))
}

/// Returns whether a job and all of its tasks were submitted by a session with this state directory: Slurm writes what it
/// says of them where no session can write. `None` where Slurm does not know the job.
pub fn is_guarded(clients: &Clients, state: &Path, id: &str) -> Option<bool> {
    if id.is_empty() || id.len() >= 12 || !id.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(false);
    }
    let args = ["-o", "show", "job", id];
    let output = clients.capture(Client::Scontrol, args, None).ok()?;
    let mut jobs = output
        .stdout
        .lines()
        .filter(|line| !line.is_empty())
        .peekable();
    jobs.peek()?;
    // Names and comments, which may hold anything, stand before it.
    let log = |line: &str| {
        let (_, rest) = line.rsplit_once(" StdOut=")?;
        rest.split_whitespace().next().map(str::to_owned)
    };
    Some(jobs.all(|line| log(line).is_some_and(|log| spool::is_log(state, Path::new(&log)))))
}
