//! Inside a session nobody reaches Slurm but through the broker, and the broker gives what Slurm gives.

use std::process::Command;

use super::desk::{Desk, SMALL, run, submitted};
use crate::guard::running::Ran;

/// The attempts work natively, each of them: so it is the session that stops them.
#[test]
fn raw_clients_reach_slurm_natively() {
    let Some(desk) = Desk::new("raw-natively") else {
        return;
    };
    let (said, job) = attempts(&desk, &[]);
    for line in said.lines() {
        assert!(line.ends_with(" 0"), "{said}");
    }
    assert_eq!(said.lines().count(), 11, "{said}");
    assert!(comment(&desk, &job).contains("reached"));
}

#[test]
fn raw_clients_reach_nothing_in_a_session() {
    let Some(desk) = Desk::new("raw") else {
        return;
    };
    let (said, job) = attempts(&desk, &["hlrp-sh", "run", "--"]);
    for line in said.lines() {
        assert!(!line.ends_with(" 0"), "{said}");
    }
    assert_eq!(said.lines().count(), 11, "{said}");
    assert!(!comment(&desk, &job).contains("reached"));
    let queued = desk.queued();
    assert_eq!(queued.len(), 1, "only the job that was there: {queued:?}");
}

/// Runs `attempts.py` with a bind mount of munge's directory that root has made beforehand.
fn attempts(desk: &Desk, before: &[&str]) -> (String, String) {
    let script = desk.material("attempts.py");
    desk.file("munge/here", "");
    let other = desk.place("munge");
    let mut root = Command::new(desk.cluster.path("bin/on"));
    root.args(["login01", "mount", "--bind", "/run/munge", &other]);
    run(&mut root).ended(0);
    let job = desk.natively(&format!(
        "sbatch {SMALL} -J {}-held --hold --wrap true",
        desk.tag()
    ));
    let job = submitted(&job);
    let tag = desk.tag();
    let mut words = before.to_vec();
    words.extend(["python3", &script, &tag, &other, &job]);
    let ran = run(&mut desk.on("login01", &words));
    let mut root = Command::new(desk.cluster.path("bin/on"));
    root.args(["login01", "umount", &other]);
    run(&mut root).ended(0);
    (ran.ended(0).out, job)
}

fn comment(desk: &Desk, job: &str) -> String {
    let said = desk.natively(&format!("scontrol -o show job {job}"));
    let out = said.ended(0).out;
    let fields: Vec<&str> = out
        .split_whitespace()
        .filter(|field| field.starts_with("Comment="))
        .collect();
    fields.join(" ")
}

/// What a line says and how it ends is the same natively and in a session.
#[test]
fn statuses_and_outputs_are_slurms_own() {
    let Some(desk) = Desk::new("same") else {
        return;
    };
    let lines = [
        format!("srun {SMALL} true"),
        format!("srun {SMALL} bash -c 'echo out; echo err >&2; exit 7'"),
        format!("srun {SMALL} bash -c 'kill -9 $$'"),
        format!("srun -n2 {SMALL} bash -c 'echo $SLURM_PROCID of $SLURM_NTASKS' | sort"),
        format!("echo by pipe | srun {SMALL} cat"),
        format!("srun {SMALL} cat <<'END'\na here-document\nwith $two lines\nEND"),
        format!("srun {SMALL} bash -c 'pwd; uname -n; echo $FROM_HERE'"),
        format!("FROM_HERE='a b' srun {SMALL} bash -c 'echo \"$FROM_HERE\"'"),
        format!("salloc -Q {SMALL} bash -c 'test -n \"$SLURM_JOB_ID\" && srun uname -n; exit 5'"),
        "sbatch --version".to_owned(),
        "squeue --usage".to_owned(),
        "sinfo -h -o '%P %l' | sort".to_owned(),
        "scontrol show partition lrz-cpu | head -n 3".to_owned(),
        "sbatch -p nowhere --wrap true".to_owned(),
        "sbatch -p mcml-hgx-h100-94x4 -t 1 --wrap true".to_owned(),
        "sbatch -p lrz-cpu --qos=nobodys -t 1 --wrap true".to_owned(),
        "sbatch -p lrz-cpu --qos=cpu -t 9-0 --wrap true".to_owned(),
        "sbatch not-there.sh".to_owned(),
        "scancel 999999".to_owned(),
        "squeue -h -j 999999".to_owned(),
    ];
    let mut wrong = Vec::new();
    for line in &lines {
        let natively = desk.natively(line);
        let guarded = desk.guarded(line);
        let is_same = natively.out == guarded.out && natively.code() == guarded.code();
        if !is_same {
            wrong.push(format!(
                "{line}\n  natively {} {:?}\n  {}\n  in a session {} {:?}\n  {}",
                natively.code(),
                natively.out,
                natively.err,
                guarded.code(),
                guarded.out,
                guarded.err,
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_way_to_give_a_script_works_natively() {
    if let Some(desk) = Desk::new("ways-natively") {
        give_scripts(&desk, Desk::natively);
    }
}

#[test]
fn every_way_to_give_a_script_works_in_a_session() {
    if let Some(desk) = Desk::new("ways") {
        give_scripts(&desk, Desk::guarded);
    }
}

/// Each way to give sbatch a script; the job runs it, arguments and environment included.
fn give_scripts(desk: &Desk, start: impl Fn(&Desk, &str) -> Ran) {
    let name = desk.tag();
    desk.file(
        "file.sh",
        &format!(
            "#!/bin/bash\n#SBATCH -J {name}\n#SBATCH -o file.out\necho \"file $1 $2 $GIVEN\"\n"
        ),
    );
    desk.file(
        "python.sh",
        "#!/usr/bin/python3\n#SBATCH -o python.out\nimport sys\nprint('python', sys.argv[1:])\n",
    );
    let rows = [
        (
            "file.out",
            format!("GIVEN='a b' sbatch {SMALL} file.sh one 'two three'"),
            "file one two three a b\n",
        ),
        (
            "python.out",
            format!("sbatch {SMALL} -J {name} python.sh one 'two three'"),
            "python ['one', 'two three']\n",
        ),
        (
            "wrap.out",
            format!("sbatch {SMALL} -J {name} -o wrap.out --wrap 'echo wrapped; echo $((6*7))'"),
            "wrapped\n42\n",
        ),
        (
            "here.out",
            format!(
                "sbatch {SMALL} -J {name} -o here.out <<'END'\n#!/bin/bash\necho \"here $((6*7))\"\nEND"
            ),
            "here 42\n",
        ),
        (
            "stdin.out",
            format!("sed 's/file.out/stdin.out/' file.sh | sbatch {SMALL}"),
            "file   \n",
        ),
        (
            "exported.out",
            format!(
                "A=1 B=2 sbatch {SMALL} -J {name} -o exported.out --export=A --wrap 'echo \"$A.$B.\"'"
            ),
            "1..\n",
        ),
    ];
    let jobs: Vec<String> = rows
        .iter()
        .map(|(_, line, _)| submitted(&start(desk, line).ended(0)))
        .collect();
    for ((file, line, expected), job) in rows.iter().zip(jobs) {
        assert_eq!(
            desk.ended(&job),
            ["COMPLETED 0:0"],
            "{line}: {}",
            desk.read(file)
        );
        assert_eq!(desk.read(file), *expected, "{line}");
    }
}

/// sbatch's own answers: `--parsable`, `--test-only`, `--wait` and its status.
#[test]
fn sbatch_answers_as_ever() {
    let Some(desk) = Desk::new("answers") else {
        return;
    };
    let name = desk.tag();
    let ran = desk.guarded(&format!(
        "sbatch --parsable {SMALL} -J {name} -o /dev/null --wrap true"
    ));
    let job = ran.ended(0).out;
    assert!(job.trim_end().chars().all(|c| c.is_ascii_digit()), "{job}");
    let wait = format!("sbatch --wait {SMALL} -J {name} -o /dev/null --wrap 'exit 9'");
    desk.guarded(&wait).ended(9);
    let only = format!("sbatch --test-only {SMALL} -J {name}-only --wrap true");
    desk.guarded(&only).ended(0).told("to start at");
    let only = format!("{name}-only");
    assert!(!desk.queued().iter().any(|line| line.contains(&only)));
}

/// A job and a task see the environment that they see natively, but for what the session adds.
#[test]
fn jobs_and_tasks_have_the_environment_of_native_ones() {
    let Some(desk) = Desk::new("environment") else {
        return;
    };
    let name = desk.tag();
    let lines = [
        format!("sbatch --wait {SMALL} -J {name} -o %x.out --wrap 'env -0'"),
        format!("srun {SMALL} -J {name} -o %x.out env -0"),
    ];
    let log = format!("{name}.out");
    for line in lines {
        let line = format!("export OWN='two\nlines'; umask 027; {line}");
        desk.natively(&line).ended(0);
        let natively = environment(&desk.read(&log));
        std::fs::remove_file(desk.path(&log)).unwrap();
        desk.guarded(&line).ended(0);
        let guarded = environment(&desk.read(&log));
        assert!(natively.contains("OWN=two\nlines"), "{natively}");
        assert_eq!(guarded, natively, "{line}");
    }
}

/// Returns the variables that do not name one job or session.
fn environment(text: &str) -> String {
    let own = |line: &&str| {
        let name = line.split('=').next().unwrap_or_default();
        !OWN.contains(&name) && !name.ends_with("_PORT")
    };
    let mut all: Vec<&str> = text.split('\0').filter(own).collect();
    all.sort_unstable();
    all.join("\n")
}

/// What is each job's or each session's own.
const OWN: [&str; 10] = [
    "HLRP_SESSION",
    "PATH",
    "SHLVL",
    "SLURM_JOBID",
    "SLURM_JOB_ID",
    "SLURM_OPEN_MODE",
    "SLURM_TASK_PID",
    "TMPDIR",
    "TMUX_TMPDIR",
    "_",
];
