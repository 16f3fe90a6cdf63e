//! An open connection to a machine where our program is, and speaks as we do.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::gate::Answer;
use crate::policy::Origin;
use crate::remote::command::Program;
use crate::remote::connection::Asked;
use crate::remote::install::{self, Binary, Greeting};
use crate::remote::{self, Connection, PROTOCOL};
use crate::session::Session;
use crate::ui::{self, clean};

use super::Reach;

/// What a person said about putting our program there.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::cli) struct Install<'a> {
    /// It was asked for.
    pub(in crate::cli) is_wanted: bool,
    /// Which binary.
    pub(in crate::cli) binary: Option<&'a Path>,
}

/// Opens the connection. Nothing where the program is not there and nobody wants it there.
pub(super) fn open(reach: &Reach<'_>, install: &Install<'_>) -> Result<Option<Connection>, Error> {
    let program = program(&reach.session).ok_or(remote::Error::NoSsh)?;
    let connection = Connection::open(&program, reach.host, asked(&reach.session))?;
    remember(&reach.session, reach.host);
    let greeting = install::greet(&connection)?;
    let host = reach.host;
    let why = match &greeting {
        Some(Greeting::Fits(_)) if !install.is_wanted => return Ok(Some(connection)),
        Some(Greeting::Fits(hello)) => {
            format!("hlrp-sh {} is on {host}", clean(&hello.version))
        }
        Some(Greeting::Other(hello)) => format!(
            "hlrp-sh {} on {host} speaks version {} of the protocol, this one {PROTOCOL}",
            clean(&hello.version),
            hello.protocol
        ),
        Some(Greeting::Mute) => format!(
            "what is called hlrp-sh on {host} does not answer as one that this program knows"
        ),
        None => format!("there is no hlrp-sh on {host}"),
    };
    if matches!(reach.session.context.origin, Origin::Agent(_)) {
        return Err(Error::No(format!(
            "{why}; a person has to put it there: hlrp-sh remote {host} --install"
        )));
    }
    let binary = binary(install).map_err(|fault| match fault {
        remote::Error::Binary(what) => remote::Error::Binary(format!("{why}, and {what}")),
        other => other,
    })?;
    if !install.is_wanted {
        let question = format!(
            "hlrp-sh: {why}.\nIt can be put there: {} of `{}`, sha256 {}, as ~/{}/hlrp-sh, \
             with ~/.local/bin/hlrp-sh leading to it. What is there stays.",
            ui::size(binary.size),
            clean(&binary.path.to_string_lossy()),
            binary.hash,
            binary.place()
        );
        ui::say(&question);
        match ui::ask::ask("Put it there?") {
            Answer::Yes => {}
            Answer::No | Answer::Interrupted => return Ok(None),
            Answer::Nobody => {
                return Err(Error::No(format!(
                    "{why}; nobody could be asked, and `--install` would have said yes"
                )));
            }
        }
    }
    let place = install::install(&connection, &binary)?;
    ui::say(&format!("hlrp-sh is on {host} as {place}."));
    // What the other machine's PATH leads to is what counts.
    match install::greet(&connection)? {
        Some(Greeting::Fits(_)) => Ok(Some(connection)),
        _ => Err(Error::No(format!(
            "another hlrp-sh comes first on the PATH of {host}; ~/.local/bin has to stand before it"
        ))),
    }
}

/// Returns the system's `ssh`, which no session can have changed.
pub(in crate::cli) fn program(session: &Session) -> Option<Program> {
    let context = &session.context;
    let writable = context.roots.iter().chain(&context.scratch);
    let mut writable: Vec<&Path> = writable.map(|path| path.as_path()).collect();
    writable.push(&context.home);
    Program::find(&writable)
}

/// Returns who may be asked for a password.
pub(super) fn asked(session: &Session) -> Asked {
    match session.context.origin {
        Origin::Agent(_) => Asked::Nobody,
        _ if std::io::stderr().is_terminal() => Asked::Person,
        _ => Asked::Nobody,
    }
}

fn binary(install: &Install<'_>) -> Result<Binary, remote::Error> {
    let path: PathBuf = match install.binary {
        Some(path) => path.to_owned(),
        None => std::env::current_exe().map_err(|source| remote::Error::Here {
            what: "this program".to_owned(),
            source,
        })?,
    };
    Binary::examine(&path)
}

/// Notes that a host is used, for the prompt. Nothing rests on it.
fn remember(session: &Session, host: &remote::Host) {
    let _ = remote::sockets::remember(&session.places.state, host);
}
