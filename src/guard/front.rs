//! The front: the process that the caller waits for.
//!
//! INVARIANT: it holds neither end of the caller's pipes open, so that both sides see
//! each other end as if it were not there.

use std::io::{self, BufReader};
use std::os::fd::{AsFd, OwnedFd};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::Pid;

use super::attendant::{Attendant, Notice};
use super::keeper::Beginning;
use super::launch::{Failure, Outcome};
use super::report::{EXEC, Report, next_line, pass_on, read_report};
use crate::sys::{file, process};

/// Denials shown at most; the audit has them all.
const MOST_DENIALS: usize = 1000;

/// Waits until the program has ended, passing signals on and gathering denials.
pub(super) fn wait(
    mut reports: BufReader<io::PipeReader>,
    supervisor: Pid,
    mask: &SigSet,
    program: &str,
    attendant: Option<Attendant>,
    mut beginning: Beginning,
) -> Result<Outcome, Failure> {
    let mut outcome = Outcome::default();
    let mut beside = Beside::new(attendant);
    let mut started = None;
    // Only so that the program is still ours to wait for, should the supervisor be lost.
    let _ = process::become_subreaper();
    let signals = forwarded(mask);
    let signals =
        SignalFd::with_flags(&signals, SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK).ok();
    loop {
        beginning.look(supervisor);
        if reports.buffer().is_empty()
            && !ready(&reports, signals.as_ref(), &beside, &beginning, started)
        {
            if beginning
                .voice()
                .is_some_and(|voice| is_ready(voice.as_fd()))
            {
                beginning.listen();
            }
            if !is_waiting(&reports) {
                beside.look();
            }
            continue;
        }
        let report = match next_line(&mut reports) {
            Ok(Some(line)) => read_report(&line),
            Ok(None) | Err(_) => {
                beside.tell(Notice::Lost);
                return lost(outcome, started, supervisor);
            }
        };
        match report {
            Some(Report::Started { process, level }) => {
                started = Some(process);
                outcome.level = Some(level);
                let_go();
                beginning.started();
                beside.tell(Notice::Started { process, level });
            }
            Some(Report::Denied(denial)) => {
                beside.tell(Notice::Denied(&denial));
                if outcome.denials.len() < MOST_DENIALS {
                    outcome.denials.push(denial);
                }
            }
            Some(Report::Ended {
                status,
                signal,
                goes_on,
            }) => {
                if goes_on {
                    beginning.begin(supervisor);
                }
                outcome.status = status;
                outcome.signal = signal;
                drain(&mut reports, &mut outcome, &mut beside);
                return Ok(outcome);
            }
            Some(Report::Failed { step, errno }) => {
                let source = io::Error::from_raw_os_error(errno);
                return Err(if step == EXEC {
                    Failure::Program {
                        program: program.to_owned(),
                        source,
                    }
                } else {
                    Failure::Guard { step, source }
                });
            }
            None => {}
        }
    }
}

/// Returns the signals that are the program's and not ours: all that can be caught but those the terminal sends to the
/// whole group, the stop signals, and those about our own children.
fn forwarded(mask: &SigSet) -> SigSet {
    let mut signals = SigSet::empty();
    for signal in [
        Signal::SIGHUP,
        Signal::SIGINT,
        Signal::SIGQUIT,
        Signal::SIGTERM,
        Signal::SIGUSR1,
        Signal::SIGUSR2,
        Signal::SIGALRM,
        Signal::SIGCONT,
        Signal::SIGWINCH,
    ] {
        if !mask.contains(signal) {
            signals.add(signal);
        }
    }
    // The stop signals act on us as on the program: unblock them.
    let mut stops = SigSet::empty();
    for signal in [Signal::SIGTSTP, Signal::SIGTTIN, Signal::SIGTTOU] {
        stops.add(signal);
    }
    let _ = stops.thread_unblock();
    signals
}

/// Waits for a report or a signal; passes signals on. Returns whether a report is there.
fn ready(
    reports: &BufReader<io::PipeReader>,
    signals: Option<&SignalFd>,
    beside: &Beside,
    beginning: &Beginning,
    started: Option<i32>,
) -> bool {
    let mut sources = vec![PollFd::new(reports.get_ref().as_fd(), PollFlags::POLLIN)];
    if let Some(signals) = signals {
        sources.push(PollFd::new(signals.as_fd(), PollFlags::POLLIN));
    }
    let watched = beside.sources();
    sources.extend(
        watched
            .iter()
            .map(|(_, fd)| PollFd::new(fd.as_fd(), PollFlags::POLLIN)),
    );
    if let Some(voice) = beginning.voice() {
        sources.push(PollFd::new(voice.as_fd(), PollFlags::POLLIN));
    }
    if poll(&mut sources, beginning.patience()).is_err() {
        return false;
    }
    let reported = sources.first().and_then(PollFd::any).unwrap_or(false);
    while let (Some(signals), Some(started)) = (signals, started) {
        let Ok(Some(info)) = signals.read_signal() else {
            break;
        };
        // What the terminal sent, it sent to the program as well.
        let by_terminal = info.ssi_code == libc::SI_KERNEL;
        let signal = i32::try_from(info.ssi_signo)
            .ok()
            .and_then(|number| Signal::try_from(number).ok());
        let ours_alone = signal == Some(Signal::SIGHUP) && leads_session();
        if let Some(signal) = signal.filter(|_| !by_terminal || ours_alone) {
            pass_on(started, signal);
        }
    }
    reported
}

/// Whether a terminal that goes tells this process alone: the leader of its session (`tty_io.c`, `__tty_hangup`).
fn leads_session() -> bool {
    nix::unistd::getsid(None) == Ok(nix::unistd::getpid())
}

/// Returns whether the supervisor has said something.
fn is_waiting(reports: &BufReader<io::PipeReader>) -> bool {
    is_ready(reports.get_ref().as_fd())
}

fn is_ready(fd: std::os::fd::BorrowedFd<'_>) -> bool {
    let mut source = [PollFd::new(fd, PollFlags::POLLIN)];
    poll(&mut source, PollTimeout::ZERO).is_ok_and(|count| count > 0)
}

/// Who hears of everything at once, if anybody does.
struct Beside {
    attendant: Option<Attendant>,
    /// What is still watched, each with its number.
    watched: Vec<(usize, OwnedFd)>,
}

impl Beside {
    fn new(mut attendant: Option<Attendant>) -> Self {
        let watched = attendant
            .as_mut()
            .map(|attendant| std::mem::take(&mut attendant.watched));
        Self {
            attendant,
            watched: watched
                .unwrap_or_default()
                .into_iter()
                .enumerate()
                .collect(),
        }
    }

    fn sources(&self) -> &[(usize, OwnedFd)] {
        &self.watched
    }

    fn tell(&mut self, notice: Notice<'_>) {
        if let Some(attendant) = &mut self.attendant {
            attendant.tell(notice);
        }
    }

    /// Looks at what is watched.
    fn look(&mut self) {
        let Some(attendant) = &mut self.attendant else {
            return;
        };
        self.watched.retain(|(number, fd)| {
            !is_ready(fd.as_fd()) || (attendant.notice)(Notice::Ready(fd, *number))
        });
    }
}

/// Lets go of standard input and output, which are the program's now.
fn let_go() {
    file::close_handed_down();
    if let Ok(null) = file::open_at(file::cwd(), c"/dev/null", libc::O_RDWR, 0) {
        let _ = nix::unistd::dup2_stdin(&null);
        let _ = nix::unistd::dup2_stdout(&null);
    }
}

/// Takes what is in the pipe already, without waiting: the session may go on in the background.
fn drain(reports: &mut BufReader<io::PipeReader>, outcome: &mut Outcome, beside: &mut Beside) {
    loop {
        if reports.buffer().is_empty() && !is_waiting(reports) {
            // What the program said last.
            beside.look();
            return;
        }
        match next_line(reports) {
            Ok(Some(line)) => {
                if let Some(Report::Denied(denial)) = read_report(&line) {
                    beside.tell(Notice::Denied(&denial));
                    outcome.denials.push(denial);
                }
            }
            Ok(None) | Err(_) => return,
        }
    }
}

/// The supervisor is gone and the program is not: every mediated call fails from now on. Waits for the program.
fn lost(mut outcome: Outcome, started: Option<i32>, supervisor: Pid) -> Result<Outcome, Failure> {
    outcome.guard_lost = true;
    let Some(started) = started else {
        let source = io::Error::from_raw_os_error(libc::ECHILD);
        return Err(Failure::Guard {
            step: "the supervisor ended before the program began".to_owned(),
            source,
        });
    };
    let _ = waitpid(supervisor, None);
    outcome.status = match waitpid(Pid::from_raw(started), None) {
        Ok(WaitStatus::Exited(_, status)) => u8::try_from(status & 0xFF).unwrap_or(1),
        Ok(WaitStatus::Signaled(_, signal, _)) => 128 + u8::try_from(signal as i32).unwrap_or(0),
        _ => crate::error::code::GUARD,
    };
    Ok(outcome)
}
