//! Composition against the real Hydra: the same cases to both, no difference allowed.
//!
//! `tests/run` installs Hydra and names its Python in `HLRP_HYDRA_PYTHON`; without it these tests are skipped. Ours
//! answers through `examples/compose_oracle.rs`. `tests/compose/compare.py` by hand shows more.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::guard::bench::skip;

/// Cases of each random kind, unless `HLRP_PARITY_COUNT` says otherwise.
const COUNT: u32 = 250;

#[test]
fn the_cases_written_down_agree_with_hydra() {
    agree(
        "the_cases_written_down_agree_with_hydra",
        &["--cases", "tests/compose/cases.jsonl"],
    );
}

#[test]
fn every_experiment_on_every_cluster_agrees_with_hydra() {
    agree(
        "every_experiment_on_every_cluster_agrees_with_hydra",
        &["--config", "config"],
    );
}

/// The seed is fixed, so that a change and not chance makes it fail; `HLRP_FUZZ_SEED` tries another.
#[test]
fn cases_made_by_chance_agree_with_hydra() {
    let seed = std::env::var("HLRP_FUZZ_SEED").unwrap_or_else(|_| "2026".to_owned());
    let count = std::env::var("HLRP_PARITY_COUNT").unwrap_or_else(|_| COUNT.to_string());
    agree(
        "cases_made_by_chance_agree_with_hydra",
        &["--random", &format!("{seed}:{count}")],
    );
}

fn agree(name: &str, what: &[&str]) {
    let Some(python) = std::env::var_os("HLRP_HYDRA_PYTHON") else {
        skip(name, "the real Hydra is not installed; tests/run does it");
        return;
    };
    let ran = Command::new(python)
        .arg("tests/compose/compare.py")
        .args(what)
        .arg("--")
        .arg(candidate())
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&ran.stdout);
    let faults = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{said}\n{faults}");
}

/// Cargo builds examples together with the tests, beside the program.
fn candidate() -> PathBuf {
    let program = Path::new(env!("CARGO_BIN_EXE_hlrp-sh"));
    let built = program.with_file_name("examples").join("compose_oracle");
    assert!(built.is_file(), "{} is not built", built.display());
    built
}
