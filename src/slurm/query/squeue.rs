//! What `squeue` says: the queue, and what left it within the last minutes.
//!
//! INVARIANT: a job's name is free text, newlines and separators among it; it stands
//! last, and each record begins with a mark that nobody can have foreseen.

use super::exit::Exit;
use super::id::{JobId, digits};
use super::job::{Job, Source, said};
use super::state::State;
use super::time::{Limit, moment, span};
use crate::slurm::race::story::Part;

const FIELDS: &str = "%i|%A|%U|%u|%T|%P|%q|%M|%l|%S|%e|%V|%D|%N|%r|%j";
/// Behind the name and a mark, since it is free text too.
const COMMENT: &str = "%k";

/// Returns the format to ask with.
pub fn format(mark: &str) -> String {
    format!("{mark}|{FIELDS}{mark}{COMMENT}")
}

/// Reads all records, and counts those that make no sense.
pub fn read(text: &str, mark: &str) -> (Vec<Job>, usize) {
    let begin = format!("\n{mark}|");
    let mut jobs = Vec::new();
    let mut unread = 0;
    // The first line is behind the first mark, or there is none.
    let all = format!("\n{}", text.strip_suffix('\n').unwrap_or(text));
    for record in all.split(&begin).skip(1) {
        match job(record, mark) {
            Some(job) => jobs.push(job),
            None => unread += 1,
        }
    }
    (jobs, unread)
}

fn job(record: &str, mark: &str) -> Option<Job> {
    let (record, comment) = record.split_once(mark).unwrap_or((record, ""));
    let mut fields = record.splitn(16, '|');
    let mut next = || fields.next();
    let id: JobId = next()?.parse().ok()?;
    let number = digits(next()?)?;
    let uid = digits(next()?);
    let user = next()?.to_owned();
    let state = State::read(next()?);
    let partition = said(next()?).unwrap_or_default().to_owned();
    let qos = said(next()?).unwrap_or_default().to_owned();
    let elapsed = span(next()?);
    let limit = Limit::read(next()?);
    let start = moment(next()?);
    let end = moment(next()?);
    let submitted = moment(next()?);
    let node_count = digits(next()?);
    let nodes = said(next()?).unwrap_or_default().to_owned();
    let reason = said(next()?).map(str::to_owned);
    let name = next()?.to_owned();
    let waits = state.is_waiting();
    Some(Job {
        id,
        number,
        name,
        user,
        uid,
        partition,
        qos,
        cancelled_by: None,
        reason,
        elapsed,
        limit,
        submitted,
        started: start.clone().filter(|_| !waits),
        expected: start.filter(|_| waits),
        ended: end.filter(|_| state.is_over()),
        nodes,
        node_count,
        exit: None::<Exit>,
        directory: None,
        race: Part::of(comment),
        source: Source::Queue,
        state,
    })
}
