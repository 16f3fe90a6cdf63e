//! Pages that persons write: one a run below `docs/runs/`, and whatever else below `docs/`
//! speaks of an experiment.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::Run;
use super::table::number;
use crate::slurm::query::time;
use crate::sys::regular;

const TEMPLATE: &str = include_str!("../../config/results/page.md");
/// Pages are searched so deep, so many, and so much of each.
const DEPTH: usize = 4;
const PAGES: usize = 2000;
const LONGEST: u64 = 1 << 20;

/// Returns the page of a run.
pub fn path(project: &Path, run: &Run) -> PathBuf {
    project.join("docs/runs").join(format!("{}.md", run.name))
}

/// Returns the text that a page begins with: the project's own template
/// (`config/results/page.md`), else the program's.
pub fn text(project: &Path, run: &Run) -> String {
    let own = regular::read(&project.join("config/results/page.md"), LONGEST);
    let mut text = own.unwrap_or_else(|_| TEMPLATE.to_owned());
    let commit = run.commit.clone().unwrap_or_default();
    let dirty = if run.is_dirty {
        " and uncommitted changes"
    } else {
        ""
    };
    let metrics = run.metrics.iter();
    let metrics: Vec<String> = metrics
        .map(|(name, value)| format!("{name} {}", number(*value)))
        .collect();
    let values = [
        ("name", run.name.clone()),
        ("experiment", run.experiment.clone()),
        ("state", run.state.as_str().to_owned()),
        (
            "where",
            [&*run.place, &run.jobs.join(" ")]
                .join(" ")
                .trim()
                .to_owned(),
        ),
        ("started", run.started.clone()),
        (
            "elapsed",
            run.elapsed.map(time::written).unwrap_or_default(),
        ),
        ("commit", format!("{commit}{dirty}")),
        ("config", run.config.clone().unwrap_or_default()),
        ("directory", run.directory.display().to_string()),
        (
            "overrides",
            run.overrides
                .iter()
                .map(|one| format!("`{one}`"))
                .collect::<Vec<_>>()
                .join(" "),
        ),
        ("metrics", metrics.join(", ")),
    ];
    for (name, value) in values {
        text = text.replace(&format!("{{{{{name}}}}}"), &value);
    }
    text
}

/// Returns the names that pages below `docs/runs/` have.
pub fn written(project: &Path) -> HashSet<String> {
    let entries = fs::read_dir(project.join("docs/runs"))
        .into_iter()
        .flatten()
        .flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    names
        .filter_map(|name| Some(name.strip_suffix(".md")?.to_owned()))
        .collect()
}

/// Returns the pages below `docs/` that speak of an experiment, by its name as a whole word.
pub fn speaking(project: &Path, experiment: &str) -> Vec<PathBuf> {
    let mut pages = Vec::new();
    if !experiment.is_empty() {
        collect(&project.join("docs"), 0, &mut pages);
    }
    pages.retain(|page| regular::read(page, LONGEST).is_ok_and(|text| says(&text, experiment)));
    pages.sort();
    pages
}

fn collect(directory: &Path, depth: usize, pages: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        let path = entry.path();
        let Ok(kind) = entry.file_type() else {
            continue;
        };
        if kind.is_dir() && depth < DEPTH {
            collect(&path, depth + 1, pages);
        } else if kind.is_file()
            && path.extension().is_some_and(|one| one == "md")
            && pages.len() < PAGES
        {
            pages.push(path);
        }
    }
}

fn says(text: &str, word: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word).any(|(at, _)| {
        let before = text.get(..at).and_then(|text| text.chars().next_back());
        let after = text
            .get(at + word.len()..)
            .and_then(|text| text.chars().next());
        !before.is_some_and(is_part) && !after.is_some_and(is_part)
    })
}
