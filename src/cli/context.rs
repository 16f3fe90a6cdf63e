//! Says where this is, and why it is believed to be so.

use std::path::PathBuf;

use serde::Serialize;

use crate::error::{Error, code};
use crate::policy::{Context, GuardLevel, HostClass, Origin};
use crate::session::{Equipment, Request, Session, cluster_name};
use crate::slurm::submit::{here, local};
use crate::ui::{self, Paint, clean};

/// Show where this is: kind of machine, roots, and the evidence
///
/// A login node, a compute node or a workstation; the directories that may be written;
/// on whose behalf lines run. Each belief comes with its evidence.
///
///   hlrp-sh context
///   hlrp-sh context --json | jq .roots
#[derive(clap::Args, Debug)]
#[command(verbatim_doc_comment)]
pub(super) struct Args {}

#[derive(Serialize)]
struct Shown<'a> {
    schema: &'static str,
    #[serde(flatten)]
    context: &'a Context,
    advice: &'a Option<String>,
    cluster: Option<&'a str>,
    equipment: &'a Equipment,
    conda: &'a [String],
    rule: &'static str,
}

pub(super) fn run(_args: &Args, json: bool) -> Result<u8, Error> {
    let session = Session::open(&Request::default())?;
    let context = &session.context;
    let equipment = Equipment::read();
    let variable = |name: &str| std::env::var_os(name).map(PathBuf::from);
    let conda = local::environments(&context.home, &variable);
    let cluster = cluster_name();
    if json {
        ui::json(&Shown {
            schema: "hlrp.context/1",
            context,
            advice: &session.advice,
            cluster: cluster.as_deref(),
            equipment: &equipment,
            conda: &conda,
            rule: here::RULE,
        })?;
        return Ok(code::DONE);
    }
    let origin = match &context.origin {
        Origin::Person => "a person".to_owned(),
        Origin::Script => "a script".to_owned(),
        Origin::Agent(name) => format!("the agent {}", clean(name)),
    };
    let guard = match context.guard {
        Some(GuardLevel::A) => "level A",
        Some(GuardLevel::B) => "level B",
        Some(GuardLevel::C) => "level C",
        Some(GuardLevel::D) => "level D: only reading is possible",
        None => "not in this process; `hlrp-sh doctor` says what this machine can do",
    };
    let mut text = String::new();
    let mut row = |name: &str, value: &str| {
        text.push_str(&format!(
            "{}  {}\n",
            Paint::Dim.on(&format!("{name:<9}")),
            clean(value)
        ));
    };
    row(
        "machine",
        &format!("{} ({})", context.class.as_str(), context.host),
    );
    if let Some(cluster) = &cluster {
        row("cluster", cluster);
    }
    row("cwd", &context.cwd.display().to_string());
    row("user", &format!("{}, for {origin}", context.user));
    row("guard", guard);
    if let Some(job) = &context.job {
        row("job", job);
    }
    if context.roots.is_empty() {
        row("may write", "nothing: this session may only read");
    }
    for root in &context.roots {
        row("may write", &root.display().to_string());
    }
    row("has", &has(&equipment));
    if !conda.is_empty() {
        row("conda", &conda.join(", "));
    }
    if context.class == HostClass::Workstation {
        row("rule", here::RULE);
    }
    for fact in &context.evidence {
        row("because", fact);
    }
    ui::data(&text)?;
    if let Some(advice) = &session.advice {
        ui::say(&format!("to be able to write: {advice}"));
    }
    Ok(code::DONE)
}

/// Returns what this machine computes with, in words.
fn has(equipment: &Equipment) -> String {
    let gpus = equipment.gpus.iter().map(|gpu| match gpu.memory {
        Some(memory) => format!("{} ({})", gpu.model, ui::size(memory)),
        None => gpu.model.clone(),
    });
    let gpus: Vec<String> = gpus.collect();
    let gpus = match gpus.is_empty() {
        true => "no GPU".to_owned(),
        false => gpus.join(", "),
    };
    format!(
        "{gpus}; {} of memory, {} free; {} cores",
        ui::size(equipment.memory),
        ui::size(equipment.available),
        equipment.cores
    )
}
