//! The environment that a client runs in: a list of what may pass, and nothing else.
//!
//! INVARIANT: no variable that loads code, names another configuration, another key or
//! another controller passes, whatever asks for it.

use std::ffi::{OsStr, OsString};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use super::find::is_roots;

/// What a client is searched with where it runs something itself.
const PATH: &str = "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin";

/// Passes as it is.
const PLAIN: [&str; 8] = [
    "HOME",
    "USER",
    "LOGNAME",
    "TERM",
    "COLUMNS",
    "LINES",
    "SLURM_TIME_FORMAT",
    "NO_COLOR",
];

/// What looks at the queue is told by these what to show.
const FORMATS: [&str; 3] = ["SQUEUE_", "SINFO_", "SACCT_"];

/// What a job is, as Slurm told it: `srun` inside it goes by these. No hook, no other controller.
const JOB: [&str; 47] = [
    "SLURM_JOB_ID",
    "SLURM_JOBID",
    "SLURM_JOB_NAME",
    "SLURM_JOB_NUM_NODES",
    "SLURM_NNODES",
    "SLURM_JOB_NODELIST",
    "SLURM_NODELIST",
    "SLURM_TASKS_PER_NODE",
    "SLURM_JOB_CPUS_PER_NODE",
    "SLURM_NTASKS",
    "SLURM_NPROCS",
    "SLURM_NTASKS_PER_NODE",
    "SLURM_NTASKS_PER_CORE",
    "SLURM_NTASKS_PER_GPU",
    "SLURM_NTASKS_PER_SOCKET",
    "SLURM_CPUS_PER_TASK",
    "SLURM_CPUS_PER_GPU",
    "SLURM_CPUS_ON_NODE",
    "SLURM_MEM_PER_CPU",
    "SLURM_MEM_PER_GPU",
    "SLURM_MEM_PER_NODE",
    "SLURM_GPUS",
    "SLURM_GPUS_PER_NODE",
    "SLURM_GPUS_PER_TASK",
    "SLURM_GPUS_PER_SOCKET",
    "SLURM_GPUS_ON_NODE",
    "SLURM_JOB_GPUS",
    "SLURM_JOB_PARTITION",
    "SLURM_JOB_QOS",
    "SLURM_JOB_ACCOUNT",
    "SLURM_JOB_RESERVATION",
    "SLURM_JOB_UID",
    "SLURM_JOB_USER",
    "SLURM_JOB_GID",
    "SLURM_CLUSTER_NAME",
    "SLURM_SUBMIT_HOST",
    "SLURM_ARRAY_JOB_ID",
    "SLURM_ARRAY_TASK_ID",
    "SLURM_ARRAY_TASK_COUNT",
    "SLURM_ARRAY_TASK_MIN",
    "SLURM_ARRAY_TASK_MAX",
    "SLURM_ARRAY_TASK_STEP",
    "SLURM_HET_SIZE",
    "SLURM_NODEID",
    "SLURM_THREADS_PER_CORE",
    "SLURM_DISTRIBUTION",
    "SLURM_TRES_PER_TASK",
];

/// Never passes, not even on a vetter's word: what loads code, and what names keys, hooks and configuration.
const NEVER: [&str; 25] = [
    "LD_",
    "GCONV_PATH",
    "LOCPATH",
    "NLSPATH",
    "MALLOC_",
    "GLIBC_",
    "PATH",
    "MUNGE",
    "SLURM_JWT",
    "SLURM_CONF",
    "SLURM_SACK",
    "SLURMRESTD",
    "SLURM_HELPER",
    "SLURM_WORKING_CLUSTER",
    "SLURM_TASK_",
    "SLURM_PROLOG",
    "SLURM_EPILOG",
    "SLURM_BCAST",
    "SBATCH_TASK",
    "SPANK_",
    "_SLURM_SPANK",
    "PYXIS",
    "ENROOT",
    "BASH_",
    "PYTHON",
];

/// The environment of clients.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Environment(Vec<(OsString, OsString)>);

impl Environment {
    /// Takes what may pass out of this process's own environment, before anything of a session has run in it.
    pub fn of_caller() -> Self {
        Self::of(std::env::vars_os(), is_in_job())
    }

    /// Takes what may pass; what a job's own environment says of it only `in_job`.
    fn of(variables: impl Iterator<Item = (OsString, OsString)>, in_job: bool) -> Self {
        let passes = |(name, value): &(OsString, OsString)| {
            let Some(text) = name.to_str() else {
                return false;
            };
            match text {
                "SLURM_CONF" => is_roots_file(value),
                _ if !is_fit(name) => false,
                "LANG" | "TZ" => is_locale(value),
                _ if text.starts_with("LC_") => is_locale(value),
                _ => {
                    PLAIN.contains(&text)
                        || FORMATS.iter().any(|prefix| text.starts_with(prefix))
                        || in_job && JOB.contains(&text)
                }
            }
        };
        let mut kept: Vec<_> = variables.filter(passes).collect();
        kept.push(("PATH".into(), PATH.into()));
        Self(kept)
    }

    /// Returns the variables.
    pub fn pairs(&self) -> impl Iterator<Item = (OsString, OsString)> {
        self.0.iter().cloned()
    }

    /// Returns the variables for a client whose output a program reads: as Slurm writes it
    /// by itself, nothing filtered, lists of tasks whole.
    pub(super) fn legible(&self) -> impl Iterator<Item = (OsString, OsString)> {
        let whole = ("SLURM_BITSTR_LEN".into(), "0".into());
        let kept = self.pairs().filter(|(name, _)| !shapes_output(name));
        kept.chain([whole])
    }

    /// Returns the same with more variables over it: those that `may` be there, and are not never fit.
    #[must_use]
    pub fn with(&self, more: &[(OsString, OsString)], may: impl Fn(&OsStr) -> bool) -> Self {
        let more: Vec<_> = more
            .iter()
            .filter(|(name, value)| may(name) && is_fit(name) && is_sound(name, value))
            .cloned()
            .collect();
        let kept = self.0.iter();
        let kept = kept.filter(|(name, _)| more.iter().all(|(other, _)| other != name));
        let mut all: Vec<_> = kept.cloned().collect();
        all.extend(more);
        Self(all)
    }
}

/// Returns whether a variable says what a client shows, and how.
pub(super) fn shapes_output(name: &OsStr) -> bool {
    name.to_str().is_some_and(|name| {
        name == "SLURM_TIME_FORMAT" || FORMATS.iter().any(|prefix| name.starts_with(prefix))
    })
}

/// Returns whether a variable may ever be a client's.
pub fn is_fit(name: &OsStr) -> bool {
    name.to_str().is_some_and(|name| {
        !name.is_empty()
            && !name.contains('=')
            && !NEVER.iter().any(|never| name.starts_with(never))
    })
}

fn is_sound(name: &OsStr, value: &OsStr) -> bool {
    let has_nul = |text: &OsStr| text.as_encoded_bytes().contains(&0);
    !has_nul(name) && !has_nul(value)
}

/// Returns whether a value is a locale or a time zone by name, which is looked up where the system keeps them.
fn is_locale(value: &OsStr) -> bool {
    value.to_str().is_some_and(|text| {
        let within = text.strip_prefix(':').unwrap_or(text);
        let is_systems = ["/etc/localtime", "/usr/share/zoneinfo/"]
            .iter()
            .any(|place| within.starts_with(place));
        (is_systems || !within.starts_with('/')) && !text.contains("..") && text.len() < 256
    })
}

/// Returns whether a configuration is root's, so that it names the real controller.
fn is_roots_file(value: &OsStr) -> bool {
    let path = Path::new(value);
    path.is_absolute()
        && path.canonicalize().is_ok_and(|path| {
            is_roots(&path) && path.metadata().is_ok_and(|found| found.uid() == 0)
        })
}

/// Returns whether the kernel says that this process is in a job.
fn is_in_job() -> bool {
    let groups = std::fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    groups
        .split(['\n', '/'])
        .any(|part| part.strip_prefix("job_").is_some_and(is_number))
        || crate::sys::process::has_ancestor_of_root("slurmstepd")
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(entries: &[(&str, &str)], in_job: bool) -> Vec<String> {
        let pairs = entries
            .iter()
            .map(|(name, value)| (OsString::from(name), OsString::from(value)));
        let kept = Environment::of(pairs, in_job);
        let names = kept.pairs().map(|(name, _)| name.into_string().unwrap());
        names.filter(|name| name != "PATH").collect()
    }

    #[test]
    fn nothing_that_loads_code_or_leads_elsewhere_passes() {
        let bad = [
            ("LD_PRELOAD", "/home/me/x.so"),
            ("LD_LIBRARY_PATH", "/home/me"),
            ("SLURM_CONF", "/home/me/slurm.conf"),
            ("SLURM_CONF_SERVER", "localhost:1"),
            ("SLURM_JWT", "token"),
            ("MUNGE_SOCKET", "/home/me/munge"),
            ("SLURM_SACK_SOCKET", "/home/me/sack"),
            ("SLURMRESTD", "x"),
            ("ENROOT_RC", "/home/me/rc"),
            ("PYXIS_RUNTIME_PATH", "/home/me"),
            ("GCONV_PATH", "/home/me"),
            ("LC_ALL", "/home/me/locale"),
            ("LANG", "../../home/me"),
            ("TZ", ":/home/me/zone"),
            ("EVERYTHING_ELSE", "1"),
        ];
        assert_eq!(names(&bad, false), Vec::<String>::new());
        assert_eq!(names(&bad, true), Vec::<String>::new());
    }

    #[test]
    fn what_only_says_how_to_show_passes() {
        let good = [
            ("HOME", "/home/me"),
            ("LANG", "en_GB.UTF-8"),
            ("LC_TIME", "C"),
            ("TZ", "Europe/Berlin"),
            ("SQUEUE_FORMAT", "%i"),
            ("SACCT_FORMAT", "JobID"),
            ("SLURM_TIME_FORMAT", "relative"),
        ];
        assert_eq!(names(&good, false).len(), good.len());
    }

    #[test]
    fn what_a_job_says_of_itself_counts_in_a_job_alone() {
        let hooks = [
            ("SLURM_TASK_PROLOG", "/home/me/x"),
            ("SLURM_WORKING_CLUSTER", "x:host:1:1"),
            ("SLURM_EXPORT_ENV", "ALL"),
        ];
        assert!(names(&hooks, true).is_empty());
        let job = [("SLURM_JOB_ID", "42"), ("SLURM_NNODES", "2")];
        assert!(names(&job, false).is_empty());
        assert_eq!(names(&job, true).len(), 2);
    }

    #[test]
    fn a_vetter_cannot_add_what_is_never_fit() {
        let more = [
            (OsString::from("LD_PRELOAD"), OsString::from("x")),
            (
                OsString::from("SBATCH_PARTITION"),
                OsString::from("lrz-cpu"),
            ),
        ];
        let names = |may: fn(&OsStr) -> bool| {
            let all = Environment::default().with(&more, may);
            all.pairs().map(|(name, _)| name).collect::<Vec<_>>()
        };
        assert_eq!(names(|_| true), ["SBATCH_PARTITION"]);
        assert!(names(|_| false).is_empty());
    }
}
