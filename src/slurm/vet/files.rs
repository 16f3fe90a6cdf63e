//! Options that name files: what Slurm reads and writes by itself, outside any guard.

use std::path::{Path, PathBuf};

use super::getopt::Given;
use super::reading::{Draft, below};
use crate::policy::{Action, PathFacts, Target, WriteHow};
use crate::slurm::client::Client;
use crate::slurm::query::pattern;
use crate::slurm::spool::Outputs;

/// Options that Slurm carries out itself, outside the guard, and why not.
const REFUSED: [(&str, &str, &str); 23] = [
    ("prolog", HOOK, FIRST),
    ("epilog", HOOK, FIRST),
    ("task-prolog", HOOK, FIRST),
    ("task-epilog", HOOK, FIRST),
    ("uid", OTHER, OWN),
    ("gid", OTHER, OWN),
    ("bb", STAGING, COPY),
    ("bbf", STAGING, COPY),
    ("bcast", BROADCAST, COPY),
    ("bcast-exclude", BROADCAST, COPY),
    ("send-libs", BROADCAST, COPY),
    ("container", BUNDLE, IMAGE),
    ("container-id", BUNDLE, IMAGE),
    ("container-entrypoint", ENTRYPOINT, "leave it out"),
    ("container-save", SAVED, IMPORT),
    ("container-image-save", SAVED, IMPORT),
    ("no-allocate", "it is for administrators", "leave it out"),
    (
        "debugger-test",
        "it is for debuggers of Slurm",
        "leave it out",
    ),
    ("external", UNGUARDED, "leave it out"),
    ("external-launcher", UNGUARDED, "leave it out"),
    ("het-group", HET, SEPARATE),
    ("pack-group", HET, SEPARATE),
    (
        "reboot",
        "rebooting nodes is no job's business",
        "leave it out",
    ),
];

const HOOK: &str = "Slurm would run this program outside the guard";
const FIRST: &str = "put it into the job's script";
const OTHER: &str = "a job runs as whoever submits it";
const OWN: &str = "leave it out";
const STAGING: &str = "burst buffers move files outside the guard";
const BROADCAST: &str = "Slurm would write the program to every node outside the guard, and it would be the guard itself";
const COPY: &str = "copy the files in the job's script";
const BUNDLE: &str = "the bundle itself says what runs, and the guard would not be there";
const IMAGE: &str = "use --container-image with an image file";
const ENTRYPOINT: &str = "the image's entry point would run before the guard";
const SAVED: &str =
    "the image would be written outside the guard, over whatever is there when the job ends";
const IMPORT: &str = "hlrp-sh image import makes an image under a name of its own";
const UNGUARDED: &str = "nothing would guard what it starts";
pub(super) const HET: &str =
    "jobs of several components are not carried: one guard goes with one job";
pub(super) const SEPARATE: &str = "submit one job for each component";

/// Judges the options that a job is given. `cwd` is where its relative names begin.
pub(super) fn judge(draft: &mut Draft<'_>, given: &[Given], name: &str) {
    for one in given {
        if let Some((_, because, instead)) = REFUSED.iter().find(|(name, ..)| *name == one.name) {
            let (because, instead) = (*because, *instead);
            draft.refuse(one, because, instead);
        }
    }
    let cwd = directory(draft, given);
    // Those of srun are read by `streams`.
    let is_batch = draft.request.client == Client::Sbatch;
    for option in ["output", "error"] {
        if let Some(one) = last(given, option).filter(|_| is_batch) {
            output(draft, one, &cwd, name);
        }
    }
    for option in ["input", "nodefile", "container-image"] {
        if let Some(one) = last(given, option) {
            input(draft, one, &cwd);
        }
    }
}

/// Returns where a script's output goes; where nobody says so, that is judged, too.
pub(super) fn outputs(draft: &mut Draft<'_>, given: &[Given], name: &str) -> Outputs {
    let value = |option| last(given, option).and_then(|one| one.value.clone());
    let is_array = last(given, "array").is_some();
    let stdout = value("output").unwrap_or_else(|| {
        let pattern = pattern::default(is_array);
        default_output(draft, given, name, pattern);
        pattern.to_owned()
    });
    Outputs {
        directory: directory(draft, given),
        name: name.to_owned(),
        user: draft.facts.context.user.clone(),
        stdout,
        stderr: value("error"),
    }
}

/// Without `--output`, Slurm writes `slurm-ID.out` into the job's directory.
fn default_output(draft: &mut Draft<'_>, given: &[Given], name: &str, pattern: &str) {
    let cwd = directory(draft, given);
    let path = below(&cwd, &expanded(pattern, "", name));
    // A number that no job has had yet: the name is free.
    let target = match draft.target(&path) {
        Target::Path(facts) => Target::Path(PathFacts {
            presence: crate::policy::Presence::Absent,
            ..facts
        }),
        other => other,
    };
    let how = crate::policy::WriteHow::Append;
    let span = 0..draft.request.client.name().len();
    draft.act(Action::Write { target, how }, span, Vec::new());
}

/// Returns where a job's relative names begin.
pub(super) fn directory(draft: &Draft<'_>, given: &[Given]) -> PathBuf {
    match last(given, "chdir").and_then(with_value) {
        Some((_, value)) => draft.request.cwd.join(value),
        None => draft.request.cwd.clone(),
    }
}

pub(super) fn last<'g>(given: &'g [Given], name: &str) -> Option<&'g Given> {
    given.iter().rev().find(|one| one.name == name)
}

fn with_value(given: &Given) -> Option<(&Given, String)> {
    Some((given, given.value.clone()?))
}

fn via(given: &Given) -> Vec<String> {
    given.via.clone().into_iter().collect()
}

/// Words that name no file: those of srun alone, sbatch takes them for names.
fn is_special(draft: &Draft<'_>, value: &str) -> bool {
    let text = value.to_ascii_lowercase();
    draft.request.client == Client::Srun
        && (text == "all"
            || text == "none"
            || text.is_empty()
            || text.chars().all(|c| c.is_ascii_digit()))
}

/// `--output` and `--error` of a script: its guard opens them, always to append.
fn output(draft: &mut Draft<'_>, given: &Given, cwd: &Path, name: &str) {
    let Some(value) = given.value.as_deref() else {
        return;
    };
    let user = draft.facts.context.user.clone();
    let text = expanded(value, &user, name);
    let target = draft.target(&below(cwd, &text));
    let action = Action::Write {
        target,
        how: WriteHow::Append,
    };
    let span = draft.span_of(given);
    draft.act(action, span, via(given));
}

fn input(draft: &mut Draft<'_>, given: &Given, cwd: &Path) {
    let Some(value) = given.value.as_deref() else {
        return;
    };
    let is_image = given.name == "container-image";
    let is_option = given.name == "input";
    if is_option && is_special(draft, value) || is_image && !value.starts_with(['/', '.']) {
        return;
    }
    let target = draft.target(&below(cwd, value));
    if is_image
        && let Target::Path(facts) = &target
        && facts.presence == crate::policy::Presence::Absent
    {
        draft.refuse(
            given,
            "there is no such image",
            "hlrp-sh image list shows what there is",
        );
    }
    let span = draft.span_of(given);
    draft.act(Action::Read { target }, span, via(given));
}

/// Returns a name with Slurm's patterns filled in: those that are numbers or hosts with something that is as
/// harmless, the user's and the job's name as they are.
pub(super) fn expanded(pattern: &str, user: &str, name: &str) -> String {
    if pattern.contains('\\') {
        return pattern.replace('\\', "");
    }
    let mut text = String::new();
    let mut rest = pattern.chars().peekable();
    while let Some(c) = rest.next() {
        if c != '%' {
            text.push(c);
            continue;
        }
        while rest.next_if(char::is_ascii_digit).is_some() {}
        match rest.next() {
            Some('%') => text.push('%'),
            Some('u') => text.push_str(user),
            Some('x') => text.push_str(name),
            Some(_) => text.push('0'),
            None => text.push('%'),
        }
    }
    text
}
