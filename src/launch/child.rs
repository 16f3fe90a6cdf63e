//! One long-lived bash inside the guard, for a person's terminal or for an agent, as the door
//! sees it: lines go in by permit, events come out.
//!
//! INVARIANT: the door has opened the session, and keeps it; nothing that a line could have
//! written is trusted but the directory that the kernel says bash is in.

mod bash;
pub(crate) mod entry;
mod event;
mod reins;

use std::collections::VecDeque;
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use crate::error::Error;
use crate::gate::Permit;
use crate::session::Session;
use crate::sys::{socket, state, terminal};

use super::vetting::Approved;
use event::Wanted;

pub(crate) use event::Event;
pub(crate) use reins::Reins;

/// How a guarded bash is to be.
#[derive(Debug)]
pub(crate) struct Setup {
    /// Whose terminal it has.
    pub(crate) kind: Kind,
    /// Read what a login shell reads.
    pub(crate) login: bool,
    /// Read the start-up files at all.
    pub(crate) startup: bool,
    /// Where it begins.
    pub(crate) cwd: PathBuf,
    /// What it finds in its environment besides the door's.
    pub(crate) environment: Vec<(OsString, OsString)>,
}

/// Whose terminal a guarded bash has.
#[derive(Debug)]
pub(crate) enum Kind {
    /// The person's: lines read from it and write to it.
    Terminal(OwnedFd),
    /// One of its own, so that jobs and interrupts work: lines read nothing and write into pipes.
    Private,
}

/// A guarded bash.
#[derive(Debug)]
pub(crate) struct Child {
    front: std::process::Child,
    control: OwnedFd,
    commands: File,
    reins: Reins,
    kind: Kind,
    scratch: PathBuf,
    approved: Approved,
    pipes: Vec<PathBuf>,
    heard: VecDeque<Event>,
    is_busy: bool,
    flags: String,
    /// How big the terminal was when bash saw it last.
    size: Option<(usize, usize)>,
}

/// What a line writes, where it has no terminal.
#[derive(Debug)]
pub(crate) struct Streams {
    /// Its standard output.
    pub(crate) out: File,
    /// Its standard error.
    pub(crate) err: File,
}

/// How often a bash that does not report is looked at.
const GLANCE: Duration = Duration::from_millis(300);

impl Child {
    /// Starts one in a session. The thread that does must live as long as the child.
    ///
    /// # Errors
    /// Where it cannot be started at all; what goes wrong later comes as [`Event::Failed`].
    pub(crate) fn start(session: &Session, setup: Setup) -> Result<Self, Error> {
        let failed = |what: &'static str| move |source| Error::Io { what, source };
        let approved = Approved::of_session(session);
        approved.prepare().map_err(failed("the state directory"))?;
        let (control, theirs) = socket::pair().map_err(failed("a socket for the shell"))?;
        let (read, commands) = io::pipe().map_err(failed("a pipe for the shell"))?;
        let mut command = Command::new("/proc/self/exe");
        command
            .arg0("hlrp-sh")
            .arg(entry::CHILD)
            .current_dir(&setup.cwd)
            .envs(setup.environment)
            .stdin(Stdio::from(theirs));
        let (input, master) = match &setup.kind {
            Kind::Terminal(terminal) => {
                (terminal.try_clone().map_err(failed("the terminal"))?, None)
            }
            Kind::Private => {
                command.stdout(Stdio::null()).stderr(Stdio::null());
                let pair = nix::pty::openpty(None, None);
                let pair = pair.map_err(|errno| failed("a terminal")(errno.into()))?;
                (pair.slave, Some(Arc::new(pair.master)))
            }
        };
        let size = terminal::size(input.as_fd());
        let front = command.spawn().map_err(failed("the shell"))?;
        // Its copy of the socket.
        drop(command);
        let wanted = Wanted {
            session: session.id.clone(),
            origin: session.context.origin.clone(),
            law: session.context.cwd.clone().into_os_string(),
            seal: event::seal(session),
            private: master.is_some(),
            login: setup.login,
            startup: setup.startup,
        };
        let wanted = serde_json::to_vec(&wanted).unwrap_or_default();
        socket::send_with(control.as_fd(), &wanted, &[read.as_fd(), input.as_fd()])
            .map_err(failed("the shell"))?;
        Ok(Self {
            front,
            control,
            commands: File::from(OwnedFd::from(commands)),
            reins: Reins { bash: None, master },
            kind: setup.kind,
            scratch: session.places.scratch.clone(),
            approved,
            pipes: Vec::new(),
            heard: VecDeque::new(),
            is_busy: true,
            flags: String::new(),
            size,
        })
    }

    /// Has it do a line, which is recorded first; a line that has no terminal comes with what it writes.
    ///
    /// # Errors
    /// Where bash has gone.
    pub(crate) fn run(&mut self, session: &Session, permit: Permit) -> io::Result<Option<Streams>> {
        let line = permit.line().to_owned();
        let judgement = permit.spend();
        // What can fail comes before the record and before what a person said yes to.
        let streams = match &self.kind {
            Kind::Terminal(terminal) => {
                if let Some(bash) = self.reins.bash {
                    terminal::give(terminal, bash)?;
                }
                None
            }
            Kind::Private => Some(self.streams()?),
        };
        super::record(session, &judgement, false);
        self.approved.put_down(&super::approved(&judgement))?;
        let names = self.pipes.iter().filter_map(|path| path.to_str());
        let text = match names.collect::<Vec<_>>().as_slice() {
            [out, err] => bash::line(&line, Some((out, err))),
            _ => bash::line(&line, None),
        };
        let text = self.resized() + &text;
        self.say(&text)?;
        Ok(streams)
    }

    /// Has `$?` be what a refused line's is. A shell that ends on failures (`set -e`) is let off.
    ///
    /// # Errors
    /// Where bash has gone.
    pub(crate) fn refuse(&mut self, status: u8) -> io::Result<()> {
        if self.flags.contains('e') {
            return Ok(());
        }
        self.say(&bash::status(status))?;
        while let Some(event) = self.next(Some(Duration::from_secs(5)))? {
            let is_done = matches!(event, Event::Prompt { .. } | Event::Ended { .. });
            if !matches!(event, Event::Prompt { .. }) {
                self.heard.push_back(event);
            }
            if is_done {
                break;
            }
        }
        Ok(())
    }

    /// Has bash pass by its prompt: it says what has become of its jobs, and `$?` stays.
    ///
    /// # Errors
    /// Where bash has gone.
    pub(crate) fn pass_by(&mut self) -> io::Result<()> {
        self.say("\n")
    }

    /// Returns what happens next; `None` when nothing has for this long.
    ///
    /// # Errors
    /// Where its front is gone without a word.
    pub(crate) fn next(&mut self, timeout: Option<Duration>) -> io::Result<Option<Event>> {
        if let Some(event) = self.heard.pop_front() {
            return Ok(Some(event));
        }
        let begun = Instant::now();
        loop {
            let left = timeout.map(|timeout| timeout.saturating_sub(begun.elapsed()));
            let wait = left.map_or(GLANCE, |left| left.min(GLANCE));
            if self.is_told(wait)? {
                let event = self.receive()?;
                self.note(&event);
                return Ok(Some(event));
            }
            if self.is_busy && self.is_idle() && !self.is_told(Duration::ZERO)? {
                // The last line took its report away.
                let shims = Some(self.scratch.join("bin")).filter(|shims| shims.is_dir());
                let hook = bash::hook(shims.as_deref());
                self.commands.write_all(hook.as_bytes())?;
            }
            if left.is_some_and(|left| left.is_zero()) {
                return Ok(None);
            }
        }
    }

    /// Returns the directory that bash is in, by the kernel's word.
    pub(crate) fn cwd(&self) -> Option<PathBuf> {
        std::fs::read_link(format!("/proc/{}/cwd", self.reins.bash?)).ok()
    }

    /// Returns bash's process.
    pub(crate) fn process(&self) -> Option<i32> {
        self.reins.bash
    }

    /// Returns what interrupts and ends it, for another thread.
    pub(crate) fn reins(&self) -> Reins {
        self.reins.clone()
    }

    /// Waits for the end of what stands in front of it.
    pub(crate) fn close(self) {
        let Self {
            mut front,
            control,
            commands,
            ..
        } = self;
        drop((commands, control));
        let _ = front.wait();
    }

    /// Returns what bash has to hear first where the terminal has got another size.
    fn resized(&mut self) -> String {
        let Kind::Terminal(terminal) = &self.kind else {
            return String::new();
        };
        let size = terminal::size(terminal.as_fd());
        if size == self.size {
            return String::new();
        }
        self.size = size;
        size.map(bash::size).unwrap_or_default()
    }

    fn say(&mut self, text: &str) -> io::Result<()> {
        self.is_busy = true;
        self.commands.write_all(text.as_bytes())
    }

    /// Makes the named pipes of a line, and opens our ends. A line before may not have been there first.
    fn streams(&mut self) -> io::Result<Streams> {
        let mut number = [0; 8];
        File::open("/dev/urandom")?.read_exact(&mut number)?;
        let number = u64::from_ne_bytes(number);
        let mut open = |name: &str| -> io::Result<File> {
            use std::os::unix::fs::OpenOptionsExt;
            let path = self.scratch.join(format!(".hlrp-{name}-{number:016x}"));
            nix::unistd::mkfifo(
                &path,
                nix::sys::stat::Mode::S_IRUSR | nix::sys::stat::Mode::S_IWUSR,
            )?;
            let mut options = File::options();
            let opened = options
                .read(true)
                .custom_flags(libc::O_NONBLOCK | libc::O_NOFOLLOW)
                .open(&path);
            self.pipes.push(path);
            let opened = opened?;
            match std::os::unix::fs::FileTypeExt::is_fifo(&opened.metadata()?.file_type()) {
                true => Ok(opened),
                false => Err(io::Error::other(
                    "another file stands where the line's pipe was",
                )),
            }
        };
        Ok(Streams {
            out: open("out")?,
            err: open("err")?,
        })
    }

    fn is_told(&self, wait: Duration) -> io::Result<bool> {
        let wait = PollTimeout::try_from(wait).unwrap_or(PollTimeout::ZERO);
        let mut source = [PollFd::new(self.control.as_fd(), PollFlags::POLLIN)];
        match poll(&mut source, wait) {
            Ok(count) => Ok(count > 0),
            Err(nix::errno::Errno::EINTR) => Ok(false),
            Err(errno) => Err(errno.into()),
        }
    }

    fn receive(&self) -> io::Result<Event> {
        let mut bytes = vec![0; 64 * 1024];
        let (count, _) = socket::receive_with(self.control.as_fd(), &mut bytes)?;
        if count == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(serde_json::from_slice(
            bytes.get(..count).unwrap_or_default(),
        )?)
    }

    fn note(&mut self, event: &Event) {
        match event {
            Event::Started { process, .. } => self.reins.bash = Some(*process),
            Event::Prompt { flags, .. } => {
                self.is_busy = false;
                self.flags.clone_from(flags);
                self.approved.withdraw();
                for pipe in self.pipes.drain(..) {
                    let _ = std::fs::remove_file(pipe);
                }
            }
            Event::Ended { .. } | Event::Failed { .. } => {
                self.reins.bash = None;
                self.approved.withdraw();
            }
            Event::Denied(_) | Event::Lost => {}
        }
    }

    /// Returns whether bash waits for a line, by the kernel's word.
    fn is_idle(&self) -> bool {
        self.reins.bash.is_some_and(|bash| state::reads(bash, 0))
    }
}

/// Returns the first directory upwards that still is there.
pub(crate) fn standing(cwd: &Path) -> &Path {
    cwd.ancestors().find(|path| path.is_dir()).unwrap_or(cwd)
}
