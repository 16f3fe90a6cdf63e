//! Submission: what is rendered, what is refused, what is remembered. Trees are made here.

mod faults;
mod folders;
mod install;
mod queueing;
mod render;
mod shell;
mod state;

use std::fs;
use std::path::{Path, PathBuf};

use hlrp_sh::compose::composition::{Environment, Request as Asked};
use hlrp_sh::compose::overrides;
use hlrp_sh::compose::tree::Tree;
use hlrp_sh::slurm::submit::defaults::Defaults;
use hlrp_sh::slurm::submit::plan::Refusal;
use hlrp_sh::slurm::submit::{Composed, Composer, Host, Plan, Problem, Request, Value};
use tempfile::TempDir;

/// A project with a configuration, and somewhere to keep runs.
pub struct World {
    root: TempDir,
    pub as_ever: bool,
    pub tokens: Vec<PathBuf>,
}

const CONFIG: &str = "\
defaults:
  - _self_
  - experiment: one
  - override hydra/hydra_logging: disabled
  - override hydra/job_logging: none
seed: 42
lr: 0.1
data: [1, 2]
note: null
logging:
  root_dir: .
  runs_dir: ${logging.root_dir}/runs/${now:%Y-%m-%d_%H-%M-%S}_${experiment.name}
submit:
  script: 2_train
  torchrun: false
  dry_run: false
  cache_dir: cache
  pre_commands: []
sweep: {params: null}
";

const ONE: &str = "\
# @package _global_
defaults:
  - /cluster@cluster: gpu
experiment:
  name: one
  description: a test
";

const GPU: &str = "\
name: gpu
compute: {num_nodes: 1, gpus_per_node: 1, time_limit: '15:00:00'}
slurm: {enabled: true, partition: gpu-a, qos: null, account: null}
container: {image: /images/one.sqsh, python_bin: /opt/venv/bin/python}
";

const CPU: &str = "\
name: cpu
compute: {num_nodes: 1, gpus_per_node: 0, cpus_per_task: 16, mem_gb: 128, time_limit: '08:00:00'}
slurm: {enabled: true, partition: cpu-a, qos: cpu, account: lab}
container: {image: /images/one.sqsh, python_bin: /opt/venv/bin/python}
";

const MANY: &str = "\
name: many
compute: {num_nodes: 4, gpus_per_node: 4, time_limit: '2-00:00:00'}
slurm: {enabled: true, partition: gpu-a, qos: mcml}
container: {image: /images/one.sqsh, python_bin: /opt/venv/bin/python}
";

impl World {
    pub fn new() -> Self {
        let world = Self {
            root: TempDir::new().unwrap(),
            as_ever: false,
            tokens: Vec::new(),
        };
        world.write("config/config.yaml", CONFIG);
        world.write("config/experiment/one.yaml", ONE);
        world.write("config/cluster/gpu.yaml", GPU);
        world.write("config/cluster/cpu.yaml", CPU);
        world.write("config/cluster/many.yaml", MANY);
        world.write(
            "config/cluster/here.yaml",
            "name: here\nslurm: {enabled: false}\n",
        );
        world.write("scripts/2_train.py", "");
        world
    }

    pub fn path(&self) -> PathBuf {
        self.root.path().canonicalize().unwrap()
    }

    pub fn write(&self, name: &str, text: &str) {
        let path = self.root.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub fn host(&self) -> Host {
        Host {
            project: self.path(),
            home: PathBuf::from("/home/me"),
            tokens: self.tokens.clone(),
            roots: vec!["/home/me".into()],
            program: None,
        }
    }

    pub fn request(&self, overrides: &[&str]) -> Request {
        Request {
            overrides: overrides.iter().map(|one| (*one).to_owned()).collect(),
            as_ever: self.as_ever,
            id: "20260131-120000-abcd".to_owned(),
            timestamp: "2026-01-31_12-00-00".to_owned(),
            max_points: 1000,
        }
    }

    pub fn plan(&self, overrides: &[&str]) -> Result<Plan, Vec<Problem>> {
        let tree = Tree::open(self.path().join("config")).unwrap();
        let defaults = Defaults::read().unwrap();
        let compose = |texts: &[String]| {
            let composition = tree.compose(&Asked {
                environment: Environment::default(),
                now: "2026-01-31T12:00:00".parse().unwrap(),
                ..Asked::new(texts)
            });
            let composition = composition.map_err(|fault| Refusal {
                what: fault.to_string(),
                instead: None,
            })?;
            let defaults = defaults.clone();
            let select = move |key: &str| match composition.select(key) {
                Ok(Some(value)) => Ok(Value::of(&value)),
                Ok(None) => Ok(defaults.get(key)),
                Err(fault) => Err(fault.to_string()),
            };
            Ok(Composed {
                select: Box::new(select),
            })
        };
        let expand = |text: &str| {
            let refused = |fault: overrides::Error| Refusal {
                what: fault.to_string(),
                instead: None,
            };
            let parsed = overrides::parse(text).map_err(refused)?;
            if !parsed.is_sweep() {
                return Ok(None);
            }
            let all = parsed
                .expand(10_000, |group| tree.options(group))
                .map_err(refused)?;
            let values = all
                .iter()
                .map(|one| one.split_once('=').unwrap().1.to_owned());
            Ok(Some(values.collect()))
        };
        let composer = Composer {
            compose: &compose,
            expand: &expand,
        };
        Plan::make(&self.request(overrides), &self.host(), &composer)
    }

    /// Returns the only script of a plan, with the project's own directory as `P`.
    pub fn script(&self, overrides: &[&str]) -> String {
        let plan = self.plan(overrides).unwrap();
        assert_eq!(plan.units.len(), 1, "one call of sbatch");
        self.plain(&plan.units[0].script.text)
    }

    pub fn plain(&self, text: &str) -> String {
        text.replace(&*self.path().to_string_lossy(), "P")
    }

    /// Returns what a submission is refused for.
    pub fn refused(&self, overrides: &[&str]) -> Vec<String> {
        let problems = self.plan(overrides).err().unwrap_or_default();
        problems.into_iter().map(|problem| problem.what).collect()
    }

    /// Returns the directives of the jobs, by option.
    pub fn directive(&self, overrides: &[&str], option: &str) -> Vec<String> {
        let plan = self.plan(overrides).unwrap();
        let prefix = format!("#SBATCH --{option}=");
        let found = |text: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(&prefix));
            line.unwrap_or_default().to_owned()
        };
        plan.units
            .iter()
            .map(|unit| self.plain(&found(&unit.script.text)))
            .collect()
    }
}

/// Returns every name below a directory, with what it holds.
pub fn everything(directory: &Path) -> Vec<(PathBuf, Option<Vec<u8>>)> {
    let mut all = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.push((path.clone(), None));
            all.extend(everything(&path));
        } else {
            all.push((path.clone(), Some(fs::read(&path).unwrap())));
        }
    }
    all.sort();
    all
}
