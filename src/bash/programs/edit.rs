//! Editors, stream editors and formatters.

use std::sync::LazyLock;

use regex::Regex;

use crate::bash::expand::Field;
use crate::bash::flags::Cut;
use crate::bash::frame::Feed;
use crate::bash::program::{Call, Effect::*, Program, each, plain, special};
use crate::bash::walk::Walker;
use crate::policy::Deletable::Content;
use crate::policy::WriteHow::{Edit, Overwrite};

pub(crate) const TABLE: &[Program] = &[
    special(&["sed", "gsed", "ssed"], sed).values("-e -f -l --expression --file --line-length"),
    special(&["awk", "gawk", "mawk", "nawk"], awk).values("-f -F -v -i -l -o --file --field-separator --assign --include --load").leading(),
    special(&["vi", "vim", "nvim", "view", "ex", "gvim", "rvim", "vimdiff", "nvi"], vim).values("-c --cmd -S -u -i -w -T -U -W").harmless("--help --version -h"),
    special(&["ed", "red"], line_editor).values("-p"),
    each(&["nano", "pico", "emacs", "emacsclient", "micro", "hx", "helix", "kak", "joe", "mcedit", "code", "subl", "gedit", "kate", "jed", "ne", "mg", "jupytext"], Write(Edit)).values("-l -c --eval -f --to --from"),
    special(&["patch", "gpatch"], patch).harmless("--dry-run --help --version -v").values("-i -d -o -p -r -F -B -V -z --input --directory --output --strip"),
    each(&["black", "isort", "autopep8", "yapf", "autoflake", "docformatter", "pyupgrade", "rustfmt", "gofmt", "goimports", "clang-format", "shfmt", "taplo", "stylua", "nbstripout", "add-trailing-comma", "usort", "dos2unix", "unix2dos", "tofrodos", "recode", "sqlfluff", "prettier", "biome", "eslint", "stylelint", "djlint", "cmake-format", "nixfmt", "ormolu", "zimports", "fix-encoding"], Write(Edit)).harmless("--check --diff --help --version -h -d -l --dry-run --list-different --check-only -c").values("--config --line-length -c --style -i --indent"),
    plain(&["ruff"]).verbs(&[("format", Write(Edit)), ("check", Nothing), ("clean", Delete(crate::policy::Deletable::Product))]).harmless("--help --version --diff --check").values("--config --select --ignore --output-format"),
    plain(&["mypy", "pyright", "pylint", "flake8", "shellcheck", "bandit", "vulture", "hadolint", "yamllint", "markdownlint", "codespell", "typos", "vale", "pyflakes", "pycodestyle", "pydocstyle", "interrogate"]).flags(&[("-w --write-changes", Write(Edit))]),
    each(&["convert", "magick", "mogrify"], Nothing),
    plain(&["ffmpeg", "sox", "pandoc", "gnuplot", "dot", "rsvg-convert", "inkscape", "pdflatex", "xelatex", "lualatex", "latexmk", "typst", "quarto", "sphinx-build", "mkdocs"]).values("-o --output -i").flags(&[("-o --output", Write(Edit)), ("-C", Delete(crate::policy::Deletable::Product))]).words(),
    plain(&["envsubst", "m4", "cpp", "tidy", "xsltproc", "iconv", "msgfmt"]).values("-o --output").flags(&[("-o --output", Write(Edit))]),
];

fn compiled(pattern: &str) -> Option<Regex> {
    Regex::new(pattern).ok()
}

fn sed(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
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
            flag.value.is_some() || flag.field.text().trim_start_matches("-i").len() > 1 && flag.field.text().starts_with("-i.")
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
    let all = ["d", "1,$d", "/.*/d", "/^/d", "/./,$d", "0,$d", "1,$ d", "/$/d", "1~1d"];
    all.contains(&script) || (quiet && !script.contains('p') && !script.contains('P')) || script.starts_with("d;")
}

/// Walks `w FILE`, `e COMMAND` and the `e` and `w` flags of `s`.
fn sed_commands(walker: &mut Walker<'_>, call: &Call<'_>, script: &str) {
    static WRITES: LazyLock<Option<Regex>> = LazyLock::new(|| compiled(r"(?m)(?:^|[;{/!$0-9])\s*[wW]\s+([^\s;}]+)"));
    static RUNS: LazyLock<Option<Regex>> = LazyLock::new(|| compiled(r"(?m)(?:^|[;{]|[$0-9])\s*e(?:\s+([^\n;}]+))?\s*(?:$|[;}])"));
    static FLAGS: LazyLock<Option<Regex>> = LazyLock::new(|| compiled(r"^\s*(?:[0-9$,]*|/[^/]*/)\s*s([/|#,@!])(?:[^\\]|\\.)*?[/|#,@!]((?:[^\\]|\\.)*?)[/|#,@!][0-9gpiIMm]*e"));
    if !script.contains(['w', 'W', 'e']) {
        return;
    }
    let is_substitution = script.trim_start_matches(|c: char| c.is_ascii_digit() || "$,%".contains(c)).starts_with('s');
    if let Some(found) = WRITES.as_ref().and_then(|regex| regex.captures(script))
        && let Some(file) = found.get(1)
        && (!is_substitution || script.rsplit(['/', '|', '#']).next().is_some_and(|flags| flags.trim_start_matches(|c: char| c.is_ascii_alphanumeric() && c != 'w').starts_with("w ")))
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

fn awk(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    static SYSTEM: LazyLock<Option<Regex>> = LazyLock::new(|| compiled(r#"system\s*\(\s*("(?:[^"\\]|\\.)*")?([^)]*)\)"#));
    static PIPE: LazyLock<Option<Regex>> = LazyLock::new(|| compiled(r#"\|&?\s*"((?:[^"\\]|\\.)*)""#));
    static GETLINE: LazyLock<Option<Regex>> = LazyLock::new(|| compiled(r#""((?:[^"\\]|\\.)*)"\s*\|&?\s*getline"#));
    static FILE: LazyLock<Option<Regex>> = LazyLock::new(|| compiled(r#"print[^;}\n]*?(>>?)\s*"((?:[^"\\]|\\.)*)""#));
    let in_place = cut.values("-i --include").iter().any(|field| field.text() == "inplace");
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
        let head = found.get(1).map(|text| unescape(text.as_str().trim_matches('"')));
        let rest = found.get(2).map_or("", |text| text.as_str()).trim();
        match (head, rest.is_empty()) {
            (Some(line), true) => {
                walker.follow(&line, "awk system", call.span.clone(), Feed::Unknown);
            }
            (Some(line), false) => {
                let line = format!("{line} \"$_\"");
                walker.within(|frame| frame.repeats = true, |walker| {
                    walker.follow(&line, "awk system", call.span.clone(), Feed::Unknown)
                });
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
            let how = if arrow.as_str() == ">>" { crate::policy::WriteHow::Append } else { Overwrite };
            walker.write(&field, how);
        }
    }
    Feed::Unknown
}

fn unescape(text: &str) -> String {
    text.replace("\\\"", "\"").replace("\\\\", "\\")
}

fn vim(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    walker.plain(call);
    let mut commands: Vec<String> = cut
        .values("-c --cmd")
        .iter()
        .map(|field| field.text().to_owned())
        .collect();
    let mut files = Vec::new();
    for operand in &cut.operands {
        match operand.text().strip_prefix('+') {
            Some(command) => commands.push(command.to_owned()),
            None => files.push(*operand),
        }
    }
    if let Some(text) = call.feed.text() {
        commands.extend(text.lines().map(str::to_owned));
    }
    let empties = commands.iter().any(|command| empties(command)) && writes(&commands);
    for file in files {
        if empties {
            walker.delete(file, Content);
        } else if call.name != "view" {
            walker.write(file, Edit);
        }
    }
    editor_lines(walker, call, &commands);
    Feed::Unknown
}

fn writes(commands: &[String]) -> bool {
    commands.iter().any(|command| {
        command.split('|').any(|part| {
            let part = part.trim().trim_start_matches(':');
            ["w", "x", "wq", "wqa", "wa", "xa", "w!", "wq!", "x!", "xit", "write", "update", "up", "ZZ"].contains(&part)
        })
    })
}

/// Whether an editor's command takes all lines away.
fn empties(command: &str) -> bool {
    command.split('|').any(|part| {
        let part = part.trim().trim_start_matches(':').trim_start_matches("silent ").trim();
        let part = part.strip_prefix("normal! ").or_else(|| part.strip_prefix("normal ")).unwrap_or(part);
        [
            "%d", "%delete", "%d _", "1,$d", ",d", "1,$delete", "g/^/d", "g/.*/d", "ggdG", "%!true", "0,$d", "%d_", "g/./d", "%s/\\_.*//",
        ]
        .contains(&part)
    })
}

fn editor_lines(walker: &mut Walker<'_>, call: &Call<'_>, commands: &[String]) {
    for command in commands {
        let mut rest = command.as_str();
        while let Some(at) = rest.find('!') {
            let (before, after) = rest.split_at(at);
            let after = after.get(1..).unwrap_or_default();
            let verb = before.rsplit('|').next().unwrap_or_default().trim().trim_start_matches(':');
            let verb = verb.trim_start_matches("silent").trim_start_matches('!').trim();
            let runs = ["", "r", "%", "w", ".", "read"].contains(&verb) || verb.ends_with('%');
            if runs && !after.trim().is_empty() {
                let line = after.to_owned();
                walker.follow(&line, call.name, call.span.clone(), Feed::Unknown);
                break;
            }
            rest = after;
        }
        if let Some(at) = command.find("system(") {
            let line = command.get(at + 7..).and_then(|text| {
                let quote = text.chars().next()?;
                text.get(1..)?.split(quote).next()
            });
            match line.map(str::to_owned) {
                Some(line) => {
                    walker.follow(&line, call.name, call.span.clone(), Feed::Unknown);
                }
                None => walker.unknown("system(…)", &[], call.span.clone()),
            }
        }
    }
}

/// `ed -s FILE <<< '…'`.
fn line_editor(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    walker.plain(call);
    let commands: Vec<String> = call.feed.text().unwrap_or_default().lines().map(str::to_owned).collect();
    let empties = commands.iter().any(|command| empties(command)) && writes(&commands);
    for file in &cut.operands {
        if empties {
            walker.delete(file, Content);
        } else {
            walker.write(file, Edit);
        }
    }
    for command in &commands {
        if let Some(line) = command.strip_prefix('!') {
            let line = line.to_owned();
            walker.follow(&line, call.name, call.span.clone(), Feed::Unknown);
        }
    }
    Feed::Unknown
}

fn patch(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    walker.plain(call);
    for file in cut.values("-o --output") {
        walker.write(&file, Overwrite);
    }
    if let Some(file) = cut.operands.first() {
        walker.write(file, Edit);
    }
    Feed::Unknown
}
