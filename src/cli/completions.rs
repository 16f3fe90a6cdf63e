//! Prints completions for a shell.

use clap::CommandFactory;
use clap_complete::Shell;

use super::Cli;
use crate::error::{Error, code};
use crate::ui;

/// Print completions for a shell
///
///   hlrp-sh completions bash > ~/.local/share/bash-completion/completions/hlrp-sh
#[derive(clap::Args, Debug)]
#[command(verbatim_doc_comment)]
pub(super) struct Args {
    /// Which shell
    shell: Shell,
}

pub(super) fn run(args: &Args, json: bool) -> Result<u8, Error> {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "hlrp-sh", &mut text);
    if json {
        let text = String::from_utf8_lossy(&text);
        ui::json(&serde_json::json!({ "schema": "hlrp.text/1", "text": text }))?;
    } else {
        ui::raw(&text)?;
    }
    Ok(code::DONE)
}
