//! The batch script of a job: directives, environment, what runs first, the training.
//!
//! INVARIANT: no secret is ever in the text: tokens are read in the job, at run time. What
//! came from the configuration is quoted or refused.

use std::path::{Path, PathBuf};

use super::install;
use super::job::{Host, Job};
use super::mounts;
use super::problem::{Problem, keep};
use super::word::{directive, double_quoted, exec, printable, shell};

/// A script, and the files it needs beside it.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Script {
    /// The batch script.
    pub text: String,
    /// What each node of several runs.
    pub node: Option<String>,
}

/// Which points a script serves.
#[derive(Clone, Copy, Debug)]
pub enum Serves<'a> {
    /// One: its arguments stand in the script.
    One,
    /// The tasks of an array: their arguments stand in the points' directories, which the
    /// file `points` beside the script lists.
    Array {
        /// Where the script and the logs are.
        group: &'a Path,
        /// The name in the queue.
        name: &'a str,
        /// Which array of the group: 1, 2, …
        number: usize,
    },
    /// One, as one job of a race: another may serve it in another cluster.
    Race {
        /// The cluster's configuration.
        cluster: &'a str,
    },
}

impl Serves<'_> {
    /// Returns the name of a file that belongs to the script: `points`, `points-2`.
    pub fn file(&self, stem: &str, ending: &str) -> String {
        match self {
            Self::Array { number, .. } if *number > 1 => format!("{stem}-{number}{ending}"),
            Self::One | Self::Array { .. } => format!("{stem}{ending}"),
            Self::Race { cluster } => format!("{stem}-{cluster}{ending}"),
        }
    }
}

/// Renders the script of a job, or says everything that stands against it.
pub fn render(job: &Job, host: &Host, serves: Serves<'_>) -> Result<Script, Vec<Problem>> {
    let mut problems = Vec::new();
    let is_spread = job.nodes() > 1;
    let place = match serves {
        Serves::One | Serves::Race { .. } => &*job.directory,
        Serves::Array { group, .. } => group,
    };
    let mut text = header(job, host, serves, &mut problems);
    text.push_str(BANNER);
    let node = if is_spread {
        let options = container(job, host, &mut problems);
        let options = options
            .iter()
            .map(|(name, value)| format!("--{name}={}", shell(value)));
        let options: Vec<String> = options.collect();
        text.push_str(&pick(serves, &job.directory));
        text.push_str(&spread(
            job,
            &options.join(" "),
            &place.join(serves.file("node", ".sh")),
            serves,
        ));
        let body = body(job, host, "\"$@\"", &mut problems);
        Some(format!("#!/bin/bash\nset -euo pipefail\n\n{body}"))
    } else {
        let arguments = match serves {
            Serves::One | Serves::Race { .. } => quoted(&job.arguments),
            Serves::Array { .. } => "\"${arguments[@]}\"".to_owned(),
        };
        text.push_str(&pick(serves, &job.directory));
        text.push_str(&body(job, host, &arguments, &mut problems));
        None
    };
    for argument in &job.arguments {
        keep(printable("override", argument), &mut problems);
    }
    if problems.is_empty() {
        Ok(Script { text, node })
    } else {
        Err(problems)
    }
}

fn quoted(words: &[String]) -> String {
    let words: Vec<String> = words.iter().map(|word| shell(word)).collect();
    words.join(" ")
}

const BANNER: &str = "\
set -euo pipefail

echo \"========================================\"
echo \"Job ID: $SLURM_JOB_ID\"
echo \"Node: $SLURM_NODELIST\"
echo \"Partition: $SLURM_JOB_PARTITION\"
echo \"Start time: $(date)\"
echo \"Working directory: $(pwd)\"
echo \"========================================\"

";

/// Writes the directives. What is not asked for leaves its line empty.
fn header(job: &Job, host: &Host, serves: Serves<'_>, problems: &mut Vec<Problem>) -> String {
    let settings = &job.settings;
    let (name, logs) = match serves {
        Serves::One => (&*job.name, log_pattern(&job.directory, "%j")),
        Serves::Array { group, name, .. } => (name, log_pattern(group, "%A_%a")),
        // One log for the run, whichever job has it.
        Serves::Race { .. } => (&*job.name, log_pattern(&job.directory, "run")),
    };
    let mut line = |option: &str, key: &str, value: Option<&str>| {
        let value = keep(directive(key, value?), problems)?;
        Some(format!("#SBATCH --{option}={value}"))
    };
    let counted = |count: u64| (count > 0).then(|| format!("gpu:{count}"));
    let number = |count: Option<u64>| count.map(|count| count.to_string());
    let mut lines = vec![
        line("job-name", "experiment.name", Some(name)),
        line(
            "partition",
            "cluster.slurm.partition",
            settings.partition.as_deref(),
        ),
        line("qos", "cluster.slurm.qos", settings.qos.as_deref()),
        line(
            "account",
            "cluster.slurm.account",
            settings.account.as_deref(),
        ),
        line(
            "gres",
            "cluster.compute.gpus_per_node",
            counted(settings.gpus).as_deref(),
        ),
        line(
            "cpus-per-task",
            "cluster.compute.cpus_per_task",
            number(settings.cpus).as_deref(),
        ),
        line("mem", "cluster.compute.mem_gb", settings.memory.as_deref()),
    ];
    if settings.nodes.is_some() {
        let nodes = number(settings.nodes);
        lines.push(line("nodes", "cluster.compute.num_nodes", nodes.as_deref()));
        lines.push(line(
            "ntasks-per-node",
            "cluster.compute.num_nodes",
            Some("1"),
        ));
    }
    let key = "logging.runs_dir";
    lines.push(line(
        "time",
        "cluster.compute.time_limit",
        settings.time.as_deref(),
    ));
    lines.push(line("output", key, Some(&format!("{logs}.out"))));
    lines.push(line("error", key, Some(&format!("{logs}.err"))));
    if !settings.container {
        let project = host.project.to_string_lossy();
        lines.push(line("chdir", "project", Some(&project)));
    }
    let mut text = String::from("#!/bin/bash\n");
    for line in lines {
        text.push_str(&line.unwrap_or_default());
        text.push('\n');
    }
    if job.nodes() == 1 {
        for (option, value) in container(job, host, problems) {
            let value = keep(directive(option, &value), problems).unwrap_or_default();
            text.push_str(&format!("#SBATCH --{option}={value}\n"));
        }
    }
    text.push('\n');
    text
}

/// Returns where a job's output goes; a percent sign of the path itself stays one.
fn log_pattern(directory: &Path, name: &str) -> String {
    format!("{}/{name}", directory.to_string_lossy().replace('%', "%%"))
}

/// Returns the container's options, none where there is no container.
fn container(job: &Job, host: &Host, problems: &mut Vec<Problem>) -> Vec<(&'static str, String)> {
    let settings = &job.settings;
    let Some(image) = settings.image.as_ref().filter(|_| settings.container) else {
        return Vec::new();
    };
    let mounts = keep(mounts::value(&mounts::mounts(job, host)), problems);
    vec![
        ("container-image", image.clone()),
        ("container-mounts", mounts.unwrap_or_default()),
        ("container-workdir", host.project.display().to_string()),
    ]
}

/// Takes the arguments of an array's task from its directory.
fn pick(serves: Serves<'_>, directory: &Path) -> String {
    let Serves::Array { group, .. } = serves else {
        return String::new();
    };
    let runs = directory.parent().unwrap_or(directory).to_string_lossy();
    format!(
        "# The task's own run directory, and the arguments that lie there.\n\
         mapfile -t points < {}\n\
         run_dir={}/\"${{points[$SLURM_ARRAY_TASK_ID]}}\"\n\
         mapfile -d '' -t arguments < \"$run_dir/arguments\"\n\
         echo \"Run directory: $run_dir\"\n\n",
        shell(&group.join(serves.file("points", "")).to_string_lossy()),
        shell(&runs),
    )
}

/// Starts the same on every node, with a place where they find one another.
fn spread(job: &Job, options: &str, node: &Path, serves: Serves<'_>) -> String {
    let arguments = match serves {
        Serves::One | Serves::Race { .. } => quoted(&job.arguments),
        Serves::Array { .. } => "\"${arguments[@]}\"".to_owned(),
    };
    let options = if options.is_empty() {
        String::new()
    } else {
        format!("{options} ")
    };
    format!(
        "# Where the nodes find one another: the first of them, a port of this job's own.\n\
         mapfile -t nodes < <(scontrol show hostnames \"$SLURM_JOB_NODELIST\")\n\
         export HLRP_RENDEZVOUS=\"${{nodes[0]}}:$((20000 + SLURM_JOB_ID % 20000))\"\n\n\
         exec srun --nodes={} --ntasks-per-node=1 {options}bash {} {arguments}\n",
        job.nodes(),
        shell(&node.to_string_lossy()),
    )
}

/// Writes everything behind the banner.
fn body(job: &Job, host: &Host, arguments: &str, problems: &mut Vec<Problem>) -> String {
    let mut text = environment(job, host, problems);
    text.push_str(&format!("\t{}\n", hugging_face(&host.tokens)));
    text.push_str(match job.settings.gpus {
        0 => "echo \"CPU-only job (no GPUs requested)\"\n\n",
        _ => {
            "# What is in this node.\nnvidia-smi || echo \"nvidia-smi cannot be run here\" >&2\n\n"
        }
    });
    text.push('\n');
    text.push_str(&before(job));
    text.push_str("\n# Run training. It takes this shell's place, so that Slurm's signals reach it: it may save before it ends.\n");
    let start = start(job);
    text.push_str(&format!("{} {start} {arguments}\n", exec(&start)));
    text
}

/// Sets what the training finds in its environment.
fn environment(job: &Job, host: &Host, problems: &mut Vec<Problem>) -> String {
    let cache = &job.settings.cache_dir;
    let below = |name: &str| double_quoted(&cache.join(name).to_string_lossy());
    for path in [cache, &host.project, &host.home] {
        keep(printable("path", &path.to_string_lossy()), problems);
    }
    let mut text = String::from("# Environment setup\n");
    let packages = host.project.join("packages");
    let packages = shell(&packages.to_string_lossy());
    text.push_str(&format!("export PYTHONPATH={packages}:${{PYTHONPATH:-}}\n"));
    if job.settings.gpus > 0 {
        for (name, value) in &job.settings.environment {
            text.push_str(&format!("export {name}={}\n", shell(value)));
        }
    }
    text.push_str("\n\n# Logins stay in the real home; whatever is large goes to the cache.\n");
    let caches = &job.settings.caches;
    let directories: Vec<String> = caches.iter().map(|(_, name)| below(name)).collect();
    if !directories.is_empty() {
        text.push_str(&format!("mkdir -p {}\n", directories.join(" ")));
    }
    let home = double_quoted(&host.home.to_string_lossy());
    text.push_str(&format!("export HOME={home}\n"));
    text.push_str("export HF_HOME=\"$HOME/.cache/huggingface\"\n");
    for (variable, name) in caches {
        text.push_str(&format!("export {variable}={}\n", below(name)));
    }
    text.push_str(
        "# Temporary files on the node where it has a place for them, one directory a task. The guard has made this one,\n\
         # or a fresh one where the name was taken, and named it already.\n\
         if [ -z \"${HLRP_SESSION:-}\" ]; then\n\
         \x20 export TMPDIR=\"${SLURM_TMPDIR:-/tmp}/hlrp-${SLURM_JOB_ID}-${SLURM_LOCALID:-0}\"\n\
         \x20 mkdir -p \"$TMPDIR\"\n\
         fi\n\n",
    );
    text
}

/// Reads the Hugging Face token in the job, from where it lies; never writes it.
fn hugging_face(tokens: &[PathBuf]) -> String {
    let mut text = String::from(
        "# Hugging Face login for gated models; the token is read here, and stands nowhere else.\n",
    );
    for path in tokens {
        let path = double_quoted(&path.to_string_lossy());
        text.push_str(&format!(
            "if [ -z \"${{HF_TOKEN:-}}\" ] && [ -f {path} ]; then\n  export HF_TOKEN=\"$(< {path})\"\nfi\n"
        ));
    }
    if tokens.is_empty() {
        text.push_str(
            "if [ -z \"${HF_TOKEN:-}\" ] && [ -z \"${HUGGINGFACE_HUB_TOKEN:-}\" ]; then\n  \
             echo \"no Hugging Face token was found; gated models cannot be had: huggingface-cli login, or export HF_TOKEN\" >&2\nfi\n",
        );
    } else {
        text.push_str(
            "if [ -z \"${HUGGINGFACE_HUB_TOKEN:-}\" ] && [ -n \"${HF_TOKEN:-}\" ]; then\n  \
             export HUGGINGFACE_HUB_TOKEN=\"$HF_TOKEN\"\nfi\n",
        );
    }
    text
}

/// Writes what runs before the training: installs, then the configured commands.
fn before(job: &Job) -> String {
    let mut text = install::block(&job.settings.python, &job.settings.installs);
    let commands = &job.settings.pre_commands;
    if commands.is_empty() {
        return text;
    }
    text.push_str("# Commands that the configuration wants to run first.\n");
    for (number, command) in commands.iter().enumerate() {
        let shown = format!("[pre_command {}/{}] {command}", number + 1, commands.len());
        text.push_str(&format!("echo {}\n{command}\n", shell(&shown)));
    }
    text
}

/// Returns the words that start the training, under torchrun where several processes are to.
fn start(job: &Job) -> String {
    let settings = &job.settings;
    let entry = job.entry();
    let is_launched = settings.torchrun && (settings.gpus > 1 || job.nodes() > 1);
    if !is_launched || !settings.command.is_empty() {
        return quoted(&entry);
    }
    let processes = settings.gpus.max(1);
    let torchrun = Path::new(&settings.python).with_file_name("torchrun");
    let mut words = vec![shell(&torchrun.to_string_lossy())];
    if job.nodes() > 1 {
        words.push(format!("--nnodes={}", job.nodes()));
        words.push(format!("--nproc_per_node={processes}"));
        words.push("--rdzv_id=\"$SLURM_JOB_ID\"".into());
        words.push("--rdzv_backend=c10d".into());
        words.push("--rdzv_endpoint=\"$HLRP_RENDEZVOUS\"".into());
    } else {
        words.extend(settings.torchrun_args.iter().map(|word| shell(word)));
        words.push(format!("--nproc_per_node={processes}"));
    }
    words.extend(entry.iter().skip(1).map(|word| shell(word)));
    words.join(" ")
}
