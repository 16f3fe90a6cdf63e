//! Where this is, who is here, and what may be written: found out once, at the start.
//!
//! INVARIANT: environment variables may narrow what a session may do, never widen it;
//! what they claim is believed where the file system or the kernel says the same.

mod class;
mod controller;
mod equipment;
mod job;
mod roots;
mod surroundings;
mod traces;

use std::path::{Path, PathBuf};

use crate::audit::{Stamp, Timestamp};
use crate::error::Error;
use crate::policy::{Context, HostClass, Layer, Origin, Policy};

pub use class::Classified;
pub use controller::Controller;
pub use equipment::{Equipment, Gpu};
pub use job::Handed;
pub use roots::Roots;
pub use surroundings::{Ancestor, Surroundings};
pub use traces::cluster_name;

/// A session: its law, its facts, its places.
#[derive(Debug)]
pub struct Session {
    /// Its id: a date, a time, and a random part.
    pub id: String,
    /// The law, all layers joined.
    pub policy: Policy,
    /// The layers over the built-in law.
    pub layers: Vec<Layer>,
    /// The facts that verdicts rest on.
    pub context: Context,
    /// Where the guard keeps things.
    pub places: Places,
    /// What a person should do about it, such as naming a DSS directory.
    pub advice: Option<String>,
}

/// The guard's own directories of this user.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Places {
    /// `$XDG_CONFIG_HOME/hlrp-sh`.
    pub config: PathBuf,
    /// `$XDG_STATE_HOME/hlrp-sh`.
    pub state: PathBuf,
    /// Where the record is.
    pub audit: PathBuf,
    /// The directory above whose `.hlrp/policy.toml` holds here.
    pub project: Option<PathBuf>,
    /// The scratch directory that the session gets.
    pub scratch: PathBuf,
}

/// What the caller wants to be so.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// Judge as on another kind of machine (`check --context`).
    pub class: Option<HostClass>,
    /// Judge as in another directory (`check --cwd`).
    pub cwd: Option<PathBuf>,
    /// On whose behalf; found out where nothing is said.
    pub origin: Option<Origin>,
    /// Its id, where another process has opened the session already.
    pub id: Option<String>,
}

impl Session {
    /// Finds out where this is and reads the law.
    ///
    /// # Errors
    ///
    /// Where there is no home directory, or a policy file does not load.
    pub fn open(request: &Request) -> Result<Self, Error> {
        Self::open_in(&Surroundings::read()?, request)
    }

    /// The same in surroundings that are given.
    ///
    /// # Errors
    ///
    /// As [`Session::open`].
    pub fn open_in(around: &Surroundings, request: &Request) -> Result<Self, Error> {
        let id = request.id.clone().unwrap_or_else(new_id);
        let home = roots::home(around)?;
        let cwd = match &request.cwd {
            Some(cwd) => resolved(&around.cwd.join(cwd)),
            None => around.cwd.clone(),
        };
        let places = Places::find(around, &home, &cwd, &id);
        let layers = Layer::read_all(&places.config, places.project.as_deref())?;
        let policy = Policy::load(&layers)?;
        let found = class::classify(around);
        let class = request.class.unwrap_or(found.class);
        let roots = roots::find(around, &home, class, policy.roots());
        let mut evidence = found.evidence;
        if let Some(class) = request.class {
            evidence.push(format!("judged as a {} node on request", class.as_str()));
        }
        evidence.extend(roots.evidence);
        let context = Context {
            class,
            host: around.host.clone(),
            user: around.user.clone(),
            cwd,
            own: places
                .own(&roots.paths, around)
                .into_iter()
                .chain(led_to(policy.list("protected"), &home))
                .collect(),
            home,
            roots: roots.paths,
            scratch: vec![places.scratch.clone()],
            origin: request.origin.clone().unwrap_or_else(|| around.origin()),
            guard: None,
            job: found.job,
            run_directory: None,
            evidence,
        };
        Ok(Self {
            id,
            policy,
            layers,
            context,
            places,
            advice: roots.advice,
        })
    }

    /// Returns what every record of this session has in common.
    pub fn stamp(&self) -> Stamp {
        Stamp {
            session: self.id.clone(),
            origin: self.context.origin.clone(),
            class: self.context.class,
        }
    }
}

impl Places {
    fn find(around: &Surroundings, home: &Path, cwd: &Path, id: &str) -> Self {
        let below = |variable: &str, default: &str| {
            around
                .path(variable)
                .unwrap_or_else(|| home.join(default))
                .join("hlrp-sh")
        };
        let state = below("XDG_STATE_HOME", ".local/state");
        let temporary = around
            .path("SLURM_TMPDIR")
            .filter(|path| class::job_of(&around.cgroup).is_some() && path.is_dir())
            .unwrap_or_else(|| PathBuf::from("/tmp"));
        Self {
            config: below("XDG_CONFIG_HOME", ".config"),
            audit: state.join("audit"),
            state,
            project: project(cwd),
            scratch: temporary.join(format!("hlrp-{id}")),
        }
    }

    /// Returns what nobody may write from inside: stores, configuration, state, the program.
    fn own(&self, roots: &[PathBuf], around: &Surroundings) -> Vec<PathBuf> {
        let stores = roots.iter().map(|root| root.join(".hlrp"));
        let led_to = stores.clone().map(|store| resolved(&store));
        stores
            .chain(led_to)
            .chain([&self.config, &self.state].map(|path| resolved(path)))
            .chain(around.program.clone())
            .collect()
    }
}

/// Returns where protected names lead that are links (`~/.bashrc` into a collection of dotfiles): what lies there is
/// as protected as the name.
fn led_to(protected: &[String], home: &Path) -> Vec<PathBuf> {
    let below_home = protected
        .iter()
        .filter_map(|pattern| pattern.strip_prefix("~/"));
    let literal = below_home.map(|pattern| pattern.strip_suffix("/**").unwrap_or(pattern));
    literal
        .filter(|name| !name.contains(['*', '?', '[']))
        .map(|name| home.join(name))
        .filter_map(|path| {
            let target = path.canonicalize().ok()?;
            (target != path).then_some(target)
        })
        .collect()
}

/// Returns the nearest directory upwards that has a policy of its own.
fn project(cwd: &Path) -> Option<PathBuf> {
    cwd.ancestors()
        .find(|directory| directory.join(".hlrp/policy.toml").is_file())
        .map(Path::to_owned)
}

/// Resolves as much of a path as exists.
fn resolved(path: &Path) -> PathBuf {
    for ancestor in path.ancestors() {
        if let Ok(found) = ancestor.canonicalize()
            && let Ok(rest) = path.strip_prefix(ancestor)
        {
            return found.join(rest);
        }
    }
    path.to_owned()
}

fn new_id() -> String {
    let now = Timestamp::now().to_string();
    let digits: String = now.chars().filter(char::is_ascii_digit).collect();
    let (date, time) = digits.split_at_checked(8).unwrap_or((&digits, ""));
    let time: String = time.chars().take(6).collect();
    format!("{date}-{time}-{:08x}", surroundings::random())
}
