//! Defaults lists: from the primary config to the flat list of configurations that are merged,
//! each with its package.
//!
//! `list` reads one list, `entry` is one line of it, `choices` what overrides say about groups,
//! `resolve` walks the lists.

mod choices;
mod entry;
mod list;
mod resolve;

pub(crate) use entry::{Entry, Placed, Target};
pub(crate) use list::{Malformed, read as read_list};
pub(crate) use resolve::{Resolved, resolve};

/// One configuration of the final list.
#[derive(Clone, Debug)]
pub struct Step {
    /// The configuration, from the top of the tree.
    pub config: String,
    /// Where its keys go; empty for the top.
    pub package: String,
    /// The configuration whose defaults list names it.
    pub parent: Option<String>,
    /// Claims that it is the own content of a configuration with a defaults list.
    pub is_self: bool,
    /// Claims that it is the primary config.
    pub is_primary: bool,
    /// How an override names it.
    pub(crate) override_key: Option<String>,
}
