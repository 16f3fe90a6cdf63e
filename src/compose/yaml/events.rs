//! Text to libyaml's events, with what `PyYAML` sees differently taken care of.

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use libyaml_safer::{
    Encoding, Error as YamlError, ErrorKind, Event, EventData, MappingStyle, Mark, Parser,
    ScalarStyle, SequenceStyle,
};

use super::quirks;
use crate::compose::node::{Class, DEPTH, Error, Position};

/// How many of a text's differences are mended before it is refused.
const MENDINGS: usize = 256;

/// All events of `text`.
///
/// # Errors
///
/// Text that is no YAML, or nests too deeply.
pub(super) fn events(text: &str) -> Result<Vec<Event>, Error> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    quirks::printable(text)?;
    if let Some(altered) = quirks::without_tag_commas(text) {
        let (found, end) = scan(&altered);
        if end.as_ref().is_err_and(Stop::is_about_tags) || quirks::has_tag_with_comma(text, &found)
        {
            return Err(end
                .err()
                .map_or_else(quirks::tag_with_comma, Stop::into_error));
        }
    }
    // libyaml's port stumbles over a block scalar without a line end behind it.
    let open = !text.ends_with(quirks::is_break);
    let mut mended = open.then(|| format!("{text}\n"));
    for _ in 0..MENDINGS {
        let source: &str = mended.as_deref().unwrap_or(text);
        let (mut found, end) = scan(source);
        quirks::tabs(source, &found)?;
        match end {
            Ok(()) => {
                if open {
                    quirks::unended(source, &mut found);
                }
                return Ok(found);
            }
            Err(stop) => match stop.mended(source) {
                Some(better) => mended = Some(better),
                None => {
                    anchors(&found)?;
                    return Err(stop.into_error());
                }
            },
        }
    }
    Err(Error::new(
        Class::ScannerError,
        "the text has too many oddities",
    ))
}

/// Why reading stopped.
enum Stop {
    Deep,
    /// A `?` within a word between brackets.
    Question(Mark),
    Yaml(YamlError),
    /// The parser itself broke.
    Broken,
}

impl Stop {
    fn is_about_tags(&self) -> bool {
        matches!(self, Self::Yaml(error) if error.context() == Some("while scanning a tag"))
    }

    fn mended(&self, text: &str) -> Option<String> {
        match self {
            Self::Yaml(error) => quirks::mend(text, error),
            Self::Deep | Self::Question(_) | Self::Broken => None,
        }
    }

    fn into_error(self) -> Error {
        let error = match self {
            Self::Deep => return Error::new(Class::RecursionError, "the text nests too deeply"),
            Self::Broken => return Error::new(Class::ScannerError, "the text cannot be read"),
            Self::Question(mark) => {
                let error = Error::new(Class::ParserError, "a `?` between brackets needs quotes");
                return error.at(position(mark));
            }
            Self::Yaml(error) => error,
        };
        let class = match error.kind() {
            ErrorKind::Reader | ErrorKind::Io | ErrorKind::Emitter => Class::ReaderError,
            ErrorKind::Scanner => Class::ScannerError,
            ErrorKind::Composer => Class::ComposerError,
            ErrorKind::Parser => Class::ParserError,
        };
        let refused = Error::new(class, error.problem());
        match error.problem_mark().or_else(|| error.context_mark()) {
            Some(mark) => refused.at(position(mark)),
            None => refused,
        }
    }
}

/// The events up to the end, or up to where reading stopped, and why.
fn scan(text: &str) -> (Vec<Event>, Result<(), Stop>) {
    let mut found = Vec::new();
    // A fault of the parser's is an error of the text, never the end of the program.
    let end = catch_unwind(AssertUnwindSafe(|| read(text, &mut found)));
    (found, end.unwrap_or(Err(Stop::Broken)))
}

fn read(text: &str, found: &mut Vec<Event>) -> Result<(), Stop> {
    let mut bytes = text.as_bytes();
    let mut parser = Parser::new();
    parser.set_input_string(&mut bytes);
    parser.set_encoding(Encoding::Utf8);
    // How many containers are open, and how many of them since the outermost in brackets.
    let (mut depth, mut flow) = (0_usize, 0_usize);
    loop {
        let event = parser.parse().map_err(Stop::Yaml)?;
        match event.data {
            EventData::StreamEnd => return Ok(()),
            EventData::SequenceStart { style, .. } => {
                depth += 1;
                flow += usize::from(flow > 0 || style == SequenceStyle::Flow);
            }
            EventData::MappingStart { style, .. } => {
                depth += 1;
                flow += usize::from(flow > 0 || style == MappingStyle::Flow);
            }
            EventData::SequenceEnd | EventData::MappingEnd => {
                depth = depth.saturating_sub(1);
                flow = flow.saturating_sub(1);
            }
            EventData::Scalar {
                ref value,
                style: ScalarStyle::Plain,
                ..
            } if flow > 0 && value.contains('?') => {
                return Err(Stop::Question(event.start_mark));
            }
            _ => {}
        }
        if depth > DEPTH {
            return Err(Stop::Deep);
        }
        found.push(event);
    }
}

/// Where a mark lies.
pub(super) fn position(mark: Mark) -> Position {
    let one_more = |number: u64| {
        usize::try_from(number)
            .unwrap_or(usize::MAX)
            .saturating_add(1)
    };
    Position {
        line: one_more(mark.line),
        column: one_more(mark.column),
    }
}

/// Refuses aliases of nothing and anchors given twice: before an error further on in the text.
fn anchors(events: &[Event]) -> Result<(), Error> {
    let mut known = HashSet::new();
    for event in events {
        let message = match &event.data {
            EventData::Alias { anchor } if !known.contains(anchor.as_str()) => {
                format!("there is no anchor `{anchor}`")
            }
            EventData::Scalar {
                anchor: Some(anchor),
                ..
            }
            | EventData::SequenceStart {
                anchor: Some(anchor),
                ..
            }
            | EventData::MappingStart {
                anchor: Some(anchor),
                ..
            } if !known.insert(anchor.as_str()) => {
                format!("the anchor `{anchor}` is given twice")
            }
            _ => continue,
        };
        return Err(Error::new(Class::ComposerError, message).at(position(event.start_mark)));
    }
    Ok(())
}
