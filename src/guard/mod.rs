//! The kernel's side of the policy: Landlock and seccomp user notification, without
//! root. The supervisor performs every mediated call itself, on what it has pinned.
//!
//! INVARIANT: a pointer argument of the guarded is never used twice, and no notified
//! call with a pointer in it is ever let through to the kernel.

mod assemble;
mod attendant;
mod attribute;
mod beside;
mod born;
mod call;
mod connect;
mod create;
mod cut;
mod deliver;
mod denial;
mod domain;
pub mod filter;
mod front;
#[doc(hidden)]
pub mod fuzzing;
mod image;
mod inherited;
mod keeper;
pub mod launch;
pub mod level;
mod lineage;
mod memo;
mod open;
mod owner;
mod planted;
mod remove;
mod rename;
mod reopen;
mod report;
mod resolve;
mod rows;
pub mod sealed;
mod signal;
mod supervisor;
pub mod table;
mod withdrawal;

pub use attendant::{Attendant, Notice};
pub use born::Births;
pub use denial::Denial;
pub use keeper::{Keep, Keeping, Kept, Say};
pub use launch::{Failure, Launch, Outcome, launch};
pub use supervisor::{Judge, Law, Supervisor};
