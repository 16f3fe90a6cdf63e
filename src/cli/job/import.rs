//! Runs the script that imports an image: sealed, with namespaces of its own allowed, in directories made for it alone.
//! What it made gets its name here, when it is whole.
//!
//! INVARIANT: the script runs with nothing that was open before, and can write nothing that was there before.

use std::ffi::{CString, OsString};
use std::fs::{self, File};
use std::io::{self, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use nix::fcntl::{OFlag, RenameFlags};

use super::{Pair, cannot};
use crate::error::{Error, code};
use crate::launch::{self, Start};
use crate::policy::{Action, PathFacts, Presence, Scene, Stage, Target, WriteHow};
use crate::session::Session;
use crate::slurm::submit::image::{Import, PLACE, UNNAMED};
use crate::sys;
use crate::ui;

/// What enroot calls on the way, in its packages with capabilities that no program of a guard gets.
const HELPERS: [(&str, &str); 2] = [
    ("enroot-aufs2ovlfs", include_str!("aufs2ovlfs.sh")),
    ("enroot-mksquashovlfs", include_str!("mksquashovlfs.sh")),
];
/// Where programs are.
const PATH: &str = "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin";
/// How long what the script said may take to reach the log when it has ended.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// Runs the script, whose words these are, and gives the image its name.
pub(super) fn run(
    import: &Import,
    session: Session,
    words: Vec<OsString>,
    started: &[Pair],
) -> Result<u8, Error> {
    if nix::unistd::geteuid().is_root() {
        return Err(cannot(
            "no image is imported as root, whom no mount would hold",
        ));
    }
    sys::file::close_handed_down();
    let scratch = session.places.scratch.clone();
    let place = match Place::make(import, &session) {
        Ok(place) => place,
        Err(reason) => {
            ui::say(&format!("hlrp-sh: {reason}"));
            let _ = fs::remove_dir_all(scratch);
            return Ok(code::DENIED);
        }
    };
    let helpers = put_helpers(&scratch).map_err(cannot)?;
    let environment = environment(started, &helpers, &place.directory);
    std::env::set_current_dir(&scratch).map_err(cannot)?;
    let log = Log::begin().map_err(cannot)?;
    let ended = launch::start(Start {
        session,
        program: PathBuf::from("/bin/bash"),
        arguments: words,
        environment,
        brokered: false,
        sealed: Some(vec![scratch.clone(), place.directory.clone()]),
    });
    log.end();
    let named = match &ended {
        Ok(code::DONE) => place.name(&import.target),
        _ => Ok(()),
    };
    let _ = fs::remove_dir_all(&place.directory);
    let _ = fs::remove_dir_all(&scratch);
    match named {
        Ok(()) => ended,
        Err(fault) => {
            ui::say(&format!("hlrp-sh: {}: {fault}", import.target.display()));
            Ok(code::NO)
        }
    }
}

/// Where the image is written before it has its name: beside its name, in a directory that was not there.
struct Place {
    parent: OwnedFd,
    directory: PathBuf,
    pinned: OwnedFd,
}

impl Place {
    fn make(import: &Import, session: &Session) -> Result<Self, String> {
        let target = &import.target;
        let told = |fault: &dyn std::fmt::Display| format!("{}: {fault}", target.display());
        let parent = target.parent().unwrap_or(Path::new("/"));
        let parent = sys::file::open_path(parent, OFlag::O_PATH | OFlag::O_DIRECTORY)
            .map_err(|fault| told(&fault))?;
        let above = sys::file::path_of(parent.as_fd()).map_err(|fault| told(&fault))?;
        let name = target.file_name().ok_or("the image has no name")?;
        judge(&above.join(name), session)?;
        if above.join(name).symlink_metadata().is_ok() {
            return Err(told(&"it is there already, and no image is replaced"));
        }
        let mut own = OsString::from(".");
        own.push(name);
        own.push(format!(".{}", session.id));
        let own_name = CString::new(own.as_bytes()).map_err(|fault| told(&fault))?;
        sys::names::make_directory(parent.as_fd(), &own_name, 0o700)
            .map_err(|fault| told(&fault))?;
        let flags = libc::O_PATH | libc::O_DIRECTORY | libc::O_NOFOLLOW;
        let pinned = sys::file::open_at(parent.as_fd(), &own_name, flags, 0)
            .map_err(|fault| told(&fault))?;
        Ok(Self {
            directory: above.join(own),
            parent,
            pinned,
        })
    }

    /// Gives the image its name, which nothing else has.
    fn name(&self, target: &Path) -> io::Result<()> {
        let old = CString::new(UNNAMED)?;
        let found = sys::file::status_at(self.pinned.as_fd(), &old)?;
        if !found.is_regular() {
            return Err(io::Error::other("what enroot has written is no file"));
        }
        let new = CString::new(target.file_name().unwrap_or_default().as_bytes())?;
        let (from, to) = (self.pinned.as_fd(), self.parent.as_fd());
        match sys::names::rename(from, &old, to, &new, RenameFlags::RENAME_NOREPLACE) {
            // A file server that knows no such rename; a link replaces nothing either.
            Err(fault) if fault.raw_os_error() == Some(libc::EINVAL) => {
                sys::names::link(from, &old, to, &new)?;
            }
            other => other?,
        }
        ui::say(&format!("{} bytes: {}", found.size, target.display()));
        Ok(())
    }
}

fn judge(path: &Path, session: &Session) -> Result<(), String> {
    let target = Target::Path(PathFacts {
        path: path.to_owned(),
        presence: Presence::Absent,
        born: None,
    });
    let how = WriteHow::Replace;
    let scene = Scene {
        context: &session.context,
        stage: Stage::Kernel,
        actor: None,
    };
    let verdict = session.policy.judge(&Action::Write { target, how }, &scene);
    match verdict.is_allowed() {
        true => Ok(()),
        false => Err(format!(
            "{}: {} ({})",
            path.display(),
            verdict.because,
            verdict.rule
        )),
    }
}

fn put_helpers(scratch: &Path) -> io::Result<PathBuf> {
    let directory = scratch.join("helpers");
    fs::create_dir(&directory)?;
    for (name, text) in HELPERS {
        let mut options = File::options();
        options.write(true).create_new(true).mode(0o500);
        options
            .open(directory.join(name))?
            .write_all(text.as_bytes())?;
    }
    Ok(directory)
}

/// Returns what of the job's environment enroot needs: nothing that makes other programs of those it calls.
fn environment(started: &[Pair], helpers: &Path, place: &Path) -> Vec<Pair> {
    let plain = [
        "HOME",
        "USER",
        "LOGNAME",
        "LANG",
        "TZ",
        "TERM",
        "XDG_CONFIG_HOME",
    ];
    let network = ["http_proxy", "https_proxy", "no_proxy", "all_proxy"];
    let certificates = ["SSL_CERT_FILE", "SSL_CERT_DIR"];
    let enroot = [
        "ENROOT_CONFIG_PATH",
        "ENROOT_MAX_PROCESSORS",
        "ENROOT_MAX_CONNECTIONS",
        "ENROOT_SQUASH_OPTIONS",
        "ENROOT_CONNECT_TIMEOUT",
        "ENROOT_TRANSFER_TIMEOUT",
        "ENROOT_TRANSFER_RETRIES",
    ];
    let is_kept = |pair: &&Pair| {
        let name = pair.0.to_str().unwrap_or_default();
        let small = name.to_ascii_lowercase();
        [&plain[..], &certificates, &enroot]
            .concat()
            .contains(&name)
            || network.contains(&small.as_str())
            || name.starts_with("SLURM_")
    };
    let all = crate::slurm::spool::unpack(started);
    let mut kept: Vec<Pair> = all.iter().filter(is_kept).cloned().collect();
    let mut path = OsString::from(helpers);
    path.push(":");
    path.push(PATH);
    // Where a cluster keeps enroot elsewhere; behind all that the machine has.
    if let Some((_, more)) = all.iter().find(|(name, _)| name == "PATH") {
        path.push(":");
        path.push(more);
    }
    kept.push(("PATH".into(), path));
    kept.push((PLACE.into(), place.as_os_str().to_owned()));
    kept
}

/// Carries what the script says to the job's log, so that it has no descriptor of the log itself.
struct Log {
    carrier: Child,
    out: OwnedFd,
    err: OwnedFd,
}

impl Log {
    fn begin() -> io::Result<Self> {
        let out = io::stdout().as_fd().try_clone_to_owned()?;
        let err = io::stderr().as_fd().try_clone_to_owned()?;
        let (read, write) = io::pipe()?;
        let carrier = Command::new("cat").stdin(Stdio::from(read)).spawn()?;
        sys::spawn::become_output(write.as_fd(), write.as_fd())?;
        let null = File::open("/dev/null")?;
        nix::unistd::dup2_stdin(&null)?;
        Ok(Self { carrier, out, err })
    }

    /// Waits for what is on the way; not for processes that the script has left behind.
    fn end(mut self) {
        if sys::spawn::become_output(self.out.as_fd(), self.err.as_fd()).is_err() {
            return;
        }
        let until = Instant::now() + LAST_WORDS;
        while Instant::now() < until && matches!(self.carrier.try_wait(), Ok(None)) {
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}
