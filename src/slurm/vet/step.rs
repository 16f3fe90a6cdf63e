//! `srun` and `salloc`: every task starts inside a guard of its own; the command of an
//! allocation stays in the session.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::batch::{HELP, exported, look, submit};
use super::getopt::{Cut, Given, Word};
use super::options::Options;
use super::reading::{Draft, Facts, Reading, Stop};
use super::{Carry, Kind, Request, Wants, container, files, input, streams};
use crate::bash::{Work, analyse_job};
use crate::slurm::client::Client;
use crate::slurm::spool::{self, Spec};

/// The hidden entry that a task starts with.
const ENTRY: &str = "__task";
/// The number of the first file that srun is handed.
const FIRST: usize = 3;
/// Where srun finds the lines of `--multi-prog`.
const LINES: &str = "/proc/self/fd/3";
/// Given by us, or turned into something else.
const OURS: [&str; 11] = [
    "output",
    "error",
    "export",
    "open-mode",
    "container-mounts",
    "container-env",
    "no-shell",
    "help",
    "usage",
    "version",
    "send-libs",
];

/// Returns what the caller's side is to read.
pub(super) fn wants(client: Client, args: &[OsString]) -> Wants {
    let Some(Ok(cut)) = words(args).map(|words| super::getopt::cut(&words, Options::of(client)))
    else {
        return Wants::Nothing;
    };
    let is_multi = cut.has("multi-prog") || std::env::var_os("SLURM_SRUN_MULTI").is_some();
    match cut.operands.first() {
        Some(file) if client == Client::Srun && is_multi => Wants::File(PathBuf::from(&file.text)),
        _ => Wants::Nothing,
    }
}

/// Returns the command that salloc is to run.
pub(super) fn command(args: &[OsString]) -> Vec<OsString> {
    let words = words(args).unwrap_or_default();
    let cut = super::getopt::cut(&words, Options::of(Client::Salloc)).unwrap_or_default();
    let operands = cut.operands.into_iter();
    operands.map(|word| OsString::from(word.text)).collect()
}

/// Returns arguments as words that stand nowhere.
pub(super) fn words(args: &[OsString]) -> Option<Vec<Word>> {
    args.iter()
        .map(|word| {
            let text = word.to_str()?.to_owned();
            Some(Word { text, span: 0..0 })
        })
        .collect()
}

/// Reads a request of srun or salloc.
pub(super) fn read(request: &Request, facts: Facts<'_>) -> Result<Reading, Stop> {
    let mut draft = Draft::new(request, facts)?;
    let cut = draft.cut(Options::of(request.client))?;
    if let Some(help) = HELP.iter().find(|help| cut.has(help)) {
        return Ok(draft.finish(look(help)));
    }
    if draft.words.iter().any(|word| word.text == ":") {
        let text = format!("{}: `:`: {}", request.client.name(), files::HET);
        return Err(draft.usage(&text));
    }
    let mut given = input::options(request.client, &request.environment);
    given.extend(cut.given.iter().cloned());
    let name = step_name(&cut, &given);
    files::judge(&mut draft, &given, &name);
    submit(&mut draft);
    if request.client == Client::Salloc {
        return allocate(draft, &cut, &given);
    }
    if cut.operands.is_empty() {
        return Err(draft.usage("srun: fatal: No command given to execute."));
    }
    let is_multi = given.iter().any(|one| one.name == "multi-prog");
    let mut export = exported(&mut draft, &given)?;
    export.login = false;
    let streams = streams::of(&mut draft, &given, &name, FIRST + usize::from(is_multi));
    let mut args = arguments(&given);
    args.extend(streams.words);
    if files::last(&given, "job-name").is_none() {
        args.push(format!("--job-name={name}").into());
    }
    let mounts = container::mounts(&mut draft, &given);
    let spec = Spec {
        container: mounts.is_some(),
        outputs: streams.each,
        ..facts.spec.clone()
    };
    args.extend(mounts.map(|mounts| format!("--container-mounts={mounts}").into()));
    args.extend(["--export=ALL", "--open-mode=append"].map(OsString::from));
    let line = spec
        .line()
        .map_err(|fault| draft.usage(&format!("hlrp-sh: {fault}")))?;
    let guard = [
        facts.program.as_os_str().to_owned(),
        ENTRY.into(),
        spool::sha256(line.as_bytes()).into(),
        "--".into(),
    ];
    let mut clean = facts.clean.to_vec();
    // In a job that is there, the name of the step is no name of the job.
    if input::value_of(&request.environment, "SLURM_JOB_ID").is_some() {
        clean.push(("SLURM_JOB_NAME".into(), name.into()));
    }
    let mut wrapped = export.pairs(&clean, &container::variables(&given));
    wrapped.extend(spool::pack_facts(&line));
    if spec.container {
        args.push(container::keeps(&wrapped));
    }
    let mut carried = Vec::new();
    if is_multi {
        args.push("--".into());
        args.push(LINES.into());
        carried.push(lines(&mut draft, &cut, &guard)?);
        args.extend(
            cut.operands
                .iter()
                .skip(1)
                .map(|word| OsString::from(&word.text)),
        );
    } else {
        judge_command(&mut draft, &cut);
        args.push("--".into());
        args.extend(guard);
        args.extend(cut.operands.iter().map(|word| OsString::from(&word.text)));
    }
    let mut environment = input::passed(request.client, &request.environment);
    environment.extend(wrapped);
    let carry = Carry {
        args,
        environment,
        files: carried,
        opened: streams.opened,
        reads_input: files::last(&given, "input").is_none(),
        kind: Kind::Step,
    };
    Ok(draft.finish(carry))
}

fn arguments(given: &[Given]) -> Vec<OsString> {
    let kept = given.iter().filter(|one| !OURS.contains(&one.name));
    kept.map(|one| one.argument().into()).collect()
}

/// Returns the name that srun would give the step.
fn step_name(cut: &Cut, given: &[Given]) -> String {
    if let Some(name) = files::last(given, "job-name").and_then(|one| one.value.clone()) {
        return name;
    }
    let program = cut.operands.first().map(|word| word.text.as_str());
    let name = Path::new(program.unwrap_or("interactive")).file_name();
    name.map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}

/// Judges a command that runs in an allocation.
fn judge_command(draft: &mut Draft<'_>, cut: &Cut) {
    let (Some(first), Some(last)) = (cut.operands.first(), cut.operands.last()) else {
        return;
    };
    let span = first.span.start..last.span.end;
    let words: Vec<String> = cut.operands.iter().map(|word| word.text.clone()).collect();
    let arguments = &words;
    let via = [draft.request.client.name().to_owned()];
    let work = Work::Program { arguments };
    let found = analyse_job(&draft.line, span, &via, work, draft.facts.world);
    draft.add(found);
}

/// Puts the guard before the command of every line of `--multi-prog`.
fn lines(draft: &mut Draft<'_>, cut: &Cut, guard: &[OsString]) -> Result<Vec<u8>, Stop> {
    let Some(file) = cut.operands.first() else {
        return Err(draft.usage("srun: fatal: No command given to execute."));
    };
    let Some(text) = draft.request.script.clone() else {
        let text = format!("srun: error: Unable to open file {}", file.text);
        return Err(draft.usage(&text));
    };
    let Ok(text) = String::from_utf8(text) else {
        return Err(draft.usage(&format!("srun: {} is not UTF-8", file.text)));
    };
    let guard: Vec<String> = guard
        .iter()
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    let guard = guard.join(" ");
    let mut out = String::new();
    for (index, line) in text.lines().enumerate() {
        let command = line.trim_start();
        if command.is_empty() || command.starts_with('#') {
            // What is a comment here need not be one for srun, which knows fewer kinds of blanks.
            out.push('\n');
            continue;
        }
        if command.ends_with('\\') {
            let text = format!(
                "srun: {}:{}: continued lines are not carried",
                file.text,
                index + 1
            );
            return Err(draft.usage(&text));
        }
        let (tasks, rest) = command
            .split_once(char::is_whitespace)
            .unwrap_or((command, ""));
        let via = ["srun".to_owned(), format!("{}:{}", file.text, index + 1)];
        let work = Work::Script {
            text: rest,
            is_file: true,
        };
        let span = file.span.clone();
        let found = analyse_job(&draft.line, span, &via, work, draft.facts.world);
        draft.add(found);
        out.push_str(&format!("{tasks} {guard} {}\n", rest.trim_start()));
    }
    Ok(out.into_bytes())
}

/// An allocation without a command; the caller's side runs that in the session.
fn allocate(mut draft: Draft<'_>, cut: &Cut, given: &[Given]) -> Result<Reading, Stop> {
    judge_command(&mut draft, cut);
    let mut args = arguments(given);
    args.push("--no-shell".into());
    let mounts = container::mounts(&mut draft, given);
    args.extend(mounts.map(|mounts| format!("--container-mounts={mounts}").into()));
    let request = draft.request;
    let kind = if cut.has("no-shell") {
        Kind::Submit
    } else {
        // What it says of the allocation is read.
        args.retain(|word| word != "--quiet");
        Kind::Allocate
    };
    let carry = Carry {
        args,
        environment: input::passed(request.client, &request.environment),
        files: Vec::new(),
        opened: Vec::new(),
        reads_input: false,
        kind,
    };
    Ok(draft.finish(carry))
}
