//! Editors, stream editors and formatters.

use std::sync::LazyLock;

use regex::Regex;

use crate::bash::flags::Cut;
use crate::bash::frame::Feed;
use crate::bash::program::{Call, Effect::*, Program, each, plain, special};
use crate::bash::walk::Walker;
use crate::policy::Deletable::Content;
use crate::policy::WriteHow::{Edit, Overwrite};

#[rustfmt::skip]
pub(crate) const TABLE: &[Program] = &[
    special(&["sed", "gsed", "ssed"], super::stream::sed).values("-e -f -l --expression --file --line-length"),
    special(&["awk", "gawk", "mawk", "nawk"], super::stream::awk).values("-f -F -v -i -l -o --file --field-separator --assign --include --load").leading(),
    special(&["vi", "vim", "nvim", "view", "ex", "gvim", "rvim", "vimdiff", "nvi"], vim).values("-c --cmd -S -u -i -w -T -U -W").harmless("--help --version -h"),
    special(&["ed", "red"], line_editor).values("-p"),
    each(&["nano", "pico", "micro", "hx", "helix", "kak", "joe", "mcedit", "code", "subl", "gedit", "kate", "jed", "ne", "mg", "jupytext"], Write(Edit)).values("-l -c --eval -f --to --from"),
    special(&["patch", "gpatch"], patch).harmless("--dry-run --help --version -v").values("-i -d -o -p -r -F -B -V -z --input --directory --output --strip"),
    each(&["black", "isort", "pyupgrade", "rustfmt", "taplo", "stylua", "nbstripout", "add-trailing-comma", "usort", "dos2unix", "unix2dos", "tofrodos", "recode", "nixfmt", "ormolu", "zimports", "fix-encoding"], Write(Edit)).harmless("--check --diff --help --version -h --dry-run --check-only -c").values("--config --line-length -l --style --indent -t --target-version -p --profile"),
    plain(&["autopep8", "yapf", "autoflake", "docformatter", "clang-format", "cmake-format", "shfmt", "gofmt", "goimports", "prettier", "biome", "eslint", "stylelint", "djlint", "sqlfluff"]).values("--style --config -c").flags(&[("-i --in-place -w --write --fix --reformat", Write(Edit))]).words(),
    plain(&["ruff"]).verbs(&[("format", Write(Edit)), ("check", Nothing), ("clean", Delete(crate::policy::Deletable::Product))]).harmless("--help --version --diff --check").values("--config --select --ignore --output-format"),
    plain(&["mypy", "pyright", "pylint", "flake8", "shellcheck", "bandit", "vulture", "hadolint", "yamllint", "markdownlint", "codespell", "typos", "vale", "pyflakes", "pycodestyle", "pydocstyle", "interrogate"]).flags(&[("-w --write-changes", Write(Edit))]),
    each(&["mogrify"], Write(Edit)).words().values("-resize -format -quality -crop -path"),
    special(&["convert", "magick", "ffmpeg", "sox", "avconv", "gm"], converts).words().values("-i -c -f -r -s -t -ss -to -vf -af -b -crf -preset -map -codec -filter -vcodec -acodec -c:v -c:a -b:v -b:a -resize -quality -crop -density -pix_fmt -framerate -frames:v").harmless("-version -h --help --version -formats -codecs"),
    plain(&["pandoc", "gnuplot", "dot", "rsvg-convert", "inkscape", "pdflatex", "xelatex", "lualatex", "typst", "quarto", "sphinx-build", "mkdocs"]).values("-o --output -i -output-directory --output-dir --site-dir -d").flags(&[("-o --output", Write(Overwrite)), ("-output-directory --output-dir --site-dir", Create(crate::policy::Node::Directory))]).words(),
    plain(&["latexmk"]).words().values("-jobname -outdir -auxdir").flags(&[("-c -C -CA -ca", Delete(crate::policy::Deletable::Product)), ("-outdir -auxdir", Create(crate::policy::Node::Directory))]),
    special(&["emacs", "emacsclient"], lisp).values("-l -f --eval -e --load --funcall --execute").words().harmless("--help --version"),
    special(&["m4"], macros),
    plain(&["envsubst", "cpp", "tidy", "xsltproc", "iconv", "msgfmt"]).values("-o --output").flags(&[("-o --output", Write(Overwrite))]),
];

/// `ffmpeg -i IN OUT`, `convert IN OUT`: the last word is written.
fn converts(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    walker.plain(call);
    let Some(out) = cut.operands.last().filter(|out| out.text() != "-") else {
        return Feed::Unknown;
    };
    // ffmpeg asks before it overwrites, unless `-y` answers.
    let asks = call.name == "ffmpeg" && !call.args.iter().any(|field| field.text() == "-y");
    let effect = if asks {
        Create(crate::policy::Node::File)
    } else {
        Write(Overwrite)
    };
    walker.effect(effect, &[out], call.name, &call.span);
    Feed::Unknown
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
            [
                "w", "x", "wq", "wqa", "wa", "xa", "w!", "wq!", "x!", "xit", "write", "update",
                "up", "ZZ",
            ]
            .contains(&part)
        })
    })
}

/// Whether an editor's command takes all lines away.
fn empties(command: &str) -> bool {
    command.split('|').any(|part| {
        let part = part
            .trim()
            .trim_start_matches(':')
            .trim_start_matches("silent ")
            .trim();
        let part = part
            .strip_prefix("normal! ")
            .or_else(|| part.strip_prefix("normal "))
            .unwrap_or(part);
        [
            "%d",
            "%delete",
            "%d _",
            "1,$d",
            ",d",
            "1,$delete",
            "g/^/d",
            "g/.*/d",
            "ggdG",
            "%!true",
            "0,$d",
            "%d_",
            "g/./d",
            "%s/\\_.*//",
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
            let verb = before
                .rsplit('|')
                .next()
                .unwrap_or_default()
                .trim()
                .trim_start_matches(':');
            let verb = verb
                .trim_start_matches("silent")
                .trim_start_matches('!')
                .trim();
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
    let commands: Vec<String> = call
        .feed
        .text()
        .unwrap_or_default()
        .lines()
        .map(str::to_owned)
        .collect();
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

/// `emacs --batch --eval '(shell-command "LINE")' FILES`.
fn lisp(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    static LINES: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r#"shell-command(?:-to-string)?\s+"((?:[^"\\]|\\.)*)""#).ok());
    let codes = cut.values("--eval -e --execute");
    let text: Vec<&str> = codes.iter().map(|field| field.text()).collect();
    let text = text.join("\n");
    let destroys = [
        "delete-",
        "rename-file",
        "call-process",
        "write-region",
        "shell-command",
    ]
    .iter()
    .any(|name| text.contains(name));
    let purpose = if destroys {
        crate::policy::Purpose::Unknown
    } else {
        crate::policy::Purpose::Plain
    };
    walker.exec(call.name, call.args, purpose, call.span.clone());
    for found in LINES.iter().flat_map(|regex| regex.captures_iter(&text)) {
        if let Some(line) = found.get(1) {
            let line = line.as_str().replace("\\\"", "\"");
            walker.follow(&line, call.name, call.span.clone(), Feed::Unknown);
        }
    }
    for file in &cut.operands {
        walker.write(file, Edit);
    }
    Feed::Unknown
}

/// `m4`: `syscmd` runs a line.
fn macros(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    static LINES: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"syscmd\(`?([^)']*)").ok());
    walker.plain(call);
    let mut texts: Vec<String> = call.feed.text().map(str::to_owned).into_iter().collect();
    for file in &cut.operands {
        texts.extend(walker.file_feed(file).text().map(str::to_owned));
    }
    for text in &texts {
        for found in LINES.iter().flat_map(|regex| regex.captures_iter(text)) {
            if let Some(line) = found.get(1) {
                let line = line.as_str().to_owned();
                walker.follow(&line, call.name, call.span.clone(), Feed::Unknown);
            }
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
