//! The kernel's side of the policy: Landlock and seccomp user notification, without
//! root. The supervisor performs every mediated call itself, on what it has pinned.
//!
//! INVARIANT: a pointer argument of the guarded is never used twice, and no notified
//! call with a pointer in it is ever let through to the kernel.

mod attribute;
mod born;
mod call;
mod connect;
mod create;
pub mod filter;
mod front;
#[doc(hidden)]
pub mod fuzzing;
pub mod launch;
pub mod level;
mod open;
mod owner;
mod planted;
mod remove;
mod resolve;
mod signal;
mod supervisor;
pub mod table;

pub use born::Births;
pub use launch::{Failure, Launch, Outcome, launch};
pub use supervisor::{Denial, Judge, Law, Supervisor};
