//! Replaces the table of a page: what stood there is retained, as with any edit.
//!
//! INVARIANT: the page is whole at every instant, and its earlier version is kept before
//! the new one takes its name.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::os::fd::OwnedFd;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use nix::fcntl::{OFlag, RenameFlags};
use nix::libc;
use serde::Serialize;

use crate::cli::permit::{Clerk, settled, target};
use crate::error::{Error, code};
use crate::policy::{Action, Node, Presence, WriteHow};
use crate::record::table;
use crate::retain::Store;
use crate::retain::journal::Operation;
use crate::retain::store::Stored;
use crate::session::Session;
use crate::sys::{file, names, regular};
use crate::ui;

const PROGRAM: &str = "hlrp-sh results";
/// A page that a person writes is shorter.
const LONGEST: u64 = 16 << 20;

#[derive(Serialize)]
struct Shown<'a> {
    schema: &'static str,
    page: &'a Path,
    rows: usize,
    changed: bool,
}

pub(super) fn run(
    session: &Session,
    page: &Path,
    question: &str,
    (headings, rows): &(Vec<String>, Vec<Vec<String>>),
    json: bool,
) -> Result<u8, Error> {
    // A link's target is what changes, so that the link stays one.
    let path = settled(&session.context.cwd.join(page))?;
    let earlier = match regular::read(&path, LONGEST) {
        Ok(text) => Some(text),
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => None,
        Err(source) => return Err(Error::File { path, source }),
    };
    let text = earlier.as_deref().unwrap_or_default();
    let text = table::maintained(text, question, &table::markdown(headings, rows));
    let text = text.ok_or_else(|| {
        Error::No(format!(
            "the table's beginning stands in `{}`, and not its end: put `<!-- /hlrp-sh results -->` after it",
            path.display()
        ))
    })?;
    let changed = earlier.as_deref() != Some(&text);
    if changed && !put(session, &path, earlier.is_some(), &text)? {
        return Ok(code::DENIED);
    }
    if json {
        ui::json(&Shown {
            schema: "hlrp.results-page/1",
            page: &path,
            rows: rows.len(),
            changed,
        })?;
    } else {
        ui::data(&ui::clean(&path.to_string_lossy()))?;
        let how = if changed { "" } else { ", as they were" };
        ui::say(&format!("{} rows{how}.", rows.len()));
    }
    Ok(code::DONE)
}

fn put(session: &Session, path: &Path, exists: bool, text: &str) -> Result<bool, Error> {
    let mut clerk = Clerk::new(session, PROGRAM);
    let action = match exists {
        true => Action::Write {
            target: target(path, Presence::File),
            how: WriteHow::Edit,
        },
        false => Action::Create {
            target: target(path, Presence::Absent),
            node: Node::File,
        },
    };
    if !clerk.allows(action, path)? {
        return Ok(false);
    }
    let done = if exists {
        replace(session, path, text, clerk.guarded)
    } else {
        regular::write_new(path, text)
    };
    done.map(|()| true).map_err(|source| Error::File {
        path: path.to_owned(),
        source,
    })
}

/// Exchanges the page for a new one. What comes out of the exchange is what is kept: whatever an editor has put there
/// in that moment among it.
fn replace(session: &Session, path: &Path, text: &str, guarded: bool) -> io::Result<()> {
    let parent = path.parent().unwrap_or(path);
    let parent = file::open_path(parent, OFlag::O_PATH | OFlag::O_DIRECTORY)?;
    let name = |path: &Path| file::c_path(Path::new(path.file_name().unwrap_or_default()));
    let mode = fs::metadata(path)?.permissions().mode();
    let beside = beside(session, path);
    let mut fresh = File::create_new(&beside)?;
    fresh.write_all(text.as_bytes())?;
    fresh.set_permissions(fs::Permissions::from_mode(mode & 0o7777))?;
    fresh.sync_data()?;
    // Inside a session the supervisor keeps what the rename takes away.
    if guarded {
        return fs::rename(&beside, path);
    }
    let (new, old) = (name(&beside)?, name(path)?);
    let exchanged = names::rename(
        parent.as_fd(),
        &new,
        parent.as_fd(),
        &old,
        RenameFlags::RENAME_EXCHANGE,
    );
    match exchanged {
        Ok(()) => {
            keep(session, path, File::open(&beside)?)?;
            fs::remove_file(&beside)
        }
        // NFS and others exchange nothing.
        Err(fault) if matches!(fault.raw_os_error(), Some(libc::EINVAL | libc::ENOSYS)) => {
            keep(session, path, File::open(path)?)?;
            fs::rename(&beside, path)
        }
        Err(fault) => Err(fault),
    }
}

fn keep(session: &Session, path: &Path, old: File) -> io::Result<()> {
    let holding = session
        .context
        .roots
        .iter()
        .filter(|root| path.starts_with(root));
    let root = holding.max_by_key(|root| root.as_os_str().len());
    let root = root.ok_or_else(|| io::Error::from_raw_os_error(libc::EPERM))?;
    let store = Store::new(root.clone(), session.id.clone(), u64::MAX);
    let old = OwnedFd::from(old);
    let status = file::status(old.as_fd())?;
    store.snapshot(
        &old,
        Stored {
            path,
            status: &status,
            op: Operation::Replace,
            program: PROGRAM,
        },
    )
}

fn beside(session: &Session, path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.{}-{}", session.id, std::process::id()))
}
