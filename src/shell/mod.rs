//! The interactive shell: a line editor outside the guard, and one bash inside it.
//!
//! INVARIANT: bash gets no line but by permit; built-ins of ours (`hlrp …`) are done here,
//! outside, and only for lines that a person typed at the prompt.

mod fallback;
mod foreground;
mod keyboard;
mod own;
mod recall;

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::error::{Error, code};
use crate::gate::example::vouch;
use crate::gate::{Answer, Gate};
use crate::guard::level::Offer;
use crate::launch::child::{Child, Event, Kind, Setup, standing};
use crate::launch::{self, judge};
use crate::policy::GuardLevel;
use crate::retain::journal;
use crate::session::{Request, Session};
use crate::sys;
use crate::ui::{self, Denial};

use foreground::Foreground;
use keyboard::{Facts, Keyboard, Read};
use recall::{Recalled, recall};

/// Runs the interactive shell until its bash ends, and returns that one's status. It never locks
/// anybody out: what keeps the guard from standing leaves a shell that only reads.
pub(crate) fn run(login: bool) -> Result<u8, Error> {
    if sys::process::is_guarded() {
        return Err(nested());
    }
    let session = match open() {
        Ok(session) => session,
        Err(error) => return fallback::run(&reason(&error)),
    };
    let foreground = Foreground::take().map_err(|source| Error::Io {
        what: "the terminal",
        source,
    })?;
    let mut startup = true;
    loop {
        match Shell::start(&session, &foreground, login, startup) {
            Ok(Begun::Ready(mut shell)) => return shell.go(),
            Ok(Begun::Ended(status)) if startup => {
                ui::say(&format!(
                    "hlrp-sh: the start-up files ended the shell (status {status}), so it starts without them"
                ));
                startup = false;
            }
            Ok(Begun::Ended(status)) => {
                drop(foreground);
                return fallback::run(&format!("bash ended at once (status {status})"));
            }
            Err(error) => {
                drop(foreground);
                return fallback::run(&reason(&error));
            }
        }
    }
}

fn open() -> Result<Session, Error> {
    let mut session = Session::open(&Request::default())?;
    launch::trace::begin(&session.places.state);
    let offer = Offer::ask();
    if offer.level() == GuardLevel::D {
        return Err(Error::Guard(offer.reason()));
    }
    session.context.guard = Some(offer.level());
    vouch(&session.policy, &session.layers, &session.places.state)?;
    Ok(session)
}

/// Returns an error with its cause.
fn reason(error: &Error) -> String {
    match std::error::Error::source(error) {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}

/// Inside a session there is a guard already: a bash is all that is missing.
fn nested() -> Error {
    use std::os::unix::process::CommandExt;
    ui::say("hlrp-sh: this is inside a session already: a bash, guarded as everything here");
    Error::File {
        path: "bash".into(),
        source: std::process::Command::new("bash").arg("-i").exec(),
    }
}

/// An interactive shell.
struct Shell<'a> {
    session: &'a Session,
    foreground: &'a Foreground,
    child: Child,
    keyboard: Keyboard,
    past: Vec<String>,
    status: u8,
    /// Where bash says it is.
    cwd: PathBuf,
    denials: usize,
    /// What was refused last.
    refused: Vec<Denial>,
    /// What the stores held when the last line began, by root.
    kept: Vec<(PathBuf, u64)>,
    /// `exit` was the last line, and jobs were in its way.
    is_leaving: bool,
}

enum Begun<'a> {
    Ready(Box<Shell<'a>>),
    Ended(u8),
}

/// After this long somebody is told that the start-up files are still at it.
const SLOW: Duration = Duration::from_secs(5);

impl<'a> Shell<'a> {
    fn start(
        session: &'a Session,
        foreground: &'a Foreground,
        login: bool,
        startup: bool,
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
        let mut shell = Box::new(Self {
            session,
            foreground,
            child,
            keyboard: Keyboard::open(),
            past: Vec::new(),
            status: 0,
            cwd: session.context.cwd.clone(),
            denials: 0,
            refused: Vec::new(),
            kept: Vec::new(),
            is_leaving: false,
        });
        match shell.wait(true) {
            End::Prompt => Ok(Begun::Ready(shell)),
            End::Ended(status) => Ok(Begun::Ended(status)),
            End::Failed(reason) => Err(Error::Guard(reason)),
        }
    }

    /// Reads and runs lines until bash ends.
    fn go(&mut self) -> Result<u8, Error> {
        if let Some(advice) = &self.session.advice {
            ui::say(advice);
        }
        loop {
            let facts = self.facts();
            let read = self.keyboard.read(&facts).map_err(|source| Error::Io {
                what: "the terminal",
                source,
            })?;
            let ended = match read {
                Read::Line(line) => self.line(&line),
                Read::Interrupt => None,
                Read::End => self.line("exit"),
            };
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
            halted: None,
            session: self.session.id.clone(),
            names: Vec::new(),
        }
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
        if let Some(arguments) = own::arguments(words) {
            let status = own::run(self, &arguments);
            return self.refuse(status);
        }
        let text = self.leaving(&text);
        let cwd = self.child.cwd().unwrap_or_else(|| self.cwd.clone());
        let judgement = judge::judge_line(self.session, &cwd, &text);
        let gate = Gate::new(&self.session.policy, &self.session.context);
        match gate.pass(judgement, &mut judge::ask) {
            Ok(permit) => {
                self.mark();
                let ran = self.child.run(self.session, permit).map(drop);
                self.done(ran)
            }
            Err(refusal) => {
                launch::record(self.session, &refusal.judgement, false);
                self.refused = Denial::all(&refusal.judgement);
                self.denials += self.refused.len();
                if refusal.answer.is_none() {
                    judge::show(self.session, &refusal.judgement);
                }
                if refusal.answer == Some(Answer::Nobody) {
                    ui::say("nobody could be asked: a person at a terminal must say yes to this");
                }
                self.refuse(code::DENIED)
            }
        }
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
            Ok(End::Prompt) => None,
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
                    self.suspend();
                }
                Some(Event::Started { .. }) => {}
                Some(Event::Prompt { status, cwd, .. }) => {
                    self.status = status;
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
        let directory = root.join(".hlrp/retained").join(&self.session.id);
        journal::last(&directory).unwrap_or(0)
    }
}

/// How often a shell that waits looks up.
const PAUSE: Duration = Duration::from_secs(1);

enum End {
    Prompt,
    Ended(u8),
    Failed(String),
}

/// Whether somebody could be typing.
pub(crate) fn is_interactive() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}
