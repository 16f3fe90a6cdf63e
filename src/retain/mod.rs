//! Retention: what the law lets a program remove or replace is moved aside whole,
//! and can be brought back. Nothing is erased.
//!
//! INVARIANT: an operation either keeps what was there, in the store of the same
//! root, or fails and changes nothing.

pub mod journal;
pub mod store;

pub use journal::{Entry, Operation};
pub use store::{Store, Stored};
