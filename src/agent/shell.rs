//! The session's bash, as the tools use it: one line at a time, on a thread of its own.
//!
//! INVARIANT: a line goes in by permit only; when this is dropped, what the lines started is
//! ended, but for what they detached themselves (`nohup`, `setsid`).

use std::path::PathBuf;
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::oneshot;

use super::capture::Capture;
use crate::gate::Permit;
use crate::guard;
use crate::launch::child::{Child, Event, Kind, Reins, Setup};
use crate::policy::Origin;
use crate::session::Session;

/// A bash that runs.
#[derive(Debug)]
pub(super) struct Shell {
    orders: mpsc::Sender<Order>,
    reins: Reins,
    thread: JoinHandle<()>,
    lines: u64,
    session: Arc<Session>,
}

/// A line that runs.
#[derive(Debug)]
pub(super) struct Running {
    pub(super) out: Arc<Capture>,
    pub(super) err: Arc<Capture>,
    /// Comes when it is over.
    pub(super) done: oneshot::Receiver<Finished>,
    pub(super) reins: Reins,
}

/// How a line ended.
#[derive(Debug, Default)]
pub(super) struct Finished {
    /// `$?`.
    pub(super) status: u8,
    /// Where bash is now.
    pub(super) cwd: Option<PathBuf>,
    /// What the kernel's side refused meanwhile.
    pub(super) denials: Vec<guard::Denial>,
    /// Bash itself has ended (`exit`, `set -e`).
    pub(super) is_end: bool,
    /// The guard has stopped.
    pub(super) is_lost: bool,
    /// Why it never ran, or why nothing is known of its end.
    pub(super) fault: Option<String>,
}

#[derive(Debug)]
struct Order {
    permit: Permit,
    out: Arc<Capture>,
    err: Arc<Capture>,
    done: oneshot::Sender<Finished>,
}

/// A shell that starts up reads no more than this long.
const START: Duration = Duration::from_secs(30);

impl Shell {
    /// Starts one in a session.
    ///
    /// # Errors
    ///
    /// With the reason, where there can be none.
    pub(super) async fn start(session: Arc<Session>, cwd: PathBuf) -> Result<Self, String> {
        let (orders, received) = mpsc::channel();
        let (ready, begun) = oneshot::channel();
        let own = Arc::clone(&session);
        let thread = std::thread::Builder::new()
            .name("shell".to_owned())
            .spawn(move || life(&own, cwd, &received, ready))
            .map_err(|fault| fault.to_string())?;
        let reins = begun.await.map_err(|_| "it ended at once".to_owned())??;
        Ok(Self {
            orders,
            reins,
            thread,
            lines: 0,
            session,
        })
    }

    /// Has it do a line; `None` where it has ended.
    pub(super) fn run(&mut self, permit: Permit) -> Option<Running> {
        self.lines += 1;
        let scratch = &self.session.places.scratch;
        let place = |stream: &str| scratch.join(format!("line-{}.{stream}", self.lines));
        let (out, err) = (Capture::new(place("out")), Capture::new(place("err")));
        let (send, done) = oneshot::channel();
        let order = Order {
            permit,
            out: Arc::clone(&out),
            err: Arc::clone(&err),
            done: send,
        };
        self.orders.send(order).ok()?;
        Some(Running {
            out,
            err,
            done,
            reins: self.reins.clone(),
        })
    }

    /// Ends it and what it started.
    pub(super) fn close(self) {
        let Self {
            orders,
            reins,
            thread,
            ..
        } = self;
        // First the signal, then the end of its input: at that alone bash would leave its jobs running.
        reins.kill();
        reins.hang_up();
        drop(orders);
        let _ = thread.join();
    }
}

/// The thread that has the child: as long as it lives.
fn life(
    session: &Session,
    cwd: PathBuf,
    orders: &mpsc::Receiver<Order>,
    ready: oneshot::Sender<Result<Reins, String>>,
) {
    let mut child = match begin(session, cwd) {
        Ok(child) => child,
        Err(reason) => {
            let _ = ready.send(Err(reason));
            return;
        }
    };
    let _ = ready.send(Ok(child.reins()));
    while let Ok(order) = orders.recv() {
        let finished = perform(&mut child, session, order.permit, &order.out, &order.err);
        let is_end = finished.is_end;
        let _ = order.done.send(finished);
        if is_end {
            break;
        }
    }
    child.close();
}

fn begin(session: &Session, cwd: PathBuf) -> Result<Child, String> {
    let name = match &session.context.origin {
        Origin::Agent(name) => name.as_str(),
        Origin::Person | Origin::Script => "unnamed",
    };
    let environment = vec![
        ("HLRP_AGENT".into(), name.into()),
        // Nobody sees colours or pages.
        ("TERM".into(), "dumb".into()),
        ("NO_COLOR".into(), "1".into()),
        ("PAGER".into(), "cat".into()),
        ("GIT_PAGER".into(), "cat".into()),
    ];
    let setup = Setup {
        kind: Kind::Private,
        login: false,
        startup: true,
        cwd,
        environment,
    };
    let mut child = Child::start(session, setup).map_err(|fault| fault.to_string())?;
    loop {
        match child.next(Some(START)) {
            Ok(Some(Event::Prompt { .. })) => return Ok(child),
            Ok(Some(Event::Failed { reason })) => return Err(reason),
            Ok(Some(Event::Ended { .. })) => return Err("it ended at once".to_owned()),
            Ok(Some(Event::Started { .. } | Event::Denied(_) | Event::Lost)) => {}
            Ok(None) => return Err("it does not become ready".to_owned()),
            Err(fault) => return Err(fault.to_string()),
        }
    }
}

/// What is said of a line of which nothing else can be said.
fn unknown(why: &str) -> Finished {
    Finished {
        is_end: true,
        fault: Some(why.to_owned()),
        ..Finished::default()
    }
}

fn perform(
    child: &mut Child,
    session: &Session,
    permit: Permit,
    out: &Arc<Capture>,
    err: &Arc<Capture>,
) -> Finished {
    let mut finished = Finished::default();
    match child.run(session, permit) {
        Ok(Some(streams)) => {
            out.follow(streams.out);
            err.follow(streams.err);
        }
        Ok(None) => return unknown("it has no streams"),
        Err(fault) => return unknown(&fault.to_string()),
    }
    loop {
        match child.next(None) {
            Ok(Some(Event::Denied(denial))) => finished.denials.push(denial),
            Ok(Some(Event::Prompt { status, cwd, .. })) => {
                finished.status = status;
                finished.cwd = child.cwd().or(Some(cwd));
                break;
            }
            Ok(Some(Event::Ended { status, .. })) => {
                finished.status = status;
                finished.is_end = true;
                break;
            }
            Ok(Some(Event::Lost)) => finished.is_lost = true,
            Ok(Some(Event::Started { .. }) | None) => {}
            Ok(Some(Event::Failed { reason })) => return unknown(&reason),
            Err(fault) => return unknown(&fault.to_string()),
        }
    }
    out.finish();
    err.finish();
    // What was refused last may be told last.
    while !finished.is_end {
        match child.next(Some(Duration::from_millis(2))) {
            Ok(Some(Event::Denied(denial))) => finished.denials.push(denial),
            Ok(Some(Event::Lost)) => finished.is_lost = true,
            Ok(Some(Event::Ended { .. })) => finished.is_end = true,
            Ok(_) | Err(_) => break,
        }
    }
    finished
}
