//! How a test says that it cannot run here.

use std::fs::OpenOptions;
use std::io::Write;

/// Prints the reason, and appends it to the file `$HLRP_SKIPS`, which `tests/run` reports.
pub(crate) fn skip(name: &str, reason: &str) {
    let line = format!("SKIP {name}: {reason}\n");
    let mut stderr = std::io::stderr().lock();
    stderr.write_all(line.as_bytes()).unwrap();
    if let Some(path) = std::env::var_os("HLRP_SKIPS") {
        let mut file = OpenOptions::new()
            .create(true)
            .append(true)
            .open(path)
            .unwrap();
        file.write_all(line.as_bytes()).unwrap();
    }
}
