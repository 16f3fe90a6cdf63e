//! What happened at the doors (`shell.line`, `guard.notify`), to a file, for whoever looks for a fault.
//!
//! Off unless `HLRP_LOG` says what is wanted, as in `HLRP_LOG=debug`; never to a terminal.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use tracing_subscriber::EnvFilter;

use crate::ui;

/// The variable that turns it on, and says for what: a filter of `tracing`.
const VARIABLE: &str = "HLRP_LOG";

/// Begins to write `trace.log` below the state directory, where that is wanted.
pub(crate) fn begin(state: &Path) {
    let Ok(wanted) = std::env::var(VARIABLE) else {
        return;
    };
    let path = state.join("trace.log");
    let opened = std::fs::create_dir_all(state).and_then(|()| {
        OpenOptions::new()
            .append(true)
            .create(true)
            .mode(0o600)
            .open(&path)
    });
    let subscriber = opened.map(|file| {
        tracing_subscriber::fmt()
            .with_env_filter(EnvFilter::new(wanted))
            .with_ansi(false)
            .with_span_events(tracing_subscriber::fmt::format::FmtSpan::CLOSE)
            .with_writer(std::sync::Mutex::new(file))
            .try_init()
    });
    if !matches!(subscriber, Ok(Ok(()))) {
        ui::say(&format!("hlrp-sh: `{}` cannot be written", path.display()));
    }
}
