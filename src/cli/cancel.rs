//! Cancels or signals jobs, and looks whether that did it.

use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use serde::Serialize;

use crate::error::{Error, code};
use crate::policy::{Action, CancelScope};
use crate::session::{Request, Session};
use crate::slurm::client::{Client, Clients};
use crate::slurm::query::{Job, JobId, Phase, State, Whose, look};
use crate::ui::{self, Paint, clean};

use super::jobs::{clients, mine};
use super::permit::Clerk;

/// Cancel your own jobs, and see that they end
///
/// Each job is named, and must be yours. Several are told with the numbers first, and
/// asked about on a terminal; all of them at once is for a person alone to say yes to.
/// Afterwards it looks whether each of them is ending.
///
///   hlrp-sh cancel 5423108
///   hlrp-sh cancel 5423108_4 5423109 --yes
///   hlrp-sh cancel 5423108 --signal USR1
///
/// Exit status 0 where every job is cancelled, or was over; 1 where one is not there or
/// goes on; 77 where one is not yours.
#[derive(clap::Args, Debug)]
#[command(verbatim_doc_comment)]
pub(super) struct Args {
    /// Job ids: 123, or 123_4 for a task of an array
    #[arg(value_name = "JOB", required_unless_present = "all")]
    jobs: Vec<JobId>,
    /// Every job of yours that waits or runs
    #[arg(long, conflicts_with = "jobs")]
    all: bool,
    /// Send this signal to the job's script instead: USR1, TERM, KILL
    #[arg(long, value_name = "SIGNAL", value_parser = signal)]
    signal: Option<Signal>,
    /// Do not ask whether several named jobs are meant
    #[arg(long)]
    yes: bool,
}

/// What became of one job, of `--json`.
#[derive(Serialize)]
struct Fate {
    schema: &'static str,
    id: JobId,
    outcome: Outcome,
    state: Option<State>,
    said: Option<String>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Outcome {
    /// It is over now.
    Cancelled,
    /// Its processes are being ended.
    Ending,
    /// The signal was sent.
    Signalled,
    /// It had ended before.
    Over,
    /// It goes on.
    GoesOn,
    /// Slurm refused.
    Refused,
    /// There is no such job in the queue.
    Unknown,
}

/// For so long it is watched whether jobs end; Slurm itself gives them `KillWait`, 30 seconds.
const PATIENCE: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(300);

pub(super) fn run(args: &Args, json: bool) -> Result<u8, Error> {
    let session = Session::open(&Request::default())?;
    let clients = clients(&session)?;
    let whose = if args.all {
        mine()
    } else {
        Whose::These(args.jobs.clone())
    };
    let queued = look(&clients, &whose, None)?.jobs;
    let wanted: Vec<JobId> = if args.all {
        let live = queued.iter().filter(|job| !job.state.is_over());
        live.map(|job| job.id.clone()).collect()
    } else {
        args.jobs.clone()
    };
    if wanted.is_empty() {
        ui::say("you have no jobs that wait or run.");
        return Ok(code::DONE);
    }
    if !may(&session, args, &wanted, &queued)? {
        return Ok(code::DENIED);
    }
    if !is_meant(args, &wanted, &queued) {
        ui::say("nothing was cancelled.");
        return Ok(code::NO);
    }
    let mut fates = Vec::new();
    for id in wanted {
        let live = records(&id, &queued)
            .filter(|job| !job.state.is_over())
            .count();
        let last = records(&id, &queued).last();
        fates.push(match last {
            None => Fate::new(id, Outcome::Unknown, None),
            Some(job) if live == 0 => {
                let state = job.state.clone();
                Fate::new(id, Outcome::Over, Some(state))
            }
            Some(_) => cancel(&clients, id, args.signal),
        });
    }
    watch(&clients, &mut fates)?;
    tell(&fates, json)
}

/// Asks the gate. That a job is another's makes it the deed on others'.
fn may(session: &Session, args: &Args, wanted: &[JobId], queued: &[Job]) -> Result<bool, Error> {
    let own = nix::unistd::getuid().as_raw();
    let is_others = |job: &Job| job.uid != Some(own);
    let others = wanted.iter().any(|id| records(id, queued).any(is_others));
    let scope = if others {
        CancelScope::Others
    } else if args.all {
        CancelScope::AllOwn
    } else {
        CancelScope::Named
    };
    let words: Vec<String> = wanted.iter().map(JobId::to_string).collect();
    let line = format!("hlrp-sh cancel {}", words.join(" "));
    Clerk::new(session, "cancel").allows_line(&line, Action::Cancel { scope })
}

/// Asks a person at a terminal whether several jobs are meant, with the numbers. What the law
/// asks about has been asked already.
fn is_meant(args: &Args, wanted: &[JobId], queued: &[Job]) -> bool {
    let live = |job: &&Job| !job.state.is_over();
    let jobs: Vec<&Job> = wanted
        .iter()
        .flat_map(|id| records(id, queued))
        .filter(live)
        .collect();
    let count: u64 = jobs.iter().map(|job| job.count()).sum();
    if args.yes || args.all || count < 2 {
        return true;
    }
    let running = jobs.iter().filter(|job| job.state.is_running()).count();
    let deed = args.signal.map_or_else(
        || "Cancel".to_owned(),
        |signal| format!("Send {} to", signal.as_str()),
    );
    let question = format!("{deed} {count} jobs, {running} of them running?");
    match ui::ask::ask(&question) {
        crate::gate::Answer::Yes => true,
        crate::gate::Answer::No | crate::gate::Answer::Interrupted => false,
        // Named jobs of one's own are allowed; there is nobody whom the question could spare a mistake.
        crate::gate::Answer::Nobody => true,
    }
}

fn records<'q>(id: &'q JobId, queued: &'q [Job]) -> impl Iterator<Item = &'q Job> {
    queued.iter().filter(|job| id.meets(&job.id))
}

fn cancel(clients: &Clients, id: JobId, signal: Option<Signal>) -> Fate {
    let mut words = Vec::new();
    if let Some(signal) = signal {
        let name = signal.as_str().trim_start_matches("SIG");
        words.push(format!("--signal={name}"));
        // Without it only what srun started gets the signal, and a script seldom has that.
        if signal != Signal::SIGKILL {
            words.push("--batch".to_owned());
        }
    }
    words.push(id.to_string());
    match (clients.capture(Client::Scancel, &words, None), signal) {
        (Ok(_), Some(_)) => Fate::new(id, Outcome::Signalled, None),
        (Ok(_), None) => Fate::new(id, Outcome::GoesOn, None),
        (Err(fault), _) => Fate {
            said: Some(fault.to_string()),
            ..Fate::new(id, Outcome::Refused, None)
        },
    }
}

/// Looks until every job that was cancelled ends, or it takes too long.
fn watch(clients: &Clients, fates: &mut [Fate]) -> Result<(), Error> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let open = fates.iter().filter(|fate| fate.outcome == Outcome::GoesOn);
        let ids: Vec<JobId> = open.map(|fate| fate.id.clone()).collect();
        if ids.is_empty() {
            return Ok(());
        }
        let queued = look(clients, &Whose::These(ids), None)?.jobs;
        for fate in fates
            .iter_mut()
            .filter(|fate| fate.outcome == Outcome::GoesOn)
        {
            let phases: Vec<Phase> = records(&fate.id, &queued)
                .map(|job| job.state.phase())
                .collect();
            let state = records(&fate.id, &queued)
                .last()
                .map(|job| job.state.clone());
            let is_over =
                |phase: &Phase| matches!(phase, Phase::Done | Phase::Cancelled | Phase::Failed);
            // Gone from the queue is over, too: it was there when we looked before.
            if phases.iter().all(is_over) {
                fate.outcome = Outcome::Cancelled;
            } else if phases
                .iter()
                .all(|phase| is_over(phase) || *phase == Phase::Ending)
            {
                fate.outcome = Outcome::Ending;
            }
            fate.state = state;
        }
        if Instant::now() >= deadline {
            return Ok(());
        }
        if fates.iter().any(|fate| fate.outcome == Outcome::GoesOn) {
            std::thread::sleep(PAUSE);
        }
    }
}

fn tell(fates: &[Fate], json: bool) -> Result<u8, Error> {
    for fate in fates {
        if json {
            ui::json(fate)?;
            continue;
        }
        let (word, paint) = match fate.outcome {
            Outcome::Cancelled => ("cancelled", Paint::Green),
            Outcome::Ending => ("ending", Paint::Green),
            Outcome::Signalled => ("signalled", Paint::Green),
            Outcome::Over => ("was over", Paint::Dim),
            Outcome::GoesOn => ("goes on", Paint::Red),
            Outcome::Refused => ("refused", Paint::Red),
            Outcome::Unknown => ("not in the queue", Paint::Yellow),
        };
        let state = fate.state.as_ref().map(|state| format!("  {state}"));
        let said = fate.said.as_ref().map(|said| format!("  {said}"));
        ui::data(&format!(
            "{}  {}{}{}",
            Paint::Cyan.on(&fate.id.to_string()),
            paint.on(word),
            state.unwrap_or_default(),
            clean(&said.unwrap_or_default())
        ))?;
    }
    let is_well = |fate: &Fate| match fate.outcome {
        Outcome::Cancelled | Outcome::Ending | Outcome::Signalled | Outcome::Over => true,
        Outcome::GoesOn | Outcome::Refused | Outcome::Unknown => false,
    };
    Ok(if fates.iter().all(is_well) {
        code::DONE
    } else {
        code::NO
    })
}

impl Fate {
    fn new(id: JobId, outcome: Outcome, state: Option<State>) -> Self {
        Self {
            schema: "hlrp.cancel/1",
            id,
            outcome,
            state,
            said: None,
        }
    }
}

fn signal(text: &str) -> Result<Signal, String> {
    let name = text.to_ascii_uppercase();
    let name = format!("SIG{}", name.trim_start_matches("SIG"));
    let by_number = || {
        text.parse()
            .ok()
            .and_then(|number: i32| Signal::try_from(number).ok())
    };
    let found = name.parse().ok().or_else(by_number);
    found.ok_or_else(|| format!("`{text}` is no signal; write USR1, TERM, KILL or a number"))
}
