//! Where `srun` puts what its tasks say. It would open a name that it is given by itself, outside the guard and after
//! the name was judged; so it is given none: the broker opens the file, or the guard of each task does.

use std::ffi::OsString;

use super::Opened;
use super::files::{directory, expanded, last};
use super::getopt::Given;
use super::reading::{Draft, below};
use crate::policy::{Action, Target, WriteHow};
use crate::slurm::query::pattern::{self, Facts};
use crate::slurm::spool::Outputs;

/// The options, and the caller's own stream that each stands for.
const STREAMS: [(&str, &str); 2] = [("output", "/dev/stdout"), ("error", "/dev/stderr")];
/// What is in a name whatever the job is.
const ALWAYS: &str = "%ux";
/// What is in a name once the job is there.
const OF_JOB: &str = "jAa";

/// Where the output of a step goes.
#[derive(Default)]
pub(super) struct Streams {
    /// What srun is told.
    pub(super) words: Vec<OsString>,
    /// What the broker opens.
    pub(super) opened: Vec<Opened>,
    /// What the guard of each task opens.
    pub(super) each: Option<Outputs>,
}

/// What an option asks for.
enum Wish {
    /// A word of srun's own that names no file whatever the number of tasks is.
    Word(String),
    /// A file, by a name with patterns in it.
    File(String),
}

/// Reads and judges `--output` and `--error`. The client finds its first opened file at this number.
pub(super) fn of(draft: &mut Draft<'_>, given: &[Given], name: &str, first: usize) -> Streams {
    let mut wishes = Vec::new();
    for (option, own) in STREAMS {
        if let Some(one) = last(given, option)
            && let Some(value) = one.value.as_deref()
            && let Some(wish) = wish(draft, one, value, own)
        {
            wishes.push((option, one, wish));
        }
    }
    let job = job(draft, given);
    let is_each = |wish: &Wish| match wish {
        Wish::File(pattern) => differs(pattern, job.is_some()),
        Wish::Word(_) => false,
    };
    if wishes.iter().any(|(.., wish)| is_each(wish)) {
        return each(draft, given, &wishes, name);
    }
    let user = draft.facts.context.user.clone();
    let facts = Facts {
        name,
        user: &user,
        ..job.unwrap_or_default()
    };
    let cwd = directory(draft, given);
    let mut streams = Streams::default();
    for (option, one, wish) in wishes {
        let text = match wish {
            Wish::Word(word) => word,
            Wish::File(pattern) => {
                let target = draft.target(&below(&cwd, &pattern::expand(&pattern, &facts)));
                let number = first + streams.opened.len();
                if let Target::Path(facts) = &target {
                    streams.opened.push(Opened::Append(facts.path.clone()));
                }
                write(draft, one, target);
                format!("/proc/self/fd/{number}")
            }
        };
        streams.words.push(format!("--{option}={text}").into());
    }
    streams
}

/// Returns what a value asks for; none where it cannot be, which has been noted.
fn wish(draft: &mut Draft<'_>, one: &Given, value: &str, own: &str) -> Option<Wish> {
    let text = value.to_ascii_lowercase();
    let word = |text: &str| Some(Wish::Word(text.to_owned()));
    if text == "none" || value == "/dev/null" {
        return word("none");
    }
    if text.is_empty() || text == "all" || text == "-" || value == own {
        return word("all");
    }
    if value.bytes().all(|byte| byte.is_ascii_digit()) {
        if value.bytes().all(|byte| byte == b'0') {
            return word("0");
        }
        // srun takes it for a file where there are no more tasks than that.
        let why = "a number is a task or a file, depending on how many tasks there are";
        draft.refuse(one, why, "write ./NUMBER for a file");
        return None;
    }
    let lexical = crate::bash::lexical(&draft.request.cwd.join(value));
    if ["/dev", "/proc"]
        .iter()
        .any(|place| lexical.starts_with(place))
    {
        let why = "srun would open it anew outside the guard, whatever it is there";
        draft.refuse(one, why, "name a file, or redirect in the line: 2>&1");
        return None;
    }
    Some(Wish::File(value.to_owned()))
}

/// The tasks open what was asked for.
fn each(
    draft: &mut Draft<'_>,
    given: &[Given],
    wishes: &[(&str, &Given, Wish)],
    name: &str,
) -> Streams {
    let user = draft.facts.context.user.clone();
    let cwd = directory(draft, given);
    let mut stdout = None;
    let mut stderr = None;
    for (option, one, wish) in wishes {
        let pattern = match wish {
            Wish::File(pattern) => pattern.clone(),
            Wish::Word(word) if word == "none" => "/dev/null".to_owned(),
            Wish::Word(_) => {
                let why = "the other one is a file for each task, and both are opened by the guard of the task";
                draft.refuse(one, why, "name a file here as well");
                continue;
            }
        };
        let target = draft.target(&below(&cwd, &expanded(&pattern, &user, name)));
        write(draft, one, target);
        if *option == "output" {
            stdout = Some(pattern);
        } else {
            stderr = Some(pattern);
        }
    }
    if stdout.is_none()
        && let Some((_, one, _)) = wishes.first()
    {
        let why = "the guard of each task would open it, and leave nothing for the output";
        draft.refuse(one, why, "give --output as well");
    }
    let each = stdout.map(|stdout| Outputs {
        directory: cwd,
        name: name.to_owned(),
        user,
        stdout,
        stderr,
    });
    Streams {
        each,
        ..Streams::default()
    }
}

fn write(draft: &mut Draft<'_>, one: &Given, target: Target) {
    let how = WriteHow::Append;
    let span = draft.span_of(one);
    let via = one.via.clone().into_iter().collect();
    draft.act(Action::Write { target, how }, span, via);
}

/// Returns what is known of the job before srun has run: where it is in one.
fn job(draft: &Draft<'_>, given: &[Given]) -> Option<Facts<'static>> {
    let number = |name: &str| {
        let value = super::input::value_of(&draft.request.environment, name)?;
        value.parse::<u64>().ok()
    };
    let asked = last(given, "jobid").map(|one| one.value.clone().unwrap_or_default());
    let job = match asked {
        // Its array is not known.
        Some(_) => None,
        None => number("SLURM_JOB_ID"),
    }?;
    Some(Facts {
        job,
        array: number("SLURM_ARRAY_JOB_ID").unwrap_or(job),
        task: number("SLURM_ARRAY_TASK_ID").and_then(|task| u32::try_from(task).ok()),
        ..Facts::default()
    })
}

/// Whether a name has something in it that only a task knows.
fn differs(pattern: &str, has_job: bool) -> bool {
    if pattern.contains('\\') {
        return false;
    }
    let mut rest = pattern.chars();
    while let Some(c) = rest.next() {
        let letter = (c == '%')
            .then(|| rest.find(|c| !c.is_ascii_digit()))
            .flatten();
        let is_known = |letter: char| ALWAYS.contains(letter) || has_job && OF_JOB.contains(letter);
        if letter.is_some_and(|letter| !is_known(letter)) {
            return true;
        }
    }
    false
}
