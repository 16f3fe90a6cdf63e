//! Shows all that is known of a job.

use std::collections::BTreeMap;
use std::time::{Duration, Instant, SystemTime};

use serde::Serialize;
use serde_json::Value;

use crate::audit::Timestamp;
use crate::error::{Error, code};
use crate::session::{Request, Session};
use crate::slurm::client::Clients;
use crate::slurm::query::{
    self, Accounting, Detail, Job, JobId, Output, Phase, Whose, explain, look, merge,
};
use crate::slurm::race::story::End;
use crate::ui::{self, Paint, clean};

use super::jobs::{self, Shown, clients};

/// Show all that is known of a job: state, times, how it ended and what that means, its files
///
/// Asks the queue, then the controller, then accounting, which knows what ended a while
/// ago. Of an array it says how many tasks are in which state; a task has a status of its own.
///
///   hlrp-sh status 5423108
///   hlrp-sh status 5423108_4 --json
///
/// Exit status 1 where Slurm knows no such job.
#[derive(clap::Args, Debug)]
#[command(verbatim_doc_comment)]
pub(super) struct Args {
    /// Job ids: 123, or 123_4 for a task of an array
    #[arg(value_name = "JOB", required = true)]
    jobs: Vec<JobId>,
    #[command(flatten)]
    pub(super) place: super::Where,
}

/// All that is known of one job.
#[derive(Serialize)]
pub(super) struct Status<'a> {
    #[serde(flatten)]
    job: Shown<'a>,
    meaning: Option<String>,
    #[serde(flatten)]
    output: &'a Output,
    entry: Option<Value>,
    command: Option<&'a str>,
    dependency: Option<&'a str>,
    restarts: Option<u32>,
    resources: Option<&'a str>,
    comment: Option<&'a str>,
}

/// What was found of one id.
pub(super) struct Found {
    pub(super) jobs: Vec<Job>,
    pub(super) details: Vec<Detail>,
    /// Accounting could not be asked, so that nothing found does not mean that there is nothing.
    pub(super) unsure: Option<String>,
}

/// Accounting lags behind a job's end by 1.6 to 3.1 seconds; and by more on a busy machine.
const LAG: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(500);

pub(super) fn run(args: &Args, json: bool) -> Result<u8, Error> {
    let clients = clients(&Session::open(&Request::default())?)?;
    let mut status = code::DONE;
    let mut found = find(&clients, &args.jobs)?;
    beside(&clients, &mut found)?;
    for (index, (id, found)) in found.iter().enumerate() {
        if found.jobs.is_empty() {
            let (text, one) = missing(id, found);
            ui::say(&text);
            status = status.max(one);
            continue;
        }
        if !json && index > 0 {
            ui::data("")?;
        }
        show(&clients, found, json)?;
    }
    Ok(status)
}

/// Says that a job is not known, and returns the exit status for it.
pub(super) fn missing(id: &JobId, found: &Found) -> (String, u8) {
    match &found.unsure {
        Some(said) => (
            format!("the queue has no job {id} any more, and accounting does not answer: {said}"),
            code::UNREACHABLE,
        ),
        None => (format!("Slurm knows no job {id}"), code::NO),
    }
}

/// Asks the queue for all ids at once, the controller for each, and accounting where these do not know enough.
pub(super) fn find(clients: &Clients, ids: &[JobId]) -> Result<Vec<(JobId, Found)>, Error> {
    let deadline = Instant::now() + LAG;
    let beginning = Timestamp::from(SystemTime::UNIX_EPOCH + Duration::from_secs(86_400));
    let whose = Whose::These(ids.to_vec());
    let mut details: BTreeMap<JobId, Vec<Detail>> = BTreeMap::new();
    let mut since = None;
    loop {
        let seen = look(clients, &whose, since)?;
        let unsure = match &seen.accounting {
            Accounting::Silent(said) => Some(said.clone()),
            Accounting::Answered | Accounting::NotAsked => None,
        };
        let mut all = Vec::new();
        for id in ids {
            let of = |job: &&Job| id.meets(&job.id);
            let queued: Vec<Job> = seen.jobs.iter().filter(of).cloned().collect();
            if !details.contains_key(id) {
                let of = |detail: &Detail| id.meets(&detail.job.id);
                let mut found = query::detail(clients, id)?;
                found.retain(of);
                details.insert(id.clone(), found);
            }
            let details = details.get(id).cloned().unwrap_or_default();
            let told = details.iter().map(|detail| detail.job.clone()).collect();
            let found = Found {
                jobs: joined(queued, told),
                details,
                unsure: unsure.clone(),
            };
            all.push((id.clone(), found));
        }
        let is_complete = all.iter().all(|(_, found)| is_complete(found));
        if since.is_none() {
            if is_complete && !all.iter().any(|(id, found)| is_accountings(id, found)) {
                return Ok(all);
            }
            since = Some(&beginning);
            continue;
        }
        if is_complete || unsure.is_some() || Instant::now() >= deadline {
            return Ok(all);
        }
        std::thread::sleep(PAUSE);
    }
}

/// Says of jobs of a race how the others stand.
fn beside(clients: &Clients, found: &mut [(JobId, Found)]) -> Result<(), Error> {
    let racing = || {
        found
            .iter()
            .flat_map(|(_, found)| &found.jobs)
            .filter(|job| job.race.is_some())
    };
    let Some(since) = racing().filter_map(|job| job.submitted.clone()).min() else {
        return Ok(());
    };
    let seen = look(clients, &jobs::mine(), Some(&since))?.jobs;
    for job in found.iter_mut().flat_map(|(_, found)| &mut found.jobs) {
        if let Some(same) = seen.iter().find(|other| other.number == job.number) {
            job.race.clone_from(&same.race);
        }
    }
    Ok(())
}

/// Joins what the queue said before with what the controller adds.
fn joined(seen: Vec<Job>, told: Vec<Job>) -> Vec<Job> {
    let (queue, accounting) = seen
        .into_iter()
        .partition(|job| job.source == query::Source::Queue);
    merge(queue, told, accounting)
}

/// Returns whether a record is there, and none of them only half: accounting may lag.
fn is_complete(found: &Found) -> bool {
    let is_half = |job: &Job| job.state.is_over() && job.partition.is_empty();
    !found.jobs.is_empty() && !found.jobs.iter().any(is_half)
}

/// Returns whether accounting knows more: who cancelled a job, or an array's tasks that ended a while ago.
fn is_accountings(id: &JobId, found: &Found) -> bool {
    found
        .jobs
        .iter()
        .any(|job| job.state.phase() == Phase::Cancelled || job.id.is_of_array() && job.id != *id)
}

fn show(clients: &Clients, found: &Found, json: bool) -> Result<(), Error> {
    if let ([job], false) = (found.jobs.as_slice(), json) {
        let (detail, output) = output(clients, found, job);
        return ui::data(&text(&status(job, detail, &output)));
    }
    if json {
        for job in &found.jobs {
            let (detail, output) = output(clients, found, job);
            ui::json(&status(job, detail, &output))?;
        }
        return Ok(());
    }
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for job in &found.jobs {
        *counts.entry(jobs::word(job).0).or_default() += job.count();
    }
    let counts = counts.iter().map(|(word, count)| format!("{count} {word}"));
    let counts = counts.collect::<Vec<_>>().join(", ");
    ui::data(&format!("{}\n", Paint::Bold.on(&counts)))?;
    ui::data(&jobs::table(&jobs::grouped(&found.jobs), false, ui::room()))
}

/// Returns where a job's output is, and the controller's detail of it where that still has it.
pub(super) fn output<'f>(
    clients: &Clients,
    found: &'f Found,
    job: &Job,
) -> (Option<&'f Detail>, Output) {
    let detail = found.details.iter().find(|detail| detail.job.id == job.id);
    let output = match detail {
        Some(detail) => Output::of(detail),
        // Without the line the rules of Slurm still say where the output should be.
        None => {
            let line = query::submit_line(clients, &job.id).ok().flatten();
            Output::of_line(job, line.as_deref())
        }
    };
    (detail, output)
}

fn status<'a>(job: &'a Job, detail: Option<&'a Detail>, output: &'a Output) -> Status<'a> {
    Status {
        job: Shown::new(job),
        meaning: meaning(job),
        entry: output.entry(job),
        output,
        command: detail.and_then(|detail| detail.command.as_deref()),
        dependency: detail.and_then(|detail| detail.dependency.as_deref()),
        restarts: detail.and_then(|detail| detail.restarts),
        resources: detail.and_then(|detail| detail.resources.as_deref()),
        comment: detail.and_then(|detail| detail.comment.as_deref()),
    }
}

/// Says what the end of a job means, or what it waits for.
pub(super) fn meaning(job: &Job) -> Option<String> {
    if job.state.is_waiting() {
        return job
            .reason
            .as_deref()
            .and_then(jobs::waits_for)
            .map(str::to_owned);
    }
    if let Some(part) = job.race.as_ref().filter(|part| part.end.is_some()) {
        let twin = match part.to {
            Some(number) => format!("job {number} of the same race"),
            None => "another job of the same race".to_owned(),
        };
        return Some(match part.end {
            Some(End::OtherStarted) => {
                format!("{twin} started first, so this one was taken out of its queue")
            }
            Some(End::LostTheRace) | None => {
                format!("{twin} had the run already; this one trained nothing")
            }
        });
    }
    let by = job.cancelled_by.map(|uid| {
        if uid == nix::unistd::getuid().as_raw() {
            "you".to_owned()
        } else if uid == 0 {
            "root".to_owned()
        } else if Some(uid) == job.uid {
            job.user.clone()
        } else {
            format!("user {uid}")
        }
    });
    explain(&job.state, job.exit, by.as_deref())
}

fn text(status: &Status<'_>) -> String {
    let job = status.job.job;
    let (word, paint) = jobs::word(job);
    let mut lines = Lines::default();
    lines.add("job", &Paint::Cyan.on(&job.id.to_string()));
    lines.add("name", &clean(&job.name));
    let meaning = status.meaning.as_ref().map(|text| format!("  {text}"));
    lines.add(
        "state",
        &(paint.on(&word) + &clean(&meaning.unwrap_or_default())),
    );
    if job.state.is_waiting() {
        lines.some("reason", job.reason.as_deref());
    }
    if job.state.is_over() {
        lines.some("exit", job.exit.map(|exit| exit.to_string()).as_deref());
    }
    lines.some("partition", Some(job.partition.as_str()));
    lines.some("qos", Some(job.qos.as_str()));
    lines.some("nodes", Some(job.nodes.as_str()));
    lines.some("resources", status.resources);
    let moment = |at: &Option<Timestamp>| at.as_ref().map(Timestamp::to_string);
    lines.some("submitted", moment(&job.submitted).as_deref());
    lines.some("expected", moment(&job.expected).as_deref());
    lines.some("started", moment(&job.started).as_deref());
    lines.some("ended", moment(&job.ended).as_deref());
    if job.state.phase() != Phase::Waiting {
        lines.add(
            "elapsed",
            &format!("{} of {}", jobs::elapsed(job), jobs::limit(job.limit)),
        );
    } else {
        lines.add("limit", &jobs::limit(job.limit));
    }
    lines.some("waits for", status.dependency);
    let restarts = status.restarts.filter(|count| *count > 0);
    lines.some(
        "restarts",
        restarts.map(|count| count.to_string()).as_deref(),
    );
    lines.some("comment", status.comment);
    lines.some("command", status.command);
    let path =
        |path: &Option<std::path::PathBuf>| path.as_ref().map(|path| path.display().to_string());
    lines.some("directory", path(&job.directory).as_deref());
    let guess = if status.output.is_guess {
        "  (by Slurm's own rule)"
    } else {
        ""
    };
    let output = path(&status.output.stdout).map(|path| path + guess);
    lines.some("output", output.as_deref());
    if status.output.stderr != status.output.stdout {
        lines.some("errors", path(&status.output.stderr).as_deref());
    }
    lines.some("run", path(&status.output.run).as_deref());
    if let Some(Value::Object(entry)) = &status.entry {
        for (key, value) in entry {
            match value {
                Value::String(text) => lines.add(&format!("  {key}"), &clean(text)),
                Value::Array(_) | Value::Number(_) | Value::Bool(_) => {
                    lines.add(&format!("  {key}"), &clean(&value.to_string()));
                }
                Value::Null | Value::Object(_) => {}
            }
        }
    }
    lines.0
}

#[derive(Default)]
struct Lines(String);

impl Lines {
    fn add(&mut self, name: &str, text: &str) {
        let name = format!("{name:<9}");
        self.0
            .push_str(&format!("{}  {text}\n", Paint::Dim.on(&name)));
    }

    fn some(&mut self, name: &str, text: Option<&str>) {
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            self.add(name, &clean(text));
        }
    }
}
