//! Says what a session did: created, changed, moved, removed; and what it was refused.

mod shown;

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::retained::{self, stores};
use crate::audit::{self, Filter, Timestamp};
use crate::error::{Error, code};
use crate::policy::Decision;
use crate::retain::diff::{Change, Changes};
use crate::retain::list::began;
use crate::retain::patch::Patch;
use crate::retain::scan::{Found, Span, scan};
use crate::retain::{Journal, restore};
use crate::session::{Request, Session};
use crate::ui::table::{Cell, Table};
use crate::ui::{self, Paint, Progress};

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

/// The session that is meant, and its time.
struct Sitting {
    session: String,
    began: u64,
    ended: Option<u64>,
}

pub(super) fn run(args: &Args, json: bool) -> Result<u8, Error> {
    let session = Session::open(&Request::default())?;
    let (journals, _) = retained::read(&session)?;
    let directory = &session.places.audit;
    let unreadable = |source| Error::File {
        path: directory.clone(),
        source,
    };
    let sittings = audit::sessions(directory).map_err(unreadable)?;
    let Some(sitting) = find(args.session.as_deref(), &journals, &sittings) else {
        let text = args
            .session
            .as_ref()
            .map_or("there has been no session here".to_owned(), |id| {
                format!("there has been no session `{id}` here")
            });
        return Err(Error::No(text));
    };
    let filter = Filter {
        session: Some(sitting.session.clone()),
        ..Filter::default()
    };
    let mut refused = audit::read(directory, &filter).map_err(unreadable)?;
    refused.retain(|entry| entry.body.decision != Decision::Allow);
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
        for (change, title) in changes
            .changed
            .iter()
            .chain(&changes.replaced)
            .chain(&changes.removed)
            .filter_map(with_before)
        {
            show_patch(&patch_of(change), &title)?;
        }
        for made in changes.created.iter().filter(|made| !made.is_directory) {
            show_patch(&Patch::of(None, Some(&made.path), &made.path), &made.path)?;
        }
    }
    if undated > 0 {
        ui::say(&format!(
            "{undated} names do not say when they came to be; what was created among them is not shown."
        ));
    }
    Ok(code::DONE)
}

/// Finds the session that is meant: the one named, else the last that did anything but restore.
fn find(id: Option<&str>, journals: &[Journal], sittings: &[audit::Sitting]) -> Option<Sitting> {
    let only_restores = |journal: &&Journal| {
        !journal.entries.is_empty()
            && journal
                .entries
                .iter()
                .all(|entry| entry.program == restore::PROGRAM)
    };
    let restores: Vec<&str> = journals
        .iter()
        .filter(only_restores)
        .map(|one| one.session.as_str())
        .collect();
    let heard = sittings
        .iter()
        .map(|one| (seconds(&one.began).unwrap_or(0), one.session.as_str()));
    let kept = journals
        .iter()
        .map(|one| (one.began(), one.session.as_str()));
    let is_meant = |(_, session): &(u64, &str)| match id {
        Some(id) => *session == id,
        None => !restores.contains(session),
    };
    let (time, session) = heard.chain(kept).filter(is_meant).max()?;
    let ended = sittings
        .iter()
        .rev()
        .find(|one| one.session == session)
        .and_then(|one| one.ended.as_ref());
    Some(Sitting {
        session: session.to_owned(),
        began: began(session).unwrap_or(time),
        // Its record is to the millisecond; what it made last is in that second.
        ended: ended.and_then(seconds).map(|second| second + 1),
    })
}

fn seconds(time: &Timestamp) -> Option<u64> {
    let text = time.to_string().replace(['-', ':'], "").replace('T', "-");
    began(&text)
}

fn look(session: &Session, sitting: &Sitting) -> Found {
    let at = |seconds| UNIX_EPOCH + Duration::from_secs(seconds);
    let span = Span {
        from: at(sitting.began),
        to: sitting.ended.map_or_else(SystemTime::now, at),
    };
    let mut progress = Progress::new("looking through the roots");
    scan(&stores(session), &session.context.own, span, &mut |done| {
        progress.tick(done)
    })
}

fn show(sitting: &Sitting, changes: &Changes, refused: &[audit::Entry]) -> Result<(), Error> {
    let end = sitting
        .ended
        .map_or("now, or a crash".to_owned(), ui::moment);
    ui::say(&format!(
        "session {}, {} to {end}",
        Paint::Cyan.on(&ui::clean(&sitting.session)),
        ui::moment(sitting.began)
    ));
    let mut table = Table::new(["what", "path", "size", "retained as"]);
    let mut rows = 0;
    let mut row = |what: &str, paint, path: &str, size: &str, kept: &str| {
        rows += 1;
        table.row([
            Cell::painted(what, paint),
            Cell::from(path),
            Cell::from(size),
            Cell::painted(kept, Paint::Cyan),
        ]);
    };
    for made in &changes.created {
        let path = text(&made.path);
        if made.is_directory {
            row(
                "created",
                Paint::Green,
                &format!("{path}/"),
                &format!("{} names, {}", made.entries, ui::size(made.size)),
                "",
            );
        } else {
            row("created", Paint::Green, &path, &ui::size(made.size), "");
        }
    }
    let lists = [
        ("changed", &changes.changed),
        ("replaced", &changes.replaced),
        ("removed", &changes.removed),
    ];
    for (what, list) in lists {
        for change in list {
            let before = change.before.as_ref().map(|kept| kept.entry.size);
            let size = match (before, change.size) {
                (Some(before), Some(now)) => format!("{} -> {}", ui::size(before), ui::size(now)),
                (Some(size), None) | (None, Some(size)) => ui::size(size),
                (None, None) => String::new(),
            };
            let kept = change
                .before
                .as_ref()
                .map(|kept| format!("{}/{}", kept.session, kept.stored));
            let paint = if what == "removed" {
                Paint::Red
            } else {
                Paint::Yellow
            };
            row(
                what,
                paint,
                &text(&change.path),
                &size,
                kept.as_deref().unwrap_or(""),
            );
        }
    }
    for one in &changes.renamed {
        row(
            "renamed",
            Paint::Yellow,
            &format!("{} -> {}", text(&one.from), text(&one.to)),
            "",
            "",
        );
    }
    for entry in refused {
        let record = &entry.body;
        row(
            "refused",
            Paint::Red,
            &format!("{} {}", record.action, record.target),
            "",
            &record.rule,
        );
    }
    if rows == 0 {
        ui::say("it left everything as it was.");
    } else {
        ui::data(&table.render())?;
    }
    if changes.passing > 0 {
        ui::say(&format!(
            "{} things that it made and removed again are retained too.",
            changes.passing
        ));
    }
    Ok(())
}

fn with_before(change: &Change) -> Option<(&Change, PathBuf)> {
    change
        .before
        .as_ref()
        .map(|_| (change, change.path.clone()))
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

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
