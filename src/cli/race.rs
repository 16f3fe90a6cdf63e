//! Puts one run into several queues at once, of which one job alone trains.
//!
//! INVARIANT: what stands against any of its jobs is found before anything is made, by the gate
//! that `submit` asks; and where one sbatch is refused, the other jobs stay.

mod make;
pub(super) mod watch;

use std::path::PathBuf;

use crate::error::{Error, code};
use crate::policy::Limit;
use crate::session::{Equipment, Session};
use crate::slurm::client::Clients;
use crate::slurm::race::claim;
use crate::slurm::submit::cluster::Offer;
use crate::slurm::submit::here::Choice;
use crate::slurm::submit::manifest::{Manifest, Progress};
use crate::slurm::submit::queue::{Ended, Refused};
use crate::slurm::submit::race::{self, Everywhere};
use crate::slurm::submit::{Host, Plan, Problem, Request, check, cluster, secret};
use crate::ui::{self, Paint, clean};

use super::project::Project;
use super::submit::{self, ask, composing, judge, send, show};

/// Put one run into several queues, and train where it starts first
///
/// Where one job can wait in all of them (the clusters differ in nothing but partition and
/// QOS, and one QOS is valid in all), it says so and queues that job, with `--partition=a,b`.
/// Else each cluster gets a job. They share one run directory, log and name; the one that
/// starts first claims the run, the others are cancelled, or find it claimed and end as
/// "lost the race", which is no failure. Two never train.
///
///   hlrp-sh race experiment=stage1_cluster --clusters lrz_x100,mcml_x100
///   hlrp-sh race experiment=smoke --clusters lrz_h100,lrz_a100,mcml_h100 --dry-run
///
/// Exit status 1 where a job could not be queued, though others were; 77 denied, 78 wrong.
#[derive(clap::Args, Debug)]
#[command(verbatim_doc_comment)]
pub(super) struct Args {
    /// Overrides as `submit` has them, but for `cluster=`
    #[arg(value_name = "OVERRIDE", allow_hyphen_values = false)]
    overrides: Vec<String>,
    /// The clusters, as `cluster=` names them: two or more
    #[arg(long, value_name = "CLUSTER", value_delimiter = ',', required = true)]
    clusters: Vec<String>,
    /// Print every script and stop: nothing is made, nobody is asked
    #[arg(long)]
    dry_run: bool,
    /// A job for each cluster, also where one could wait in all queues
    #[arg(long)]
    separate: bool,
    /// The configuration directory, in place of the `config/` above this directory
    #[arg(long, value_name = "DIR")]
    config_dir: Option<PathBuf>,
    /// The primary configuration
    #[arg(long, value_name = "NAME", default_value = "config")]
    config_name: String,
}

/// What every step of a race needs.
struct Work<'a> {
    clusters: &'a [String],
    json: bool,
    project: Project,
    session: Session,
    host: Host,
    request: Request,
    composing: composing::Composing,
}

pub(super) fn run(args: &Args, json: bool) -> Result<u8, Error> {
    send::prepare()?;
    fit(args)?;
    let project = Project::find(args.config_dir.as_deref(), &args.config_name)?;
    let session = submit::session()?;
    let composing = composing::Composing::new(&project, &args.config_name, &session)?;
    let host = submit::host(&project, &session);
    let request = Request {
        overrides: args.overrides.clone(),
        as_ever: false,
        id: session.id.clone(),
        timestamp: composing.timestamp(),
        max_points: session.policy.limit(Limit::SweepMaxPoints),
    };
    let work = Work {
        clusters: &args.clusters,
        json,
        project,
        session,
        host,
        request,
        composing,
    };
    let plan = match work.plan() {
        Ok(plan) => plan,
        Err(problems) => return show::problems(&problems, json),
    };
    let is_dry = args.dry_run || plan.base.dry_run;
    let asked = ask::offer(&work.session);
    if let (Ok((_, offer)), false) = (&asked, args.separate) {
        match work.one_job(&plan, offer) {
            Ok(one) => return work.submit(args, &one, is_dry),
            Err(why) => ui::say(&format!(
                "a job for each cluster: {why}; the first that starts has the run."
            )),
        }
    }
    let mut problems = check::files(&plan.jobs, &work.host);
    if is_dry {
        let judged = judge::judge(&work.session, &work.host, &plan);
        let class = work.session.context.class;
        let choice = Choice::of(class, &Equipment::read(), &plan.base);
        show::plan(&plan, &work.host, &problems, &choice, json)?;
        if !json {
            show::would_refuse(&problems);
        }
        if judged.is_denied() {
            judged.show(&work.session);
        }
        return Ok(show::status(&problems, judged.refused()));
    }
    problems.extend(secret::written(&plan.jobs, std::env::vars_os()));
    let clients = match asked {
        Ok((clients, offer)) => {
            problems.extend(cluster::judge(&offer, &plan.jobs));
            Some(clients)
        }
        Err(problem) => {
            problems.push(problem);
            None
        }
    };
    let judged = judge::judge(&work.session, &work.host, &plan);
    match clients.filter(|_| !judged.is_denied() && problems.is_empty()) {
        Some(clients) => work.queue(plan, judged, clients),
        None => {
            judged.show(&work.session);
            let denied = judged.refused();
            show::refusal(&problems, denied, json)
        }
    }
}

/// Holds that what was typed can be a race at all.
fn fit(args: &Args) -> Result<(), Error> {
    let is_fit = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    for (at, cluster) in args.clusters.iter().enumerate() {
        if cluster.is_empty() || !cluster.chars().all(is_fit) {
            return Err(Error::Usage(format!("`{cluster}` names no cluster")));
        }
        if args.clusters.iter().take(at).any(|other| other == cluster) {
            return Err(Error::Usage(format!("`{cluster}` is named twice")));
        }
    }
    if args.clusters.len() < 2 {
        return Err(Error::Usage(
            "a race needs two clusters at least: `--clusters lrz_x100,mcml_x100`; `hlrp-sh submit` is for one".to_owned(),
        ));
    }
    let overrides = submit::overrides(&args.overrides);
    if overrides.gives("cluster") {
        return Err(Error::Usage(
            "`--clusters` says where; leave `cluster=` out".to_owned(),
        ));
    }
    Ok(())
}

impl Work<'_> {
    /// Composes the run for each cluster, and joins them.
    fn plan(&self) -> Result<Plan, Vec<Problem>> {
        let mut plans = Vec::new();
        let mut problems = Vec::new();
        for cluster in self.clusters {
            let mut request = self.request.clone();
            request.overrides.push(format!("cluster={cluster}"));
            match self.composing.plan(&request, &self.host) {
                Ok(plan) => plans.push(plan),
                Err(found) => problems.extend(found),
            }
        }
        match problems.is_empty() {
            true => race::join(plans, self.clusters, &self.request, &self.host),
            false => Err(problems),
        }
    }

    /// Returns the overrides of one job that waits in all queues, or why there is none.
    fn one_job(&self, plan: &Plan, offer: &Offer) -> Result<(Everywhere, Vec<String>), String> {
        let place = race::everywhere(plan, offer)?;
        let Some(first) = plan.jobs.first() else {
            return Err("there is nothing to queue".to_owned());
        };
        let quoted = |text: &str| format!("'{text}'");
        let name = first.settings.cluster.as_deref().unwrap_or_default();
        let mut same = vec![format!(
            "cluster.slurm.partition={}",
            quoted(&place.partitions.join(","))
        )];
        if let Some(qos) = &place.qos {
            same.push(format!("cluster.slurm.qos={}", quoted(qos)));
        }
        if !name.is_empty() {
            same.push(format!("cluster.name={}", quoted(name)));
        }
        let mut texts = Vec::new();
        let mut all = Vec::new();
        for cluster in self.clusters {
            let own = vec![format!("cluster={cluster}")];
            let words = [self.request.overrides.clone(), own, same.clone()].concat();
            let text = self.composing.text(&words, &self.project.root);
            texts.push(text.map_err(|fault| fault.to_string())?);
            all.push(words);
        }
        texts.dedup();
        match (texts.len(), all.into_iter().next()) {
            (1, Some(words)) => Ok((place, words)),
            _ => Err("the clusters differ in what their training is told".to_owned()),
        }
    }

    /// Has `submit` queue one job in place of a race.
    fn submit(
        &self,
        args: &Args,
        (place, words): &(Everywhere, Vec<String>),
        is_dry: bool,
    ) -> Result<u8, Error> {
        let qos = match &place.qos {
            Some(qos) => format!("the QOS `{qos}` is valid in all"),
            None => "no QOS is asked for".to_owned(),
        };
        ui::say(&format!(
            "one job can wait in all queues ({qos}): --partition={}; no race is needed.",
            place.partitions.join(",")
        ));
        let config = (args.config_dir.clone(), args.config_name.clone());
        submit::run(
            &submit::Args::with(words.clone(), is_dry, config),
            self.json,
        )
    }

    /// Makes what is planned, and hands each job to Slurm.
    fn queue(&self, plan: Plan, judged: judge::Judged, clients: Clients) -> Result<u8, Error> {
        let Some(permits) = judged.pass(&self.session) else {
            return Ok(code::DENIED);
        };
        let slurm = send::Slurm::new(clients, &self.session, judge::approved(&permits));
        for unit in &plan.units {
            if let Err(why) = slurm.vet(unit, &plan.id, None) {
                return Ok(show::unread(&why));
            }
        }
        let (mut manifest, path) = make::make(self, plan)?;
        judge::record(&self.session, permits);
        let run = path.parent().unwrap_or(&path).to_owned();
        let story = run.join(claim::DIRECTORY);
        let real = run.canonicalize().unwrap_or_else(|_| run.clone());
        let place = claim::place(&self.session.context.roots, &real, &manifest.id);
        let (_, place) =
            place.ok_or_else(|| Error::No(format!("{} is in none of the roots", run.display())))?;
        if let Err(fault) = watch::start(&manifest.id, &place, &story, "watcher") {
            ui::say(&format!(
                "nobody watches the race ({fault}): the jobs themselves cancel the others."
            ));
        }
        let mut status = code::DONE;
        for entry in 0..manifest.jobs.len() {
            // One may have started while the next was on its way.
            if let Ok(Some(owner)) = claim::owner(&place) {
                let what = format!("not queued: {} has started", owner.job);
                if let Some(entry) = manifest.jobs.get_mut(entry) {
                    entry.state = Progress::Refused { reason: what };
                }
                continue;
            }
            let ended = send::queue(None, &mut manifest, &path, &[entry], &slurm)?;
            self.tell(&story, &manifest, entry, &ended);
            status = status.max(send::status(&ended));
        }
        let update = |source| Error::File {
            path: path.clone(),
            source,
        };
        manifest.update(&path).map_err(update)?;
        self.show(&manifest, &path)?;
        Ok(status)
    }

    /// Says what became of one call of sbatch, also to the race's own record.
    fn tell(&self, place: &std::path::Path, manifest: &Manifest, entry: usize, ended: &Ended) {
        let cluster = self.clusters.get(entry).map_or("", String::as_str);
        match ended {
            Ended::Whole => {
                let job = manifest.jobs.get(entry).and_then(|entry| entry.job());
                let what = format!("queued {} for {cluster}", job.unwrap_or_default());
                claim::tell(place, "race", &what);
            }
            Ended::At { why, .. } => {
                let (Refused::Unreachable(reason)
                | Refused::No(reason)
                | Refused::Denied(_, reason)) = why;
                let reason = clean(reason);
                claim::tell(place, "race", &format!("no job for {cluster}: {reason}"));
                ui::say(&format!(
                    "{} no job for {cluster}: {reason}",
                    Paint::Red.on("hlrp-sh:")
                ));
            }
        }
    }

    /// Says what is in the queues.
    fn show(&self, manifest: &Manifest, path: &std::path::Path) -> Result<(), Error> {
        let queued = |at: usize| manifest.jobs.get(at).and_then(|entry| entry.job());
        if self.json {
            return ui::json(&serde_json::json!({
                "schema": "hlrp.race/1",
                "queued": (0..manifest.jobs.len()).any(|at| queued(at).is_some()),
                "manifest": path,
                "id": manifest.id,
                "experiment": manifest.experiment,
                "directory": path.parent(),
                "clusters": self.clusters,
                "jobs": manifest.jobs,
            }));
        }
        let mut jobs = Vec::new();
        for (at, cluster) in self.clusters.iter().enumerate() {
            if let Some(job) = queued(at) {
                jobs.push(job.to_owned());
                ui::data(&clean(&format!("{job}  {cluster}")))?;
            }
        }
        let run = path.parent().unwrap_or(path).display();
        match jobs.as_slice() {
            [] => ui::say("no job is queued"),
            [one] => ui::say(&format!("{one} alone is queued, in {run}")),
            [first, ..] => ui::say(&format!(
                "one run, {} jobs, in {run}: whichever starts first has it\nfollow them: hlrp-sh status {first}",
                jobs.len()
            )),
        }
        Ok(())
    }
}
