//! `hlrp-train`: the training program that `hlrp-sh` dispatches. The front door, which needs no libtorch.
//!
//! What trains is `hlrp-train-torch` beside it, which has libtorch. This one becomes that program, or says what to do where
//! it was not built or where libtorch is out of reach, with the status of an unreachable service. Data sets are looked at
//! here where this was built without libtorch, whether or not that program starts; else by the trainer.
//!
//! INVARIANT: what is built together with the trainer links nothing of the library here, or the dynamic linker would look
//! for libtorch before anything can be said.

use std::env;
use std::fs::File;
use std::io::Write as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
#[cfg(not(feature = "torch"))]
use std::process::Stdio;
use std::process::{Command, ExitCode};

use hlrp_sh::error::code::UNREACHABLE;

/// The program that has libtorch, in the directory of this one.
const TRAINER: &str = "hlrp-train-torch";
/// Where libtorch lay when this was built.
const LIBTORCH: Option<&str> = option_env!("LIBTORCH");
/// The part of libtorch that computes.
const LIBRARY: &str = "libtorch_cpu.so";

fn main() -> ExitCode {
    let problem = match env::current_exe().map(|own| own.with_file_name(TRAINER)) {
        Ok(trainer) if trainer.exists() => match (own(Some(&trainer)), out_of_reach()) {
            (Some(status), _) => return ExitCode::from(status),
            (None, Some(problem)) => problem,
            (None, None) => become_trainer(&trainer),
        },
        _ => match own(None) {
            Some(status) => return ExitCode::from(status),
            None => ALONE.to_owned(),
        },
    };
    // The message is best effort: a closed stderr changes nothing about the answer.
    let _ = writeln!(std::io::stderr().lock(), "hlrp-train: {problem}");
    ExitCode::from(UNREACHABLE)
}

/// Returns only why it could not.
fn become_trainer(trainer: &Path) -> String {
    // Waiting threads sleep: where they spin, two on a busy machine are slower than one. Whoever set it knows better.
    let policy = env::var_os("OMP_WAIT_POLICY").unwrap_or_else(|| "passive".into());
    let error = Command::new(trainer)
        .args(env::args_os().skip(1))
        .env("OMP_WAIT_POLICY", policy)
        .exec();
    format!("`{}` does not start: {error}", trainer.display())
}

/// Says where libtorch should be and why it cannot be read there: the dynamic linker would name neither.
fn out_of_reach() -> Option<String> {
    let built_with = Path::new(LIBTORCH?).join("lib").join(LIBRARY);
    let named = env::var_os("LD_LIBRARY_PATH").unwrap_or_default();
    if env::split_paths(&named).any(|place| File::open(place.join(LIBRARY)).is_ok()) {
        return None;
    }
    let error = File::open(&built_with).err()?;
    Some(format!(
        "`{}` cannot be read here: {error}; libtorch must lie where every node sees it: `src/train/libtorch DIRECTORY`",
        built_with.display()
    ))
}

/// What there is to say where the trainer is not there.
#[cfg(not(feature = "torch"))]
const ALONE: &str = "built without libtorch; run `src/train/libtorch`, and then the line it prints";
#[cfg(feature = "torch")]
const ALONE: &str = "`hlrp-train-torch` is not beside it; the two go together";

/// Does what needs no libtorch, and returns its status; `None` where the trainer is wanted.
#[cfg(not(feature = "torch"))]
fn own(trainer: Option<&Path>) -> Option<u8> {
    /// Words whose answer the trainer knows better, where it starts.
    const OF_BOTH: [&str; 4] = ["--help", "-h", "--version", "-V"];
    let word = env::args_os().nth(1);
    let is_data = word.as_ref().is_some_and(|word| word == "data");
    let is_of_both = word.is_none_or(|word| OF_BOTH.iter().any(|own| word == *own));
    let is_own = is_data || (is_of_both && !trainer.is_some_and(starts));
    is_own.then(|| hlrp_train::cli::main(env::args_os().collect()))
}

/// The library is not linked here.
#[cfg(feature = "torch")]
fn own(_: Option<&Path>) -> Option<u8> {
    None
}

/// Returns whether the trainer finds its libraries.
#[cfg(not(feature = "torch"))]
fn starts(trainer: &Path) -> bool {
    let mut asked = Command::new(trainer);
    asked.arg("--version").stdin(Stdio::null());
    let status = asked.stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}
