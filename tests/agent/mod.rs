//! `hlrp-sh mcp` as clients that are not ours see it: the Python package `mcp`, in both eras of the protocol, and the
//! MCP Inspector's command line; and what none of them would send.
//!
//! `tests/run` installs them (`install.sh`) and names them in `HLRP_MCP_PYTHON` and `HLRP_MCP_INSPECTOR`; without them
//! these tests are skipped.

mod wire;

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::guard::bench::{NOBODY, skip};

/// Runs a scenario of `client.py` as an ordinary user, in a home of its own.
fn scenario(name: &str, era: &str) {
    let test = format!("{name} ({era})");
    let Some(python) = std::env::var_os("HLRP_MCP_PYTHON") else {
        skip(
            &test,
            "the Python client is not installed; tests/run does it",
        );
        return;
    };
    let home = home();
    // The user of the test may not reach root's cache: what is imported goes by its place alone.
    let script = home.path().join("client.py");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/agent/client.py");
    std::fs::copy(source, &script).unwrap();
    let mut command = unprivileged(python.to_str().unwrap());
    let ran = command
        .arg(&script)
        .args([env!("CARGO_BIN_EXE_hlrp-sh")])
        .arg(home.path().join("user"))
        .args([name, era])
        .current_dir(home.path().join("user"))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&ran.stdout);
    let faults = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{test}: {said}\n{faults}");
}

/// Returns a directory with a home in it that the user of the tests owns.
fn home() -> TempDir {
    let home = TempDir::new().unwrap();
    std::fs::set_permissions(home.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let user = home.path().join("user");
    std::fs::create_dir_all(user.join("dss")).unwrap();
    if nix::unistd::geteuid().is_root() {
        for path in [&user, &user.join("dss")] {
            std::os::unix::fs::chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
        }
    }
    home
}

fn unprivileged(program: &str) -> Command {
    if !nix::unistd::geteuid().is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    let identity = [
        format!("--reuid={NOBODY}"),
        format!("--regid={NOBODY}"),
        "--clear-groups".to_owned(),
        // Only to reach what root has installed; nothing of it is written.
        "--".to_owned(),
    ];
    command.args(identity).arg(program);
    command
}

#[test]
fn six_tools_with_schemas_and_honest_hints() {
    for era in ["legacy", "auto"] {
        scenario("tools", era);
    }
}

#[test]
fn an_agent_corrects_itself_from_the_first_answer() {
    for era in ["legacy", "auto"] {
        scenario("correcting", era);
    }
}

#[test]
fn directory_and_variables_last_and_output_is_capped() {
    for era in ["legacy", "auto"] {
        scenario("lasting", era);
    }
}

#[test]
fn a_person_is_asked_through_the_client_or_it_is_a_denial() {
    for era in ["legacy", "auto"] {
        scenario("asking", era);
    }
}

#[test]
fn no_agent_forges_its_origin_loosens_its_law_or_reaches_another() {
    for era in ["legacy", "auto"] {
        scenario("forging", era);
    }
}

#[test]
fn what_is_cancelled_stops_and_what_is_left_behind_ends() {
    for era in ["legacy", "auto"] {
        scenario("ending", era);
    }
}

#[test]
fn a_server_that_is_killed_leaves_nothing_running() {
    for era in ["legacy", "auto"] {
        scenario("dying", era);
    }
}

#[test]
fn the_inspector_finds_nothing_to_complain_about() {
    const TEST: &str = "the_inspector_finds_nothing_to_complain_about";
    let Some(inspector) = std::env::var_os("HLRP_MCP_INSPECTOR") else {
        skip(TEST, "the Inspector is not installed; tests/run does it");
        return;
    };
    let home = TempDir::new().unwrap();
    let ask = |words: &[&str]| {
        let ran = Command::new(&inspector)
            .args(["--cli", env!("CARGO_BIN_EXE_hlrp-sh"), "mcp"])
            .args(words)
            .current_dir(home.path())
            .env("HOME", home.path())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&ran.stdout).into_owned();
        let faults = String::from_utf8_lossy(&ran.stderr).into_owned();
        assert!(ran.status.success(), "{words:?}: {said}\n{faults}");
        assert!(!faults.to_lowercase().contains("warn"), "{faults}");
        said
    };
    let listed = ask(&["--method", "tools/list", "--strict"]);
    for tool in ["check", "run", "submit", "jobs", "cancel", "policy"] {
        assert!(
            listed.contains(&format!("\"name\": \"{tool}\"")),
            "{tool}: {listed}"
        );
    }
    let call = [
        "--method",
        "tools/call",
        "--tool-name",
        "check",
        "--tool-arg",
        "line=rm x",
    ];
    assert!(ask(&call).contains("fs.no-delete"));
    assert!(ask(&["--method", "resources/list"]).contains("hlrp://policy"));
}
