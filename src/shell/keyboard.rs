//! Lines from a terminal, with the plainest of prompts.

use std::borrow::Cow;
use std::io;
use std::path::PathBuf;

use reedline::{
    Prompt, PromptEditMode, PromptHistorySearch, Reedline, Signal, ValidationResult, Validator,
};

use crate::policy::{GuardLevel, HostClass};

/// What the prompt shows.
#[derive(Clone, Debug)]
pub(crate) struct Facts {
    pub(crate) class: HostClass,
    pub(crate) host: String,
    pub(crate) user: String,
    pub(crate) cwd: PathBuf,
    pub(crate) home: PathBuf,
    pub(crate) guard: Option<GuardLevel>,
    pub(crate) denials: usize,
    pub(crate) status: i32,
    pub(crate) halted: Option<String>,
    pub(crate) session: String,
    pub(crate) names: Vec<String>,
}

/// What was typed.
pub(crate) enum Read {
    Line(String),
    Interrupt,
    End,
}

pub(crate) struct Keyboard(Reedline);

struct Plain(String);

struct Whole;

impl Validator for Whole {
    fn validate(&self, line: &str) -> ValidationResult {
        let is_open = line.ends_with('\\') || line.matches('\'').count() % 2 == 1;
        if is_open {
            ValidationResult::Incomplete
        } else {
            ValidationResult::Complete
        }
    }
}

impl Keyboard {
    pub(crate) fn open() -> Self {
        Self(
            Reedline::create()
                .with_validator(Box::new(Whole))
                .use_bracketed_paste(true),
        )
    }

    pub(crate) fn read(&mut self, facts: &Facts) -> io::Result<Read> {
        let prompt = Plain(format!("{} {} ", facts.host, facts.cwd.display()));
        Ok(match self.0.read_line(&prompt).map_err(io::Error::other)? {
            Signal::Success(line) => Read::Line(line),
            Signal::CtrlD => Read::End,
            _ => Read::Interrupt,
        })
    }
}

impl Prompt for Plain {
    fn render_prompt_left(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.0)
    }
    fn render_prompt_right(&self) -> Cow<'_, str> {
        Cow::Borrowed("")
    }
    fn render_prompt_indicator(&self, _: PromptEditMode) -> Cow<'_, str> {
        Cow::Borrowed("$ ")
    }
    fn render_prompt_multiline_indicator(&self) -> Cow<'_, str> {
        Cow::Borrowed("> ")
    }
    fn render_prompt_history_search_indicator(&self, _: PromptHistorySearch) -> Cow<'_, str> {
        Cow::Borrowed("search: ")
    }
}
