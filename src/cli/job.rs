//! The hidden entries that Slurm itself starts on a compute node: `__job` as a script's
//! interpreter, `__task` before every task of `srun`. Both start a guard from the facts
//! that the submitter wrote, and run what was meant inside it.
//!
//! INVARIANT: until the guard stands, nothing that the job's environment, its directory
//! or a container's image says is acted on: the first thing either entry does is to start
//! itself again with an environment of its own.

mod claim;
mod import;
mod output;

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::{Error, code};
use crate::launch::{self, Start};
use crate::policy::{Action, HostClass, PathFacts, Presence, Scene, Stage, Target, WriteHow};
use crate::session::{Handed, Session, Surroundings};
use crate::slurm::client::is_fit;
use crate::slurm::spool::{self, Interpreter, Spec};
use crate::slurm::submit::image::Import;
use crate::sys;
use crate::ui;

/// What a script's interpreter line names.
const JOB: &str = "__job";
/// What stands before a task.
const TASK: &str = "__task";
/// Says that the environment has been put aside, in the descriptor that follows.
const CLEAN: &str = "--environment";
/// Bytes of a script; Slurm's own limit is 4 MiB, and the facts come on top.
const MOST_SCRIPT: u64 = 8 << 20;

/// A variable and its value.
type Pair = (OsString, OsString);

/// Returns whether the arguments are those of a hidden entry.
pub(super) fn is_entry(arguments: &[OsString]) -> bool {
    arguments
        .get(1)
        .is_some_and(|word| word == JOB || word == TASK)
}

/// Runs a hidden entry. A guard that cannot start is 125, and nothing has run.
pub(super) fn run(arguments: &[OsString]) -> Result<u8, Error> {
    let rest = arguments.get(2..).unwrap_or_default();
    let [flag, number, rest @ ..] = rest else {
        return Err(start_again(arguments));
    };
    if flag != CLEAN {
        return Err(start_again(arguments));
    }
    if sys::process::is_guarded() {
        return Err(cannot(
            "this is a guard's own entry, and there is a guard already",
        ));
    }
    let started = environment_of(number)?;
    if arguments.get(1).is_some_and(|word| word == JOB) {
        job(rest, &started)
    } else {
        task(rest, &started)
    }
}

fn cannot(reason: impl std::fmt::Display) -> Error {
    Error::Guard(reason.to_string())
}

/// Puts the environment aside and starts this program again; returns only why it could not.
fn start_again(arguments: &[OsString]) -> Error {
    let mut bytes = Vec::new();
    for (name, value) in std::env::vars_os() {
        bytes.extend_from_slice(name.as_bytes());
        bytes.push(b'=');
        bytes.extend_from_slice(value.as_bytes());
        bytes.push(0);
    }
    let memory = match sys::spawn::memory_file(&bytes).and_then(sys::spawn::hand_down) {
        Ok(memory) => memory,
        Err(error) => return cannot(error),
    };
    let (entry, rest) = match arguments.get(1..).and_then(<[_]>::split_first) {
        Some((entry, rest)) => (entry.clone(), rest),
        None => (OsString::new(), Default::default()),
    };
    let kept = std::env::vars_os().filter(|(name, _)| is_kept(name));
    let error = Command::new("/proc/self/exe")
        .arg0("hlrp-sh")
        .arg(entry)
        .arg(CLEAN)
        .arg(memory.as_raw_fd().to_string())
        .args(rest)
        .env_clear()
        .envs(kept)
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .exec();
    cannot(error)
}

/// What of the job's environment the guard itself may see.
fn is_kept(name: &OsStr) -> bool {
    let name_text = name.to_str().unwrap_or_default();
    let is_known = ["TERM", "TZ", "LANG", "NO_COLOR", "COLUMNS"].contains(&name_text);
    (is_known || name_text.starts_with("SLURM_")) && is_fit(name)
}

/// Reads the environment that was put aside.
fn environment_of(number: &OsStr) -> Result<Vec<Pair>, Error> {
    let number: i32 = number
        .to_str()
        .and_then(|text| text.parse().ok())
        .filter(|number| *number > 2)
        .ok_or_else(|| cannot("it was started by hand"))?;
    let mut bytes = Vec::new();
    sys::spawn::take_back(number)
        .map(File::from)
        .and_then(|mut file| file.read_to_end(&mut bytes))
        .map_err(cannot)?;
    let entries = bytes.split(|byte| *byte == 0);
    let pairs = entries.filter_map(|entry| {
        let at = entry.iter().position(|byte| *byte == b'=')?;
        let (name, value) = entry.split_at_checked(at)?;
        let name = OsString::from_vec(name.to_vec());
        Some((name, OsString::from_vec(value.get(1..)?.to_vec())))
    });
    Ok(pairs.collect())
}

/// Runs the body of a batch script.
fn job(rest: &[OsString], started: &[Pair]) -> Result<u8, Error> {
    let [script, arguments @ ..] = rest else {
        return Err(cannot("there is no script"));
    };
    let mut bytes = Vec::new();
    let file = File::open(script).map_err(|error| cannot(format!("the script: {error}")))?;
    file.take(MOST_SCRIPT)
        .read_to_end(&mut bytes)
        .map_err(cannot)?;
    let (spec, body) = spool::read(&bytes).map_err(cannot)?;
    let Interpreter { program, argument } =
        spool::interpreter(body).ok_or_else(|| cannot("the script names no interpreter"))?;
    if !program.exists() {
        ui::say(&format!(
            "slurmstepd: error: execve(): bad interpreter({}): No such file or directory",
            program.display()
        ));
        // As slurmstepd has it.
        return Ok(2);
    }
    // Slurm's own word here: what the submitter exported is wrapped still, and the facts bind a list of an array only.
    let number = started
        .iter()
        .find(|(name, _)| name == "SLURM_ARRAY_TASK_ID");
    let number = number.and_then(|(_, number)| number.to_str());
    let (run_directory, no_task) = match spec.run.as_ref().map(|run| run.directory_of(number)) {
        Some(Ok(directory)) => (directory, None),
        Some(Err(fault)) => (None, Some(fault)),
        None => (None, None),
    };
    let session = session(&spec, true, run_directory)?;
    let name = Path::new(script).file_name();
    let copy = session
        .places
        .scratch
        .join(name.unwrap_or(OsStr::new("slurm_script")));
    let racing = spec
        .run
        .as_ref()
        .and_then(|run| Some((run, run.race.as_ref()?)));
    let is_racer = racing.is_some();
    if let Some((run, member)) = racing {
        // A job that cannot run here must not have claimed the run; and who has lost it opens no log of it.
        provide(&copy, body)?;
        if let Some(status) = claim::take(run, member, &spec.roots, &session)? {
            return Ok(status);
        }
    }
    match &spec.outputs {
        Some(outputs) => {
            if let Err(reason) = output::take(outputs, &session, output::Of::Script) {
                ui::say(&format!("hlrp-sh: {reason}"));
                return Ok(code::DENIED);
            }
        }
        // Queued by an earlier version: Slurm has opened it.
        None => {
            if let Some(status) = outputs(&session) {
                return Ok(status);
            }
        }
    }
    // Said where the job's output goes, which the session has just opened.
    if let Some(fault) = no_task {
        return Err(cannot(fault));
    }
    if !is_racer {
        provide(&copy, body)?;
    }
    let words = [program.clone().into_os_string()]
        .into_iter()
        .chain(argument.map(OsString::from))
        .chain([copy.into_os_string()])
        .chain(arguments.iter().cloned());
    if let Some(wanted) = &spec.import {
        // Believed only where the script says so too, to the byte.
        if Import::of_script(body).as_ref() != Some(wanted) || spec.container {
            return Err(cannot("the script is not the one that imports an image"));
        }
        return import::run(wanted, session, words.collect(), started);
    }
    launch::start(Start {
        session,
        program,
        arguments: words.collect(),
        environment: spool::unpack(started),
        brokered: !spec.container,
        sealed: None,
    })
}

/// Makes the session's scratch, and the script in it.
fn provide(copy: &Path, body: &[u8]) -> Result<(), Error> {
    launch::make_scratch(copy.parent().unwrap_or(Path::new("/")))?;
    write_body(copy, body).map_err(|source| Error::File {
        path: copy.to_owned(),
        source,
    })
}

/// Writes the body where its interpreter reads it.
fn write_body(path: &Path, body: &[u8]) -> io::Result<()> {
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o500)
        .open(path)?;
    file.write_all(body)
}

/// Runs one task of a step.
fn task(rest: &[OsString], started: &[Pair]) -> Result<u8, Error> {
    let [hash, dashes, arguments @ ..] = rest else {
        return Err(cannot("there is no task"));
    };
    let facts = spool::unpack_facts(started);
    if dashes != "--" || *hash != *spool::sha256(&facts) {
        return Err(cannot(
            "the facts for the guard are not those that were written for it",
        ));
    }
    let facts = String::from_utf8(facts).map_err(cannot)?;
    let spec = Spec::parse(&facts).map_err(cannot)?;
    let run_directory = spec.run.as_ref().map(|run| run.directory.clone());
    let session = session(&spec, false, run_directory)?;
    if let Some(status) = outputs(&session) {
        return Ok(status);
    }
    if let Some(each) = &spec.outputs
        && let Err(reason) = output::take(each, &session, output::Of::Task)
    {
        ui::say(&format!("hlrp-sh: {reason}"));
        return Ok(code::DENIED);
    }
    let environment = spool::unpack(started);
    let Some(program) = arguments.first().and_then(|name| find(name, &environment)) else {
        let name = arguments
            .first()
            .map(|name| name.to_string_lossy().into_owned());
        ui::say(&format!(
            "slurmstepd: error: execve(): {}: No such file or directory",
            name.unwrap_or_default()
        ));
        // As slurmstepd has it.
        return Ok(2);
    };
    launch::make_scratch(&session.places.scratch)?;
    launch::start(Start {
        session,
        program,
        arguments: arguments.to_vec(),
        environment,
        brokered: !spec.container,
        sealed: None,
    })
}

/// Finds a program along the task's own PATH, as srun does.
fn find(name: &OsStr, environment: &[Pair]) -> Option<PathBuf> {
    use std::os::unix::fs::PermissionsExt;
    let path = Path::new(name);
    if path.components().count() > 1 {
        return path.exists().then(|| path.to_owned());
    }
    let runs = |path: &PathBuf| {
        path.metadata()
            .is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
    };
    let searched = environment.iter().find(|(name, _)| name == "PATH");
    let searched =
        searched.map_or_else(|| OsString::from("/usr/bin:/bin"), |(_, path)| path.clone());
    std::env::split_paths(&searched)
        .map(|directory| directory.join(name))
        .find(runs)
}

/// Opens the session that the facts describe.
fn session(spec: &Spec, asks: bool, run_directory: Option<PathBuf>) -> Result<Session, Error> {
    let around = Surroundings::of_job(&spec.user, spec.container, asks)?;
    let handed = Handed {
        origin: spec.origin.clone(),
        home: spec.home.clone(),
        roots: spec.roots.clone(),
        layers: spec.layers(),
        config: spec.config.clone(),
        state: spec.state.clone(),
        contained: spec.container,
        run_directory,
        is_batch: asks,
    };
    let mut session = Session::in_job(&around, handed)?;
    if session.context.class != HostClass::Compute {
        let facts = session.context.evidence.join("; ");
        ui::say(&format!(
            "hlrp-sh: this does not look like a job, so the law of a {} holds: {facts}",
            session.context.class.as_str()
        ));
    }
    launch::trace::begin(&session.places.state);
    session.context.guard = Some(launch::level());
    Ok(session)
}

/// Slurm opened the job's output by name: where a link led it astray since, nothing is written there.
fn outputs(session: &Session) -> Option<u8> {
    let refused = [1, 2].into_iter().find_map(|number| {
        let path = sys::spawn::regular_file_at(number)?;
        let action = Action::Write {
            target: Target::Path(PathFacts {
                path: path.clone(),
                presence: Presence::File,
                born: None,
            }),
            how: WriteHow::Append,
        };
        let scene = Scene {
            context: &session.context,
            stage: Stage::Kernel,
            actor: None,
        };
        let verdict = session.policy.judge(&action, &scene);
        (!verdict.is_allowed()).then_some((number, path, verdict))
    });
    let (number, path, verdict) = refused?;
    // The other one may be the file that must not be written.
    if number != 2 && sys::spawn::regular_file_at(2).is_none_or(|other| other != path) {
        ui::say(&format!(
            "hlrp-sh: the job's output is {}: {} ({})",
            path.display(),
            verdict.because,
            verdict.rule
        ));
    }
    Some(code::DENIED)
}
