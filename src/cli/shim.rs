//! The program under a client's name: `sbatch`, `squeue`, … inside a session.

use std::ffi::OsString;
use std::path::Path;

use crate::error::{Error, code};
use crate::slurm::client::Client;
use crate::slurm::shim::{self, End};
use crate::ui;

/// Returns the client that this program was called as.
pub(super) fn client(arguments: &[OsString]) -> Option<Client> {
    Client::named(Path::new(arguments.first()?).file_name()?)
}

/// Does what the client would, through the broker.
pub(super) fn run(client: Client, arguments: &[OsString]) -> Result<u8, Error> {
    let arguments = arguments.get(1..).unwrap_or_default();
    match shim::run(client, arguments)? {
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
