//! Jobs that a session queues live and end as Slurm's jobs do: statuses, signals, arrays, dependencies, limits.

use std::time::Duration;

use super::desk::{Desk, SMALL, submitted};
use crate::guard::bench::skip;

/// Longer than a minute, which is the shortest limit, and the time that Slurm takes to notice.
const LIMIT: Duration = Duration::from_secs(200);

fn queue(desk: &Desk, options: &str, body: &str) -> String {
    let name = desk.tag();
    desk.file("job.sh", &format!("#!/bin/bash\n{body}\n"));
    let line = format!("sbatch {SMALL} -J {name} -o %x.out {options} job.sh");
    submitted(&desk.guarded(&line).ended(0))
}

fn log(desk: &Desk) -> String {
    desk.read(&format!("{}.out", desk.tag()))
}

#[test]
fn statuses_and_signals_of_a_job_are_its_own() {
    let Some(desk) = Desk::new("statuses") else {
        return;
    };
    for (body, expected) in [
        ("true", "COMPLETED 0:0"),
        ("exit 7", "FAILED 7:0"),
        ("kill -9 $$", "FAILED 0:9"),
        ("kill -TERM $$", "FAILED 0:15"),
        ("srun bash -c 'exit 3'", "FAILED 3:0"),
    ] {
        let job = queue(&desk, "", body);
        assert_eq!(desk.ended(&job), [expected], "{body}: {}", log(&desk));
    }
}

#[test]
fn a_cancelled_job_is_told_and_ends() {
    let Some(desk) = Desk::new("cancelled") else {
        return;
    };
    let body = "trap 'echo told; exit 4' TERM\necho up\nsleep 100 & wait";
    let job = queue(&desk, "", body);
    desk.until(&job, "RUNNING");
    shows(&desk, "up\n");
    desk.guarded(&format!("scancel --batch -s TERM {job}"))
        .ended(0);
    assert_eq!(desk.ended(&job), ["FAILED 4:0"], "{}", log(&desk));
    assert!(log(&desk).contains("told\n"));

    let job = queue(&desk, "", "echo up again\nsleep 100");
    shows(&desk, "up again\n");
    desk.guarded(&format!("scancel {job}")).ended(0);
    let states = desk.ended(&job);
    assert!(states[0].starts_with("CANCELLED"), "{states:?}");
}

fn shows(desk: &Desk, text: &str) {
    crate::guard::running::within("the job's log does not show it", || {
        log(desk).contains(text).then_some(())
    });
}

#[test]
fn arrays_and_dependencies_work() {
    let Some(desk) = Desk::new("arrays") else {
        return;
    };
    let body =
        "echo $SLURM_ARRAY_TASK_ID > task-$SLURM_ARRAY_TASK_ID\nexit $((SLURM_ARRAY_TASK_ID == 2))";
    let array = queue(&desk, "-a 0-3%2", body);
    let after = queue(
        &desk,
        &format!("-d afterany:{array}"),
        "cat task-* | paste -sd' '",
    );
    let states = desk.ended(&array);
    assert_eq!(
        states,
        [
            "COMPLETED 0:0",
            "COMPLETED 0:0",
            "COMPLETED 0:0",
            "FAILED 1:0"
        ]
    );
    assert_eq!(desk.ended(&after), ["COMPLETED 0:0"]);
    assert_eq!(log(&desk), "0 1 2 3\n");
}

#[test]
fn a_job_that_uses_too_much_memory_is_ended() {
    let Some(desk) = Desk::new("memory") else {
        return;
    };
    if !desk.cluster.has_control_groups() {
        skip("memory", "no version 1 control groups");
        return;
    }
    let job = queue(&desk, "", "head -c 900M /dev/zero | tail > /dev/null");
    assert_eq!(desk.ended(&job), ["OUT_OF_MEMORY 0:125"], "{}", log(&desk));
}

#[test]
fn a_job_over_its_time_is_ended_and_told_before() {
    let Some(desk) = Desk::new("time") else {
        return;
    };
    let body =
        "trap 'echo told' USR1\ntrap 'echo ending' TERM\nwhile true; do sleep 1 & wait $!; done";
    let job = queue(&desk, "-t 1 --signal=B:USR1@55", body);
    let states = desk.ended_within(&job, LIMIT);
    assert!(states[0].starts_with("TIMEOUT"), "{states:?}");
    assert!(log(&desk).contains("told\n"), "{}", log(&desk));
}

/// A job that starts again is guarded again, and may go on with what it made.
#[test]
fn a_requeued_job_starts_again_under_the_same_law() {
    let Some(desk) = Desk::new("requeue") else {
        return;
    };
    desk.file("precious.txt", "there\n");
    desk.file("verb.py", "print(\"r\" + \"m\")\n");
    let body = "echo \"start ${SLURM_RESTART_COUNT:-0}\"\n\
        if [ -z \"$SLURM_RESTART_COUNT\" ]; then echo made > made-by-the-run; sleep 100; fi\n\
        $(python3 verb.py) precious.txt; cat made-by-the-run";
    let job = queue(&desk, "--requeue --open-mode=append", body);
    shows(&desk, "start 0\n");
    desk.guarded(&format!("scontrol requeue {job}")).ended(0);
    desk.until(&job, "PENDING");
    desk.natively(&format!("scontrol update JobId={job} StartTime=now"));
    desk.ended(&job);
    let said = log(&desk);
    assert!(said.contains("start 1\n"), "{said}");
    assert!(said.contains("fs.no-delete"), "{said}");
    assert!(said.contains("made\n"), "{said}");
    assert_eq!(desk.read("precious.txt"), "there\n");
}

/// What the run itself made before it was requeued it may rotate away; what was there before it, never.
#[test]
fn a_requeued_run_rotates_its_own_checkpoints() {
    let Some(desk) = Desk::new("rotate") else {
        return;
    };
    desk.file("run/of-another.ckpt", "there\n");
    desk.file("verb.py", "import os, sys\nos.remove(sys.argv[1])\n");
    let body = "cd run; echo \"start ${SLURM_RESTART_COUNT:-0}\"\n\
        if [ -z \"$SLURM_RESTART_COUNT\" ]; then echo made > step-1.ckpt; sleep 100; fi\n\
        python3 ../verb.py step-1.ckpt && echo rotated; python3 ../verb.py of-another.ckpt";
    desk.file("job.sh", &format!("#!/bin/bash\n{body}\n"));
    let line = format!(
        "HLRP_RUN_DIRECTORY={} HLRP_SUBMISSION=test sbatch {SMALL} -J {} -o %x.out --requeue --open-mode=append job.sh",
        desk.place("run"),
        desk.tag()
    );
    let job = submitted(&desk.guarded(&line).ended(0));
    shows(&desk, "start 0\n");
    desk.guarded(&format!("scontrol requeue {job}")).ended(0);
    desk.until(&job, "PENDING");
    desk.natively(&format!("scontrol update JobId={job} StartTime=now"));
    desk.ended(&job);
    let said = log(&desk);
    assert!(
        said.contains("start 1\n") && said.contains("rotated\n"),
        "{said}"
    );
    assert!(said.contains("fs.no-delete"), "{said}");
    assert_eq!(desk.read("run/of-another.ckpt"), "there\n");
    assert!(!desk.path("run/step-1.ckpt").exists(), "{said}");
}

#[test]
fn cancelling_many_is_asked_about_and_others_jobs_are_out_of_reach() {
    let Some(desk) = Desk::new("many") else {
        return;
    };
    let job = queue(&desk, "--hold", "true");
    // Where one of these is let through it must not take other tests' jobs along.
    let tag = desk.tag();
    for line in ["--me", "-u hlrp", "-t PENDING", "-p lrz-cpu"] {
        let ran = desk.guarded(&format!("scancel {line} -n {tag}"));
        assert_eq!(ran.code(), 77, "{line}\n{}", ran.err);
        assert!(ran.err.contains("slurm.cancel"), "{line}\n{}", ran.err);
    }
    assert_eq!(desk.states(&job), ["PENDING 0:0"]);
    let mut root = desk.cluster.on("login01", "root");
    root.args([
        "sbatch",
        "--parsable",
        "-A",
        "group",
        "-p",
        "lrz-cpu",
        "--qos=cpu",
        "-t",
        "1",
        "--hold",
    ]);
    root.args(["-o", "/dev/null", "--wrap", "true"]);
    let others = super::desk::run(&mut root).ended(0).out;
    let others = others.trim_end();
    let ran = desk.guarded(&format!("scancel {others}"));
    assert_eq!(ran.code(), 77, "{}", ran.err);
    let mut root = desk.cluster.on("login01", "root");
    super::desk::run(root.args(["scancel", others])).ended(0);
}
