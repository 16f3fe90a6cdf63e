//! Makes the run directories, with everything that tells later what was run.

use std::io;
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::slurm::submit::manifest::{self, Manifest};
use crate::slurm::submit::{Job, Overrides, Plan, folder, git};

use super::Work;

/// Mode of what is kept, and of what is run.
pub(in crate::cli) const KEPT: u32 = 0o644;
pub(in crate::cli) const RUN: u32 = 0o755;

/// Makes everything of a plan on disk, the manifest last; hands back where it is.
pub(super) fn make(work: &Work<'_>, mut plan: Plan) -> Result<(Plan, Manifest, PathBuf), Error> {
    let moved = claim(work, &plan)?;
    let problems = plan.relocate(&work.request, &work.host, &moved);
    if let Some(problem) = problems.first() {
        return Err(Error::No(problem.what.clone()));
    }
    let limit = plan.base.diff_limit.unwrap_or(0).saturating_mul(1024);
    let state = git::State::of(&work.project.root, limit);
    keep_state(&plan.group, state.as_ref())?;
    for job in &plan.jobs {
        keep_point(work, &plan, job)?;
    }
    for unit in &mut plan.units {
        unit.file = put(&unit.file, &unit.script.text, RUN)?;
        if let Some(node) = &unit.script.node {
            put(&unit.node_file, node, RUN)?;
        }
        if let Some(table) = &unit.table {
            let names = unit.points.iter().filter_map(|point| plan.jobs.get(*point));
            let names = names.map(|job| format!("{}\n", name(&job.directory)));
            put(table, &names.collect::<String>(), KEPT)?;
        }
    }
    let mut manifest = Manifest::new(
        &plan,
        &work.project.root,
        &work.request.overrides,
        &work.request.timestamp,
    );
    manifest.commit = state.map(|state| state.commit);
    let path = free_name(&plan.group);
    manifest.create(&path).map_err(|source| Error::File {
        path: path.clone(),
        source,
    })?;
    Ok((plan, manifest, path))
}

fn name(directory: &Path) -> String {
    directory
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// Takes the directories; those whose names are taken get others, unless they were typed.
fn claim(work: &Work<'_>, plan: &Plan) -> Result<Vec<(PathBuf, PathBuf)>, Error> {
    let overrides = Overrides::new(&work.request.overrides, work.request.as_ever);
    let is_typed = overrides.gives("logging.runs_dir") && !plan.is_sweep;
    let mut moved = Vec::new();
    let places = plan.jobs.iter().map(|job| &job.directory);
    let group = [&plan.group].into_iter().filter(|_| plan.is_sweep);
    for place in group.chain(places) {
        let made = match is_typed || work.request.as_ever {
            true => folder::open(place),
            false => folder::claim(place),
        };
        let own = made.map_err(|source| Error::File {
            path: place.clone(),
            source,
        })?;
        if own != *place {
            moved.push((place.clone(), own));
        }
    }
    if let (false, Some(job)) = (plan.is_sweep, plan.jobs.first())
        && let Some((_, own)) = moved.first()
        && plan.group == job.directory
    {
        moved = vec![(job.directory.clone(), own.clone())];
    }
    Ok(moved)
}

pub(in crate::cli) fn keep_state(group: &Path, state: Option<&git::State>) -> Result<(), Error> {
    let Some(state) = state else {
        return Ok(());
    };
    let mut text = format!("commit {}\n{}", state.commit, state.status);
    if state.is_cut {
        text.push_str("# the patch beside is cut: submit.git.diff_limit_kb\n");
    }
    put(&group.join("git.txt"), &text, KEPT)?;
    if !state.diff.is_empty() {
        put(&group.join("git.diff"), &state.diff, KEPT)?;
    }
    Ok(())
}

fn keep_point(work: &Work<'_>, plan: &Plan, job: &Job) -> Result<(), Error> {
    let overrides: String = job
        .arguments
        .iter()
        .map(|word| format!("{word}\n"))
        .collect();
    put(&job.directory.join("overrides.txt"), &overrides, KEPT)?;
    let text = work.composing.text(&job.arguments, &work.project.root)?;
    put(&job.directory.join("config.yaml"), &text, KEPT)?;
    let is_task = plan.units.iter().any(|unit| unit.table.is_some());
    if is_task {
        let words = folder::arguments(&job.arguments);
        put(&job.directory.join("arguments"), &words, KEPT)?;
    }
    Ok(())
}

pub(in crate::cli) fn put(path: &Path, text: &str, mode: u32) -> Result<PathBuf, Error> {
    folder::put(path, text, mode).map_err(|source: io::Error| Error::File {
        path: path.to_owned(),
        source,
    })
}

/// Returns the manifest's name, or the next where a directory was typed that has one.
pub(in crate::cli) fn free_name(group: &Path) -> PathBuf {
    let plain = group.join(manifest::NAME);
    let numbered = (2_u32..1000).map(|number| group.join(format!("manifest-{number}.json")));
    let mut names = std::iter::once(plain.clone()).chain(numbered);
    names.find(|path| !path.exists()).unwrap_or(plain)
}
