//! Lets a halted session go on, on a person's word.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use serde::Serialize;

use crate::audit::{Record, Stamp, Writer};
use crate::error::{Error, code};
use crate::gate::Answer;
use crate::launch::room;
use crate::policy::{Decision, Origin};
use crate::quota::halted::{self, Halted};
use crate::quota::{self, Freshness, Standing};
use crate::session::{Request, Session};
use crate::sys::process::is_guarded;
use crate::ui;

/// How long a session's keeper may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Let a halted session go on
///
/// Measures again first: while a root is still at its limit nothing goes on, and the limit
/// is never raised. Only a person on a terminal outside any session may say so. Stopped
/// processes continue where they stood.
///
///   hlrp-sh resume
///   hlrp-sh resume 20260131-120000-0a1b2c3d
///
/// Exit status: 0 it goes on, 1 nothing is halted or nobody answered, 75 there is still
/// no room, 77 it is not yours to say.
#[derive(clap::Args, Debug)]
#[command(verbatim_doc_comment)]
pub(super) struct Args {
    /// The session; without it every session that is halted
    #[arg(value_name = "SESSION")]
    session: Option<String>,
}

#[derive(Serialize)]
struct Shown<'a> {
    schema: &'static str,
    resumed: &'a [String],
    silent: &'a [String],
}

pub(super) fn run(args: &Args, json: bool) -> Result<u8, Error> {
    if is_guarded() {
        return refuse("this is inside a session: only a person outside of it may say so");
    }
    let session = Session::open(&Request::default())?;
    if session.context.origin != Origin::Person || !std::io::stdin().is_terminal() {
        return refuse("only a person on a terminal may say so, not a script and not an agent");
    }
    let state = &session.places.state;
    let mut waiting = halted::all(state);
    if let Some(wanted) = &args.session {
        waiting.retain(|one| one.session == *wanted);
    }
    if waiting.is_empty() {
        return Err(Error::No("no such session is halted".to_owned()));
    }
    let (mut resumed, mut silent) = (Vec::new(), Vec::new());
    let thresholds = room::thresholds(&session.policy);
    for one in waiting {
        let standing = quota::read(&one.roots, state, Freshness::Now).standing(thresholds);
        match &standing {
            Standing::Open => {}
            Standing::Halted(_) => {
                ui::say(&ui::room::verdict(&standing).unwrap_or_default());
                ui::say("there is still no room: nothing goes on");
                return Ok(code::HALTED);
            }
            Standing::Unknown(_) => {
                ui::say(&ui::room::verdict(&standing).unwrap_or_default());
                if ui::ask::ask("Go on all the same?") != Answer::Yes {
                    return Ok(code::DENIED);
                }
            }
        }
        record(&session, &one)?;
        if go_on(&session, &one) {
            resumed.push(one.session);
        } else {
            silent.push(one.session);
        }
    }
    if json {
        ui::json(&Shown {
            schema: "hlrp.resume/1",
            resumed: &resumed,
            silent: &silent,
        })?;
    } else {
        for one in &resumed {
            ui::say(&format!("session {one} goes on"));
        }
    }
    for one in &silent {
        ui::say(&format!(
            "nobody answers for session {one}: it may be over, or on another machine"
        ));
    }
    Ok(if silent.is_empty() {
        code::DONE
    } else {
        code::NO
    })
}

fn refuse(why: &str) -> Result<u8, Error> {
    ui::say(&format!("hlrp-sh: {why}"));
    Ok(code::DENIED)
}

/// Records who let it go on, before it does.
fn record(session: &Session, halted: &Halted) -> Result<(), Error> {
    let stamp = Stamp {
        session: halted.session.clone(),
        ..session.stamp()
    };
    let record = Record::standing(&stamp, "resume", &halted.session, Decision::Allow);
    let directory = &session.places.audit;
    let written = Writer::open(directory, stamp).and_then(|mut writer| writer.append(record));
    written.map_err(|source| Error::File {
        path: directory.clone(),
        source,
    })
}

/// Tells the session's keeper, and waits until it has continued everything.
fn go_on(session: &Session, halted: &Halted) -> bool {
    let state = &session.places.state;
    if halted::resume(state, &halted.session).is_err() {
        return false;
    }
    let end = Instant::now() + PATIENCE;
    while Instant::now() < end {
        if !halted::is_resumed(state, &halted.session) {
            return true;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    halted::clear(state, &halted.session);
    false
}
