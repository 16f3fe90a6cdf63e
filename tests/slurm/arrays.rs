//! What a task of an array may call its own: the run directory of its own point, through requeues.

use super::desk::Desk;
use super::submission::{manifests, project};
use crate::guard::running::within;

/// Queues an array of two tasks, from within a session that exports another task's number, waits until both have made
/// their checkpoints, and returns its id.
fn two_tasks(desk: &Desk) -> String {
    project(desk);
    let line = "cd project && SLURM_ARRAY_TASK_ID=1 hlrp-sh submit experiment=rotates";
    // Not from the queue: a task that runs has a number of its own there, beside that of its array.
    let submitted = desk.guarded(line).ended(0).out;
    let job = submitted.split_whitespace().next().unwrap().to_owned();
    for task in 0..2 {
        within("the checkpoints are not made", || {
            said(desk, &job, task).contains("made both\n").then_some(())
        });
    }
    job
}

/// Returns what a task has said.
fn said(desk: &Desk, job: &str, task: u8) -> String {
    let manifest = manifests(desk).pop().unwrap_or_default();
    let group = manifest.trim_end_matches("manifest.json");
    let log = |ending| format!("cat {group}{job}_{task}.{ending}");
    let read = |ending| desk.natively(&log(ending)).out;
    read("out") + &read("err")
}

fn start_again(desk: &Desk, job: &str) {
    for task in 0..2 {
        desk.natively(&format!("scontrol requeue {job}_{task}"))
            .ended(0);
    }
    for task in 0..2 {
        let name = format!("{job}_{task}");
        desk.until(&name, "PENDING");
        desk.natively(&format!("scontrol update JobId={name} StartTime=now"));
    }
    for task in 0..2 {
        desk.ended(&format!("{job}_{task}"));
    }
}

#[test]
fn a_task_that_starts_again_rotates_its_own_checkpoints_and_no_other_tasks() {
    let Some(desk) = Desk::new("tasks") else {
        return;
    };
    let job = two_tasks(&desk);
    start_again(&desk, &job);
    for task in 0..2 {
        let said = said(&desk, &job, task);
        assert!(said.contains("start 1\nrotated\n"), "{said}");
        assert!(said.contains("kept the other\n"), "{said}");
        assert!(said.contains("fs.no-delete"), "{said}");
    }
    let left = desk
        .natively(&format!(
            "cd {} && find . -name '*.ckpt' | sort",
            desk.place("store")
        ))
        .out;
    let names: Vec<&str> = left
        .lines()
        .filter_map(|path| path.rsplit('/').next())
        .collect();
    assert_eq!(names, ["step-2.ckpt", "step-2.ckpt"], "{left}");
}

#[test]
fn an_array_whose_list_was_changed_does_not_start_again() {
    let Some(desk) = Desk::new("list") else {
        return;
    };
    let job = two_tasks(&desk);
    let manifest = manifests(&desk).pop().unwrap();
    let list = manifest.replace("manifest.json", "points");
    desk.natively(&format!("tac {list} > {list}.new && mv {list}.new {list}"))
        .ended(0);
    start_again(&desk, &job);
    for task in 0..2 {
        let said = said(&desk, &job, task);
        assert!(
            said.contains("was changed after the job was submitted"),
            "{said}"
        );
        assert!(!said.contains("start 1"), "{said}");
    }
}
