//! What Slurm said last, and when: jobs, partitions, accounts. A thread asks; a key never does.
//!
//! Clusters suffer under clients that ask too often: the queue is asked twice a minute, or
//! once after a line that may have changed it, and not at all while nobody types.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::announce::{Announcer, changes};
use super::paint::Look;
use crate::slurm::client::{Client, Clients};
use crate::slurm::query::cluster::{self, Association, Partition, Qos};
use crate::slurm::query::{Job, JobId, Looks, Phase, Seen};

/// From one look at the queue to the next.
const INTERVAL: Duration = Duration::from_secs(30);
/// After a line that may have changed the queue: Slurm needs a moment to know.
const SOON: Duration = Duration::from_secs(2);
/// From one look at partitions and accounts to the next.
const RARELY: Duration = Duration::from_secs(600);
/// For so long after the last line one is taken to be there.
const PRESENT: Duration = Duration::from_secs(900);

/// Something that was found out, and when.
#[derive(Clone, Debug)]
pub(crate) struct Dated<T> {
    pub(crate) value: T,
    pub(crate) at: Instant,
}

impl<T> Dated<T> {
    pub(crate) fn now(value: T) -> Self {
        Self {
            value,
            at: Instant::now(),
        }
    }

    /// Returns how old it is: `12 s old`.
    pub(crate) fn age(&self) -> String {
        format!(
            "{} old",
            super::announce::lasted(self.at.elapsed().as_secs())
        )
    }
}

/// How many of one's jobs run and wait.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Counts {
    pub(crate) running: u64,
    pub(crate) waiting: u64,
    pub(crate) age: Duration,
}

/// What Slurm said last. Cloning shares it.
#[derive(Clone, Default)]
pub struct Cache {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    woken: Condvar,
}

#[derive(Default)]
struct State {
    known: Known,
    is_nudged: bool,
    touched: Option<Instant>,
}

/// Everything that is known of the cluster.
#[derive(Clone, Default)]
pub(crate) struct Known {
    pub(crate) jobs: Option<Dated<Vec<Job>>>,
    pub(crate) partitions: Option<Dated<Vec<Partition>>>,
    pub(crate) qos: Option<Dated<Vec<Qos>>>,
    pub(crate) accounts: Option<Dated<Vec<Association>>>,
}

impl Cache {
    /// Starts the thread that asks. `changed` is called when the prompt would look otherwise.
    pub(crate) fn start(
        &self,
        clients: Clients,
        announcer: Announcer,
        look: Look,
        changed: impl Fn() + Send + 'static,
    ) {
        let cache = self.clone();
        // Without the thread the prompt has no jobs; nothing else rests on it.
        let _ = std::thread::Builder::new()
            .name("slurm".into())
            .spawn(move || cache.work(clients, &announcer, look, &changed));
    }

    /// Says that somebody is there.
    pub(crate) fn touch(&self) {
        let mut state = self.lock();
        let was_away = state.touched.is_none_or(|at| at.elapsed() > PRESENT);
        state.touched = Some(Instant::now());
        drop(state);
        if was_away {
            self.shared.woken.notify_all();
        }
    }

    /// Says that the queue may have changed.
    pub(crate) fn nudge(&self) {
        self.lock().is_nudged = true;
        self.shared.woken.notify_all();
    }

    /// Returns whether a job is one's own, as far as that is known.
    pub fn owns(&self, id: &str) -> Option<bool> {
        let id: JobId = id.parse().ok()?;
        let state = self.lock();
        let jobs = &state.known.jobs.as_ref()?.value;
        jobs.iter().any(|job| job.id.meets(&id)).then_some(true)
    }

    /// Returns what is known now.
    pub(crate) fn known(&self) -> Known {
        self.lock().known.clone()
    }

    /// Takes what is known, in place of asking.
    #[cfg(test)]
    pub(crate) fn put(&self, known: Known) {
        self.lock().known = known;
    }

    /// Returns how many jobs run and wait.
    pub(crate) fn counts(&self) -> Option<Counts> {
        let state = self.lock();
        let jobs = state.known.jobs.as_ref()?;
        let of = |phases: &[Phase]| {
            let those = jobs.value.iter();
            let those = those.filter(|job| phases.contains(&job.state.phase()));
            those.map(Job::count).sum()
        };
        Some(Counts {
            running: of(&[Phase::Running, Phase::Ending]),
            waiting: of(&[Phase::Waiting]),
            age: jobs.at.elapsed(),
        })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.shared
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn work(&self, clients: Clients, announcer: &Announcer, look: Look, changed: &dyn Fn()) {
        let mut looks = Looks::new(clients.clone());
        let mut seen = Seen::default();
        let mut asked: Option<Instant> = None;
        loop {
            // A queue that does not answer is told by the age of what it said before.
            if let Ok(found) = looks.next_look() {
                for text in changes(&mut seen, &found.jobs, look) {
                    announcer.say(text);
                }
                let before = self.counts();
                self.lock().known.jobs = Some(Dated::now(found.jobs));
                let is_new = |before: super::cache::Counts| {
                    self.counts().is_none_or(|now| {
                        (now.running, now.waiting) != (before.running, before.waiting)
                    })
                };
                if before.is_none_or(is_new) {
                    changed();
                }
            }
            if asked.is_none_or(|at| at.elapsed() > RARELY) {
                asked = Some(Instant::now());
                self.ask(&clients);
            }
            self.rest();
        }
    }

    /// Asks what the cluster has.
    fn ask(&self, clients: &Clients) {
        let say = |client, args: &[&str]| Some(clients.capture(client, args, None).ok()?.stdout);
        let partitions = say(Client::Scontrol, &["-o", "show", "partition"]);
        if let Some(text) = partitions {
            self.lock().known.partitions = Some(Dated::now(cluster::partitions(&text)));
        }
        if let Some(text) = say(Client::Sacctmgr, &["-nP", "show", "qos", cluster::QOS]) {
            self.lock().known.qos = Some(Dated::now(cluster::qos(&text)));
        }
        let user = nix::unistd::User::from_uid(nix::unistd::getuid());
        let Some(user) = user.ok().flatten() else {
            return;
        };
        let user = format!("user={}", user.name);
        let args = ["-nP", "show", "assoc", &user, cluster::ASSOCIATION];
        if let Some(text) = say(Client::Sacctmgr, &args) {
            self.lock().known.accounts = Some(Dated::now(cluster::associations(&text)));
        }
    }

    /// Waits until the next look is due.
    fn rest(&self) {
        let mut state = self.lock();
        let start = Instant::now();
        loop {
            if state.is_nudged {
                state.is_nudged = false;
                drop(state);
                std::thread::sleep(SOON);
                return;
            }
            let is_there = state.touched.is_some_and(|at| at.elapsed() < PRESENT);
            if is_there && start.elapsed() >= INTERVAL {
                return;
            }
            let waited = self.shared.woken.wait_timeout(state, INTERVAL);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}
