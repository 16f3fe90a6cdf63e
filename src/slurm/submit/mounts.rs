//! What a container sees of this machine.

use std::path::{Path, PathBuf};

use super::job::{Host, Job};
use super::problem::{Problem, Subject};
use super::word::printable;

/// Returns the mounts in their order, each at its own path: the project, where the runs are,
/// home, what the run reads from elsewhere, the cache; then each root whole, and this
/// program, where nothing mounted before holds them.
pub(crate) fn mounts(job: &Job, host: &Host) -> Vec<PathBuf> {
    let settings = &job.settings;
    let runs = job.directory.parent().unwrap_or(&job.directory);
    let mut all: Vec<PathBuf> = vec![host.project.clone(), runs.to_owned(), host.home.clone()];
    let elsewhere = settings.checkpoints.iter().filter(|one| one.is_absolute);
    all.extend(elsewhere.filter_map(|one| one.path.parent().map(Path::to_owned)));
    all.extend(settings.extra_mounts.iter().cloned());
    all.push(settings.cache_dir.clone());
    let mut unique: Vec<PathBuf> = Vec::new();
    for path in all {
        if !unique.contains(&path) {
            unique.push(path);
        }
    }
    let program = host.program.as_deref().and_then(Path::parent);
    for path in host.roots.iter().map(PathBuf::as_path).chain(program) {
        if !unique.iter().any(|mounted| path.starts_with(mounted)) {
            unique.push(path.to_owned());
        }
    }
    unique
}

/// Writes the mounts as one value; a path that would be read as several is refused.
pub(crate) fn value(mounts: &[PathBuf]) -> Result<String, Problem> {
    let mut parts = Vec::new();
    for path in mounts {
        let text = path.to_string_lossy();
        printable("container mount", &text)?;
        if text.contains([',', ':']) {
            return Err(Problem::config(
                Subject::Path(text.clone().into_owned()),
                format!("`{text}` cannot be mounted: a mount cannot hold `,` or `:`"),
                "move it to a path without these, and name that",
            ));
        }
        parts.push(format!("{text}:{text}"));
    }
    Ok(parts.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::slurm::submit::settings::{Checkpoint, Settings};

    #[test]
    fn mounts_come_in_their_order_and_once() {
        let job = Job {
            directory: "/dss/me/runs/x".into(),
            settings: Settings {
                checkpoints: vec![Checkpoint {
                    key: "k".into(),
                    path: "/data/a/last.ckpt".into(),
                    is_absolute: true,
                }],
                extra_mounts: vec!["/data/b".into(), "/home/me".into()],
                cache_dir: "/dss/me/cache".into(),
                ..Settings::default()
            },
            ..Job::default()
        };
        let host = Host {
            project: "/home/me/p".into(),
            home: "/home/me".into(),
            roots: vec!["/home/me".into(), "/dss/me".into()],
            program: Some("/home/me/bin/hlrp-sh".into()),
            ..Host::default()
        };
        let found = mounts(&job, &host);
        let found: Vec<&str> = found.iter().filter_map(|path| path.to_str()).collect();
        let expected = [
            "/home/me/p",
            "/dss/me/runs",
            "/home/me",
            "/data/a",
            "/data/b",
            "/dss/me/cache",
            "/dss/me",
        ];
        assert_eq!(found, expected);
        assert!(value(&["/a,b".into()]).is_err());
        assert!(value(&["/a:b".into()]).is_err());
    }
}
