//! What a run says while it goes: a line now and then, with rate and time left. Numbers go to `metrics.jsonl`.

use std::path::Path;
use std::time::{Duration, Instant};

use hlrp_sh::ui;

use crate::run::settings::Settings;

/// How often a line is said.
const INTERVAL: Duration = Duration::from_secs(10);

/// What there is to say about a run before it begins.
#[derive(Clone, Copy, Debug)]
pub(super) struct About {
    /// Numbers that are trained.
    pub(super) parameters: usize,
    /// Threads that compute on the CPU.
    pub(super) threads: usize,
    /// The last step that was done before.
    pub(super) step: u64,
    /// Episodes to train on, and held out.
    pub(super) episodes: (usize, usize),
}

/// Who says it.
#[derive(Debug)]
pub struct Told {
    all: u64,
    first: u64,
    last: Option<Instant>,
}

impl Default for Told {
    fn default() -> Self {
        Self::new()
    }
}

impl Told {
    /// Begins to speak.
    #[must_use]
    pub fn new() -> Self {
        Self {
            all: 0,
            first: 0,
            last: None,
        }
    }

    pub(super) fn begins(&mut self, settings: &Settings, about: &About) {
        (self.all, self.first) = (settings.training.max_steps, about.step);
        let (train, held) = about.episodes;
        let from = match about.step {
            0 => String::new(),
            step => format!(", from step {step} on"),
        };
        let threads = match about.threads {
            1 => "1 thread".to_owned(),
            threads => format!("{threads} threads"),
        };
        ui::say(&format!(
            "{} parameters on {} with {threads}, {train} episodes and {held} held out, {} steps{from}, in {}",
            about.parameters,
            settings.device,
            self.all,
            settings.directory.display()
        ));
    }

    /// Names what a validation asks for and native training does not draw.
    pub(super) fn leaves_out(&self, strategies: &[String]) {
        if !strategies.is_empty() {
            ui::say(&format!("not drawn natively: {}", strategies.join(", ")));
        }
    }

    pub(super) fn step(&mut self, step: u64, numbers: &[(String, f64)], took: Duration) {
        let is_due = self.last.is_none_or(|last| last.elapsed() >= INTERVAL);
        if !is_due && step != self.all {
            return;
        }
        self.last = Some(Instant::now());
        let loss = numbers.iter().find(|(name, _)| name == "train/loss");
        let loss = loss.map_or(f64::NAN, |(_, loss)| *loss);
        let rate = (step - self.first) as f64 / took.as_secs_f64().max(1e-9);
        let left = (self.all - step) as f64 / rate.max(1e-9);
        ui::say(&format!(
            "step {step} of {}, loss {loss:.5}, {rate:.2} steps a second, {} left.",
            self.all,
            span(left)
        ));
    }

    pub(super) fn saved(&self, path: &Path) {
        ui::say(&format!("saved {}", path.display()));
    }
}

/// Returns a time as a person says it.
fn span(seconds: f64) -> String {
    let seconds = seconds.clamp(0.0, 1e9) as u64;
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, seconds) => format!("{minutes} min {seconds:02} s"),
        (hours, minutes, _) => format!("{hours} h {minutes:02} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_short() {
        for (seconds, said) in [(5.9, "5 s"), (65.0, "1 min 05 s"), (7300.0, "2 h 01 min")] {
            assert_eq!(span(seconds), said);
        }
        assert_eq!(span(f64::INFINITY), "277777 h 46 min");
    }
}
