//! What a submission needs on this machine's file systems: looked for, never made.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::{Path, PathBuf};

use super::job::{Host, Job};
use super::problem::{Problem, Subject};

/// Finds everything that the points need and that is not there.
pub fn files(jobs: &[Job], host: &Host) -> Vec<Problem> {
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for job in jobs {
        let settings = &job.settings;
        if settings.slurm && settings.container {
            match &settings.image {
                None if seen.insert(PathBuf::new()) => found.push(no_image(job)),
                Some(image) if seen.insert(PathBuf::from(image)) => found.extend(image_at(image)),
                None | Some(_) => {}
            }
        }
        if let Some(script) = settings
            .script
            .as_ref()
            .filter(|_| settings.command.is_empty())
        {
            let path = host.project.join("scripts").join(format!("{script}.py"));
            if seen.insert(path.clone()) && !path.is_file() {
                found.push(missing(
                    "submit.script",
                    format!("the training program `{}` is not there", path.display()),
                    "name one below `scripts/`, or set `submit.command`",
                ));
            }
        }
        for checkpoint in &settings.checkpoints {
            if seen.insert(checkpoint.path.clone()) && !checkpoint.path.exists() {
                found.push(missing(
                    &checkpoint.key,
                    format!(
                        "the checkpoint `{}` is not there",
                        checkpoint.path.display()
                    ),
                    format!("set `{}` to one that is, or to null", checkpoint.key),
                ));
            }
        }
        for path in &settings.installs {
            if seen.insert(path.clone()) && !path.is_dir() {
                found.push(missing(
                    "submit.install_editables",
                    format!(
                        "`{}` is to be installed, and is no directory",
                        path.display()
                    ),
                    "check it out there, or take it off the list",
                ));
            }
        }
    }
    found
}

/// Returns the mounts that are asked for and not there; a container goes without them.
pub fn absent_mounts(jobs: &[Job]) -> Vec<&Path> {
    let all = jobs.iter().flat_map(|job| &job.settings.extra_mounts);
    let absent: BTreeSet<&Path> = all
        .map(PathBuf::as_path)
        .filter(|path| !path.exists())
        .collect();
    absent.into_iter().collect()
}

/// Finds the files that may hold a Hugging Face token, in the order in which its own
/// library looks. Nothing is read.
pub fn tokens(home: &Path, variable: impl Fn(&str) -> Option<PathBuf>) -> Vec<PathBuf> {
    let named = variable("HF_TOKEN_PATH");
    let below = variable("HF_HOME").map(|directory| directory.join("token"));
    let usual = [
        home.join(".cache/huggingface/token"),
        home.join(".huggingface/token"),
    ];
    let mut found: Vec<PathBuf> = Vec::new();
    for path in named.into_iter().chain(below).chain(usual) {
        if path.is_absolute() && path.is_file() && !found.contains(&path) {
            found.push(path);
        }
    }
    found
}

fn no_image(job: &Job) -> Problem {
    let cluster = job.settings.cluster.as_deref().unwrap_or("this cluster");
    missing(
        "cluster.container.image",
        format!("no container image is named for {cluster}"),
        "`hlrp-sh image import docker://…` makes one, `hlrp-sh image use PATH` names it",
    )
}

fn image_at(image: &str) -> Option<Problem> {
    let path = Path::new(image);
    let key = "cluster.container.image";
    let instead = "`hlrp-sh image list` shows what there is, `hlrp-sh image use PATH` names one";
    if !path.exists() {
        let what = format!("the container image `{image}` is not there");
        return Some(missing(key, what, instead));
    }
    // A directory is an image that was unpacked.
    let readable = path.is_dir() || File::open(path).is_ok();
    (!readable).then(|| {
        missing(
            key,
            format!("the container image `{image}` cannot be read"),
            instead,
        )
    })
}

fn missing(key: &str, what: String, instead: impl Into<String>) -> Problem {
    Problem::missing(Subject::Key(key.to_owned()), what, instead)
}
