//! Opens the page of a run: what was asked, what came out, what follows.
//!
//! INVARIANT: a page that is there is a person's and is never written to.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Serialize;

use super::permit::{Clerk, settled, target};
use super::results::place::Place;
use crate::error::{Error, code};
use crate::policy::{Action, Node, Presence};
use crate::record::page;
use crate::session::{Request, Session};
use crate::sys::regular;
use crate::ui;

/// Open the page of a run below `docs/runs/`, made from a template where there is none
///
/// The project's `config/results/page.md` is the template, else one of ours. It opens in
/// `$VISUAL` or `$EDITOR`; away from a terminal the page is made and named.
///
///   hlrp-sh note 2026-01-31_12-00-00_lr_sweep_lr=0.1
#[derive(clap::Args, Debug)]
#[command(verbatim_doc_comment)]
pub(super) struct Args {
    /// The run: its name or an unmistakable part of it, its directory, its job
    #[arg(value_name = "RUN")]
    run: String,
    /// The directories that hold run directories, in place of the configuration's own
    #[arg(long, value_name = "DIR")]
    runs: Vec<PathBuf>,
}

#[derive(Serialize)]
struct Shown<'a> {
    schema: &'static str,
    run: &'a str,
    page: &'a Path,
    made: bool,
}

pub(super) fn run(args: &Args, json: bool) -> Result<u8, Error> {
    let session = Session::open(&Request::default())?;
    let place = Place::find(&session, &args.runs)?;
    let mut record = place.record()?;
    let name = record.find(&args.run).map_err(Error::No)?.name.clone();
    record.runs.retain(|run| run.name == name);
    place.ask(&session, &mut record)?;
    let Some(run) = record.runs.first() else {
        return Err(Error::No(format!("no run is called `{name}`")));
    };
    let path = settled(&page::path(&place.project, run))?;
    let made = !path.exists();
    if made {
        let mut clerk = Clerk::new(&session, "hlrp-sh note");
        let action = Action::Create {
            target: target(&path, Presence::Absent),
            node: Node::File,
        };
        if !clerk.allows(action, &path)? {
            return Ok(code::DENIED);
        }
        let text = page::text(&place.project, run);
        regular::write_new(&path, &text).map_err(|source| Error::File {
            path: path.clone(),
            source,
        })?;
    }
    if json {
        ui::json(&Shown {
            schema: "hlrp.note/1",
            run: &run.name,
            page: &path,
            made,
        })?;
        return Ok(code::DONE);
    }
    ui::data(&ui::clean(&path.to_string_lossy()))?;
    match editor() {
        Some(editor) => edit(&editor, &path),
        None => Ok(code::DONE),
    }
}

/// Returns the person's editor, where there is a person who could use it.
fn editor() -> Option<String> {
    let is_seen = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    let named = ["VISUAL", "EDITOR"]
        .iter()
        .filter_map(|name| std::env::var(name).ok());
    named
        .filter(|_| is_seen)
        .find(|editor| !editor.trim().is_empty())
}

/// Runs the editor as a line of the shell would: guarded, its words split as a shell does.
fn edit(editor: &str, path: &Path) -> Result<u8, Error> {
    let program = std::env::current_exe().map_err(|source| Error::Io {
        what: "this program",
        source,
    })?;
    let line = format!("{editor} {}", ui::quoted(&path.to_string_lossy()));
    let status = Command::new(&program).args(["-c", &line]).status();
    let status = status.map_err(|source| Error::File {
        path: program,
        source,
    })?;
    Ok(status
        .code()
        .and_then(|code| u8::try_from(code).ok())
        .unwrap_or(code::NO))
}
