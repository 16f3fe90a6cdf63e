//! scancel, scontrol, sacctmgr, and what only looks.

use hlrp_sh::slurm::client::Client;
use hlrp_sh::slurm::vet::{Kind, Opened};

use super::desk::ask;

#[test]
fn own_jobs_by_their_ids_may_be_cancelled() {
    let table: [(&[&str], &str); 16] = [
        (&["42"], "-- 42"),
        (&["42", "43_7", "44.0"], "-- 42 43_7 44.0"),
        (&["-s", "USR1", "-b", "42"], "--signal=USR1 --batch -- 42"),
        (&["--full", "42"], "--full -- 42"),
        (&["-n", "x", "42"], "--name=x -- 42"),
        (&["1042"], "DENIED deny:slurm.cancel"),
        (&["42", "1042"], "DENIED deny:slurm.cancel"),
        (&["1042_[1-3]"], "DENIED deny:slurm.cancel"),
        (&["--me"], "DENIED ask:slurm.cancel"),
        (&["-u", "me"], "DENIED ask:slurm.cancel"),
        (&["-u", "you"], "DENIED deny:slurm.cancel"),
        (&["-u", "me,you"], "DENIED deny:slurm.cancel"),
        (&["-t", "PENDING"], "DENIED ask:slurm.cancel"),
        (&["-n", "x"], "DENIED ask:slurm.cancel"),
        (&["--nosuch", "42"], "DENIED asks for --nosuch"),
        (&["--help"], "--help"),
    ];
    for (args, expected) in table {
        let words = ask(Client::Scancel, args, &[], None).words();
        assert_eq!(words, expected, "{args:?}");
    }
    let words = ask(Client::Scancel, &[], &["SCANCEL_USER=you"], None).words();
    assert_eq!(words, "DENIED deny:slurm.cancel");
}

#[test]
fn scontrol_looks_and_alters_own_jobs() {
    let allowed: [&[&str]; 13] = [
        &["show", "job", "1042"],
        &["-o", "show", "node"],
        &["sho", "config"],
        &["show", "hostnames", "a[1-2]"],
        &["ping"],
        &["version"],
        &["hold", "42"],
        &["release", "42"],
        &["requeue", "42"],
        &["update", "JobId=42", "TimeLimit=5"],
        &["update", "job=42", "comment+=x", "nice"],
        &["write", "batch_script", "42", "-"],
        &["listpids", "42"],
    ];
    for args in allowed {
        let words = ask(Client::Scontrol, args, &[], None).words();
        assert_eq!(words, args.join(" "));
    }
    let words = ask(
        Client::Scontrol,
        &["update", "job", "42", "qos", "x"],
        &[],
        None,
    )
    .words();
    assert_eq!(words, "update job=42 qos=x");
    for change in [
        "jobname=../../x",
        "name=x",
        "jobna=x",
        "wo=/tmp",
        "WorkDir=/tmp",
        "stdout=x",
        "stdo=x",
        "StdErr=x",
        "stdin=x",
        "burst=x",
        "jobi=1042",
        "userid=0",
        "time=5",
        "nosuch=1",
    ] {
        let words = ask(Client::Scontrol, &["update", "jobid=42", change], &[], None).words();
        assert!(words.starts_with("DENIED changes "), "{change}: {words}");
    }
    let apart = ["update", "jobid", "42", "StdOut", "/etc/x"];
    let words = ask(Client::Scontrol, &apart, &[], None).words();
    assert_eq!(words, "DENIED changes stdout of a job");
    let refused: [(&[&str], &str); 18] = [
        (&[], "1: hlrp-sh"),
        (&["token"], "asks for a credential"),
        (&["token", "lifespan=9"], "asks for a credential"),
        (&["reconfigure"], "deny:slurm.cancel"),
        (&["shutdown"], "deny:slurm.cancel"),
        (&["nosuch"], "deny:slurm.cancel"),
        (&["hold", "1042"], "deny:slurm.cancel"),
        (&["requeue", "42,1042"], "deny:slurm.cancel"),
        (
            &["update", "JobId=1042", "TimeLimit=5"],
            "deny:slurm.cancel",
        ),
        (
            &["update", "NodeName=n1", "State=DRAIN"],
            "deny:slurm.cancel",
        ),
        (
            &["update", "PartitionName=p", "JobId=42"],
            "deny:slurm.cancel",
        ),
        (&["create", "reservation"], "deny:slurm.cancel"),
        (&["delete", "reservation=x"], "deny:slurm.cancel"),
        (
            &["update", "JobId=42", "StdOut=/etc/x"],
            "changes stdout of a job",
        ),
        (
            &["update", "JobId=42", "BurstBuffer=x"],
            "changes burstbuffer of a job",
        ),
        (
            &["write", "batch_script", "42", "/etc/x"],
            "deny:fs.outside-roots",
        ),
        (
            &["write", "batch_script", "42", "/home/me/runs/old.out"],
            "deny:fs.no-replace",
        ),
        (&["write", "config", "/home/me/x"], "deny:slurm.cancel"),
    ];
    for (args, expected) in refused {
        let words = ask(Client::Scontrol, args, &[], None).words();
        assert!(
            words.starts_with("DENIED") && words.contains(expected),
            "{args:?}: {words}"
        );
    }
}

#[test]
fn sacctmgr_looks() {
    for args in [
        &["show", "qos"][..],
        &["-nP", "list", "assoc", "format=qos"],
        &["--version"],
    ] {
        let words = ask(Client::Sacctmgr, args, &[], None).words();
        assert!(!words.starts_with("DENIED"), "{args:?}: {words}");
    }
    for args in [
        &["add", "user", "x"][..],
        &["-i", "modify", "user"],
        &["dump", "c"],
        &["load", "x"],
        &["archive", "dump"],
        &["delete", "user"],
        &[],
    ] {
        let words = ask(Client::Sacctmgr, args, &[], None).words();
        assert!(words.starts_with("DENIED"), "{args:?}: {words}");
    }
}

#[test]
fn what_looks_passes_as_it_is() {
    for client in [
        Client::Squeue,
        Client::Sacct,
        Client::Sinfo,
        Client::Sstat,
        Client::Sprio,
        Client::Sshare,
    ] {
        let args = ["-o", "%i|%j", "--only-in-a-later-version", "x"];
        let variables = ["SQUEUE_FORMAT=%i", "LD_PRELOAD=/x", "SLURM_CONF=/x", "A=1"];
        let carry = ask(client, &args, &variables, None).carry();
        assert_eq!(carry.args, args.map(std::ffi::OsString::from));
        assert_eq!(carry.kind, Kind::Look);
        let names: Vec<_> = carry
            .environment
            .iter()
            .map(|(name, _)| name.clone())
            .collect();
        assert_eq!(names, ["SQUEUE_FORMAT"]);
    }
}

/// The client would empty what a name leads to by then: it gets a file that was not there.
#[test]
fn a_script_is_written_to_a_file_that_the_broker_makes() {
    for (args, path) in [
        (&["write", "batch_script", "42"][..], "/home/me/slurm-42.sh"),
        (&["write", "batch_script", "42", "x.sh"], "/home/me/x.sh"),
    ] {
        let carry = ask(Client::Scontrol, args, &[], None).carry();
        assert_eq!(
            carry.args,
            ["write", "batch_script", "42", "/proc/self/fd/3"]
        );
        assert_eq!(carry.opened, [Opened::New(path.into())]);
    }
}

/// Slurm empties the output of a job that it starts again, unless the job was submitted by a session.
#[test]
fn only_guarded_jobs_are_started_again() {
    for args in [
        &["requeue", "900"][..],
        &["requeue", "42,900"],
        &["requeuehold", "jobid=900_3"],
        &["requeue", "x"],
    ] {
        let words = ask(Client::Scontrol, args, &[], None).words();
        assert!(words.contains("DENIED starts a job again"), "{words}");
    }
}
