//! `hlrp-train`: the training program that `hlrp-sh` dispatches. The front door, which needs no libtorch.
//!
//! What trains is `hlrp-train-torch` beside it, which has libtorch. This one becomes that program, or says what to run
//! where it was not built, with the status of an unreachable service. Data sets it looks at itself.

use std::env;
use std::io::Write as _;
use std::os::unix::process::CommandExt as _;
use std::process::{Command, ExitCode};

use hlrp_sh::error::code::UNREACHABLE;

/// The program that has libtorch, in the directory of this one.
const TRAINER: &str = "hlrp-train-torch";
/// What needs no libtorch.
const OWN: [&str; 5] = ["data", "--help", "-h", "--version", "-V"];

fn main() -> ExitCode {
    let is_own = env::args_os()
        .nth(1)
        .is_none_or(|word| OWN.iter().any(|own| word == *own));
    let problem = match env::current_exe().map(|own| own.with_file_name(TRAINER)) {
        Ok(trainer) if trainer.exists() => {
            // Waiting threads sleep: where they spin, two on a busy machine are slower than one. Whoever set it knows better.
            let policy = env::var_os("OMP_WAIT_POLICY").unwrap_or_else(|| "passive".into());
            let error = Command::new(&trainer)
                .args(env::args_os().skip(1))
                .env("OMP_WAIT_POLICY", policy)
                .exec();
            format!("`{}` does not start: {error}", trainer.display())
        }
        _ if is_own => {
            return ExitCode::from(hlrp_train::cli::main(env::args_os().collect()));
        }
        _ => "built without libtorch; run `src/train/libtorch`, and then the line it prints"
            .to_owned(),
    };
    // The message is best effort: a closed stderr changes nothing about the answer.
    let _ = writeln!(std::io::stderr().lock(), "hlrp-train: {problem}");
    ExitCode::from(UNREACHABLE)
}
