//! Shows what a job writes, and follows it to its end.

mod asking;
pub(super) mod far;
mod follow;
mod frame;
mod printer;
mod tail;
pub(super) mod wake;

use std::path::PathBuf;

use clap::ValueEnum;

use crate::error::{Error, code};
use crate::session::{Request, Session};
use crate::slurm::client::Clients;
use crate::slurm::query::{Job, JobId, Output, Part};
use crate::ui;

use super::jobs::{self, clients};
use super::status::{self, Found};

/// Show what a job writes: its output and its errors
///
/// With `-f` it waits for a job that has not begun, saying why, follows both files, and ends
/// when the job has ended. Files that are replaced or cut short are followed on. Of an array
/// one task is shown: the one that is named, or the only one that runs.
///
///   hlrp-sh logs 5423108
///   hlrp-sh logs -f -n 20 5423108_4
///   hlrp-sh logs --stream err 5423108 > errors.txt
///
/// Exit status 1 where Slurm knows no such job, or there is no file.
#[derive(clap::Args, Debug)]
#[command(verbatim_doc_comment)]
pub(super) struct Args {
    /// The job: 123, or 123_4 for a task of an array
    #[arg(value_name = "JOB")]
    job: JobId,
    /// Go on until the job has ended
    #[arg(short, long)]
    follow: bool,
    /// Begin with the last so many lines of each file
    #[arg(short = 'n', long, value_name = "LINES")]
    lines: Option<u64>,
    /// Which of them
    #[arg(long, value_enum, default_value = "both")]
    stream: Which,
    /// The output only
    #[arg(long, conflicts_with_all = ["err", "both", "stream"])]
    out: bool,
    /// The errors only
    #[arg(long, conflicts_with_all = ["both", "stream"])]
    err: bool,
    /// Output and errors
    #[arg(long, conflicts_with = "stream")]
    both: bool,
    /// Write for the same program on another machine
    #[arg(long, hide = true)]
    frames: bool,
    /// What that machine has of a stream: STREAM:FILE:OFFSET
    #[arg(long, hide = true, value_name = "PLACE", requires = "frames")]
    at: Vec<frame::At>,
    #[command(flatten)]
    pub(super) place: super::Where,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum Which {
    Out,
    Err,
    Both,
}

/// A file to show, and which stream it is.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Stream {
    label: &'static str,
    path: PathBuf,
}

pub(super) fn run(args: &Args, json: bool) -> Result<u8, Error> {
    let clients = clients(&Session::open(&Request::default())?)?;
    let ids = [args.job.clone()];
    let found = status::find(&clients, &ids)?;
    let Some((id, found)) = found.into_iter().next() else {
        return Ok(code::NO);
    };
    if found.jobs.is_empty() {
        let (text, status) = status::missing(&id, &found);
        ui::say(&text);
        return Ok(status);
    }
    let Some(job) = choose(&id, &found.jobs) else {
        let table = jobs::table(&jobs::grouped(&found.jobs), false, ui::room());
        ui::say(&table);
        return Err(Error::No(format!(
            "job {id} is an array; name one of its tasks, as in `hlrp-sh logs {}_0`",
            id.number
        )));
    };
    let streams = streams(&clients, &found, &job, args.which());
    if streams.is_empty() {
        return Err(Error::No(format!(
            "nobody says where the output of job {} is; it may have none",
            job.id
        )));
    }
    let request = follow::Request {
        lines: args.lines,
        is_followed: args.follow,
        which: args.which(),
        json,
        is_framed: args.frames,
        at: args.at.clone(),
    };
    follow::show(&clients, job, streams, &request)
}

impl Args {
    /// Whether it goes on until the job has ended.
    pub(super) fn is_followed(&self) -> bool {
        self.follow && !self.frames
    }

    fn which(&self) -> Which {
        match (self.out, self.err, self.both) {
            (true, _, _) => Which::Out,
            (_, true, _) => Which::Err,
            (_, _, true) => Which::Both,
            (false, false, false) => self.stream,
        }
    }
}

/// Returns the one job that is meant, `None` where several could be.
fn choose(id: &JobId, jobs: &[Job]) -> Option<Job> {
    if let Some(exact) = jobs.iter().find(|job| job.id == *id) {
        return Some(exact.clone());
    }
    if let Part::Task(_) = id.part {
        // It still waits together with others.
        let mut job = jobs.iter().find(|job| job.id.covers(id))?.clone();
        job.id = id.clone();
        return Some(job);
    }
    let mut running = jobs.iter().filter(|job| job.state.is_running());
    let is_heterogeneous = |job: &&Job| matches!(job.id.part, Part::Component(0));
    match (running.next(), running.next(), jobs) {
        (Some(only), None, _) | (None, _, [only]) if !matches!(only.id.part, Part::Tasks(_)) => {
            Some(only.clone())
        }
        _ => jobs.iter().find(is_heterogeneous).cloned(),
    }
}

/// Returns the files to show. Both streams in one file are one.
fn streams(clients: &Clients, found: &Found, job: &Job, which: Which) -> Vec<Stream> {
    let detail = found
        .details
        .iter()
        .find(|detail| detail.job.id.covers(&job.id));
    let output = match detail {
        Some(detail) => {
            let mut detail = detail.clone();
            detail.job.id = job.id.clone();
            Output::of(&detail)
        }
        None => status::output(clients, found, job).1,
    };
    let out = output.stdout.filter(|_| which != Which::Err);
    let err = output.stderr.filter(|_| which != Which::Out);
    let err = err.filter(|err| Some(err) != out.as_ref());
    let stream = |label, path: Option<PathBuf>| path.map(|path| Stream { label, path });
    // What slurmstepd says of a job that it ended, where it says anything.
    let says = |log: &PathBuf| std::fs::metadata(log).is_ok_and(|found| found.len() > 0);
    let log = output.log.filter(|log| which != Which::Out && says(log));
    [stream("out", out), stream("err", err), stream("slurm", log)]
        .into_iter()
        .flatten()
        .collect()
}
