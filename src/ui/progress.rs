//! How far something is, on a terminal and only when it takes long.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

/// One line that is written again and again, and goes away at the end.
#[derive(Debug)]
pub struct Progress {
    label: &'static str,
    is_terminal: bool,
    next: Instant,
    is_shown: bool,
}

/// Nothing is said about what takes less.
const PATIENCE: Duration = Duration::from_secs(1);
/// From one writing to the next.
const PAUSE: Duration = Duration::from_millis(200);

impl Progress {
    /// Returns one that has said nothing yet.
    pub fn new(label: &'static str) -> Self {
        Self {
            label,
            is_terminal: std::io::stderr().is_terminal(),
            next: Instant::now() + PATIENCE,
            is_shown: false,
        }
    }

    /// Hears how many are done.
    pub fn tick(&mut self, done: u64) {
        if !self.is_terminal || Instant::now() < self.next {
            return;
        }
        self.next = Instant::now() + PAUSE;
        self.is_shown = true;
        self.write(&format!("\r{}: {done}", self.label));
    }

    fn write(&self, text: &str) {
        // What cannot be said is lost; nothing depends on it.
        let _ = std::io::stderr().write_all(text.as_bytes());
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.is_shown {
            self.write("\r\u{1b}[K");
        }
    }
}
