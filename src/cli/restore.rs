//! Puts back what is retained.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::permit::{Clerk, target};
use super::retained::{self, resolve};
use crate::error::{Error, code};
use crate::policy::{Action, Node, Presence};
use crate::retain::Kept;
use crate::retain::plan::{self, Plan, Version};
use crate::retain::restore::{How, PROGRAM, Restored, Restorer};
use crate::session::{Request, Session};
use crate::ui;

/// Put back what is retained: the newest version of a file, or a whole directory
///
/// What stands there is retained in its turn, so that restoring can be undone. A
/// directory comes back with everything below it; with `--session`, as it was before
/// that session.
///
///   hlrp-sh restore notes.txt
///   hlrp-sh restore notes.txt --version 2 --to notes.old.txt
///   hlrp-sh restore --all --session 20260131-120000-0a1b2c3d
#[derive(clap::Args, Debug)]
#[command(verbatim_doc_comment)]
pub(super) struct Args {
    /// What to put back, by the path it had
    #[arg(value_name = "PATH", required_unless_present_any = ["all", "stored"])]
    paths: Vec<PathBuf>,
    /// Retained in this session
    #[arg(long, value_name = "ID")]
    session: Option<String>,
    /// The Nth version, the newest being 1
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..), conflicts_with_all = ["stored", "all"])]
    version: Option<u64>,
    /// The version of this name in the store: `NAME` or `SESSION/NAME`
    #[arg(long, value_name = "NAME", conflicts_with = "all")]
    stored: Option<String>,
    /// Put it there instead of where it was
    #[arg(long, value_name = "PATH", conflicts_with = "all")]
    to: Option<PathBuf>,
    /// Everything, as it was before the session
    #[arg(long, requires = "session", conflicts_with = "paths")]
    all: bool,
}

#[derive(Serialize)]
struct Shown<'a> {
    schema: &'static str,
    path: &'a Path,
    how: &'static str,
    displaced: Option<&'a Path>,
    version: retained::Shown<'a>,
}

pub(super) fn run(args: &Args, json: bool) -> Result<u8, Error> {
    let session = Session::open(&Request::default())?;
    let (_, all) = retained::read(&session)?;
    let clerk = Clerk::new(&session, PROGRAM);
    let restorer = Restorer::new(&retained::stores(&session), &session.id, clerk.guarded);
    let mut run = Run {
        session: &session,
        all: &all,
        restorer,
        clerk,
        json,
        bulk: false,
        worst: code::DONE,
    };
    let of = args.session.as_deref();
    if args.all {
        run.tree(None, of)?;
        return Ok(run.worst);
    }
    if args.paths.len() > 1 && (args.to.is_some() || args.stored.is_some()) {
        return Err(Error::Usage(
            "`--to` and `--stored` mean one thing; name one PATH".to_owned(),
        ));
    }
    let to = match &args.to {
        Some(to) => Some(resolve(&session, to)?),
        None => None,
    };
    let version = match (&args.stored, args.version) {
        (Some(name), _) => Some(Version::Stored(name.clone())),
        (None, Some(number)) => Some(Version::Nth(usize::try_from(number).unwrap_or(usize::MAX))),
        (None, None) => None,
    };
    if let (Some(Version::Stored(name)), []) = (&version, args.paths.as_slice()) {
        let kept = by_name(&all, name, of)?;
        run.one(kept, to.as_deref())?;
    }
    for path in &args.paths {
        let path = resolve(&session, path)?;
        if version.is_none() && plan::is_tree(&all, &path, of) {
            if to.is_some() {
                return Err(Error::Usage(
                    "`--to` means one thing, not all that was below a directory".to_owned(),
                ));
            }
            run.tree(Some(&path), of)?;
            continue;
        }
        match plan::pick(
            &all,
            &path,
            of,
            version.as_ref().unwrap_or(&Version::Nth(1)),
        ) {
            Some(kept) => run.one(kept, to.as_deref())?,
            None => run.nothing(&path),
        }
    }
    Ok(run.worst)
}

/// Finds the one version that a name means.
fn by_name<'a>(all: &'a [Kept], name: &str, session: Option<&str>) -> Result<&'a Kept, Error> {
    let is_meant = |kept: &&Kept| {
        kept.is_named(name) && session.is_none_or(|id| id == kept.session) && kept.is_kept()
    };
    let found: Vec<&Kept> = all.iter().filter(is_meant).collect();
    match found.as_slice() {
        [one] => Ok(one),
        [] => Err(Error::No(format!(
            "nothing that is retained is called `{name}`"
        ))),
        _ => Err(Error::Usage(format!(
            "`{name}` is retained in {} sessions; write SESSION/{name}",
            found.len()
        ))),
    }
}

struct Run<'a> {
    session: &'a Session,
    all: &'a [Kept],
    restorer: Restorer,
    clerk: Clerk<'a>,
    json: bool,
    bulk: bool,
    worst: u8,
}

impl Run<'_> {
    /// Restores everything below a path, or everything of a session.
    fn tree(&mut self, below: Option<&Path>, session: Option<&str>) -> Result<(), Error> {
        let plan = Plan::new(self.all, below, session);
        if plan.things.is_empty() && plan.passing == 0 {
            self.nothing(below.unwrap_or(Path::new(".")));
            return Ok(());
        }
        self.bulk = true;
        for kept in &plan.things {
            let is_directory = kept.status.is_some_and(|status| status.is_directory());
            // A directory that came back with its content, or was made again, stays.
            let is_moved = kept
                .directory()
                .join(&kept.stored)
                .symlink_metadata()
                .is_err();
            if is_moved || (is_directory && kept.path().is_dir()) {
                continue;
            }
            self.one(kept, None)?;
        }
        if plan.passing > 0 {
            ui::say(&format!(
                "{} names were left in the store, since the session itself had made them; name one to have it.",
                plan.passing
            ));
        }
        Ok(())
    }

    fn one(&mut self, kept: &Kept, to: Option<&Path>) -> Result<(), Error> {
        let to = to.map(|to| match kept.path().file_name() {
            Some(name) if to.is_dir() => to.join(name),
            _ => to.to_owned(),
        });
        let path = to.clone().unwrap_or_else(|| kept.path());
        let is_directory = kept.status.is_some_and(|status| status.is_directory());
        let node = if is_directory {
            Node::Directory
        } else {
            Node::File
        };
        let action = Action::Create {
            target: target(&path, Presence::Absent),
            node,
        };
        if !self.clerk.allows(action, &path)? {
            self.worst = code::DENIED;
            return Ok(());
        }
        match self.restorer.restore(kept, to.as_deref(), self.all) {
            Ok(restored) => self.tell(kept, &restored),
            Err(fault) => {
                ui::error(&fault);
                self.worst = self.worst.max(code::NO);
                Ok(())
            }
        }
    }

    fn tell(&self, kept: &Kept, restored: &Restored) -> Result<(), Error> {
        let how = match restored.how {
            How::Moved => "moved",
            How::Copied => "copied",
            How::Unchanged => "unchanged",
        };
        if self.json {
            return ui::json(&Shown {
                schema: "hlrp.restored/1",
                path: &restored.path,
                how,
                displaced: restored.parked.as_deref(),
                version: retained::Shown::new(kept),
            });
        }
        ui::data(&ui::clean(&restored.path.to_string_lossy()))?;
        match &restored.parked {
            Some(parked) => ui::say(&format!(
                "what stood there is retained: {}",
                ui::clean(&parked.to_string_lossy())
            )),
            None if restored.how == How::Unchanged => ui::say("it is as it was; nothing was done."),
            None => {}
        }
        if restored.how == How::Moved && !self.bulk {
            let links = kept.status.map_or(1, |status| status.links);
            if links > 1 && !kept.status.is_some_and(|status| status.is_directory()) {
                ui::say(&format!(
                    "it is one file with {} other names still.",
                    links - 1
                ));
            }
        }
        Ok(())
    }

    /// Says that nothing of a path is retained, and where it may be instead.
    fn nothing(&mut self, path: &Path) {
        self.worst = self.worst.max(code::NO);
        ui::say(&format!(
            "nothing is retained of {}",
            ui::clean(&path.to_string_lossy())
        ));
        let holds = |kept: &&Kept| {
            let above = kept.path();
            let Ok(rest) = path.strip_prefix(&above) else {
                return false;
            };
            kept.is_kept()
                && above != path
                && kept
                    .directory()
                    .join(&kept.stored)
                    .join(rest)
                    .symlink_metadata()
                    .is_ok()
        };
        if let Some(kept) = self.all.iter().rev().find(holds) {
            ui::say(&format!(
                "it lies in a directory that is: hlrp-sh restore --stored {}/{} --to DIR",
                kept.session, kept.stored
            ));
        } else if self.session.context.roots.is_empty() {
            ui::say("no root is configured here; `hlrp-sh context` says why");
        }
    }
}
