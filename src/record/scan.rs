//! Finds the runs: what their manifests, and where there is none their directories, say.
//!
//! INVARIANT: what is broken or foreign stops nothing; a directory is one row, however
//! many manifests speak of it.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::config::{self, Settings};
use super::{Kind, Run, State, metrics};
use crate::slurm::submit::manifest::{self, Entry, Manifest, Progress};
use crate::sys::regular;

/// Directories of runs that get manifests of their own when typed twice, at most.
const MANIFESTS: u32 = 1000;
/// What imports of images are called in their manifests; they measure nothing.
const IMPORT: &str = "image_import";

/// What is larger than this was written by no submission.
pub const LONGEST: u64 = 16 << 20;

/// All runs of some places.
#[derive(Clone, Debug, Default)]
pub struct Record {
    /// The runs, the oldest first.
    pub runs: Vec<Run>,
}

impl Record {
    /// Reads the runs below directories that hold run directories. A place that is not there has none.
    ///
    /// # Errors
    ///
    /// Where the defaults that the program carries are none.
    pub fn read(places: &[PathBuf]) -> Result<Self, String> {
        let settings = Settings::defaults()?;
        let mut runs = list(places);
        each(&mut runs, |run| fill(run, &settings));
        Ok(Self { runs })
    }

    /// Returns what a name means: a run, its directory, its job; or the only run that it begins or ends.
    ///
    /// # Errors
    ///
    /// Where it means none, or several.
    pub fn find(&self, name: &str) -> Result<&Run, String> {
        let plain = name.trim_end_matches('/');
        let last = plain.rsplit('/').next().unwrap_or(plain);
        let exact = |run: &&Run| run.name == last || run.jobs.iter().any(|job| job == plain);
        let found: Vec<&Run> = self.runs.iter().filter(exact).collect();
        let found = match found.is_empty() {
            true => self
                .runs
                .iter()
                .filter(|run| run.name.contains(plain))
                .collect(),
            false => found,
        };
        match found.as_slice() {
            [one] => Ok(one),
            [] => Err(format!("no run is called `{name}`")),
            [first, second, ..] => Err(format!(
                "`{name}` may mean {} runs, `{}` and `{}` among them",
                found.len(),
                first.name,
                second.name
            )),
        }
    }
}

/// What a directory among the runs is.
enum Found {
    Manifests(Vec<Manifest>),
    Bare,
    Broken(String),
    Foreign,
}

fn list(places: &[PathBuf]) -> Vec<Run> {
    let mut all: Vec<(PathBuf, Found)> = places
        .iter()
        .flat_map(|place| directories(place))
        .map(|directory| (directory, Found::Foreign))
        .collect();
    each(&mut all, |(directory, found)| *found = look(directory));
    let mut runs: Vec<Run> = Vec::new();
    let mut by_directory: HashMap<PathBuf, usize> = HashMap::new();
    for (directory, found) in &all {
        let Found::Manifests(manifests) = found else {
            continue;
        };
        for run in manifests.iter().flat_map(|one| rows(one, directory)) {
            match by_directory.get(&run.directory) {
                Some(at) => {
                    if let Some(earlier) = runs.get_mut(*at) {
                        *earlier = run;
                    }
                }
                None => {
                    by_directory.insert(run.directory.clone(), runs.len());
                    runs.push(run);
                }
            }
        }
    }
    let known: HashSet<PathBuf> = by_directory.into_keys().collect();
    for (directory, found) in all {
        match found {
            Found::Bare if !known.contains(&directory) => {
                let fault = "no manifest speaks of it".to_owned();
                runs.push(Run::bare(directory, fault));
            }
            Found::Broken(fault) => runs.push(Run::bare(directory, fault)),
            Found::Bare | Found::Manifests(_) | Found::Foreign => {}
        }
    }
    // The names begin with the moment; points of a sweep stay in its order.
    runs.sort_by(|one, other| (&one.started, &one.group).cmp(&(&other.started, &other.group)));
    runs
}

fn directories(place: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(place).into_iter().flatten().flatten();
    let real = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
    let mut found: Vec<PathBuf> = real.map(|entry| entry.path()).collect();
    found.sort();
    found
}

fn look(directory: &Path) -> Found {
    let mut manifests = Vec::new();
    match Manifest::load(&directory.join(manifest::NAME)) {
        Ok(manifest) => manifests.push(manifest),
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => {
            let is_run = ["config.yaml", "overrides.txt"]
                .iter()
                .any(|name| directory.join(name).is_file());
            return if is_run { Found::Bare } else { Found::Foreign };
        }
        Err(fault) => return Found::Broken(format!("{}: {fault}", manifest::NAME)),
    }
    for number in 2..MANIFESTS {
        match Manifest::load(&directory.join(format!("manifest-{number}.json"))) {
            Ok(manifest) => manifests.push(manifest),
            Err(_) => break,
        }
    }
    manifests.retain(|manifest| manifest.experiment != IMPORT);
    Found::Manifests(manifests)
}

/// Returns the runs of a manifest, which lies in this directory.
fn rows(manifest: &Manifest, group: &Path) -> Vec<Run> {
    let is_sweep = manifest.points.len() > 1
        || manifest
            .points
            .iter()
            .any(|point| !point.overrides.is_empty());
    let is_dirty = is_dirty(group);
    let calls = calls(manifest);
    let points = manifest.points.iter().enumerate();
    let row = |(index, point): (usize, &manifest::Point)| {
        let directory = present(&point.directory, group);
        let key = |text: &str| {
            let key = text.split('=').next().unwrap_or_default();
            key.trim_start_matches('+').to_owned()
        };
        let own: HashSet<String> = point.overrides.iter().map(|one| key(one)).collect();
        let typed = manifest
            .overrides
            .iter()
            .filter(|one| !own.contains(&key(one)));
        let mut run = Run {
            experiment: manifest.experiment.clone(),
            group: file_name(group),
            kind: match (manifest.race.is_empty(), is_sweep) {
                (false, _) => Kind::Race,
                (true, true) => Kind::Point,
                (true, false) => Kind::Job,
            },
            clusters: manifest.race.clone(),
            overrides: typed.chain(&point.overrides).cloned().collect(),
            commit: manifest.commit.clone(),
            is_dirty,
            started: manifest.created.clone(),
            ..Run::bare(directory, String::new())
        };
        run.faults.clear();
        let local = manifest
            .runs
            .iter()
            .find(|run| run.directory == point.directory);
        match (local, calls.get(&index)) {
            (Some(local), _) => run.is_local(local, is_sweep),
            (None, Some(queued)) => run.is_queued(queued),
            (None, None) => run.state = State::Unqueued,
        }
        if !run.directory.is_dir() {
            run.faults.push("its run directory is not there".to_owned());
        }
        run
    };
    points.map(row).collect()
}

/// Returns the calls of sbatch that queue a point (a race has several), and as which task.
fn calls(manifest: &Manifest) -> HashMap<usize, Vec<(&Entry, Option<usize>)>> {
    let mut calls: HashMap<usize, Vec<_>> = HashMap::new();
    for entry in &manifest.jobs {
        for (task, point) in entry.points.iter().enumerate() {
            let call = (entry, entry.is_array().then_some(task));
            calls.entry(*point).or_default().push(call);
        }
    }
    calls
}

/// Returns where a run directory is: as written, or beside its manifest where all was moved or copied.
fn present(written: &Path, group: &Path) -> PathBuf {
    if written.is_dir() {
        return written.to_owned();
    }
    let name = written.file_name().unwrap_or_default();
    let own = group.file_name().is_some_and(|own| own == name);
    let moved = if own {
        group.to_owned()
    } else {
        group.with_file_name(name)
    };
    if moved.is_dir() {
        moved
    } else {
        written.to_owned()
    }
}

/// The first line of `git.txt` is the commit; what follows is what differs from it.
fn is_dirty(group: &Path) -> bool {
    regular::read(&group.join("git.txt"), LONGEST).is_ok_and(|text| {
        let mut rest = text.lines().skip(1);
        rest.any(|line| !line.starts_with('#') && !line.trim().is_empty())
    })
}

fn file_name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

impl Run {
    /// Returns the row of a directory of which nothing else is known.
    fn bare(directory: PathBuf, fault: String) -> Self {
        let name = file_name(&directory);
        Self {
            group: name.clone(),
            started: name.chars().take("2026-01-31_12-00-00".len()).collect(),
            name,
            directory,
            kind: Kind::Unknown,
            clusters: Vec::new(),
            experiment: String::new(),
            config: None,
            overrides: Vec::new(),
            commit: None,
            is_dirty: false,
            place: String::new(),
            jobs: Vec::new(),
            state: State::Unknown,
            said: None,
            elapsed: None,
            metrics: Default::default(),
            faults: vec![fault],
        }
    }

    fn is_local(&mut self, local: &manifest::Run, is_sweep: bool) {
        "local".clone_into(&mut self.place);
        self.kind = if is_sweep { Kind::Point } else { Kind::Local };
        self.elapsed = local.seconds;
        self.said = local.status.map(|status| format!("exit {status}"));
        self.state = match (local.is_begun, local.status) {
            (_, Some(0)) => State::Done,
            (_, Some(_)) => State::Failed,
            // It runs, or was cut off: nobody saw it end.
            (true, None) => State::Unknown,
            (false, None) => State::Unqueued,
        };
    }

    /// Takes over what became of its calls of sbatch: one that was queued counts before one that was not.
    fn is_queued(&mut self, calls: &[(&Entry, Option<usize>)]) {
        let rank = |(entry, _): &&(&Entry, Option<usize>)| match entry.state {
            Progress::Queued { .. } => 0,
            Progress::Refused { .. } => 1,
            Progress::Intended => 2,
        };
        let Some((first, _)) = calls.iter().min_by_key(rank) else {
            return;
        };
        (self.state, self.said) = match &first.state {
            Progress::Intended => (State::Unqueued, None),
            Progress::Queued { .. } => (State::Unknown, None),
            Progress::Refused { reason } => (State::Refused, Some(reason.clone())),
        };
        for (entry, task) in calls {
            let id = |job: &str| match task {
                Some(task) => format!("{job}_{task}"),
                None => job.to_owned(),
            };
            let earlier = entry.earlier.iter().rev().map(String::as_str);
            let jobs = entry.job().into_iter().chain(earlier);
            self.jobs.extend(jobs.map(id));
        }
    }
}

/// Reads what a run was told and what it measured.
fn fill(run: &mut Run, defaults: &Settings) {
    let config = regular::read(&run.directory.join("config.yaml"), LONGEST);
    let mut settings = defaults.clone();
    match config {
        Ok(config) => {
            let directory = run.directory.to_string_lossy();
            run.config = Some(config::hash(&config, &directory, &run.started));
            if run.place.is_empty() && run.clusters.is_empty() {
                run.place = config::value(&config, "cluster", "name").unwrap_or_default();
            }
            if run.experiment.is_empty() {
                run.experiment = config::value(&config, "experiment", "name").unwrap_or_default();
            }
            match settings.with(&config) {
                Ok(own) => settings = own,
                Err(fault) => run.faults.push(format!("config.yaml: {fault}")),
            }
        }
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => {}
        Err(fault) => run.faults.push(format!("config.yaml: {fault}")),
    }
    let found = metrics::read(&run.directory, &logs(run), &settings);
    run.metrics = found.values;
    run.faults.extend(found.fault);
}

/// Returns the logs of an array's task, which lie in the directory of its sweep.
fn logs(run: &Run) -> Vec<PathBuf> {
    let group = run.directory.with_file_name(&run.group);
    let names = run.jobs.iter().filter(|job| job.contains('_'));
    names.map(|job| group.join(format!("{job}.out"))).collect()
}

/// Does something with each of many, on all cores.
fn each<T: Send>(all: &mut [T], work: impl Fn(&mut T) + Sync) {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let share = all.len().div_ceil(cores).max(64);
    std::thread::scope(|scope| {
        for part in all.chunks_mut(share) {
            scope.spawn(|| part.iter_mut().for_each(&work));
        }
    });
}
