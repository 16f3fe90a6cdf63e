//! Answers the question of an agent's client whether a tool may do what it is about to do.
//!
//! INVARIANT: exit status 0 is given together with an answer, and never otherwise: whatever goes wrong,
//! the client is told to block, by 2.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use clap::ValueEnum;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{Signal, kill};

use crate::agent::hook::{self, config};
use crate::error::{Error, code};
use crate::sys::process::{Side, fork};
use crate::ui;

/// Answer an agent's client before its tools act
///
/// Reads one event from standard input, judges it by the same law as every line, and prints one
/// answer in the client's own form. Exit status: 0 with an answer; 2 where there is none, whatever
/// the reason, which clients take for a refusal.
///
///   hlrp-sh hook --for claude --print-config
#[derive(clap::Args, Debug)]
#[command(verbatim_doc_comment)]
pub(super) struct Args {
    /// The client that asks
    #[arg(long = "for", value_enum, value_name = "CLIENT")]
    client: Client,
    /// Print what to install where, and stop; nothing is changed
    #[arg(long)]
    print_config: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Client {
    /// Claude Code
    Claude,
    /// Codex CLI
    Codex,
    /// Cursor
    Cursor,
    /// Gemini CLI
    Gemini,
    /// GitHub Copilot CLI
    Copilot,
}

impl Client {
    fn known(self) -> hook::Client {
        match self {
            Self::Claude => hook::Client::Claude,
            Self::Codex => hook::Client::Codex,
            Self::Cursor => hook::Client::Cursor,
            Self::Gemini => hook::Client::Gemini,
            Self::Copilot => hook::Client::Copilot,
        }
    }
}

/// What clients take for a refusal.
const BLOCKED: u8 = 2;

/// Longer than this nobody waits. Every client's own limit is longer, and some go on when it is over.
const PATIENCE: Duration = Duration::from_secs(5);

pub(super) fn run(args: &Args, json: bool) -> Result<u8, Error> {
    let client = args.client.known();
    if args.print_config {
        let config = config::Config::of(client);
        return if json {
            ui::json(&config).map(|()| code::DONE)
        } else {
            ui::data(&config.text()).map(|()| code::DONE)
        };
    }
    match watched(client) {
        Ok(status) => Ok(status),
        Err(error) => Ok(blocked(&error)),
    }
}

/// Lets another process answer, so that whatever becomes of it, and however long it takes, there is an end.
fn watched(client: hook::Client) -> Result<u8, Failure> {
    let (from, to) = nix::unistd::pipe2(nix::fcntl::OFlag::O_CLOEXEC).map_err(system)?;
    match fork().map_err(Failure::System)? {
        Side::Child => {
            drop(from);
            let mut to = File::from(to);
            // A status first and an end of line last: without both the other side knows that this one died.
            let (status, text) = match answered(client) {
                Ok(out) => (code::DONE, out),
                Err(failure) => (BLOCKED, chain(&failure)),
            };
            let told = [&[status], text.as_bytes(), b"\n"].concat();
            to.write_all(&told).map_err(Failure::System)?;
            Ok(code::DONE)
        }
        Side::Parent(child) => {
            drop(to);
            let told = wait(File::from(from));
            if told.is_err() {
                let _ = kill(child, Signal::SIGKILL);
            }
            let told = told?;
            let (status, text) = told.split_first().ok_or(Failure::Died)?;
            let text = std::str::from_utf8(text).map_err(|_| Failure::Died)?;
            let text = text.strip_suffix('\n').ok_or(Failure::Died)?;
            if *status != code::DONE {
                return Err(Failure::Told(text.to_owned()));
            }
            ui::answer(text).map_err(Failure::Output)?;
            Ok(code::DONE)
        }
    }
}

/// Reads the event and answers it.
fn answered(client: hook::Client) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    let most = hook::LIMIT as u64 + 1;
    let mut event = std::io::stdin().lock().take(most);
    event.read_to_end(&mut bytes).map_err(Failure::System)?;
    let reply = client.answer(&bytes).map_err(Failure::Event)?;
    Ok(reply.out)
}

/// Reads what the other process says, until it has ended or time is up.
fn wait(mut from: File) -> Result<Vec<u8>, Failure> {
    let end = Instant::now() + PATIENCE;
    let mut told = Vec::new();
    let mut piece = [0; 16 * 1024];
    loop {
        let left = end.saturating_duration_since(Instant::now());
        let left = PollTimeout::try_from(left).unwrap_or(PollTimeout::ZERO);
        let mut sources = [PollFd::new(from.as_fd(), PollFlags::POLLIN)];
        match poll(&mut sources, left) {
            Ok(0) => return Err(Failure::TooSlow),
            Ok(_) => match from.read(&mut piece).map_err(Failure::System)? {
                0 => return Ok(told),
                count => told.extend(piece.iter().take(count)),
            },
            Err(nix::errno::Errno::EINTR) => {}
            Err(error) => return Err(system(error)),
        }
    }
}

fn system(error: nix::errno::Errno) -> Failure {
    Failure::System(error.into())
}

/// Tells the client to block, and why.
fn blocked(failure: &Failure) -> u8 {
    ui::say(&format!(
        "hlrp-sh hook: blocked, since there is no answer: {}",
        chain(failure)
    ));
    BLOCKED
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(source) = cause {
        text.push_str(&format!(": {source}"));
        cause = source.source();
    }
    text
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Event(hook::Fault),
    #[error("{0}")]
    Told(String),
    #[error("the judging process died")]
    Died,
    #[error("it took longer than {} s", PATIENCE.as_secs())]
    TooSlow,
    #[error("the answer cannot be written")]
    Output(#[source] std::io::Error),
    #[error("the system does not play along")]
    System(#[source] std::io::Error),
}
