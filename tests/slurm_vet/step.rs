//! srun and salloc: a guard for every task, the command of an allocation in the session.

use std::ffi::OsString;

use hlrp_sh::slurm::client::Client;
use hlrp_sh::slurm::spool::{sha256, unpack_facts};
use hlrp_sh::slurm::vet::{Kind, Opened, Wants, allocated_command, is_carried, wants};

use super::desk::{PROGRAM, ask, environment};

fn srun(args: &[&str]) -> super::desk::Outcome {
    ask(Client::Srun, args, &["A=1", "SLURM_JOB_ID=7"], None)
}

#[test]
fn every_task_starts_with_the_guard() {
    let outcome = srun(&["-n2", "-l", "--mpi=pmi2", "python3", "-n", "x y"]);
    let carry = outcome.carry();
    let facts = unpack_facts(&carry.environment);
    let guard = format!("{PROGRAM} __task {} --", sha256(&facts));
    let words: Vec<_> = carry
        .args
        .iter()
        .map(|word| word.to_str().unwrap())
        .collect();
    assert_eq!(
        words.join(" "),
        format!(
            "--ntasks=2 --label --mpi=pmi2 --job-name=python3 --export=ALL --open-mode=append -- {guard} python3 -n x y"
        )
    );
    assert_eq!(carry.kind, Kind::Step);
    assert!(carry.reads_input);
    let all = environment(&carry);
    assert!(all.contains(&("A".to_owned(), "1".to_owned())));
    let seen = carry
        .environment
        .iter()
        .any(|(name, value)| name == "SLURM_JOB_ID" && value == "7");
    assert!(seen, "srun must find its job");
    assert!(carry.environment.iter().all(|(name, _)| name != "A"));
}

#[test]
fn what_slurm_would_run_or_write_outside_the_guard_is_refused() {
    let table: [(&[&str], &str); 16] = [
        (&["--prolog=/home/me/x", "ls"], "asks for --prolog"),
        (&["--epilog", "x", "ls"], "asks for --epilog"),
        (&["--task-prolog=x", "ls"], "asks for --task-prolog"),
        (&["--task-epi=x", "ls"], "asks for --task-epilog"),
        (&["--bcast=/home/me/x", "ls"], "asks for --bcast"),
        (&["--bcast", "ls"], "asks for --bcast"),
        (&["-Z", "ls"], "asks for --no-allocate"),
        (&["--uid=0", "ls"], "asks for --uid"),
        (&["--container=x", "ls"], "asks for --container"),
        (&["-o", "/etc/x", "ls"], "deny:fs.outside-roots"),
        (&["-i", "none", "-o", "none", "-e", "0", "ls"], ""),
        (&["--nosuch", "ls"], "asks for --nosuch"),
        (&["ls", ":", "ls"], "1: srun"),
        (&["-n1"], "1: srun: fatal: No command given to execute."),
        (&["rm", "-rf", "runs"], "deny:fs.no-delete"),
        (&["bash", "-c", "rm -rf runs"], "deny:fs.no-delete"),
    ];
    for (args, expected) in table {
        let words = srun(args).words();
        if expected.is_empty() {
            assert!(!words.starts_with("DENIED"), "{args:?}: {words}");
        } else {
            assert!(words.contains(expected), "{args:?}: {words}");
        }
    }
    for variable in [
        "SLURM_TASK_PROLOG=/x",
        "SLURM_PROLOG=/x",
        "SLURM_EPILOG=/x",
        "SLURM_TASK_EPILOG=/x",
        "SLURM_BCAST=/x",
        "SRUN_CONTAINER=/x",
    ] {
        let words = ask(Client::Srun, &["ls"], &[variable], None).words();
        assert!(words.starts_with("DENIED asks for"), "{variable}: {words}");
    }
    let words = ask(Client::Srun, &["ls"], &["SLURM_STDOUTMODE=/etc/x"], None).words();
    assert_eq!(words, "DENIED deny:fs.outside-roots");
    let carry = ask(
        Client::Srun,
        &["ls"],
        &["SLURM_CONF=/x", "SLURM_JWT=x", "SLURM_EXPORT_ENV=NONE"],
        None,
    )
    .carry();
    assert!(
        carry
            .environment
            .iter()
            .all(|(name, _)| name != "SLURM_CONF" && name != "SLURM_JWT")
    );
}

#[test]
fn every_line_of_a_multi_prog_file_starts_with_the_guard() {
    let lines = "# c\n0 echo a\n1-3\tpython3 x.py %t\n\n";
    let args = ["-n4", "--multi-prog", "mp.conf"];
    let carry = ask(Client::Srun, &args, &[], Some(lines)).carry();
    let text = String::from_utf8(carry.files[0].clone()).unwrap();
    let guard = format!(
        "{PROGRAM} __task {} --",
        sha256(&unpack_facts(&carry.environment))
    );
    assert_eq!(
        text,
        format!("\n0 {guard} echo a\n1-3 {guard} python3 x.py %t\n\n")
    );
    assert_eq!(carry.args.last().unwrap(), "/proc/self/fd/3");
    let words = ask(
        Client::Srun,
        &args,
        &[],
        Some("0 rm -rf /home/me/runs/old.out\n"),
    )
    .words();
    assert!(words.contains("fs.no-delete"), "{words}");
    let args: Vec<OsString> = args.iter().map(Into::into).collect();
    assert_eq!(wants(Client::Srun, &args), Wants::File("mp.conf".into()));
}

#[test]
fn an_allocation_comes_without_a_shell() {
    let outcome = ask(
        Client::Salloc,
        &["-n1", "-Q", "bash", "-c", "x"],
        &["SALLOC_QOS=cpu"],
        None,
    );
    assert_eq!(outcome.words(), "--qos=cpu --ntasks=1 --no-shell");
    assert_eq!(outcome.carry().kind, Kind::Allocate);
    let outcome = ask(Client::Salloc, &["-n1", "--no-shell"], &[], None);
    assert_eq!(outcome.carry().kind, Kind::Submit);
    let args: Vec<OsString> = ["-n", "1", "--", "bash", "-c", "x"]
        .iter()
        .map(Into::into)
        .collect();
    assert_eq!(allocated_command(&args), ["bash", "-c", "x"]);
}

#[test]
fn no_variable_that_a_request_names_reaches_the_client() {
    let image = "--container-image=/home/me/image.sqsh";
    let names = [
        "SLURM_STDOUTMODE",
        "SBATCH_CONTAINER",
        "SRUN_CONTAINER",
        "SLURM_REMOTE_CWD",
        "PMIX_MCA_mca_base_component_path",
        "OMPI_X",
        "UCX_X",
        "HOSTALIASES",
        "RES_OPTIONS",
        "SLURM_NODE_ALIASES",
        "NCCL_DEBUG",
        "A,B",
    ];
    for name in names {
        let asks = format!("--container-env={name}");
        let sets = format!("--export=ALL,{name}=/home/me/.bashrc");
        let mine = format!("{name}=/home/me/.bashrc");
        for (client, given) in [(Client::Srun, "ls"), (Client::Sbatch, "job.sh")] {
            let args = [image, &asks, &sets, given];
            let script = (client == Client::Sbatch).then_some("#!/bin/sh\nls\n");
            let Ok(carry) = ask(client, &args, &[], script).carried else {
                continue;
            };
            assert!(
                carry
                    .environment
                    .iter()
                    .all(|(name, _)| is_carried(client, name) && is_wrapped(name)),
                "{name}: {:?}",
                carry.environment
            );
            let told = carry.args.iter().filter_map(|word| word.to_str());
            let told: Vec<_> = told
                .filter_map(|word| word.strip_prefix("--container-env="))
                .collect();
            assert_eq!(told.len(), 1, "{name}");
            assert!(told[0].split(',').all(|name| is_wrapped(name.as_ref())));
        }
        assert!(!is_carried(Client::Sbatch, name.as_ref()), "{mine}");
        assert!(!is_carried(Client::Srun, name.as_ref()), "{mine}");
    }
}

fn is_wrapped(name: &std::ffi::OsStr) -> bool {
    let name = name.to_str().unwrap();
    name.starts_with("HLRP_ENVIRONMENT_") || name.starts_with("HLRP_FACTS_")
}

#[test]
fn the_guard_in_a_container_keeps_what_was_asked_for() {
    let args = [
        "--container-image=/home/me/image.sqsh",
        "--container-env=MINE",
        "--export=MINE=1,OTHER=1",
        "ls",
    ];
    let mut carry = ask(Client::Srun, &args, &[], None).carry();
    for name in ["MINE", "OTHER"] {
        carry.environment.push((name.into(), "image".into()));
    }
    let all = environment(&carry);
    assert!(all.contains(&("MINE".to_owned(), "1".to_owned())));
    assert!(all.contains(&("OTHER".to_owned(), "image".to_owned())));
    assert!(all.iter().all(|(name, _)| name != "HLRP_KEPT"));
}

#[test]
fn what_only_looks_like_a_comment_is_not_carried() {
    let lines = "\u{a0}#,0 /bin/evil\n\u{2003}# x\n0 ls\n";
    let args = ["-n1", "--multi-prog", "mp.conf"];
    let carry = ask(Client::Srun, &args, &[], Some(lines)).carry();
    let text = String::from_utf8(carry.files[0].clone()).unwrap();
    for line in text.lines().filter(|line| !line.is_empty()) {
        assert!(line.starts_with(&format!("0 {PROGRAM} __task ")), "{line}");
    }
    assert!(!text.contains("evil"));
}

/// The slurmstepd of each node would open such names, outside the guard: the guard of each task does it.
#[test]
fn a_file_for_each_task_is_opened_by_its_guard_and_not_by_slurm() {
    for args in [
        &["-o", "run-%t.out", "python3", "x.py"][..],
        &[
            "--output=run-%j.out",
            "-e",
            "run-%2t.err",
            "python3",
            "x.py",
        ],
    ] {
        let words = ask(Client::Srun, args, &[], None).words();
        assert!(!words.contains("--output"), "{words}");
        assert!(!words.contains("--error"), "{words}");
        assert!(words.ends_with("python3 x.py"), "{words}");
    }
    // Before there is a job, nobody knows its number.
    let words = ask(Client::Srun, &["-o", "run-%j.out", "true"], &[], None).words();
    assert!(!words.contains("--output"), "{words}");
    let words = ask(Client::Srun, &["-e", "run-%t.err", "true"], &[], None).words();
    assert!(words.starts_with("DENIED"), "{words}");
    let words = ask(Client::Srun, &["-o", "/etc/run-%t", "true"], &[], None).words();
    assert!(words.contains("fs.outside-roots"), "{words}");
}

/// The client would open the name once more, after it was judged and outside the guard.
#[test]
fn what_a_client_writes_is_opened_by_the_broker() {
    let carry = srun(&["-o", "run-%j-%x.out", "-J", "n", "-e", "err", "true"]).carry();
    let words: Vec<_> = carry
        .args
        .iter()
        .map(|word| word.to_str().unwrap())
        .collect();
    assert!(words.contains(&"--output=/proc/self/fd/3"), "{words:?}");
    assert!(words.contains(&"--error=/proc/self/fd/4"), "{words:?}");
    let opened = ["/home/me/run-7-n.out", "/home/me/err"].map(|path| Opened::Append(path.into()));
    assert_eq!(carry.opened, opened);
    let lines = ["--multi-prog", "-o", "out", "mp.conf"];
    let carry = ask(Client::Srun, &lines, &[], Some("0 ls\n")).carry();
    let is_fourth = |word: &OsString| word == "--output=/proc/self/fd/4";
    assert!(carry.args.iter().any(is_fourth), "{:?}", carry.args);
    assert_eq!((carry.files.len(), carry.opened.len()), (1, 1));
    let variable = ["SLURM_STDOUTMODE=x.out"];
    let carry = ask(Client::Srun, &["true"], &variable, None).carry();
    assert_eq!(carry.opened, [Opened::Append("/home/me/x.out".into())]);
}

/// srun opens a descriptor of its caller anew, for writing; a number is a file where there are no more tasks than that.
#[test]
fn srun_is_told_no_name_that_it_would_open_itself() {
    for value in [
        "/dev/stderr",
        "/dev/stdin",
        "/dev/fd/0",
        "/proc/self/fd/1",
        "/proc/self/cwd/x",
        "../../proc/self/cwd/x",
        "77",
        "007",
    ] {
        let words = srun(&["-o", value, "true"]).words();
        assert!(words.starts_with("DENIED"), "{value}: {words}");
    }
    for (value, told) in [
        ("/dev/stdout", "all"),
        ("-", "all"),
        ("ALL", "all"),
        ("None", "none"),
        ("/dev/null", "none"),
        ("0", "0"),
    ] {
        let carry = srun(&["-o", value, "true"]).carry();
        let told = OsString::from(format!("--output={told}"));
        assert!(carry.args.contains(&told), "{value}: {:?}", carry.args);
        assert!(carry.opened.is_empty(), "{value}");
    }
}

#[test]
fn nothing_is_saved_out_of_a_container_outside_the_guard() {
    let words = srun(&[
        "--container-image=/home/me/image.sqsh",
        "--container-save=new.sqsh",
        "true",
    ])
    .words();
    assert!(
        words.contains("DENIED asks for --container-save"),
        "{words}"
    );
}
