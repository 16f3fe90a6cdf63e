//! What the caller's environment says to a client: turned into arguments, or passed on
//! where it only says what an allocation is, or dropped.

use std::ffi::{OsStr, OsString};

use super::getopt::Given;
use super::options::{Options, Takes};
use crate::slurm::client::Client;

/// `SBATCH_…` and `SALLOC_…`, and the options they stand for.
const ALIKE: &str = "ACCOUNT=account ACCTG_FREQ=acctg-freq ARRAY_INX=array BATCH=batch BELL=bell BURST_BUFFER=bb \
    CLUSTERS=clusters CLUSTER_CONSTRAINT=cluster-constraint CONSTRAINT=constraint CONTAINER=container \
    CONTAINER_ID=container-id CORE_SPEC=core-spec CPUS_PER_GPU=cpus-per-gpu CPU_FREQ_REQ=cpu-freq DEBUG=verbose \
    DELAY_BOOT=delay-boot DISTRIBUTION=distribution ERROR=error EXCLUSIVE=exclusive EXPORT=export \
    GET_USER_ENV=get-user-env GPUS=gpus GPUS_PER_NODE=gpus-per-node GPUS_PER_SOCKET=gpus-per-socket \
    GPUS_PER_TASK=gpus-per-task GPU_BIND=gpu-bind GPU_FREQ=gpu-freq GRES=gres GRES_FLAGS=gres-flags HINT=hint \
    IGNORE_PBS=ignore-pbs IMMEDIATE=immediate INPUT=input JOB_NAME=job-name KILL_CMD=kill-command \
    MEM_BIND=mem-bind MEM_PER_CPU=mem-per-cpu MEM_PER_GPU=mem-per-gpu MEM_PER_NODE=mem NETWORK=network \
    NO_BELL=no-bell NO_KILL=no-kill NO_REQUEUE=no-requeue OPEN_MODE=open-mode OUTPUT=output OVERCOMMIT=overcommit \
    PARTITION=partition POWER=power PROFILE=profile QOS=qos REQUEUE=requeue REQ_SWITCH=switches \
    RESERVATION=reservation SEGMENT_SIZE=segment SIGNAL=signal SPREAD_JOB=spread-job THREADS_PER_CORE=threads-per-core \
    THREAD_SPEC=thread-spec TIMELIMIT=time TRES_BIND=tres-bind TRES_PER_TASK=tres-per-task \
    USE_MIN_NODES=use-min-nodes WAIT=wait WAIT_ALL_NODES=wait-all-nodes WCKEY=wckey";

/// What srun takes from the environment and must be judged, as options.
const STEP: &str = "SLURM_BCAST=bcast SLURM_CONTAINER=container SRUN_CONTAINER=container SLURM_EPILOG=epilog \
    SLURM_EXPORT_ENV=export SRUN_EXPORT_ENV=export SLURM_PROLOG=prolog SLURM_REMOTE_CWD=chdir \
    SLURM_SRUN_MULTI=multi-prog SLURM_STDERRMODE=error SLURM_STDINMODE=input SLURM_STDOUTMODE=output \
    SLURM_TASK_EPILOG=task-epilog SLURM_TASK_PROLOG=task-prolog SLURM_WORKING_DIR=chdir";

/// What srun takes from the environment and only says what there is, or how much is wanted.
const STEP_PLAIN: &str = "SLURM_ACCOUNT SLURM_ACCTG_FREQ SLURM_CLUSTERS SLURM_CLUSTER_CONSTRAINT SLURM_CONSTRAINT \
    SLURM_CORE_SPEC SRUN_CPUS_PER_TASK SLURM_CPU_BIND SLURM_CPU_FREQ_REQ SLURM_CPUS_PER_GPU SLURM_CPUS_PER_TASK \
    SLURM_DEBUG SLURM_DELAY_BOOT SLURM_DEPENDENCY SLURM_DISABLE_STATUS SLURM_DISTRIBUTION SLURM_DIST_PLANESIZE \
    SLURM_EXACT SLURM_EXCLUSIVE SLURM_EXIT_ERROR SLURM_EXIT_IMMEDIATE SLURM_GPUS SLURM_GPU_BIND SLURM_GPU_FREQ \
    SLURM_GPUS_PER_NODE SLURM_GPUS_PER_SOCKET SLURM_GPUS_PER_TASK SLURM_GRES SLURM_GRES_FLAGS SLURM_HINT \
    SLURM_IMMEDIATE SLURM_JOB_NAME SLURM_JOB_ID SLURM_JOBID SLURM_JOB_NODELIST SLURM_NODELIST SLURM_JOB_NUM_NODES \
    SLURM_NNODES SLURM_JOB_CPUS_PER_NODE SLURM_TASKS_PER_NODE SLURM_CPUS_ON_NODE SLURM_JOB_PARTITION \
    SLURM_JOB_ACCOUNT SLURM_JOB_QOS SLURM_KILL_BAD_EXIT SLURM_LABELIO SLURM_MEM_BIND SLURM_MEM_PER_CPU \
    SLURM_MEM_PER_GPU SLURM_MEM_PER_NODE SLURM_MPI_TYPE SLURM_NCORES_PER_SOCKET SLURM_NETWORK SLURM_NO_KILL \
    SLURM_NPROCS SLURM_NSOCKETS_PER_NODE SLURM_NTASKS SLURM_NTASKS_PER_CORE SLURM_NTASKS_PER_GPU \
    SLURM_NTASKS_PER_NODE SLURM_NTASKS_PER_SOCKET SLURM_NTASKS_PER_TRES SLURM_OVERCOMMIT SLURM_OVERLAP \
    SLURM_PARTITION SLURM_POWER SLURM_PROFILE SLURM_QOS SLURM_REQ_SWITCH SLURM_RESERVATION SLURM_RESV_PORTS \
    SLURM_SIGNAL SLURM_SPREAD_JOB SLURM_STEP_GRES SLURM_THREADS SLURM_THREAD_SPEC SLURM_THREADS_PER_CORE \
    SLURM_TIMELIMIT SLURM_TRES_PER_TASK SLURM_UNBUFFEREDIO SLURM_USE_MIN_NODES SLURM_WAIT SLURM_WAIT4SWITCH \
    SLURM_WCKEY SLURM_CLUSTER_NAME \
    SLURM_ARRAY_JOB_ID SLURM_ARRAY_TASK_ID";

/// What every client may be told.
const PLAIN: &str = "SLURM_EXIT_ERROR SLURM_EXIT_IMMEDIATE SLURM_TIME_FORMAT SLURM_BITSTR_LEN COLUMNS LINES TERM \
    NO_COLOR";

/// What clients that look are told by the environment.
const LOOKS: [&str; 5] = ["SQUEUE_", "SINFO_", "SACCT_", "SPRIO_", "SSHARE_"];

/// Returns the options that the environment stands for, weaker than those of the line.
pub(crate) fn options(client: Client, environment: &[OsString]) -> Vec<Given> {
    let (table, prefix) = match client {
        Client::Sbatch => (ALIKE, "SBATCH_"),
        Client::Salloc => (ALIKE, "SALLOC_"),
        Client::Srun => (STEP, ""),
        Client::Scancel => (CANCEL, "SCANCEL_"),
        _ => return Vec::new(),
    };
    let options = Options::of(client);
    let mut given = Vec::new();
    let shared: &[(&str, &str)] = match client {
        Client::Sbatch | Client::Salloc => {
            &[("SLURM_CLUSTERS", "clusters"), ("SLURM_HINT", "hint")]
        }
        Client::Scancel => &[("SLURM_CLUSTERS", "clusters")],
        _ => &[],
    };
    let entries = table
        .split_ascii_whitespace()
        .filter_map(|entry| entry.split_once('='))
        .map(|(variable, name)| (format!("{prefix}{variable}"), name));
    let shared = shared
        .iter()
        .map(|(variable, name)| ((*variable).to_owned(), *name));
    for (variable, name) in shared.chain(entries) {
        let Some(value) = value_of(environment, &variable) else {
            continue;
        };
        given.extend(option(options, &variable, name, &value));
    }
    if let Some(wait) = value_of(environment, &format!("{prefix}WAIT4SWITCH"))
        && let Some(switches) = given.iter_mut().find(|given| given.name == "switches")
        && let Some(value) = &mut switches.value
        && !value.contains('@')
    {
        value.push('@');
        value.push_str(&wait);
    }
    given
}

const CANCEL: &str = "ACCOUNT=account BATCH=batch CTLD=ctld CRON=cron FULL=full HURRY=hurry INTERACTIVE=interactive \
    NAME=name PARTITION=partition QOS=qos STATE=state USER=user VERBOSE=verbose WCKEY=wckey";

fn option(options: &Options, variable: &str, name: &'static str, value: &str) -> Vec<Given> {
    let given = |value: Option<String>| Given {
        name,
        value,
        span: 0..0,
        via: Some(format!("the variable {variable}")),
    };
    match options.takes(name) {
        None => Vec::new(),
        Some(Takes::Nothing) if name == "verbose" => {
            let times = value.parse::<usize>().unwrap_or(1).min(9);
            vec![given(None); times]
        }
        Some(Takes::Nothing) => vec![given(None)],
        Some(Takes::Maybe) if value.is_empty() => vec![given(None)],
        Some(Takes::Maybe | Takes::Value) => vec![given(Some(value.to_owned()))],
    }
}

/// Returns what of the environment the client itself is to see.
pub(crate) fn passed(client: Client, environment: &[OsString]) -> Vec<(OsString, OsString)> {
    pairs(environment)
        .filter(|(name, _)| is_passed(client, name))
        .collect()
}

/// Returns whether a client is to see a variable of the caller's.
pub(super) fn is_passed(client: Client, name: &OsStr) -> bool {
    let Some(name) = name.to_str() else {
        return false;
    };
    let is_in = |list: &str| list.split_ascii_whitespace().any(|word| word == name);
    is_in(PLAIN)
        || match client {
            Client::Srun => is_in(STEP_PLAIN),
            Client::Sbatch | Client::Salloc | Client::Scancel => false,
            _ => {
                name == "SLURM_CLUSTERS"
                    || LOOKS.iter().any(|prefix| name.starts_with(prefix))
                    || name.starts_with("SCONTROL_")
            }
        }
}

/// Returns the entries of an environment as pairs.
pub(crate) fn pairs(environment: &[OsString]) -> impl Iterator<Item = (OsString, OsString)> {
    use std::os::unix::ffi::{OsStrExt, OsStringExt};
    environment.iter().filter_map(|entry| {
        let bytes = entry.as_bytes();
        let at = bytes.iter().position(|byte| *byte == b'=')?;
        let (name, value) = bytes.split_at_checked(at)?;
        let value = value.get(1..)?;
        Some((
            OsString::from_vec(name.to_vec()),
            OsString::from_vec(value.to_vec()),
        ))
    })
}

/// Returns the value of a variable, as text.
pub(crate) fn value_of(environment: &[OsString], name: &str) -> Option<String> {
    pairs(environment)
        .filter(|(found, _)| found == name)
        .last()
        .map(|(_, value)| value.to_string_lossy().into_owned())
}
