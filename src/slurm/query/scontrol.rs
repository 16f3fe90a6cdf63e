//! What `scontrol -o show job` and `show partition` say: `Key=value` words, of which some
//! hold free text.
//!
//! INVARIANT: words in a job's name or comment are not taken for fields. A name that imitates
//! a whole record can mislead about its own job alone; whose a job is, `squeue` is asked.

use std::path::PathBuf;

use super::id::{self, JobId, digits};
use super::job::{Job, Source, said};
use super::state::State;
use super::time::{Limit, moment, span};
use crate::slurm::race::story::Part;

/// A job in the controller's detail.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Detail {
    /// What the other clients say, too.
    pub job: Job,
    /// Where its output goes; patterns with a width are still in it.
    pub stdout: Option<String>,
    /// Where its errors go.
    pub stderr: Option<String>,
    /// The script, as it was named.
    pub command: Option<String>,
    /// What it waits for.
    pub dependency: Option<String>,
    /// How often it was queued again.
    pub restarts: Option<u32>,
    /// What it asked for: `cpu=4,mem=16G,gres/gpu=1`.
    pub resources: Option<String>,
    /// What was said of it.
    pub comment: Option<String>,
}

/// Reads all records.
pub fn read(text: &str) -> Vec<Detail> {
    let mut records: Vec<String> = Vec::new();
    for line in text.lines() {
        let begins = line
            .strip_prefix("JobId=")
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        match records.last_mut() {
            Some(record) if !begins => {
                record.push('\n');
                record.push_str(line);
            }
            _ if begins => records.push(line.to_owned()),
            _ => {}
        }
    }
    records.iter().filter_map(|record| detail(record)).collect()
}

fn detail(record: &str) -> Option<Detail> {
    let (head, rest) = record.split_once(" JobName=")?;
    let (name, middle) = after_name(rest)?;
    let name = match name.rsplit_once(" HetJobIdSet=") {
        Some((before, _)) if head.contains("HetJobId=") => before,
        _ => name,
    };
    let (user, middle) = middle.split_once(' ')?;
    let (middle, tail) = match middle.split_once(" Command=") {
        Some((middle, tail)) => (middle, tail),
        None => (middle, ""),
    };
    let of = |key: &str| word(middle, key).and_then(said);
    let number = digits(word(record, "JobId")?)?;
    let id = id(head, number)?;
    let state = State::read(of("JobState")?);
    let (waits, is_over) = (state.is_waiting(), state.is_over());
    let start = of("StartTime").and_then(moment);
    let paths = Tail::read(tail);
    Some(Detail {
        stdout: paths.stdout.and_then(said).map(str::to_owned),
        stderr: paths.stderr.and_then(said).map(str::to_owned),
        command: paths.command.and_then(said).map(str::to_owned),
        comment: paths.comment.and_then(said).map(str::to_owned),
        dependency: of("Dependency").map(str::to_owned),
        restarts: of("Restarts").and_then(digits),
        resources: of("TRES").or_else(|| of("ReqTRES")).map(str::to_owned),
        job: Job {
            id,
            number,
            name: name.to_owned(),
            user: user.split('(').next().unwrap_or_default().to_owned(),
            uid: user
                .split_once('(')
                .and_then(|(_, uid)| digits(uid.trim_end_matches(')'))),
            partition: of("Partition").unwrap_or_default().to_owned(),
            qos: of("QOS").unwrap_or_default().to_owned(),
            cancelled_by: None,
            reason: of("Reason").map(str::to_owned),
            elapsed: of("RunTime").and_then(span),
            limit: of("TimeLimit").map_or(Limit::Unknown, Limit::read),
            submitted: of("SubmitTime").and_then(moment),
            started: start.clone().filter(|_| !waits),
            expected: start.filter(|_| waits),
            ended: of("EndTime").and_then(moment).filter(|_| is_over),
            nodes: of("NodeList").unwrap_or_default().to_owned(),
            node_count: of("NumNodes").and_then(|count| digits(count.split('-').next()?)),
            exit: of("ExitCode")
                .and_then(|exit| exit.parse().ok())
                .filter(|_| is_over),
            directory: paths.directory.and_then(said).map(PathBuf::from),
            race: paths.comment.and_then(Part::of),
            source: Source::Controller,
            state,
        },
    })
}

/// Cuts off the name: it ends before the first user that a group and a label follow.
fn after_name(rest: &str) -> Option<(&str, &str)> {
    const KEY: &str = " UserId=";
    let mut places = rest.match_indices(KEY).map(|(at, _)| at);
    places.find_map(|at| {
        let (name, after) = rest.split_at_checked(at)?;
        let after = after.strip_prefix(KEY)?;
        is_user(after).then_some((name, after))
    })
}

fn is_user(text: &str) -> bool {
    let mut words = text.split(' ').skip(1);
    words
        .next()
        .is_some_and(|word| word.starts_with("GroupId="))
        && words
            .next()
            .is_some_and(|word| word.starts_with("MCS_label="))
}

fn id(head: &str, number: u64) -> Option<JobId> {
    let value = |key| word(head, key).and_then(said);
    if let (Some(array), Some(tasks)) = (value("ArrayJobId"), value("ArrayTaskId")) {
        let written = if tasks.bytes().all(|byte| byte.is_ascii_digit()) {
            format!("{array}_{tasks}")
        } else {
            format!("{array}_[{tasks}]")
        };
        return written.parse().ok();
    }
    if let (Some(job), Some(offset)) = (value("HetJobId"), value("HetJobOffset")) {
        return Some(JobId {
            number: digits(job)?,
            part: id::Part::Component(digits(offset)?),
        });
    }
    Some(JobId::whole(number))
}

/// Returns the value of a word that holds no space.
fn word<'t>(text: &'t str, key: &str) -> Option<&'t str> {
    text.split(' ')
        .find_map(|word| word.strip_prefix(key)?.strip_prefix('='))
}

/// The end of a record: paths, which may hold anything.
#[derive(Default)]
struct Tail<'t> {
    command: Option<&'t str>,
    directory: Option<&'t str>,
    comment: Option<&'t str>,
    stdout: Option<&'t str>,
    stderr: Option<&'t str>,
}

impl<'t> Tail<'t> {
    /// Reads it from its end, where what is fixed stands.
    fn read(text: &'t str) -> Self {
        let mut tail = Self::default();
        let (text, stdout) = split_last(text, " StdOut=");
        tail.stdout = stdout.map(|path| {
            let (path, _) = split_last(path, " TresPerNode=");
            let (path, _) = split_last(path, " MailUser=");
            let (path, _) = split_last(path, " Power=");
            path.trim_end()
        });
        let (text, _) = split_last(text, " StdIn=");
        let (text, stderr) = split_last(text, " StdErr=");
        tail.stderr = stderr;
        let (command, rest) = split_first(text, " WorkDir=");
        // From 24.05 on the whole command line of sbatch stands in between.
        tail.command = Some(split_first(command, " SubmitLine=").0);
        if let Some(rest) = rest {
            let (directory, comment) = split_first(rest, " Comment=");
            tail.directory = Some(directory.trim_end());
            tail.comment = comment.map(str::trim_end);
        }
        tail
    }
}

fn split_last<'t>(text: &'t str, key: &str) -> (&'t str, Option<&'t str>) {
    match text.rsplit_once(key) {
        Some((before, after)) => (before, Some(after)),
        None => (text, None),
    }
}

fn split_first<'t>(text: &'t str, key: &str) -> (&'t str, Option<&'t str>) {
    match text.split_once(key) {
        Some((before, after)) => (before, Some(after)),
        None => (text, None),
    }
}
