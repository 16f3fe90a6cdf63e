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

/// Walks `w FILE`, `e COMMAND` and the `e` and `w` flags of `s`.
fn sed_commands(walker: &mut Walker<'_>, call: &Call<'_>, script: &str) {
    static WRITES: LazyLock<Option<Regex>> =
        LazyLock::new(|| compiled(r"(?m)(?:^|[;{/!$0-9])\s*[wW]\s+([^\s;}]+)"));
    static RUNS: LazyLock<Option<Regex>> =
        LazyLock::new(|| compiled(r"(?m)(?:^|[;{]|[$0-9])\s*e(?:\s+([^\n;}]+))?\s*(?:$|[;}])"));
    static FLAGS: LazyLock<Option<Regex>> = LazyLock::new(|| {
        compiled(
            r"^\s*(?:[0-9$,]*|/[^/]*/)\s*s([/|#,@!])(?:[^\\]|\\.)*?[/|#,@!]((?:[^\\]|\\.)*?)[/|#,@!][0-9gpiIMm]*e",
        )
    });
    if !script.contains(['w', 'W', 'e']) {
        return;
    }
    let is_substitution = script
        .trim_start_matches(|c: char| c.is_ascii_digit() || "$,%".contains(c))
        .starts_with('s');
    if let Some(found) = WRITES.as_ref().and_then(|regex| regex.captures(script))
        && let Some(file) = found.get(1)
        && (!is_substitution
            || script.rsplit(['/', '|', '#']).next().is_some_and(|flags| {
                flags
                    .trim_start_matches(|c: char| c.is_ascii_alphanumeric() && c != 'w')
                    .starts_with("w ")
            }))
    {
        let field = Field::literal(file.as_str(), call.span.clone());
        walker.write(&field, Overwrite);
    }
    if is_substitution {
        if let Some(found) = FLAGS.as_ref().and_then(|regex| regex.captures(script)) {
            match found.get(2).map(|text| text.as_str().to_owned()) {
                Some(line) if !line.contains(['\\', '&']) => {
                    walker.follow(&line, "sed e", call.span.clone(), Feed::Unknown);
                }
                _ => walker.unknown("sed s///e", &[], call.span.clone()),
            }
        }
        return;
    }
    if let Some(found) = RUNS.as_ref().and_then(|regex| regex.captures(script)) {
        match found.get(1).map(|text| text.as_str().to_owned()) {
            Some(line) => {
                walker.follow(&line, "sed e", call.span.clone(), Feed::Unknown);
            }
            None => match call.feed.text().map(str::to_owned) {
                Some(text) => {
                    walker.follow(&text, "sed e", call.span.clone(), Feed::Unknown);
                }
                None => walker.unknown("sed e", &[], call.span.clone()),
            },
        }
    }
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
        walker.effect(Write(Edit), files, call.name, &call.span);
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
            (None, _) => walker.unknown("awk system", &[], call.span.clone()),
        }
    }
    for regex in [&PIPE, &GETLINE] {
        for found in regex.iter().flat_map(|regex| regex.captures_iter(text)) {
            if let Some(line) = found.get(1) {
                let line = unescape(line.as_str());
                let is_shell = ["sh", "bash", "/bin/sh", "/bin/bash"].contains(&line.trim());
                if is_shell {
                    walker.unknown("awk | sh", &[], call.span.clone());
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
    Feed::Unknown
}

fn unescape(text: &str) -> String {
    text.replace("\\\"", "\"").replace("\\\\", "\\")
}
