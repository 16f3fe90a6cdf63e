//! The program under another's name inside a session: `sbatch`, `squeue`, …, `ssh`, `scp`, `sftp`.

use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::broker::shim::{self, End};
use crate::broker::{Called, SOCKET};
use crate::error::{Error, code};
use crate::ui;

/// What this program was called as.
#[derive(Clone, Copy, Debug)]
pub(super) enum Name {
    /// What the broker runs.
    Called(Called),
    /// What runs here, and reaches out by `ssh`.
    Copier(&'static str),
}

/// Returns what this program was called as, where that is not its own name.
pub(super) fn name(arguments: &[OsString]) -> Option<Name> {
    let name = Path::new(arguments.first()?).file_name()?;
    let copier = ["scp", "sftp"].into_iter().find(|copier| name == *copier);
    let copier = copier.map(Name::Copier);
    copier.or_else(|| Called::named(name).map(Name::Called))
}

/// Does what the other program would, through the broker.
pub(super) fn run(name: Name, arguments: &[OsString]) -> Result<u8, Error> {
    let arguments = arguments.get(1..).unwrap_or_default();
    let called = match name {
        Name::Called(called) => called,
        Name::Copier(copier) => return copy(copier, arguments),
    };
    match shim::run(called, arguments)? {
        End::Status(status) => Ok(status),
        End::Signal(signal) => {
            crate::sys::process::die_of(signal);
            Ok(code::SIGNAL.saturating_add(u8::try_from(signal).unwrap_or(0)))
        }
        End::Refused(status, text) => {
            ui::say(&text);
            Ok(status)
        }
    }
}

/// Becomes the real `scp` or `sftp`, which starts the session's `ssh`: they know the other by its full path.
fn copy(copier: &'static str, arguments: &[OsString]) -> Result<u8, Error> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let own = std::env::current_exe().ok();
    let directories: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let is_door = |directory: &&PathBuf| directory.join(SOCKET).symlink_metadata().is_ok();
    let is_real = |program: &PathBuf| program.is_file() && program.canonicalize().ok() != own;
    let real = directories.iter().map(|directory| directory.join(copier));
    let fallback = Path::new("/usr/bin").join(copier);
    let real = real.chain([fallback]).find(is_real);
    let mut command = Command::new(real.unwrap_or_else(|| copier.into()));
    if let Some(door) = directories.iter().find(is_door) {
        command.arg("-S").arg(door.join("ssh"));
    }
    let fault = command.args(arguments).exec();
    Err(Error::Usage(format!("`{copier}` cannot be run: {fault}")))
}
