//! Container images: imported on a compute node, listed, chosen.

mod choose;
mod import;

use std::path::{Path, PathBuf};

use clap::Subcommand;
use serde::Serialize;

use crate::error::{Error, code};
use crate::session::{self, Session};
use crate::slurm::submit::Value;
use crate::ui;
use crate::ui::table::Table;

use super::project::Project;
use super::submit::composing::Composing;

/// Import, list and choose container images
///
/// An image is a file that jobs start in. Importing one takes memory and time, so it is a
/// job of its own; nothing is ever imported on a login node.
///
///   hlrp-sh image import docker://nvcr.io#nvidia/pytorch:24.04-py3 --mem 64G
///   hlrp-sh image list
///   hlrp-sh image use /dss/GROUP/YOU/enroot/pytorch-24.04-py3_imported_2026-01-31_1200.sqsh
#[derive(clap::Args, Debug)]
#[command(verbatim_doc_comment)]
pub(super) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Import(import::Args),
    List(List),
    Use(choose::Args),
}

/// List the images that are there, and which one is used
#[derive(clap::Args, Debug)]
struct List {}

pub(super) fn run(args: &Args, json: bool) -> Result<u8, Error> {
    match &args.verb {
        Verb::Import(args) => import::run(args, json),
        Verb::List(_) => list(json),
        Verb::Use(args) => choose::run(args, json),
    }
}

/// What the project says about images.
struct Settings {
    project: Project,
    session: Session,
    composing: Composing,
}

impl Settings {
    fn read() -> Result<Self, Error> {
        let project = Project::find(None, "config")?;
        let session = Session::open(&session::Request::default())?;
        let composing = Composing::new(&project, "config", &session)?;
        Ok(Self {
            project,
            session,
            composing,
        })
    }

    /// Returns a value of the composed configuration as text.
    fn text(&self, key: &str) -> Result<Option<String>, Error> {
        let value: Value = self.composing.value(key, &self.project.root)?;
        Ok(value.text().filter(|text| !text.is_empty()))
    }

    /// Returns where images are kept.
    fn directory(&self) -> Result<PathBuf, Error> {
        if let Some(directory) = self.text("image.dir")? {
            return Ok(self.project.root.join(directory));
        }
        let root = self
            .text("logging.root_dir")?
            .unwrap_or_else(|| ".".to_owned());
        Ok(self.project.root.join(root).join("enroot"))
    }
}

#[derive(Serialize)]
struct Shown<'a> {
    schema: &'static str,
    path: &'a Path,
    bytes: u64,
    modified: u64,
    used_as: Vec<&'a str>,
}

fn list(json: bool) -> Result<u8, Error> {
    let settings = Settings::read()?;
    let directory = settings.directory()?;
    let keys = ["cluster.container.image", "images.hlrp", "images.lerobot"];
    let mut used = Vec::new();
    for key in keys {
        if let Some(path) = settings.text(key)? {
            used.push((key, PathBuf::from(path)));
        }
    }
    let entries = std::fs::read_dir(&directory)
        .into_iter()
        .flatten()
        .flatten();
    let is_image = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "sqsh");
    let mut images: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(is_image).collect();
    images.extend(
        used.iter()
            .map(|(_, path)| path.clone())
            .filter(|path| path.exists()),
    );
    images.sort();
    images.dedup();
    let mut table = Table::new(["image", "size", "from", "used as"]);
    for path in &images {
        let Ok(found) = path.metadata() else { continue };
        let modified = found
            .modified()
            .ok()
            .and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
        let modified = modified.map_or(0, |since| since.as_secs());
        let used_as: Vec<&str> = used
            .iter()
            .filter(|(_, one)| one == path)
            .map(|(key, _)| *key)
            .collect();
        if json {
            ui::json(&Shown {
                schema: "hlrp.image/1",
                path,
                bytes: found.len(),
                modified,
                used_as,
            })?;
            continue;
        }
        let cells = [
            path.display().to_string(),
            ui::size(found.len()),
            ui::moment(modified),
            used_as.join(", "),
        ];
        table.row(cells.map(Into::into));
    }
    if images.is_empty() {
        ui::say(&format!(
            "no image is in {}; `hlrp-sh image import docker://…` makes one",
            directory.display()
        ));
    } else if !json {
        ui::data(&table.render())?;
    }
    Ok(code::DONE)
}
