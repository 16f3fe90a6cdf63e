//! The options of Slurm's clients: what each takes. From 22.05, with what newer ones added.
//!
//! INVARIANT: what a client takes as the value of an option is never taken for a command here,
//! nor the other way round; an option that is not listed is not carried.

use crate::slurm::client::Client;

/// What stands after an option.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Takes {
    /// Nothing.
    Nothing,
    /// A value, in the same word or the next.
    Value,
    /// A value in the same word, or none.
    Maybe,
}

/// The options of one client.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    flags: &'static [&'static str],
    values: &'static [&'static str],
    maybe: &'static [&'static str],
    short: &'static str,
    /// Whether options may follow operands.
    pub(crate) permutes: bool,
}

/// How a long option's name was found.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Found {
    /// It is this one.
    One(&'static str),
    /// It is the beginning of several.
    Several(Vec<&'static str>),
    /// There is none.
    Nothing,
}

impl Options {
    /// Returns the options of a client; none for those that only look, which are not read.
    pub fn of(client: Client) -> &'static Self {
        match client {
            Client::Sbatch => &SBATCH,
            Client::Srun => &SRUN,
            Client::Salloc => &SALLOC,
            Client::Scancel => &SCANCEL,
            Client::Scontrol => &SCONTROL,
            Client::Sacctmgr => &SACCTMGR,
            Client::Squeue
            | Client::Sacct
            | Client::Sinfo
            | Client::Sstat
            | Client::Sprio
            | Client::Sshare => &LOOKS,
        }
    }

    /// Returns what an option takes, by its whole name.
    pub fn takes(&self, name: &str) -> Option<Takes> {
        let has = |lists: &'static [&'static str]| {
            lists
                .iter()
                .any(|list| words(list).any(|word| word == name))
        };
        if has(self.flags) {
            Some(Takes::Nothing)
        } else if has(self.values) {
            Some(Takes::Value)
        } else if has(self.maybe) {
            Some(Takes::Maybe)
        } else {
            None
        }
    }

    /// Returns every long option.
    pub fn all(&self) -> impl Iterator<Item = (&'static str, Takes)> {
        let of = |lists: &'static [&'static str], takes| {
            lists
                .iter()
                .flat_map(|list| words(list))
                .map(move |name| (name, takes))
        };
        of(self.flags, Takes::Nothing)
            .chain(of(self.values, Takes::Value))
            .chain(of(self.maybe, Takes::Maybe))
    }

    /// Finds a long option by its name or an abbreviation, as getopt_long does.
    pub(crate) fn find(&self, given: &str) -> Found {
        let mut found: Vec<&'static str> = Vec::new();
        for (name, _) in self.all() {
            if name == given {
                return Found::One(name);
            }
            if name.starts_with(given) && !found.contains(&name) {
                found.push(name);
            }
        }
        match found.as_slice() {
            [] => Found::Nothing,
            [one] => Found::One(one),
            _ => Found::Several(found),
        }
    }

    /// Returns the long name of a one-letter option.
    pub(crate) fn long(&self, letter: char) -> Option<&'static str> {
        words(self.short).find_map(|entry| {
            let (short, long) = entry.split_once('=')?;
            (short.chars().eq([letter])).then_some(long)
        })
    }

    /// Returns every one-letter option with its long name.
    pub fn letters(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        words(self.short).filter_map(|entry| entry.split_once('='))
    }
}

fn words(list: &'static str) -> impl Iterator<Item = &'static str> {
    list.split_ascii_whitespace()
}

/// What a job may be asked to have, whichever client asks.
const JOB_VALUES: &str = "account acctg-freq bb bbf begin chdir cluster-constraint clusters comment constraint \
    container core-spec cores-per-socket cpu-freq cpus-per-gpu cpus-per-task deadline delay-boot dependency \
    distribution exclude extra-node-info gid gpu-bind gpu-freq gpus gpus-per-node gpus-per-socket gpus-per-task gres \
    gres-flags hint job-name licenses mail-type mail-user mcs-label mem mem-bind mem-per-cpu mem-per-gpu mincpus \
    network nodefile nodelist nodes ntasks ntasks-per-core ntasks-per-gpu ntasks-per-node ntasks-per-socket \
    ntasks-per-tres partition power prefer priority profile qos reservation signal sockets-per-node switches \
    thread-spec threads-per-core time time-min tmp uid wckey admin-comment extra container-id tres-per-task \
    tres-bind segment kill-on-invalid-dep wait-all-nodes";

const JOB_FLAGS: &str = "contiguous help hold overcommit oversubscribe share quiet reboot spread-job usage \
    use-min-nodes verbose version stepmgr consolidate-segments spread-segments";

const JOB_MAYBE: &str = "exclusive nice no-kill propagate get-user-env oom-kill-step resv-ports";

/// pyxis.
const CONTAINER_VALUES: &str = "container-image container-mounts container-workdir container-name container-save container-env container-image-save";

const CONTAINER_FLAGS: &str = "container-mount-home no-container-mount-home container-remap-root \
    no-container-remap-root container-entrypoint no-container-entrypoint container-entrypoint-log \
    container-writable container-readonly";

const SBATCH: Options = Options {
    flags: &[
        JOB_FLAGS,
        CONTAINER_FLAGS,
        "ignore-pbs no-requeue requeue parsable test-only wait external",
    ],
    values: &[
        JOB_VALUES,
        CONTAINER_VALUES,
        "array batch error export export-file input open-mode output wrap",
    ],
    maybe: &[JOB_MAYBE],
    short: "a=array b=begin c=cpus-per-task d=dependency e=error h=help i=input k=no-kill m=distribution n=ntasks \
        o=output p=partition q=qos s=oversubscribe t=time v=verbose w=nodelist x=exclude A=account \
        B=extra-node-info C=constraint D=chdir F=nodefile G=gpus H=hold J=job-name L=licenses M=clusters N=nodes \
        O=overcommit Q=quiet S=core-spec V=version W=wait",
    permutes: false,
};

const SRUN: Options = Options {
    flags: &[
        JOB_FLAGS,
        CONTAINER_FLAGS,
        "debugger-test disable-status exact interactive label multi-prog no-allocate preserve-env pty \
         quit-on-interrupt test-only unbuffered whole external-launcher wait-for-children",
    ],
    values: &[
        JOB_VALUES,
        CONTAINER_VALUES,
        "accel-bind bcast-exclude cpu-bind epilog error export het-group pack-group input jobid mpi msg-timeout \
         open-mode output prolog relative slurmd-debug task-epilog task-prolog threads wait treewidth",
    ],
    maybe: &[
        JOB_MAYBE,
        "bcast compress immediate kill-on-bad-exit overlap send-libs x11",
    ],
    short: "b=begin c=cpus-per-task d=dependency e=error h=help i=input k=no-kill l=label m=distribution n=ntasks \
        o=output p=partition q=qos r=relative s=oversubscribe t=time u=unbuffered v=verbose w=nodelist x=exclude \
        A=account B=extra-node-info C=constraint D=chdir E=preserve-env F=nodefile G=gpus H=hold I=immediate \
        J=job-name K=kill-on-bad-exit L=licenses M=clusters N=nodes O=overcommit Q=quiet S=core-spec T=threads \
        V=version W=wait X=disable-status Z=no-allocate",
    permutes: false,
};

const SALLOC: Options = Options {
    flags: &[JOB_FLAGS, CONTAINER_FLAGS, "bell no-bell no-shell"],
    values: &[JOB_VALUES, CONTAINER_VALUES, "wait"],
    maybe: &[JOB_MAYBE, "immediate kill-command x11"],
    short: "b=begin c=cpus-per-task d=dependency h=help k=no-kill m=distribution n=ntasks p=partition q=qos \
        s=oversubscribe t=time v=verbose w=nodelist x=exclude A=account B=extra-node-info C=constraint D=chdir \
        F=nodefile G=gpus H=hold I=immediate J=job-name K=kill-command L=licenses M=clusters N=nodes O=overcommit \
        Q=quiet S=core-spec V=version W=wait",
    permutes: false,
};

const SCANCEL: Options = Options {
    flags: &["batch ctld cron full help hurry interactive me quiet usage verbose version"],
    values: &[
        "account admin-comment clusters jobname name nodelist partition qos reservation sibling signal state user wckey",
    ],
    maybe: &["autocomplete"],
    short: "b=batch f=full i=interactive n=name p=partition q=qos s=signal t=state u=user v=verbose w=nodelist \
        A=account H=hurry M=clusters Q=quiet R=reservation V=version c=cron",
    permutes: true,
};

const SCONTROL: Options = Options {
    flags: &[
        "all details federation future help hide local oneliner quiet sibling usage verbose version json yaml",
    ],
    values: &["clusters uid"],
    maybe: &[],
    short: "a=all d=details h=help o=oneliner u=uid v=verbose F=future M=clusters Q=quiet V=version",
    permutes: true,
};

const SACCTMGR: Options = Options {
    flags: &[
        "associations help immediate noheader oneliner parsable parsable2 quiet readonly usage verbose version json yaml",
    ],
    values: &[],
    maybe: &[],
    short: "s=associations h=help i=immediate n=noheader o=oneliner p=parsable P=parsable2 Q=quiet r=readonly \
        v=verbose V=version",
    permutes: true,
};

const LOOKS: Options = Options {
    flags: &[],
    values: &[],
    maybe: &[],
    short: "",
    permutes: true,
};
