//! What one connection has: its session, opened before the client says who it is, and
//! from then on a seat: the law, the directory, the shell.
//!
//! INVARIANT: the client's name is taken once, from what it says of itself when it comes;
//! no later call changes on whose behalf this session acts.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};

use crate::audit;
use crate::bash::analyse;
use crate::error::Error;
use crate::gate::{Gate, Judgement};
use crate::launch::child::standing;
use crate::launch::room;
use crate::launch::world::Here;
use crate::policy::{Context, LoadError, Origin, Policy};
use crate::session::{Request, Session};

use super::approval::Approvals;
use super::shell::Shell;

/// A connection's place, before and after the client has said who it is.
#[derive(Debug)]
pub(super) struct Desk {
    waiting: Mutex<Option<Session>>,
    seat: OnceLock<Arc<Seat>>,
}

impl Desk {
    /// Returns the desk of a session.
    pub(super) fn new(session: Session) -> Arc<Self> {
        Arc::new(Self {
            waiting: Mutex::new(Some(session)),
            seat: OnceLock::new(),
        })
    }

    /// Returns the seat of the client, which is called `name` if this is the first that is heard of it.
    pub(super) fn seat(&self, name: Option<&str>) -> Option<Arc<Seat>> {
        if let Some(seat) = self.seat.get() {
            return Some(Arc::clone(seat));
        }
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(mut session) = waiting.take() {
            session.context.origin = Origin::Agent(called(name.unwrap_or_default()));
            let _ = self.seat.set(Arc::new(Seat::new(session)));
        }
        self.seat.get().cloned()
    }

    /// Ends what still runs.
    pub(super) async fn close(&self) {
        if let Some(seat) = self.seat.get() {
            seat.close().await;
        }
    }
}

/// What an agent calls itself, fit for the record and the law: letters, digits, `-`, `_`, `.`.
fn called(name: &str) -> String {
    const LONGEST: usize = 48;
    let word = |c: char| {
        if c.is_ascii_alphanumeric() || "-_.".contains(c) {
            c
        } else {
            '-'
        }
    };
    let name: String = name.chars().map(word).take(LONGEST).collect();
    let name = name.trim_matches('-');
    if name.is_empty() {
        "unnamed".to_owned()
    } else {
        name.to_owned()
    }
}

/// What a client has.
#[derive(Debug)]
pub(super) struct Seat {
    /// Questions that wait for an answer.
    pub(super) approvals: Approvals,
    /// The bash, once there is one. Who holds this has the turn: one line runs at a time.
    pub(super) turn: tokio::sync::Mutex<Option<Shell>>,
    now: RwLock<Now>,
    law: OnceLock<Arc<Policy>>,
}

/// The session, and the facts as they are now.
#[derive(Clone, Debug)]
struct Now {
    session: Arc<Session>,
    context: Arc<Context>,
}

impl Seat {
    fn new(session: Session) -> Self {
        Self {
            approvals: Approvals::new(),
            turn: tokio::sync::Mutex::new(None),
            now: RwLock::new(Now {
                context: Arc::new(session.context.clone()),
                session: Arc::new(session),
            }),
            law: OnceLock::new(),
        }
    }

    /// Returns the session; its `context.cwd` is where it began.
    pub(super) fn session(&self) -> Arc<Session> {
        self.now().session
    }

    /// Returns the facts as they are now: the directory is the shell's.
    pub(super) fn context(&self) -> Arc<Context> {
        self.now().context
    }

    /// Returns where the session's shell is.
    pub(super) fn cwd(&self) -> PathBuf {
        self.context().cwd.clone()
    }

    /// Notes where the shell has gone.
    pub(super) fn moved(&self, cwd: &Path) {
        let mut now = self.now.write().unwrap_or_else(PoisonError::into_inner);
        if now.context.cwd != cwd {
            Arc::make_mut(&mut now.context).cwd = cwd.to_owned();
        }
    }

    /// Opens a new session where the shell of the old one has ended: same client, same directory, and the
    /// same law. A project's is that of where the connection began: no line chooses another by going elsewhere.
    ///
    /// # Errors
    ///
    /// Where there can be none, as at the start, or the law is not what it was.
    pub(super) fn renew(&self) -> Result<(), Error> {
        let old = self.now();
        let mut session = Session::open(&Request {
            cwd: Some(old.session.context.cwd.clone()),
            origin: Some(old.session.context.origin.clone()),
            ..Request::default()
        })?;
        if law(&session) != law(&old.session) {
            return Err(Error::Session {
                what: "law, which has changed since the connection began".to_owned(),
                source: std::io::ErrorKind::PermissionDenied.into(),
            });
        }
        session.context.guard = old.session.context.guard;
        let context = Context {
            cwd: standing(&old.context.cwd).to_owned(),
            ..session.context.clone()
        };
        let mut now = self.now.write().unwrap_or_else(PoisonError::into_inner);
        *now = Now {
            context: Arc::new(context),
            session: Arc::new(session),
        };
        Ok(())
    }

    /// Judges a line by these facts.
    pub(super) fn judge(&self, context: &Context, line: &str) -> Judgement {
        let session = self.session();
        let world = Here::at(&session, &context.cwd);
        let room = room::standing(&session);
        let gate = Gate::new(&session.policy, context).within(&room);
        gate.judge(line, analyse(line, &world))
    }

    /// Returns the law with its examples, which judging needs not.
    ///
    /// # Errors
    ///
    /// Where it no longer loads, which would be a fault of this program.
    pub(super) fn law(&self) -> Result<Arc<Policy>, LoadError> {
        if let Some(law) = self.law.get() {
            return Ok(Arc::clone(law));
        }
        let law = Policy::load_with_examples(&self.session().layers)?;
        Ok(Arc::clone(self.law.get_or_init(|| Arc::new(law))))
    }

    /// Ends the shell, or the record where there was none.
    async fn close(&self) {
        let shell = self.turn.lock().await.take();
        let session = self.session();
        let closed = tokio::task::spawn_blocking(move || match shell {
            Some(shell) => shell.close(),
            None if audit::has_session(&session.places.audit, &session.id) => {
                let _ = audit::Writer::open(&session.places.audit, session.stamp())
                    .and_then(audit::Writer::finish);
            }
            None => {}
        });
        let _ = closed.await;
    }

    fn now(&self) -> Now {
        let now = self.now.read().unwrap_or_else(PoisonError::into_inner);
        now.clone()
    }
}

/// Returns what was read as the law.
fn law(session: &Session) -> Vec<(&Path, &str)> {
    let layers = session.layers.iter();
    layers.map(|layer| (&*layer.path, &*layer.text)).collect()
}

#[cfg(test)]
mod tests {
    use super::called;

    #[test]
    fn a_name_is_a_word() {
        assert_eq!(called("claude-code"), "claude-code");
        assert_eq!(called("Some Client\n(x)"), "Some-Client--x");
        assert_eq!(called("\u{202e}"), "unnamed");
        assert_eq!(called(&"x".repeat(500)).len(), 48);
    }
}
