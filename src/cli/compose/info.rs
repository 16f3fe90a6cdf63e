//! How a configuration comes about: files, choices, directories.

use serde::Serialize;

use crate::compose::composition::{Composition, Step};
use crate::compose::tree::Source;
use crate::error::{Error, code};
use crate::ui;
use crate::ui::table::Table;

#[derive(Serialize)]
struct Defaults<'a> {
    schema: &'static str,
    defaults: Vec<File<'a>>,
}

#[derive(Serialize)]
struct File<'a> {
    config: &'a str,
    package: &'a str,
    is_self: bool,
    parent: Option<&'a str>,
}

impl<'a> From<&'a Step> for File<'a> {
    fn from(step: &'a Step) -> Self {
        Self {
            config: &step.config,
            package: &step.package,
            is_self: step.is_self,
            parent: step.parent.as_deref(),
        }
    }
}

/// Shows the files that are merged, in order.
pub(super) fn defaults(composition: &Composition, json: bool) -> Result<u8, Error> {
    let files = composition.defaults.iter().map(File::from);
    if json {
        ui::json(&Defaults {
            schema: "hlrp.compose.defaults/1",
            defaults: files.collect(),
        })?;
        return Ok(code::DONE);
    }
    let mut table = Table::new(["config", "package", "named by"]);
    for file in files {
        let config = if file.is_self {
            format!("{} (its own keys)", file.config)
        } else {
            file.config.to_owned()
        };
        let package = match file.package {
            "" => "(top)",
            package => package,
        };
        let parent = file.parent.unwrap_or_default();
        table.row([config.into(), package.into(), parent.into()]);
    }
    ui::data(&table.render())?;
    Ok(code::DONE)
}

#[derive(Serialize)]
struct Choices<'a> {
    schema: &'static str,
    choices: &'a indexmap::IndexMap<String, Option<String>>,
}

/// Shows the option of each group.
pub(super) fn choices(composition: &Composition, json: bool) -> Result<u8, Error> {
    let choices = &composition.choices;
    if json {
        ui::json(&Choices {
            schema: "hlrp.compose.choices/1",
            choices,
        })?;
        return Ok(code::DONE);
    }
    let mut table = Table::new(["group", "option"]);
    for (group, option) in choices {
        let option = option.as_deref().unwrap_or("null");
        table.row([group.into(), option.into()]);
    }
    ui::data(&table.render())?;
    Ok(code::DONE)
}

#[derive(Serialize)]
struct Searchpath<'a> {
    schema: &'static str,
    searchpath: Vec<Place<'a>>,
}

#[derive(Serialize)]
struct Place<'a> {
    provider: &'a str,
    path: String,
    is_available: bool,
}

impl<'a> From<&'a Source> for Place<'a> {
    fn from(source: &'a Source) -> Self {
        Self {
            provider: &source.provider,
            path: format!("{}://{}", source.scheme, source.path),
            is_available: source.is_available(),
        }
    }
}

/// Shows where files are looked for, in order.
pub(super) fn searchpath(composition: &Composition, json: bool) -> Result<u8, Error> {
    let places = composition.sources.iter().map(Place::from);
    if json {
        ui::json(&Searchpath {
            schema: "hlrp.compose.searchpath/1",
            searchpath: places.collect(),
        })?;
        return Ok(code::DONE);
    }
    let mut table = Table::new(["asked for by", "path", ""]);
    for place in places {
        let state = if place.is_available { "" } else { "not there" };
        table.row([place.provider.into(), place.path.into(), state.into()]);
    }
    ui::data(&table.render())?;
    Ok(code::DONE)
}
