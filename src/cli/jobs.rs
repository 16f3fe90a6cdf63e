//! Shows the queue, and what left it lately.

mod race;

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use serde::Serialize;

use crate::audit::Since;
use crate::error::{Error, code};
use crate::session::{Request, Session};
use crate::slurm::client::Clients;
use crate::slurm::query::{
    Accounting, Job, Known, Limit, Look, Part, Phase, State, Whose, look, lost_race, time,
};
use crate::slurm::race::story::End;
use crate::ui::table::{Cell, Table};
use crate::ui::{self, Paint};

/// Show your jobs: what runs, what waits and why, what ended lately
///
/// One question to the queue and one to accounting, however many jobs there are. Tasks of
/// an array that wait together, or ended alike, are one line; so is a race. `hlrp-sh status JOB` says everything of one.
///
///   hlrp-sh jobs
///   hlrp-sh jobs --since 7d --state FAILED,TIMEOUT
#[derive(clap::Args, Debug)]
#[command(verbatim_doc_comment)]
pub(super) struct Args {
    /// Everybody's jobs
    #[arg(long, conflicts_with = "user")]
    all: bool,
    /// The jobs of this user
    #[arg(long, value_name = "USER")]
    user: Option<String>,
    /// Also what ended since: a date (2026-01-31), or so long ago (90m, 12h, 7d)
    #[arg(long, value_name = "TIME", default_value = "1d")]
    since: Since,
    /// In these states only, in Slurm's words: RUNNING, PD, FAILED
    #[arg(long, value_name = "STATE", value_delimiter = ',', value_parser = state)]
    state: Vec<State>,
    /// One line for each task that ended, also where several of an array ended alike
    #[arg(long)]
    tasks: bool,
    #[command(flatten)]
    pub(super) place: super::Where,
}

/// A job in `--json`, of every command that shows some.
#[derive(Serialize)]
pub(super) struct Shown<'a> {
    schema: &'static str,
    #[serde(flatten)]
    pub(super) job: &'a Job,
    phase: Phase,
    count: u64,
    lost_race: bool,
}

impl<'a> Shown<'a> {
    pub(super) fn new(job: &'a Job) -> Self {
        Self {
            schema: "hlrp.job/1",
            job,
            phase: job.state.phase(),
            count: job.count(),
            lost_race: lost_race(&job.state, job.exit),
        }
    }
}

pub(super) fn run(args: &Args, json: bool) -> Result<u8, Error> {
    let clients = clients(&Session::open(&Request::default())?)?;
    let whose = match (&args.user, args.all) {
        (Some(user), _) => Whose::User(user.clone()),
        (None, true) => Whose::Everybody,
        (None, false) => mine(),
    };
    let mut found = look(&clients, &whose, Some(&args.since.0))?;
    found
        .jobs
        .retain(|job| args.state.is_empty() || args.state.contains(&job.state));
    if json {
        for job in &found.jobs {
            ui::json(&Shown::new(job))?;
        }
    } else if found.jobs.is_empty() {
        if let (Some(user), Accounting::Silent(said)) = (&args.user, &found.accounting)
            && said.contains("nvalid user")
        {
            return Err(Error::No(format!("Slurm knows no user `{user}`")));
        }
        ui::say("no jobs here: none is queued, and none ended in that time.");
    } else {
        let with_user = args.all || args.user.is_some();
        let jobs = if args.tasks {
            found.jobs.clone()
        } else {
            grouped(&found.jobs)
        };
        ui::data(&table(&jobs, with_user, ui::room()))?;
    }
    for line in footer(&found) {
        ui::say(&line);
    }
    Ok(code::DONE)
}

/// Returns Slurm's clients for a session; none that it may write itself.
pub(super) fn clients(session: &Session) -> Result<Clients, Error> {
    let context = &session.context;
    let writable = context.roots.iter().chain(&context.scratch);
    let writable: Vec<&std::path::Path> = writable.map(|path| path.as_path()).collect();
    Ok(Clients::find(&writable)?)
}

/// Returns the caller, by number: names may have to be asked of a directory.
pub(super) fn mine() -> Whose {
    Whose::mine()
}

/// Returns what the table does not show by itself.
pub(super) fn footer(found: &Look) -> Vec<String> {
    let mut lines = Vec::new();
    if let Accounting::Silent(said) = &found.accounting {
        lines.push(format!(
            "accounting does not answer ({said}); what ended more than some minutes ago is missing."
        ));
    }
    if found.unread > 0 {
        lines.push(format!(
            "{} records of Slurm make no sense and are left out.",
            found.unread
        ));
    }
    lines
}

/// Returns jobs as a table that fits into so many columns.
pub(super) fn table(jobs: &[Job], with_user: bool, room: Option<usize>) -> String {
    let user = with_user.then_some("user");
    let headings = ["id", "name"].into_iter().chain(user);
    let rest = ["partition", "state", "elapsed", "limit", "nodes or reason"];
    let mut table = Table::new(headings.chain(rest));
    for job in jobs {
        let (word, paint) = word(job);
        let user = with_user.then(|| Cell::from(&job.user));
        let cells = [
            Cell::painted(&race::ids(job), Paint::Cyan),
            Cell::from(&job.name),
        ];
        let rest = [
            Cell::from(&job.partition),
            Cell::painted(&word, paint),
            Cell::from(elapsed(job)),
            Cell::painted(&limit(job.limit), Paint::Dim),
            Cell::from(place(job)),
        ];
        table.row(cells.into_iter().chain(user).chain(rest));
    }
    let Some(room) = room else {
        return table.render();
    };
    // A list of tasks gives way first, then the name, what stands last, and the partition.
    let (partition, last) = if with_user { (3, 7) } else { (2, 6) };
    let some = [(0, 20), (1, 16), (last, 24), (partition, 12)];
    let most = [(1, 6), (last, 8), (partition, 6), (0, 8)];
    table.render_within(room, &[some, most].concat())
}

/// Puts ended tasks of an array that ended alike into one line, and the jobs of a race.
pub(super) fn grouped(jobs: &[Job]) -> Vec<Job> {
    let mut grouped: Vec<Job> = Vec::new();
    let mut groups: HashMap<(u64, String), usize> = HashMap::new();
    for job in &race::together(jobs) {
        let (Some(task), true) = (job.id.task(), job.state.is_over()) else {
            grouped.push(job.clone());
            continue;
        };
        match groups.entry((job.id.number, word(job).0)) {
            Entry::Vacant(place) => {
                place.insert(grouped.len());
                grouped.push(job.clone());
            }
            Entry::Occupied(at) => {
                if let Some(known) = grouped.get_mut(*at.get()) {
                    add(known, task, job);
                }
            }
        }
    }
    for job in &mut grouped {
        if let Part::Tasks(tasks) = &mut job.id.part {
            tasks.tidy();
        }
    }
    grouped
}

/// Adds a task to the line of others that ended alike; the longest and the latest of them count.
fn add(known: &mut Job, task: u32, job: &Job) {
    if let Some(first) = known.id.task() {
        known.id.part = Part::Tasks([first].into_iter().collect());
    }
    if let Part::Tasks(tasks) = &mut known.id.part {
        tasks.extend([task]);
    }
    known.elapsed = known.elapsed.max(job.elapsed);
    known.ended = known.ended.take().max(job.ended.clone());
    if known.nodes != job.nodes {
        known.nodes.clear();
    }
}

/// Returns the word for a job's state, and its colour.
pub(super) fn word(job: &Job) -> (String, Paint) {
    if lost_race(&job.state, job.exit) {
        return ("lost the race".to_owned(), Paint::Dim);
    }
    if job.race.as_ref().and_then(|part| part.end) == Some(End::OtherStarted) {
        return ("cancelled: other started".to_owned(), Paint::Dim);
    }
    let paint = match job.state.phase() {
        Phase::Running => Paint::Green,
        Phase::Waiting | Phase::Ending | Phase::Unknown => Paint::Yellow,
        Phase::Failed => Paint::Red,
        Phase::Done | Phase::Cancelled => Paint::Dim,
    };
    let word = match (&job.state, job.exit) {
        (State::Known(Known::Failed), Some(exit)) if exit.signal != 0 => {
            format!("{} signal {}", job.state, exit.signal)
        }
        (State::Known(Known::Failed), Some(exit)) => format!("{} {}", job.state, exit.status),
        (state, _) => state.to_string(),
    };
    (word, paint)
}

pub(super) fn elapsed(job: &Job) -> String {
    match job.elapsed {
        Some(0) if job.state.is_waiting() => "-".to_owned(),
        Some(seconds) => time::written(seconds),
        None => "-".to_owned(),
    }
}

pub(super) fn limit(limit: Limit) -> String {
    match limit {
        Limit::Seconds(seconds) => time::written(seconds),
        Limit::Unlimited => "unlimited".to_owned(),
        Limit::Unknown => "-".to_owned(),
    }
}

/// Returns where a job runs or ran, or why it does not yet.
fn place(job: &Job) -> String {
    let reason = job.reason.as_deref().unwrap_or_default();
    if !job.state.is_waiting() {
        return job.nodes.clone();
    }
    let expected = job.expected.as_ref().map(|at| {
        let text = at.to_string();
        format!(
            ", from {}Z",
            text.get(..16).unwrap_or(&text).replace('T', " ")
        )
    });
    let tasks = match &job.id.part {
        Part::Tasks(tasks) if tasks.is_cut => format!("{}+ tasks: ", tasks.count()),
        Part::Tasks(tasks) => format!("{} tasks: ", tasks.count()),
        Part::Whole | Part::Task(_) | Part::Component(_) => String::new(),
    };
    format!("{tasks}{reason}{}", expected.unwrap_or_default())
}

/// Says in words why a job waits, where Slurm's word for it is not plain enough.
pub(super) fn waits_for(reason: &str) -> Option<&'static str> {
    let word = reason
        .split([',', ':', '('])
        .next()
        .unwrap_or(reason)
        .trim();
    Some(match word {
        "Resources" => "it is next, once what it asks for is free",
        "Priority" => "others are before it",
        "Dependency" => "it waits for another job",
        "DependencyNeverSatisfied" => "what it waits for will never happen; cancel it",
        "BeginTime" => "it was told to begin later",
        "JobHeldUser" => "you hold it; `scontrol release` lets it go",
        "JobHeldAdmin" => "an administrator holds it",
        "JobArrayTaskLimit" => "as many tasks of its array run as may run at once",
        "PartitionTimeLimit" => {
            "it asks for more time than its partition gives; it will never start"
        }
        "PartitionNodeLimit" => {
            "it asks for more nodes than its partition gives; it will never start"
        }
        "PartitionDown" | "PartitionInactive" => "its partition takes no jobs now",
        "ReqNodeNotAvail" => {
            "a node that it needs is not available, or a maintenance comes before its end"
        }
        "Reservation" | "ReservationDeleted" => "its reservation is not there",
        "InvalidQOS" => "its QOS is not valid; it will never start",
        "InvalidAccount" => "its account is not valid; it will never start",
        "launch_failed_requeued_held" => "it could not be launched, and is held",
        word if word.starts_with("QOS") => "a limit of its QOS is reached",
        word if word.starts_with("Assoc") || word.starts_with("MaxJobs") => {
            "a limit of its account is reached"
        }
        _ => return None,
    })
}

fn state(text: &str) -> Result<State, String> {
    match State::read(text) {
        known @ State::Known(_) => Ok(known),
        State::Other(word) => {
            let all = Known::ALL.iter().map(|known| known.long());
            let all = all.collect::<Vec<_>>().join(", ");
            Err(format!("`{word}` is no state of Slurm's; these are: {all}"))
        }
    }
}
