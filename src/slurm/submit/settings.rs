//! Everything submission needs to know, read once out of a composed configuration.
//!
//! INVARIANT: no default lives here: what a tree does not say is looked up below
//! `submit.unsaid`, and is a problem or nothing where that does not say it either.

use std::path::{Path, PathBuf};

use super::limit;
use super::problem::{Problem, Subject, keep};
use super::value::Value;
use super::word::printable;

/// Looks up a key of the composed configuration, resolved.
pub type Select<'a> = dyn Fn(&str) -> Result<Value, String> + 'a;

/// What one point of a submission asks for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings {
    /// `experiment.name`.
    pub experiment: String,
    /// `experiment.description`.
    pub description: Option<String>,
    /// `submit.script`: an entry point below `scripts/`, without `.py`.
    pub script: Option<String>,
    /// `submit.command`: the words that start the training in place of `python scripts/…`.
    pub command: Vec<String>,
    /// `submit.torchrun`.
    pub torchrun: bool,
    /// `submit.torchrun_args`: on one node.
    pub torchrun_args: Vec<String>,
    /// `submit.dry_run`.
    pub dry_run: bool,
    /// `logging.root_dir`, absolute.
    pub root_dir: PathBuf,
    /// `logging.runs_dir`, absolute.
    pub runs_dir: Option<PathBuf>,
    /// `submit.cache_dir`, absolute.
    pub cache_dir: PathBuf,
    /// `submit.pre_commands`.
    pub pre_commands: Vec<String>,
    /// `submit.extra_mounts`, absolute.
    pub extra_mounts: Vec<PathBuf>,
    /// `submit.install_editables`, absolute: installed in the job before it trains.
    pub installs: Vec<PathBuf>,
    /// `environment.conda_env`: where a local run happens.
    pub conda: Option<String>,
    /// `submit.environment`: variables set where there are GPUs.
    pub environment: Vec<(String, String)>,
    /// `submit.caches`: variables, and the directories below the cache that they name.
    pub caches: Vec<(String, String)>,
    /// `submit.array.min_points`: points that make a job array.
    pub array_min: Option<u64>,
    /// `submit.array.max_parallel`: tasks of an array that run at once.
    pub array_limit: Option<u64>,
    /// `submit.git.diff_limit_kb`.
    pub diff_limit: Option<u64>,
    /// `submit.job_name_prefix`.
    pub prefix: String,
    /// `cluster.name`.
    pub cluster: Option<String>,
    /// `cluster.slurm.enabled`.
    pub slurm: bool,
    /// `cluster.slurm.partition`.
    pub partition: Option<String>,
    /// `cluster.slurm.qos`.
    pub qos: Option<String>,
    /// `cluster.slurm.account`.
    pub account: Option<String>,
    /// `cluster.compute.num_nodes`.
    pub nodes: Option<u64>,
    /// `cluster.compute.tasks_per_node`.
    pub tasks: Option<u64>,
    /// `cluster.compute.gpus_per_node`.
    pub gpus: u64,
    /// `cluster.compute.cpus_per_task`.
    pub cpus: Option<u64>,
    /// `cluster.compute.mem_gb`, as Slurm gets it.
    pub memory: Option<String>,
    /// `cluster.compute.time_limit`, as Slurm gets it.
    pub time: Option<String>,
    /// `cluster.container.enabled`.
    pub container: bool,
    /// `cluster.container.image`.
    pub image: Option<String>,
    /// `cluster.container.python_bin`.
    pub python: String,
    /// Checkpoints the training reads.
    pub checkpoints: Vec<Checkpoint>,
    /// `sweep.params`.
    pub sweep: Value,
}

/// A checkpoint the training reads.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Checkpoint {
    /// The key that names it.
    pub key: String,
    /// Where it is.
    pub path: PathBuf,
    /// Whether the key gives the whole path, so that a container must see it.
    pub is_absolute: bool,
}

/// Keys that name a checkpoint the training reads.
const CHECKPOINTS: [&str; 8] = [
    "model.laq.checkpoint",
    "training.resume_from_checkpoint",
    "training.load_weights_from",
    "model.stage1.checkpoint",
    "lerobot.policy.lam_checkpoint_path",
    "lerobot.policy.stage2_artifact",
    "lerobot.resume_from",
    "lerobot_eval.policy_path",
];

/// Where it is said what a preset gets that does not say so itself.
const UNSAID: [(&str, &str); 5] = [
    ("cluster.compute.num_nodes", "submit.unsaid.num_nodes"),
    (
        "cluster.compute.tasks_per_node",
        "submit.unsaid.tasks_per_node",
    ),
    (
        "cluster.compute.gpus_per_node",
        "submit.unsaid.gpus_per_node",
    ),
    ("cluster.compute.time_limit", "submit.unsaid.time_limit"),
    ("cluster.container.python_bin", "submit.unsaid.python_bin"),
];

/// Returns whether a shell takes it as the name of a variable.
fn is_variable(name: &str) -> bool {
    let mut chars = name.chars();
    chars
        .next()
        .is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && chars.all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// Endings of files that are surely checkpoints, and no names on a hub.
const FILES: [&str; 5] = [".ckpt", ".pt", ".pth", ".safetensors", ".bin"];

impl Settings {
    /// Reads them all; whatever is wrong is added to the problems.
    pub fn read(
        select: &Select<'_>,
        project: &Path,
        home: &Path,
        found: &mut Vec<Problem>,
    ) -> Self {
        let mut reader = Reader { select, found };
        let root_dir = reader
            .text("logging.root_dir")
            .map_or_else(|| project.to_owned(), |root| tidy(&project.join(root)));
        let below_root = |path: String| tidy(&root_dir.join(path));
        let runs_dir = reader.text("logging.runs_dir").map(below_root);
        let cache_dir = below_root(reader.text("submit.cache_dir").unwrap_or_default());
        let below_project = |path: String| match path.strip_prefix("~/") {
            Some(rest) => home.join(rest),
            None => tidy(&project.join(path)),
        };
        let paths = |list: Vec<String>| list.into_iter().map(below_project).collect();
        let slurm = reader.flag("cluster.slurm.enabled").unwrap_or(false);
        let limits = reader.limits();
        Self {
            experiment: reader.text("experiment.name").unwrap_or_default(),
            description: reader.text("experiment.description"),
            script: reader.text("submit.script"),
            command: reader.list("submit.command"),
            torchrun: reader.flag("submit.torchrun").unwrap_or(false),
            torchrun_args: reader.list("submit.torchrun_args"),
            dry_run: reader.flag("submit.dry_run").unwrap_or(false),
            runs_dir,
            cache_dir,
            pre_commands: reader.commands("submit.pre_commands"),
            extra_mounts: paths(reader.commands("submit.extra_mounts")),
            installs: paths(reader.commands("submit.install_editables")),
            conda: reader.conda(),
            environment: reader.pairs("submit.environment"),
            caches: reader.pairs("submit.caches"),
            array_min: reader.count("submit.array.min_points"),
            array_limit: reader.positive("submit.array.max_parallel"),
            diff_limit: reader.count("submit.git.diff_limit_kb"),
            prefix: reader.text("submit.job_name_prefix").unwrap_or_default(),
            cluster: reader.text("cluster.name"),
            slurm,
            partition: reader.text("cluster.slurm.partition"),
            qos: reader.text("cluster.slurm.qos"),
            account: reader.text("cluster.slurm.account"),
            nodes: reader.positive("cluster.compute.num_nodes"),
            tasks: reader.positive("cluster.compute.tasks_per_node"),
            gpus: reader.count("cluster.compute.gpus_per_node").unwrap_or(0),
            cpus: reader.positive("cluster.compute.cpus_per_task"),
            memory: limits.0,
            time: limits.1,
            container: reader.flag("cluster.container.enabled").unwrap_or(true),
            image: reader.text("cluster.container.image"),
            python: reader
                .text("cluster.container.python_bin")
                .unwrap_or_default(),
            checkpoints: reader.checkpoints(project),
            sweep: reader.value("sweep.params"),
            root_dir,
        }
    }
}

/// Returns a path without `.` and doubled slashes, as Python's `pathlib` writes it.
pub(crate) fn tidy(path: &Path) -> PathBuf {
    path.components().collect()
}

struct Reader<'a> {
    select: &'a Select<'a>,
    found: &'a mut Vec<Problem>,
}

impl Reader<'_> {
    /// Looks a key up; what a preset does not say stands below `submit.unsaid`.
    fn value(&mut self, key: &str) -> Value {
        let value = self.look(key);
        let unsaid = UNSAID.iter().find(|(said, _)| *said == key);
        match unsaid {
            Some((_, unsaid)) if value.is_null() => self.look(unsaid),
            _ => value,
        }
    }

    fn look(&mut self, key: &str) -> Value {
        match (self.select)(key) {
            Ok(value) => value,
            Err(reason) => {
                let what = format!("`{key}` cannot be read: {reason}");
                self.wrong(key, what, "see it with `hlrp-sh compose`");
                Value::Null
            }
        }
    }

    fn wrong(&mut self, key: &str, what: String, instead: &str) {
        let problem = Problem::config(Subject::Key(key.to_owned()), what, instead);
        self.found.push(problem);
    }

    /// Reads a scalar on one line. Empty text counts as nothing, as it does for Python.
    fn text(&mut self, key: &str) -> Option<String> {
        let value = self.value(key);
        let text = value.text();
        if text.is_none() && !value.is_null() {
            self.wrong(
                key,
                format!("`{key}` is {}, and must be a single value", value.kind()),
                "write one value",
            );
        }
        let text = text.filter(|text| !text.is_empty())?;
        keep(printable(key, &text), self.found)?;
        Some(text)
    }

    fn flag(&mut self, key: &str) -> Option<bool> {
        match self.value(key) {
            Value::Null => None,
            Value::Bool(value) => Some(value),
            other => {
                let what = format!("`{key}` is {}, and must be true or false", other.kind());
                self.wrong(key, what, "write true or false");
                None
            }
        }
    }

    fn count(&mut self, key: &str) -> Option<u64> {
        let value = self.value(key);
        let number = match &value {
            Value::Null => return None,
            Value::Int(number) => u64::try_from(*number).ok(),
            Value::Float(number) if number.fract() == 0.0 && *number >= 0.0 => Some(*number as u64),
            Value::Text(text) => text.trim().parse().ok(),
            _ => None,
        };
        if number.is_none() {
            let shown = value.text().unwrap_or_else(|| value.kind().to_owned());
            let what = format!("`{key}` is {shown}, and must be a whole number, not negative");
            self.wrong(key, what, "write a whole number");
        }
        number
    }

    fn positive(&mut self, key: &str) -> Option<u64> {
        let number = self.count(key)?;
        if number == 0 {
            let what = format!("`{key}` is 0");
            self.wrong(key, what, "write 1 or more, or leave it out");
            return None;
        }
        Some(number)
    }

    fn limits(&mut self) -> (Option<String>, Option<String>) {
        let (memory, time) = ("cluster.compute.mem_gb", "cluster.compute.time_limit");
        let value = self.value(memory);
        let memory = keep(limit::memory(memory, &value), self.found).flatten();
        let value = self.value(time);
        let time = keep(limit::time(time, &value), self.found).flatten();
        (memory, time)
    }

    /// Reads one command or several; lines may be broken, nothing else that controls.
    fn commands(&mut self, key: &str) -> Vec<String> {
        let items = match self.value(key) {
            Value::Null => return Vec::new(),
            Value::List(items) => items,
            single => vec![single],
        };
        let mut commands = Vec::new();
        for (index, item) in items.iter().enumerate() {
            let Value::Text(text) = item else {
                if !item.is_null() {
                    let what = format!("`{key}[{index}]` is {}, and must be text", item.kind());
                    self.wrong(
                        key,
                        what,
                        "write text, in quotes where YAML would read a number",
                    );
                }
                continue;
            };
            let visible = text.replace(['\n', '\t'], " ");
            if keep(printable(key, &visible), self.found).is_some() && !text.trim().is_empty() {
                commands.push(text.trim().to_owned());
            }
        }
        commands
    }

    fn list(&mut self, key: &str) -> Vec<String> {
        match self.value(key) {
            Value::Null => Vec::new(),
            Value::List(items) => items.iter().filter_map(Value::text).collect(),
            other => {
                let what = format!("`{key}` is {}, and must be a list of words", other.kind());
                self.wrong(
                    key,
                    what,
                    "write one word an entry: `[python, -m, my.training]`",
                );
                Vec::new()
            }
        }
    }

    fn pairs(&mut self, key: &str) -> Vec<(String, String)> {
        let entries = match self.value(key) {
            Value::Null => return Vec::new(),
            Value::Map(entries) => entries,
            other => {
                let what = format!("`{key}` is {}, and must be a mapping", other.kind());
                self.wrong(key, what, "write one `NAME: value` a line");
                return Vec::new();
            }
        };
        let mut pairs = Vec::new();
        for (name, value) in entries {
            let Some(text) = value.text() else { continue };
            if !is_variable(&name) {
                let what = format!("`{name}` is no name of a variable");
                self.wrong(key, what, "use letters, digits and `_`");
            } else if keep(printable(key, &text), self.found).is_some() {
                pairs.push((name, text));
            }
        }
        pairs
    }

    /// Finds the conda environment: the one the tree names, else by training program.
    fn conda(&mut self) -> Option<String> {
        if let Some(name) = self.text("environment.conda_env") {
            return Some(name);
        }
        let is_said = matches!((self.select)("environment"), Ok(Value::Map(_)));
        if is_said {
            return None;
        }
        let script = self.text("submit.script")?;
        let known = self.pairs_of_any("submit.unsaid.conda_envs");
        let found = known.into_iter().find(|(name, _)| *name == script);
        found.map(|(_, environment)| environment)
    }

    fn pairs_of_any(&mut self, key: &str) -> Vec<(String, String)> {
        match self.look(key) {
            Value::Map(entries) => entries
                .into_iter()
                .filter_map(|(name, value)| Some((name, value.text()?)))
                .collect(),
            _ => Vec::new(),
        }
    }

    /// Finds the checkpoints that are files; what may be a name on a hub is left alone.
    fn checkpoints(&mut self, project: &Path) -> Vec<Checkpoint> {
        let mut checkpoints: Vec<Checkpoint> = Vec::new();
        for key in CHECKPOINTS {
            let Ok(Value::Text(text)) = (self.select)(key) else {
                continue;
            };
            let path = Path::new(&text);
            let is_file = path.is_absolute() || FILES.iter().any(|ending| text.ends_with(ending));
            let is_remote = text.contains("://");
            if text.is_empty()
                || !is_file
                || is_remote
                || keep(printable(key, &text), self.found).is_none()
            {
                continue;
            }
            let found = Checkpoint {
                key: key.to_owned(),
                path: tidy(&project.join(path)),
                is_absolute: path.is_absolute(),
            };
            if !checkpoints.iter().any(|known| known.path == found.path) {
                checkpoints.push(found);
            }
        }
        checkpoints
    }
}
