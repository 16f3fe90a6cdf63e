//! What this program does for the same program on another machine; nobody types it.

mod submit;

use clap::Subcommand;

use crate::error::{Error, code};
use crate::remote::Hello;
use crate::remote::submission::Token;
use crate::ui;

/// Serve the same program on another machine, which calls this by itself
#[derive(clap::Args, Debug)]
#[command(hide = true)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Say what this program speaks
    Hello,
    /// Submit once for one token, or say what came of it
    Submit {
        /// The submission's name
        token: Token,
        /// So many bytes of its output are there already
        out: u64,
        /// So many of its errors
        err: u64,
        /// What is submitted
        #[arg(last = true, required = true)]
        words: Vec<String>,
    },
    /// Do what a token stands for, whoever goes
    Keep {
        /// The submission's name
        token: Token,
        /// What is submitted
        #[arg(last = true, required = true)]
        words: Vec<String>,
    },
}

pub(super) fn run(args: &Args) -> Result<u8, Error> {
    match &args.command {
        Command::Hello => {
            ui::json(&Hello::own())?;
            Ok(code::DONE)
        }
        Command::Submit {
            token,
            out,
            err,
            words,
        } => submit::run(token, [*out, *err], words),
        Command::Keep { token, words } => submit::keep(token, words),
    }
}
