//! Other machines: a guarded session there, or one command of this program there.

mod follow;
mod inside;
mod ready;
mod submit;

use std::ffi::OsString;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::bash::whole;
use crate::error::{Error, code};
use crate::policy::{Action, Origin, RemoteEffect};
use crate::remote::submission::Token;
use crate::remote::{Connection, Host, Place, words};
use crate::session::{self, Session};
use crate::sys::process::is_guarded;
use crate::ui;

use super::permit::Clerk;
pub(super) use ready::Install;

/// Open a guarded session on another machine, or run one command of this program there
///
/// HOST is a name of ~/.ssh/config or of the network. The connection stays open for a quarter
/// of an hour after its last use, so that a password is asked for once. Where this program is
/// missing there, it can be put there once: a static binary into ~/.local/share/hlrp-sh, never
/// over another.
///
/// A command runs in the same directory below the home directory as here, where there is
/// one; its output and exit status come back as they are. A submission goes on when the
/// connection breaks, is taken up again, and is never made twice.
///
///   hlrp-sh remote ai
///   hlrp-sh remote ai -C code/hlrp -- submit experiment=stage1 --dry-run
///   hlrp-sh remote ai -- -c 'du -sh runs'
///
/// Exit status: that of the command; 69 where the host cannot be reached.
#[derive(clap::Args, Debug)]
#[command(verbatim_doc_comment)]
pub(super) struct Args {
    /// The machine: `ai`, `me@login.example`
    #[arg(value_name = "HOST")]
    host: Host,
    /// Run there in this directory
    #[arg(short = 'C', long, value_name = "DIR")]
    directory: Option<String>,
    /// Put this program there without asking, where it is not there already
    #[arg(long)]
    install: bool,
    /// The static program to put there, in place of this one
    #[arg(long, value_name = "PATH")]
    binary: Option<PathBuf>,
    /// The name of a submission that was sent before
    #[arg(long, value_name = "TOKEN", hide = true)]
    token: Option<Token>,
    /// What runs there: a command of this program and its arguments, or `-c LINE`
    #[arg(last = true, value_name = "COMMAND", allow_hyphen_values = true)]
    words: Vec<String>,
}

/// How long a look may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// Commands that only look.
const LOOKS: [&str; 13] = [
    "audit", "check", "compose", "context", "diff", "doctor", "jobs", "logs", "policy", "quota",
    "results", "retained", "status",
];
/// Commands that queue something: sent under a token.
const SUBMITS: [&str; 2] = ["submit", "race"];

/// What every remote command needs.
struct Reach<'a> {
    host: &'a Host,
    place: Place,
    session: Session,
}

pub(super) fn run(args: &Args, json: bool) -> Result<u8, Error> {
    let mut asked = args.words.clone();
    // Before HOST it is meant for what runs there.
    if json && !asked.is_empty() {
        asked.push("--json".to_owned());
    }
    let reach = Reach::new(&args.host, args.directory.as_deref())?;
    if is_guarded() {
        return inside::run(&reach, &asked);
    }
    if !reach.allows(&asked)? {
        return Ok(code::DENIED);
    }
    let install = Install {
        is_wanted: args.install,
        binary: args.binary.as_deref(),
    };
    let Some(connection) = ready::open(&reach, &install)? else {
        return Ok(code::NO);
    };
    match asked.first().map(String::as_str) {
        None if args.install && !has_terminal() => Ok(code::DONE),
        None => reach.sit(&connection),
        Some(word) if SUBMITS.contains(&word) => {
            submit::run(&reach, &connection, &asked, args.token.clone())
        }
        Some("logs") => follow::run(&reach, &connection, &asked),
        Some(_) => reach.pass(&connection, &asked, has_terminal()),
    }
}

/// Runs a command that was typed with `--host HOST` on that machine. `arguments` is the whole command line.
pub(super) fn forward(host: &Host, arguments: &[OsString]) -> Result<u8, Error> {
    let mut asked = Vec::new();
    let mut arguments = arguments.iter().skip(1);
    while let Some(word) = arguments.next() {
        let text = word
            .to_str()
            .ok_or_else(|| Error::Usage(format!("`{}` is not UTF-8", word.to_string_lossy())))?;
        match text {
            "--host" => {
                let _ = arguments.next();
            }
            _ if text.starts_with("--host=") => {}
            _ => asked.push(text.to_owned()),
        }
    }
    // `--json` may stand before the command's name.
    if asked.first().is_some_and(|word| word.starts_with('-')) && asked.len() > 1 {
        asked.swap(0, 1);
    }
    let reach = Reach::new(host, None)?;
    if is_guarded() {
        return inside::run(&reach, &asked);
    }
    if !reach.allows(&asked)? {
        return Ok(code::DENIED);
    }
    let Some(connection) = ready::open(&reach, &Install::default())? else {
        return Ok(code::NO);
    };
    match asked.first().map(String::as_str) {
        Some("logs") => follow::run(&reach, &connection, &asked),
        _ => reach.pass(&connection, &asked, has_terminal()),
    }
}

/// What there is on a machine where something is to be put.
pub(super) struct There {
    /// A directory in which `place` can be made.
    pub(super) has_parent: bool,
}

/// Opens the connection to a machine, and looks whether there is a directory for `place`. Nothing where our program is
/// not there, and not wanted there.
pub(super) fn prepare(host: &Host, place: &str) -> Result<Option<There>, Error> {
    let reach = Reach::new(host, None)?;
    let Some(connection) = ready::open(&reach, &Install::default())? else {
        return Ok(None);
    };
    let place = Path::new("./").join(place);
    let parent = place.parent().unwrap_or(Path::new("."));
    let script = format!("cd && [ -d {} ]", whole(&parent.to_string_lossy()));
    let answer = connection.capture(&script, None, PATIENCE)?;
    Ok(Some(There {
        has_parent: answer.status == 0,
    }))
}

impl<'a> Reach<'a> {
    fn new(host: &'a Host, directory: Option<&str>) -> Result<Self, Error> {
        let mut session = Session::open(&session::Request::default())?;
        // What runs there has the guard around it, or does not run.
        session.context.guard = Some(crate::launch::level());
        let like = || {
            let below = session.context.cwd.strip_prefix(&session.context.home);
            let below = below.ok().and_then(Path::to_str).unwrap_or_default();
            Place::Like(below.to_owned())
        };
        let place = match directory {
            Some(directory) => Place::Exactly(directory.to_owned()),
            None => like(),
        };
        Ok(Self {
            host,
            place,
            session,
        })
    }

    /// Asks the law of this machine. That of the other judges what is really done there.
    fn allows(&self, asked: &[String]) -> Result<bool, Error> {
        let effect = match asked.first().map(String::as_str) {
            None => RemoteEffect::Login,
            Some(word) if LOOKS.contains(&word) => RemoteEffect::ReadOnly,
            Some(_) => RemoteEffect::Changes,
        };
        let command = asked.iter().map(|word| ui::quoted(word));
        let command = command.collect::<Vec<_>>().join(" ");
        let line = format!("hlrp-sh remote {} -- {command}", self.host);
        let line = line.trim_end_matches(" -- ").to_owned();
        let action = Action::Remote {
            host: self.host.as_str().to_owned(),
            command: (!asked.is_empty()).then(|| format!("hlrp-sh {command}")),
            effect,
        };
        Clerk::new(&self.session, "remote").allows_line(&line, action)
    }

    /// Returns the line that runs our program there.
    fn line(&self, asked: &[String]) -> String {
        let agent = match &self.session.context.origin {
            Origin::Agent(name) => Some(name.as_str()),
            Origin::Person | Origin::Script => None,
        };
        words(asked, &self.place, self.host.as_str(), agent)
    }

    /// Runs a command there to its end.
    fn pass(&self, connection: &Connection, asked: &[String], tty: bool) -> Result<u8, Error> {
        let line = self.line(asked);
        let done = connection.command(&line, tty).status();
        let done = done.map_err(|source| Error::Io {
            what: "ssh",
            source,
        })?;
        let status = status(done);
        if status == code::UNREACHED && !connection.is_alive() {
            return Err(crate::remote::Error::Lost(self.host.clone()).into());
        }
        Ok(status)
    }

    /// Opens a session there, and another where the connection breaks and the person wants one.
    fn sit(&self, connection: &Connection) -> Result<u8, Error> {
        loop {
            match self.pass(connection, &[], has_terminal()) {
                Err(Error::Remote { what, .. }) if has_terminal() => {
                    ui::say(&format!(
                        "hlrp-sh: {what}; what ran there in jobs goes on, what ran in the session was hung up on"
                    ));
                    let again = ui::ask::ask("Open another session there?");
                    if again != crate::gate::Answer::Yes {
                        return Ok(code::UNREACHABLE);
                    }
                    connection.reopen(ready::asked(&self.session))?;
                }
                ended => return ended,
            }
        }
    }
}

/// Whether a person sits at both ends of what this process reads and writes.
fn has_terminal() -> bool {
    std::io::stdin().is_terminal() && std::io::stdout().is_terminal()
}

/// Returns the exit status of an `ssh` that ended.
fn status(done: std::process::ExitStatus) -> u8 {
    use std::os::unix::process::ExitStatusExt;
    let signal = done.signal().map(|signal| signal + i32::from(code::SIGNAL));
    let status = done.code().or(signal).unwrap_or(1);
    u8::try_from(status).unwrap_or(code::NO)
}
