//! The part of a job's script that installs packages from their source, run with fake tools
//! in a directory of the test's own.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

use super::World;

fn tool(directory: &Path, name: &str, text: &str) {
    let path = directory.join(name);
    fs::write(&path, format!("#!/bin/bash\n{text}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// Runs what a job would run up to its training.
fn run(tools: &Path, python: &str) -> Output {
    let world = World::new();
    let python = format!("cluster.container.python_bin={python}");
    let script = world.script(&["+submit.install_editables=[/src/policy]", &python]);
    let start = script.find("# Packages from their source").unwrap();
    let end = script.find("# Run training").unwrap();
    let path = format!("{}:/usr/bin:/bin", tools.display());
    Command::new("bash")
        .args([
            "-c",
            &format!("set -euo pipefail\n{}\necho installed", &script[start..end]),
        ])
        .env_clear()
        .env("PATH", path)
        .output()
        .unwrap()
}

const FAILS: &str = "echo \"$0 $* says no\" >&2; exit 1";

#[test]
fn the_interpreters_own_pip_is_first() {
    let tools = TempDir::new().unwrap();
    tool(
        tools.path(),
        "python",
        "echo \"$@\" > \"$(dirname \"$0\")/said\"",
    );
    tool(tools.path(), "uv", FAILS);
    tool(tools.path(), "pip", FAILS);
    let output = run(tools.path(), "python");
    assert!(output.status.success(), "{output:?}");
    let said = fs::read_to_string(tools.path().join("said")).unwrap();
    assert_eq!(
        said,
        "-m pip install --no-deps --no-build-isolation -e /src/policy\n"
    );
}

#[test]
fn then_uv_for_that_interpreter_then_pip() {
    let tools = TempDir::new().unwrap();
    tool(tools.path(), "python", FAILS);
    tool(
        tools.path(),
        "uv",
        "echo \"$@\" > \"$(dirname \"$0\")/said\"",
    );
    tool(
        tools.path(),
        "pip",
        "echo \"$@\" > \"$(dirname \"$0\")/said\"",
    );
    assert!(run(tools.path(), "python").status.success());
    let said = || fs::read_to_string(tools.path().join("said")).unwrap();
    assert_eq!(
        said(),
        "pip install --python python --no-deps --no-build-isolation -e /src/policy\n"
    );
    tool(tools.path(), "uv", FAILS);
    assert!(run(tools.path(), "python").status.success());
    assert_eq!(
        said(),
        "install --no-deps --no-build-isolation -e /src/policy\n"
    );
}

#[test]
fn where_all_fail_each_ones_own_words_are_shown() {
    let tools = TempDir::new().unwrap();
    for name in ["python", "uv", "pip"] {
        tool(tools.path(), name, FAILS);
    }
    let output = run(tools.path(), "python");
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success());
    for words in [
        "python -m pip install",
        "uv pip install --python",
        "pip install --no-deps",
    ] {
        assert!(text.contains(words), "{text}");
    }
    assert_eq!(text.matches("says no").count(), 3, "{text}");
    assert!(!String::from_utf8_lossy(&output.stdout).ends_with("installed\n"));
}
