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
}

/// What the controller says.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Controller {
    /// The job runs, is this user's.
    Confirms,
    /// There is no such job of this user.
    Denies,
    /// It does not answer, or there is no client to ask with.
    Silent,
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
            slurm: Vec::new(),
            controller: None,
            program: std::env::current_exe().ok(),
            is_terminal: std::io::stdin().is_terminal() && std::io::stderr().is_terminal(),
        };
        around.slurm = traces::find(around.text("PATH").unwrap_or_default());
        if let Some(job) = super::class::job_of(&around.cgroup) {
            around.controller = Some(around.ask_controller(&job));
        }
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
            slurm: Vec::new(),
            controller: None,
            program: std::env::current_exe().ok(),
            is_terminal: false,
        };
        around.slurm = traces::find(around.text("PATH").unwrap_or_default());
        if let Some(job) = super::class::job_of(&around.cgroup)
            && asks
            && !contained
        {
            around.controller = Some(around.ask_controller(&job));
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

    /// Asks the controller whether a job is this user's and runs.
    fn ask_controller(&self, job: &str) -> Controller {
        let path = self.text("PATH").unwrap_or_default();
        let Some(mut client) = traces::scontrol(path, self.path("SLURM_CONF").as_deref()) else {
            return Controller::Silent;
        };
        match client.args(["--oneliner", "show", "job", job]).output() {
            Ok(output) if output.status.success() => {
                let text = String::from_utf8_lossy(&output.stdout);
                let is_mine = text.contains(&format!("UserId={}(", self.user))
                    || text.contains(&format!("({})", self.uid));
                if is_mine && text.contains("JobState=RUNNING") {
                    Controller::Confirms
                } else {
                    Controller::Denies
                }
            }
            Ok(_) | Err(_) => Controller::Silent,
        }
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

/// Returns the caller's name and home; `getent` knows directories that a static binary does not.
fn passwd(uid: Uid) -> (String, Option<PathBuf>) {
    if let Ok(Some(user)) = User::from_uid(uid) {
        return (user.name, Some(user.dir));
    }
    let answer = Command::new("getent")
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
        found.push(Ancestor { name, uid });
        pid = rest
            .split_whitespace()
            .nth(1)
            .and_then(|parent| parent.parse().ok())
            .unwrap_or(0);
    }
    found
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
