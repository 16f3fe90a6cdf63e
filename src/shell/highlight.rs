//! Paints the line that is being typed: what each part is, and what will be denied.

use std::sync::{Arc, Mutex, PoisonError};

use nu_ansi_term::Style;
use reedline::{Highlighter, StyledText};

use super::names::Names;
use super::paint::Look;
use super::verdict::{LONGEST, Mark, Verdicts};
use crate::bash::{self, Kind};

/// The strictest mark of the line that stands there now, for the prompt.
pub(crate) type Banner = Arc<Mutex<Option<Mark>>>;

/// Paints lines.
pub(crate) struct Paints {
    pub(crate) look: Look,
    pub(crate) verdicts: Verdicts,
    pub(crate) names: Names,
    pub(crate) banner: Banner,
}

impl Highlighter for Paints {
    fn highlight(&self, line: &str, _cursor: usize) -> StyledText {
        let opinion = self.verdicts.of(line);
        let first = opinion.as_ref().and_then(|found| found.marks.first());
        let mut banner = self.banner.lock().unwrap_or_else(PoisonError::into_inner);
        *banner = first.cloned();
        drop(banner);
        let mut text = parts(line, self.look, &self.names);
        // The strictest comes first, and is painted last.
        for mark in opinion.iter().flat_map(|found| found.marks.iter().rev()) {
            text.style_range(
                mark.span.start,
                mark.span.end,
                self.look.mark(mark.decision),
            );
        }
        text
    }
}

/// Returns the line by what its parts are.
fn parts(line: &str, look: Look, names: &Names) -> StyledText {
    let mut text = StyledText::new();
    if line.len() > LONGEST {
        text.push((Style::new(), line.to_owned()));
        return text;
    }
    let mut end = 0;
    for piece in bash::pieces(line) {
        let Some(part) = line.get(piece.span.clone()) else {
            continue;
        };
        let style = match piece.kind {
            Kind::Command if names.is_strange(part) => look.unknown(),
            kind => look.kind(kind),
        };
        text.push((style, part.to_owned()));
        end = piece.span.end;
    }
    let rest = line.get(end..).unwrap_or_default();
    if !rest.is_empty() {
        text.push((Style::new(), rest.to_owned()));
    }
    text
}

#[cfg(test)]
mod tests;
