//! `scontrol` and `sacctmgr`: looking passes, own jobs may be altered, nothing else.

use std::ffi::OsString;
use std::path::Path;

use super::batch::{HELP, look};
use super::cancel::owner;
use super::getopt::Word;
use super::options::Options;
use super::reading::{Draft, Facts, Finding, Reading, Stop};
use super::{Carry, Kind, Opened, Request, input};
use crate::policy::{Action, CancelScope, Target, WriteHow};

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
    ("requeue", 3, Verb::Requeues),
    ("requeuehold", 8, Verb::Requeues),
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
    Requeues,
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
            let opened = write(&mut draft, rest);
            let mut reading = carry(draft, Kind::Cancel);
            if let Some((words, file)) = opened {
                let given = cut.given.iter().map(|one| one.argument().into());
                reading.carry.args = given.chain(words).collect();
                reading.carry.opened = vec![file];
            }
            return Ok(reading);
        }
        Some(Verb::Requeues) => {
            alter(&mut draft, rest);
            requeue(&mut draft, rest);
            Kind::Cancel
        }
        Some(Verb::Alters) => {
            alter(&mut draft, rest);
            Kind::Cancel
        }
        Some(Verb::Updates) => {
            let words = update(&mut draft, rest);
            let given = cut.given.iter().map(|one| one.argument().into());
            let mut carried: Vec<OsString> = given.collect();
            carried.push("update".into());
            carried.extend(words);
            let mut reading = carry(draft, Kind::Cancel);
            reading.carry.args = carried;
            return Ok(reading);
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
        opened: Vec::new(),
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

/// A job that no session submitted starts again without a guard, and Slurm empties its output first.
fn requeue(draft: &mut Draft<'_>, rest: &[Word]) {
    for word in rest {
        let ids = word.text.rsplit('=').next().unwrap_or_default();
        let number = |id: &str| -> String { id.chars().take_while(char::is_ascii_digit).collect() };
        let world = draft.facts.world;
        if ids
            .split(',')
            .any(|id| world.is_guarded_job(&number(id)) != Some(true))
        {
            draft.findings.push(Finding {
                span: word.span.clone(),
                what: "starts a job again that no session submitted".to_owned(),
                because: "Slurm would empty its output, and nothing would guard it".to_owned(),
                instead: "let the person who submitted it do so".to_owned(),
                via: Vec::new(),
            });
        }
    }
}

/// What `update` may change of a job. All else is where Slurm reads and writes (`JobName` stands in file names), or
/// what this program does not know: that is submitted anew. Keys are written whole, for what Slurm takes a beginning for
/// depends on its version.
const CHANGED: [&str; 40] = [
    "account",
    "arraytaskthrottle",
    "clusterfeatures",
    "comment",
    "contiguous",
    "corespec",
    "cpuspertask",
    "deadline",
    "delayboot",
    "dependency",
    "eligibletime",
    "endtime",
    "excnodelist",
    "features",
    "gres",
    "licenses",
    "mailtype",
    "mincpusnode",
    "minmemorycpu",
    "minmemorynode",
    "mintmpdisknode",
    "nice",
    "nodelist",
    "numcpus",
    "numnodes",
    "numtasks",
    "oversubscribe",
    "partition",
    "priority",
    "qos",
    "reqcores",
    "reqnodelist",
    "requeue",
    "reservationname",
    "shared",
    "starttime",
    "switches",
    "timelimit",
    "timemin",
    "wckey",
];
/// What says which job.
const IDS: [&str; 4] = ["jobid", "stepid", "job", "step"];

/// A key, its value, and the word where it stands.
type Change<'w> = (String, Option<String>, &'w Word);

/// Reads `KEY=VALUE`, `KEY+=VALUE` and `KEY VALUE`, as scontrol does.
fn changes(rest: &[Word]) -> Vec<Change<'_>> {
    let mut found = Vec::new();
    let mut words = rest.iter();
    while let Some(word) = words.next() {
        let (key, value) = match word.text.split_once('=') {
            Some((key, value)) => (key, Some(value.to_owned())),
            // The one key that may stand alone.
            None if word.text.eq_ignore_ascii_case("nice") => (word.text.as_str(), None),
            None => {
                let value = words.next().map(|word| word.text.clone());
                (word.text.as_str(), value)
            }
        };
        found.push((key.to_owned(), value, word));
    }
    found
}

/// `update job`: returns what is carried, each key with its value in one word.
fn update(draft: &mut Draft<'_>, rest: &[Word]) -> Vec<OsString> {
    let changes = changes(rest);
    let is_id = |key: &str| IDS.iter().any(|id| key.eq_ignore_ascii_case(id));
    let is_job = changes.first().is_some_and(|(key, ..)| is_id(key));
    let span = draft.whole();
    if !is_job {
        let scope = CancelScope::Cluster;
        draft.act(Action::Cancel { scope }, span, Vec::new());
        return Vec::new();
    }
    let ids = changes.iter().filter(|(key, ..)| is_id(key));
    let scope = scope_of(draft, ids.filter_map(|(_, id, _)| id.as_deref()));
    draft.act(Action::Cancel { scope }, span, Vec::new());
    for (key, _, word) in &changes {
        let name = key.trim_end_matches(['+', '-']).to_ascii_lowercase();
        if !is_id(&name) && !CHANGED.contains(&name.as_str()) {
            draft.findings.push(Finding {
                span: word.span.clone(),
                what: format!("changes {name} of a job"),
                because: "what that leads to happens outside the guard, or nobody here knows it"
                    .to_owned(),
                instead: "write the key whole, or submit the job anew".to_owned(),
                via: Vec::new(),
            });
        }
    }
    let words = changes.into_iter().map(|(key, value, _)| match value {
        Some(value) => OsString::from(format!("{key}={value}")),
        None => OsString::from(key),
    });
    words.collect()
}

/// Where scontrol finds a new file.
const NEW: &str = "/proc/self/fd/3";

/// `write batch_script ID [FILE]`: the client would empty what the name leads to by then. It gets a new file.
fn write(draft: &mut Draft<'_>, rest: &[Word]) -> Option<(Vec<OsString>, Opened)> {
    let what = rest.first().map(|word| word.text.to_ascii_lowercase());
    if what.is_none_or(|what| !"batch_script".starts_with(&what)) {
        let scope = CancelScope::Cluster;
        let span = draft.whole();
        draft.act(Action::Cancel { scope }, span, Vec::new());
        return None;
    }
    let id = rest
        .get(1)
        .map(|word| word.text.clone())
        .unwrap_or_default();
    let name = match rest.get(2) {
        Some(file) if file.text == "-" => return None,
        Some(file) => file.text.clone(),
        None => format!("slurm-{id}.sh"),
    };
    let lexical = crate::bash::lexical(&draft.request.cwd.join(&name));
    if ["/dev", "/proc"]
        .iter()
        .any(|place| lexical.starts_with(place))
    {
        let finding = Finding {
            span: draft.whole(),
            what: "writes a script where no file is".to_owned(),
            because: "what it is there depends on who asks".to_owned(),
            instead: "name a file, or `-` for standard output".to_owned(),
            via: Vec::new(),
        };
        draft.findings.push(finding);
        return None;
    }
    let target = draft.target(Path::new(&name));
    let opened = match &target {
        Target::Path(facts) => Some(Opened::New(facts.path.clone())),
        _ => None,
    };
    // Nothing would keep what is there: the client is in no guard.
    let how = WriteHow::Replace;
    let span = draft.whole();
    draft.act(Action::Write { target, how }, span, Vec::new());
    let words = ["write", "batch_script", &id, NEW].map(OsString::from);
    opened.map(|opened| (words.to_vec(), opened))
}
