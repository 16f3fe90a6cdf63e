//! `hlrp-train-torch`: trains, with libtorch. Started by `hlrp-train`. The only place that exits.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(hlrp_train::cli::main(std::env::args_os().collect()))
}
