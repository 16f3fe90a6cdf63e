//! Turns bash text into actions. Never executes, never expands from the environment;
//! what it may know of the world (names, links, small files) comes through [`World`].
//!
//! INVARIANT: every word of the input is covered by an [`Action`] or by an
//! `Exec` with [`Purpose::Unknown`](crate::policy::Purpose::Unknown); nothing is
//! silently skipped. Text that cannot be parsed is one `Unknown` over all of it.

mod assign;
mod braces;
mod bracket;
mod builtin;
mod compound;
mod emit;
mod expand;
mod fields;
mod flags;
mod frame;
mod guess;
mod invoke;
mod job;
mod letters;
mod many;
mod names;
mod output;
mod parameter;
mod parse;
mod program;
mod programs;
mod quote;
mod redirect;
mod remote;
mod scope;
mod script;
mod shells;
mod syntax;
mod unfinished;
mod walk;
mod word;
mod world;
mod wrapper;
mod written;

use std::ops::Range;

use serde::Serialize;

use crate::policy::{Action, Stage};

pub use job::{Work, analyse_job};
pub(crate) use quote::{quoted, whole};
pub(crate) use syntax::{Kind, pieces};
pub(crate) use unfinished::{finished, is_unfinished};
pub(crate) use world::lexical;
pub use world::{Disk, World};
pub(crate) use written::Kept;

/// What a line would do.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Analysis {
    /// Everything it would do, in the order of the text.
    pub actions: Vec<Spanned>,
    /// Why some of it could not be worked out; such parts are also `Unknown` actions.
    pub incomplete: Option<String>,
}

/// An action and where it was found.
#[derive(Clone, Debug, Serialize)]
pub struct Spanned {
    /// What would happen.
    pub action: Action,
    /// Bytes of the outermost line that say so.
    pub span: Range<usize>,
    /// Whether the line itself says it, or a file that it names.
    pub stage: Stage,
    /// Where it would happen.
    pub site: Site,
    /// What was followed to find it, outermost first (`bash -c`, `scripts/build.sh`).
    pub via: Vec<String>,
}

/// Where an action would happen.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Site {
    /// On this machine, in this context.
    Here,
    /// In a Slurm allocation: the compute context holds.
    Job,
    /// On another machine, by the name it was given.
    Remote(String),
    /// In a Slurm allocation of another machine.
    RemoteJob(String),
}

impl Site {
    /// Returns where what is submitted from here happens.
    pub(crate) fn in_job(&self) -> Self {
        match self {
            Self::Here | Self::Job => Self::Job,
            Self::Remote(host) | Self::RemoteJob(host) => Self::RemoteJob(host.clone()),
        }
    }
}

/// Returns what a line of bash would do.
pub fn analyse(text: &str, world: &dyn World) -> Analysis {
    parse::with_room(text, || walk::line(text, world)).unwrap_or_else(|reason| {
        let mut walker = walk::Walker::new(text, world);
        walker.give_up(0..text.len(), text, reason);
        walker.finish()
    })
}

/// Returns what running a program with these exact arguments would do, without a shell.
pub fn analyse_program(arguments: &[String], world: &dyn World) -> Analysis {
    let text = arguments.join(" ");
    parse::with_room(&text, || {
        let mut walker = walk::Walker::new(&text, world);
        walker.exact(arguments);
        walker.finish()
    })
    .unwrap_or_else(|reason| {
        let mut walker = walk::Walker::new(&text, world);
        walker.give_up(0..text.len(), &text, reason);
        walker.finish()
    })
}
