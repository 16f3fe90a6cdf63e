//! Inside a session: the session's own `ssh`, through the broker, which guards the far end.

use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use crate::broker::SOCKET;
use crate::error::Error;
use crate::ui;

use super::{Reach, has_terminal};

/// Becomes the session's `ssh` with a line that runs our program there.
pub(super) fn run(reach: &Reach<'_>, asked: &[String]) -> Result<u8, Error> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let scratch = std::env::var_os("TMPDIR").map(|scratch| Path::new(&scratch).join("bin"));
    let mut directories = std::env::split_paths(&path).chain(scratch);
    let door = directories.find(|directory| directory.join(SOCKET).symlink_metadata().is_ok());
    let ssh = door.map(|door| door.join("ssh")).filter(|ssh| ssh.exists());
    let Some(ssh) = ssh else {
        return Err(crate::remote::Error::NoSsh.into());
    };
    let mut command = Command::new(ssh);
    if has_terminal() {
        command.arg("-t");
    }
    command.args(["--", reach.host.as_str()]);
    if !asked.is_empty() {
        let words: Vec<String> = asked.iter().map(|word| ui::quoted(word)).collect();
        command.arg(format!("hlrp-sh {}", words.join(" ")));
    }
    let source = command.exec();
    Err(Error::Io {
        what: "ssh",
        source,
    })
}
