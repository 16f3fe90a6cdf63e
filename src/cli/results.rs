//! Shows the record of experiments: a row a run, derived from the run directories.
//!
//! INVARIANT: the record is read and never written; only the part of a page that is the
//! program's own is replaced, and the earlier page is retained.

mod compare;
pub(super) mod place;
mod shown;
mod update;

use std::path::PathBuf;

use crate::error::{Error, code};
use crate::record::{Record, Run, page, table};
use crate::session::{Request, Session};
use crate::ui;

use place::Place;

/// Show what was run, with which configuration, and what came out
///
/// One row a run: local, a job, a point of a sweep. The rows are read from the run
/// directories every time, and Slurm is asked once how the jobs are; where there is no
/// Slurm the rest stands. FILTER is words that a row must have, all of them: a part of
/// the run's, sweep's or experiment's name, an override as typed, a state, a job.
///
///   hlrp-sh results lr_sweep --by val/loss
///   hlrp-sh results lr_sweep --by val/loss --update docs/results/lr.md
///   hlrp-sh results compare 2026-01-31_12-00-00_lr_sweep_lr=0.1 2026-01-31_12-00-00_lr_sweep_lr=0.2
///   hlrp-sh results --undocumented
#[derive(clap::Args, Debug)]
#[command(verbatim_doc_comment, args_conflicts_with_subcommands = true)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    /// What a row must have
    #[arg(value_name = "FILTER")]
    filter: Vec<String>,
    /// Sort by this metric, the lowest first
    #[arg(long, value_name = "METRIC")]
    by: Option<String>,
    /// With `--by`: the highest first
    #[arg(long, requires = "by")]
    descending: bool,
    /// As a table of markdown
    #[arg(long, conflicts_with = "csv")]
    md: bool,
    /// As comma-separated values
    #[arg(long)]
    csv: bool,
    /// Maintain the table in this page, between two marks; all else of the page stays
    #[arg(long, value_name = "PAGE", conflicts_with_all = ["md", "csv"])]
    update: Option<PathBuf>,
    /// Only runs that ended and have no page below `docs/runs/`
    #[arg(long)]
    undocumented: bool,
    /// The directories that hold run directories, in place of the configuration's own
    #[arg(long, value_name = "DIR", global = true)]
    runs: Vec<PathBuf>,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Compare(compare::Args),
}

pub(super) fn run(args: &Args, json: bool) -> Result<u8, Error> {
    let session = Session::open(&Request::default())?;
    let place = Place::find(&session, &args.runs)?;
    let mut record = place.record()?;
    if let Some(Command::Compare(pair)) = &args.command {
        place.ask(&session, &mut record)?;
        return compare::run(pair, &record, json);
    }
    record.runs.retain(|run| run.matches(&args.filter));
    place.ask(&session, &mut record)?;
    if args.undocumented {
        let written = page::written(&place.project);
        record
            .runs
            .retain(|run| run.state.is_finished() && !written.contains(&run.name));
    }
    if let Some(by) = &args.by {
        sort(&mut record, by, args.descending)?;
    }
    if let Some(path) = &args.update {
        return update::run(
            &session,
            path,
            &question(args),
            &shown::table(&record.runs),
            json,
        );
    }
    let runs = &record.runs;
    if json {
        for run in runs {
            ui::json(&shown::Shown::new(run))?;
        }
        return Ok(code::DONE);
    }
    let (headings, rows) = shown::table(runs);
    if args.md {
        ui::raw(table::markdown(&headings, &rows).as_bytes())?;
    } else if args.csv {
        ui::raw(table::csv(&headings, &rows).as_bytes())?;
    } else if runs.is_empty() {
        ui::say("no run is like that");
    } else {
        ui::data(&shown::text(&headings, &rows))?;
    }
    shown::faults(runs);
    Ok(code::DONE)
}

fn sort(record: &mut Record, by: &str, descending: bool) -> Result<(), Error> {
    if !record.runs.iter().any(|run| run.metrics.contains_key(by)) && !record.runs.is_empty() {
        let known = table::metrics(&record.runs);
        return Err(Error::No(format!(
            "no run has the metric `{by}`; there are: {}",
            known.join(", ")
        )));
    }
    let value = |run: &Run| {
        let value = run.metrics.get(by).copied().filter(|value| !value.is_nan());
        value.map(|value| if descending { -value } else { value })
    };
    record
        .runs
        .sort_by(|one, other| match (value(one), value(other)) {
            (Some(one), Some(other)) => one.total_cmp(&other),
            // What has no value comes last, whichever way round.
            (one, other) => other.is_some().cmp(&one.is_some()),
        });
    Ok(())
}

/// Returns what a page's table answers, as it stands in the page's mark.
fn question(args: &Args) -> String {
    args.filter.join(" ")
}
