//! Shows the jobs again and again, and says what happened to them.

use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::time::Duration;

use nix::sys::signal::Signal;
use serde::Serialize;

use crate::audit::Timestamp;
use crate::error::{Error, code};
use crate::session::{Request, Session};
use crate::slurm::client;
use crate::slurm::query::{Event, Job, Look, Looks, Phase, Seen};
use crate::ui::screen::Screen;
use crate::ui::{self, Paint, clean};

use super::jobs::{self, Shown, clients};
use super::logs::wake::{Wake, Woken};
use super::status;

/// Watch your jobs: the table of `jobs`, again and again, and what happens to them
///
/// Takes the whole terminal and gives it back; `q` or Ctrl-C ends it. With `--json` it needs
/// no terminal: each thing that happens is one line.
///
///   hlrp-sh watch
///   hlrp-sh watch --json --interval 30
#[derive(clap::Args, Debug)]
#[command(verbatim_doc_comment)]
pub(super) struct Args {
    /// Seconds from one look to the next
    #[arg(long, value_name = "SECONDS", default_value_t = 2, value_parser = clap::value_parser!(u64).range(1..=3600))]
    interval: u64,
}

/// One thing that happened, of `--json`.
#[derive(Serialize)]
struct Happened<'a> {
    schema: &'static str,
    time: &'a Timestamp,
    event: Event,
    job: Shown<'a>,
    meaning: Option<String>,
}

/// Things that happened which stay on the screen.
const REMEMBERED: usize = 6;

pub(super) fn run(args: &Args, json: bool) -> Result<u8, Error> {
    if !json && !Screen::is_there() {
        return Err(Error::Usage(
            "`watch` needs a terminal; `hlrp-sh jobs` shows the table once, `hlrp-sh watch --json` a line for each thing that happens"
                .to_owned(),
        ));
    }
    let clients = clients(&Session::open(&Request::default())?)?;
    let mut signals = vec![Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP];
    if !json {
        signals.push(Signal::SIGWINCH);
    }
    let wake = Wake::new(&signals).map_err(broken("signals"))?;
    let interval = Duration::from_secs(args.interval);
    let mut looks = Looks::new(clients);
    // The first one tells by itself, on an ordinary terminal, where Slurm is not there.
    let first = looks.next_look()?;
    let answers = every(looks, interval);
    if json {
        lines(&wake, first, &answers)
    } else {
        screen(&wake, first, &answers, interval)
    }
}

/// Prints what happens.
fn lines(wake: &Wake, first: Look, answers: &Receiver<Answer>) -> Result<u8, Error> {
    let mut known = Seen::default();
    let mut news: Option<Answer> = Some(Ok(first));
    loop {
        match news {
            Some(Ok(found)) => {
                let now = Timestamp::now();
                for (event, job) in known.compare(&found.jobs) {
                    ui::json(&Happened {
                        schema: "hlrp.watch/1",
                        time: &now,
                        event,
                        job: Shown::new(job),
                        meaning: status::meaning(job),
                    })?;
                }
            }
            Some(Err(fault)) => ui::say(&fault.to_string()),
            None => {}
        }
        match wake.wait(TICK, false).map_err(broken("waiting"))? {
            Woken::Signal(signal) => return Ok(of_signal(signal)),
            Woken::Unread => return Ok(code::DONE),
            Woken::Look | Woken::Key => {}
        }
        news = match answers.try_recv() {
            Ok(answer) => Some(answer),
            Err(TryRecvError::Empty) => None,
            Err(TryRecvError::Disconnected) => return Ok(code::SOFTWARE),
        };
    }
}

/// Looks are taken from the other thread so often.
const TICK: Duration = Duration::from_millis(200);

fn screen(
    wake: &Wake,
    first: Look,
    answers: &Receiver<Answer>,
    interval: Duration,
) -> Result<u8, Error> {
    let mut view = View {
        found: first,
        at: Timestamp::now(),
        fault: None,
        known: Seen::default(),
        news: VecDeque::new(),
        interval,
    };
    view.compare();
    let mut screen = Screen::take().map_err(broken("terminal"))?;
    let mut is_stale = true;
    loop {
        if is_stale {
            let size = screen.size();
            screen.draw(&view.lines(size)).map_err(broken("terminal"))?;
        }
        is_stale = false;
        match wake.wait(TICK, true).map_err(broken("waiting"))? {
            Woken::Signal(signal) if signal == Signal::SIGWINCH as i32 => is_stale = true,
            Woken::Signal(signal) => return Ok(of_signal(signal)),
            Woken::Unread => return Ok(code::DONE),
            Woken::Key => {
                let keys = screen.keys();
                if keys.contains(&CONTROL_C) {
                    return Ok(of_signal(Signal::SIGINT as i32));
                }
                // No key, though there was one, is the end of the terminal.
                if keys.is_empty() || keys.iter().any(|key| b"qQ\x04".contains(key)) {
                    return Ok(code::DONE);
                }
            }
            Woken::Look => {}
        }
        match answers.try_recv() {
            Ok(Ok(found)) => {
                view.found = found;
                view.at = Timestamp::now();
                view.fault = None;
                view.compare();
                is_stale = true;
            }
            Ok(Err(fault)) => {
                view.fault = Some(fault.to_string());
                is_stale = true;
            }
            Err(TryRecvError::Empty) => {}
            Err(TryRecvError::Disconnected) => return Ok(code::SOFTWARE),
        }
    }
}

const CONTROL_C: u8 = 3;

struct View {
    found: Look,
    at: Timestamp,
    fault: Option<String>,
    known: Seen,
    news: VecDeque<String>,
    interval: Duration,
}

impl View {
    fn compare(&mut self) {
        let clock = clock(&self.at);
        for (event, job) in self.known.compare(&self.found.jobs) {
            let paint = match event {
                Event::Present => continue,
                Event::Queued | Event::Requeued => Paint::Yellow,
                Event::Started | Event::Ended => Paint::Green,
                Event::Cancelled => Paint::Dim,
                Event::Failed => Paint::Red,
            };
            let meaning = match event {
                Event::Failed if job.exit.is_some() => {
                    status::meaning(job).map(|text| format!(": {text}"))
                }
                _ => None,
            };
            self.news.push_back(format!(
                "{}  {} {} {}{}",
                Paint::Dim.on(&clock),
                Paint::Cyan.on(&job.id.to_string()),
                clean(&job.name),
                paint.on(event.as_str()),
                clean(&meaning.unwrap_or_default()),
            ));
        }
        while self.news.len() > REMEMBERED {
            self.news.pop_front();
        }
    }

    fn lines(&self, (columns, rows): (usize, usize)) -> Vec<String> {
        let count = |phase| {
            let of = self
                .found
                .jobs
                .iter()
                .filter(|job| job.state.phase() == phase);
            of.map(Job::count).sum::<u64>()
        };
        let head = format!(
            "{} run, {} wait, {} failed lately  {}",
            count(Phase::Running),
            count(Phase::Waiting),
            count(Phase::Failed),
            Paint::Dim.on(&format!(
                "{}, every {} s; q ends",
                clock(&self.at),
                self.interval.as_secs()
            ))
        );
        let mut foot: Vec<String> = self.news.iter().cloned().collect();
        foot.extend(jobs::footer(&self.found).iter().map(|line| clean(line)));
        foot.extend(self.fault.as_ref().map(|fault| {
            let since = format!("as of {}; no answer since: ", clock(&self.at));
            Paint::Red.on(&(since + &clean(fault)))
        }));
        let all = jobs::grouped(&self.found.jobs);
        let room = rows.saturating_sub(foot.len() + 5).max(1);
        let shown = all.get(..room).unwrap_or(&all);
        let table = jobs::table(shown, false, Some(columns));
        let mut body: Vec<String> = table.lines().map(str::to_owned).collect();
        if shown.len() < all.len() {
            let rest = all.len() - shown.len();
            body.push(Paint::Dim.on(&format!("and {rest} more; `hlrp-sh jobs` shows all")));
        }
        let empty = String::new;
        let head = [Paint::Bold.on(&head), empty()];
        head.into_iter()
            .chain(body)
            .chain([empty()])
            .chain(foot)
            .collect()
    }
}

/// Returns the clock of a moment: `19:46:12Z`.
fn clock(at: &Timestamp) -> String {
    let text = at.to_string();
    let clock = text.get(11..19).unwrap_or_default();
    format!("{clock}Z")
}

type Answer = Result<Look, client::Error>;

/// Looks again and again, in a thread of its own: a client that hangs stops no key.
fn every(mut looks: Looks, interval: Duration) -> Receiver<Answer> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        loop {
            std::thread::sleep(interval);
            if sender.send(looks.next_look()).is_err() {
                return;
            }
        }
    });
    receiver
}

fn of_signal(signal: i32) -> u8 {
    code::SIGNAL.saturating_add(u8::try_from(signal).unwrap_or(0))
}

fn broken(what: &'static str) -> impl Fn(std::io::Error) -> Error {
    move |source| Error::Io { what, source }
}
