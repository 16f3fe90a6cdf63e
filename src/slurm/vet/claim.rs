//! What a script claims to be, and is only where it proves it: an import of an image, a part of a run.

use std::path::{Path, PathBuf};

use super::getopt::{Cut, Given};
use super::reading::Draft;
use super::{files, input};
use crate::slurm::race::Member;
use crate::slurm::spool::{Run, Tasks};
use crate::slurm::submit::image::Import;

/// Returns the image that is imported, where the script is to the byte the one that is written for that, nothing on the
/// line changes what it does, and the image lands below a root.
pub(super) fn import(
    draft: &Draft<'_>,
    cut: &Cut,
    is_contained: bool,
    body: &[u8],
) -> Option<Import> {
    let changes = is_contained || cut.has("wrap") || cut.operands.len() > 1;
    let import = Import::of_script(body).filter(|_| !changes)?;
    let context = draft.facts.context;
    let is_kept = |path: &Path| {
        let path = draft.facts.world.follow(path);
        let is_below = |root: &PathBuf| path.starts_with(root) && path != *root;
        context.roots.iter().any(is_below)
    };
    is_kept(import.target.parent()?).then_some(import)
}

/// Returns the run that a job belongs to, where `submit` says so and the directory is one of the session's.
pub(super) fn run(draft: &Draft<'_>, given: &[Given]) -> Option<Run> {
    let value = |name: &str| input::value_of(&draft.request.environment, name);
    let roots = &draft.facts.context.roots;
    let followed = |path: String| draft.facts.world.follow(Path::new(&path));
    let is_below = |path: &Path| {
        roots
            .iter()
            .any(|root| path.starts_with(root) && path != root)
    };
    let directory = followed(value("HLRP_RUN_DIRECTORY")?);
    let tasks = match value("HLRP_RUN_TASKS") {
        // Its number is Slurm's own word only in an array; elsewhere the environment could say one.
        Some(list) => {
            files::last(given, "array")?;
            let list = followed(list);
            Some(Tasks::of(Some(&list).filter(|list| is_below(list))?).ok()?)
        }
        None => None,
    };
    let is_ours = match tasks {
        Some(_) => roots.iter().any(|root| directory.starts_with(root)),
        None => is_below(&directory),
    };
    let submission = value("HLRP_SUBMISSION").unwrap_or_default();
    // Not by the environment, which the jobs that a job submits have too.
    let comment = files::last(given, "comment").and_then(|given| given.value.as_deref());
    let race = comment
        .and_then(Member::of)
        .filter(|member| member.id == submission && tasks.is_none());
    is_ours.then_some(Run {
        submission,
        directory,
        tasks,
        race,
    })
}
