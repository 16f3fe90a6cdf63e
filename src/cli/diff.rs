//! Says what a session did: created, changed, moved, removed; and what it was refused.

mod shown;
mod sitting;

use std::path::Path;
use std::time::SystemTime;

use super::retained::{self, stores};
use crate::audit::{self, Filter};
use crate::error::{Error, code};
use crate::policy::Decision;
use crate::retain::Journal;
use crate::retain::diff::{Change, Changes};
use crate::retain::patch::Patch;
use crate::retain::scan::{Found, Span, scan};
use crate::session::{Request, Session};
use crate::ui::{self, Paint, Progress};

use sitting::Sitting;

/// Show what a session did: created, changed, moved, removed; and was refused
///
/// The last session, where none is named. What was created, or grew at its end, is
/// found by the times of the files, so it may have been made beside the session.
///
///   hlrp-sh diff --patch
#[derive(clap::Args, Debug)]
#[command(verbatim_doc_comment)]
pub(super) struct Args {
    /// This session
    #[arg(long, value_name = "ID")]
    session: Option<String>,
    /// Also the difference in the content of text files
    #[arg(long)]
    patch: bool,
    /// Do not look through the roots for what was created
    #[arg(long)]
    no_scan: bool,
}

pub(super) fn run(args: &Args, json: bool) -> Result<u8, Error> {
    let session = Session::open(&Request::default())?;
    let (journals, _) = retained::read(&session)?;
    let directory = &session.places.audit;
    let unreadable = |source| Error::File {
        path: directory.clone(),
        source,
    };
    let record = audit::read(directory, &Filter::default()).map_err(unreadable)?;
    let sittings = audit::sessions(directory).map_err(unreadable)?;
    let Some(sitting) = Sitting::find(args.session.as_deref(), &journals, &sittings, &record)
    else {
        let text = args
            .session
            .as_ref()
            .map_or("there has been no session here".to_owned(), |id| {
                format!("there has been no session `{id}` here")
            });
        return Err(Error::No(text));
    };
    let is_refused = |entry: &audit::Entry| {
        entry.body.session == sitting.session && entry.body.decision != Decision::Allow
    };
    let refused: Vec<_> = record.into_iter().filter(is_refused).collect();
    let found = (!args.no_scan).then(|| look(&session, &sitting));
    let own: Vec<&Journal> = journals
        .iter()
        .filter(|one| one.session == sitting.session)
        .collect();
    let changes = Changes::of(&own, found.as_ref());
    let undated = found.as_ref().map_or(0, |found| found.blind);
    if json {
        ui::json(&shown::shown(
            &sitting,
            changes,
            refused,
            !args.no_scan,
            undated,
            args.patch,
        ))?;
        return Ok(code::DONE);
    }
    show(&sitting, &changes, &refused)?;
    if args.patch {
        show_patches(&changes)?;
    }
    if undated > 0 {
        ui::say(&format!(
            "{undated} names do not say when they came to be; what was created among them is not shown."
        ));
    }
    Ok(code::DONE)
}

fn look(session: &Session, sitting: &Sitting) -> Found {
    let span = Span {
        from: sitting.began,
        to: sitting.ended.unwrap_or_else(SystemTime::now),
    };
    let mut progress = Progress::new("looking through the roots");
    let mut tick = |done| progress.tick(done);
    scan(&stores(session), &session.context.own, span, &mut tick)
}

fn show(sitting: &Sitting, changes: &Changes, refused: &[audit::Entry]) -> Result<(), Error> {
    let end = sitting.ended.map_or("now, or a crash".to_owned(), moment);
    ui::say(&format!(
        "session {}, {} to {end}",
        Paint::Cyan.on(&ui::clean(&sitting.session)),
        moment(sitting.began)
    ));
    match ui::changes::table(changes, refused) {
        Some(table) => ui::data(&table)?,
        None => ui::say("it left everything as it was."),
    }
    if changes.passing > 0 {
        ui::say(&format!(
            "{} things that it made and removed again are retained too.",
            changes.passing
        ));
    }
    Ok(())
}

/// Shows the difference in content, but for what only git reads.
fn show_patches(changes: &Changes) -> Result<(), Error> {
    let lists = [&changes.changed, &changes.replaced, &changes.removed];
    let kept = lists
        .into_iter()
        .flatten()
        .filter(|one| one.before.is_some());
    let made = changes.created.iter().filter(|made| !made.is_directory);
    let patches = kept
        .map(|one| (patch_of(one), &one.path))
        .chain(made.map(|one| (Patch::of(None, Some(&one.path), &one.path), &one.path)));
    for (patch, path) in patches.filter(|(_, path)| ui::changes::repository(path).is_none()) {
        show_patch(&patch, path)?;
    }
    Ok(())
}

fn patch_of(change: &Change) -> Patch {
    let before = change
        .before
        .as_ref()
        .map(|kept| kept.directory().join(&kept.stored));
    Patch::of(before.as_deref(), change.now.as_deref(), &change.path)
}

fn show_patch(patch: &Patch, path: &Path) -> Result<(), Error> {
    match patch {
        Patch::Text(diff) if diff.is_empty() => Ok(()),
        Patch::Text(diff) => ui::text(diff),
        Patch::None(why) => {
            ui::say(&format!("{}: {why}", ui::clean(&path.to_string_lossy())));
            Ok(())
        }
    }
}

fn moment(time: SystemTime) -> String {
    ui::moment(
        time.duration_since(SystemTime::UNIX_EPOCH)
            .map_or(0, |since| since.as_secs()),
    )
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
