//! One sitting at an interactive shell: lines in, what bash does, what the kernel refused.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::error::{Error, code};
use crate::gate::{Answer, Gate};
use crate::launch::child::{Child, Event, Kind, Setup, standing};
use crate::launch::{self, judge, room};
use crate::quota::{Freshness, halted};
use crate::retain::{journal, store};
use crate::session::Session;
use crate::sys;
use crate::ui::{self, Denial};

use super::afar::Watch;
use super::editor::{Editor, Read};
use super::foreground::Foreground;
use super::prompt::Facts;
use super::recall::{Recalled, recall};
use super::{fallback, options, own, past, reach};

/// An interactive shell.
pub(super) struct Shell<'a> {
    pub(super) session: Arc<Session>,
    foreground: &'a Foreground,
    pub(super) child: Child,
    editor: Editor,
    past: Vec<String>,
    status: u8,
    /// Where bash says it is.
    pub(super) cwd: PathBuf,
    denials: usize,
    /// Where bash is, for who judges what is half typed.
    place: Arc<Mutex<PathBuf>>,
    /// What was refused last.
    pub(super) refused: Vec<Denial>,
    /// What the stores held when the last line began, by root.
    pub(super) kept: Vec<(PathBuf, u64)>,
    /// `exit` was the last line, and jobs were in its way.
    is_leaving: bool,
    /// A halt holds the last line.
    is_held: bool,
    /// How things stand on other machines.
    afar: Watch,
}

pub(super) enum Begun<'a> {
    Ready(Box<Shell<'a>>),
    Ended(u8),
}

/// What `$?` is after Ctrl-C.
const INTERRUPTED: u8 = 130;
/// After this long somebody is told that the start-up files are still at it.
const SLOW: Duration = Duration::from_secs(5);

impl<'a> Shell<'a> {
    pub(super) fn start(
        session: &Arc<Session>,
        foreground: &'a Foreground,
        program: &clap::Command,
        (login, startup): (bool, bool),
    ) -> Result<Begun<'a>, Error> {
        let terminal = foreground.terminal().try_clone();
        let terminal = terminal.map_err(|source| Error::Io {
            what: "the terminal",
            source,
        })?;
        let setup = Setup {
            kind: Kind::Terminal(terminal),
            login,
            startup,
            cwd: standing(&session.context.cwd).to_owned(),
            environment: Vec::new(),
        };
        let child = Child::start(session, setup)?;
        let place = Arc::new(Mutex::new(session.context.cwd.clone()));
        let (editor, notices) = Editor::open(options(session, &place, program));
        for notice in notices {
            ui::say(&notice);
        }
        let mut shell = Box::new(Self {
            session: Arc::clone(session),
            foreground,
            child,
            editor,
            place,
            past: Vec::new(),
            status: 0,
            cwd: session.context.cwd.clone(),
            denials: 0,
            refused: Vec::new(),
            kept: Vec::new(),
            is_leaving: false,
            is_held: false,
            afar: Watch::start(session),
        });
        match shell.wait(true) {
            End::Prompt | End::Held => Ok(Begun::Ready(shell)),
            End::Ended(status) => Ok(Begun::Ended(status)),
            End::Failed(reason) => Err(Error::Guard(reason)),
        }
    }

    /// Reads and runs lines until bash ends.
    pub(super) fn go(&mut self) -> Result<u8, Error> {
        if let Some(advice) = &self.session.advice {
            ui::say(advice);
        }
        loop {
            if self.is_held && self.halted().is_none() {
                // The halt has been lifted: the line goes on.
                let _ = sys::terminal::give(
                    self.foreground.terminal(),
                    self.child.process().unwrap_or(0),
                );
                if let Some(status) = self.done(Ok(())) {
                    return Ok(status);
                }
            }
            let facts = self.facts();
            let cwd = facts.cwd.clone();
            let read = self.editor.read(&facts).map_err(|source| Error::Io {
                what: "the terminal",
                source,
            })?;
            let begun = Instant::now();
            let ended = match read {
                Read::Line(line) => self.line(&line),
                Read::Interrupt => None,
                Read::End => self.line("exit"),
            };
            let status = i32::from(self.status);
            self.editor.finished(status, begun.elapsed(), &cwd);
            if let Some(status) = ended {
                return Ok(status);
            }
        }
    }

    fn facts(&self) -> Facts {
        let context = &self.session.context;
        Facts {
            class: context.class,
            host: context.host.clone(),
            user: context.user.clone(),
            cwd: self.cwd.clone(),
            home: context.home.clone(),
            guard: context.guard,
            denials: self.denials,
            status: i32::from(self.status),
            halted: self.halted(),
            session: self.session.id.clone(),
            names: Vec::new(),
            quota: self.fullest(),
            afar: self.afar.seen(),
        }
    }

    /// Returns how full the fullest root is.
    fn fullest(&self) -> Option<String> {
        let report = room::report(&self.session, Freshness::Known);
        let (_, percent) = report.tightest()?.fullest()?;
        Some(format!("{percent} %"))
    }

    /// Does a line; returns the status with which bash has ended, if it has.
    fn line(&mut self, typed: &str) -> Option<u8> {
        let text = match recall(typed, &self.past) {
            Recalled::Same => typed.to_owned(),
            Recalled::Changed(text) => {
                ui::say(&text);
                text
            }
            Recalled::Missing(what) => {
                ui::say(&format!("bash: {what}"));
                return None;
            }
        };
        let words = text.trim();
        if words.is_empty() || words.starts_with('#') {
            // Only what bash has to say of its jobs.
            let told = self.child.pass_by();
            return self.done(told);
        }
        if self.past.last() != Some(&text) {
            self.past.push(text.clone());
        }
        if let Some(status) = past::answer(words, &self.past) {
            return self.refuse(status);
        }
        if let Some(arguments) = own::arguments(words) {
            let status = own::run(self, &arguments);
            return self.refuse(status);
        }
        let text = self.leaving(&text);
        let cwd = self.child.cwd().unwrap_or_else(|| self.cwd.clone());
        let judgement = judge::judge_line(&self.session, &cwd, &text);
        if self.halted().is_some() {
            return self.look(&text, &cwd);
        }
        let session = Arc::clone(&self.session);
        let gate = Gate::new(&session.policy, &session.context);
        let host = reach::host(&judgement);
        match gate.pass(judgement, &mut judge::ask) {
            Ok(permit) => {
                if let Some(host) = &host {
                    reach::connect(&self.session, host);
                }
                self.mark();
                let ran = self.child.run(&self.session, permit).map(drop);
                self.done(ran)
            }
            Err(refusal) => {
                launch::record(&self.session, &refusal.judgement, false);
                self.refused = Denial::all(&refusal.judgement);
                self.denials += self.refused.len();
                if refusal.answer.is_none() {
                    judge::show(&self.session, &refusal.judgement);
                }
                if refusal.answer == Some(Answer::Nobody) {
                    ui::say("nobody could be asked: a person at a terminal must say yes to this");
                }
                self.refuse(match refusal.answer {
                    Some(Answer::Interrupted) => INTERRUPTED,
                    _ => room::status(&refusal.judgement),
                })
            }
        }
    }

    /// Why the session is halted, where it is.
    fn halted(&self) -> Option<String> {
        let halted = halted::of(&self.session.places.state, &self.session.id)?;
        let causes = halted.causes.iter();
        let causes: Vec<String> = causes
            .map(|cause| format!("{} is at {} %", cause.root.display(), cause.percent))
            .collect();
        Some(causes.join("; "))
    }

    /// Runs a line of a halted session, if it only looks.
    fn look(&mut self, text: &str, cwd: &Path) -> Option<u8> {
        if text.trim() == "exit" {
            // bash itself is stopped.
            return Some(self.status);
        }
        self.status = fallback::one(&self.session.policy, text, cwd);
        None
    }

    /// A second `exit` in a row goes, stopped jobs or not; bash cannot see that they are in a row.
    fn leaving(&mut self, text: &str) -> String {
        let first = text.split_whitespace().next().unwrap_or_default();
        let leaves = matches!(first, "exit" | "logout");
        let again = leaves && self.is_leaving;
        self.is_leaving = leaves || first == "jobs";
        if again {
            format!("{first} 2>/dev/null; {text}")
        } else {
            text.to_owned()
        }
    }

    /// Waits for what bash was told to do.
    fn done(&mut self, told: std::io::Result<()>) -> Option<u8> {
        match told.map(|()| self.wait(false)) {
            Ok(End::Prompt | End::Held) => None,
            Ok(End::Ended(status)) => Some(status),
            Ok(End::Failed(_)) | Err(_) => {
                self.foreground.again();
                ui::say("hlrp-sh: the guarded bash is gone");
                Some(code::SOFTWARE)
            }
        }
    }

    /// Has `$?` say how a line ended that bash has not seen.
    fn refuse(&mut self, status: u8) -> Option<u8> {
        match self.child.refuse(status) {
            Ok(()) => {
                self.status = status;
                None
            }
            Err(_) => self.done(Err(std::io::ErrorKind::BrokenPipe.into())),
        }
    }

    /// Waits until bash wants a line, or has ended; shows what the kernel refused meanwhile.
    fn wait(&mut self, is_start: bool) -> End {
        let mut refused = Vec::new();
        let mut quiet = Duration::ZERO;
        let mut status = None;
        let end = loop {
            let event = match self.child.next(Some(PAUSE)) {
                Ok(event) => event,
                Err(_) => {
                    break status.map_or(
                        End::Failed("the shell's process is gone".to_owned()),
                        End::Ended,
                    );
                }
            };
            match event {
                None => {
                    quiet += PAUSE;
                    if is_start && quiet == SLOW {
                        ui::say(
                            "hlrp-sh: the start-up files take their time; Ctrl-C leaves the rest of them out",
                        );
                    }
                    if let Some(why) = self.halted() {
                        ui::say(&format!("halted: {why}"));
                        self.is_held = true;
                        break End::Held;
                    }
                    self.suspend();
                }
                Some(Event::Started { .. }) => {}
                Some(Event::Prompt { status, cwd, .. }) => {
                    self.status = status;
                    self.is_held = false;
                    *self.place.lock().unwrap_or_else(PoisonError::into_inner) =
                        self.child.cwd().unwrap_or_else(|| cwd.clone());
                    self.cwd = cwd;
                    break End::Prompt;
                }
                Some(Event::Denied(denial)) => refused.push(denial),
                Some(Event::Lost) => {
                    ui::say(
                        "hlrp-sh: the guard has stopped: nothing more can be changed in this session; start a new one",
                    );
                    self.child.reins().hang_up();
                    status = Some(code::GUARD);
                }
                Some(Event::Ended { status: ended, .. }) => {
                    break End::Ended(status.unwrap_or(ended));
                }
                Some(Event::Failed { reason }) => break End::Failed(reason),
            }
        };
        self.foreground.again();
        let denials = ui::kernel::denials(&refused);
        if !denials.is_empty() {
            ui::say(&ui::denial::render_all(&denials));
            self.denials += denials.len();
            self.refused = denials;
        }
        end
    }

    /// Stops with a bash that stopped itself (`suspend`), and goes on with it.
    fn suspend(&self) {
        let Some(bash) = self.child.process() else {
            return;
        };
        if sys::state::is_stopped(bash) {
            self.foreground.again();
            let _ = nix::sys::signal::raise(nix::sys::signal::Signal::SIGSTOP);
            let _ = sys::terminal::give(self.foreground.terminal(), bash);
            let _ = sys::process::send_signal(bash, libc::SIGCONT);
        }
    }

    /// Notes what the stores hold, so that what the line takes away can be told.
    fn mark(&mut self) {
        let roots = self.session.context.roots.iter();
        self.kept = roots
            .map(|root| (root.clone(), self.highest(root)))
            .collect();
    }

    /// Returns the number of what this session kept last in a root.
    fn highest(&self, root: &Path) -> u64 {
        let directory = store::directory(root).join(&self.session.id);
        journal::last(&directory).unwrap_or(0)
    }
}

/// How often a shell that waits looks up.
const PAUSE: Duration = Duration::from_secs(1);

enum End {
    Prompt,
    /// The session is halted, and bash with it.
    Held,
    Ended(u8),
    Failed(String),
}
