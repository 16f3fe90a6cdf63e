//! `sed` and `awk`: what their scripts write and run.

use std::sync::LazyLock;

use regex::Regex;

use crate::bash::expand::Field;
use crate::bash::flags::Cut;
use crate::bash::frame::Feed;
use crate::bash::program::{Call, Effect::Write};
use crate::bash::walk::Walker;
use crate::policy::Deletable::Content;
use crate::policy::WriteHow::{Edit, Overwrite};

fn compiled(pattern: &str) -> Option<Regex> {
    Regex::new(pattern).ok()
}

pub(super) fn sed(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    let in_place = cut.has("-i --in-place");
    let mut scripts: Vec<Field> = cut.values("-e --expression");
    let mut files = cut.operands.as_slice();
    if scripts.is_empty()
        && !cut.has("-f --file")
        && let Some((script, rest)) = files.split_first()
    {
        scripts.push((*script).clone());
        files = rest;
    }
    if in_place {
        walker.plain(call);
    } else {
        walker.looks(call);
    }
    let text: Option<Vec<&str>> = scripts.iter().map(Field::known).collect();
    let text = text.map(|texts| texts.join("\n"));
    if in_place {
        let quiet = cut.has("-n --quiet --silent");
        let keeps = cut.find("-i --in-place").is_some_and(|flag| {
            flag.value.is_some()
                || flag.field.text().trim_start_matches("-i").len() > 1
                    && flag.field.text().starts_with("-i.")
        });
        let empties = text.as_deref().is_some_and(|text| deletes_all(text, quiet)) && !keeps;
        for file in files {
            if empties {
                walker.delete(file, Content);
            } else {
                walker.write(file, Edit);
            }
        }
    }
    if let Some(text) = text {
        sed_commands(walker, call, &text);
    }
    Feed::Unknown
}

/// Whether a sed script leaves nothing.
fn deletes_all(script: &str, quiet: bool) -> bool {
    let script = script.trim().trim_matches(['{', '}']).trim();
    let all = [
        "d", "1,$d", "/.*/d", "/^/d", "/./,$d", "0,$d", "1,$ d", "/$/d", "1~1d",
    ];
    all.contains(&script)
        || (quiet && !script.contains('p') && !script.contains('P'))
        || script.starts_with("d;")
}

/// What a sed script does besides editing its stream.
enum SedAct {
    Writes(String),
    Runs(String),
    RunsPattern,
}

/// Walks `w FILE`, `e COMMAND` and the `e` and `w` flags of `s`.
fn sed_commands(walker: &mut Walker<'_>, call: &Call<'_>, script: &str) {
    for act in sed_acts(script) {
        match act {
            SedAct::Writes(file) => {
                let field = Field::literal(&file, call.span.clone());
                walker.write(&field, Overwrite);
            }
            SedAct::Runs(line) => {
                walker.follow(&line, "sed e", call.span.clone(), Feed::Unknown);
            }
            SedAct::RunsPattern => match call.feed.text().map(str::to_owned) {
                Some(text) => {
                    walker.follow(&text, "sed e", call.span.clone(), Feed::Unknown);
                }
                None => walker.unknown("sed e", &[], call.span.clone()),
            },
        }
    }
}

/// Reads a script command by command.
fn sed_acts(script: &str) -> Vec<SedAct> {
    let mut acts = Vec::new();
    let mut letters = script.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            // Addresses and what stands between commands.
            '/' => {
                delimited(&mut letters, '/');
            }
            '\\' => {
                if let Some(mark) = letters.next() {
                    delimited(&mut letters, mark);
                }
            }
            's' | 'y' => {
                let Some(mark) = letters.next() else {
                    return acts;
                };
                delimited(&mut letters, mark);
                let replacement = delimited(&mut letters, mark);
                if letter == 'y' {
                    continue;
                }
                while let Some(flag) = letters.next_if(|c| !matches!(c, ';' | '}' | '\n' | ' ')) {
                    if flag == 'e' {
                        acts.push(if replacement.contains(['\\', '&']) {
                            SedAct::RunsPattern
                        } else {
                            SedAct::Runs(replacement.clone())
                        });
                    } else if flag == 'w' {
                        acts.push(SedAct::Writes(rest_of_line(&mut letters)));
                    }
                }
            }
            'w' | 'W' => acts.push(SedAct::Writes(rest_of_line(&mut letters))),
            'e' => {
                let line = rest_of_line(&mut letters);
                acts.push(if line.is_empty() {
                    SedAct::RunsPattern
                } else {
                    SedAct::Runs(line)
                });
            }
            'a' | 'i' | 'c' | 'r' | 'R' | 'b' | 't' | 'T' | ':' | 'q' | 'Q' | 'l' | '#' => {
                let text = rest_of_line(&mut letters);
                let splits = matches!(letter, 'b' | 't' | 'T' | 'q' | 'Q' | 'l');
                if let Some((_, rest)) = text.split_once([';', '}']).filter(|_| splits) {
                    acts.extend(sed_acts(rest));
                }
            }
            _ => {}
        }
    }
    acts
}

fn delimited(letters: &mut std::iter::Peekable<std::str::Chars<'_>>, mark: char) -> String {
    let mut text = String::new();
    while let Some(letter) = letters.next() {
        if letter == mark {
            break;
        }
        text.push(letter);
        if letter == '\\' {
            text.extend(letters.next());
        }
    }
    text
}

fn rest_of_line(letters: &mut std::iter::Peekable<std::str::Chars<'_>>) -> String {
    let text: String = letters
        .by_ref()
        .take_while(|letter| *letter != '\n')
        .collect();
    text.trim().to_owned()
}

pub(super) fn awk(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    static SYSTEM: LazyLock<Option<Regex>> =
        LazyLock::new(|| compiled(r#"system\s*\(\s*("(?:[^"\\]|\\.)*")?([^)]*)\)"#));
    static PIPE: LazyLock<Option<Regex>> =
        LazyLock::new(|| compiled(r#"\|&?\s*"((?:[^"\\]|\\.)*)""#));
    static GETLINE: LazyLock<Option<Regex>> =
        LazyLock::new(|| compiled(r#""((?:[^"\\]|\\.)*)"\s*\|&?\s*getline"#));
    static FILE: LazyLock<Option<Regex>> =
        LazyLock::new(|| compiled(r#"print[^;}\n]*?(>>?)\s*"((?:[^"\\]|\\.)*)""#));
    let in_place = cut
        .values("-i --include")
        .iter()
        .any(|field| field.text() == "inplace");
    if in_place {
        walker.plain(call);
    } else {
        walker.looks(call);
    }
    let mut files = cut.operands.as_slice();
    let script = if cut.has("-f --file") {
        None
    } else {
        files.split_first().map(|(script, rest)| {
            files = rest;
            (*script).clone()
        })
    };
    if in_place {
        let drops = script.as_ref().is_some_and(|script| {
            ["", "0", "{}", "{next}", "{ next }", "!1"].contains(&script.text().trim())
        });
        for file in files {
            if drops {
                walker.delete(file, Content);
            } else {
                walker.effect(Write(Edit), &[file], call.name, &call.span);
            }
        }
    }
    let Some(text) = script.as_ref().and_then(Field::known) else {
        return Feed::Unknown;
    };
    for found in SYSTEM.iter().flat_map(|regex| regex.captures_iter(text)) {
        let head = found
            .get(1)
            .map(|text| unescape(text.as_str().trim_matches('"')));
        let rest = found.get(2).map_or("", |text| text.as_str()).trim();
        match (head, rest.is_empty()) {
            (Some(line), true) => {
                walker.follow(&line, "awk system", call.span.clone(), Feed::Unknown);
            }
            (Some(line), false) => {
                let line = format!("{line} \"$_\"");
                walker.within(
                    |frame| frame.repeats = true,
                    |walker| walker.follow(&line, "awk system", call.span.clone(), Feed::Unknown),
                );
            }
            (None, _) => match variable(text, found.get(2).map_or("", |name| name.as_str())) {
                Some(line) => {
                    walker.follow(&line, "awk system", call.span.clone(), Feed::Unknown);
                }
                None => walker.unknown("awk system", &[], call.span.clone()),
            },
        }
    }
    for regex in [&PIPE, &GETLINE] {
        for found in regex.iter().flat_map(|regex| regex.captures_iter(text)) {
            if let Some(line) = found.get(1) {
                let line = unescape(line.as_str());
                let is_shell = ["sh", "bash", "/bin/sh", "/bin/bash"].contains(&line.trim());
                if is_shell {
                    match printed(text) {
                        Some(lines) => {
                            walker.follow(&lines, "awk | sh", call.span.clone(), Feed::Unknown);
                        }
                        None => walker.unknown("awk | sh", &[], call.span.clone()),
                    }
                } else {
                    walker.follow(&line, "awk", call.span.clone(), Feed::Unknown);
                }
            }
        }
    }
    for found in FILE.iter().flat_map(|regex| regex.captures_iter(text)) {
        if let (Some(arrow), Some(file)) = (found.get(1), found.get(2)) {
            let field = Field::literal(&unescape(file.as_str()), call.span.clone());
            let how = if arrow.as_str() == ">>" {
                crate::policy::WriteHow::Append
            } else {
                Overwrite
            };
            walker.write(&field, how);
        }
    }
    // What a shell reads from it is worth knowing: `awk '{print "rm " $1}' | sh`.
    match printed(text) {
        Some(lines) if lines.starts_with(|c: char| c.is_ascii_alphabetic()) => Feed::Shape(lines),
        _ => Feed::Unknown,
    }
}

/// Returns what `print` writes, `${_}` for what is only known when it runs.
fn printed(script: &str) -> Option<String> {
    static PRINTS: LazyLock<Option<Regex>> =
        LazyLock::new(|| compiled(r#"printf?\s*\(?((?:"(?:[^"\\]|\\.)*"|[^;}|>"\n])+)"#));
    let mut lines = Vec::new();
    for found in PRINTS.iter().flat_map(|regex| regex.captures_iter(script)) {
        let mut rest = found.get(1).map_or("", |text| text.as_str()).trim();
        let mut line = String::new();
        while !rest.is_empty() {
            if let Some(tail) = rest.strip_prefix('"') {
                let end = closing_quote(tail);
                line.push_str(&unescape(tail.get(..end).unwrap_or_default()));
                rest = tail.get(end + 1..).unwrap_or_default();
            } else {
                let end = rest.find('"').unwrap_or(rest.len());
                let between = rest.get(..end).unwrap_or_default();
                if !between.trim_matches([' ', ',', ')', '(']).is_empty() {
                    line.push_str("${_}");
                } else if between.contains(',') {
                    line.push(' ');
                }
                rest = rest.get(end..).unwrap_or_default();
            }
        }
        lines.push(
            line.replace("\\n", "\n")
                .replace("%s", "${_}")
                .replace("%d", "${_}"),
        );
    }
    let text = lines.join("\n");
    (!text.trim().is_empty()).then_some(text)
}

/// Returns the string that a script assigns to a name.
fn variable(script: &str, name: &str) -> Option<String> {
    let name = name.trim();
    let is_name = !name.is_empty() && name.chars().all(|c| c == '_' || c.is_ascii_alphanumeric());
    let at = is_name.then(|| {
        script
            .find(&format!("{name}="))
            .or_else(|| script.find(&format!("{name} =")))
    })??;
    let after = script.get(at..)?.split_once('=')?.1.trim_start();
    let text = after.strip_prefix('"')?;
    Some(unescape(text.get(..closing_quote(text))?))
}

/// Returns where a string ends, escapes minded.
fn closing_quote(text: &str) -> usize {
    let mut escaped = false;
    for (at, letter) in text.char_indices() {
        match letter {
            '\\' if !escaped => escaped = true,
            '"' if !escaped => return at,
            _ => escaped = false,
        }
    }
    text.len()
}

fn unescape(text: &str) -> String {
    text.replace("\\\"", "\"").replace("\\\\", "\\")
}
