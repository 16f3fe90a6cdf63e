//! Where an action happens and on whose behalf: facts given, never fetched.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// What kind of machine this is.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum HostClass {
    /// One's own machine.
    Workstation,
    /// A cluster's login node.
    Login,
    /// Inside a Slurm allocation.
    Compute,
}

impl HostClass {
    /// Returns the word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Workstation => "workstation",
            Self::Login => "login",
            Self::Compute => "compute",
        }
    }
}

/// Who wants it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// A person at a keyboard.
    Person,
    /// A script, or a line without a terminal.
    Script,
    /// An agent, by name.
    Agent(String),
}

/// How strong the kernel's side of the policy is here.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub enum GuardLevel {
    /// Landlock and user notification.
    A,
    /// User and mount namespace, and user notification.
    B,
    /// Every mutation notified.
    C,
    /// No enforcement: only what is provably read-only may run.
    D,
}

/// Where a path lies, as the law sees it.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// Under home, the DSS directory or a further root.
    Root,
    /// Under the session's own scratch directory.
    Scratch,
    /// In `/dev/shm`: free for what the session makes there.
    Shared,
    /// A device that is free to write (`/dev/null`, the terminal).
    Device,
    /// The store, policy, state or audit of the guard itself.
    Own,
    /// Anywhere else.
    Outside,
}

/// When the action is seen.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// In the text of a line, before anything runs.
    Line,
    /// In a script, Makefile or justfile that the line names.
    File,
    /// By the guard, when a process does it.
    Kernel,
}

/// The facts a verdict rests on besides the action itself.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Context {
    /// What kind of machine this is.
    pub class: HostClass,
    /// Its name.
    pub host: String,
    /// The user's name.
    pub user: String,
    /// The working directory.
    pub cwd: PathBuf,
    /// The home directory.
    pub home: PathBuf,
    /// The directories that may be written: home, DSS, further ones of a workstation. Canonical.
    pub roots: Vec<PathBuf>,
    /// The session's scratch directories (its own `TMPDIR`).
    pub scratch: Vec<PathBuf>,
    /// The guard's own places: stores, configuration, state.
    pub own: Vec<PathBuf>,
    /// Who wants it.
    pub origin: Origin,
    /// The guard that will stand behind the verdict; `None` in `check` and `hook`.
    pub guard: Option<GuardLevel>,
    /// The Slurm job this runs in.
    pub job: Option<String>,
    /// The job's own run directory, where what it made may really go.
    pub run_directory: Option<PathBuf>,
    /// Why it is believed to be so, one line a fact.
    pub evidence: Vec<String>,
}

impl Context {
    /// Ends the fact that says why nothing may be written.
    pub const READS_ONLY: &str = ": this session may only read";

    /// Returns why nothing may be written: no DSS directory is named, or none that can be taken.
    pub fn lack(&self) -> &str {
        let facts = self.evidence.iter().rev();
        let mut lacks = facts.filter_map(|fact| fact.strip_suffix(Self::READS_ONLY));
        lacks.next().unwrap_or("no DSS directory is configured")
    }

    /// Returns where a path lies. The path must be absolute and resolved.
    pub fn place(&self, path: &Path) -> Place {
        const DEVICES: [&str; 8] = [
            "/dev/null",
            "/dev/zero",
            "/dev/full",
            "/dev/tty",
            "/dev/ptmx",
            "/dev/stdout",
            "/dev/stderr",
            "/dev/stdin",
        ];
        if self.own.iter().any(|own| path.starts_with(own)) {
            Place::Own
        } else if self.scratch.iter().any(|scratch| path.starts_with(scratch)) {
            Place::Scratch
        } else if path.starts_with("/dev/shm") {
            Place::Shared
        } else if path.starts_with("/dev")
            && (DEVICES.iter().any(|device| path == Path::new(device))
                || ["/dev/pts", "/dev/fd"]
                    .iter()
                    .any(|directory| path.starts_with(directory)))
        {
            Place::Device
        } else if self.roots.iter().any(|root| path.starts_with(root)) {
            Place::Root
        } else {
            Place::Outside
        }
    }
}

/// The moment in which an action is judged.
#[derive(Clone, Copy, Debug)]
pub struct Scene<'a> {
    /// The facts of the session.
    pub context: &'a Context,
    /// When it is seen.
    pub stage: Stage,
    /// The program that acts, by base name (`git`, `pip`), where the guard sees it.
    pub actor: Option<&'a str>,
}
