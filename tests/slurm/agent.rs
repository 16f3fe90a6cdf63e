//! An agent that does a whole task through `hlrp-sh mcp`: the Python client of `tests/agent`, on the login node.

use std::path::Path;

use super::desk::{Desk, run};
use super::submission::project;
use crate::guard::bench::skip;

#[test]
fn an_agent_does_a_whole_task() {
    const TEST: &str = "an_agent_does_a_whole_task";
    let Some(desk) = Desk::new("agent") else {
        return;
    };
    let Some(python) = std::env::var_os("HLRP_MCP_PYTHON") else {
        skip(
            TEST,
            "the Python client is not installed; tests/run does it",
        );
        return;
    };
    let python = python.to_str().unwrap();
    project(&desk);
    desk.copy(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/agent"),
        "client.py",
    );
    let client = desk.place("client.py");
    for era in ["legacy", "auto"] {
        desk.file("project/outputs/curve.csv", "1,2\n");
        let line = format!(
            "cd project && PYTHONDONTWRITEBYTECODE=1 {python} {client} $(command -v hlrp-sh) ~ working {era}"
        );
        let ran = run(&mut desk.on("login01", &["bash", "-c", &line]));
        assert_eq!(ran.code(), 0, "{era}: {}\n{}", ran.out, ran.err);
    }
}
