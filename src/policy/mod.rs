//! The law: actions, verdicts, rules, and the one function that judges.
//!
//! INVARIANT: pure. No clock, no files after load, no unsafe, no environment.

pub mod action;
pub mod context;
pub mod verdict;

pub use action::{
    Action, CancelScope, Change, Deletable, Endpoint, Entries, Node, PathFacts, Presence, Purpose,
    Recipient, RemoteEffect, Target, Word, WriteHow,
};
pub use context::{Context, GuardLevel, HostClass, Origin, Place, Scene, Stage};
pub use verdict::{Decision, Verdict};
