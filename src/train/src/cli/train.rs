//! `hlrp-train train`: stage 1, from the composed configuration.

use std::path::PathBuf;

use hlrp_sh::error::code;
use hlrp_sh::ui;

use crate::run::asked::Asked;
use crate::run::lam::{self, Ended, Told};
use crate::run::settings::{PRIMARY, Settings};

/// The arguments of `train`.
#[derive(Debug, clap::Args)]
pub(super) struct Train {
    /// Hydra-style overrides, e.g. `experiment=stage1_native training.max_steps=600`
    #[arg(value_name = "OVERRIDE", allow_hyphen_values = false)]
    overrides: Vec<String>,
    /// The configuration directory, in place of the `config/` above this directory
    #[arg(long, value_name = "DIR")]
    config_dir: Option<PathBuf>,
    /// The primary configuration
    #[arg(long, value_name = "NAME", default_value = PRIMARY)]
    config_name: String,
}

impl Train {
    /// Runs it and returns the exit status.
    pub(super) fn run(self) -> u8 {
        let config = self.config_dir.as_deref();
        let settings = match Settings::compose(&self.overrides, config, &self.config_name) {
            Ok(settings) => settings,
            Err(fault) => {
                ui::error(&fault);
                return fault.code();
            }
        };
        let asked = match Asked::listen() {
            Ok(asked) => asked,
            Err(fault) => {
                ui::error(&fault);
                return code::SOFTWARE;
            }
        };
        match lam::train(&settings, &asked, &mut Told::new()) {
            Ok(Ended::Whole) => code::DONE,
            Ok(Ended::Asked(signal)) => {
                ui::say("asked to end: saved; started again it goes on from here.");
                Asked::status(signal)
            }
            Err(fault) => {
                ui::error(&fault);
                fault.code()
            }
        }
    }
}
