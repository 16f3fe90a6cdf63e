//! What there is to see around the process. Read once, so that everything that
//! decides can be tested with surroundings made up.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{IsTerminal, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use nix::unistd::{Uid, User, gethostname};

use super::controller::{Controller, Question};
use super::traces;
use crate::error::Error;
use crate::policy::Origin;

/// What there is to see around the process.
#[derive(Clone, Debug)]
pub struct Surroundings {
    /// The environment.
    pub variables: BTreeMap<OsString, OsString>,
    /// The caller's user id.
    pub uid: u32,
    /// The caller's name.
    pub user: String,
    /// The home directory that the system has for the caller.
    pub passwd_home: Option<PathBuf>,
    /// The machine's name.
    pub host: String,
    /// The working directory.
    pub cwd: PathBuf,
    /// `/proc/self/cgroup`.
    pub cgroup: String,
    /// The processes above this one, the nearest first.
    pub ancestors: Vec<Ancestor>,
    /// Whether this is a user namespace that somebody made: inside it owners, names of machines, control groups and
    /// files are what its maker wants them to be.
    pub is_made_up: bool,
    /// Traces of Slurm on this machine: clients, configuration.
    pub slurm: Vec<PathBuf>,
    /// What the controller says of the job this seems to be; `None` where it was not asked.
    pub controller: Option<Controller>,
    /// This program.
    pub program: Option<PathBuf>,
    /// Whether a person could be typing.
    pub is_terminal: bool,
}

/// A process above this one.
#[derive(Clone, Debug)]
pub struct Ancestor {
    /// Its name.
    pub name: String,
    /// Whose it is.
    pub uid: u32,
    /// The job it says it is a step of, where it is a `slurmstepd`.
    pub job: Option<String>,
}

impl Surroundings {
    /// Looks around.
    ///
    /// # Errors
    ///
    /// Where there is no working directory.
    pub fn read() -> Result<Self, Error> {
        let cwd = std::env::current_dir()
            .and_then(|cwd| cwd.canonicalize())
            .map_err(|source| Error::Session {
                what: "working directory".to_owned(),
                source,
            })?;
        let uid = Uid::current();
        let (user, passwd_home) = passwd(uid);
        let mut around = Self {
            variables: std::env::vars_os().collect(),
            uid: uid.as_raw(),
            user,
            passwd_home,
            host: gethostname()
                .map(|name| name.to_string_lossy().into_owned())
                .unwrap_or_else(|_| "localhost".to_owned()),
            cwd,
            cgroup: std::fs::read_to_string("/proc/self/cgroup").unwrap_or_default(),
            ancestors: ancestors(),
            is_made_up: is_made_up(),
            slurm: Vec::new(),
            controller: None,
            program: std::env::current_exe().ok(),
            is_terminal: std::io::stdin().is_terminal() && std::io::stderr().is_terminal(),
        };
        around.slurm = traces::find(around.text("PATH").unwrap_or_default());
        around.controller = around.ask_controller();
        Ok(around)
    }

    /// Looks around inside a job, asking no program and no library of this machine where `contained`: in a container
    /// they are the image's. `user` is what the submitter was called; `asks`: whether the controller is to confirm.
    ///
    /// # Errors
    ///
    /// Where there is no working directory.
    pub fn of_job(user: &str, contained: bool, asks: bool) -> Result<Self, Error> {
        let cwd = std::env::current_dir().map_err(|source| Error::Session {
            what: "working directory".to_owned(),
            source,
        })?;
        let host = gethostname().map(|name| name.to_string_lossy().into_owned());
        let mut around = Self {
            variables: std::env::vars_os().collect(),
            uid: Uid::current().as_raw(),
            user: user.to_owned(),
            passwd_home: None,
            host: host.unwrap_or_else(|_| "localhost".to_owned()),
            cwd,
            cgroup: std::fs::read_to_string("/proc/self/cgroup").unwrap_or_default(),
            ancestors: ancestors(),
            is_made_up: is_made_up(),
            slurm: Vec::new(),
            controller: None,
            program: std::env::current_exe().ok(),
            is_terminal: false,
        };
        around.slurm = traces::find(around.text("PATH").unwrap_or_default());
        if asks && !contained {
            around.controller = around.ask_controller();
        }
        Ok(around)
    }

    /// Returns a variable that holds an absolute path.
    pub(super) fn path(&self, variable: &str) -> Option<PathBuf> {
        let path = PathBuf::from(self.variables.get(OsStr::new(variable))?);
        path.is_absolute().then_some(path)
    }

    /// Returns a variable as text.
    pub(super) fn text(&self, variable: &str) -> Option<&str> {
        self.variables.get(OsStr::new(variable))?.to_str()
    }

    /// Returns on whose behalf this runs, as far as it shows.
    pub(super) fn origin(&self) -> Origin {
        for (variable, agent) in AGENTS {
            if self.text(variable).is_some_and(|value| !value.is_empty()) {
                return Origin::Agent(agent.to_owned());
            }
        }
        match self.text("HLRP_AGENT") {
            Some(name) if !name.is_empty() => Origin::Agent(name.to_owned()),
            _ if self.is_terminal => Origin::Person,
            _ => Origin::Script,
        }
    }

    /// Asks the controller about the job that the kernel says this is; nobody is asked where it says nothing of one.
    fn ask_controller(&self) -> Option<Controller> {
        let job = super::class::job(self).filter(|_| !self.is_made_up)?;
        if crate::sys::process::is_guarded() {
            return Some(Controller::Shielded);
        }
        let question = Question {
            job: &job,
            uid: self.uid,
            host: &self.host,
        };
        let path = self.text("PATH").unwrap_or_default();
        Some(question.ask(path, self.path("SLURM_CONF").as_deref()))
    }
}

/// Variables that agents set for what they run.
const AGENTS: [(&str, &str); 6] = [
    ("CLAUDECODE", "claude"),
    ("CLAUDE_CODE_ENTRYPOINT", "claude"),
    ("CODEX_SANDBOX", "codex"),
    ("CURSOR_AGENT", "cursor"),
    ("GEMINI_CLI", "gemini"),
    ("AIDER_MODEL", "aider"),
];

/// Returns whether the users of this namespace are others than the machine's.
fn is_made_up() -> bool {
    let map = std::fs::read_to_string("/proc/self/uid_map").unwrap_or_default();
    let whole = ["0", "0", "4294967295"];
    // What a guard of ours put around this it has judged already, as what it is.
    !map.split_whitespace().eq(whole) && !crate::sys::process::is_guarded()
}

/// Returns the caller's name and home; `getent` knows directories that a static binary does not.
fn passwd(uid: Uid) -> (String, Option<PathBuf>) {
    if let Ok(Some(user)) = User::from_uid(uid) {
        return (user.name, Some(user.dir));
    }
    let answer = Command::new("/usr/bin/getent")
        .env_clear()
        .args(["passwd", &uid.to_string()])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output();
    let line = answer.map(|output| output.stdout).unwrap_or_default();
    let line = String::from_utf8_lossy(&line);
    let mut fields = line.trim_end().split(':');
    match (fields.next(), fields.nth(4)) {
        (Some(name), Some(home)) if !name.is_empty() => (name.to_owned(), Some(home.into())),
        _ => (uid.to_string(), None),
    }
}

/// Follows `/proc/PID/stat` upwards.
fn ancestors() -> Vec<Ancestor> {
    const DEEPEST: usize = 64;
    let mut found = Vec::new();
    let mut pid = nix::unistd::getppid().as_raw();
    while pid > 1 && found.len() < DEEPEST {
        let directory = Path::new("/proc").join(pid.to_string());
        let Ok(stat) = std::fs::read_to_string(directory.join("stat")) else {
            break;
        };
        let Some((name, rest)) = stat
            .split_once('(')
            .and_then(|(_, rest)| rest.rsplit_once(')'))
        else {
            break;
        };
        let Ok(uid) = directory.metadata().map(|found| found.uid()) else {
            break;
        };
        let name = name.to_owned();
        let job = (name == "slurmstepd").then(|| step_of(&directory));
        let job = job.flatten();
        found.push(Ancestor { name, uid, job });
        pid = rest
            .split_whitespace()
            .nth(1)
            .and_then(|parent| parent.parse().ok())
            .unwrap_or(0);
    }
    found
}

/// Returns the job in the title that a `slurmstepd` gives itself: `slurmstepd: [42.batch]`.
fn step_of(process: &Path) -> Option<String> {
    let title = std::fs::read_to_string(process.join("cmdline")).ok()?;
    let (_, rest) = title.split_once("slurmstepd: [")?;
    let (job, _) = rest.split_once(['.', ']'])?;
    let is_number = !job.is_empty() && job.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| job.to_owned())
}

/// Returns a number that another session hardly has.
pub(super) fn random() -> u32 {
    let mut bytes = [0; 4];
    let read = File::open("/dev/urandom").and_then(|mut file| file.read_exact(&mut bytes));
    match read {
        Ok(()) => u32::from_ne_bytes(bytes),
        Err(_) => std::process::id(),
    }
}
