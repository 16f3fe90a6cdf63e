//! The command line of `hlrp-train`: one file a subcommand, each with its arguments, its help and `run`.

#[cfg(feature = "torch")]
mod checkpoint;
mod data;
#[cfg(feature = "torch")]
mod train;

use std::ffi::OsString;

use clap::{Parser, Subcommand};
use hlrp_sh::error::code;

/// Native training for the pipeline that hlrp-sh dispatches
#[derive(Debug, Parser)]
#[command(name = "hlrp-train", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Look at data sets
    #[command(subcommand)]
    Data(data::Command),
    /// Train stage 1, the latent action model
    ///
    /// Composes `config/` with the overrides and trains in `logging.runs_dir`, from where it left off: a run that was
    /// killed or requeued goes on with its last checkpoint. SIGTERM and SIGUSR1 save and end with 0, Ctrl-C with 130.
    #[cfg(feature = "torch")]
    Train(train::Train),
    /// Measure a checkpoint on the episodes that are held out: one JSON object
    #[cfg(feature = "torch")]
    Eval(checkpoint::Eval),
    /// Write the latents of a data set: codes and vectors of every pair
    #[cfg(feature = "torch")]
    Encode(checkpoint::Encode),
    /// Write the weights of a checkpoint, as the Python pipeline reads them
    #[cfg(feature = "torch")]
    Export(checkpoint::Export),
}

/// Runs the program and returns its exit status.
pub fn main(arguments: Vec<OsString>) -> u8 {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(fault) => {
            let _ = fault.print();
            return u8::try_from(fault.exit_code()).unwrap_or(code::USAGE);
        }
    };
    match cli.command {
        Command::Data(command) => command.run(),
        #[cfg(feature = "torch")]
        Command::Train(train) => train.run(),
        #[cfg(feature = "torch")]
        Command::Eval(eval) => eval.run(),
        #[cfg(feature = "torch")]
        Command::Encode(encode) => encode.run(),
        #[cfg(feature = "torch")]
        Command::Export(export) => export.run(),
    }
}
