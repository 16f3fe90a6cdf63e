//! The signals by which Slurm, or a person, asks a run to end: SIGTERM and SIGUSR1 (time limit, preemption, `scancel`)
//! and SIGINT. The run finishes its step and saves; a second SIGINT ends it at once.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use signal_hook::consts::{SIGINT, SIGTERM, SIGUSR1};
use signal_hook::flag;

/// Whether somebody has asked.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    signal: Arc<AtomicUsize>,
}

impl Asked {
    /// Listens from now on.
    ///
    /// # Errors
    ///
    /// Where the kernel takes no handler.
    pub fn listen() -> io::Result<Self> {
        let asked = Self::default();
        for signal in [SIGTERM, SIGUSR1, SIGINT] {
            let number = usize::try_from(signal).unwrap_or(0);
            flag::register_usize(signal, Arc::clone(&asked.signal), number)?;
        }
        // The handlers run in the order in which they were registered, the last first asked: a second Ctrl-C ends.
        let twice = Arc::new(AtomicBool::new(false));
        flag::register_conditional_shutdown(SIGINT, 130, Arc::clone(&twice))?;
        flag::register(SIGINT, twice)?;
        Ok(asked)
    }

    /// Returns the signal that has come, where one has.
    #[must_use]
    pub fn signal(&self) -> Option<i32> {
        match self.signal.load(Ordering::SeqCst) {
            0 => None,
            number => i32::try_from(number).ok(),
        }
    }

    /// Returns the exit status of a run that saved and ended: 0, so that a requeue goes on; 130 after Ctrl-C.
    #[must_use]
    pub fn status(signal: i32) -> u8 {
        if signal == SIGINT { 130 } else { 0 }
    }
}
