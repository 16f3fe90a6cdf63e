//! The hidden entry `__race`: cancels the other jobs of a race as soon as one has the run.
//!
//! It runs beside the submission, in a session of its own that outlives a logout, and inside the
//! winning job. It only saves queue time: without it the others start, and find the run claimed.
//!
//! INVARIANT: it cancels nothing before there is a claim, never the job that has it, and nothing
//! that does not carry this race's comment in the queue.

use std::ffi::OsString;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::error::{Error, code};
use crate::session::{Request, Session};
use crate::slurm::client::{Client, Clients};
use crate::slurm::query::State;
use crate::slurm::race::Member;
use crate::slurm::race::claim::{self, Racer};

/// What names it.
const ENTRY: &str = "__race";
/// How often the claim is looked for.
const LOOK: Duration = Duration::from_millis(300);
/// How often the queue is asked whether there is anything left to wait for.
const ASK: Duration = Duration::from_secs(60);
/// The longest pause where Slurm does not answer.
const LONGEST: Duration = Duration::from_secs(30);
/// How long it lives where Slurm never says that nothing is left.
const OLDEST: Duration = Duration::from_secs(30 * 24 * 3600);
/// So often in a row nothing must be left in the queue: a job may be on its way into it.
const EMPTY: u32 = 3;

/// Returns whether the arguments are those of the hidden entry.
pub(in crate::cli) fn is_entry(arguments: &[OsString]) -> bool {
    arguments.get(1).is_some_and(|word| word == ENTRY)
}

/// Starts it in a session of its own, with nothing of its caller's open.
///
/// # Errors
/// Where it cannot be started.
pub(in crate::cli) fn start(id: &str, place: &Path, story: &Path, who: &str) -> io::Result<()> {
    let mut command = Command::new("/proc/self/exe");
    command
        .arg0("hlrp-sh")
        .args([ENTRY, id, who])
        .args([place, story])
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    // It starts itself once more, so that nobody who waits for children meets it.
    command.status().map(drop)
}

/// Runs the hidden entry: `__race ID WHO PLACE STORY`.
pub(in crate::cli) fn run(arguments: &[OsString]) -> Result<u8, Error> {
    let [id, who, place, story, rest @ ..] = arguments.get(2..).unwrap_or_default() else {
        return Err(Error::Usage(
            "this is an entry of the program's own".to_owned(),
        ));
    };
    if rest.is_empty() {
        let again = Command::new("/proc/self/exe")
            .arg0("hlrp-sh")
            .args([
                ENTRY.as_ref(),
                id.as_os_str(),
                who,
                place,
                story,
                "again".as_ref(),
            ])
            .spawn();
        return again.map(|_| code::DONE).map_err(|source| Error::Io {
            what: "the watcher of the race",
            source,
        });
    }
    // Its parent has started it and ended, so it leads no group.
    crate::sys::spawn::leave_session();
    let watch = Watch {
        id: id.to_string_lossy().into_owned(),
        who: who.to_string_lossy().into_owned(),
        place: PathBuf::from(place),
        story: PathBuf::from(story),
        clients: clients()?,
        born: Instant::now(),
    };
    watch.until_decided();
    watch.until_alone();
    Ok(code::DONE)
}

fn clients() -> Result<Clients, Error> {
    crate::cli::jobs::clients(&Session::open(&Request::default())?)
}

struct Watch {
    id: String,
    who: String,
    place: PathBuf,
    story: PathBuf,
    clients: Clients,
    born: Instant,
}

/// A job of the race that has not ended.
struct Live {
    job: String,
    member: Member,
    state: State,
}

impl Watch {
    /// Waits for a claim, or until nothing is left that could make one.
    fn until_decided(&self) {
        let (mut asked, mut empty) = (Instant::now(), 0);
        while !matches!(claim::owner(&self.place), Ok(Some(_))) && empty < EMPTY && self.is_young()
        {
            sleep(LOOK);
            if asked.elapsed() >= ASK {
                asked = Instant::now();
                match self.live() {
                    Ok(live) if live.is_empty() => empty += 1,
                    Ok(_) | Err(_) => empty = 0,
                }
            }
        }
    }

    fn is_young(&self) -> bool {
        self.born.elapsed() < OLDEST
    }

    /// Cancels the others until none is left, however often Slurm does not answer.
    fn until_alone(&self) {
        let (mut pause, mut empty) = (LOOK, 0);
        while empty < EMPTY && self.is_young() {
            let Ok(Some(owner)) = claim::owner(&self.place) else {
                return;
            };
            match self.cancel(&owner) {
                Ok(0) => {
                    empty += 1;
                    pause = Duration::from_secs(5);
                }
                Ok(_) => (empty, pause) = (0, Duration::from_secs(1)),
                Err(_) => (empty, pause) = (0, (pause * 2).min(LONGEST)),
            }
            sleep(pause);
        }
    }

    /// Cancels all but the owner; returns how many others there were.
    fn cancel(&self, owner: &Racer) -> Result<usize, Error> {
        let mut live = self.live()?;
        live.retain(|one| one.member.number != owner.member || one.job != owner.job.to_string());
        for one in &live {
            // What runs already finds the run claimed, and ends by itself as what it is.
            if one.state.is_running() || one.state.is_over() {
                continue;
            }
            let said = self.clients.capture(Client::Scancel, [&one.job], None);
            let what = match &said {
                Ok(_) => format!("cancelled {}: {} has started", one.job, owner.job),
                Err(fault) => format!("{} is not cancelled yet: {fault}", one.job),
            };
            claim::tell(&self.story, &self.who, &what);
        }
        Ok(live.len())
    }

    /// Asks the queue for the jobs of this race that have not ended.
    fn live(&self) -> Result<Vec<Live>, Error> {
        let arguments = ["--me", "-h", "-a", "-t", "all", "-o", "%A|%T|%k"];
        let said = self.clients.capture(Client::Squeue, arguments, None)?;
        let all = said.stdout.lines().filter_map(|line| {
            let mut fields = line.splitn(3, '|');
            let (job, state, comment) = (fields.next()?, fields.next()?, fields.next()?);
            let is_number = !job.is_empty() && job.bytes().all(|byte| byte.is_ascii_digit());
            let member = Member::of(comment).filter(|member| member.id == self.id)?;
            is_number.then(|| Live {
                job: job.to_owned(),
                member,
                state: State::read(state),
            })
        });
        Ok(all.filter(|one| !one.state.is_over()).collect())
    }
}
