//! What is known already of what is about to be submitted: runs of the same configuration,
//! and the pages that speak of the experiment.

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::record::{Record, config, page};
use crate::slurm::submit::Plan;
use crate::ui;

use super::Work;

/// Runs and pages of each that are named.
const NAMED: usize = 8;

/// Says what is known. Nothing depends on it: what cannot be read is not told.
pub(super) fn tell(work: &Work<'_>, plan: &Plan) {
    let directories = plan.jobs.iter().filter_map(|job| job.directory.parent());
    let places: BTreeSet<PathBuf> = directories.map(PathBuf::from).collect();
    let places: Vec<PathBuf> = places.into_iter().collect();
    let record = Record::read(&places).unwrap_or_default();
    if !record.runs.is_empty() {
        let hashes = hashes(work, plan);
        let same = record.runs.iter().rev().filter(|run| {
            let hash = run.config.as_ref();
            hash.is_some_and(|hash| hashes.contains(hash))
        });
        let same: Vec<String> = same
            .map(|run| {
                let how = run.said.as_deref().unwrap_or(run.state.as_str());
                format!("{} ({how})", run.directory.display())
            })
            .collect();
        list("run with this very configuration before", &same);
    }
    let pages = page::speaking(&work.project.root, &plan.base.experiment);
    let pages: Vec<String> = pages.iter().map(|one| one.display().to_string()).collect();
    list("pages that speak of this experiment", &pages);
}

fn hashes(work: &Work<'_>, plan: &Plan) -> BTreeSet<String> {
    let texts = plan.jobs.iter().filter_map(|job| {
        let text = work.composing.text(&job.arguments, &work.project.root);
        let directory = job.directory.to_string_lossy().into_owned();
        Some(config::hash(
            &text.ok()?,
            &directory,
            &work.request.timestamp,
        ))
    });
    texts.collect()
}

fn list(what: &str, all: &[String]) {
    if all.is_empty() {
        return;
    }
    ui::say(&format!("{what}:"));
    for one in all.iter().take(NAMED) {
        ui::say(&format!("  {}", ui::clean(one)));
    }
    if all.len() > NAMED {
        ui::say(&format!("  and {} more", all.len() - NAMED));
    }
}
