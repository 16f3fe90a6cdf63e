//! Where `PyYAML` and libyaml part: characters that it refuses, tabs between words, `{a:, b: 1}`,
//! escaped pairs of surrogates, directives it does not know, commas in tags.

use libyaml_safer::{Error as YamlError, Event, EventData, Mark, ScalarStyle};

use crate::compose::node::{Class, Error, Position};

/// Whether YAML 1.1 ends a line at the letter.
pub(super) fn is_break(letter: char) -> bool {
    matches!(letter, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Refuses the characters that no YAML text may hold.
pub(super) fn printable(text: &str) -> Result<(), Error> {
    let plain = |byte: u8| (0x20..0x7f).contains(&byte) || matches!(byte, b'\n' | b'\t' | b'\r');
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
            let message = format!("the character U+{:04X} is not allowed", u32::from(letter));
            Err(Error::new(Class::ReaderError, message).at(place(text, index)))
        }
    }
}

/// The line and column of a byte.
fn place(text: &str, index: usize) -> Position {
    let before = text.get(..index).unwrap_or("");
    let column = before.rsplit(is_break).next().unwrap_or("").chars().count() + 1;
    Position {
        line: before.matches('\n').count() + 1,
        column,
    }
}

fn offset(mark: Mark) -> usize {
    usize::try_from(mark.index).unwrap_or(usize::MAX)
}

/// Refuses tabs outside of quotes, block scalars and comments.
pub(super) fn tabs(text: &str, events: &[Event]) -> Result<(), Error> {
    if !text.contains('\t') {
        return Ok(());
    }
    let mut from = 0;
    for event in events {
        let start = offset(event.start_mark);
        tabs_between(text, from, start)?;
        from = offset(event.end_mark).max(from);
        match &event.data {
            EventData::Scalar {
                style: ScalarStyle::Plain,
                ..
            } => tabs_between(text, start, from)?,
            _ => tabs_between(text, start, start + properties(text, start))?,
        }
    }
    tabs_between(text, from, text.len())
}

/// How many bytes the tag and the anchor take that stand at `start`, blanks behind included.
fn properties(text: &str, start: usize) -> usize {
    let Some(from) = text.get(start..) else {
        return 0;
    };
    let mut rest = from;
    while rest.starts_with(['!', '&']) {
        let word = rest.find(char::is_whitespace).unwrap_or(rest.len());
        rest = rest
            .get(word..)
            .unwrap_or("")
            .trim_start_matches([' ', '\t']);
    }
    from.len() - rest.len()
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
            let error = Error::new(Class::ScannerError, "a tab cannot separate words here");
            return Err(error
                .at(place(text, before + tab))
                .hinted("separate with spaces"));
        }
        before += line.len();
    }
    Ok(())
}

/// Takes the line end that was added out of a block scalar that reaches the end.
pub(super) fn unended(text: &str, events: &mut [Event]) {
    let last = text
        .trim_end_matches('\n')
        .rsplit(is_break)
        .next()
        .unwrap_or("");
    if last.trim_matches(' ').is_empty() {
        return;
    }
    for event in events {
        let reaches = offset(event.end_mark) >= text.len();
        if let EventData::Scalar { value, style, .. } = &mut event.data
            && matches!(style, ScalarStyle::Literal | ScalarStyle::Folded)
            && reaches
            && value.ends_with('\n')
        {
            value.pop();
        }
    }
}

/// The text with the one difference mended that libyaml stumbled over, if it is one.
pub(super) fn mend(text: &str, error: &YamlError) -> Option<String> {
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
        "found unknown directive name" => {
            let line = before.rfind(is_break).map_or(0, |end| end + 1);
            let (kept, directive) = text.split_at_checked(line)?;
            Some(format!(
                "{kept}#{}",
                directive.trim_start().strip_prefix('%')?
            ))
        }
        "found incompatible YAML document" => {
            let minor = after
                .strip_prefix("%YAML")?
                .trim_start()
                .strip_prefix("1.")?;
            let rest = minor.trim_start_matches(|digit: char| digit.is_ascii_digit());
            (rest.len() < minor.len()).then(|| format!("{before}%YAML 1.1{rest}"))
        }
        _ => None,
    }
}

/// The code unit of the `\uXXXX` at `offset`.
fn unit(text: &str, offset: usize) -> Option<u16> {
    let digits = text.get(offset..offset + 6)?.strip_prefix("\\u")?;
    u16::from_str_radix(digits, 16).ok()
}

/// The text with `_` for the commas of what may be tags, if there are any: libyaml's port breaks
/// on them, and `PyYAML` takes them for part of the tag.
pub(super) fn without_tag_commas(text: &str) -> Option<String> {
    if !text.contains('!') {
        return None;
    }
    let mut out = String::with_capacity(text.len());
    let mut inside = false;
    let mut before = ' ';
    for letter in text.chars() {
        let starts = before.is_whitespace() || !before.is_alphanumeric();
        inside = !letter.is_whitespace() && (inside || letter == '!' && starts);
        out.push(if inside && letter == ',' { '_' } else { letter });
        before = letter;
    }
    (out != text).then_some(out)
}

/// Whether one of the events has a tag that holds a comma in `text`.
pub(super) fn has_tag_with_comma(text: &str, events: &[Event]) -> bool {
    events.iter().any(|event| {
        let start = offset(event.start_mark);
        text.get(start..start + properties(text, start))
            .is_some_and(|words| {
                words
                    .split_whitespace()
                    .any(|word| word.starts_with('!') && word.contains(','))
            })
    })
}

/// The refusal of a tag with a comma, which nothing constructs.
pub(super) fn tag_with_comma() -> Error {
    Error::new(
        Class::ConstructorError,
        "a tag needs a blank between it and a comma",
    )
}
