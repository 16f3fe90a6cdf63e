//! Moves things out of the way without losing them.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::permit::{Clerk, target};
use super::retained::resolve;
use crate::audit::Timestamp;
use crate::error::{Error, code};
use crate::policy::{Action, Entries, Presence};
use crate::retain::Store;
use crate::retain::archive::{Archived, PROGRAM, archive, destination};
use crate::session::{Request, Session};
use crate::ui;

/// Move things out of the way, to a dated place below their root
///
/// What `rm` is denied for: nothing is deleted, everything keeps its name below
/// `_archive/DATE/`, and one `mv` brings it back.
///
///   hlrp-sh archive runs/laq_0312
#[derive(clap::Args, Debug)]
#[command(verbatim_doc_comment)]
pub(super) struct Args {
    /// What to move
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
}

#[derive(Serialize)]
struct Shown<'a> {
    schema: &'static str,
    from: &'a Path,
    to: &'a Path,
    original: Option<&'a Path>,
}

pub(super) fn run(args: &Args, json: bool) -> Result<u8, Error> {
    let session = Session::open(&Request::default())?;
    let mut clerk = Clerk::new(&session, PROGRAM);
    let now = Timestamp::now().to_string();
    let day = now.split('T').next().unwrap_or_default();
    let mut worst = code::DONE;
    for path in &args.paths {
        let path = resolve(&session, path)?;
        let status = match move_one(&session, &mut clerk, &path, day) {
            Ok(Some(archived)) => {
                tell(&archived, json)?;
                code::DONE
            }
            Ok(None) => code::DENIED,
            Err(Trouble::Unmovable(fault)) => {
                ui::error(&fault);
                code::NO
            }
            Err(Trouble::Other(fault)) => return Err(fault),
        };
        worst = worst.max(status);
    }
    Ok(worst)
}

enum Trouble {
    Unmovable(crate::retain::archive::Error),
    Other(Error),
}

fn move_one(
    session: &Session,
    clerk: &mut Clerk<'_>,
    path: &Path,
    day: &str,
) -> Result<Option<Archived>, Trouble> {
    let context = &session.context;
    let (root, to) = match destination(&context.roots, path, day) {
        Ok(found) => found,
        // The law has a better answer to what it denies anyway.
        Err(fault) => {
            let action = rename(path, &path.with_extension("archived"));
            return match clerk.allows(action, path) {
                Ok(true) => Err(Trouble::Unmovable(fault)),
                Ok(false) => Ok(None),
                Err(other) => Err(Trouble::Other(other)),
            };
        }
    };
    if !clerk
        .allows(rename(path, &to), path)
        .map_err(Trouble::Other)?
    {
        return Ok(None);
    }
    let store = (!clerk.guarded).then(|| Store::new(root, session.id.clone(), u64::MAX));
    archive(path, &to, store.as_ref())
        .map(Some)
        .map_err(Trouble::Unmovable)
}

fn rename(from: &Path, to: &Path) -> Action {
    let presence = match from.symlink_metadata() {
        Ok(status) if status.is_dir() => Presence::Directory,
        Ok(status) if status.is_file() && status.len() == 0 => Presence::EmptyFile,
        Ok(status) if status.is_file() => Presence::File,
        Ok(_) => Presence::Other,
        Err(_) => Presence::Absent,
    };
    Action::Rename {
        from: target(from, presence),
        to: target(to, Presence::Absent),
        entries: Entries::Known(1),
    }
}

fn tell(archived: &Archived, json: bool) -> Result<(), Error> {
    let Archived { from, to, parked } = archived;
    if json {
        return ui::json(&Shown {
            schema: "hlrp.archived/1",
            from,
            to,
            original: parked.as_deref(),
        });
    }
    ui::data(&ui::clean(&to.to_string_lossy()))?;
    let word = |path: &Path| ui::quoted(&path.to_string_lossy());
    ui::say(&format!("back with: mv -n {} {}", word(to), word(from)));
    if let Some(parked) = parked {
        ui::say(&format!(
            "it is a copy; the original is retained: {}",
            word(parked)
        ));
    }
    Ok(())
}
