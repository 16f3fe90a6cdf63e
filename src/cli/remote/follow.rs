//! A job's log on another machine, followed over connections that break.

use std::io::BufReader;
use std::process::Stdio;

use clap::Parser;

use crate::cli::logs::far::{Came, Shown};
use crate::cli::{Cli, Command};
use crate::error::{Error, code};
use crate::remote::{self, Connection};
use crate::ui;

use super::submit::{Next, Tries};
use super::{Reach, has_terminal, status, submit};

/// Shows it; with `-f` until the job has ended, however often the connection breaks.
pub(super) fn run(
    reach: &Reach<'_>,
    connection: &Connection,
    asked: &[String],
) -> Result<u8, Error> {
    let words = std::iter::once("hlrp-sh").chain(asked.iter().map(String::as_str));
    let read = Cli::try_parse_from(words);
    let json = match &read {
        Ok(Cli {
            json,
            command: Command::Logs(args),
        }) if args.is_followed() => *json,
        // What makes no sense the other machine says itself.
        _ => return reach.pass(connection, asked, has_terminal()),
    };
    let mut shown = Shown::new(json);
    let mut tries = Tries::new();
    loop {
        let mut words = asked.to_vec();
        words.push("--frames".to_owned());
        words.extend(shown.arguments());
        let ssh = |source| Error::Io {
            what: "ssh",
            source,
        };
        let mut child = connection
            .command(&reach.line(&words), false)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(ssh)?;
        let Some(out) = child.stdout.take() else {
            return Ok(code::SOFTWARE);
        };
        let came = shown.take(&mut BufReader::new(out));
        if !matches!(came, Ok(Came::Ended)) {
            let _ = child.kill();
        }
        let ended = status(child.wait().map_err(ssh)?);
        match came? {
            Came::Ended if ended == code::UNREACHED => {}
            Came::Ended => {
                shown.finish()?;
                return Ok(ended);
            }
            Came::Unread => return Ok(code::DONE),
            Came::Odd => {
                shown.finish()?;
                let fault = remote::Error::Odd {
                    host: reach.host.clone(),
                    said: "what it sends is no log".to_owned(),
                };
                return Err(fault.into());
            }
        }
        match tries.next(connection) {
            Next::GiveUp => {
                shown.finish()?;
                return Ok(ended);
            }
            Next::Again => continue,
            Next::Reconnect => {}
        }
        shown.pause();
        ui::say(&format!(
            "hlrp-sh: the connection to {} was lost; the log goes on where it stopped.",
            reach.host
        ));
        submit::again(reach, connection)?;
    }
}
