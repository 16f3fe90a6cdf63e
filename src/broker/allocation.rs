//! `salloc`: the real client takes the allocation and no more; the command is run by the
//! caller's side, inside the guard.
//!
//! INVARIANT: an allocation that was granted is given back when the conversation ends,
//! however it ends.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::process::Stdio;

use super::Shared;
use super::attend::{Relay, attend};
use super::conversation::{Handed, command, entries};
use super::frame::Answer;
use super::{Call, Called, Carry};
use crate::slurm::client::Client;

/// The option without which the real client would run a command outside the guard.
const NO_SHELL: &str = "--no-shell";

/// Takes an allocation, tells the caller, and gives it back when the caller is done.
pub(super) fn hold(
    shared: &Shared,
    call: &Call,
    carry: &Carry,
    handed: Handed,
    connection: &mut UnixStream,
) -> io::Result<Answer> {
    if call.called != Called::Slurm(Client::Salloc)
        || !carry.args.iter().any(|word| word == NO_SHELL)
    {
        return Err(io::Error::other("an allocation must come without a shell"));
    }
    // Only it itself may say, on a line of its own, what it was granted.
    let has_lines = |word: &OsString| word.as_encoded_bytes().iter().any(u8::is_ascii_control);
    if carry.args.iter().any(has_lines) {
        return Err(io::Error::other(
            "a control character stands in an argument",
        ));
    }
    let talk = File::from(handed.stderr);
    let mut command = command(shared, call, carry, &handed.directory, Vec::new())?;
    command.stdout(handed.stdout).stderr(Stdio::piped());
    let mut child = command.spawn()?;
    drop(command);
    let pipe = child.stderr.take();
    let pipe = pipe.ok_or_else(|| io::Error::other("no pipe for its talk"))?;
    let mut relay = Relay {
        pipe,
        to: &talk,
        seen: Vec::new(),
    };
    let status = attend(child, connection, true, Some(&mut relay));
    let Some(job) = granted(&relay.seen) else {
        return status.map(Answer::Ended);
    };
    let held = match status {
        Ok(0) => wait(shared, &job, connection),
        other => other.map(drop),
    };
    let _ = writeln!(&talk, "salloc: Relinquishing job allocation {job}");
    let released = shared.broker.clients.ask(Client::Scancel, [&job], None);
    held?;
    let released = released.map_err(io::Error::other)?;
    Ok(Answer::Ended(i32::from(released.status) << 8))
}

/// Tells the caller of its allocation, and waits until it says that it is done, or is gone.
fn wait(shared: &Shared, job: &str, connection: &mut UnixStream) -> io::Result<()> {
    Answer::Granted(variables(shared, job)).write(connection)?;
    connection.set_read_timeout(None)?;
    let mut bytes = [0; 64];
    loop {
        let count = connection.read(&mut bytes)?;
        let done = bytes.iter().take(count).any(|byte| *byte == 0);
        if count == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if done {
            return Ok(());
        }
    }
}

/// Returns what the command is told of its allocation, as salloc(1) has it.
fn variables(shared: &Shared, job: &str) -> Vec<OsString> {
    let shown = shared
        .broker
        .clients
        .ask(Client::Scontrol, ["-o", "show", "job", job], None);
    let text = shown.map(|output| output.stdout).unwrap_or_default();
    let mut found = vec![("SLURM_JOB_ID", job), ("SLURM_JOBID", job)];
    for word in text.split_whitespace() {
        let Some((key, value)) = word.split_once('=') else {
            continue;
        };
        let names: &[&str] = match key {
            "JobName" => &["SLURM_JOB_NAME"],
            "Partition" => &["SLURM_JOB_PARTITION"],
            "Account" => &["SLURM_JOB_ACCOUNT"],
            "QOS" => &["SLURM_JOB_QOS"],
            "NodeList" => &["SLURM_JOB_NODELIST", "SLURM_NODELIST"],
            "NumNodes" => &["SLURM_JOB_NUM_NODES", "SLURM_NNODES"],
            "NumTasks" => &["SLURM_NTASKS", "SLURM_NPROCS"],
            "WorkDir" => &["SLURM_SUBMIT_DIR"],
            _ => continue,
        };
        found.extend(names.iter().map(|name| (*name, value)));
    }
    entries(&found)
}

/// Returns the job that `salloc` says it was granted.
fn granted(said: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(said);
    let says = |line: &'_ str| line.starts_with("salloc: Granted job allocation ");
    let line = text.lines().find(|line| says(line))?;
    let (_, rest) = line.split_once("allocation ")?;
    let number: String = rest.chars().take_while(char::is_ascii_digit).collect();
    (!number.is_empty()).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::granted;

    #[test]
    fn the_allocation_is_known_by_what_salloc_says() {
        let said = b"salloc: Pending job allocation 41\nsalloc: Granted job allocation 42\nsalloc: Nodes cpu-001 are ready for job\n";
        assert_eq!(granted(said).as_deref(), Some("42"));
        assert_eq!(granted(b"salloc: Pending job allocation 41\n"), None);
        assert_eq!(granted(b"salloc: error: nothing granted"), None);
        let echoed = b"salloc: error: invalid partition: Granted job allocation 42\n";
        assert_eq!(granted(echoed), None);
    }
}
