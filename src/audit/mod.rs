//! The record of what was asked about or changed something: JSON lines, one file a
//! session, each line bound to the one before it by its hash. `heads.jsonl` binds the
//! sessions to one another, so that no whole file can go unnoticed either.
//!
//! INVARIANT: a file is only ever appended to; secrets are taken out before a line
//! is written, never after.

mod chain;
mod filter;
mod redact;
mod sessions;
mod time;
mod verify;

use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::policy::{Action, Decision, HostClass, Kind, Origin, Verdict};

use chain::{Chain, Link};

pub use filter::{Filter, Since};
pub use redact::redact;
pub use sessions::{Sitting, sessions};
pub use time::Timestamp;
pub use verify::{Finding, Report, Trouble, verify};

/// The file that lists the sessions.
const HEADS: &str = "heads.jsonl";
/// What the first line of all is bound to.
const GENESIS: &str = "hlrp-sh";

/// One thing that happened, as it stands in the record.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Record {
    /// The session.
    pub session: String,
    /// What kind of action it was.
    pub action: String,
    /// What it was about: a path, a host, a line; secrets taken out.
    pub target: String,
    /// The program that acted, where it is known.
    pub program: Option<String>,
    /// What was decided.
    pub decision: Decision,
    /// By which rule.
    pub rule: String,
    /// Who wanted it.
    pub origin: String,
    /// On what kind of machine.
    pub class: HostClass,
}

impl Record {
    /// Returns the record of an action and its verdict.
    pub fn of(stamp: &Stamp, action: &Action, program: Option<&str>, verdict: &Verdict) -> Self {
        Self {
            session: stamp.session.clone(),
            action: kind_word(action),
            target: redact(&subject(action)),
            program: program.map(redact),
            decision: verdict.decision,
            rule: verdict.rule.to_string(),
            origin: origin_word(&stamp.origin),
            class: stamp.class,
        }
    }
}

impl Record {
    /// Returns the record of a session that was halted, or goes on.
    pub fn standing(stamp: &Stamp, action: &str, target: &str, decision: Decision) -> Self {
        Self {
            decision,
            ..Self::refused(stamp, action, target, "hlrp-sh", "quota.halt")
        }
    }

    /// Returns the record of something that the guard refused a program.
    pub fn refused(stamp: &Stamp, action: &str, target: &str, program: &str, rule: &str) -> Self {
        Self {
            session: stamp.session.clone(),
            action: action.to_owned(),
            target: redact(target),
            program: Some(redact(program)),
            decision: Decision::Deny,
            rule: rule.to_owned(),
            origin: origin_word(&stamp.origin),
            class: stamp.class,
        }
    }
}

impl Record {
    /// Returns the record of something that was carried out of the session by the broker.
    pub fn carried(stamp: &Stamp, action: &str, target: &str, program: &str) -> Self {
        Self {
            decision: Decision::Allow,
            ..Self::refused(stamp, action, target, program, &format!("slurm.{action}"))
        }
    }
}

/// What is the same in every record of a session.
#[derive(Clone, Debug)]
pub struct Stamp {
    /// The session's id.
    pub session: String,
    /// Who wants things.
    pub origin: Origin,
    /// What kind of machine this is.
    pub class: HostClass,
}

/// A session begins or ends, as it stands in the list of sessions.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
struct Head {
    session: String,
    event: HeadEvent,
    /// Lines in the session's file, and the hash of the last.
    records: u64,
    head: String,
}

#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum HeadEvent {
    Began,
    Ended,
}

/// Writes the record of one session. Several processes may write for the same session.
#[derive(Debug)]
pub struct Writer {
    directory: PathBuf,
    stamp: Stamp,
    chain: Chain,
}

impl Writer {
    /// Opens the record of a session below `directory`, and enters it in the list of sessions
    /// where it is new.
    ///
    /// # Errors
    ///
    /// Where the directory cannot be made or written.
    pub fn open(directory: &Path, stamp: Stamp) -> io::Result<Self> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(directory)?;
        let path = session_file(directory, &stamp.session)?;
        let is_begun = path.metadata().is_ok_and(|found| found.len() > 0);
        let genesis = if is_begun {
            String::new()
        } else {
            let head = Head {
                session: stamp.session.clone(),
                event: HeadEvent::Began,
                records: 0,
                head: String::new(),
            };
            Chain::open(&directory.join(HEADS), GENESIS)?.append(head)?
        };
        Ok(Self {
            chain: Chain::open(&path, &genesis)?,
            directory: directory.to_owned(),
            stamp,
        })
    }

    /// Returns what is the same in every record.
    pub fn stamp(&self) -> &Stamp {
        &self.stamp
    }

    /// Appends the record of an action and its verdict.
    ///
    /// # Errors
    ///
    /// Where it cannot be written; nothing that needs a record may then go ahead.
    pub fn action(
        &mut self,
        action: &Action,
        program: Option<&str>,
        verdict: &Verdict,
    ) -> io::Result<()> {
        let record = Record::of(&self.stamp, action, program, verdict);
        self.append(record)
    }

    /// Appends a record.
    ///
    /// # Errors
    ///
    /// Where it cannot be written.
    pub fn append(&mut self, record: Record) -> io::Result<()> {
        self.chain.append(record).map(drop)
    }

    /// Enters the end of the session in the list of sessions.
    ///
    /// # Errors
    ///
    /// Where it cannot be written; the session then looks as if it had crashed.
    pub fn finish(mut self) -> io::Result<()> {
        let (records, head) = self.chain.head()?;
        let head = Head {
            session: self.stamp.session,
            event: HeadEvent::Ended,
            records,
            head,
        };
        Chain::open(&self.directory.join(HEADS), GENESIS)?
            .append(head)
            .map(drop)
    }
}

/// Returns whether a session has a record.
pub fn has_session(directory: &Path, session: &str) -> bool {
    session_file(directory, session).is_ok_and(|path| path.exists())
}

/// A record with its place in the chain, as `audit --json` prints it.
pub type Entry = Link<Record>;

/// Returns the records of all sessions that pass a filter, the oldest first.
///
/// # Errors
///
/// Where a file cannot be read.
pub fn read(directory: &Path, filter: &Filter) -> io::Result<Vec<Entry>> {
    let mut entries = Vec::new();
    for path in session_files(directory)? {
        for line in chain::read::<Record>(&path)? {
            if let Some(link) = line.link
                && filter.passes(&link)
            {
                entries.push(link);
            }
        }
    }
    entries.sort_by(|a, b| (&a.time, a.seq).cmp(&(&b.time, b.seq)));
    Ok(entries)
}

fn session_file(directory: &Path, session: &str) -> io::Result<PathBuf> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if session.is_empty() || session == "heads" || !session.chars().all(is_word) {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            format!("`{session}` is no session id"),
        ));
    }
    Ok(directory.join(format!("{session}.jsonl")))
}

fn session_files(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match std::fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(fault) => return Err(fault),
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry?.path();
        let is_record = path.extension().is_some_and(|end| end == "jsonl");
        if is_record && path.file_name().is_some_and(|name| name != HEADS) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn kind_word(action: &Action) -> String {
    format!("{:?}", Kind::of(action)).to_lowercase()
}

fn origin_word(origin: &Origin) -> String {
    match origin {
        Origin::Person => "person".to_owned(),
        Origin::Script => "script".to_owned(),
        Origin::Agent(name) => format!("agent:{name}"),
    }
}

/// Returns what an action is about, in one line.
fn subject(action: &Action) -> String {
    match action {
        Action::Exec { program, args, .. } => {
            let words = args.iter().map(|word| word.text().to_owned());
            let words: Vec<String> = [program.display()].into_iter().chain(words).collect();
            words.join(" ")
        }
        Action::Read { target }
        | Action::Write { target, .. }
        | Action::Create { target, .. }
        | Action::Delete { target, .. }
        | Action::Truncate { target }
        | Action::Chmod { target, .. } => target.display(),
        Action::Rename { from, to, .. } => format!("{} -> {}", from.display(), to.display()),
        Action::Connect { endpoint } => format!("{endpoint:?}"),
        Action::Signal { to } => format!("{to:?}").to_lowercase(),
        Action::Submit { tool } => tool.clone(),
        Action::Cancel { scope } => format!("{scope:?}").to_lowercase(),
        Action::Remote { host, command, .. } => match command {
            Some(command) => format!("{host}: {command}"),
            None => host.clone(),
        },
        Action::Train { program } => program.clone(),
    }
}
