//! Runs without Slurm: the conda environment, and the script that runs a point in it.

use std::path::{Path, PathBuf};

use super::install;
use super::job::{Host, Job};
use super::problem::{Problem, Subject};
use super::word::{double_quoted, exec, shell};

/// The name of the script, in the run directory.
pub const FILE: &str = "local.sh";

/// A conda environment.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Conda {
    /// Its name.
    pub name: String,
    /// Its directory.
    pub prefix: PathBuf,
    /// Scripts that activating it runs.
    pub hooks: Vec<PathBuf>,
}

impl Conda {
    /// Finds an environment by name, where conda and its kin keep them.
    ///
    /// # Errors
    ///
    /// Where there is no conda, or no such environment.
    pub fn find(
        name: &str,
        home: &Path,
        variable: &dyn Fn(&str) -> Option<PathBuf>,
    ) -> Result<Self, Problem> {
        let roots = roots(home, variable);
        let kept = roots
            .iter()
            .map(|root| root.join("envs"))
            .chain([home.join(".conda/envs")]);
        let listed = variable("CONDA_ENVS_PATH")
            .into_iter()
            .flat_map(|list| std::env::split_paths(&list).collect::<Vec<_>>());
        let mut places: Vec<PathBuf> = listed.chain(kept).map(|place| place.join(name)).collect();
        if name == "base" {
            places.extend(roots.iter().cloned());
        }
        if let Some(place) = places
            .iter()
            .find(|place| place.join("bin/python").exists())
        {
            return Ok(Self {
                name: name.to_owned(),
                prefix: place.clone(),
                hooks: hooks(place),
            });
        }
        let key = || Subject::Key("environment.conda_env".to_owned());
        if roots.is_empty() {
            return Err(Problem::missing(
                key(),
                format!("the run wants the conda environment `{name}`, and there is no conda here"),
                "install miniforge, or set environment.conda_env=null to run with the python on PATH",
            ));
        }
        Err(Problem::missing(
            key(),
            format!("there is no conda environment `{name}`"),
            format!(
                "conda create -n {name} python=3.12, or name another with environment.conda_env=NAME"
            ),
        ))
    }
}

/// Returns the names of the conda environments that are here.
pub fn environments(home: &Path, variable: &dyn Fn(&str) -> Option<PathBuf>) -> Vec<String> {
    let roots = roots(home, variable);
    let places = roots.iter().map(|root| root.join("envs"));
    let listed = variable("CONDA_ENVS_PATH")
        .into_iter()
        .flat_map(|list| std::env::split_paths(&list).collect::<Vec<_>>());
    let mut names: Vec<String> = places
        .chain([home.join(".conda/envs")])
        .chain(listed)
        .filter_map(|place| place.read_dir().ok())
        .flat_map(|entries| entries.flatten())
        .filter(|entry| entry.path().join("bin/python").exists())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    if roots.iter().any(|root| root.join("bin/python").exists()) {
        names.push("base".to_owned());
    }
    names.sort();
    names.dedup();
    names
}

/// Returns the installations of conda that are here.
fn roots(home: &Path, variable: &dyn Fn(&str) -> Option<PathBuf>) -> Vec<PathBuf> {
    let program = variable("CONDA_EXE").or_else(|| {
        let path = variable("PATH")?;
        std::env::split_paths(&path)
            .flat_map(|directory| ["conda", "mamba", "micromamba"].map(|name| directory.join(name)))
            .find(|path| path.is_file())
    });
    let above = |program: PathBuf| {
        let program = program.canonicalize().unwrap_or(program);
        program.parent()?.parent().map(Path::to_owned)
    };
    let named = [program.and_then(above), variable("MAMBA_ROOT_PREFIX")];
    let usual = [
        "miniforge3",
        "mambaforge",
        "miniconda3",
        "anaconda3",
        "micromamba",
    ];
    let usual = usual
        .map(|name| home.join(name))
        .into_iter()
        .filter(|path| path.is_dir());
    let mut found: Vec<PathBuf> = Vec::new();
    for root in named.into_iter().flatten().chain(usual) {
        if !found.contains(&root) {
            found.push(root);
        }
    }
    found
}

fn hooks(prefix: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(prefix.join("etc/conda/activate.d"));
    let paths = entries
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path());
    let mut hooks: Vec<PathBuf> = paths
        .filter(|path| path.extension().is_some_and(|one| one == "sh"))
        .collect();
    hooks.sort();
    hooks
}

/// Returns the words that start a training here: the environment's own Python.
pub fn entry(job: &Job) -> Vec<String> {
    let mut entry = job.entry();
    if job.settings.command.is_empty()
        && let Some(python) = entry.first_mut()
    {
        *python = "python".to_owned();
    }
    entry
}

/// Renders the script of a point.
pub fn render(job: &Job, host: &Host, conda: Option<&Conda>) -> String {
    let mut text = format!(
        "#!/bin/bash\ncd {}\n",
        shell(&host.project.to_string_lossy())
    );
    if let Some(conda) = conda {
        let prefix = double_quoted(&conda.prefix.to_string_lossy());
        text.push_str(&format!(
            "export CONDA_PREFIX={prefix}\nexport CONDA_DEFAULT_ENV={}\nexport PATH=\"$CONDA_PREFIX/bin:$PATH\"\n",
            shell(&conda.name)
        ));
        for hook in &conda.hooks {
            text.push_str(&format!("source {}\n", shell(&hook.to_string_lossy())));
        }
    }
    text.push_str("set -euo pipefail\n\n");
    let packages = host.project.join("packages");
    text.push_str(&format!(
        "export PYTHONPATH={}:${{PYTHONPATH:-}}\n",
        shell(&packages.to_string_lossy())
    ));
    for (variable, name) in &job.settings.caches {
        let path = job.settings.cache_dir.join(name);
        text.push_str(&format!(
            "export {variable}={}\n",
            double_quoted(&path.to_string_lossy())
        ));
    }
    text.push('\n');
    text.push_str(&install::block("python", &job.settings.installs));
    for command in &job.settings.pre_commands {
        text.push_str(&format!("{command}\n"));
    }
    let words = [entry(job), job.arguments.clone()].concat();
    let words: Vec<String> = words.iter().map(|word| shell(word)).collect();
    // In this shell's place, so that whoever ends the run tells the training.
    let words = words.join(" ");
    text.push_str(&format!("{} {words}\n", exec(&words)));
    text
}
