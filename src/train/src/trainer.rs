//! `hlrp-train-torch`: trains, with libtorch. Started by `hlrp-train`.

use std::io::Write as _;
use std::process::ExitCode;

use hlrp_sh::error::code::UNREACHABLE;

fn main() -> ExitCode {
    let mut stderr = std::io::stderr().lock();
    // The message is best effort: a closed stderr changes nothing about the answer.
    let _ = writeln!(
        stderr,
        "hlrp-train: no stage is trained natively in this version"
    );
    ExitCode::from(UNREACHABLE)
}
