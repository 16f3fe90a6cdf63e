//! One point of a submission, as it will be queued: its name, its place, its arguments.

use std::path::{Path, PathBuf};

use super::settings::Settings;
use super::typed::{Typed, key_of};

/// Where the submission happens, as far as a script depends on it.
#[derive(Clone, Debug, Default)]
pub struct Host {
    /// The project: the directory above `config/`.
    pub project: PathBuf,
    /// The home directory, resolved.
    pub home: PathBuf,
    /// Files that hold a Hugging Face token, the first counts.
    pub tokens: Vec<PathBuf>,
    /// What may be written; a container sees each whole.
    pub roots: Vec<PathBuf>,
    /// This program, which a container must see too.
    pub program: Option<PathBuf>,
}

/// One point, placed.
#[derive(Clone, Debug, Default)]
pub struct Job {
    /// What distinguishes it in its sweep; empty where nothing is swept.
    pub suffix: String,
    /// The overrides of the sweep alone.
    pub point: Vec<String>,
    /// What the training program is called with, after its entry point.
    pub arguments: Vec<String>,
    /// The name in the queue.
    pub name: String,
    /// Its run directory.
    pub directory: PathBuf,
    /// What it asks for.
    pub settings: Settings,
}

impl Job {
    /// Returns the words that start the training, without its arguments.
    pub fn entry(&self) -> Vec<String> {
        let settings = &self.settings;
        if !settings.command.is_empty() {
            return settings.command.clone();
        }
        let script = settings.script.as_deref().unwrap_or_default();
        vec![settings.python.clone(), format!("scripts/{script}.py")]
    }

    /// Returns how many nodes it runs on.
    pub fn nodes(&self) -> u64 {
        self.settings.nodes.unwrap_or(1)
    }
}

/// The overrides of a submission: what was typed, and what a point adds.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    typed: Vec<Typed>,
    as_ever: bool,
}

impl Overrides {
    /// Reads what was typed. `as_ever`: recognise the appended keys only where they are
    /// written without a prefix, as the reference's program does.
    pub fn new(raw: &[String], as_ever: bool) -> Self {
        Self {
            typed: raw.iter().map(|text| Typed::new(text)).collect(),
            as_ever,
        }
    }

    /// Returns what is composed.
    pub fn composed(&self) -> impl Iterator<Item = &Typed> {
        self.typed.iter()
    }

    /// Returns whether a key is given by what was typed.
    pub fn gives(&self, key: &str) -> bool {
        let is_given = |one: &&Typed| match self.as_ever {
            true => one.as_str().starts_with(&format!("{key}=")),
            false => !one.is_deletion() && one.key() == key,
        };
        self.typed.iter().any(|one| is_given(&one))
    }

    /// Returns the arguments of one point: what was typed (but what concerns submission
    /// alone), what the sweep adds, and where the run is to keep its files.
    ///
    /// `fixed`: what was typed, with the sweeps on the command line taken out.
    pub fn arguments(&self, fixed: &[String], point: &[String], place: Place<'_>) -> Vec<String> {
        let is_for_the_job = |text: &&String| !ONLY_HERE.contains(&key_of(text));
        let mut all: Vec<String> = fixed.iter().filter(is_for_the_job).cloned().collect();
        all.extend(point.iter().cloned());
        let directory = place.directory.display().to_string();
        let typed = Typed::new(&format!("={directory}"));
        let directory = typed.value().unwrap_or(&directory);
        let appended = [
            ("logging.runs_dir", directory),
            ("hydra.run.dir", directory),
            ("hydra.sweep.dir", directory),
            ("hydra.sweep.subdir", "."),
        ];
        // A local run is no sweep of Hydra's.
        let count = if place.is_local { 2 } else { 4 };
        for (key, value) in appended.into_iter().take(count) {
            // Each point of a sweep keeps its files in its own directory, whatever was typed.
            let is_own = place.is_sweep && key == "logging.runs_dir" && !self.as_ever;
            if is_own || !self.gives(key) {
                all.push(format!("{key}={value}"));
            }
        }
        all
    }
}

/// Where a point keeps its files, and as what it runs.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// Its run directory.
    pub directory: &'a Path,
    /// Whether it is one of several.
    pub is_sweep: bool,
    /// Whether it runs here, without Slurm.
    pub is_local: bool,
}

/// Overrides that concern submission alone.
const ONLY_HERE: [&str; 1] = ["submit.dry_run"];

#[cfg(test)]
mod tests {
    use super::*;

    fn owned(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    fn place(directory: &str, is_sweep: bool) -> Place<'_> {
        Place {
            directory: Path::new(directory),
            is_sweep,
            is_local: false,
        }
    }

    fn arguments(typed: &[&str], point: &[&str], as_ever: bool) -> Vec<String> {
        let typed = owned(typed);
        let overrides = Overrides::new(&typed, as_ever);
        overrides.arguments(&typed, &owned(point), place("/r/x", !point.is_empty()))
    }

    #[test]
    fn four_are_appended_and_dry_run_is_not_forwarded() {
        assert_eq!(
            arguments(&["experiment=a", "submit.dry_run=true"], &["seed=1"], false),
            [
                "experiment=a",
                "seed=1",
                "logging.runs_dir=/r/x",
                "hydra.run.dir=/r/x",
                "hydra.sweep.dir=/r/x",
                "hydra.sweep.subdir=."
            ]
        );
    }

    #[test]
    fn a_prefixed_override_counts_as_given() {
        let typed = ["++logging.runs_dir=/a", "+hydra.run.dir=/b"];
        let found = arguments(&typed, &[], false);
        assert!(
            !found.contains(&"logging.runs_dir=/r/x".to_owned()),
            "{found:?}"
        );
        assert!(
            !found.contains(&"hydra.run.dir=/r/x".to_owned()),
            "{found:?}"
        );
        let as_ever = arguments(&typed, &[], true);
        assert!(as_ever.contains(&"logging.runs_dir=/r/x".to_owned()));
    }

    #[test]
    fn a_directory_with_an_equals_sign_is_quoted() {
        let overrides = Overrides::default();
        let found = overrides.arguments(&[], &[], place("/r/a=1", false));
        assert_eq!(found.first().unwrap(), "logging.runs_dir=\"/r/a=1\"");
    }
}
