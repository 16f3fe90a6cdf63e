//! A submission on another machine: sent under a token, taken up again where the
//! connection breaks, never made twice.

use std::io::{self, Read, Write};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::error::{Error, code};
use crate::remote::submission::{Pending, Token};
use crate::remote::{self, Connection, Place};
use crate::ui;

use super::{Reach, ready, status};

/// For so long it is tried to reach the machine again.
const PATIENCE: Duration = Duration::from_secs(600);
/// Between two tries, at first; at most eight times as long.
const PAUSE: Duration = Duration::from_millis(500);
/// What has gone on for so long is no repetition.
const LONG: Duration = Duration::from_secs(30);
/// So often a far end is asked again that ends with 255 while its connection is there.
const MOST_ALIVE: u32 = 2;

/// Sends it, and tells what comes of it.
pub(super) fn run(
    reach: &Reach<'_>,
    connection: &Connection,
    asked: &[String],
    token: Option<Token>,
) -> Result<u8, Error> {
    let state = &reach.session.places.state;
    let place = match &reach.place {
        Place::Exactly(place) | Place::Like(place) => place.clone(),
    };
    let pending = match token {
        Some(token) => Sent {
            token,
            pending: None,
        },
        None => {
            let pending = Pending::of(state, reach.host, &place, asked);
            let pending = pending.map_err(|source| Error::File {
                path: state.join("remote/pending"),
                source,
            })?;
            if pending.is_old {
                ui::say(
                    "hlrp-sh: this was sent before and its end was not heard; what came of that is told, nothing is sent twice.",
                );
            }
            Sent {
                token: pending.token.clone(),
                pending: Some(pending),
            }
        }
    };
    let mut tries = Tries::new();
    let counts = [(); 2].map(|()| Arc::new(AtomicU64::new(0)));
    loop {
        let [out, err] = counts.each_ref().map(|count| count.load(Ordering::Acquire));
        let mut words: Vec<String> = ["far", "submit", pending.token.as_str()]
            .map(str::to_owned)
            .into();
        words.extend([out.to_string(), err.to_string(), "--".to_owned()]);
        words.extend(asked.iter().cloned());
        let ended = once(connection, &reach.line(&words), &counts)?;
        if ended != code::UNREACHED {
            if let Some(pending) = pending.pending {
                pending.heard();
            }
            return Ok(ended);
        }
        match tries.next(connection) {
            // Whether it was begun over there is not known: it stays pending.
            Next::GiveUp => return Ok(ended),
            Next::Again => continue,
            Next::Reconnect => {}
        }
        ui::say(&format!(
            "hlrp-sh: the connection to {} was lost; the submission goes on there, and is asked about again.",
            reach.host
        ));
        if let Err(fault) = again(reach, connection) {
            ui::say(&format!(
                "hlrp-sh: the same command, or --token {}, tells what came of it; nothing is sent twice.",
                pending.token.as_str()
            ));
            return Err(fault.into());
        }
    }
}

/// What to do where the far end has ended as `ssh` ends that lost its connection.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Next {
    /// The connection is there: the status is the far end's own, and stays.
    GiveUp,
    /// The connection is there, as far as can be seen.
    Again,
    /// It is lost.
    Reconnect,
}

/// How often it was tried. A far end that ends so at once, every time, is asked slower and slower.
pub(super) struct Tries {
    alive: u32,
    pause: Duration,
    last: Instant,
}

impl Tries {
    pub(super) fn new() -> Self {
        Self {
            alive: 0,
            pause: Duration::ZERO,
            last: Instant::now(),
        }
    }

    /// Says what to do, and waits before it is done.
    pub(super) fn next(&mut self, connection: &Connection) -> Next {
        if self.last.elapsed() > LONG {
            *self = Self::new();
        }
        let next = if !connection.is_alive() {
            self.alive = 0;
            Next::Reconnect
        } else if self.alive < MOST_ALIVE {
            self.alive += 1;
            self.pause = self.pause.max(PAUSE);
            Next::Again
        } else {
            return Next::GiveUp;
        };
        std::thread::sleep(self.pause);
        self.pause = (self.pause * 2).clamp(PAUSE, PAUSE * 8);
        self.last = Instant::now();
        next
    }
}

struct Sent {
    token: Token,
    pending: Option<Pending>,
}

/// Runs it once; what comes is passed on and counted.
fn once(connection: &Connection, line: &str, counts: &[Arc<AtomicU64>; 2]) -> Result<u8, Error> {
    let ssh = |source| Error::Io {
        what: "ssh",
        source,
    };
    let mut child = connection
        .command(line, false)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(ssh)?;
    let [out, err] = counts.clone();
    let out = child
        .stdout
        .take()
        .map(|from| copy(from, ui::Pipe::Out, out));
    let err = child
        .stderr
        .take()
        .map(|from| copy(from, ui::Pipe::Err, err));
    for copier in [out, err].into_iter().flatten() {
        let _ = copier.join();
    }
    Ok(status(child.wait().map_err(ssh)?))
}

/// Passes bytes on as they are, and counts them.
fn copy(
    mut from: impl Read + Send + 'static,
    mut to: ui::Pipe,
    count: Arc<AtomicU64>,
) -> std::thread::JoinHandle<()> {
    std::thread::spawn(move || {
        let mut bytes = vec![0; 16 << 10];
        loop {
            let read = match from.read(&mut bytes) {
                Ok(0) => return,
                Ok(read) => read,
                Err(fault) if fault.kind() == io::ErrorKind::Interrupted => continue,
                Err(_) => return,
            };
            let Some(piece) = bytes.get(..read) else {
                return;
            };
            // Who does not listen any more still wants to submit.
            let _ = to.write_all(piece);
            count.fetch_add(read as u64, Ordering::AcqRel);
        }
    })
}

/// Reaches the machine again, for some minutes.
pub(super) fn again(reach: &Reach<'_>, connection: &Connection) -> Result<(), remote::Error> {
    let start = Instant::now();
    let mut pause = PAUSE;
    loop {
        match connection.reopen(ready::asked(&reach.session)) {
            Ok(()) => return Ok(()),
            Err(fault) if start.elapsed() > PATIENCE => return Err(fault),
            Err(_) => {}
        }
        std::thread::sleep(pause);
        pause = (pause * 2).min(PAUSE * 8);
    }
}
