//! A submission for another machine: done once, by a process that no connection ends,
//! and told as often as somebody asks.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::fd::OwnedFd;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::error::{Error, code};
use crate::remote::submission::{Kept, Standing, Token};
use crate::session::{Request, Session};
use crate::ui;

/// From one look at what it says to the next.
const PAUSE: Duration = Duration::from_millis(40);
const STREAMS: [&str; 2] = ["out", "err"];

/// Submits, or joins whoever does, and shows what is said from these bytes on.
pub(super) fn run(token: &Token, from: [u64; 2], words: &[String]) -> Result<u8, Error> {
    let kept = open(token)?;
    let here = std::env::current_dir().map_err(told("the directory"))?;
    match kept.take(words, &here).map_err(told("the submission"))? {
        Standing::Ours(lock) => begin(token, &kept, lock, words)?,
        Standing::Goes | Standing::Ended(_) => {}
        Standing::CutOff => {
            show(&kept, from)?;
            ui::say(
                "hlrp-sh: this submission was cut off on the other machine, and is not sent once more; \
                 `hlrp-sh jobs` shows what was queued, `hlrp-sh submit --resume MANIFEST` queues the rest",
            );
            return Ok(code::NO);
        }
        Standing::Another => {
            return Err(Error::Usage(
                "this token stands for another submission".to_owned(),
            ));
        }
    }
    let mut at = from;
    loop {
        let status = kept.status();
        let is_over = status.is_some() || !kept.is_held();
        at = show(&kept, at)?;
        match (status, is_over) {
            (Some(status), _) => return Ok(status),
            // It may have ended between the two looks.
            (None, true) if kept.status().is_none() => {
                show(&kept, at)?;
                return Err(Error::No(
                    "the submission was cut off on the other machine; `hlrp-sh jobs` shows what was queued".to_owned(),
                ));
            }
            _ => std::thread::sleep(PAUSE),
        }
    }
}

/// Starts what does it, in a session of its own.
fn begin(token: &Token, kept: &Kept, lock: File, words: &[String]) -> Result<(), Error> {
    let [out, err] = STREAMS.map(|name| kept.stream(name));
    let own = std::env::current_exe().map_err(told("this program"))?;
    let mut keeper = Command::new(own);
    keeper
        .args(["far", "keep", token.as_str(), "--"])
        .args(words);
    // The lock goes with it: it is held as long as anything of the submission lives.
    keeper.stdin(Stdio::from(OwnedFd::from(lock)));
    keeper.stdout(out.map_err(told("its output"))?);
    keeper.stderr(err.map_err(told("its errors"))?);
    let _ = keeper.spawn().map_err(told("the submission"))?;
    Ok(())
}

/// Does it, and notes how it ended.
pub(super) fn keep(token: &Token, words: &[String]) -> Result<u8, Error> {
    let kept = open(token)?;
    // What hangs up on the caller must not end this.
    let _ = nix::unistd::setsid();
    let own = std::env::current_exe().map_err(told("this program"))?;
    let done = Command::new(own).args(words).status();
    let status = match &done {
        Ok(status) => {
            use std::os::unix::process::ExitStatusExt;
            let signal = status
                .signal()
                .map(|signal| signal + i32::from(code::SIGNAL));
            let status = status.code().or(signal).unwrap_or(1);
            u8::try_from(status).unwrap_or(code::NO)
        }
        Err(_) => code::SOFTWARE,
    };
    // On its way back it would be taken for a lost connection.
    let status = if status == code::UNREACHED {
        code::NO
    } else {
        status
    };
    kept.end(status).map_err(told("its end"))?;
    Ok(status)
}

/// Writes what there is from these bytes on; returns how far that went.
fn show(kept: &Kept, from: [u64; 2]) -> Result<[u64; 2], Error> {
    let mut at = from;
    for (name, at) in STREAMS.iter().zip(&mut at) {
        let Ok(mut file) = kept.said(name) else {
            continue;
        };
        let mut bytes = Vec::new();
        file.seek(SeekFrom::Start(*at))
            .and_then(|_| file.read_to_end(&mut bytes))
            .map_err(told("what it said"))?;
        if bytes.is_empty() {
            continue;
        }
        *at += bytes.len() as u64;
        let mut to = match *name {
            "out" => ui::Pipe::Out,
            _ => ui::Pipe::Err,
        };
        // Whoever asked has gone; the submission goes on.
        to.write_all(&bytes).map_err(told("whoever asked"))?;
    }
    Ok(at)
}

fn open(token: &Token) -> Result<Kept, Error> {
    let session = Session::open(&Request::default())?;
    Kept::open(&session.places.state, token).map_err(told("the submission"))
}

fn told(what: &'static str) -> impl Fn(io::Error) -> Error {
    move |source| Error::Io { what, source }
}
