//! Programs that run another once for each of many words: `xargs`, `parallel`.

use super::expand::Field;
use super::flags::Cut;
use super::frame::Feed;
use super::program::Call;
use super::walk::Walker;
use super::wrapper::inside;
use crate::policy::{Purpose, Word};

/// `xargs`: its words come from standard input.
pub(crate) fn xargs(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    walker.exec(call.name, call.args, Purpose::ReadOnly, call.span.clone());
    let mut fields: Vec<Field> = cut.operands.iter().map(|field| (*field).clone()).collect();
    if fields.is_empty() {
        return Feed::Unknown;
    }
    let from_file = cut
        .find("-a --arg-file")
        .and_then(|flag| flag.value.clone());
    let feed = match from_file {
        Some(file) => walker.file_feed(&file),
        None => call.feed.clone(),
    };
    let replaced = cut
        .value("-I")
        .map(str::to_owned)
        .or_else(|| cut.has("-i --replace").then(|| "{}".to_owned()));
    let given: Option<Vec<Field>> = match &feed {
        Feed::Text(text) if text.len() < 4096 => Some(
            text.split(|c: char| c.is_whitespace() || c == '\0')
                .filter(|word| !word.is_empty())
                .map(|word| Field::literal(word, call.span.clone()))
                .collect(),
        ),
        Feed::Text(_) | Feed::File(..) | Feed::Shape(_) | Feed::Unknown | Feed::Inherited => None,
    };
    match replaced {
        Some(mark) => {
            for field in &mut fields {
                let text = field.text().to_owned();
                if text.contains(&mark) && text.contains(char::is_whitespace) {
                    // A line for a shell: what is put in is only known when it runs.
                    field.word = Word::Literal(text.replace(&mark, "${_}"));
                } else if text.contains(&mark) {
                    field.word = Word::Dynamic(text);
                }
            }
        }
        None => match given {
            Some(words) => fields.extend(words),
            None => fields.push(Field::dynamic("…", call.span.clone())),
        },
    }
    inside(walker, call, |walker| {
        walker.within(
            |frame| frame.repeats = true,
            |walker| walker.invoke(&fields, Feed::Unknown, call.span.clone()),
        )
    })
}

/// GNU parallel: a template, then `:::` and values, or values on standard input.
pub(crate) fn parallel(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    walker.exec(call.name, call.args, Purpose::ReadOnly, call.span.clone());
    let split = cut
        .operands
        .iter()
        .position(|field| field.text().starts_with(":::"));
    let template: Vec<&Field> = cut
        .operands
        .iter()
        .take(split.unwrap_or(cut.operands.len()))
        .copied()
        .collect();
    let values: Vec<Field> = cut
        .operands
        .iter()
        .skip(split.unwrap_or(cut.operands.len()))
        .filter(|field| !field.text().starts_with(":::"))
        .map(|field| (*field).clone())
        .collect();
    let repeated = |walker: &mut Walker<'_>, line: &str| {
        walker.within(
            |frame| frame.repeats = true,
            |walker| walker.follow(line, "parallel", call.span.clone(), Feed::Unknown),
        )
    };
    if template.is_empty() {
        for value in &values {
            match value.known() {
                Some(line) => {
                    repeated(walker, line);
                }
                None => walker.unknown(value.text(), &[], call.span.clone()),
            }
        }
        if values.is_empty() {
            match call.feed.text() {
                Some(text) => {
                    repeated(walker, text);
                }
                None => walker.unknown("parallel", &[], call.span.clone()),
            }
        }
        return Feed::Unknown;
    }
    let known: Option<Vec<&str>> = template.iter().map(|field| field.known()).collect();
    let Some(known) = known else {
        walker.unknown(
            template.first().map_or("", |field| field.text()),
            &values,
            call.span.clone(),
        );
        return Feed::Unknown;
    };
    let line = known.join(" ");
    let uses_mark = line.contains('{');
    let candidates: Vec<&str> = values.iter().filter_map(Field::known).take(16).collect();
    if candidates.is_empty() || candidates.len() != values.len() {
        let line = if uses_mark {
            line.replace("{}", "\"$_\"")
                .replace("{.}", "\"$_\"")
                .replace("{/}", "\"$_\"")
        } else {
            format!("{line} \"$_\"")
        };
        repeated(walker, &line);
        return Feed::Unknown;
    }
    for value in candidates {
        let line = if uses_mark {
            line.replace("{}", value)
        } else {
            format!("{line} {value}")
        };
        repeated(walker, &line);
    }
    Feed::Unknown
}
