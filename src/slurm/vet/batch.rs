//! `sbatch`: line, directives and environment become one list of arguments, and the
//! script becomes one whose interpreter is the guard.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::directive::{self, Head};
use super::getopt::{Cut, Given};
use super::options::Options;
use super::reading::{Draft, Facts, Reading, Stop, below};
use super::{Carry, Kind, Request, Wants, claim, container, export, files, input};
use crate::bash::{Work, analyse_job};
use crate::policy::{Action, Target};
use crate::slurm::spool::{self, Interpreter, Spec};

/// Says only what the client can do.
pub(super) const HELP: [&str; 3] = ["help", "usage", "version"];
/// The script's descriptor.
const SCRIPT: &str = "/proc/self/fd/3";
/// Given by us, or turned into something else.
const OURS: [&str; 12] = [
    "output",
    "error",
    "wrap",
    "export",
    "export-file",
    "open-mode",
    "ignore-pbs",
    "container-mounts",
    "container-env",
    "help",
    "usage",
    "version",
];

/// Returns what the caller's side is to read.
pub(super) fn wants(args: &[OsString]) -> Wants {
    let options = Options::of(crate::slurm::client::Client::Sbatch);
    let Some(words) = super::step::words(args) else {
        return Wants::Nothing;
    };
    let Ok(cut) = super::getopt::cut(&words, options) else {
        return Wants::Nothing;
    };
    if cut.has("wrap") || HELP.iter().any(|help| cut.has(help)) {
        return Wants::Nothing;
    }
    match cut.operands.first() {
        None => Wants::Input,
        Some(script) => {
            let chdir = files::last(&cut.given, "chdir").and_then(|one| one.value.clone());
            Wants::File(found(&script.text, chdir.as_deref()))
        }
    }
}

/// Finds a script as sbatch does: in the job's directory, then along PATH.
fn found(script: &str, chdir: Option<&str>) -> PathBuf {
    let directory = chdir.map(PathBuf::from).unwrap_or_default();
    let here = directory.join(script);
    if script.starts_with(['/', '.']) || here.exists() {
        return here;
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .map(|directory| directory.join(script))
        .find(|path| path.is_file())
        .unwrap_or(here)
}

/// Reads a request of sbatch.
pub(super) fn read(request: &Request, facts: Facts<'_>) -> Result<Reading, Stop> {
    let mut draft = Draft::new(request, facts)?;
    let options = Options::of(request.client);
    let cut = draft.cut(options)?;
    if let Some(help) = HELP.iter().find(|help| cut.has(help)) {
        return Ok(draft.finish(look(help)));
    }
    if let Some(word) = draft.words.iter().find(|word| word.text == ":") {
        let text = format!("sbatch: {}: {}", word.text, files::HET);
        return Err(draft.usage(&text));
    }
    let (body, label) = body(&draft, &cut)?;
    if let Some(text) = directive::unfit(&body) {
        return Err(draft.usage(&text));
    }
    let text = String::from_utf8_lossy(&body).into_owned();
    let head = directive::read(&label, &text).map_err(|fault| draft.usage(&fault))?;
    let place = cut.operands.first().map(|word| word.span.clone());
    let place = place.unwrap_or(0..draft.request.client.name().len());
    let mut given = directives(&draft, options, &head, &label, &place)?;
    given.extend(input::options(request.client, &request.environment));
    given.extend(cut.given.iter().cloned());
    foreign(&mut draft, &given, &head);
    let name = job_name(&cut, &given, &label);
    files::judge(&mut draft, &given, &name);
    let outputs = files::outputs(&mut draft, &given, &name);
    let log = outputs
        .log(&facts.spec.state)
        .map_err(|fault| draft.usage(&format!("hlrp-sh: {fault}")))?;
    submit(&mut draft);
    judge_body(&mut draft, &cut, &text, &label, &body);
    let mut args: Vec<OsString> = Vec::new();
    let kept = given.iter().filter(|one| !OURS.contains(&one.name));
    args.extend(kept.map(|one| one.argument().into()));
    if files::last(&given, "job-name").is_none() {
        args.push(format!("--job-name={name}").into());
    }
    let mounts = container::mounts(&mut draft, &given);
    let is_contained = mounts.is_some();
    args.extend(mounts.map(|mounts| format!("--container-mounts={mounts}").into()));
    let mut export = exported(&mut draft, &given)?;
    let asks_login = files::last(&given, "get-user-env").is_some();
    let names_it = export.login && !asks_login;
    export.login |= asks_login;
    // What we add ourselves is none of the job's.
    let mut clean = facts.clean.to_vec();
    clean.push(("SLURM_OPEN_MODE".into(), "a".into()));
    let carried = export.pairs(&clean, &container::variables(&given));
    if is_contained {
        args.push(container::keeps(&carried));
    }
    if names_it {
        // As with any list, the job then has a login's environment below its own, and its limits.
        let names: Vec<_> = carried
            .iter()
            .map(|(name, _)| name.to_string_lossy())
            .collect();
        args.push(format!("--export={}", names.join(",")).into());
    }
    args.push(format!("--output={log}").into());
    args.extend(["--open-mode=append", "--ignore-pbs", "--", SCRIPT].map(OsString::from));
    args.extend(
        cut.operands
            .iter()
            .skip(1)
            .map(|word| OsString::from(&word.text)),
    );
    let spec = Spec {
        container: is_contained,
        run: claim::run(&draft, &given),
        outputs: Some(outputs),
        import: claim::import(&draft, &cut, is_contained, &body),
        ..facts.spec.clone()
    };
    let script = spool::build(facts.program, &spec, &body)
        .map_err(|fault| draft.usage(&format!("hlrp-sh: {fault}")))?;
    let mut environment = input::passed(request.client, &request.environment);
    environment.extend(carried);
    let carry = Carry {
        args,
        environment,
        files: vec![script],
        opened: Vec::new(),
        reads_input: false,
        kind: Kind::Submit,
    };
    Ok(draft.finish(carry))
}

/// Carries a word that only makes the client say what it can do.
pub(super) fn look(help: &str) -> Carry {
    Carry {
        args: vec![format!("--{help}").into()],
        environment: Vec::new(),
        files: Vec::new(),
        opened: Vec::new(),
        reads_input: false,
        kind: Kind::Look,
    }
}

/// Notes that work goes to Slurm.
pub(super) fn submit(draft: &mut Draft<'_>) {
    let tool = draft.request.client.name().to_owned();
    let span = 0..tool.len();
    draft.act(Action::Submit { tool }, span, Vec::new());
}

/// Returns the script and what it is called.
fn body(draft: &Draft<'_>, cut: &Cut) -> Result<(Vec<u8>, String), Stop> {
    if let Some(wrap) = files::last(&cut.given, "wrap") {
        if !cut.operands.is_empty() {
            let text = "sbatch: error: Script arguments not permitted with --wrap option";
            return Err(draft.usage(text));
        }
        let line = wrap.value.as_deref().unwrap_or_default();
        let body = format!("#!/bin/sh\n# This script was created by sbatch --wrap.\n\n{line}\n");
        return Ok((body.into_bytes(), "--wrap".to_owned()));
    }
    let label = cut.operands.first().map(|word| word.text.clone());
    match (&draft.request.script, label) {
        (Some(script), label) => {
            let label = label.unwrap_or_else(|| "standard input".to_owned());
            Ok((script.clone(), label))
        }
        (None, Some(name)) => {
            Err(draft.usage(&format!("sbatch: error: Unable to open file {name}")))
        }
        (None, None) => Err(draft.usage("sbatch: error: Batch script is empty!")),
    }
}

/// Takes the script's directives apart.
fn directives(
    draft: &Draft<'_>,
    options: &Options,
    head: &Head,
    label: &str,
    place: &std::ops::Range<usize>,
) -> Result<Vec<Given>, Stop> {
    let mut given = Vec::new();
    for one in &head.directives {
        let via = format!("{label}:{}", one.line);
        let words = directive::placed(one, place);
        if words
            .last()
            .is_some_and(|word| word.text == "hetjob" || word.text == "packjob")
        {
            return Err(draft.usage(&format!("sbatch: {via}: {}", files::HET)));
        }
        let cut = super::getopt::cut(&words, options)
            .map_err(|fault| draft.fault(fault, vec![via.clone()]))?;
        if let Some(word) = cut.operands.first() {
            let text = format!(
                "sbatch: error: Invalid directive found in batch script: {}",
                word.text
            );
            return Err(draft.usage(&text));
        }
        given.extend(cut.given.into_iter().map(|one| Given {
            via: Some(via.clone()),
            ..one
        }));
    }
    Ok(given)
}

/// Refuses what only other readers of the script understand.
fn foreign(draft: &mut Draft<'_>, given: &[Given], head: &Head) {
    let ignores = given.iter().any(|one| one.name == "ignore-pbs");
    let whole = draft.whole();
    let mut refuse = |line: &str, because: &str, instead: &str| {
        draft.findings.push(super::Finding {
            span: whole.clone(),
            what: "has directives that are not read here".to_owned(),
            because: because.to_owned(),
            instead: instead.to_owned(),
            via: vec![line.to_owned()],
        });
    };
    if let Some(line) = head.foreign.as_deref().filter(|_| !ignores) {
        refuse(
            line,
            "sbatch would take options from it that nobody has judged",
            "write it as #SBATCH, or add --ignore-pbs",
        );
    }
    if let Some(line) = head.staging.as_deref() {
        refuse(
            line,
            "burst buffers move files outside the guard",
            "copy the files in the job's script",
        );
    }
}

/// Returns the name that sbatch would give the job.
fn job_name(cut: &Cut, given: &[Given], label: &str) -> String {
    if let Some(name) = files::last(given, "job-name").and_then(|one| one.value.clone()) {
        return name;
    }
    if cut.has("wrap") {
        return "wrap".to_owned();
    }
    if cut.operands.is_empty() {
        return "sbatch".to_owned();
    }
    let name = Path::new(label).file_name();
    name.map_or_else(
        || label.to_owned(),
        |name| name.to_string_lossy().into_owned(),
    )
}

fn judge_body(draft: &mut Draft<'_>, cut: &Cut, text: &str, label: &str, body: &[u8]) {
    let wrap = files::last(&cut.given, "wrap");
    let span = match (wrap, cut.operands.first()) {
        (Some(wrap), _) => wrap.span.clone(),
        (None, Some(word)) => word.span.clone(),
        (None, None) => draft.whole(),
    };
    let is_shell = spool::interpreter(body).is_some_and(|one| is_shell(&one));
    let work = if is_shell {
        let is_file = !cut.operands.is_empty();
        Work::Script { text, is_file }
    } else {
        Work::Foreign { text }
    };
    let via = ["sbatch".to_owned(), label.to_owned()];
    let found = analyse_job(&draft.line, span, &via, work, draft.facts.world);
    draft.add(found);
}

fn is_shell(interpreter: &Interpreter) -> bool {
    let base = |text: &str| text.rsplit('/').next().unwrap_or(text).to_owned();
    let program = base(&interpreter.program.to_string_lossy());
    let name = match &interpreter.argument {
        Some(argument) if program == "env" => {
            let words = argument.split_whitespace();
            let program = words.filter(|word| !word.starts_with('-') && !word.contains('='));
            base(program.clone().next().unwrap_or_default())
        }
        _ => program,
    };
    ["sh", "bash", "dash", "ksh", "zsh", "ash"].contains(&name.as_str())
}

/// Works out the job's environment.
pub(super) fn exported(draft: &mut Draft<'_>, given: &[Given]) -> Result<export::Export, Stop> {
    let how = files::last(given, "export").and_then(|one| one.value.clone());
    let mut file = None;
    if let Some(one) = files::last(given, "export-file")
        && let Some(value) = one.value.clone()
    {
        if value.chars().all(|c| c.is_ascii_digit()) {
            draft.refuse(
                one,
                "a descriptor of the caller does not reach Slurm from here",
                "name a file: --export-file=FILE",
            );
        } else {
            let target = draft.target(&below(&draft.request.cwd, &value));
            let text = match &target {
                Target::Path(facts) => draft.facts.world.read(&facts.path),
                _ => None,
            };
            let span = draft.span_of(one);
            draft.act(Action::Read { target }, span, Vec::new());
            let Some(text) = text else {
                let text = format!("sbatch: error: cannot read --export-file {value}");
                return Err(draft.usage(&text));
            };
            file = Some(text.into_bytes());
        }
    }
    let scratch = &draft.facts.context.scratch;
    let environment = &draft.request.environment;
    Ok(export::export(
        environment,
        how.as_deref(),
        file.as_deref(),
        scratch,
    ))
}
