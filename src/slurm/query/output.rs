//! Where a job's output is: as the controller says, and for a job that it has forgotten as
//! the line it was submitted with, its script and Slurm's own rules say.

use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::Value;

use super::job::Job;
use super::pattern::{self, Facts};
use super::scontrol::Detail;
use crate::slurm::spool::Outputs;

/// The files that a job writes to, and the run that it belongs to.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
pub struct Output {
    /// Its output.
    pub stdout: Option<PathBuf>,
    /// Its errors; the same where it has no file of its own.
    pub stderr: Option<PathBuf>,
    /// What Slurm itself says of it, where that has a file of its own.
    pub log: Option<PathBuf>,
    /// Nobody said so; this is where Slurm puts it by itself.
    pub is_guess: bool,
    /// The run's directory, where there is one.
    pub run: Option<PathBuf>,
}

/// Where `manifest.json` lies there is a run.
const MANIFEST: &str = "manifest.json";
/// More of a script is not read; directives stand at its beginning.
const MOST: u64 = 256 << 10;

impl Output {
    /// Returns what the controller says. It fills patterns in itself, but for those with a width.
    pub fn of(detail: &Detail) -> Self {
        let job = &detail.job;
        let node = job.first_node();
        let facts = facts(job, &node);
        let fill = |path: &Option<String>| {
            let path = PathBuf::from(pattern::expand(path.as_deref()?, &facts));
            Some(path).filter(|path| path != Path::new("/dev/null"))
        };
        let log = fill(&detail.stdout);
        let asked = log.as_deref().and_then(Outputs::of_log);
        let asked = asked.map(|outputs| outputs.places(&facts));
        let (stdout, stderr, log) = split(asked, log, || fill(&detail.stderr));
        let mut near: Vec<PathBuf> = Vec::new();
        near.extend(detail.command.as_deref().and_then(parent));
        Self {
            stderr: stderr.or_else(|| stdout.clone()),
            stdout,
            log,
            is_guess: false,
            run: None,
        }
        .with_run(near, job)
    }

    /// Returns what can be said of a job that only accounting knows, with the line that it was submitted with.
    pub fn of_line(job: &Job, line: Option<&str>) -> Self {
        let Some(directory) = &job.directory else {
            return Self::default();
        };
        let words: Vec<&str> = line.unwrap_or_default().split_whitespace().collect();
        let script = script(&words, directory);
        let text = script.as_deref().and_then(beginning).unwrap_or_default();
        let directives = directives(&text);
        let directives: Vec<&str> = directives.iter().map(String::as_str).collect();
        let option = |long: &str, short: char| {
            value(&words, long, short).or_else(|| value(&directives, long, short))
        };
        let node = job.first_node();
        let facts = facts(job, &node);
        let place = |pattern: &str| pattern::place(directory, pattern, &facts);
        let given = option("--output", 'o').map(place);
        let stdout = match &given {
            Some(path) => path.clone(),
            None => place(pattern::default(job.id.is_of_array())),
        };
        let asked = Outputs::of_log(&stdout).map(|outputs| outputs.places(&facts));
        let (stdout, stderr, log) =
            split(asked, Some(stdout), || option("--error", 'e').map(place));
        let near = script.as_deref().and_then(Path::parent).map(Path::to_owned);
        Self {
            is_guess: given.is_none(),
            stderr: stderr.or_else(|| stdout.clone()),
            stdout,
            log,
            run: None,
        }
        .with_run(near.into_iter().collect(), job)
    }

    /// Looks for the run's directory: where the script, the output or the job's directory is.
    fn with_run(mut self, near: Vec<PathBuf>, job: &Job) -> Self {
        let output = self
            .stdout
            .as_deref()
            .and_then(Path::parent)
            .map(Path::to_owned);
        let above = output.as_deref().and_then(Path::parent).map(Path::to_owned);
        let places = near.into_iter().chain(output).chain(job.directory.clone());
        self.run = places
            .chain(above)
            .find(|place| place.join(MANIFEST).is_file());
        self
    }

    /// Returns the manifest's own words about a job, where the run has a manifest that speaks of it.
    pub fn entry(&self, job: &Job) -> Option<Value> {
        let path = self.run.as_ref()?.join(MANIFEST);
        let text = std::fs::read_to_string(path).ok()?;
        let mut best = None;
        // One object, or one a line.
        for value in serde_json::Deserializer::from_str(&text).into_iter::<Value>() {
            find(&value.ok()?, job, &mut best);
        }
        best
    }
}

/// Finds the object that names the job; of several the last, which is the newest.
fn find(value: &Value, job: &Job, best: &mut Option<Value>) {
    let names = |value: &Value| match value {
        // An array's tasks are queued by one call, under the array's number.
        Value::String(text) => {
            *text == job.id.to_string()
                || *text == job.number.to_string()
                || *text == job.id.number.to_string()
        }
        Value::Number(number) => number.as_u64() == Some(job.number),
        _ => false,
    };
    match value {
        Value::Object(fields) => {
            fields.values().for_each(|value| find(value, job, best));
            let is_named = |fields: &serde_json::Map<String, Value>| {
                let mut fields = fields.iter();
                fields.any(|(key, value)| key.contains("job") && names(value))
            };
            // The manifest of `submit` has the id in the state of each call of sbatch.
            let state = fields.get("state").and_then(Value::as_object);
            if is_named(fields) || state.is_some_and(is_named) {
                *best = Some(value.clone());
            }
        }
        Value::Array(values) => values.iter().for_each(|value| find(value, job, best)),
        _ => {}
    }
}

/// Output, errors and Slurm's own log: the file that Slurm writes to is the log where others were asked for.
fn split(
    asked: Option<(PathBuf, PathBuf)>,
    told: Option<PathBuf>,
    errors: impl FnOnce() -> Option<PathBuf>,
) -> (Option<PathBuf>, Option<PathBuf>, Option<PathBuf>) {
    let real = |path: PathBuf| Some(path).filter(|path| path != Path::new("/dev/null"));
    match asked {
        Some((stdout, stderr)) => (real(stdout), real(stderr), told),
        None => (told, errors(), None),
    }
}

fn facts<'a>(job: &'a Job, node: &'a str) -> Facts<'a> {
    Facts {
        job: job.number,
        array: job.id.number,
        task: job.id.task(),
        name: &job.name,
        user: &job.user,
        node,
        ..Facts::default()
    }
}

fn parent(path: &str) -> Option<PathBuf> {
    let path = Path::new(path);
    path.parent()
        .filter(|_| path.is_absolute())
        .map(Path::to_owned)
}

/// Returns the value of an option, the last one given: `-o X`, `-oX`, `--output=X`, `--output X`.
fn value<'w>(words: &[&'w str], long: &str, short: char) -> Option<&'w str> {
    let short = format!("-{short}");
    let mut found = None;
    let mut words = words.iter();
    while let Some(word) = words.next() {
        if *word == long || *word == short {
            found = words.next().copied().or(found);
        } else if let Some(value) = word
            .strip_prefix(long)
            .and_then(|rest| rest.strip_prefix('='))
        {
            found = Some(value);
        } else if let Some(value) = word.strip_prefix(short.as_str()) {
            found = Some(value);
        }
    }
    found
}

/// Returns the script of a line: the first word that is a file and no option's.
fn script(words: &[&str], directory: &Path) -> Option<PathBuf> {
    let candidates = words.iter().skip(1).filter(|word| !word.starts_with('-'));
    let mut paths = candidates.map(|word| directory.join(word));
    paths.find(|path| path.is_file())
}

fn beginning(path: &Path) -> Option<String> {
    use std::io::Read;
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).ok()?;
    file.take(MOST).read_to_end(&mut bytes).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// Returns the words of `#SBATCH` lines, which stand before the first command.
fn directives(text: &str) -> Vec<String> {
    let lines = text
        .lines()
        .take_while(|line| line.starts_with('#') || line.trim().is_empty());
    let lines = lines.filter_map(|line| line.strip_prefix("#SBATCH"));
    let unquoted = |word: &str| word.replace(['"', '\''], "");
    lines
        .flat_map(|line| line.split_whitespace().map(unquoted).collect::<Vec<_>>())
        .collect()
}
