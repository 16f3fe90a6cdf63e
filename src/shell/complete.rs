//! What may stand where the cursor is. A thread of its own finds out: a directory on a
//! server that does not answer stops no key.

mod hydra;
mod line;
mod options;
mod paths;
mod queue;
mod quote;
mod suggest;

use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use reedline::{Completer, CompletionResult, CompletionStatus, Span, Suggestion, Suggestions};

use super::cache::Cache;
use super::names::Names;
use super::prompt::Facts;
use hydra::Trees;

/// Where suggestions come from.
pub(crate) struct Sources {
    pub(crate) facts: Arc<Mutex<Facts>>,
    pub(crate) names: Names,
    pub(crate) cache: Cache,
    pub(crate) program: Arc<clap::Command>,
}

/// What suggestions are made of, at one moment.
pub(crate) struct Scene<'a> {
    pub(crate) cwd: PathBuf,
    pub(crate) home: PathBuf,
    pub(crate) names: &'a Names,
    pub(crate) cache: &'a Cache,
    pub(crate) program: &'a clap::Command,
    pub(crate) variable: &'a dyn Fn(&str) -> Option<String>,
    pub(crate) variables: &'a dyn Fn() -> Vec<String>,
}

/// Something that may stand there.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Candidate {
    /// The whole word, quoted as it must be.
    pub(crate) word: String,
    /// What the menu shows.
    pub(crate) shown: String,
    /// What it is.
    pub(crate) about: Option<String>,
    /// Whether the word ends with it.
    pub(crate) is_whole: bool,
}

/// A Tab waits so long for an answer before the menu says that it comes later.
const PATIENCE: Duration = Duration::from_millis(8);

/// Completes words.
pub(crate) struct Completions {
    shared: Arc<Shared>,
    /// What was asked for and not taken yet.
    is_owed: bool,
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    sources: Sources,
}

#[derive(Default)]
struct State {
    wanted: Option<(String, usize)>,
    answer: Option<(String, usize, Suggestions)>,
    is_working: bool,
}

impl Completions {
    /// Starts the thread.
    pub(crate) fn start(sources: Sources) -> Self {
        let shared = Arc::new(Shared {
            state: Mutex::default(),
            changed: Condvar::new(),
            sources,
        });
        let worker = Arc::clone(&shared);
        // Without the thread nothing is suggested.
        let _ = std::thread::Builder::new()
            .name("complete".into())
            .spawn(move || worker.work());
        Self {
            shared,
            is_owed: false,
        }
    }
}

impl Completer for Completions {
    fn complete(&mut self, line: &str, pos: usize) -> CompletionResult {
        let deadline = Instant::now() + PATIENCE;
        let mut state = self.shared.lock();
        let taken = state
            .answer
            .take_if(|(text, at, _)| self.is_owed && text == line && *at == pos);
        if let Some((_, _, found)) = taken {
            self.is_owed = false;
            return CompletionResult::fresh(found);
        }
        state.answer = None;
        state.wanted = Some((line.to_owned(), pos));
        self.shared.changed.notify_all();
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let waited = self.shared.changed.wait_timeout(state, left);
            let (next, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
            state = next;
            let answer = state
                .answer
                .take_if(|(text, at, _)| text == line && *at == pos);
            if let Some((_, _, found)) = answer {
                self.is_owed = false;
                return CompletionResult::fresh(found);
            }
            if timeout.timed_out() {
                self.is_owed = true;
                return CompletionResult::Pending;
            }
        }
    }

    fn poll_completion(&mut self) -> CompletionStatus {
        if !self.is_owed {
            return CompletionStatus::Idle;
        }
        let state = self.shared.lock();
        if state.answer.is_some() {
            CompletionStatus::Ready
        } else if state.is_working || state.wanted.is_some() {
            CompletionStatus::Pending
        } else {
            CompletionStatus::Idle
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn work(&self) {
        let mut trees = Trees::default();
        let mut state = self.lock();
        loop {
            let Some((line, pos)) = state.wanted.take() else {
                let woken = self.changed.wait(state);
                state = woken.unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            state.is_working = true;
            drop(state);
            let found = self.suggestions(&line, pos, &mut trees);
            state = self.lock();
            state.is_working = false;
            state.answer = Some((line, pos, found.into()));
            self.changed.notify_all();
        }
    }

    fn suggestions(&self, line: &str, pos: usize, trees: &mut Trees) -> Vec<Suggestion> {
        let facts = self.sources.facts.lock();
        let facts = facts.unwrap_or_else(PoisonError::into_inner).clone();
        let variable = |name: &str| std::env::var(name).ok();
        let variables = || {
            let names = std::env::vars_os().map(|(name, _)| name);
            names.filter_map(|name| name.into_string().ok()).collect()
        };
        let scene = Scene {
            cwd: facts.cwd,
            home: facts.home,
            names: &self.sources.names,
            cache: &self.sources.cache,
            program: &self.sources.program,
            variable: &variable,
            variables: &variables,
        };
        let (start, found) = suggest::at(line, pos, &scene, trees);
        let suggestion = |one: Candidate| Suggestion {
            value: one.word,
            display_override: Some(crate::ui::clean(&one.shown)),
            description: one.about.map(|about| crate::ui::clean(&about)),
            span: Span::new(start.min(pos), pos),
            append_whitespace: one.is_whole,
            ..Suggestion::default()
        };
        found.into_iter().map(suggestion).collect()
    }
}

#[cfg(test)]
mod tests;
