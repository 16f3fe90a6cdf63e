//! The server: one session, one connection, on stdin and stdout.
//!
//! INVARIANT: nothing but protocol reaches stdout; tokio lives below this function.

use std::time::Duration;

use rmcp::service::{QuitReason, ServerInitializeError, serve_server_with_ct};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::desk::Desk;
use super::server::Server;
use super::wire::Wire;
use crate::error::{Error, code};
use crate::gate::example::vouch;
use crate::launch;
use crate::session::{Request, Session};
use crate::ui;

/// Judging may wait for the disk or for Slurm; so many lines do so at once.
const JUDGES: usize = 16;
/// What is left of a call when the connection has ended is waited for so long.
const FAREWELL: Duration = Duration::from_secs(3);

/// Serves one client until it goes, and returns the exit status.
///
/// # Errors
///
/// Where the law does not load, or no session can be set up.
pub(crate) fn serve() -> Result<u8, Error> {
    let mut session = Session::open(&Request::default())?;
    launch::trace::begin(&session.places.state);
    session.context.guard = Some(launch::level());
    vouch(&session.policy, &session.layers, &session.places.state)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(JUDGES)
        .build()
        .map_err(|source| Error::Io {
            what: "the runtime",
            source,
        })?;
    let status = runtime.block_on(connection(session));
    // A read of stdin cannot be taken back; it must not keep the program.
    runtime.shutdown_timeout(Duration::from_millis(100));
    status
}

async fn connection(session: Session) -> Result<u8, Error> {
    let desk = Desk::new(session);
    let stop = CancellationToken::new();
    watch_signals(&stop)?;
    let wire = Wire::stdio(stop.clone());
    let served = serve_server_with_ct(Server::new(desk.clone()), wire, stop.clone()).await;
    let status = match served {
        Ok(service) => match service.waiting().await {
            Ok(QuitReason::Closed | QuitReason::Cancelled) => Ok(code::DONE),
            Ok(_) | Err(_) => Ok(code::SOFTWARE),
        },
        // A client that goes before it says anything wants nothing.
        Err(ServerInitializeError::ConnectionClosed(_) | ServerInitializeError::Cancelled) => {
            Ok(code::DONE)
        }
        Err(fault) => {
            ui::say(&format!("hlrp-sh: mcp: {fault}"));
            Ok(code::USAGE)
        }
    };
    let _ = tokio::time::timeout(FAREWELL, desk.close()).await;
    status
}

/// Ends the connection in order when the program is told to end.
fn watch_signals(stop: &CancellationToken) -> Result<(), Error> {
    for kind in [
        SignalKind::terminate(),
        SignalKind::interrupt(),
        SignalKind::hangup(),
    ] {
        let mut signals = signal(kind).map_err(|source| Error::Io {
            what: "signals",
            source,
        })?;
        let stop = stop.clone();
        tokio::spawn(async move {
            signals.recv().await;
            stop.cancel();
        });
    }
    Ok(())
}
