//! Everything submission needs to know, read once out of a composed configuration.
//!
//! INVARIANT: no default lives here: what a tree does not say is looked up below
//! `submit.unsaid`, and is a problem or nothing where that does not say it either.

use std::path::{Path, PathBuf};

use super::problem::Problem;
use super::reader::Reader;
use super::value::Value;

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
