//! Says what would be queued, what was, and what stands against it.

use std::path::Path;

use serde::Serialize;

use crate::error::{Error, code};
use crate::slurm::submit::here::{Belongs, Choice};
use crate::slurm::submit::manifest::{Manifest, Progress};
use crate::slurm::submit::problem::Kind;
use crate::slurm::submit::queue::{Ended, Refused};
use crate::slurm::submit::{Host, Plan, Problem};
use crate::ui::{self, Paint, clean};

#[derive(Serialize)]
struct Dry<'a> {
    schema: &'static str,
    dry_run: bool,
    experiment: &'a str,
    description: &'a Option<String>,
    cluster: &'a Option<String>,
    slurm: bool,
    belongs: &'a Choice,
    points: Vec<Point<'a>>,
    jobs: Vec<Job<'a>>,
    problems: &'a [Problem],
}

#[derive(Serialize)]
struct Point<'a> {
    name: &'a str,
    directory: &'a Path,
    overrides: &'a [String],
    command: Vec<String>,
}

#[derive(Serialize)]
struct Job<'a> {
    points: &'a [usize],
    file: &'a Path,
    options: &'a [String],
    script: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    node: Option<&'a str>,
}

/// Shows every script that would be queued, or what would run here.
pub(in crate::cli) fn plan(
    plan: &Plan,
    host: &Host,
    problems: &[Problem],
    choice: &Choice,
    json: bool,
) -> Result<(), Error> {
    if json {
        return ui::json(&dry(plan, problems, choice));
    }
    summary(plan);
    where_it_belongs(choice);
    let mut text = String::new();
    let count = plan.units.len();
    for (index, unit) in plan.units.iter().enumerate() {
        if count > 1 {
            let what = unit.points.first().and_then(|first| plan.jobs.get(*first));
            let what = what.map(|job| job.point.join(" ")).unwrap_or_default();
            text.push_str(&format!(
                "# ==== {}/{count} {} {what}\n",
                index + 1,
                unit.file.display()
            ));
        }
        text.push_str(&unit.script.text);
        if let Some(node) = &unit.script.node {
            text.push_str(&format!("# ==== {}\n{node}", unit.node_file.display()));
        }
        if unit.table.is_some() {
            text.push_str(&format!(
                "# ==== {} points, {}\n",
                unit.points.len(),
                unit.options.join(" ")
            ));
            for (task, point) in unit.points.iter().enumerate() {
                if let Some(job) = plan.jobs.get(*point) {
                    text.push_str(&format!(
                        "# {task}: {} {}\n",
                        job.directory.display(),
                        job.arguments.join(" ")
                    ));
                }
            }
        }
    }
    if plan.units.is_empty() {
        for job in &plan.jobs {
            match super::local::script(job, host) {
                Ok(script) => text.push_str(&script),
                Err(problem) => ui::say(&told(&problem)),
            }
        }
    }
    ui::text(&text)
}

fn dry<'a>(plan: &'a Plan, problems: &'a [Problem], choice: &'a Choice) -> Dry<'a> {
    let points = plan.jobs.iter().map(|job| {
        let entry = match job.settings.slurm {
            true => job.entry(),
            false => super::local::entry(job),
        };
        Point {
            name: &job.name,
            directory: &job.directory,
            overrides: &job.point,
            command: [entry, job.arguments.clone()].concat(),
        }
    });
    let jobs = plan.units.iter().map(|unit| Job {
        points: &unit.points,
        file: &unit.file,
        options: &unit.options,
        script: &unit.script.text,
        node: unit.script.node.as_deref(),
    });
    Dry {
        schema: "hlrp.submit/1",
        dry_run: true,
        experiment: &plan.base.experiment,
        description: &plan.base.description,
        cluster: &plan.base.cluster,
        slurm: plan.base.slurm,
        belongs: choice,
        points: points.collect(),
        jobs: jobs.collect(),
        problems,
    }
}

/// Says where a run belongs, and why.
pub(super) fn where_it_belongs(choice: &Choice) {
    let word = match choice.place {
        Belongs::Here => "here",
        Belongs::Queue => "the queue",
        Belongs::Cluster => "a cluster",
    };
    let label = Paint::Dim.on("belongs   ");
    ui::say(&format!("{label}  {word}: {}", clean(&choice.because)));
}

fn summary(plan: &Plan) {
    let base = &plan.base;
    let mut text = String::new();
    let mut row = |name: &str, value: &str| {
        if !value.is_empty() {
            text.push_str(&format!(
                "{}  {}\n",
                Paint::Dim.on(&format!("{name:<10}")),
                clean(value)
            ));
        }
    };
    row("experiment", &base.experiment);
    row("about", base.description.as_deref().unwrap_or_default());
    row("cluster", base.cluster.as_deref().unwrap_or_default());
    row("partition", base.partition.as_deref().unwrap_or_default());
    row(
        "image",
        base.image
            .as_deref()
            .filter(|_| base.container && base.slurm)
            .unwrap_or_default(),
    );
    row("run", &plan.group.display().to_string());
    if plan.is_sweep {
        row("points", &plan.jobs.len().to_string());
        row("jobs", &plan.units.len().to_string());
    }
    ui::say(&text);
}

/// Says what a real submission would be refused for.
pub(in crate::cli) fn would_refuse(problems: &[Problem]) {
    for problem in problems {
        ui::say(&format!("would be refused: {}", told(problem)));
    }
}

fn told(problem: &Problem) -> String {
    format!(
        "{}\n  {}  {}",
        clean(&problem.what),
        Paint::Dim.on("instead"),
        clean(&problem.instead)
    )
}

/// Tells everything that stands against a submission.
pub(in crate::cli) fn problems(problems: &[Problem], json: bool) -> Result<u8, Error> {
    refusal(problems, None, json)
}

/// Tells everything, where the law was shown before; returns the exit status.
pub(in crate::cli) fn refusal(
    problems: &[Problem],
    denied: Option<Kind>,
    json: bool,
) -> Result<u8, Error> {
    #[derive(Serialize)]
    struct Shown<'a> {
        schema: &'static str,
        queued: bool,
        problems: &'a [Problem],
    }
    if json {
        ui::json(&Shown {
            schema: "hlrp.submit/1",
            queued: false,
            problems,
        })?;
    } else {
        for problem in problems {
            ui::say(&format!("{} {}", Paint::Red.on("hlrp-sh:"), told(problem)));
        }
        ui::say("nothing was made and nothing was queued");
    }
    Ok(status(problems, denied))
}

/// Returns the exit status for the worst that stands against a submission.
pub(in crate::cli) fn status(problems: &[Problem], denied: Option<Kind>) -> u8 {
    let kinds = problems.iter().map(|problem| problem.kind);
    match kinds.chain(denied).max() {
        Some(Kind::Denied) => code::DENIED,
        Some(Kind::Halted) => code::HALTED,
        Some(Kind::Unreachable) => code::UNREACHABLE,
        Some(Kind::Config | Kind::Missing) => code::CONFIG,
        None => code::DONE,
    }
}

/// Says why a script may not be queued, before anything was made; returns the exit status.
pub(in crate::cli) fn unread(why: &Refused) -> u8 {
    let status = match why {
        Refused::Denied(status, text) => {
            ui::say(text);
            *status
        }
        Refused::No(reason) | Refused::Unreachable(reason) => {
            ui::say(&clean(reason));
            code::NO
        }
    };
    ui::say("nothing was made and nothing was queued");
    status
}

/// Says what is in the queue now, and how to go on.
pub(in crate::cli) fn queued(
    manifest: &Manifest,
    path: &Path,
    ended: &Ended,
    json: bool,
) -> Result<(), Error> {
    #[derive(Serialize)]
    struct Shown<'a> {
        schema: &'static str,
        queued: bool,
        manifest: &'a Path,
        #[serde(flatten)]
        submission: Inner<'a>,
        error: Option<&'a str>,
    }
    #[derive(Serialize)]
    struct Inner<'a> {
        id: &'a str,
        experiment: &'a str,
        points: &'a [crate::slurm::submit::manifest::Point],
        jobs: &'a [crate::slurm::submit::manifest::Entry],
    }
    let reason = match ended {
        Ended::Whole => None,
        Ended::At {
            why: Refused::Unreachable(reason) | Refused::No(reason) | Refused::Denied(_, reason),
            ..
        } => Some(reason.as_str()),
    };
    if json {
        return ui::json(&Shown {
            schema: "hlrp.submit/1",
            queued: reason.is_none(),
            manifest: path,
            submission: Inner {
                id: &manifest.id,
                experiment: &manifest.experiment,
                points: &manifest.points,
                jobs: &manifest.jobs,
            },
            error: reason,
        });
    }
    for entry in &manifest.jobs {
        if let Progress::Queued { job } = &entry.state {
            ui::data(&clean(&format!("{job}  {}", place(manifest, entry))))?;
        }
    }
    let taken = manifest.jobs.iter().filter_map(|entry| entry.job()).count();
    if let Some(reason) = reason {
        match ended {
            Ended::At {
                why: Refused::Denied(_, text),
                ..
            } => ui::say(text),
            _ => ui::say(&format!("{} {}", Paint::Red.on("hlrp-sh:"), clean(reason))),
        }
        ui::say(&format!(
            "{taken} of {} jobs are queued; the rest with: hlrp-sh submit --resume {}",
            manifest.jobs.len(),
            ui::quoted(&path.to_string_lossy())
        ));
    } else if let Some(job) = manifest.jobs.first().and_then(|entry| entry.job()) {
        ui::say(&format!("follow it: hlrp-sh logs -f {job}"));
    }
    Ok(())
}

/// Returns where the files of an entry are: its run directory, or that of its sweep.
fn place(manifest: &Manifest, entry: &crate::slurm::submit::manifest::Entry) -> String {
    let own = match entry.points.as_slice() {
        [one] if !entry.is_array() => manifest
            .points
            .get(*one)
            .map(|point| point.directory.clone()),
        _ => entry.script.parent().map(Path::to_owned),
    };
    own.unwrap_or_default().display().to_string()
}
