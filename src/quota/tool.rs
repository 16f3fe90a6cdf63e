//! Runs the programs that know quotas: outside the guard, with a clean environment and a
//! deadline.
//!
//! INVARIANT: only a program that root alone may change, or that lies outside everything
//! a session may write, is ever run.

use std::io::Read;
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

/// How long a program may take.
const DEADLINE: Duration = Duration::from_secs(2);
/// What is read of what a program says.
const MOST: usize = 1 << 20;
/// Where the programs lie.
const PLACES: [&str; 7] = [
    "/usr/bin",
    "/bin",
    "/usr/sbin",
    "/sbin",
    "/usr/local/bin",
    "/usr/lpp/mmfs/bin",
    "/opt/lrz/bin",
];

/// Where programs are looked for.
#[derive(Clone, Debug)]
pub struct Tools {
    directories: Vec<PathBuf>,
    /// A program below one of these is not run.
    writable: Vec<PathBuf>,
}

impl Tools {
    /// Returns those of this machine: the usual places, then `PATH`.
    pub fn of_the_machine(roots: &[PathBuf]) -> Self {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let own = std::env::split_paths(&path).filter(|path| path.is_absolute());
        let mut writable = roots.to_vec();
        writable.extend(["/tmp", "/var/tmp", "/dev/shm"].map(PathBuf::from));
        Self {
            directories: PLACES.iter().map(PathBuf::from).chain(own).collect(),
            writable,
        }
    }

    /// Returns those in some directories, whoever may write there.
    pub fn at(directories: Vec<PathBuf>) -> Self {
        Self {
            directories,
            writable: Vec::new(),
        }
    }

    /// Finds a program.
    pub fn find(&self, name: &str) -> Option<PathBuf> {
        let candidates = self.directories.iter().map(|place| place.join(name));
        candidates
            .filter_map(|path| path.canonicalize().ok())
            .find(|path| {
                let is_program = path
                    .metadata()
                    .is_ok_and(|found| found.is_file() && found.mode() & 0o111 != 0);
                is_program
                    && !self.writable.iter().any(|place| path.starts_with(place))
                    && self.is_kept(path)
            })
    }

    /// Whether nobody but its owner may change a program, and the owner is not the caller (who may be an agent).
    fn is_kept(&self, path: &Path) -> bool {
        let own = nix::unistd::Uid::effective();
        self.writable.is_empty()
            || path.ancestors().all(|part| {
                part.symlink_metadata().is_ok_and(|found| {
                    let is_open = found.mode() & 0o002 != 0 && found.mode() & 0o1000 == 0;
                    !is_open && (own.is_root() || found.uid() != own.as_raw())
                })
            })
    }
}

/// What a program said.
#[derive(Clone, Debug)]
pub(super) struct Said {
    pub(super) output: String,
    pub(super) complaint: String,
    pub(super) succeeded: bool,
}

impl Said {
    /// Returns its own words about what went wrong: the first line that is not about other lines.
    pub(super) fn why(&self) -> String {
        let lines = self.complaint.lines().chain(self.output.lines());
        let mut lines = lines.map(str::trim).filter(|line| !line.is_empty());
        let first = lines.next().unwrap_or("it said nothing").to_owned();
        // What GPFS says first is what failed; the cause is on the second line where that one says it is down.
        lines
            .find(|line| line.contains(" is down "))
            .map_or(first, str::to_owned)
    }
}

/// Runs a program.
///
/// # Errors
/// In words: it cannot be started, or took too long.
pub(super) fn run(program: &Path, arguments: &[&str]) -> Result<Said, String> {
    let started = Command::new(program)
        .args(arguments)
        .env_clear()
        .env(
            "PATH",
            "/usr/bin:/bin:/usr/sbin:/sbin:/usr/local/bin:/usr/lpp/mmfs/bin",
        )
        .env("LC_ALL", "C")
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn();
    let mut child = started.map_err(|error| format!("it cannot be started: {error}"))?;
    let heard = listen(&mut child);
    if heard.is_none() {
        stop(&child);
    }
    let status = child.wait().map_err(|error| error.to_string())?;
    let (output, complaint) =
        heard.ok_or_else(|| format!("no answer within {} s", DEADLINE.as_secs()))?;
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Ok(Said {
        output: text(output),
        complaint: text(complaint),
        succeeded: status.success(),
    })
}

/// Ends a program and what it has started.
fn stop(child: &Child) {
    if let Ok(group) = i32::try_from(child.id()) {
        let _ = crate::sys::process::send_signal(-group, libc::SIGKILL);
    }
}

/// Reads what a program says, until it has closed both pipes and ended; nothing where that takes too long.
fn listen(child: &mut Child) -> Option<(Vec<u8>, Vec<u8>)> {
    let end = Instant::now() + DEADLINE;
    let (mut out, mut err) = (child.stdout.take()?, child.stderr.take()?);
    let (mut output, mut complaint) = (Vec::new(), Vec::new());
    let (mut more_out, mut more_err) = (true, true);
    while more_out || more_err {
        let left = end.checked_duration_since(Instant::now())?;
        let wait = PollTimeout::try_from(left.as_millis().max(1)).ok()?;
        let flags = |more: bool| {
            if more {
                PollFlags::POLLIN
            } else {
                PollFlags::empty()
            }
        };
        let mut both = [
            PollFd::new(out.as_fd(), flags(more_out)),
            PollFd::new(err.as_fd(), flags(more_err)),
        ];
        let _ = poll(&mut both, wait);
        let [ready_out, ready_err] = both.map(|one| one.any().unwrap_or(false));
        if more_out && ready_out {
            more_out = take(&mut out, &mut output);
        }
        if more_err && ready_err {
            more_err = take(&mut err, &mut complaint);
        }
    }
    while let Ok(None) = child.try_wait() {
        end.checked_duration_since(Instant::now())?;
        std::thread::sleep(Duration::from_millis(2));
    }
    Some((output, complaint))
}

/// Takes what is there; returns whether there may be more.
fn take(pipe: &mut impl Read, into: &mut Vec<u8>) -> bool {
    let mut chunk = [0; 8192];
    match pipe.read(&mut chunk) {
        Ok(0) | Err(_) => false,
        Ok(count) => {
            if into.len() < MOST {
                into.extend_from_slice(chunk.get(..count).unwrap_or_default());
            }
            true
        }
    }
}
