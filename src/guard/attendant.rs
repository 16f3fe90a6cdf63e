//! Somebody who hears at once what happens while a program runs: for shells and agents,
//! whose program lives as long as the session.

use std::os::fd::OwnedFd;

use super::denial::Denial;
use crate::policy::GuardLevel;

/// Is told by the front, in the order in which things happen.
pub struct Attendant {
    /// What the front watches besides. They must close on exec.
    pub watched: Vec<OwnedFd>,
    /// Told; answers whether what is ready is still to be watched.
    pub notice: Box<dyn FnMut(Notice<'_>) -> bool>,
}

/// What an attendant hears.
#[derive(Debug)]
pub enum Notice<'a> {
    /// The program runs.
    Started {
        /// Its process.
        process: i32,
        /// The level of the guard around it.
        level: GuardLevel,
    },
    /// Something was refused.
    Denied(&'a Denial),
    /// One of what is watched can be read, or its other end is gone. Everything that was refused before has been told.
    Ready(&'a OwnedFd, usize),
    /// The supervisor is gone: every mediated call fails from now on.
    Lost,
}

impl Attendant {
    /// Tells of something that is not about what is watched.
    pub(super) fn tell(&mut self, notice: Notice<'_>) {
        (self.notice)(notice);
    }
}
