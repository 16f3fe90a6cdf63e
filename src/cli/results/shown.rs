//! Rows as a person and as a program see them.

use serde::Serialize;

use crate::record::table::{metrics, number};
use crate::record::{Run, State};
use crate::slurm::query::time;
use crate::ui::table::{Cell, Table};
use crate::ui::{self, Paint};

/// A run in `--json`.
#[derive(Serialize)]
pub(super) struct Shown<'a> {
    schema: &'static str,
    #[serde(flatten)]
    run: &'a Run,
}

impl<'a> Shown<'a> {
    pub(super) fn new(run: &'a Run) -> Self {
        Self {
            schema: "hlrp.run/1",
            run,
        }
    }
}

/// Faults told one by one; of more, their number.
const TOLD: usize = 20;
/// Letters of a commit and of a configuration's hash.
const SHORT: usize = 8;

/// Returns headings and rows.
pub(super) fn table(runs: &[Run]) -> (Vec<String>, Vec<Vec<String>>) {
    let metrics = metrics(runs);
    let fixed = [
        "run",
        "state",
        "where",
        "job",
        "time",
        "config",
        "commit",
        "overrides",
    ];
    let headings = fixed
        .map(str::to_owned)
        .into_iter()
        .chain(metrics.iter().cloned());
    let rows = runs.iter().map(|run| row(run, &metrics));
    (headings.collect(), rows.collect())
}

fn row(run: &Run, metrics: &[String]) -> Vec<String> {
    // A row with a fault is marked; what is wrong is said beside the table and in --json.
    let mark = if run.faults.is_empty() { "" } else { " !" };
    let commit = run.commit.as_deref().unwrap_or_default();
    let dirty = if run.is_dirty { "+" } else { "" };
    let mut cells = vec![
        run.name.clone(),
        format!("{}{mark}", run.state.as_str()),
        run.place.clone(),
        run.jobs.first().cloned().unwrap_or_default(),
        run.elapsed.map(time::written).unwrap_or_default(),
        short(run.config.as_deref().unwrap_or_default()),
        format!("{}{dirty}", short(commit)),
        run.overrides.join(" "),
    ];
    let value = |name: &String| run.metrics.get(name).copied().map(number);
    cells.extend(metrics.iter().map(|name| value(name).unwrap_or_default()));
    cells
}

fn short(text: &str) -> String {
    text.chars().take(SHORT).collect()
}

/// Returns the table as lines for a terminal. Columns in which nothing stands are left out.
pub(super) fn text(headings: &[String], rows: &[Vec<String>]) -> String {
    let said = |column: usize| {
        rows.iter()
            .any(|row| row.get(column).is_some_and(|cell| !cell.is_empty()))
    };
    let columns: Vec<usize> = (0..headings.len()).filter(|column| said(*column)).collect();
    let heading = columns.iter().filter_map(|column| headings.get(*column));
    let mut table = Table::new(heading.map(String::as_str));
    for row in rows {
        let cell = |column: &usize| {
            let text = row.get(*column).map_or("", String::as_str);
            match *column {
                1 => paint(text),
                _ => Cell::from(text),
            }
        };
        table.row(columns.iter().map(cell));
    }
    table.render()
}

fn paint(state: &str) -> Cell {
    let failed = [State::Failed, State::Refused].map(State::as_str);
    match state {
        text if failed.iter().any(|one| text.starts_with(one)) => Cell::painted(text, Paint::Red),
        text if text.ends_with('!') => Cell::painted(text, Paint::Yellow),
        text => Cell::from(text),
    }
}

/// Says what is wrong with which run.
pub(super) fn faults(runs: &[Run]) {
    let broken: Vec<&Run> = runs.iter().filter(|run| !run.faults.is_empty()).collect();
    for run in broken.iter().take(TOLD) {
        ui::say(&ui::clean(&format!(
            "! {}: {}",
            run.name,
            run.faults.join("; ")
        )));
    }
    if broken.len() > TOLD {
        ui::say(&format!("! and {} more", broken.len() - TOLD));
    }
}
