//! The program. The only place that exits.

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = std::env::args_os().collect();
    ExitCode::from(hlrp_sh::cli::main(arguments))
}
