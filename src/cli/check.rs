//! Judges a line; nothing runs.

use std::path::PathBuf;

use clap::ValueEnum;

use crate::bash::analyse;
use crate::error::{Error, code};
use crate::gate::example::vouch;
use crate::launch::room;
use crate::launch::world::Here;
use crate::policy::{Decision, HostClass, Origin};
use crate::session::{Request, Session};
use crate::ui::{self, Denial, Paint};

/// Judge a line; nothing runs
///
/// Says what would be decided, by which rule, and what to do instead. Since nothing
/// guards what you do with the answer, a line that cannot be worked out is `ask`.
///
/// Exit status: 0 allowed, 1 a person would be asked, 75 halted, 77 denied.
///
///   hlrp-sh check 'rm -rf runs/old'
///   hlrp-sh check --context compute 'torchrun train.py'
#[derive(clap::Args, Debug)]
#[command(verbatim_doc_comment)]
pub(super) struct Args {
    /// Judge as on this kind of machine
    #[arg(long, value_enum, value_name = "KIND")]
    context: Option<Class>,
    /// Judge as in this directory
    #[arg(long, value_name = "DIR")]
    cwd: Option<PathBuf>,
    /// Judge as for an agent of this name
    #[arg(long, value_name = "NAME", conflicts_with = "script")]
    agent: Option<String>,
    /// Judge as for a script, with nobody at the keyboard
    #[arg(long)]
    script: bool,
    /// Judge as if the kernel guard stood behind it
    #[arg(long)]
    guarded: bool,
    /// The line, best quoted as one word
    #[arg(
        required = true,
        value_name = "LINE",
        trailing_var_arg = true,
        allow_hyphen_values = true
    )]
    line: Vec<String>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Class {
    /// A cluster's login node
    Login,
    /// Inside a Slurm allocation
    Compute,
    /// One's own machine
    Workstation,
}

impl Class {
    fn to_class(self) -> HostClass {
        match self {
            Self::Login => HostClass::Login,
            Self::Compute => HostClass::Compute,
            Self::Workstation => HostClass::Workstation,
        }
    }
}

pub(super) fn run(args: &Args, json: bool) -> Result<u8, Error> {
    let origin = match &args.agent {
        Some(name) => Some(Origin::Agent(name.clone())),
        None if args.script => Some(Origin::Script),
        None => None,
    };
    let mut session = Session::open(&Request {
        class: args.context.map(Class::to_class),
        cwd: args.cwd.clone(),
        origin,
        id: None,
    })?;
    if args.guarded {
        session.context.guard = Some(crate::policy::GuardLevel::A);
    }
    vouch(&session.policy, &session.layers, &session.places.state)?;
    let line = args.line.join(" ");
    let world = Here::without_scratch(&session);
    let judgement = room::gate(&session).judge(&line, analyse(&line, &world));
    if json {
        ui::json(&judgement)?;
    } else {
        let word = match judgement.decision {
            Decision::Allow => Paint::Green.on("allow"),
            Decision::Ask => Paint::Yellow.on("ask"),
            Decision::Deny => Paint::Red.on("deny"),
            Decision::Halt => Paint::Red.on("halt"),
        };
        ui::data(&word)?;
        let denials = Denial::all(&judgement);
        if !denials.is_empty() {
            ui::say(&ui::denial::render_all(&denials));
        }
        if let Some(advice) = session.advice.filter(|_| !denials.is_empty()) {
            ui::say(&format!(
                "{}; set one with: {advice}",
                session.context.lack()
            ));
        }
    }
    Ok(match judgement.decision {
        Decision::Allow => code::DONE,
        Decision::Ask => code::NO,
        Decision::Deny => code::DENIED,
        Decision::Halt => code::HALTED,
    })
}
