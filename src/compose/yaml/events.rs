//! Text to libyaml's events, with what `PyYAML` sees differently: characters that it refuses,
//! tabs between words, `{a:, b: 1}`, and escaped pairs of surrogates.

use libyaml_safer::{Error as YamlError, ErrorKind, Event, EventData, Mark, Parser, ScalarStyle};

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
    printable(text)?;
    let mut mended = None;
    for _ in 0..MENDINGS {
        let source: &str = mended.as_deref().unwrap_or(text);
        let mut found = Vec::new();
        let end = scan(source, &mut found);
        if source.contains('\t') {
            tabs(source, &found)?;
        }
        let error = match end {
            Ok(()) => return Ok(found),
            Err(Stop::Deep) => {
                return Err(Error::new(
                    Class::RecursionError,
                    "the text nests too deeply",
                ));
            }
            Err(Stop::Yaml(error)) => error,
        };
        match mend(source, &error) {
            Some(better) => mended = Some(better),
            None => return Err(refuse(&error)),
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
    Yaml(YamlError),
}

fn scan(text: &str, found: &mut Vec<Event>) -> Result<(), Stop> {
    let mut bytes = text.as_bytes();
    let mut parser = Parser::new();
    parser.set_input_string(&mut bytes);
    parser.set_encoding(libyaml_safer::Encoding::Utf8);
    let mut depth = 0_usize;
    loop {
        let event = parser.parse().map_err(Stop::Yaml)?;
        match event.data {
            EventData::StreamEnd => return Ok(()),
            EventData::SequenceStart { .. } | EventData::MappingStart { .. } => depth += 1,
            EventData::SequenceEnd | EventData::MappingEnd => depth = depth.saturating_sub(1),
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

/// The error that a parser's error is to us.
fn refuse(error: &YamlError) -> Error {
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

/// Refuses the characters that no YAML text may hold.
fn printable(text: &str) -> Result<(), Error> {
    let plain = |byte: u8| byte >= 0x20 && byte < 0x7f || matches!(byte, b'\n' | b'\t' | b'\r');
    if text.bytes().all(plain) {
        return Ok(());
    }
    let allowed = |letter: char| {
        matches!(letter, '\t' | '\n' | '\r' | ' '..='~' | '\u{85}' | '\u{a0}'..='\u{d7ff}'
            | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
    };
    match text.char_indices().find(|(_, letter)| !allowed(*letter)) {
        None => Ok(()),
        Some((index, letter)) => {
            let before = text.get(..index).unwrap_or("");
            let line = before.matches('\n').count() + 1;
            let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
            let message = format!("the character U+{:04X} is not allowed", u32::from(letter));
            Err(Error::new(Class::ReaderError, message).at(Position { line, column }))
        }
    }
}

/// Refuses tabs outside of quotes, block scalars and comments, as `PyYAML` does.
fn tabs(text: &str, events: &[Event]) -> Result<(), Error> {
    let mut from = 0;
    for event in events {
        let start = offset(event.start_mark);
        tabs_between(text, from, start)?;
        from = offset(event.end_mark).max(from);
        if let EventData::Scalar {
            style: ScalarStyle::Plain,
            ..
        } = event.data
        {
            tabs_between(text, start, from)?;
        }
    }
    tabs_between(text, from, text.len())
}

fn offset(mark: Mark) -> usize {
    usize::try_from(mark.index).unwrap_or(usize::MAX)
}

fn tabs_between(text: &str, from: usize, to: usize) -> Result<(), Error> {
    let Some(gap) = text.get(from..to.max(from)) else {
        return Ok(());
    };
    let mut before = from;
    for line in gap.split_inclusive(['\n', '\r']) {
        let comment = line.char_indices().find(|(index, letter)| {
            let ahead = text
                .get(..before + index)
                .and_then(|text| text.chars().next_back());
            *letter == '#' && ahead.is_none_or(char::is_whitespace)
        });
        let code = line
            .get(..comment.map_or(line.len(), |(index, _)| index))
            .unwrap_or(line);
        if let Some(tab) = code.find('\t') {
            let ahead = text.get(..before + tab).unwrap_or("");
            let position = Position {
                line: ahead.matches('\n').count() + 1,
                column: ahead.rsplit('\n').next().unwrap_or("").chars().count() + 1,
            };
            let error = Error::new(Class::ScannerError, "a tab cannot separate words here");
            return Err(error.at(position).hinted("indent with spaces"));
        }
        before += line.len();
    }
    Ok(())
}

/// The text with the one difference mended that libyaml stumbled over, if it is one.
fn mend(text: &str, error: &YamlError) -> Option<String> {
    let at = offset(error.problem_mark()?);
    let (before, after) = text.split_at_checked(at)?;
    match error.problem() {
        "found unexpected ':'" => {
            let after = after.strip_prefix(':')?;
            after
                .starts_with([',', '[', ']', '{', '}'])
                .then(|| format!("{before}: {after}"))
        }
        "found invalid Unicode character escape code" => {
            let start = before.rfind('\\')?;
            let (kept, escape) = text.split_at_checked(start)?;
            let (high, low) = (unit(escape, 0)?, unit(escape, 6)?);
            let whole = char::decode_utf16([high, low]).next()?.ok()?;
            let rest = escape.get(12..)?;
            Some(format!("{kept}\\U{:08X}{rest}", u32::from(whole)))
        }
        _ => None,
    }
}

/// The code unit of the `\uXXXX` at `offset`.
fn unit(text: &str, offset: usize) -> Option<u16> {
    let digits = text.get(offset..offset + 6)?.strip_prefix("\\u")?;
    u16::from_str_radix(digits, 16).ok()
}
