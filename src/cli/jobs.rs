//! Shows the queue, and what left it lately.

use serde::Serialize;

use crate::audit::Since;
use crate::error::{Error, code};
use crate::session::{Request, Session};
use crate::slurm::client::Clients;
use crate::slurm::query::{
    Accounting, Job, Known, Limit, Look, Part, Phase, State, Whose, look, lost_race, time,
};
use crate::ui::table::{Cell, Table};
use crate::ui::{self, Paint};

/// Show your jobs: what runs, what waits and why, what ended lately
///
/// One question to the queue and one to accounting, however many jobs there are. Tasks of
/// an array that wait together are one line. `hlrp-sh status JOB` says everything of one.
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
}

/// A job in `--json`, of every command that shows some.
#[derive(Serialize)]
pub(super) struct Shown<'a> {
    schema: &'static str,
    #[serde(flatten)]
    job: &'a Job,
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
        ui::say("no jobs here: none is queued, and none ended in that time.");
    } else {
        let with_user = args.all || args.user.is_some();
        ui::data(&table(&found.jobs, with_user, ui::room()))?;
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
    Whose::User(nix::unistd::getuid().to_string())
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
            Cell::painted(&job.id.to_string(), Paint::Cyan),
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
    match room {
        // The name gives way first, then the last column, then the partition, then a long list of tasks.
        Some(room) if with_user => table.render_within(room, &[1, 7, 3, 0]),
        Some(room) => table.render_within(room, &[1, 6, 2, 0]),
        None => table.render(),
    }
}

/// Returns the word for a job's state, and its colour.
pub(super) fn word(job: &Job) -> (String, Paint) {
    if lost_race(&job.state, job.exit) {
        return ("lost the race".to_owned(), Paint::Dim);
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

fn elapsed(job: &Job) -> String {
    match job.elapsed {
        Some(0) if job.state.is_waiting() => "-".to_owned(),
        Some(seconds) => time::written(seconds),
        None => "-".to_owned(),
    }
}

fn limit(limit: Limit) -> String {
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
