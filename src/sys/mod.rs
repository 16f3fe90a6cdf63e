//! The kernel, thinly: typed, owned, no policy words. The only home of `unsafe`.
//!
//! INVARIANT: nothing here decides anything; each function is one system call, or the
//! few that make one atomic step, with owned descriptors in and out.
#![allow(unsafe_code)]

pub mod clock;
pub mod file;
pub mod ipc;
pub mod landlock;
pub mod meta;
pub mod names;
pub mod namespace;
pub mod process;
pub mod quota;
pub mod regular;
pub mod sealed;
pub mod seccomp;
pub mod socket;
pub mod spawn;
pub mod state;
pub mod terminal;
pub mod times;
