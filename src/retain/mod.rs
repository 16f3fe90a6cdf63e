//! Retention: what the law lets a program remove or replace is moved aside whole,
//! and can be brought back. Nothing is erased.
//!
//! INVARIANT: an operation either keeps what was there, in the store of the same
//! root, or fails and changes nothing. Only [`release`] erases, for a person.

pub mod archive;
pub mod carry;
pub mod diff;
pub mod journal;
pub mod list;
pub mod patch;
pub mod plan;
pub mod release;
pub mod restore;
pub mod scan;
pub mod store;

pub use journal::{Entry, Operation};
pub use list::{Journal, Kept, State};
pub use store::{Store, Stored};
