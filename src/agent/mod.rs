//! Machines as users: what clients of agents ask before they act.

pub mod hook;
