//! Other machines: what a session may ask `ssh` for, and what its lines become over there.

pub mod command;
mod far;
mod options;
