//! Interpreters of other languages: scripts by name, modules, and inline code, of which
//! the shell lines it hands on are followed.

use super::inline::code;
use super::train;
use crate::bash::expand::Field;
use crate::bash::flags::{Cut, Style, cut};
use crate::bash::frame::Feed;
use crate::bash::program::{Call, Effect, Program, special};
use crate::bash::walk::Walker;
use crate::policy::WriteHow::Edit;
use crate::policy::{Deletable, Purpose, Word};

#[rustfmt::skip]
pub(crate) const TABLE: &[Program] = &[
    special(&["python", "python3", "pypy", "pypy3", "pythonw", "ipython", "ipython3", "bpython", "ptpython"], python).leading().values("-W -X -Q").harmless("--help --version -V -h"),
    special(&["coverage", "kernprof", "pyinstrument", "scalene", "viztracer", "memray", "py-spy", "mprof", "austin", "pudb", "pudb3", "ipdb", "ipdb3", "pdb", "pdb3", "fil-profile", "pyperf", "debugpy", "line_profiler", "memory_profiler", "ddtrace-run", "opentelemetry-instrument", "newrelic-admin"], profiled).harmless("--help --version -h"),
    special(&["perl", "raku"], scripted).leading().values("-e -E -I -M -m").harmless("--help --version -v"),
    special(&["ruby", "jruby", "irb"], scripted).leading().values("-e -I -r -C").harmless("--help --version -v"),
    special(&["node", "nodejs", "deno", "bun", "ts-node", "tsx"], scripted).leading().values("-e -p -r --eval --print --require --import").harmless("--help --version -v"),
    special(&["lua", "luajit", "php", "Rscript", "R", "julia", "octave", "octave-cli", "matlab", "tclsh", "guile", "racket", "ghci", "scala", "groovy", "elixir", "erl", "osascript", "pwsh", "powershell", "nu", "xonsh", "maxima", "gp", "sage", "psysh"], scripted).leading().values("-e -r --eval -l -p --project -c -E").harmless("--help --version -v"),
];

fn python(walker: &mut Walker<'_>, call: &Call<'_>, _cut: &Cut<'_>) -> Feed {
    let cut = cut(
        call.args,
        "-c -m -W -X -Q --check-hash-based-pycs",
        Style::Leading,
    );
    let ends = call.args.iter().position(|field| {
        let text = field.text();
        text.starts_with('-')
            && !text.starts_with("--")
            && text.ends_with(['c', 'm'])
            && text.len() <= 5
    });
    let first_operand = cut
        .operands
        .first()
        .map(|_| cut.lead)
        .unwrap_or(call.args.len());
    if let Some(at) = ends.filter(|at| *at < first_operand)
        && let (Some(flag), Some(value)) = (call.args.get(at), call.args.get(at + 1))
    {
        let rest = call.args.get(at + 2..).unwrap_or_default();
        if flag.text().ends_with('c') {
            code(walker, call, value, "python");
        } else {
            run_module(walker, call, value, rest);
        }
        return Feed::Unknown;
    }
    let Some((script, _)) = cut.operands.split_first() else {
        return piped(walker, call, "python");
    };
    let args = call.args.get(cut.lead + 1..).unwrap_or_default();
    match &script.word {
        Word::Literal(name) if name == "-" || name == "/dev/stdin" => {
            return piped(walker, call, "python");
        }
        Word::Literal(name) => {
            // A script that the line itself wrote is read like inline code.
            if let Some(text) = walker
                .absolute(name)
                .and_then(|path| walker.made(&path).map(str::to_owned))
            {
                let field = Field::literal(&text, call.span.clone());
                code(walker, call, &field, "python");
            }
            if name.rsplit('/').next() == Some("setup.py") || name.ends_with("manage.py") {
                own_verbs(walker, call, args);
            }
            let looks = train::only_looks(args);
            let is_entry = train::entry_point(name).is_some() || train::runs_here(args);
            if is_entry && !looks {
                walker.plain(call);
                let name = name.clone();
                walker.effect(Effect::Train, &[], &name, &call.span);
            } else if looks {
                walker.looks(call);
            } else {
                walker.plain(call);
            }
        }
        Word::Glob(text) | Word::Dynamic(text) => {
            // `python $SCRIPT`: whatever the directory, a stage's name decides.
            let base = text.trim_matches('"').to_owned();
            if train::entry_point(&base).is_some() && !train::only_looks(args) {
                walker.plain(call);
                walker.effect(Effect::Train, &[], &base, &call.span);
            } else if script.text() == "<(…)" {
                walker.unknown("python <(…)", call.args, call.span.clone());
            } else {
                walker.plain(call);
            }
        }
    }
    Feed::Unknown
}

/// `coverage run X.py`, `kernprof -l X.py`, `py-spy record -- python X.py`: python in the end.
fn profiled(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    walker.plain(call);
    if call.name == "coverage" && cut.operand(0) == Some("erase") {
        walker.delete_named("coverage erase", Deletable::Product, call.span.clone());
        return Feed::Unknown;
    }
    let at = call.args.iter().position(|field| {
        let text = field.text();
        let base = text.rsplit('/').next().unwrap_or(text);
        text == "-m" || base.ends_with(".py") || is_program(base)
    });
    let Some((first, rest)) = at
        .and_then(|at| call.args.get(at..))
        .and_then(<[Field]>::split_first)
    else {
        return Feed::Unknown;
    };
    let is_script = first.text() == "-m" || first.text().ends_with(".py");
    let whole: Vec<Field> = std::iter::once(first).chain(rest).cloned().collect();
    crate::bash::wrapper::inside(walker, call, |walker| {
        if is_script {
            walker.program_named("python", &whole, call.feed.clone(), call.span.clone())
        } else {
            walker.invoke(&whole, call.feed.clone(), call.span.clone())
        }
    })
}

/// Whether a word names a program that profilers are put before.
fn is_program(base: &str) -> bool {
    [
        "python",
        "bash",
        "sh",
        "torchrun",
        "accelerate",
        "pytest",
        "rm",
        "env",
        "uvicorn",
        "gunicorn",
    ]
    .contains(&base.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.'))
}

fn run_module(walker: &mut Walker<'_>, call: &Call<'_>, module: &Field, rest: &[Field]) {
    let Some(name) = module.known() else {
        walker.unknown(
            &format!("python -m {}", module.text()),
            call.args,
            call.span.clone(),
        );
        return;
    };
    if train::module(name) {
        if train::only_looks(rest) {
            walker.looks(call);
        } else {
            walker.plain(call);
            let name = name.to_owned();
            walker.effect(Effect::Train, &[], &name, &call.span);
        }
        return;
    }
    let base = name.split('.').next().unwrap_or(name);
    if matches!(name, "zipfile" | "tarfile")
        && rest
            .iter()
            .any(|field| matches!(field.text(), "-e" | "--extract"))
    {
        let files: Vec<&Field> = rest
            .iter()
            .filter(|field| !field.text().starts_with('-'))
            .collect();
        if let Some(place) = files.get(1) {
            walker.write(place, Edit);
        }
    }
    match name {
        _ if rest
            .iter()
            .any(|field| matches!(field.text(), "--help" | "--version")) =>
        {
            walker.looks(call);
        }
        "http.server" | "tensorboard.main" | "tensorboard" => {
            walker.exec(call.name, call.args, Purpose::Serve, call.span.clone());
        }
        "pip" | "uv" | "black" | "ruff" | "isort" | "pytest" | "jupyter" | "ipykernel"
        | "papermill" | "pipx" | "conda" | "yapf" | "autopep8" | "accelerate" | "wandb" | "dvc"
        | "pre_commit" | "nbconvert" | "IPython" | "coverage" | "tox" | "nox" | "virtualenv"
        | "venv" | "poetry" | "pdm" | "huggingface_hub" | "mypy" | "flake8" | "twine" | "build"
        | "zipfile" | "tarfile" | "shutil" | "deepspeed" | "torchrun" => {
            walker.looks(call);
            let program = base.replace('_', "-");
            let rest = rest.to_vec();
            crate::bash::wrapper::inside(walker, call, |walker| {
                walker.program_named(&program, &rest, call.feed.clone(), call.span.clone())
            });
        }
        "timeit"
        | "cProfile"
        | "pdb"
        | "trace"
        | "profile"
        | "runpy"
        | "debugpy"
        | "kernprof"
        | "memory_profiler"
        | "line_profiler"
        | "pyinstrument"
        | "scalene"
        | "viztracer"
        | "memray"
        | "ipdb"
        | "pudb"
        | "torch.utils.bottleneck"
        | "pyperf"
        | "torch.profiler" => {
            let script = rest.iter().position(|field| field.text().ends_with(".py"));
            walker.plain(call);
            if let Some(at) = script {
                let rest = rest.get(at..).unwrap_or_default();
                walker.program_named("python", rest, call.feed.clone(), call.span.clone());
            }
        }
        _ => walker.plain(call),
    }
}

/// `setup.py clean`, `manage.py flush`.
fn own_verbs(walker: &mut Walker<'_>, call: &Call<'_>, args: &[Field]) {
    const VERBS: &[&str] = &[
        "clean",
        "uninstall",
        "flush",
        "reset_db",
        "sqlflush",
        "delete",
        "prune",
    ];
    let verb = args.iter().find(|field| VERBS.contains(&field.text()));
    if let Some(verb) = verb.filter(|_| {
        !args
            .iter()
            .any(|field| field.text() == "--dry-run" || field.text() == "-n")
    }) {
        let name = verb.text().to_owned();
        walker.delete_named(&name, Deletable::Product, call.span.clone());
    }
}

/// Code on standard input.
fn piped(walker: &mut Walker<'_>, call: &Call<'_>, language: &str) -> Feed {
    if let Feed::File(name, _) = &call.feed
        && let Some(program) = train::entry_point(name)
    {
        walker.effect(Effect::Train, &[], program, &call.span);
    }
    match call.feed.clone() {
        Feed::Inherited => walker.plain(call),
        Feed::Text(text) | Feed::File(_, text) => {
            let field = Field::literal(&text, call.span.clone());
            code(walker, call, &field, language);
        }
        Feed::Shape(_) | Feed::Unknown => {
            walker.unknown(&format!("… | {}", call.name), call.args, call.span.clone())
        }
    }
    Feed::Unknown
}

fn scripted(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    let verbs = matches!(
        (call.name, cut.operand(0), cut.operand(1)),
        ("bun", Some("remove" | "rm" | "unlink"), _)
            | ("bun", Some("pm"), Some("cache"))
            | ("bun", Some("run"), Some("clean"))
            | ("deno", Some("uninstall" | "clean"), _)
    );
    if verbs {
        walker.plain(call);
        let name = format!("{} {}", call.name, cut.operand(0).unwrap_or_default());
        walker.delete_named(&name, Deletable::Product, call.span.clone());
        return Feed::Unknown;
    }
    let in_place = matches!(call.name, "perl" | "ruby")
        && call.args.iter().any(|field| {
            let text = field.text();
            text.starts_with('-')
                && !text.starts_with("--")
                && text
                    .trim_start_matches('-')
                    .split(['e', 'E', 'M'])
                    .next()
                    .is_some_and(|flags| flags.contains('i'))
                && !text.starts_with("-I")
        });
    let inline = inline_code(call);
    if inline.is_empty() {
        match cut.operands.split_first() {
            None => return piped(walker, call, call.name),
            Some((file, _)) if file.text() == "-" => return piped(walker, call, call.name),
            Some(_) if in_place => walker.plain(call),
            Some((file, _)) => {
                if matches!(file.word, Word::Dynamic(_)) && file.text() == "<(…)" {
                    walker.unknown(call.name, call.args, call.span.clone());
                } else {
                    walker.plain(call);
                }
            }
        }
    } else {
        for field in &inline {
            code(walker, call, field, call.name);
        }
    }
    if in_place {
        let after = call
            .args
            .iter()
            .position(|field| inline.iter().any(|code| code.text() == field.text()));
        let prints = inline.iter().any(|code| {
            ["print", "say", "puts", "p "]
                .iter()
                .any(|verb| code.text().contains(verb))
        });
        let quiet = call.args.iter().any(|field| {
            let text = field.text();
            text.starts_with('-') && text.contains('n') && !text.contains('p') && text.len() < 6
        });
        let files = call
            .args
            .get(after.map_or(0, |at| at + 1)..)
            .unwrap_or_default();
        for file in files.iter().filter(|field| !field.text().starts_with('-')) {
            if quiet && !prints && !inline.is_empty() {
                walker.delete(file, Deletable::Content);
            } else {
                walker.write(file, Edit);
            }
        }
    }
    Feed::Unknown
}

/// Finds the code in `-e CODE`, `-ne CODE`, `-pi -e CODE`, `--eval=CODE`.
fn inline_code(call: &Call<'_>) -> Vec<Field> {
    let mut found = Vec::new();
    let mut words = call.args.iter().peekable();
    while let Some(field) = words.next() {
        let text = field.text();
        if text == "--" || (!text.starts_with('-') && found.is_empty()) {
            break;
        }
        let short = text.starts_with('-') && !text.starts_with("--");
        let letters = text.trim_start_matches('-');
        let takes = (short
            && letters.len() <= 6
            && letters.ends_with(['e', 'E'])
            && !letters.starts_with(['I', 'M', 'r']))
            || matches!(text, "--eval" | "--print" | "-p" if call.name.starts_with("node") || call.name == "julia" || text != "-p")
            || (text == "-r" && call.name == "php")
            || (text == "-c" && matches!(call.name, "pwsh" | "nu" | "xonsh" | "sage"));
        if takes && let Some(code) = words.next() {
            found.push(code.clone());
        } else if let Some(code) = text.strip_prefix("--eval=") {
            found.push(Field {
                word: Word::Literal(code.to_owned()),
                ..field.clone()
            });
        }
    }
    found
}
