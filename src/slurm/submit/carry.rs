//! Has sbatch queue a script outside any session: what was vetted, and nothing else.

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

use crate::slurm::client::{Client, Clients, Output};
use crate::slurm::vet::{Carry, Request, is_carried};
use crate::sys::spawn::{self, Setting};

/// Runs sbatch with what a vetter lets be carried.
///
/// # Errors
///
/// Where it cannot be run.
pub fn sbatch(clients: &Clients, request: &Request, carry: &Carry) -> io::Result<Output> {
    let path = clients.path(Client::Sbatch).map_err(io::Error::other)?;
    let files = carry.files.iter().map(|bytes| spawn::memory_file(bytes));
    let files: Vec<OwnedFd> = files.collect::<io::Result<_>>()?;
    let may = |name: &OsStr| is_carried(Client::Sbatch, name);
    let environment = clients.environment().with(&carry.environment, may);
    let mut command = Command::new(path);
    command
        .arg0(Client::Sbatch.name())
        .args(&carry.args)
        .env_clear()
        .envs(environment.pairs())
        .stdin(Stdio::null());
    let setting = Setting {
        directory: File::open(&request.cwd)?.into(),
        umask: request.umask,
        files,
    };
    spawn::set(&mut command, setting);
    let said = command.output()?;
    Ok(Output {
        stdout: String::from_utf8_lossy(&said.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&said.stderr).into_owned(),
        status: said
            .status
            .code()
            .and_then(|code| u8::try_from(code).ok())
            .unwrap_or(1),
    })
}
