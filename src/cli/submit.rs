//! Submits experiments: composes, judges, makes the run directories, calls sbatch.
//!
//! INVARIANT: everything that stands against a submission is found before anything is
//! made; a dry run makes nothing and asks nobody.

pub(super) mod ask;
pub(super) mod composing;
pub(super) mod judge;
mod known;
mod local;
pub(super) mod make;
mod resume;
pub(super) mod send;
pub(super) mod show;

use std::path::{Path, PathBuf};

use crate::error::{Error, code};
use crate::policy::Limit;
use crate::session::{self, Equipment, Session};
use crate::slurm::client::Clients;
use crate::slurm::submit::here::Choice;
use crate::slurm::submit::{Host, Overrides, Plan, Request, check, secret};
use crate::ui;

use super::project::Project;
pub(super) use composing::{DSS, environment};

/// Submit an experiment to Slurm
///
/// Composes `config/` with the overrides, judges what comes out, makes a run directory
/// that holds script, configuration, overrides and the state of git, and calls sbatch.
/// The guard goes with the job. Where `cluster.slurm.enabled` is false the experiment
/// runs here, guarded, in the conda environment of its stage.
///
/// A sweep (`sweep.params` of the experiment, or `seed=1,2,3`) is one job a point, each
/// composed by itself; a large one is a job array. What was queued stands in
/// `manifest.json`; `--resume` finishes what broke half-way, and queues nothing twice.
///
///   hlrp-sh submit experiment=stage1_cluster cluster=mcml_x100 --dry-run
///   hlrp-sh submit experiment=stage1_cluster training.optimizer.lr=3e-4
///   hlrp-sh submit experiment=lr_sweep cluster=lrz_h100 seed=1,2,3
///   hlrp-sh submit --resume runs/2026-01-31_12-00-00_lr_sweep/manifest.json
#[derive(clap::Args, Debug)]
#[command(verbatim_doc_comment)]
pub(super) struct Args {
    /// Overrides as Hydra reads them: `experiment=NAME cluster=NAME key=value +new=1 ~gone`
    #[arg(value_name = "OVERRIDE", allow_hyphen_values = false)]
    overrides: Vec<String>,
    /// Print every script and stop: nothing is made, nobody is asked
    ///
    /// The override `submit.dry_run=true` does the same.
    #[arg(long)]
    dry_run: bool,
    /// Let Slurm say when the jobs would start, and stop: nothing is made
    #[arg(long, conflicts_with = "dry_run")]
    test_only: bool,
    /// Queue what is missing or has failed of an earlier submission
    #[arg(long, value_name = "MANIFEST", conflicts_with_all = ["overrides", "test_only", "compat"])]
    resume: Option<PathBuf>,
    /// With `--resume`: queue again also what Slurm says nothing about
    #[arg(long, requires = "resume")]
    yes: bool,
    /// Start only when this job has ended well
    #[arg(long, value_name = "JOB")]
    after: Option<String>,
    /// Name and place sweep points as the research repository's script does
    ///
    /// Points are not composed by themselves, names are cut to eight characters and may
    /// collide, and prefixed overrides are not recognised. For comparing with old runs.
    #[arg(long)]
    compat: bool,
    /// The configuration directory, in place of the `config/` above this directory
    #[arg(long, value_name = "DIR")]
    config_dir: Option<PathBuf>,
    /// The primary configuration
    #[arg(long, value_name = "NAME", default_value = "config")]
    config_name: String,
}

impl Args {
    /// Returns the arguments of a submission with these overrides.
    pub(super) fn with(
        overrides: Vec<String>,
        dry_run: bool,
        config: (Option<PathBuf>, String),
    ) -> Self {
        Self {
            overrides,
            dry_run,
            test_only: false,
            resume: None,
            yes: false,
            after: None,
            compat: false,
            config_dir: config.0,
            config_name: config.1,
        }
    }
}

/// What every step of a submission needs.
struct Work<'a> {
    args: &'a Args,
    json: bool,
    project: Project,
    session: Session,
    host: Host,
    request: Request,
    composing: composing::Composing,
}

pub(super) fn run(args: &Args, json: bool) -> Result<u8, Error> {
    send::prepare()?;
    if let Some(job) = args.after.as_deref().filter(|job| !is_job(job)) {
        return Err(Error::Usage(format!(
            "`{job}` is no job id: `--after 5423108`"
        )));
    }
    if let Some(manifest) = &args.resume {
        return resume::run(args, manifest, json);
    }
    let project = Project::find(args.config_dir.as_deref(), &args.config_name)?;
    let session = session()?;
    let work = Work::new(args, json, project, session)?;
    let plan = match work.composing.plan(&work.request, &work.host) {
        Ok(plan) => plan,
        Err(problems) => return show::problems(&problems, json),
    };
    if args.dry_run || plan.base.dry_run {
        return work.dry_run(&plan);
    }
    if !json {
        show::where_it_belongs(&work.choice(&plan));
    }
    let mut problems = check::files(&plan.jobs, &work.host);
    problems.extend(secret::written(&plan.jobs, std::env::vars_os()));
    let is_local = plan.units.is_empty();
    let clients = match is_local {
        true => None,
        false => ask::clients(&work.session, &plan, &mut problems),
    };
    let judged = judge::judge(&work.session, &work.host, &plan);
    if judged.is_denied() || !problems.is_empty() {
        judged.show(&work.session);
        let denied = judged.refused();
        return show::refusal(&problems, denied, json);
    }
    for path in check::absent_mounts(&plan.jobs) {
        ui::say(&format!(
            "`{}` of submit.extra_mounts is not there: the container goes without it",
            path.display()
        ));
    }
    if !args.test_only {
        known::tell(&work, &plan);
    }
    match clients {
        Some(clients) if args.test_only => send::try_out(&work, &plan, &clients),
        Some(clients) => work.queue(plan, judged, clients),
        None if args.test_only => Err(Error::Usage(
            "`--test-only` asks Slurm, and `cluster.slurm.enabled` is false".to_owned(),
        )),
        None => local::run(&work, plan, judged),
    }
}

/// Opens the session of a submission. What it runs has the guard around it, here or in the job.
pub(super) fn session() -> Result<Session, Error> {
    let mut session = Session::open(&session::Request::default())?;
    session.context.guard = Some(crate::launch::level());
    Ok(session)
}

/// Returns overrides as they were typed, read.
pub(super) fn overrides(words: &[String]) -> Overrides {
    Overrides::new(words, false)
}

/// Returns where a submission happens.
pub(super) fn host(project: &Project, session: &Session) -> Host {
    let home = session.context.home.clone();
    let variable = |name: &str| std::env::var_os(name).map(PathBuf::from);
    Host {
        project: project.root.clone(),
        tokens: check::tokens(&home, variable),
        home,
        roots: session.context.roots.clone(),
        program: std::env::current_exe().ok(),
    }
}

fn is_job(text: &str) -> bool {
    let text = text.split_once('_').map_or(text, |(job, _)| job);
    !text.is_empty() && text.chars().all(|c| c.is_ascii_digit())
}

impl<'a> Work<'a> {
    fn new(args: &'a Args, json: bool, project: Project, session: Session) -> Result<Self, Error> {
        let composing = composing::Composing::new(&project, &args.config_name, &session)?;
        let host = host(&project, &session);
        let request = Request {
            overrides: args.overrides.clone(),
            as_ever: args.compat,
            id: session.id.clone(),
            timestamp: composing.timestamp(),
            max_points: session.policy.limit(Limit::SweepMaxPoints),
        };
        Ok(Self {
            args,
            json,
            project,
            session,
            host,
            request,
            composing,
        })
    }

    /// Returns where the run belongs, by what it asks for and what this machine has.
    fn choice(&self, plan: &Plan) -> Choice {
        Choice::of(self.session.context.class, &Equipment::read(), &plan.base)
    }

    /// Shows what would be queued, and what would stand against it.
    fn dry_run(&self, plan: &Plan) -> Result<u8, Error> {
        let judged = judge::judge(&self.session, &self.host, plan);
        let problems = check::files(&plan.jobs, &self.host);
        show::plan(plan, &self.host, &problems, &self.choice(plan), self.json)?;
        if !self.json {
            show::would_refuse(&problems);
            known::tell(self, plan);
        }
        if judged.is_denied() {
            judged.show(&self.session);
        }
        let denied = judged.refused();
        Ok(show::status(&problems, denied))
    }

    /// Makes what is planned, and hands it to Slurm.
    fn queue(&self, plan: Plan, judged: judge::Judged, clients: Clients) -> Result<u8, Error> {
        let Some(permits) = judged.pass(&self.session) else {
            return Ok(code::DENIED);
        };
        let slurm = send::Slurm::new(clients, &self.session, judge::approved(&permits));
        for unit in &plan.units {
            let read = slurm.vet(unit, &plan.id, self.args.after.as_deref());
            if let Err(why) = read {
                return Ok(show::unread(&why));
            }
        }
        let (plan, mut manifest, path) = make::make(self, plan)?;
        let entries: Vec<usize> = (0..manifest.jobs.len()).collect();
        judge::record(&self.session, permits);
        let ended = send::queue(
            self.args.after.as_deref(),
            &mut manifest,
            &path,
            &entries,
            &slurm,
        )?;
        show::queued(&manifest, &path, &ended, self.json)?;
        drop(plan);
        Ok(send::status(&ended))
    }
}

/// Returns the manifest that belongs to a path: itself, or the one in a run directory.
fn manifest_at(path: &Path) -> PathBuf {
    match path.is_dir() {
        true => path.join(crate::slurm::submit::manifest::NAME),
        false => path.to_owned(),
    }
}
