//! `scontrol` and `sacctmgr`: looking passes, own jobs may be altered, nothing else.

use std::path::Path;

use super::batch::{HELP, look};
use super::cancel::owner;
use super::getopt::Word;
use super::options::Options;
use super::reading::{Draft, Facts, Finding, Reading, Stop, below};
use super::{Carry, Kind, Request, input};
use crate::policy::{Action, CancelScope, WriteHow};

/// Verbs of scontrol, and how many letters name them.
const VERBS: [(&str, usize, Verb); 31] = [
    ("show", 3, Verb::Looks),
    ("ping", 3, Verb::Looks),
    ("version", 4, Verb::Looks),
    ("listpids", 5, Verb::Looks),
    ("listjobs", 5, Verb::Looks),
    ("liststeps", 5, Verb::Looks),
    ("pidinfo", 3, Verb::Looks),
    ("getaddrs", 4, Verb::Looks),
    ("getent", 4, Verb::Looks),
    ("completing", 3, Verb::Looks),
    ("errnumstr", 3, Verb::Looks),
    ("help", 4, Verb::Looks),
    ("wait_job", 4, Verb::Looks),
    ("write", 5, Verb::Writes),
    ("hold", 4, Verb::Alters),
    ("holdwait", 5, Verb::Alters),
    ("uhold", 5, Verb::Alters),
    ("release", 3, Verb::Alters),
    ("requeue", 3, Verb::Alters),
    ("requeuehold", 8, Verb::Alters),
    ("suspend", 3, Verb::Alters),
    ("resume", 3, Verb::Alters),
    ("top", 3, Verb::Alters),
    ("notify", 3, Verb::Alters),
    ("update", 3, Verb::Updates),
    ("token", 3, Verb::Token),
    ("reconfigure", 4, Verb::Cluster),
    ("shutdown", 4, Verb::Cluster),
    ("create", 3, Verb::Cluster),
    ("delete", 3, Verb::Cluster),
    ("takeover", 4, Verb::Cluster),
];

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Verb {
    Looks,
    Alters,
    Updates,
    Writes,
    Token,
    Cluster,
}

/// Reads a request of scontrol.
pub(super) fn scontrol(request: &Request, facts: Facts<'_>) -> Result<Reading, Stop> {
    let mut draft = Draft::new(request, facts)?;
    let cut = draft.cut(Options::of(request.client))?;
    if let Some(help) = HELP.iter().find(|help| cut.has(help)) {
        return Ok(draft.finish(look(help)));
    }
    let Some(word) = cut.operands.first() else {
        return Err(draft.usage(INTERACTIVE));
    };
    let rest = cut.operands.get(1..).unwrap_or_default();
    let kind = match verb(&word.text) {
        Some(Verb::Looks) => Kind::Look,
        Some(Verb::Writes) => {
            write(&mut draft, rest);
            Kind::Cancel
        }
        Some(Verb::Alters) => {
            alter(&mut draft, rest);
            Kind::Cancel
        }
        Some(Verb::Updates) => {
            update(&mut draft, rest);
            Kind::Cancel
        }
        Some(Verb::Token) => {
            draft.findings.push(Finding {
                span: word.span.clone(),
                what: "asks for a credential".to_owned(),
                because: "whoever has it can submit without the guard".to_owned(),
                instead: "use sbatch, squeue and scancel as they are".to_owned(),
                via: Vec::new(),
            });
            Kind::Cancel
        }
        Some(Verb::Cluster) | None => {
            let scope = CancelScope::Cluster;
            draft.act(Action::Cancel { scope }, word.span.clone(), Vec::new());
            Kind::Cancel
        }
    };
    Ok(carry(draft, kind))
}

const INTERACTIVE: &str = "hlrp-sh: nothing is carried out that is typed at Slurm's own prompt; name what to do: \
    `scontrol show job ID`, `sacctmgr show qos`";

/// Reads a request of sacctmgr: it may look.
pub(super) fn sacctmgr(request: &Request, facts: Facts<'_>) -> Result<Reading, Stop> {
    let mut draft = Draft::new(request, facts)?;
    let cut = draft.cut(Options::of(request.client))?;
    if let Some(help) = HELP.iter().find(|help| cut.has(help)) {
        return Ok(draft.finish(look(help)));
    }
    let Some(word) = cut.operands.first() else {
        return Err(draft.usage(INTERACTIVE));
    };
    let is = |verb: &str, least: usize| begins(&word.text, verb, least);
    let kind = if is("show", 3) || is("list", 2) || is("ping", 3) || is("version", 4) {
        Kind::Look
    } else {
        let scope = CancelScope::Cluster;
        draft.act(Action::Cancel { scope }, word.span.clone(), Vec::new());
        Kind::Cancel
    };
    Ok(carry(draft, kind))
}

fn carry(draft: Draft<'_>, kind: Kind) -> Reading {
    let request = draft.request;
    let carry = Carry {
        args: request.args.clone(),
        environment: input::passed(request.client, &request.environment),
        files: Vec::new(),
        reads_input: false,
        kind,
    };
    draft.finish(carry)
}

fn verb(text: &str) -> Option<Verb> {
    let found = VERBS
        .iter()
        .find(|(verb, least, _)| begins(text, verb, *least));
    found.map(|(.., verb)| *verb)
}

fn begins(text: &str, verb: &str, least: usize) -> bool {
    let text = text.to_ascii_lowercase();
    text.len() >= least && verb.starts_with(&text)
}

fn scope_of<'t>(draft: &Draft<'_>, ids: impl Iterator<Item = &'t str>) -> CancelScope {
    let mut ids = ids.flat_map(|text| text.split(','));
    if ids.any(|id| owner(draft, id) == Some(false)) {
        CancelScope::Others
    } else {
        CancelScope::Named
    }
}

fn alter(draft: &mut Draft<'_>, rest: &[Word]) {
    let ids = rest.iter().map(|word| {
        let text = word.text.as_str();
        text.split_once('=').map_or(text, |(_, id)| id)
    });
    let scope = scope_of(draft, ids);
    let span = draft.whole();
    draft.act(Action::Cancel { scope }, span, Vec::new());
}

/// `update job`: of what may be changed, some is where Slurm writes.
fn update(draft: &mut Draft<'_>, rest: &[Word]) {
    let pairs: Vec<(String, String, &Word)> = rest
        .iter()
        .map(|word| {
            let (key, value) = word.text.split_once('=').unwrap_or((&word.text, ""));
            let key = key.trim_end_matches(['+', '-']).to_ascii_lowercase();
            (key, value.to_owned(), word)
        })
        .collect();
    let first = pairs
        .first()
        .map(|(key, ..)| key.as_str())
        .unwrap_or_default();
    let is_job = first.starts_with("job") || first.starts_with("step");
    let names = [
        "nodename",
        "partitionname",
        "reservation",
        "frontend",
        "suspendexc",
    ];
    let others = pairs
        .iter()
        .any(|(key, ..)| names.iter().any(|name| key.starts_with(name)))
        && !is_job;
    if others || !is_job {
        let scope = CancelScope::Cluster;
        let span = draft.whole();
        draft.act(Action::Cancel { scope }, span, Vec::new());
        return;
    }
    let ids = pairs
        .iter()
        .filter(|(key, ..)| ["jobid", "stepid", "job", "step"].contains(&key.as_str()))
        .map(|(_, id, _)| id.as_str());
    let scope = scope_of(draft, ids);
    let span = draft.whole();
    draft.act(Action::Cancel { scope }, span, Vec::new());
    for (key, value, word) in &pairs {
        let is_file = ["stdout", "stderr", "stdin", "workdir"]
            .iter()
            .any(|name| name.starts_with(key.as_str()) && key.len() >= 4);
        if is_file {
            let name = super::files::expanded(value, &draft.facts.context.user, "");
            let target = draft.target(&below(&draft.request.cwd, &name));
            let how = WriteHow::Append;
            draft.act(Action::Write { target, how }, word.span.clone(), Vec::new());
        } else if key.starts_with("burst") || key.starts_with("user") {
            draft.findings.push(Finding {
                span: word.span.clone(),
                what: format!("changes {key} of a job"),
                because: "what that leads to happens outside the guard".to_owned(),
                instead: "submit the job anew".to_owned(),
                via: Vec::new(),
            });
        }
    }
}

/// `write batch_script ID [FILE]`: the client writes the file.
fn write(draft: &mut Draft<'_>, rest: &[Word]) {
    let what = rest.first().map(|word| word.text.to_ascii_lowercase());
    if what.is_none_or(|what| !"batch_script".starts_with(&what)) {
        let scope = CancelScope::Cluster;
        let span = draft.whole();
        return draft.act(Action::Cancel { scope }, span, Vec::new());
    }
    let id = rest
        .get(1)
        .map(|word| word.text.clone())
        .unwrap_or_default();
    let name = match rest.get(2) {
        Some(file) if file.text == "-" => return,
        Some(file) => file.text.clone(),
        None => format!("slurm-{id}.sh"),
    };
    let target = draft.target(Path::new(&name));
    // Nothing would keep what is there: the client is in no guard.
    let how = WriteHow::Replace;
    let span = draft.whole();
    draft.act(Action::Write { target, how }, span, Vec::new());
}
