//! The program table, one file an area. A new program is one line in the right file;
//! `program.rs` says what the columns mean.

pub(crate) mod archive;
pub(crate) mod build;
pub(crate) mod code;
pub(crate) mod copy;
pub(crate) mod edit;
pub(crate) mod far_end;
pub(crate) mod files;
pub(crate) mod find;
pub(crate) mod git;
pub(crate) mod gitverbs;
pub(crate) mod inline;
pub(crate) mod look;
pub(crate) mod network;
pub(crate) mod packages;
pub(crate) mod process;
pub(crate) mod recipes;
pub(crate) mod service;
pub(crate) mod slurm;
pub(crate) mod stream;
pub(crate) mod train;
pub(crate) mod transfer;
pub(crate) mod wrap;

use super::program::Program;

/// Every table, the most used programs first.
pub(crate) const TABLES: &[&[Program]] = &[
    look::TABLE,
    files::TABLE,
    git::TABLE,
    wrap::TABLE,
    edit::TABLE,
    code::TABLE,
    slurm::TABLE,
    train::TABLE,
    archive::TABLE,
    build::TABLE,
    packages::TABLE,
    network::TABLE,
    process::TABLE,
    service::TABLE,
];
