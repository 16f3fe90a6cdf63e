//! Finishes a submission that broke half-way, and queues nothing twice.

use std::path::Path;

use serde::Serialize;

use crate::error::{Error, code};
use crate::launch::room;
use crate::policy::{Action, Stage};
use crate::slurm::client::{Client, Clients};
use crate::slurm::submit::manifest::Manifest;
use crate::slurm::submit::resume::{Facts, SACCT, SQUEUE, Verdict, decide};
use crate::ui;

use super::send::Slurm;
use super::{Args, judge, send, show};

#[derive(Serialize)]
struct Shown<'a> {
    schema: &'static str,
    manifest: &'a Path,
    again: usize,
    adopted: usize,
    unknown: usize,
    waiting_or_running: usize,
    done: usize,
    failed: usize,
}

pub(super) fn run(args: &Args, path: &Path, json: bool) -> Result<u8, Error> {
    let path = super::manifest_at(path);
    let load = |source| Error::File {
        path: path.clone(),
        source,
    };
    let mut manifest = Manifest::load(&path).map_err(load)?;
    if !manifest.race.is_empty() {
        return Err(Error::Usage(format!(
            "that was a race, which has one claim for good: start another with `hlrp-sh race {} --clusters {}`",
            manifest.overrides.join(" "),
            manifest.race.join(",")
        )));
    }
    if manifest.jobs.is_empty() {
        return super::local::resume(args, manifest, &path, json);
    }
    let session = super::session()?;
    let roots: Vec<&Path> = session
        .context
        .roots
        .iter()
        .map(|root| root.as_path())
        .collect();
    let clients = Clients::find(&roots)?;
    let facts = facts(&clients, &manifest)?;
    let verdict = decide(&mut manifest, &facts, args.yes);
    tell(
        &path,
        &manifest,
        &verdict,
        json && (args.dry_run || verdict.again.is_empty()),
    )?;
    if args.dry_run {
        return Ok(code::DONE);
    }
    let gate = room::gate(&session);
    let tool = "sbatch".to_owned();
    let line = format!("submit --resume {}", path.display());
    let judgement = gate.judge_action(&line, Action::Submit { tool }, Stage::Line);
    let judged = judge::Judged::of(judgement);
    let Some(permits) = judged.pass(&session) else {
        return Ok(code::DENIED);
    };
    // What was found in the queue is remembered, also where nothing is to be queued.
    manifest.update(&path).map_err(load)?;
    if verdict.again.is_empty() {
        return Ok(if verdict.unknown.is_empty() {
            code::DONE
        } else {
            code::NO
        });
    }
    let slurm = Slurm::new(clients, &session, judge::approved(&permits));
    judge::record(&session, permits);
    let ended = send::queue(
        args.after.as_deref(),
        &mut manifest,
        &path,
        &verdict.again,
        &slurm,
    )?;
    show::queued(&manifest, &path, &ended, json)?;
    Ok(send::status(&ended))
}

/// Asks the queue, then the accounts, once each.
fn facts(clients: &Clients, manifest: &Manifest) -> Result<Facts, Error> {
    let mut facts = Facts::default();
    facts.queue(&clients.capture(Client::Squeue, SQUEUE, None)?.stdout);
    // The day it was made: the accounts look no further back than they are told to.
    let day = manifest.created.get(..10).unwrap_or("2000-01-01");
    let fields = format!("--format={SACCT}");
    let arguments = ["-nXP", "-S", day, &fields];
    match clients.capture(Client::Sacct, arguments, None) {
        Ok(said) => facts.accounts(&said.stdout),
        Err(fault) => ui::say(&format!("the accounts do not answer: {fault}")),
    }
    Ok(facts)
}

fn tell(path: &Path, manifest: &Manifest, verdict: &Verdict, json: bool) -> Result<(), Error> {
    if json {
        return ui::json(&Shown {
            schema: "hlrp.resume/1",
            manifest: path,
            again: verdict.again.len(),
            adopted: verdict.adopted.len(),
            unknown: verdict.unknown.len(),
            waiting_or_running: verdict.alive,
            done: verdict.done,
            failed: verdict.failed,
        });
    }
    ui::say(&format!(
        "{} waiting or running, {} done, {} failed; to be queued: {}",
        verdict.alive,
        verdict.done,
        verdict.failed,
        verdict.again.len()
    ));
    for index in &verdict.adopted {
        if let Some(job) = manifest.jobs.get(*index).and_then(|entry| entry.job()) {
            ui::say(&format!(
                "job {job} was queued although its answer never arrived"
            ));
        }
    }
    for index in &verdict.unknown {
        if let Some(entry) = manifest.jobs.get(*index) {
            let job = entry.job().map_or_else(
                || "what was never answered".to_owned(),
                |job| format!("job {job}"),
            );
            ui::say(&format!(
                "Slurm says nothing about {job} ({}): not queued again; --yes queues it all the same",
                entry.name
            ));
        }
    }
    Ok(())
}
