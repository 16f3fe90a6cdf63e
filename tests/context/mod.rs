//! What kind of machine this is: a table of situations, each with its class; in doubt it is a login node.
//!
//! Those that need a real Slurm are in `tests/slurm/context.rs`.

use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::process::Command;

use hlrp_sh::policy::HostClass::{self, Compute, Login, Workstation};
use hlrp_sh::session::{Ancestor, Controller, Request, Session, Surroundings};

use crate::guard::bench::{has, skip};

const V1: &str =
    "11:cpuset:/slurm/uid_1000/job_42/step_0\n4:memory:/slurm/uid_1000/job_42/step_0\n";
const V2: &str = "0::/system.slice/slurmstepd.scope/job_42/step_batch/user/task_0\n";
const V2_NAMED: &str = "0::/system.slice/node1_slurmstepd.scope/job_42/step_batch\n";
const NONE: &str = "0::/user.slice/user-1000.slice/session-1.scope\n";
const OWN: &str = "0::/user.slice/user-1000.slice/user@1000.service/slurm/uid_1000/job_42\n";
const HIDDEN: &str = "0::/\n";
const FREE: &str = "0::/slurm/uid_1000/job_forty/step_0\n";

const YES: Option<Controller> = Some(Controller::Confirms);
const NO: Option<Controller> = Some(Controller::Denies);
const INSIDE: Option<Controller> = Some(Controller::Shielded);
const SILENT: Option<Controller> = Some(Controller::Silent);

/// Who is above, besides a shell.
#[derive(Clone, Copy)]
enum Above {
    Nobody,
    /// Root's slurmstepd.
    Step,
    /// One of the user's own with that name.
    Forged,
}
use Above::{Forged, Nobody, Step};

/// Whether Slurm is on the machine, and whether this is a namespace of the user's.
#[derive(Clone, Copy, PartialEq)]
enum Here {
    Slurm,
    Nothing,
    Namespace,
    SlurmInNamespace,
}
use Here::{Namespace, Nothing, Slurm, SlurmInNamespace};

type Row = (
    &'static str,
    Here,
    &'static str,
    Above,
    Option<Controller>,
    &'static [&'static str],
    HostClass,
);

const JOB: &[&str] = &["SLURM_JOB_ID=42"];
const ALL: &[&str] = &[
    "SLURM_JOB_ID=42",
    "SLURM_JOBID=42",
    "SLURM_JOB_NODELIST=host1",
    "SLURM_NODELIST=host1",
    "SLURMD_NODENAME=host1",
    "SLURM_STEP_ID=0",
    "SLURM_JOB_UID=1000",
    "SLURM_CLUSTER_NAME=ai",
    "SLURM_CONF=/tmp/slurm.conf",
    "HOSTNAME=cpu-001",
    "HLRP_CLASS=compute",
    "CUDA_VISIBLE_DEVICES=0",
];

#[rustfmt::skip]
const SITUATIONS: &[Row] = &[
    ("an own machine",                            Nothing,   NONE,     Nobody, None,   &[], Workstation),
    ("… with a job's variables",                  Nothing,   NONE,     Nobody, None,   ALL, Workstation),
    ("… with a slurmstepd of one's own",          Nothing,   NONE,     Forged, None,   &[], Workstation),
    ("… with a group that is named like a job's", Nothing,   OWN,      Nobody, None,   &[], Workstation),
    ("… with a group that says nothing",          Nothing,   "",       Nobody, None,   &[], Workstation),
    ("a login node",                              Slurm,     NONE,     Nobody, None,   &[], Login),
    ("… with a job's number",                     Slurm,     NONE,     Nobody, None,   JOB, Login),
    ("… with a job's variables",                  Slurm,     NONE,     Nobody, None,   ALL, Login),
    ("… with a slurmstepd of one's own",          Slurm,     NONE,     Forged, None,   &[], Login),
    ("… and a job's variables",                   Slurm,     NONE,     Forged, None,   ALL, Login),
    ("… with a group of one's own",               Slurm,     OWN,      Nobody, None,   ALL, Login),
    ("… and a slurmstepd, and variables",         Slurm,     OWN,      Forged, None,   ALL, Login),
    ("… with a group of no number",               Slurm,     FREE,     Nobody, None,   JOB, Login),
    ("… with a group that is hidden",             Slurm,     HIDDEN,   Nobody, None,   JOB, Login),
    ("… with no group",                           Slurm,     "",       Nobody, None,   JOB, Login),
    ("… where a controller confirms, unasked",    Slurm,     NONE,     Nobody, YES,    ALL, Login),
    ("a job, version 1",                          Slurm,     V1,       Step,   YES,    JOB, Compute),
    ("a job, version 2",                          Slurm,     V2,       Step,   YES,    JOB, Compute),
    ("a job, version 2, several slurmd",          Slurm,     V2_NAMED, Step,   YES,    JOB, Compute),
    ("… without its variables",                   Slurm,     V1,       Step,   YES,    &[], Compute),
    ("… with other variables",                    Slurm,     V2,       Step,   YES,    ALL, Compute),
    ("a job without groups (linuxproc)",          Slurm,     NONE,     Step,   YES,    JOB, Compute),
    ("a job whose slurmstepd is out of sight",    Slurm,     V1,       Nobody, YES,    JOB, Compute),
    ("a job on a machine without clients",        Nothing,   V1,       Step,   YES,    JOB, Compute),
    ("a job that has ended",                      Slurm,     V1,       Step,   NO,     JOB, Login),
    ("a job that has ended, without groups",      Slurm,     NONE,     Step,   NO,     JOB, Login),
    ("a job of somebody else's",                  Slurm,     V2,       Step,   NO,     ALL, Login),
    ("a job, slurmctld down",                     Slurm,     V1,       Step,   SILENT, JOB, Login),
    ("a job, version 2, slurmctld down",          Slurm,     V2,       Step,   SILENT, JOB, Login),
    ("a job, nobody asked",                       Slurm,     V2,       Step,   None,   JOB, Login),
    ("a job without groups, munge down",          Slurm,     NONE,     Step,   SILENT, JOB, Login),
    ("a job, nobody answers, no clients",         Nothing,   V1,       Step,   SILENT, JOB, Login),
    ("a step alone, nobody answers, no clients",  Nothing,   NONE,     Step,   SILENT, &[], Login),
    ("a job that is denied, no clients",          Nothing,   V2,       Step,   NO,     JOB, Login),
    ("a session in a job",                        Slurm,     V1,       Step,   INSIDE, JOB, Compute),
    ("a session in a job, all forged",            Slurm,     V1,       Step,   INSIDE, ALL, Compute),
    ("a session, and a job's group alone",        Slurm,     V2,       Nobody, INSIDE, JOB, Login),
    ("a session, and a forged slurmstepd",        Slurm,     OWN,      Forged, INSIDE, ALL, Login),
    ("a namespace, nothing of Slurm in it",       Namespace, NONE,     Nobody, None,   &[], Login),
    ("… with a job's variables",                  Namespace, HIDDEN,   Nobody, None,   ALL, Login),
    ("… with everything made up",                 Namespace, V1,       Step,   YES,    ALL, Login),
    ("a namespace on a login node",               SlurmInNamespace, NONE, Nobody, None, &[], Login),
    ("… with a group made up",                    SlurmInNamespace, V2, Nobody, YES,   JOB, Login),
    ("… with everything made up",                 SlurmInNamespace, V2, Step,  YES,    ALL, Login),
    ("a namespace in a job",                      SlurmInNamespace, HIDDEN, Step, None, JOB, Login),
];

#[test]
fn every_situation_has_its_class() {
    assert!(SITUATIONS.len() >= 40, "{}", SITUATIONS.len());
    let directory = tempfile::tempdir().unwrap();
    let home = directory.path().canonicalize().unwrap();
    for (name, here, cgroup, above, controller, variables, class) in SITUATIONS {
        let shell = Ancestor {
            name: "bash".to_owned(),
            uid: 1000,
            job: None,
        };
        let step = |uid| Ancestor {
            name: "slurmstepd".to_owned(),
            uid,
            job: Some("42".to_owned()),
        };
        let ancestors = match above {
            Nobody => vec![shell],
            Step => vec![shell, step(0)],
            Forged => vec![shell, step(1000)],
        };
        let pairs = variables.iter().filter_map(|pair| pair.split_once('='));
        let around = Surroundings {
            variables: pairs
                .map(|(name, value)| (name.into(), value.into()))
                .collect::<BTreeMap<_, _>>(),
            uid: home.metadata().unwrap().uid(),
            user: "me".to_owned(),
            passwd_home: Some(home.clone()),
            host: "host1".to_owned(),
            cwd: home.clone(),
            cgroup: (*cgroup).to_owned(),
            ancestors,
            is_made_up: matches!(here, Namespace | SlurmInNamespace),
            slurm: match here {
                Slurm | SlurmInNamespace => vec![PathBuf::from("/usr/bin/sbatch")],
                Nothing | Namespace => Vec::new(),
            },
            controller: *controller,
            program: None,
            is_terminal: true,
        };
        let context = Session::open_in(&around, &Request::default())
            .unwrap()
            .context;
        let evidence = context.evidence.join("\n");
        assert_eq!(context.class, *class, "{name}\n{evidence}");
        let has_job = context.job.as_deref() == Some("42");
        assert_eq!(has_job, *class == Compute, "{name}: the job\n{evidence}");
        assert!(!evidence.is_empty(), "{name}");
    }
}

/// Asks the program itself, below other words.
fn class(before: &[&str], home: &std::path::Path) -> Option<String> {
    let program = env!("CARGO_BIN_EXE_hlrp-sh");
    let words: Vec<&str> = [before, &[program, "context", "--json"]].concat();
    let output = Command::new(words[0])
        .args(&words[1..])
        .env("HOME", home)
        .current_dir(home)
        .output()
        .ok()?;
    let shown: serde_json::Value = serde_json::from_slice(&output.stdout).ok()?;
    shown["class"].as_str().map(str::to_owned)
}

#[test]
fn nothing_that_a_user_can_set_changes_the_class_here() {
    let directory = tempfile::tempdir().unwrap();
    let home = directory.path();
    let plain = class(&["env"], home).unwrap();
    assert_ne!(plain, "compute");
    for variable in ALL {
        assert_eq!(
            class(&["env", variable], home).as_ref(),
            Some(&plain),
            "{variable}"
        );
    }
    let together = [&["env"], ALL].concat();
    assert_eq!(class(&together, home).as_ref(), Some(&plain));
    let name = "a namespace of a user's own";
    let unshare = ["unshare", "--user", "--map-root-user", "--uts", "--cgroup"];
    if !has("unshare", name) {
        return;
    }
    match class(&unshare, home) {
        Some(class) => assert_eq!(class, "login"),
        None => skip(name, "users may make no namespaces here"),
    }
}
