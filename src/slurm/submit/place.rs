//! Where a point goes: its run directory, its name in the queue, and what stands against
//! making a script of it at all.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::job::{Job, Overrides, Place};
use super::plan::{Request, run_directory};
use super::problem::{Problem, Subject, keep};
use super::settings::Settings;
use super::word::printable;

impl Job {
    pub(crate) fn place(
        request: &Request,
        settings: Settings,
        point: Vec<String>,
        suffix: String,
        is_sweep: bool,
    ) -> Self {
        let mut directory = run_directory(request, &settings);
        let mut name = format!("{}{}", settings.prefix, settings.experiment);
        if is_sweep {
            let own = directory.file_name().unwrap_or_default().to_string_lossy();
            directory = directory.with_file_name(format!("{own}_{suffix}"));
            name.push_str(&format!("_{suffix}"));
        }
        Self {
            suffix,
            point,
            arguments: Vec::new(),
            name,
            directory,
            settings,
        }
    }

    /// Takes a directory that no other point has.
    pub(crate) fn alone(mut self, taken: &mut BTreeSet<PathBuf>) -> Self {
        let own = self
            .directory
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let mut number = 1_u64;
        while !taken.insert(self.directory.clone()) {
            number += 1;
            self.directory.set_file_name(format!("{own}_{number}"));
        }
        self
    }

    pub(crate) fn with_arguments(
        mut self,
        overrides: &Overrides,
        fixed: &[String],
        is_sweep: bool,
    ) -> Self {
        let place = Place {
            directory: &self.directory,
            is_sweep,
            is_local: !self.settings.slurm,
        };
        self.arguments = overrides.arguments(fixed, &self.point, place);
        self
    }

    /// Returns what no script can be made of.
    pub(crate) fn faults(&self) -> Vec<Problem> {
        let settings = &self.settings;
        let mut found = Vec::new();
        let key = || Subject::Key("experiment.name".to_owned());
        if settings.experiment.is_empty() {
            found.push(Problem::config(
                key(),
                "the experiment has no name",
                "set `experiment.name`",
            ));
        }
        if settings.experiment.contains('/') {
            let what = format!(
                "the experiment's name `{}` holds a `/`",
                settings.experiment
            );
            found.push(Problem::config(
                key(),
                what,
                "write `-` in its place: it names a job and a directory",
            ));
        }
        keep(
            printable("logging.runs_dir", &self.directory.to_string_lossy()),
            &mut found,
        );
        for argument in &self.arguments {
            keep(printable("override", argument), &mut found);
        }
        if settings.command.is_empty() && settings.script.is_none() {
            found.push(Problem::config(
                Subject::Key("submit.script".to_owned()),
                "nothing is said about what to run",
                "set `submit.script` to a name below `scripts/`, or `submit.command` to a list of words",
            ));
        }
        let is_launched = settings.torchrun || !settings.command.is_empty();
        if self.nodes() > 1 && !is_launched {
            found.push(Problem::config(
                Subject::Key("cluster.compute.num_nodes".to_owned()),
                format!(
                    "{} nodes are asked for, and nothing starts the training on all of them",
                    self.nodes()
                ),
                "set submit.torchrun=true, or cluster.compute.num_nodes=1",
            ));
        }
        found
    }
}
