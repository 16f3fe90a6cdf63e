//! Brings a directory's code to another machine, or back.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::error::{Error, code};
use crate::gate::Answer;
use crate::remote::command::Program;
use crate::remote::connection::{Asked, Connection};
use crate::remote::sync::{Change, Kind, Sync, Way, changes};
use crate::remote::{self, Host};
use crate::session::{Request, Session};
use crate::sys::process::is_guarded;
use crate::ui::{self, clean};

/// Bring a directory's code to another machine, or back, deleting nothing
///
/// Shows first what would go over, and asks. rsync does it, inside the guard on both sides:
/// what is replaced is retained there (`hlrp-sh diff`, `hlrp-sh restore`). What is newer on the
/// other side stays, unless `--newer` is given; what only the other side has, stays always.
/// Not of code: `.git`, environments, `runs`, checkpoints, and what `.gitignore` says.
///
///   hlrp-sh sync ai                     this project, to the same place below home over there
///   hlrp-sh sync ai --pull
///   hlrp-sh sync ai config --to hlrp/config --yes
///
/// Exit status 1 where you say no; else rsync's own.
#[derive(clap::Args, Debug)]
#[command(verbatim_doc_comment)]
pub(super) struct Args {
    /// The machine, as `ssh` knows it
    #[arg(value_name = "HOST")]
    host: Host,
    /// The directory [default: the repository or project that this directory is in]
    #[arg(value_name = "PATH")]
    path: Option<PathBuf>,
    /// From there to here
    #[arg(long)]
    pull: bool,
    /// The directory there, absolute or below home [default: where it is below home here]
    #[arg(long, value_name = "DIR")]
    to: Option<String>,
    /// Replace also what is newer on the receiving side
    #[arg(long)]
    newer: bool,
    /// Leave out what matches, as rsync has it; several
    #[arg(long, value_name = "PATTERN")]
    exclude: Vec<String>,
    /// Take also what `.gitignore` files leave out
    #[arg(long)]
    ignored: bool,
    /// Show what would go over, and stop
    #[arg(long, short = 'n', conflicts_with = "yes")]
    dry_run: bool,
    /// Do not ask
    #[arg(long, short)]
    yes: bool,
}

/// Names that are shown; of more only the number.
const MOST_SHOWN: usize = 40;

pub(super) fn run(args: &Args, json: bool) -> Result<u8, Error> {
    let session = Session::open(&Request::default())?;
    let here = directory(args.path.as_deref())?;
    let there = match &args.to {
        Some(there) => there.clone(),
        None => below_home(&here, &session.context.home)?,
    };
    if there.is_empty() || there.chars().any(char::is_control) {
        return Err(Error::Usage(
            "`--to` names a directory over there".to_owned(),
        ));
    }
    let sync = Sync {
        host: &args.host,
        here: &here,
        there: &there,
        way: if args.pull { Way::Pull } else { Way::Push },
        exclude: &args.exclude,
        ignores: !args.ignored,
        newer: args.newer,
    };
    if !is_guarded() {
        open(&session, &args.host)?;
    }
    let (said, status) = rsync(&sync, true)?;
    if status != code::DONE {
        return Ok(status);
    }
    let found = changes(&said);
    if json && (args.dry_run || !args.yes) {
        show_json(args, &there, &found)?;
    } else if !json {
        show(&sync, &found);
    }
    if args.dry_run || found.is_empty() {
        return Ok(code::DONE);
    }
    if !args.yes {
        match ui::ask::ask("Go ahead?") {
            Answer::Yes => {}
            Answer::Nobody => {
                return Err(Error::No(
                    "nothing was sent: nobody could be asked; `--yes` says it beforehand"
                        .to_owned(),
                ));
            }
            Answer::No | Answer::Interrupted => return Ok(code::NO),
        }
    }
    let (said, status) = rsync(&sync, false)?;
    let done = changes(&said);
    if json {
        show_json(args, &there, &done)?;
    } else {
        let replaced = done.iter().filter(|one| one.kind == Kind::Replaced).count();
        let kept = match (replaced, sync.way) {
            (0, _) => String::new(),
            (_, Way::Push) => format!(
                "; what {replaced} of them replaced is retained there: ssh {} 'hlrp-sh diff'",
                args.host
            ),
            (_, Way::Pull) => {
                format!("; what {replaced} of them replaced is retained: hlrp-sh diff")
            }
        };
        ui::say(&format!("{} went over{kept}", done.len()));
    }
    Ok(status)
}

/// Opens the connection while the person can still be asked for a password.
fn open(session: &Session, host: &Host) -> Result<(), Error> {
    let roots = session.context.roots.iter();
    let mut writable: Vec<&Path> = roots.map(|root| root.as_path()).collect();
    writable.push(&session.context.home);
    let program = Program::find(&writable).ok_or(remote::Error::NoSsh)?;
    Connection::open(&program, host, Asked::Person)?;
    Ok(())
}

/// Runs rsync inside the guard; returns what it said, and its status.
fn rsync(sync: &Sync<'_>, dry: bool) -> Result<(String, u8), Error> {
    let mut command = if is_guarded() {
        Command::new("rsync")
    } else {
        let mut command = Command::new("/proc/self/exe");
        command.args(["run", "--", "rsync"]);
        command
    };
    let fault = |source| Error::Io {
        what: "rsync",
        source,
    };
    let child = command
        .args(sync.arguments(dry))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(fault)?;
    let output = child.wait_with_output().map_err(fault)?;
    let status = output
        .status
        .code()
        .and_then(|status| u8::try_from(status).ok());
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    Ok((said, status.unwrap_or(code::SIGNAL)))
}

/// Returns the directory that is meant: named, or what this one is a part of.
fn directory(named: Option<&Path>) -> Result<PathBuf, Error> {
    let fault = |path: &Path| {
        let path = path.to_owned();
        move |source| Error::File { path, source }
    };
    let cwd = env::current_dir().map_err(fault(Path::new(".")))?;
    let path = match named {
        Some(path) => path.canonicalize().map_err(fault(path))?,
        None => cwd
            .ancestors()
            .find(|above| above.join(".git").exists() || above.join("config/config.yaml").is_file())
            .map_or_else(|| cwd.clone(), Path::to_owned),
    };
    match path.is_dir() {
        true => Ok(path),
        false => Err(Error::Usage(format!(
            "`{}` is no directory; `sync` takes directories",
            path.display()
        ))),
    }
}

fn below_home(here: &Path, home: &Path) -> Result<String, Error> {
    let below = here.strip_prefix(home).ok().and_then(Path::to_str);
    match below {
        Some("") => Err(Error::Usage(
            "that is the whole home directory; name a directory in it".to_owned(),
        )),
        Some(below) => Ok(below.to_owned()),
        None => Err(Error::Usage(format!(
            "`{}` is not below home, so nobody knows where it is over there: --to DIR",
            here.display()
        ))),
    }
}

fn show(sync: &Sync<'_>, found: &[Change]) {
    let (host, there) = (sync.host, clean(sync.there));
    let here = clean(&sync.here.display().to_string());
    let way = match sync.way {
        Way::Push => format!("{here} -> {host}:{there}"),
        Way::Pull => format!("{host}:{there} -> {here}"),
    };
    ui::say(&way);
    for one in found.iter().take(MOST_SHOWN) {
        ui::say(&format!("  {:<9} {}", one.kind.word(), clean(&one.name)));
    }
    if found.len() > MOST_SHOWN {
        ui::say(&format!("  and {} more", found.len() - MOST_SHOWN));
    }
    let bytes: u64 = found.iter().map(|one| one.size).sum();
    ui::say(&match found.len() {
        0 => "nothing is newer here than there: nothing to do".to_owned(),
        count => format!(
            "{count} would go over, {}; nothing is deleted",
            ui::size(bytes)
        ),
    });
}

fn show_json(args: &Args, there: &str, found: &[Change]) -> Result<(), Error> {
    let changes: Vec<_> = found
        .iter()
        .map(|one| serde_json::json!({ "name": one.name, "what": one.kind.word(), "bytes": one.size }))
        .collect();
    ui::json(&serde_json::json!({
        "schema": "hlrp.sync/1",
        "host": args.host.as_str(),
        "there": there,
        "pull": args.pull,
        "changes": changes,
    }))
}
