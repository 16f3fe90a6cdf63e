//! Shows a job's files, and goes on until the job has ended and everything is shown.

use std::io;
use std::ops::ControlFlow;
use std::sync::mpsc::{Receiver, TryRecvError};
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use serde::Serialize;

use super::asking::{Answer, asking};
use super::frame::At;
use super::printer::Printer;
use super::tail::Tail;
use super::wake::{Wake, Woken};
use super::{Stream, Which, streams};
use crate::cli::{jobs, status};
use crate::error::{Error, code};
use crate::slurm::client::Clients;
use crate::slurm::query::{Exit, Job, JobId, State};
use crate::ui::{self, clean};

/// What is wanted.
pub(super) struct Request {
    pub(super) lines: Option<u64>,
    pub(super) is_followed: bool,
    pub(super) which: Which,
    pub(super) json: bool,
    /// For the same program on another machine.
    pub(super) is_framed: bool,
    /// What that machine has already.
    pub(super) at: Vec<At>,
}

/// From one look at the files to the next, where nothing wakes us.
const PAUSE: Duration = Duration::from_secs(1);
/// For so long after the job's end more may come to light, on file systems of other machines.
const REST: Duration = Duration::from_secs(2);
/// Files that change all the time are looked at no more often.
const CALM: Duration = Duration::from_millis(30);

#[derive(Serialize)]
struct End<'a> {
    schema: &'static str,
    job: &'a JobId,
    state: &'a State,
    exit: Option<Exit>,
    meaning: Option<String>,
}

/// Shows the files, to their present end or to the job's.
pub(super) fn show(
    clients: &Clients,
    job: Job,
    files: Vec<Stream>,
    request: &Request,
) -> Result<u8, Error> {
    let wake = Wake::new(&[Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP]);
    let mut view = View {
        tails: files
            .iter()
            .map(|one| (one.label, Tail::new(&one.path)))
            .collect(),
        printer: Printer::new(&files, request.json, &job.id),
        wake: wake.map_err(|source| Error::Io {
            what: "signals",
            source,
        })?,
        job,
        request,
    };
    if request.is_framed && view.printer.frame()?.is_break() {
        return Ok(code::DONE);
    }
    view.open()?;
    if !request.is_followed {
        let is_any = view.tails.iter().any(|(_, tail)| tail.is_open());
        if !is_any {
            return Err(Error::No(view.why_nothing()));
        }
        let _ = view.drain()?;
        view.printer.finish()?;
        return Ok(code::DONE);
    }
    let states = asking(clients.clone(), view.job.id.clone());
    view.follow(clients, &states)
}

struct View<'r> {
    job: Job,
    tails: Vec<(&'static str, Tail)>,
    printer: Printer,
    wake: Wake,
    request: &'r Request,
}

impl View<'_> {
    fn follow(mut self, clients: &Clients, states: &Receiver<Answer>) -> Result<u8, Error> {
        self.tell_waiting();
        let mut ended: Option<Instant> = self.job.state.is_over().then(Instant::now);
        loop {
            self.open()?;
            let moved = match self.drain()? {
                ControlFlow::Continue(moved) => moved,
                ControlFlow::Break(()) => return Ok(code::DONE),
            };
            if let (Some(since), false) = (ended, moved)
                && since.elapsed() >= REST
            {
                return self.end();
            }
            match self.wake.wait(PAUSE, false).map_err(waiting)? {
                Woken::Signal(signal) => {
                    self.printer.finish()?;
                    let signal = u8::try_from(signal).unwrap_or(0);
                    return Ok(code::SIGNAL.saturating_add(signal));
                }
                Woken::Unread => return Ok(code::DONE),
                Woken::Look | Woken::Key => std::thread::sleep(CALM),
            }
            match states.try_recv() {
                Ok(Answer::Is(job)) => {
                    let waited = self.job.state.is_waiting();
                    let is_same = self.job.state == job.state && self.job.reason == job.reason;
                    self.job = *job;
                    ended = match ended {
                        None if self.job.state.is_over() => Some(Instant::now()),
                        _ if !self.job.state.is_over() => None,
                        since => since,
                    };
                    if waited && !self.job.state.is_waiting() {
                        self.find_again(clients)?;
                    }
                    if !is_same {
                        self.tell_waiting();
                    }
                }
                Ok(Answer::Gone) | Err(TryRecvError::Disconnected) => {
                    ended = ended.or_else(|| Some(Instant::now()));
                }
                Ok(Answer::Silent(said)) => {
                    self.printer.pause();
                    ui::say(&format!("{said}; the files are followed on."));
                }
                Err(TryRecvError::Empty) => {}
            }
        }
    }

    /// Opens what is there by now. A file that comes to be while it is followed is shown whole.
    fn open(&mut self) -> Result<(), Error> {
        for (label, tail) in &mut self.tails {
            if tail.is_open() {
                continue;
            }
            self.wake.watch(tail.path());
            let was_there = self.job.state.is_over() || self.job.state.is_running();
            let unreadable = |path: &std::path::Path, source| Error::File {
                path: path.to_owned(),
                source,
            };
            let opened = tail
                .open()
                .map_err(|source| unreadable(tail.path(), source))?;
            let seen = self.request.at.iter().find(|at| at.label == *label);
            if let (true, Some(at)) = (opened, seen) {
                tail.resume(at.place);
            } else if let (true, true, Some(lines)) = (opened, was_there, self.request.lines) {
                tail.skip_to_last(lines)
                    .map_err(|source| unreadable(tail.path(), source))?;
            }
        }
        Ok(())
    }

    /// Shows all there is; says whether that was anything.
    fn drain(&mut self) -> Result<ControlFlow<(), bool>, Error> {
        let mut moved = false;
        for (index, (label, tail)) in self.tails.iter_mut().enumerate() {
            loop {
                let more = tail.read().map_err(|source| Error::File {
                    path: tail.path().to_owned(),
                    source,
                })?;
                if let Some(note) = more.note {
                    self.printer.pause();
                    ui::say(&clean(&format!("`{}` {note}.", tail.path().display())));
                }
                if more.bytes.is_empty() && more.note.is_none() {
                    break;
                }
                moved = true;
                let place = tail.place();
                if self
                    .printer
                    .add_from(index, label, &more.bytes, place)?
                    .is_break()
                {
                    return Ok(ControlFlow::Break(()));
                }
            }
        }
        Ok(ControlFlow::Continue(moved))
    }

    /// Looks where the files are once more: their names may tell the node, or a task's own number.
    fn find_again(&mut self, clients: &Clients) -> Result<(), Error> {
        let ids = [self.job.id.clone()];
        for (_, found) in status::find(clients, &ids)? {
            let files = streams(clients, &found, &self.job, self.request.which);
            let is_same = files.len() == self.tails.len()
                && files
                    .iter()
                    .zip(&self.tails)
                    .all(|(one, (_, tail))| one.path == tail.path());
            if !files.is_empty() && !is_same {
                self.printer = Printer::new(&files, self.request.json, &self.job.id);
                if self.request.is_framed {
                    let _ = self.printer.frame()?;
                }
                self.tails = files
                    .iter()
                    .map(|one| (one.label, Tail::new(&one.path)))
                    .collect();
            }
        }
        Ok(())
    }

    fn tell_waiting(&mut self) {
        let job = &self.job;
        let nodes = clean(&job.nodes);
        let text = if job.state.is_waiting() {
            let reason = job.reason.as_deref().unwrap_or("no reason given");
            let meaning = jobs::waits_for(reason).map(|text| format!(": {text}"));
            format!(
                "job {} waits ({reason}){}.",
                job.id,
                meaning.unwrap_or_default()
            )
        } else if job.state.is_running() && !self.tails.iter().any(|(_, tail)| tail.is_open()) {
            format!(
                "job {} runs on {nodes}; its output is not there yet.",
                job.id
            )
        } else {
            return;
        };
        self.printer.pause();
        ui::say(&clean(&text));
    }

    fn why_nothing(&self) -> String {
        let paths = self
            .tails
            .iter()
            .map(|(_, tail)| tail.path().display().to_string());
        let paths = paths.collect::<Vec<_>>().join("`, `");
        let job = &self.job;
        if job.state.is_waiting() {
            let reason = job.reason.as_deref().unwrap_or("no reason given");
            return format!(
                "job {} waits ({reason}) and has written nothing; `logs -f` waits for it",
                job.id
            );
        }
        format!("job {} is {}, and there is no `{paths}`", job.id, job.state)
    }

    fn end(mut self) -> Result<u8, Error> {
        self.printer.finish()?;
        let job = &self.job;
        let meaning = status::meaning(job);
        if self.request.json {
            ui::json(&End {
                schema: "hlrp.log-end/1",
                job: &job.id,
                state: &job.state,
                exit: job.exit,
                meaning,
            })?;
            return Ok(code::DONE);
        }
        if !self.tails.iter().any(|(_, tail)| tail.is_open()) {
            ui::say(&self.why_nothing());
        }
        let (word, paint) = jobs::word(job);
        let meaning = meaning.map(|text| format!(": {text}")).unwrap_or_default();
        ui::say(&format!(
            "job {} {}{}",
            job.id,
            paint.on(&word),
            clean(&meaning)
        ));
        Ok(code::DONE)
    }
}

fn waiting(source: io::Error) -> Error {
    Error::Io {
        what: "waiting for the files",
        source,
    }
}
