//! Lists what is retained, and lets a person free it.

mod release;

use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use clap::Subcommand;
use serde::Serialize;

use crate::audit::Timestamp;
use crate::error::{Error, code};
use crate::retain::list::all_kept;
use crate::retain::{Journal, Kept, State, carry, store};
use crate::session::{Request, Session};
use crate::ui::table::{Cell, Table};
use crate::ui::{self, Paint};

/// Show what is retained: everything that was removed, replaced or edited
///
/// The oldest first. `hlrp-sh restore PATH` brings back the newest version of a path,
/// `hlrp-sh restore --stored SESSION/NAME` any of them.
///
///   hlrp-sh retained --path runs/laq_0312
#[derive(clap::Args, Debug)]
#[command(verbatim_doc_comment)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    /// Of this session only
    #[arg(long, value_name = "ID")]
    session: Option<String>,
    /// At or below this path only
    #[arg(long, value_name = "PREFIX")]
    path: Option<PathBuf>,
    /// Also what was restored or released since
    #[arg(long)]
    gone: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    Release(release::Args),
}

/// One line of `--json`, of the list and of what is restored or released.
#[derive(Serialize)]
pub(super) struct Shown<'a> {
    schema: &'static str,
    time: Timestamp,
    op: &'static str,
    path: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    raw: Option<&'a str>,
    size: u64,
    mode: String,
    program: &'a str,
    session: &'a str,
    stored: &'a str,
    file: PathBuf,
    state: &'static str,
    made_by_session: bool,
}

impl<'a> Shown<'a> {
    pub(super) fn new(kept: &'a Kept) -> Self {
        let entry = &kept.entry;
        Self {
            schema: "hlrp.retained/1",
            time: Timestamp::from(UNIX_EPOCH + Duration::from_secs(entry.time)),
            op: entry.op.as_str(),
            path: &entry.path,
            raw: entry.raw.as_deref(),
            size: entry.size,
            mode: format!("{:o}", entry.mode),
            program: &entry.program,
            session: &kept.session,
            stored: &kept.stored,
            file: kept.directory().join(&kept.stored),
            state: kept.state.as_str(),
            made_by_session: kept.born,
        }
    }
}

pub(super) fn run(args: &Args, json: bool) -> Result<u8, Error> {
    let session = Session::open(&Request::default())?;
    if let Some(Command::Release(args)) = &args.command {
        return release::run(args, &session, json);
    }
    let prefix = match &args.path {
        Some(path) => Some(resolve(&session, path)?),
        None => None,
    };
    let (journals, mut kept) = read(&session)?;
    kept.retain(|kept| {
        let is_wanted = match kept.state {
            State::Kept | State::Missing => true,
            State::Restored | State::Released => args.gone,
        };
        is_wanted
            && args.session.as_ref().is_none_or(|id| *id == kept.session)
            && prefix
                .as_ref()
                .is_none_or(|prefix| kept.path().starts_with(prefix))
    });
    if json {
        for kept in &kept {
            ui::json(&Shown::new(kept))?;
        }
    } else if kept.is_empty() {
        ui::say("nothing is retained here.");
    } else {
        ui::data(&table(&kept))?;
    }
    let unread: usize = journals.iter().map(|journal| journal.unread).sum();
    if unread > 0 {
        ui::say(&format!(
            "{unread} lines of the journals cannot be read; what they are about lies in the stores all the same."
        ));
    }
    Ok(code::DONE)
}

/// Returns the list as a table.
pub(super) fn table(kept: &[Kept]) -> String {
    let mut table = Table::new([
        "when", "what", "path", "size", "program", "session", "stored",
    ]);
    for kept in kept {
        let entry = &kept.entry;
        let what = match kept.state {
            State::Kept => entry.op.as_str().to_owned(),
            state @ (State::Restored | State::Released | State::Missing) => {
                format!("{} ({})", entry.op.as_str(), state.as_str())
            }
        };
        let size = if entry.mode & libc::S_IFMT == libc::S_IFREG {
            ui::size(entry.size)
        } else {
            kind(entry.mode).to_owned()
        };
        table.row([
            Cell::painted(&ui::moment(entry.time), Paint::Dim),
            Cell::from(what),
            Cell::from(&entry.path),
            Cell::from(size),
            Cell::from(if entry.program.is_empty() {
                "-"
            } else {
                &entry.program
            }),
            Cell::painted(&kept.session, Paint::Cyan),
            Cell::painted(&kept.stored, Paint::Cyan),
        ]);
    }
    table.render()
}

/// Returns what a thing is that has no size.
fn kind(mode: u32) -> &'static str {
    match mode & libc::S_IFMT {
        libc::S_IFDIR => "directory",
        libc::S_IFLNK => "link",
        libc::S_IFIFO => "pipe",
        libc::S_IFSOCK => "socket",
        _ => "device",
    }
}

/// Reads all stores that this user has here.
pub(super) fn read(session: &Session) -> Result<(Vec<Journal>, Vec<Kept>), Error> {
    let roots = stores(session);
    let journals = Journal::read_all(&roots).map_err(|source| Error::File {
        path: roots
            .first()
            .map(|root| store::directory(root))
            .unwrap_or_default(),
        source,
    })?;
    let kept = all_kept(&journals);
    Ok((journals, kept))
}

/// Returns the directories that have stores: the roots, and home where this session may only read.
pub(super) fn stores(session: &Session) -> Vec<PathBuf> {
    let mut roots = session.context.roots.clone();
    if !roots.contains(&session.context.home) {
        roots.push(session.context.home.clone());
    }
    roots
}

/// Returns the path that a word means.
pub(super) fn resolve(session: &Session, path: &Path) -> Result<PathBuf, Error> {
    carry::resolve(&session.context.cwd, path).map_err(|source| Error::File {
        path: path.to_owned(),
        source,
    })
}
