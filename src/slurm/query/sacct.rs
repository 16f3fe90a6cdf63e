//! What `sacct` says: all that was. It lags by seconds, and for that long says nothing
//! or half of it (`COMPLETED||Unknown`).
//!
//! INVARIANT: a job's name is free text, newlines among it; what divides the fields is a
//! mark that nobody can have foreseen.

use std::path::PathBuf;

use super::id::{JobId, digits};
use super::job::{Job, Source, said};
use super::state::accounted;
use super::time::{Limit, moment, span};
use crate::slurm::race::story::Part;

/// The fields to ask for, free text last. Accounting may keep no comments; then the line that the job was submitted with does.
pub const FIELDS: &str = "JobID,JobIDRaw,UID,User,State,ExitCode,Elapsed,Timelimit,Start,End,Submit,Partition,QOS,NNodes,NodeList,Reason,WorkDir,JobName,Comment,SubmitLine";

/// Reads all records, their fields divided by `mark`, and counts lines that make no sense.
pub fn read(text: &str, mark: &str) -> (Vec<Job>, usize) {
    let mut jobs: Vec<Job> = Vec::new();
    let mut unread = 0;
    let mut last_was_read = false;
    for line in text.lines() {
        if let Some(job) = job(line, mark) {
            jobs.push(job);
            last_was_read = true;
        } else if let (true, Some(job)) = (last_was_read, jobs.last_mut()) {
            // A name may hold a newline; then the record goes on.
            job.name.push('\n');
            job.name.push_str(line);
        } else {
            unread += 1;
        }
    }
    for job in &mut jobs {
        part(job, mark);
    }
    (jobs, unread)
}

/// Takes the comment, and the line it was submitted with, from behind the name.
fn part(job: &mut Job, mark: &str) {
    let Some((name, rest)) = job.name.split_once(mark) else {
        return;
    };
    let (comment, line) = rest.split_once(mark).unwrap_or((rest, ""));
    let mut words = line.split_whitespace();
    let said = words.find_map(|word| word.strip_prefix("--comment="));
    job.race = Part::of(comment).or_else(|| Part::of(said?));
    job.name = name.to_owned();
}

fn job(record: &str, mark: &str) -> Option<Job> {
    let mut fields = record.splitn(18, mark);
    let mut next = || fields.next();
    let id: JobId = next()?.parse().ok()?;
    let number = digits(next()?)?;
    let uid = digits(next()?);
    let user = next()?.to_owned();
    let (state, cancelled_by) = accounted(next()?);
    let exit = next()?.parse().ok();
    let elapsed = span(next()?);
    let limit = Limit::read(next()?);
    let started = moment(next()?);
    let ended = moment(next()?);
    let submitted = moment(next()?);
    let partition = said(next()?).unwrap_or_default().to_owned();
    let qos = said(next()?).unwrap_or_default().to_owned();
    let node_count = digits(next()?);
    let nodes = said(next()?).unwrap_or_default().to_owned();
    let reason = said(next()?).map(str::to_owned);
    let directory = said(next()?).map(PathBuf::from);
    let name = next()?.to_owned();
    let is_over = state.is_over();
    Some(Job {
        id,
        number,
        name,
        user,
        uid,
        partition,
        qos,
        cancelled_by,
        reason: reason.filter(|_| state.is_waiting()),
        elapsed,
        limit,
        submitted,
        started: started.filter(|_| !state.is_waiting()),
        expected: None,
        ended: ended.filter(|_| is_over),
        nodes,
        node_count,
        exit: exit.filter(|_| is_over),
        directory,
        race: None,
        source: Source::Accounting,
        state,
    })
}
