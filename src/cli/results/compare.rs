//! Two runs: what they were told differently, beside what came out differently.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::error::{Error, code};
use crate::record::table::{metrics, number};
use crate::record::{Record, Run, config, scan};
use crate::sys::regular;
use crate::ui;
use crate::ui::table::{Cell, Table};

/// Show what two runs were told differently, beside what came out differently
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// A run: its name or an unmistakable part of it, its directory, its job
    #[arg(value_name = "A")]
    one: String,
    /// The other
    #[arg(value_name = "B")]
    other: String,
}

#[derive(Serialize)]
struct Shown<'a> {
    schema: &'static str,
    runs: [&'a str; 2],
    same_config: bool,
    config: BTreeMap<&'a str, [Option<&'a str>; 2]>,
    metrics: BTreeMap<&'a str, [Option<f64>; 2]>,
}

pub(super) fn run(args: &Args, record: &Record, json: bool) -> Result<u8, Error> {
    let one = record.find(&args.one).map_err(Error::No)?;
    let other = record.find(&args.other).map_err(Error::No)?;
    let (told, others) = (told(one)?, told(other)?);
    let keys: BTreeSet<&String> = told.keys().chain(others.keys()).collect();
    let differ = |key: &&&String| told.get(**key) != others.get(**key);
    let differing: Vec<&String> = keys.iter().filter(differ).copied().collect();
    let names = metrics([one, other]);
    if json {
        let side = |map: &'_ BTreeMap<String, String>, key: &str| map.get(key).cloned();
        let pairs: Vec<(&str, [Option<String>; 2])> = differing
            .iter()
            .map(|key| (key.as_str(), [side(&told, key), side(&others, key)]))
            .collect();
        let config = pairs
            .iter()
            .map(|(key, [a, b])| (*key, [a.as_deref(), b.as_deref()]));
        let values = |name: &String| {
            [
                one.metrics.get(name).copied(),
                other.metrics.get(name).copied(),
            ]
        };
        ui::json(&Shown {
            schema: "hlrp.compare/1",
            runs: [&one.name, &other.name],
            same_config: one.config.is_some() && one.config == other.config,
            config: config.collect(),
            metrics: names
                .iter()
                .map(|name| (name.as_str(), values(name)))
                .collect(),
        })?;
        return Ok(code::DONE);
    }
    let mut table = Table::new(["", "A", "B", "B - A"]);
    let cells = |texts: [&str; 4]| texts.map(Cell::from);
    table.row(cells(["run", &one.name, &other.name, ""]));
    table.row(cells([
        "state",
        one.state.as_str(),
        other.state.as_str(),
        "",
    ]));
    for key in &differing {
        let side = |map: &BTreeMap<String, String>| {
            map.get(*key).cloned().unwrap_or_else(|| "-".to_owned())
        };
        table.row(cells([key, &side(&told), &side(&others), ""]));
    }
    for name in &names {
        let value = |run: &Run| run.metrics.get(name).copied();
        let shown = |run: &Run| value(run).map_or_else(|| "-".to_owned(), number);
        let difference = value(one)
            .zip(value(other))
            .map(|(one, other)| number(other - one));
        table.row(cells([
            name,
            &shown(one),
            &shown(other),
            &difference.unwrap_or_default(),
        ]));
    }
    ui::data(&table.render())?;
    if differing.is_empty() {
        ui::say("both were told the same.");
    }
    Ok(code::DONE)
}

/// Returns what a run was told, its own directory aside.
fn told(run: &Run) -> Result<BTreeMap<String, String>, Error> {
    let path = run.directory.join("config.yaml");
    let text = regular::read(&path, scan::LONGEST).map_err(|source| Error::File {
        path: path.clone(),
        source,
    })?;
    let directory = run.directory.to_string_lossy();
    let mut all = config::flat(&text)
        .map_err(|fault| Error::Policy(format!("{}: {fault}", path.display())))?;
    for value in all.values_mut() {
        *value = value.replace(&*directory, "RUN").replace(&run.name, "RUN");
    }
    Ok(all)
}
