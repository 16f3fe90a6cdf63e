//! Trains an experiment on this machine, guarded: `submit` with nothing of Slurm in it.

use std::path::PathBuf;

use super::submit;
use crate::error::{Error, code};
use crate::ui;

/// What runs an experiment on this machine.
const HERE: &str = "local_dev";

/// Train an experiment on this machine, guarded
///
/// Composes `config/` with the overrides and runs the experiment here, in a run directory of
/// its own, with the row in `hlrp-sh results` that every run has. A login node refuses it, and
/// says how to submit it instead. A run that was cut off goes on where its checkpoints are:
/// `hlrp-sh submit --resume RUN/manifest.json`.
///
///   hlrp-sh train experiment=stage1_native data.path=$HOME/data/metaworld
///   hlrp-sh submit experiment=stage1_native data.path=/dss/me/metaworld cluster=lrz_x100
#[derive(clap::Args, Debug)]
#[command(verbatim_doc_comment)]
pub(super) struct Args {
    /// Overrides as Hydra reads them: `experiment=NAME key=value +new=1 ~gone`
    #[arg(value_name = "OVERRIDE", allow_hyphen_values = false, required = true)]
    overrides: Vec<String>,
    /// Print what would run and stop: nothing is made, nobody is asked
    #[arg(long)]
    dry_run: bool,
    /// The configuration directory, in place of the `config/` above this directory
    #[arg(long, value_name = "DIR")]
    config_dir: Option<PathBuf>,
    /// The primary configuration
    #[arg(long, value_name = "NAME", default_value = "config")]
    config_name: String,
}

pub(super) fn run(args: &Args, json: bool) -> Result<u8, Error> {
    let mut overrides = args.overrides.clone();
    let given = submit::overrides(&overrides);
    if given.gives("cluster") && !overrides.iter().any(|one| one == "cluster=local_dev") {
        ui::say("hlrp-sh: `train` trains here; `hlrp-sh submit` is for clusters");
        return Ok(code::USAGE);
    }
    if !given.gives("cluster") {
        overrides.push(format!("cluster={HERE}"));
    }
    let config = (args.config_dir.clone(), args.config_name.clone());
    submit::run(&submit::Args::with(overrides, args.dry_run, config), json)
}
