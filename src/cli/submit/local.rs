//! Runs an experiment here, guarded, in the conda environment of its stage.
//!
//! INVARIANT: one point after the other; how far it came stands in the manifest before and
//! after each.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::{Error, code};
use crate::slurm::submit::local::{self, Conda};
use crate::slurm::submit::manifest::{Manifest, Run};
use crate::slurm::submit::{Host, Job, Plan, Problem, folder};
use crate::ui;

use super::judge::Judged;
use super::{Args, Work, judge, make, show};

/// Returns the words that start a training here, without its arguments.
pub(super) fn entry(job: &Job) -> Vec<String> {
    local::entry(job)
}

/// Returns the script that runs a point here.
pub(super) fn script(job: &Job, host: &Host) -> Result<String, Problem> {
    let conda = conda(job, host)?;
    Ok(local::render(job, host, conda.as_ref()))
}

fn conda(job: &Job, host: &Host) -> Result<Option<Conda>, Problem> {
    let variable = |name: &str| std::env::var_os(name).map(PathBuf::from);
    match &job.settings.conda {
        None => Ok(None),
        Some(name) => Conda::find(name, &host.home, &variable).map(Some),
    }
}

/// Runs all points of a plan.
pub(super) fn run(work: &Work<'_>, plan: Plan, judged: Judged) -> Result<u8, Error> {
    let mut problems: Vec<Problem> = Vec::new();
    for job in &plan.jobs {
        if let Err(problem) = script(job, &work.host)
            && !problems.contains(&problem)
        {
            problems.push(problem);
        }
    }
    if !problems.is_empty() {
        return show::problems(&problems, work.json);
    }
    let Some(permits) = judged.pass(&work.session) else {
        return Ok(code::DENIED);
    };
    let (plan, mut manifest, path) = make::make(work, plan)?;
    for job in &plan.jobs {
        let text = script(job, &work.host).map_err(|problem| Error::No(problem.what))?;
        let file = job.directory.join(local::FILE);
        let file = folder::put(&file, &text, 0o755)
            .map_err(|source| Error::File { path: file, source })?;
        manifest.runs.push(Run {
            directory: job.directory.clone(),
            script: file,
            status: None,
            is_begun: false,
            seconds: None,
        });
    }
    save(&manifest, &path)?;
    judge::record(&work.session, permits);
    go_on(&mut manifest, &path, work.json)
}

/// Runs what has not ended well yet.
pub(super) fn resume(
    args: &Args,
    mut manifest: Manifest,
    path: &Path,
    json: bool,
) -> Result<u8, Error> {
    let left = manifest
        .runs
        .iter()
        .filter(|run| run.status != Some(0))
        .count();
    ui::say(&format!(
        "{left} of {} runs have not ended well",
        manifest.runs.len()
    ));
    if args.dry_run || left == 0 {
        return Ok(code::DONE);
    }
    go_on(&mut manifest, path, json)
}

fn go_on(manifest: &mut Manifest, path: &Path, json: bool) -> Result<u8, Error> {
    let count = manifest.runs.len();
    for index in 0..count {
        let Some(run) = manifest
            .runs
            .get_mut(index)
            .filter(|run| run.status != Some(0))
        else {
            continue;
        };
        run.is_begun = true;
        run.status = None;
        let script = run.script.clone();
        if count > 1 {
            ui::say(&format!(
                "run {}/{count}: {}",
                index + 1,
                run.directory.display()
            ));
        }
        save(manifest, path)?;
        let start = std::time::Instant::now();
        let status = guarded(&script)?;
        if let Some(run) = manifest.runs.get_mut(index) {
            run.status = Some(status);
            run.seconds = Some(start.elapsed().as_secs());
        }
        save(manifest, path)?;
        if status != 0 {
            ui::say(&format!(
                "what is left runs with: hlrp-sh submit --resume {}",
                ui::quoted(&path.to_string_lossy())
            ));
            tell(manifest, path, json)?;
            return Ok(status);
        }
    }
    tell(manifest, path, json)?;
    Ok(code::DONE)
}

fn tell(manifest: &Manifest, path: &Path, json: bool) -> Result<(), Error> {
    #[derive(serde::Serialize)]
    struct Shown<'a> {
        schema: &'static str,
        manifest: &'a Path,
        runs: &'a [Run],
    }
    if json {
        return ui::json(&Shown {
            schema: "hlrp.submit/1",
            manifest: path,
            runs: &manifest.runs,
        });
    }
    Ok(())
}

/// Runs a script as `hlrp-sh run` would: judged again, and with the guard around it.
fn guarded(script: &Path) -> Result<u8, Error> {
    use std::os::unix::process::ExitStatusExt;
    let program = std::env::current_exe().map_err(|source| Error::Io {
        what: "this program",
        source,
    })?;
    let mut command = Command::new(&program);
    command.args(["run", "--", "bash"]).arg(script);
    let status = command.status().map_err(|source| Error::File {
        path: program,
        source,
    })?;
    let signal = || {
        status
            .signal()
            .map(|signal| i32::from(code::SIGNAL) + signal)
    };
    let number = status.code().or_else(signal).unwrap_or(1);
    Ok(u8::try_from(number).unwrap_or(1))
}

fn save(manifest: &Manifest, path: &Path) -> Result<(), Error> {
    manifest.update(path).map_err(|source| Error::File {
        path: path.to_owned(),
        source,
    })
}
