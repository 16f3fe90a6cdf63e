//! The prompt as the editor draws it.

use std::borrow::Cow;
use std::sync::{Arc, Mutex, PoisonError};

use reedline::{Prompt, PromptEditMode, PromptHistorySearch, PromptHistorySearchStatus};

use super::{Facts, directory, row};
use crate::shell::cache::Counts;
use crate::shell::highlight::Banner;
use crate::shell::paint::Look;
use crate::ui::clean;

/// The prompt, with what it is made of.
#[derive(Clone)]
pub(crate) struct Shown {
    pub(crate) look: Look,
    pub(crate) facts: Arc<Mutex<Facts>>,
    pub(crate) counts: Arc<dyn Fn() -> Option<Counts> + Send + Sync>,
    pub(crate) banner: Banner,
    /// Columns of the terminal.
    pub(crate) width: Arc<dyn Fn() -> usize + Send + Sync>,
    /// What stays on the screen when the line has been entered.
    pub(crate) is_past: bool,
}

impl Shown {
    fn banner(&self) -> String {
        let mark = self.banner.lock().unwrap_or_else(PoisonError::into_inner);
        let named = mark
            .as_ref()
            .map(|mark| self.look.named(mark.decision, &mark.rule));
        named.unwrap_or_default()
    }

    fn banner_width(&self) -> usize {
        let mark = self.banner.lock().unwrap_or_else(PoisonError::into_inner);
        let plain = Look {
            has_colour: false,
            ..self.look
        };
        let named = mark
            .as_ref()
            .map(|mark| plain.named(mark.decision, &mark.rule));
        named.map_or(0, |text| text.chars().count() + 2)
    }

    /// Returns what stands before the line.
    pub(crate) fn sign(&self) -> &'static str {
        self.look.either("❯ ", "$ ")
    }

    /// Returns the row above the line.
    pub(crate) fn row(&self) -> String {
        let facts = self.facts.lock().unwrap_or_else(PoisonError::into_inner);
        let counts = (self.counts)();
        let room = (self.width)().saturating_sub(self.banner_width() + 1);
        row(&facts, counts.as_ref(), self.look, room)
    }
}

impl Prompt for Shown {
    fn render_prompt_left(&self) -> Cow<'_, str> {
        if self.is_past {
            let facts = self.facts.lock().unwrap_or_else(PoisonError::into_inner);
            let directory = directory(&facts, self.look);
            let last = directory.forms.last().cloned().unwrap_or_default();
            return (self.look.paint(directory.style, &last) + " ").into();
        }
        if self.look.is_dumb {
            return (self.row() + "\n").into();
        }
        // The sign belongs to the left part: else the editor takes both rows for one, and leaves no room at the right.
        (self.row() + "\n" + self.sign()).into()
    }

    fn render_prompt_right(&self) -> Cow<'_, str> {
        if self.is_past {
            return "".into();
        }
        self.banner().into()
    }

    fn render_prompt_indicator(&self, _mode: PromptEditMode) -> Cow<'_, str> {
        if self.is_past || self.look.is_dumb {
            return self.sign().into();
        }
        "".into()
    }

    fn render_prompt_multiline_indicator(&self) -> Cow<'_, str> {
        self.look.either("· ", "> ").into()
    }

    fn render_prompt_history_search_indicator(&self, search: PromptHistorySearch) -> Cow<'_, str> {
        let failing = match search.status {
            PromptHistorySearchStatus::Passing => "",
            PromptHistorySearchStatus::Failing => "nothing: ",
        };
        format!("({failing}search: {}) ", clean(&search.term)).into()
    }

    fn get_prompt_color(&self) -> reedline::Color {
        reedline::Color::Default
    }

    fn get_prompt_multiline_color(&self) -> reedline::Color {
        reedline::Color::Default
    }

    fn get_indicator_color(&self) -> reedline::Color {
        reedline::Color::Default
    }

    fn get_prompt_right_color(&self) -> reedline::Color {
        reedline::Color::Default
    }
}
