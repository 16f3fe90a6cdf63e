//! sbatch: every source of options, what Slurm writes by itself, the script.

use hlrp_sh::slurm::client::Client;
use hlrp_sh::slurm::spool;
use hlrp_sh::slurm::vet::{Kind, Wants, wants};

use super::desk::{PROGRAM, ask, environment, sbatch};

const END: &str = "--open-mode=append --ignore-pbs -- /proc/self/fd/3";
/// Where Slurm itself writes, and no session.
const LOG: &str = "--output=/home/me/.local/state/hlrp-sh/jobs/";

/// The arguments but the file that Slurm itself is given, which is there once, whatever was asked for.
fn without_log(words: &str) -> String {
    let (before, after) = words.split_once(END).unwrap_or_else(|| panic!("{words}"));
    let (kept, log): (Vec<_>, Vec<_>) = before
        .split_inclusive(' ')
        .partition(|word| !word.starts_with(LOG));
    assert!(log.len() == 1 && log[0].ends_with("-%j.log "), "{words}");
    assert!(!before.contains("--error"), "{words}");
    kept.concat() + END + after
}

#[test]
fn what_slurm_opens_lies_where_no_session_writes() {
    for (args, stdout, stderr) in [
        (&["job.sh"][..], "slurm-%j.out", None),
        (&["-a1-3", "job.sh"], "slurm-%A_%a.out", None),
        (&["-o", "77", "-e", "none", "job.sh"], "77", Some("none")),
        (&["-o/dev/null", "-o", "a", "job.sh"], "a", None),
    ] {
        let carry = sbatch(args, BODY).carry();
        let (spec, _) = spool::read(&carry.files[0]).unwrap();
        let outputs = spec.outputs.unwrap();
        assert_eq!(
            (&*outputs.stdout, outputs.stderr.as_deref()),
            (stdout, stderr),
            "{args:?}"
        );
        assert_eq!(outputs.directory, std::path::Path::new("/home/me"));
    }
    for args in [
        &["-D/etc", "-o77", "job.sh"][..],
        &["-D/etc", "-eall", "job.sh"],
        &["-D/etc", "job.sh"],
    ] {
        assert_eq!(
            sbatch(args, BODY).words(),
            "DENIED deny:fs.outside-roots",
            "{args:?}"
        );
    }
}

const BODY: &str = "#!/bin/bash\necho hi\n";

#[test]
fn arguments_are_carried_in_a_form_that_can_be_read_in_one_way() {
    let table: [(&[&str], &str); 12] = [
        (&["job.sh"], "--job-name=job.sh"),
        (&["-J", "a b", "job.sh"], "--job-name=a b"),
        (
            &["-Jx", "-n4", "-N", "2", "job.sh"],
            "--job-name=x --ntasks=4 --nodes=2",
        ),
        (
            &["--part=lrz", "--ntasks-per-n=2", "dir/job.sh"],
            "--partition=lrz --ntasks-per-node=2 --job-name=job.sh",
        ),
        (
            &["-HQv", "job.sh"],
            "--hold --quiet --verbose --job-name=job.sh",
        ),
        (&["-k", "job.sh"], "--no-kill --job-name=job.sh"),
        (&["--exclusive", "job.sh"], "--exclusive --job-name=job.sh"),
        (
            &["--exclusive=user", "--nice=5", "job.sh"],
            "--exclusive=user --nice=5 --job-name=job.sh",
        ),
        (
            &["--parsable", "--", "job.sh"],
            "--parsable --job-name=job.sh",
        ),
        (&["--open-mode=truncate", "job.sh"], "--job-name=job.sh"),
        (
            &["-o", "runs/%x-%j.out", "-e", "/dev/null", "job.sh"],
            "--job-name=job.sh",
        ),
        (
            &["--gres=gpu:1", "--time=1:00", "--test-only", "job.sh"],
            "--gres=gpu:1 --time=1:00 --test-only --job-name=job.sh",
        ),
    ];
    for (args, expected) in table {
        assert_eq!(
            without_log(&sbatch(args, BODY).words()),
            format!("{expected} {END}"),
            "{args:?}"
        );
    }
    let words = sbatch(&["job.sh", "-x", "a b", "--output=/etc/x"], BODY).words();
    assert_eq!(
        without_log(&words),
        format!("--job-name=job.sh {END} -x a b --output=/etc/x")
    );
}

#[test]
fn what_slurm_would_do_outside_the_guard_is_refused() {
    let table: [(&[&str], &str); 20] = [
        (&["--nosuch=rm", "job.sh"], "asks for --nosuch"),
        (&["-y", "job.sh"], "asks for -y"),
        (&["--uid=root", "job.sh"], "asks for --uid"),
        (&["--gid", "0", "job.sh"], "asks for --gid"),
        (&["--bb=x", "job.sh"], "asks for --bb"),
        (
            &["--container=/home/me/bundle", "job.sh"],
            "asks for --container",
        ),
        (
            &[
                "--container-entrypoint",
                "--container-image=/home/me/image.sqsh",
                "job.sh",
            ],
            "asks for --container-entrypoint",
        ),
        (
            &["--container-image=/home/me/none.sqsh", "job.sh"],
            "asks for --container-image",
        ),
        (&["-o", "/etc/passwd", "job.sh"], "deny:fs.outside-roots"),
        (&["-o", "/tmp/x", "job.sh"], "deny:fs.outside-roots"),
        (
            &["-e", "/home/you/x.err", "job.sh"],
            "deny:fs.outside-roots",
        ),
        (
            &["-o", "/home/me/../you/x", "job.sh"],
            "deny:fs.outside-roots",
        ),
        (
            &["-o", "/home/me/%x", "-J", "../../etc/x", "job.sh"],
            "deny:fs.outside-roots",
        ),
        (&["-o", "/home/me/.bashrc", "job.sh"], "deny:fs.protected"),
        (&["-o", "/home/me/.ss%%h/x", "-D", "/etc", "job.sh"], ""),
        (&["-D", "/etc", "job.sh"], "deny:fs.outside-roots"),
        (&["--wrap=rm -rf /home/me/runs"], "deny:fs.no-delete"),
        (&["--wrap", "echo x > /etc/passwd"], "deny:fs.outside-roots"),
        (&["--export-file=3", "job.sh"], "asks for --export-file"),
        (&["a", ":", "b"], "1: sbatch"),
    ];
    for (args, expected) in table {
        let words = sbatch(args, BODY).words();
        if expected.is_empty() {
            assert!(!words.starts_with("DENIED"), "{args:?}: {words}");
        } else {
            assert!(words.contains(expected), "{args:?}: {words}");
        }
    }
}

#[test]
fn directives_and_variables_are_judged_like_the_line() {
    let script = "#!/bin/bash\n#SBATCH -J \"a b\" -p lrz # late\n##SBATCH -p no\n#SBATCH --output=/etc/x\necho\n";
    assert_eq!(
        sbatch(&["job.sh"], script).words(),
        "DENIED deny:fs.outside-roots"
    );
    let script = "#!/bin/bash\n#SBATCH -J \"a b\" -p lrz # late\n##SBATCH -p no\n\n# x\n#SBATCH -t 5\necho\n#SBATCH -p no\n";
    let outcome = ask(
        Client::Sbatch,
        &["-t", "7", "job.sh"],
        &[
            "SBATCH_QOS=mcml",
            "SBATCH_EXCLUSIVE=",
            "SBATCH_DEBUG=2",
            "SLURM_CONF=/home/me/x",
        ],
        Some(script),
    );
    assert_eq!(
        without_log(&outcome.words()),
        format!(
            "--job-name=a b --partition=lrz --time=5 --verbose --verbose --exclusive --qos=mcml --time=7 {END}"
        )
    );
    let outcome = ask(
        Client::Sbatch,
        &["job.sh"],
        &["SBATCH_OUTPUT=/etc/x"],
        Some(BODY),
    );
    assert_eq!(outcome.rules(), ["deny:fs.outside-roots"]);
    let outcome = ask(
        Client::Sbatch,
        &["job.sh"],
        &["SBATCH_CONTAINER=/home/me/b"],
        Some(BODY),
    );
    assert_eq!(outcome.rules(), ["asks for --container"]);
    for (line, expected) in [
        (
            "#SBATCH foo",
            "1: sbatch: error: Invalid directive found in batch script: foo",
        ),
        (
            "#SBATCH -J \"x",
            "1: sbatch: fatal: job.sh: line 2: Unmatched `\"` in [ -J \"x]",
        ),
        ("#SBATCH --nosuch", "asks for --nosuch"),
        ("#SBATCH hetjob", "1: sbatch"),
        ("#PBS -o /etc/x", "has directives that are not read here"),
        ("#DW stage_out", "has directives that are not read here"),
    ] {
        let script = format!("#!/bin/bash\n{line}\necho\n");
        let words = sbatch(&["job.sh"], &script).words();
        assert!(words.contains(expected), "{line}: {words}");
    }
    let words = sbatch(
        &["--ignore-pbs", "job.sh"],
        "#!/bin/bash\n#PBS -N x\necho\n",
    )
    .words();
    assert!(words.starts_with("--job-name=job.sh"), "{words}");
}

#[test]
fn what_is_no_batch_script_is_refused_as_sbatch_does() {
    for (script, expected) in [
        ("", "sbatch: error: Batch script is empty!"),
        (
            "echo\n",
            "sbatch: error: This does not look like a batch script.  The first",
        ),
        (
            "#!/bin/sh\r\necho\r\n",
            "sbatch: error: Batch script contains DOS line breaks (\\r\\n)",
        ),
        (
            "#!/bin/sh\necho \0\n",
            "sbatch: error: The Slurm controller does not allow scripts that",
        ),
    ] {
        let words = sbatch(&["job.sh"], script).words();
        assert_eq!(words, format!("DENIED 1: {expected}"));
    }
    let words = sbatch(&["--wrap=x", "y"], BODY).words();
    assert_eq!(
        words,
        "DENIED 1: sbatch: error: Script arguments not permitted with --wrap option"
    );
}

#[test]
fn the_script_is_read_with_the_compute_context() {
    let allowed = [
        "#!/bin/bash\ntorchrun --standalone train.py\n",
        "#!/bin/bash\npython scripts/2_train_stage1_laq.py\n",
        "#!/bin/bash\nsrun hostname\ntrap 'rm -f $tmp' EXIT\n",
        "#!/usr/bin/env python3\nimport os\n",
    ];
    for script in allowed {
        let words = sbatch(&["job.sh"], script).words();
        assert!(!words.starts_with("DENIED"), "{script}: {words}");
    }
    let script = "#!/bin/bash\nrm -rf /home/me/runs/old.out\n";
    let words = sbatch(&["job.sh"], script).words();
    assert!(words.contains("fs.no-delete"), "{words}");
    let outcome = ask(Client::Sbatch, &[], &[], Some("#!/bin/bash\nrm -rf runs\n"));
    assert_eq!(outcome.rules(), ["deny:fs.no-delete"]);
}

#[test]
fn the_script_that_is_submitted_has_the_guard_as_its_interpreter() {
    let body = "#!/bin/bash -l\n#SBATCH -p lrz\necho \"$0 $1\"\n# ü\t\u{1}\n";
    let carry = sbatch(&["job.sh", "x"], body).carry();
    assert_eq!(carry.kind, Kind::Submit);
    let script = String::from_utf8(carry.files[0].clone()).unwrap();
    assert!(script.starts_with(&format!("#!{PROGRAM} __job\n# hlrp-sh {{")));
    assert!(script.ends_with(body));
    let before = script.len() - body.len();
    assert!(script[..before].ends_with("\n: the script as it was submitted\n"));
    let (spec, read) = spool::read(script.as_bytes()).unwrap();
    assert_eq!(read, body.as_bytes());
    assert_eq!(
        spec.roots,
        ["/home/me", "/dss/me"].map(std::path::PathBuf::from)
    );
}

#[test]
fn the_environment_reaches_the_job_and_nothing_before_it() {
    let caller = [
        "PATH=/tmp/hlrp-1/bin:/home/me/bin:/usr/bin",
        "TMPDIR=/tmp/hlrp-1",
        "HLRP_SESSION=s-1",
        "LD_PRELOAD=/home/me/x.so",
        "TEXT=a\nb\\c=d",
        "SLURM_JOB_ID=7",
        "_SLURM_SPANK_OPTION_pyxis_container_image=/home/me/evil.sqsh",
    ];
    let vars = |args: &[&str]| environment(&ask(Client::Sbatch, args, &caller, Some(BODY)).carry());
    let find = |all: &[(String, String)], name: &str| {
        all.iter()
            .find(|(found, _)| found == name)
            .map(|(_, value)| value.clone())
    };
    let all = vars(&["job.sh"]);
    assert_eq!(find(&all, "PATH").as_deref(), Some("/home/me/bin:/usr/bin"));
    assert_eq!(find(&all, "TEXT").as_deref(), Some("a\nb\\c=d"));
    assert_eq!(find(&all, "TMPDIR"), None);
    assert_eq!(find(&all, "HLRP_SESSION"), None);
    assert_eq!(find(&all, "LD_PRELOAD").as_deref(), Some("/home/me/x.so"));
    let carry = ask(Client::Sbatch, &["job.sh"], &caller, Some(BODY)).carry();
    for (name, _) in &carry.environment {
        let name = name.to_str().unwrap();
        assert!(name.starts_with("HLRP_ENVIRONMENT_"), "{name}");
    }
    let some = vars(&["--export=TEXT,X=1", "job.sh"]);
    assert_eq!(find(&some, "X").as_deref(), Some("1"));
    assert_eq!(find(&some, "PATH"), None);
    assert_eq!(find(&some, "SLURM_JOB_ID").as_deref(), Some("7"));
    let none = ask(
        Client::Sbatch,
        &["--export=NONE", "job.sh"],
        &caller,
        Some(BODY),
    );
    assert!(
        none.words().contains("--export=HLRP_ENVIRONMENT_000"),
        "{}",
        none.words()
    );
    assert_eq!(find(&environment(&none.carry()), "TEXT"), None);
}

#[test]
fn a_container_gets_what_the_guard_needs_and_nothing_in_its_place() {
    let image = "--container-image=/home/me/image.sqsh";
    let words = sbatch(
        &[
            image,
            "--container-mounts=/dss/me:/dss/me,/dss/x:/data",
            "job.sh",
        ],
        BODY,
    )
    .words();
    assert!(
        words.contains("--container-mounts=/dss/me:/dss/me,/dss/x:/data,/home/me:/home/me"),
        "{words}"
    );
    for mount in [
        "/evil:/home/me",
        "/evil:/home",
        "/evil:/",
        "/evil:/home/me/data",
        "/evil:/home/me/.local/share/hlrp-sh/bin/0123456789abcdef",
        "/evil:/proc",
        "/evil:/dss/../home/me",
    ] {
        let words = sbatch(
            &[image, &format!("--container-mounts={mount}"), "job.sh"],
            BODY,
        )
        .words();
        assert_eq!(words, "DENIED asks for --container-mounts", "{mount}");
    }
    let carry = sbatch(&[image, "job.sh"], BODY).carry();
    let (spec, _) = spool::read(&carry.files[0]).unwrap();
    assert!(spec.container);
}

#[test]
fn the_caller_reads_what_sbatch_would_read() {
    let wants = |args: &[&str]| {
        let args: Vec<std::ffi::OsString> = args.iter().map(Into::into).collect();
        wants(Client::Sbatch, &args)
    };
    assert_eq!(wants(&[]), Wants::Input);
    assert_eq!(wants(&["--wrap=x"]), Wants::Nothing);
    assert_eq!(wants(&["--help", "x"]), Wants::Nothing);
    assert_eq!(
        wants(&["-p", "x", "./job.sh"]),
        Wants::File("./job.sh".into())
    );
    assert_eq!(
        wants(&["-D", "/sub", "job-that-is-not-there.sh"]),
        Wants::File("/sub/job-that-is-not-there.sh".into())
    );
}

#[test]
fn help_passes_and_nothing_else_with_it() {
    for help in ["--help", "-h", "--usage", "--version", "-V"] {
        let outcome = ask(Client::Sbatch, &[help, "--output=/etc/x"], &[], None);
        let carry = outcome.carry();
        assert_eq!(carry.kind, Kind::Look);
        assert_eq!(carry.args.len(), 1);
    }
}
