//! How much of each root is used, of space and of files: by quota, and by the file
//! system itself. Each source has a parser of its own; `standing` says what the law's
//! thresholds make of it.
//!
//! INVARIANT: a source that should answer and does not is unknown, with the tool's own
//! complaint; never taken for room.

mod cache;
mod dss;
mod gpfs;
pub mod halted;
mod kernel;
mod lustre;
mod mounts;
mod nfs;
mod standing;
mod tool;

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use mounts::Kind;
pub use standing::{Cause, Standing, Thresholds};
pub use tool::Tools;

/// What is used of one thing, and how much of it there may be.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Usage {
    /// What is used: bytes, or files.
    pub used: u64,
    /// How much there may be; nothing where nobody limits it.
    pub limit: Option<u64>,
    /// What may still be used.
    pub available: Option<u64>,
}

impl Usage {
    /// Returns the use of something with a limit, where 0 means none.
    pub fn of(used: u64, limit: u64) -> Self {
        let limit = (limit > 0).then_some(limit);
        Self {
            used,
            limit,
            available: limit.map(|limit| limit.saturating_sub(used)),
        }
    }

    /// The same with two limits of which the lower counts, where 0 means none.
    pub(crate) fn within(used: u64, soft: u64, hard: u64) -> Self {
        let limits = [soft, hard].into_iter().filter(|limit| *limit > 0);
        Self::of(used, limits.min().unwrap_or(0))
    }

    /// Returns the whole percent that is used.
    pub fn percent(&self) -> Option<u64> {
        let limit = u128::from(self.limit?).max(1);
        u64::try_from(u128::from(self.used) * 100 / limit).ok()
    }
}

/// Who says how much may be used.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// The whole file system.
    FileSystem,
    /// A project quota of a directory, as the kernel reports it.
    Project,
    /// The kernel's quota of a user or a group.
    Linux,
    /// An NFS server's, by `quota`.
    Nfs,
    /// Lustre, by `lfs quota`.
    Lustre,
    /// GPFS, by `mmlsquota`.
    Gpfs,
    /// LRZ's data science storage, by `dssusrinfo`.
    Dss,
}

impl Source {
    /// Returns what it is called.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::FileSystem => "file system",
            Self::Project => "project quota",
            Self::Linux => "quota",
            Self::Nfs => "quota of the NFS server",
            Self::Lustre => "Lustre quota",
            Self::Gpfs => "GPFS quota",
            Self::Dss => "DSS quota",
        }
    }

    /// Returns whether it is a quota, not the file system's own size.
    pub fn is_quota(self) -> bool {
        self != Self::FileSystem
    }
}

/// What one source says of one root.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Reading {
    /// The root.
    pub root: PathBuf,
    /// Who says so.
    pub source: Source,
    /// Whose the limit is: `user me`, `container pn25pi-dss-0000`.
    pub of: String,
    /// Bytes.
    pub space: Usage,
    /// Files, directories, links.
    pub inodes: Usage,
    /// Whether others use it too, from other machines.
    pub shared: bool,
    /// Seconds since it was measured.
    pub age: u64,
}

/// Which of the two is fuller.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// Bytes.
    Space,
    /// Files.
    Inodes,
}

impl Reading {
    /// Returns the use of one of the two.
    pub fn usage(&self, what: What) -> Usage {
        match what {
            What::Space => self.space,
            What::Inodes => self.inodes,
        }
    }

    /// Returns what of it is fullest, with its percent.
    pub fn fullest(&self) -> Option<(What, u64)> {
        let both = [What::Space, What::Inodes];
        let percents = both.map(|what| Some((what, self.usage(what).percent()?)));
        percents
            .into_iter()
            .flatten()
            .rev()
            .max_by_key(|(_, percent)| *percent)
    }
}

/// A source that should have answered and did not.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Unknown {
    /// The root.
    pub root: PathBuf,
    /// The tool that failed.
    pub tool: String,
    /// What it said.
    pub complaint: String,
}

/// Everything that is known of the roots.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Report {
    /// What each source says, root by root.
    pub readings: Vec<Reading>,
    /// What could not be read.
    pub unknown: Vec<Unknown>,
}

impl Report {
    /// Returns the reading that is nearest to its limit.
    pub fn tightest(&self) -> Option<&Reading> {
        let known = self.readings.iter().filter_map(|one| {
            let (_, percent) = one.fullest()?;
            Some((percent, one.source.is_quota(), one))
        });
        known
            .max_by_key(|(percent, is_quota, _)| (*percent, *is_quota))
            .map(|(_, _, one)| one)
    }
}

/// How new an answer of a program must be.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Freshness {
    /// Asked now (`hlrp-sh quota`, `resume`).
    Now,
    /// Asked again where the last answer is older than this many seconds.
    Within(u64),
    /// Only what is known: no program is run.
    Known,
}

/// How old a program's answer may be for a line that is about to run.
pub const FOR_A_LINE: Freshness = Freshness::Within(300);
/// How old it may be while a session runs.
pub const FOR_A_WATCH: Freshness = Freshness::Within(30);

/// Measures the roots. Space and files of the file system and the kernel's own quotas are asked for each time;
/// programs as `freshness` says, and what they answer is kept below `state`.
pub fn read(roots: &[PathBuf], state: &Path, freshness: Freshness) -> Report {
    read_with(roots, state, freshness, &Tools::of_the_machine(roots))
}

/// The same with programs from elsewhere.
pub fn read_with(roots: &[PathBuf], state: &Path, freshness: Freshness, tools: &Tools) -> Report {
    let mut report = Report::default();
    for root in roots {
        let Some(there) = root.ancestors().find(|path| path.is_dir()) else {
            continue;
        };
        match kernel::file_system(root, there) {
            Ok((kind, readings)) => {
                report.readings.extend(readings);
                if kind == Kind::Local && freshness != Freshness::Known {
                    kernel::quotas(root, there, &mut report);
                }
                let asked = || programs(root, there, kind, tools);
                if needs_program(kind, tools) {
                    let answer = cache::answer(root, state, freshness, asked);
                    report.readings.extend(answer.readings);
                    report.unknown.extend(answer.unknown);
                }
            }
            Err(error) => report.unknown.push(Unknown {
                root: root.clone(),
                tool: "statvfs".to_owned(),
                complaint: error.to_string(),
            }),
        }
    }
    report
}

fn needs_program(kind: Kind, tools: &Tools) -> bool {
    match kind {
        Kind::Local | Kind::Other => false,
        Kind::Lustre | Kind::Gpfs => true,
        Kind::Nfs | Kind::Network => {
            tools.find("dssusrinfo").is_some() || tools.find("quota").is_some()
        }
    }
}

/// Asks the programs that know of such a file system.
fn programs(root: &Path, there: &Path, kind: Kind, tools: &Tools) -> Report {
    let mut report = Report::default();
    // LRZ's program speaks for its users where it knows the place; everything else is asked where it does not.
    if let (Kind::Gpfs | Kind::Nfs | Kind::Network, Some(program)) =
        (kind, tools.find("dssusrinfo"))
    {
        dss::ask(&program, root, &mut report);
        if !report.readings.is_empty() {
            report.unknown.clear();
            return report;
        }
    }
    match kind {
        Kind::Lustre => lustre::ask(tools, root, there, &mut report),
        Kind::Gpfs => {
            // Where LRZ's program is, GPFS's own is not for users.
            if report.unknown.is_empty() && tools.find("dssusrinfo").is_none() {
                gpfs::ask(tools, root, there, &mut report);
            }
        }
        Kind::Nfs => {
            if let Some(program) = tools.find("quota") {
                nfs::ask(&program, root, there, &mut report);
            }
        }
        Kind::Network | Kind::Local | Kind::Other => {}
    }
    report
}

impl Report {
    /// Notes what a source says.
    pub(crate) fn add(
        &mut self,
        root: &Path,
        source: Source,
        of: String,
        space: Usage,
        inodes: Usage,
    ) {
        self.readings.push(Reading {
            root: root.to_owned(),
            source,
            of,
            space,
            inodes,
            shared: true,
            age: 0,
        });
    }

    /// Notes that a source did not answer.
    pub(crate) fn fail(&mut self, root: &Path, tool: &str, complaint: impl Into<String>) {
        self.unknown.push(Unknown {
            root: root.to_owned(),
            tool: tool.to_owned(),
            complaint: complaint.into(),
        });
    }
}
