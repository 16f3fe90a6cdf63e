//! `hlrp-train`: the training program that `hlrp-sh` dispatches. The only crate that may link libtorch.
//!
//! No stage is trained natively yet, so the program says so and exits with the
//! status of an unreachable service rather than pretending.

use std::process::ExitCode;

fn main() -> ExitCode {
    use std::io::Write as _;
    let code = hlrp_sh::error::code::UNREACHABLE;
    let mut stderr = std::io::stderr().lock();
    // The message is best effort: a closed stderr changes nothing about the answer.
    let _ = writeln!(
        stderr,
        "hlrp-train: no stage is trained natively in this version"
    );
    ExitCode::from(code)
}
