//! Options that name files: what Slurm reads and writes by itself, outside any guard.

use std::path::{Path, PathBuf};

use super::getopt::Given;
use super::reading::{Draft, below};
use crate::policy::{Action, PathFacts, Target, WriteHow};
use crate::slurm::client::Client;
use crate::slurm::query::pattern;
use crate::slurm::spool::Outputs;

/// Options that Slurm carries out itself, outside the guard, and why not.
const REFUSED: [(&str, &str, &str); 21] = [
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
    for option in ["output", "error"] {
        if let Some(one) = last(given, option) {
            output(draft, one, &cwd, name);
        }
    }
    for option in ["input", "nodefile", "container-image"] {
        if let Some(one) = last(given, option) {
            input(draft, one, &cwd);
        }
    }
    for option in ["container-save", "container-image-save"] {
        if let Some((one, value)) = last(given, option).and_then(with_value) {
            let target = draft.target(&below(&draft.request.cwd, &value));
            let how = WriteHow::Replace;
            let span = draft.span_of(one);
            draft.act(Action::Write { target, how }, span, via(one));
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

/// Returns where the tasks of a step write, each to a file of its own: names that the slurmstepd of each node would fill in
/// and open, outside the guard. The guard of each task opens them in its stead.
pub(super) fn of_each_task(draft: &mut Draft<'_>, given: &[Given], name: &str) -> Option<Outputs> {
    let value = |option| {
        let value = last(given, option).and_then(|one| one.value.clone());
        value.filter(|value| !is_special(draft, value))
    };
    let (stdout, stderr) = (value("output"), value("error"));
    let is_each = |value: &Option<String>| value.as_deref().is_some_and(is_for_each_task);
    if draft.request.client != Client::Srun || !is_each(&stdout) && !is_each(&stderr) {
        return None;
    }
    if stdout.is_none()
        && let Some(one) = last(given, "error")
    {
        let why = "every node's slurmstepd would open such a file by name, outside the guard";
        draft.refuse(one, why, "give --output as well");
    }
    Some(Outputs {
        directory: directory(draft, given),
        name: name.to_owned(),
        user: draft.facts.context.user.clone(),
        stdout: stdout?,
        stderr,
    })
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

/// `--output` and `--error`: Slurm opens them itself, always to append.
fn output(draft: &mut Draft<'_>, given: &Given, cwd: &Path, name: &str) {
    let Some(value) = given.value.as_deref() else {
        return;
    };
    if is_special(draft, value) {
        return;
    }
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

/// Whether a name of srun differs from task to task: all but these patterns it fills in itself, and opens the file.
fn is_for_each_task(pattern: &str) -> bool {
    let mut rest = pattern.chars();
    while let Some(c) = rest.next() {
        let letter = (c == '%')
            .then(|| rest.find(|c| !c.is_ascii_digit()))
            .flatten();
        if letter.is_some_and(|letter| !"%AaJjsux".contains(letter)) {
            return true;
        }
    }
    false
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
