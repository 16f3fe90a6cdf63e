//! Programs that submit, from the research repository's own habit to real launchers, work in a session as they do
//! natively.

use std::path::Path;

use super::desk::{Desk, run};
use crate::guard::bench::skip;
use crate::guard::running::Ran;

/// Where `tests/run` installs the launchers.
const VENV: &str = "/var/cache/hlrp-sh-tests/launchers";
const SNAKEMAKE: &str = "--executor slurm --jobs 4 --seconds-between-status-checks 1 \
    --slurm-init-seconds-before-status-checks 1 --latency-wait 20 --default-resources slurm_partition=lrz-cpu \
    slurm_account=group qos=cpu runtime=2 mem_mb=500";

#[test]
fn the_own_habit_works_natively() {
    let Some(desk) = Desk::new("habit-natively") else {
        return;
    };
    own_habit(&desk, &[]);
}

#[test]
fn the_own_habit_works_in_a_session() {
    let Some(desk) = Desk::new("habit") else {
        return;
    };
    own_habit(&desk, &["hlrp-sh", "run", "--"]);
}

fn own_habit(desk: &Desk, before: &[&str]) {
    desk.material("launchers/own_habit.py");
    let ran = start(desk, before, "python3 launchers/own_habit.py own.out").ended(0);
    let job = ran.out.trim_end();
    assert_eq!(
        desk.ended(job),
        ["COMPLETED 0:0"],
        "{}",
        desk.read("own.out")
    );
    let said = desk.read("own.out");
    assert!(said.contains(&format!("job {job} says 42\n")), "{said}");
}

#[test]
fn submitit_works_natively() {
    let Some(desk) = Desk::new("submitit-natively") else {
        return;
    };
    submitit(&desk, &[]);
}

#[test]
fn submitit_works_in_a_session() {
    let Some(desk) = Desk::new("submitit") else {
        return;
    };
    submitit(&desk, &["hlrp-sh", "run", "--"]);
}

fn submitit(desk: &Desk, before: &[&str]) {
    if !has_launchers("submitit") {
        return;
    }
    desk.material("launchers/with_submitit.py");
    let line = format!("{VENV}/bin/python launchers/with_submitit.py jobs");
    start(desk, before, &line)
        .ended(0)
        .said("42 cpu-001\n48 cpu-001\n");
}

#[test]
fn snakemake_works_natively() {
    let Some(desk) = Desk::new("snakemake-natively") else {
        return;
    };
    snakemake(&desk, &[]);
}

#[test]
fn snakemake_works_in_a_session() {
    let Some(desk) = Desk::new("snakemake") else {
        return;
    };
    snakemake(&desk, &["hlrp-sh", "run", "--"]);
}

/// Its jobs run a snakemake of their own, which starts the shell commands with `srun`.
fn snakemake(desk: &Desk, before: &[&str]) {
    if !has_launchers("snakemake") {
        return;
    }
    desk.material("launchers/Snakefile");
    let line = format!("PATH={VENV}/bin:$PATH; cd launchers && snakemake {SNAKEMAKE}");
    let ran = start(desk, before, &line);
    let logs = || {
        run(&mut desk.on(
            "login01",
            &["grep", "-r", "", "launchers/.snakemake/slurm_logs"],
        ))
    };
    assert_eq!(ran.code(), 0, "{}\n{}\n{}", ran.out, ran.err, logs().out);
    assert_eq!(desk.read("launchers/sum.txt"), "42\n");
}

fn start(desk: &Desk, before: &[&str], line: &str) -> Ran {
    let mut words = before.to_vec();
    words.extend(["bash", "-c", line]);
    run(&mut desk.on("login01", &words))
}

fn has_launchers(name: &str) -> bool {
    let is_there = Path::new(VENV).join("installed").exists();
    if !is_there {
        skip(name, "the launchers are not installed");
    }
    is_there
}
