//! Chooses an image in the user's own configuration.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::Settings;
use crate::cli::permit::{Clerk, target};
use crate::error::{Error, code};
use crate::policy::{Action, Presence, WriteHow};
use crate::slurm::submit::edit;
use crate::ui;

/// Use an image from now on
///
/// Writes `cluster.container.image` into config/user_config/local.yaml, or with
/// `--environment` the image of those stages alone. The line that stood there stays
/// above the new one as a comment; nothing else in the file changes.
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// The image
    #[arg(value_name = "PATH")]
    path: PathBuf,
    /// Only for the stages that run in this environment: `hlrp` (1 and 2), `lerobot` (3)
    #[arg(long, value_name = "NAME")]
    environment: Option<String>,
}

#[derive(Serialize)]
struct Shown<'a> {
    schema: &'static str,
    key: &'a str,
    image: &'a Path,
    before: &'a Option<String>,
    file: &'a Path,
}

/// What a file of the user's begins with.
const HEAD: &str = "# @package _global_\n\n";

pub(super) fn run(args: &Args, json: bool) -> Result<u8, Error> {
    let settings = Settings::read()?;
    let image = std::path::absolute(&args.path).map_err(|source| Error::File {
        path: args.path.clone(),
        source,
    })?;
    if !image.is_file() || fs::File::open(&image).is_err() {
        return Err(Error::No(format!(
            "`{}` is no image that can be read: `hlrp-sh image list` shows what there is",
            image.display()
        )));
    }
    let keys: Vec<&str> = match &args.environment {
        None => vec!["cluster", "container", "image"],
        Some(name) if ["hlrp", "lerobot"].contains(&name.as_str()) => vec!["images", name],
        Some(name) => {
            return Err(Error::Usage(format!(
                "no stage runs in `{name}`: hlrp or lerobot"
            )));
        }
    };
    let Some(value) = image
        .to_str()
        .filter(|text| !text.chars().any(char::is_control))
    else {
        return Err(Error::No(
            "an image's path must be text on one line".to_owned(),
        ));
    };
    let file = settings.project.config.join("user_config/local.yaml");
    let there = file.exists();
    let text = match there {
        true => fs::read_to_string(&file).map_err(|source| Error::File {
            path: file.clone(),
            source,
        })?,
        false => HEAD.to_owned(),
    };
    let day = settings.composing.timestamp();
    let note = format!("until {}", day.get(..10).unwrap_or(&day));
    let key = keys.join(".");
    let (changed, before) = edit::set(&text, &keys, value, &note).map_err(|fault| {
        Error::No(format!(
            "`{}` is left as it is: {fault}; set {key}: {value} by hand",
            file.display()
        ))
    })?;
    let presence = if there {
        Presence::File
    } else {
        Presence::Absent
    };
    let action = Action::Write {
        target: target(&file, presence),
        how: WriteHow::Edit,
    };
    let mut clerk = Clerk::new(&settings.session, "image use");
    if !clerk.allows(action, &file)? {
        return Ok(code::DENIED);
    }
    write(&file, &changed).map_err(|source| Error::File {
        path: file.clone(),
        source,
    })?;
    if json {
        ui::json(&Shown {
            schema: "hlrp.image/1",
            key: &key,
            image: &image,
            before: &before,
            file: &file,
        })?;
        return Ok(code::DONE);
    }
    ui::data(&ui::clean(&format!("{key}: {value}")))?;
    if let Some(before) = before {
        ui::say(&format!(
            "it was {}; the line stays above as a comment in {}",
            ui::clean(&before),
            file.display()
        ));
    }
    Ok(code::DONE)
}

/// Writes the file whole, or leaves it as it is.
fn write(file: &Path, text: &str) -> std::io::Result<()> {
    if let Some(parent) = file.parent() {
        fs::create_dir_all(parent)?;
    }
    let beside = file.with_extension(format!("yaml.{}", std::process::id()));
    fs::write(&beside, text)?;
    fs::rename(&beside, file)
}
