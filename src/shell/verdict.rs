//! What the law says of the line that is being typed, without ever making a key wait.
//!
//! A thread judges; a key waits for it a few milliseconds, and what comes later is painted
//! when it comes. INVARIANT: this only shows. Whether a line runs is judged when it is done.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::bash;
use crate::gate::Judgement;
use crate::policy::Decision;

/// Judges a line, as the shell would before it runs it.
pub type Judge = Arc<dyn Fn(&str) -> Judgement + Send + Sync>;

/// A part of the line that may not simply run.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Mark {
    /// Its bytes.
    pub(crate) span: Range<usize>,
    /// What will be said.
    pub(crate) decision: Decision,
    /// By which rule.
    pub(crate) rule: String,
}

/// What is thought of a line.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Opinion {
    /// What will be denied or asked about, the strictest first.
    pub(crate) marks: Vec<Mark>,
}

/// Longer lines are judged when they are done, not before.
pub(crate) const LONGEST: usize = 16 * 1024;
/// A key waits so long for a verdict.
const PATIENCE: Duration = Duration::from_millis(5);
/// Verdicts remembered: going back and forth in a line judges nothing again.
const REMEMBERED: usize = 64;

/// The thread that judges, and what it said.
#[derive(Clone)]
pub(crate) struct Verdicts {
    shared: Arc<Shared>,
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    judge: Judge,
    /// Called where a verdict comes after its key was answered.
    late: Box<dyn Fn() + Send + Sync>,
}

#[derive(Default)]
struct State {
    wanted: Option<String>,
    known: VecDeque<(String, Arc<Opinion>)>,
    /// The world has changed so often; what was thought before is forgotten.
    epoch: u64,
    has_waiter: bool,
}

impl Verdicts {
    /// Starts the thread. `late` is called where a verdict comes late.
    pub(crate) fn start(judge: Judge, late: impl Fn() + Send + Sync + 'static) -> Self {
        let shared = Arc::new(Shared {
            state: Mutex::default(),
            changed: Condvar::new(),
            judge,
            late: Box::new(late),
        });
        let verdicts = Self {
            shared: Arc::clone(&shared),
        };
        // Without the thread nothing is shown before Enter; the law is the same.
        let _ = std::thread::Builder::new()
            .name("verdict".into())
            .spawn(move || shared.work());
        verdicts
    }

    /// Returns what is thought of a line; nothing where that is not known yet.
    pub(crate) fn of(&self, line: &str) -> Option<Arc<Opinion>> {
        if line.trim().is_empty() {
            return Some(Arc::default());
        }
        if line.len() > LONGEST {
            return None;
        }
        let deadline = Instant::now() + PATIENCE;
        let mut state = self.shared.lock();
        if let Some(opinion) = state.find(line) {
            return Some(opinion);
        }
        state.wanted = Some(line.to_owned());
        state.has_waiter = true;
        self.shared.changed.notify_all();
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let waited = self.shared.changed.wait_timeout(state, left);
            let (next, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
            state = next;
            let found = state.find(line);
            if found.is_some() || timeout.timed_out() {
                state.has_waiter = false;
                return found;
            }
        }
    }

    /// Forgets everything: a line has run, and the world may be another.
    pub(crate) fn forget(&self) {
        let mut state = self.shared.lock();
        state.known.clear();
        state.epoch += 1;
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn work(&self) {
        let mut state = self.lock();
        loop {
            let Some(line) = state.wanted.take() else {
                let woken = self.changed.wait(state);
                state = woken.unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            let epoch = state.epoch;
            drop(state);
            let opinion = Arc::new(self.think(&line));
            state = self.lock();
            if state.epoch != epoch {
                continue;
            }
            state.known.push_back((line, opinion));
            if state.known.len() > REMEMBERED {
                state.known.pop_front();
            }
            self.changed.notify_all();
            if !state.has_waiter && state.wanted.is_none() {
                (self.late)();
            }
        }
    }

    fn think(&self, line: &str) -> Opinion {
        // What a line will be when its quotes are closed is what counts while it is typed.
        let finished = bash::finished(line);
        let judgement = (self.judge)(finished.as_deref().unwrap_or(line));
        let mut marks: Vec<Mark> = Vec::new();
        for judged in judgement.refused() {
            let end = judged.span.end.min(line.len());
            let mark = Mark {
                span: judged.span.start.min(end)..end,
                decision: judged.verdict.decision,
                rule: judged.verdict.rule.to_string(),
            };
            if !mark.span.is_empty() && !marks.contains(&mark) {
                marks.push(mark);
            }
        }
        marks.sort_by_key(|mark| std::cmp::Reverse(mark.decision));
        Opinion { marks }
    }
}

impl State {
    fn find(&self, line: &str) -> Option<Arc<Opinion>> {
        let mut known = self.known.iter().rev();
        let found = known.find(|(text, _)| text == line);
        found.map(|(_, opinion)| Arc::clone(opinion))
    }
}
