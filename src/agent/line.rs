//! One line from the agent's words to what came of it: judged, asked about, run, watched.
//!
//! INVARIANT: nothing runs without a permit of the gate; one line at a time runs in a session.

use std::sync::Arc;
use std::time::{Duration, Instant};

use rmcp::RoleServer;
use rmcp::model::{CallToolRequestParams, InputRequiredResult, ProgressNotificationParam};
use rmcp::service::RequestContext;

use super::answer::Fault;
use super::approval::{Word, binding};
use super::capture::Written;
use super::desk::Seat;
use super::shell::{Finished, Running, Shell};
use crate::gate::{Answer, Gate, Judgement};
use crate::launch;
use crate::policy::{Context, Decision};
use crate::ui::{self, Denial};

/// What came of a line.
#[derive(Debug)]
pub(super) enum Done {
    /// It ran.
    Ran(Box<Ran>),
    /// It did not.
    Refused(Refused),
    /// The client is to ask a person first, and to call again.
    Later(Box<InputRequiredResult>),
}

/// A line that ran.
#[derive(Debug)]
pub(super) struct Ran {
    pub(super) status: u8,
    pub(super) out: Written,
    pub(super) err: Written,
    /// What the kernel's side refused its programs.
    pub(super) denials: Vec<Denial>,
    pub(super) seconds: f64,
    pub(super) notes: Vec<String>,
}

/// A line that did not run.
#[derive(Debug)]
pub(super) struct Refused {
    pub(super) decision: Decision,
    pub(super) denials: Vec<Denial>,
    pub(super) note: Option<String>,
}

/// What takes longer is told about.
const QUIET: Duration = Duration::from_secs(1);
/// For so long what was interrupted may put itself in order.
const PATIENCE: Duration = Duration::from_secs(2);

/// Judges a line and runs it in the session's shell. `call` is the call that a question may be answered by.
pub(super) async fn run(
    seat: &Arc<Seat>,
    line: &str,
    limit: Option<Duration>,
    call: Option<&CallToolRequestParams>,
    context: &RequestContext<RoleServer>,
) -> Result<Done, Fault> {
    let mut turn = tokio::select! {
        turn = seat.turn.lock() => turn,
        () = context.ct.cancelled() => return Err(Fault::new("cancelled before it began", "")),
    };
    let facts = seat.context();
    let mut judgement = judge(seat, &facts, line).await?;
    let mut answer = Answer::Nobody;
    let mut note = None;
    if judgement.decision == Decision::Ask {
        let bound = binding(&seat.session().id, &facts.cwd, &judgement);
        let word = match call {
            Some(call) => seat.approvals.ask(&judgement, &bound, call, context).await,
            None => Word::Nobody("this is not a call that may ask"),
        };
        match word {
            Word::Yes => {
                answer = Answer::Yes;
                // The world went on while the person thought: the yes is to what they were shown.
                judgement = judge(seat, &facts, line).await?;
                if judgement.decision == Decision::Ask
                    && binding(&seat.session().id, &facts.cwd, &judgement) != bound
                {
                    answer = Answer::Nobody;
                    note = Some(
                        "what the line would do has changed since the person was asked: call again"
                            .to_owned(),
                    );
                }
            }
            Word::No => note = Some("the person said no".to_owned()),
            Word::Nobody(why) => note = Some(format!("nobody could be asked: {why}")),
            Word::Later(question) => return Ok(Done::Later(question)),
        }
    }
    let session = seat.session();
    let gate = Gate::new(&session.policy, &facts);
    let permit = match gate.pass(judgement, &mut |_, _| answer) {
        Ok(permit) => permit,
        Err(refusal) => {
            launch::record(&session, &refusal.judgement, false);
            return Ok(Done::Refused(refused(&refusal.judgement, note)));
        }
    };
    if turn.is_none() {
        let started = Shell::start(Arc::clone(&session), facts.cwd.clone()).await;
        *turn = Some(started.map_err(no_shell)?);
    }
    let Some(running) = turn.as_mut().and_then(|shell| shell.run(permit)) else {
        drop(turn.take());
        renew(seat)?;
        return Err(Fault::new(
            "the shell of this session has ended",
            "call again: a new one begins, without the variables of the old one",
        ));
    };
    let begun = Instant::now();
    let (out, err) = (Arc::clone(&running.out), Arc::clone(&running.err));
    let mut notes = Vec::new();
    let finished = watch(running, limit, context, &mut notes).await;
    if let Some(cwd) = &finished.cwd {
        seat.moved(cwd);
    }
    if finished.is_lost {
        notes.push("the guard has stopped: nothing more can be changed in this session".to_owned());
    }
    // What was stored goes with the session.
    let (out, err) = (out.written(), err.written());
    if finished.is_end {
        if let Some(shell) = turn.take() {
            let _ = tokio::task::spawn_blocking(move || shell.close()).await;
        }
        renew(seat)?;
        if let Some(why) = finished.fault {
            return Err(Fault::new(
                format!(
                    "nothing is known of what became of the line: {}",
                    [&notes[..], &[why]].concat().join("; ")
                ),
                "look at what it was to do before you call again: a new shell begins, without the variables of the old one",
            ));
        }
        notes.push(
            "the line ended the shell itself (exit, set -e): the next line gets a new one in the same directory, without the variables"
                .to_owned(),
        );
    }
    Ok(Done::Ran(Box::new(Ran {
        status: finished.status,
        out,
        err,
        denials: ui::kernel::denials(&finished.denials),
        seconds: (begun.elapsed().as_secs_f64() * 1000.0).round() / 1000.0,
        notes,
    })))
}

/// Judges a line where it keeps nobody waiting.
async fn judge(seat: &Arc<Seat>, facts: &Arc<Context>, line: &str) -> Result<Judgement, Fault> {
    let (seat, facts, line) = (Arc::clone(seat), Arc::clone(facts), line.to_owned());
    let judged = tokio::task::spawn_blocking(move || seat.judge(&facts, &line)).await;
    judged.map_err(|_| Fault::new("a fault of this program", ""))
}

/// Waits for the end of a line, telling how it goes; interrupts it when it is cancelled or takes too long.
async fn watch(
    running: Running,
    limit: Option<Duration>,
    context: &RequestContext<RoleServer>,
    notes: &mut Vec<String>,
) -> Finished {
    let Running {
        out,
        err: _,
        mut done,
        reins,
    } = running;
    let lost = || Finished {
        is_end: true,
        fault: Some("the shell ended without a word".to_owned()),
        ..Finished::default()
    };
    let begun = Instant::now();
    let limit = limit.unwrap_or(Duration::from_secs(86_400 * 30));
    let mut tick = tokio::time::interval_at((begun + QUIET).into(), QUIET);
    loop {
        tokio::select! {
            finished = &mut done => return finished.unwrap_or_else(|_| lost()),
            () = context.ct.cancelled() => {
                notes.push("cancelled: it was interrupted".to_owned());
                break;
            }
            () = tokio::time::sleep_until((begun + limit).into()) => {
                notes.push(format!("it took longer than {} s, and was interrupted", limit.as_secs()));
                break;
            }
            _ = tick.tick() => tell(context, begun.elapsed(), &out.latest()).await,
        }
    }
    reins.interrupt();
    for step in 0..3 {
        if let Ok(finished) = tokio::time::timeout(PATIENCE, &mut done).await {
            return finished.unwrap_or_else(|_| lost());
        }
        match step {
            0 => reins.kill(),
            _ => reins.hang_up(),
        }
    }
    lost()
}

async fn tell(context: &RequestContext<RoleServer>, elapsed: Duration, latest: &(u64, String)) {
    let Some(token) = context.meta.get_progress_token() else {
        return;
    };
    let (bytes, last) = latest;
    let mut progress = ProgressNotificationParam::new(token, elapsed.as_secs_f64());
    progress.message = Some(format!(
        "{} s, {bytes} bytes written: {last}",
        elapsed.as_secs()
    ));
    let _ = context.peer.notify_progress(progress).await;
}

fn refused(judgement: &Judgement, note: Option<String>) -> Refused {
    Refused {
        decision: judgement.decision,
        denials: Denial::all(judgement),
        note,
    }
}

fn renew(seat: &Seat) -> Result<(), Fault> {
    seat.renew()
        .map_err(|fault| Fault::new(fault.to_string(), "connect again"))
}

fn no_shell(reason: String) -> Fault {
    Fault::new(
        format!("no guarded shell can be started: {reason}"),
        "`hlrp-sh doctor` says what this machine can do; `check` and `policy` work without one",
    )
}
