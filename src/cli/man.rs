//! Prints manual pages.

use clap::CommandFactory;

use super::Cli;
use crate::error::{Error, code};
use crate::ui;

/// Print a manual page
///
///   hlrp-sh man | man -l -
///   hlrp-sh man check > hlrp-sh-check.1
#[derive(clap::Args, Debug)]
#[command(verbatim_doc_comment)]
pub(super) struct Args {
    /// Of which subcommand; of the program itself where none is named
    command: Option<String>,
}

pub(super) fn run(args: &Args, json: bool) -> Result<u8, Error> {
    let mut command = Cli::command().disable_help_subcommand(true);
    command.build();
    let page = match &args.command {
        None => command,
        Some(name) => command
            .find_subcommand(name)
            .cloned()
            .ok_or_else(|| Error::Usage(format!("there is no subcommand `{name}`")))?,
    };
    let mut text = Vec::new();
    clap_mangen::Man::new(page)
        .render(&mut text)
        .map_err(|source| Error::Io {
            what: "manual page",
            source,
        })?;
    if json {
        let text = String::from_utf8_lossy(&text);
        ui::json(&serde_json::json!({ "schema": "hlrp.text/1", "text": text }))?;
    } else {
        ui::raw(&text)?;
    }
    Ok(code::DONE)
}
