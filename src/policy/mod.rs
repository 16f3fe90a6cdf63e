//! The law: actions, verdicts, rules, and the one function that judges.
//!
//! [`Policy::builtin`] or [`Policy::load`] reads it, [`Policy::judge`] answers.
//! `docs/policy.md` describes the files.
//!
//! INVARIANT: pure. No clock, no files after load, no unsafe, no environment.

pub mod action;
mod build;
mod compile;
mod condition;
pub mod context;
pub mod document;
pub mod example;
mod judge;
mod layers;
mod limit;
mod lists;
mod load;
mod pattern;
mod rule;
pub mod verdict;
mod view;

pub use action::{
    Action, CancelScope, Change, Deletable, Endpoint, Entries, Node, PathFacts, Presence, Purpose,
    Recipient, RemoteEffect, Target, Word, WriteHow,
};
pub use context::{Context, GuardLevel, HostClass, Origin, Place, Scene, Stage};
pub use document::{Kind, RootsText, RuleText};
pub use example::{Event, Example, Examples};
pub use judge::Policy;
pub use layers::{Layer, LayerKind};
pub use limit::{Amount, Limit};
pub use load::{BUILTIN, LoadError, READ_ONLY};
pub use rule::Rule;
pub use verdict::{Decision, Verdict};
