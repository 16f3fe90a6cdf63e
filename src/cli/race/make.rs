//! Makes the one run directory of a race, with a script and a configuration for each cluster.

use std::path::PathBuf;

use crate::error::Error;
use crate::slurm::race::claim;
use crate::slurm::submit::manifest::Manifest;
use crate::slurm::submit::{Overrides, Plan, folder, git, race};

use super::Work;
use crate::cli::submit::make::{KEPT, RUN, free_name, keep_state, put};

/// Makes everything of a race on disk, the manifest last; hands back where it is.
pub(super) fn make(work: &Work<'_>, mut plan: Plan) -> Result<(Manifest, PathBuf), Error> {
    let overrides = Overrides::new(&work.request.overrides, false);
    let made = match overrides.gives("logging.runs_dir") {
        true => folder::open(&plan.group),
        false => folder::claim(&plan.group),
    };
    let file = |path: &PathBuf| {
        let path = path.clone();
        move |source| Error::File { path, source }
    };
    plan.group = made.map_err(file(&plan.group))?;
    // Comes first: a directory that had a race has a claim.
    claim::prepare(&plan.group).map_err(file(&plan.group.join(claim::DIRECTORY)))?;
    let problems = race::place(&mut plan, work.clusters, &work.request, &work.host);
    if let Some(problem) = problems.first() {
        return Err(Error::No(problem.what.clone()));
    }
    let limit = plan.base.diff_limit.unwrap_or(0).saturating_mul(1024);
    let state = git::State::of(&work.project.root, limit);
    keep_state(&plan.group, state.as_ref())?;
    for (number, (job, cluster)) in plan.jobs.iter().zip(work.clusters).enumerate() {
        let words = job.arguments.iter().map(|word| format!("{word}\n"));
        let words: String = words.collect();
        let text = work.composing.text(&job.arguments, &work.project.root)?;
        let mut names = vec![format!("-{cluster}")];
        if number == 0 {
            // What tells the run apart from others stands where every run has it.
            names.push(String::new());
        }
        for name in names {
            put(
                &plan.group.join(format!("overrides{name}.txt")),
                &words,
                KEPT,
            )?;
            put(&plan.group.join(format!("config{name}.yaml")), &text, KEPT)?;
        }
    }
    for (unit, cluster) in plan.units.iter_mut().zip(work.clusters) {
        unit.file = plan.group.join(format!("script-{cluster}.sbatch"));
        unit.file = put(&unit.file, &unit.script.text, RUN)?;
        if let Some(node) = &unit.script.node {
            put(&unit.node_file, node, RUN)?;
        }
    }
    let manifest = Manifest::new(
        &plan,
        &work.project.root,
        &work.request.overrides,
        &work.request.timestamp,
    );
    let mut manifest = race::manifest(&plan, work.clusters, manifest);
    manifest.commit = state.map(|state| state.commit);
    let path = free_name(&plan.group);
    manifest.create(&path).map_err(file(&path))?;
    Ok((manifest, path))
}
