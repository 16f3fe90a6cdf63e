//! Whose a job is: Slurm's own word, asked for when a verdict depends on it.

use super::client::{Client, Clients};

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
