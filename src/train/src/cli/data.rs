//! `hlrp-train data`: looks at data sets, and changes none.

use std::path::PathBuf;

use hlrp_sh::error::code;
use hlrp_sh::ui;

use crate::data::Caches;
use crate::data::inspect::{Look, Report};

/// What is done with a data set.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Check a LeRobot v3.0 data set and say what is in it
    ///
    /// Reads every row, opens every file of pictures, and decodes one picture of each camera. What is wrong is said
    /// with file and row (exit 78), and nothing is written then.
    Inspect(Inspect),
}

/// The arguments of `data inspect`.
#[derive(Debug, clap::Args)]
pub(super) struct Inspect {
    /// The data set's directory, or ORG/NAME in Hugging Face's caches
    path: String,
    /// The revision, where it is in the hub's cache
    #[arg(long, default_value = "main")]
    revision: String,
    /// One JSON object instead of text
    #[arg(long)]
    json: bool,
    /// Write a contact sheet: a row of frames for each episode, at most 16 of them
    #[arg(long, value_name = "FILE.png")]
    sheet: Option<PathBuf>,
    /// The camera of the sheet, by its key (default: the first)
    #[arg(long, value_name = "KEY")]
    camera: Option<String>,
    /// Say more of one episode, and show it alone on the sheet
    #[arg(long, value_name = "N")]
    episode: Option<usize>,
}

impl Command {
    /// Runs it and returns the exit status.
    pub(super) fn run(self) -> u8 {
        match self {
            Self::Inspect(inspect) => inspect.run(),
        }
    }
}

impl Inspect {
    fn run(self) -> u8 {
        let look = Look {
            name: self.path,
            revision: self.revision,
            episode: self.episode,
            camera: self.camera,
            sheet: self.sheet,
        };
        let report = match Report::of(&look, &Caches::from_environment()) {
            Ok(report) => report,
            Err(fault) => {
                ui::error(&fault);
                return fault.code();
            }
        };
        let told = match self.json {
            true => ui::json(&report),
            false => ui::text(&report.text()),
        };
        match told {
            Ok(()) => code::DONE,
            Err(fault) => {
                ui::error(&fault);
                fault.code()
            }
        }
    }
}
