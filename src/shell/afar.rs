//! How one's jobs and quota stand on machines that are reached already. A thread asks, over
//! connections that are open, and opens none; a key never waits for it.
//!
//! INVARIANT: what another machine says is counted, and never run, shown or believed otherwise.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde::Deserialize;

use crate::quota::Reading;
use crate::remote::command::Program;
use crate::remote::{Connection, Host, Place, sockets, words};
use crate::session::Session;
use crate::slurm::query::Phase;

/// From one look to the next.
const INTERVAL: Duration = Duration::from_secs(60);
/// The same while no machine is connected.
const SOON: Duration = Duration::from_secs(5);
/// For so long after the last line somebody is taken to be there; a connection that nobody needs is to close.
const PRESENT: Duration = Duration::from_secs(600);
/// How long the other machine may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// Machines that are asked; those that were used last.
const MOST: usize = 2;

/// What is known of another machine.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Afar {
    /// Its name.
    pub host: String,
    /// One's jobs that run and that wait there; nothing where there is no queue.
    pub jobs: Option<(u64, u64)>,
    /// How full the fullest quota is, in percent.
    pub percent: Option<u64>,
}

/// Looks at other machines. Cloning shares what was seen.
#[derive(Clone, Default)]
pub(crate) struct Watch {
    seen: Arc<Mutex<Vec<Afar>>>,
    touched: Arc<Mutex<Option<Instant>>>,
}

impl Watch {
    /// Starts to look at the machines that were used.
    pub(crate) fn start(session: &Session) -> Self {
        let watch = Self::default();
        let roots = session.context.roots.iter();
        let mut writable: Vec<&Path> = roots.map(|root| root.as_path()).collect();
        writable.push(&session.context.home);
        if let Some(program) = Program::find(&writable) {
            let (watch, state) = (watch.clone(), session.places.state.clone());
            // Without the thread the prompt knows nothing of other machines; nothing else rests on it.
            let _ = std::thread::Builder::new()
                .name("afar".into())
                .spawn(move || watch.work(&program, &state));
        }
        watch
    }

    /// Returns what was seen last, and says that somebody is there.
    pub(crate) fn seen(&self) -> Vec<Afar> {
        *lock(&self.touched) = Some(Instant::now());
        lock(&self.seen).clone()
    }

    fn work(&self, program: &Program, state: &Path) {
        loop {
            let is_there = lock(&self.touched).is_some_and(|at| at.elapsed() < PRESENT);
            let hosts = if is_there {
                sockets::remembered(state)
            } else {
                Vec::new()
            };
            let seen = hosts.iter().take(MOST);
            let seen: Vec<Afar> = seen.filter_map(|host| look(program, host)).collect();
            let pause = if seen.is_empty() { SOON } else { INTERVAL };
            *lock(&self.seen) = seen;
            std::thread::sleep(pause);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Asks one machine, where it is connected.
fn look(program: &Program, host: &Host) -> Option<Afar> {
    let connection = Connection::resume(program, host)?;
    let ask = |command: &str| {
        let asked = [command.to_owned(), "--json".to_owned()];
        let line = words(&asked, &Place::Like(String::new()), host.as_str(), None);
        let answer = connection.capture(&line, None, PATIENCE).ok()?;
        // A quota that is reached is an answer as well.
        let is_answer = matches!(answer.status, 0 | 75);
        String::from_utf8(answer.stdout).ok().filter(|_| is_answer)
    };
    Some(Afar {
        host: host.as_str().to_owned(),
        jobs: ask("jobs").as_deref().map(count),
        percent: ask("quota").as_deref().and_then(percent),
    })
}

/// Counts the jobs that run and wait.
fn count(jobs: &str) -> (u64, u64) {
    #[derive(Deserialize)]
    struct Line {
        phase: Phase,
        count: u64,
    }
    let (mut running, mut waiting) = (0_u64, 0_u64);
    for line in jobs.lines() {
        match serde_json::from_str::<Line>(line) {
            Ok(line) if matches!(line.phase, Phase::Running | Phase::Ending) => {
                running = running.saturating_add(line.count);
            }
            Ok(line) if line.phase == Phase::Waiting => {
                waiting = waiting.saturating_add(line.count);
            }
            Ok(_) | Err(_) => {}
        }
    }
    (running, waiting)
}

/// Returns how full the fullest is.
fn percent(quota: &str) -> Option<u64> {
    #[derive(Deserialize)]
    struct Report {
        tightest: Option<Reading>,
    }
    let report: Report = serde_json::from_str(quota.trim()).ok()?;
    let (_, percent) = report.tightest?.fullest()?;
    Some(percent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_another_machine_says_is_only_counted() {
        let jobs = "Welcome to ai\n{\"schema\":\"hlrp.job/1\",\"id\":\"7\",\"phase\":\"running\",\"count\":1}\n\
                    {\"phase\":\"waiting\",\"count\":18446744073709551615}\n{\"phase\":\"waiting\",\"count\":9}\n\
                    {\"phase\":\"\\u001b[2J\",\"count\":1}\n{\"phase\":\"done\",\"count\":3}\nnonsense\n";
        assert_eq!(count(jobs), (1, u64::MAX));
        for odd in [
            "",
            "{}",
            "{\"tightest\":null}",
            "{\"tightest\":{}}",
            "[]",
            "nonsense",
        ] {
            assert_eq!(percent(odd), None, "{odd}");
        }
    }
}
