//! The interactive shell.

pub mod announce;
pub mod cache;
mod complete;
pub mod editor;
mod highlight;
mod history;
mod names;
pub mod paint;
mod plain;
pub mod prompt;
mod validate;
pub mod verdict;
