//! Everything that is submitted on the login node, submitted from another machine over
//! sshd; and what becomes of it when the connection breaks.

use std::thread;
use std::time::Duration;

use super::cluster::USER;
use super::desk::{Desk, from_afar, run};
use super::submission as near;
use crate::guard::running::{Running, within};

#[test]
fn a_submitted_job_runs_with_its_arguments_and_leaves_its_records() {
    from_afar(near::a_submitted_job_runs_with_its_arguments_and_leaves_its_records);
}

#[test]
fn what_nobody_can_foresee_is_queued_and_refused_in_the_job() {
    from_afar(near::what_nobody_can_foresee_is_queued_and_refused_in_the_job);
}

#[test]
fn a_dry_run_touches_nothing() {
    from_afar(near::a_dry_run_touches_nothing);
}

#[test]
fn a_sweep_of_jobs_is_finished_with_resume() {
    from_afar(near::a_sweep_of_jobs_is_finished_with_resume);
}

#[test]
fn a_sweep_as_an_array_is_finished_with_resume() {
    from_afar(near::a_sweep_as_an_array_is_finished_with_resume);
}

#[test]
fn a_running_job_is_followed_and_cancelled() {
    from_afar(near::a_running_job_is_followed_and_cancelled);
}

#[test]
fn how_a_job_ended_is_told() {
    from_afar(near::how_a_job_ended_is_told);
}

#[test]
fn a_job_without_memory_is_told() {
    from_afar(near::a_job_without_memory_is_told);
}

#[test]
fn what_cannot_be_is_refused_and_nothing_is_made() {
    from_afar(near::what_cannot_be_is_refused_and_nothing_is_made);
}

#[test]
fn containers_and_odd_names_reach_the_job() {
    from_afar(near::containers_and_odd_names_reach_the_job);
}

/// Kills what holds the connection from a machine, by the process that itself names.
fn cut(desk: &Desk, machine: &str) {
    // On a busy machine it may not be open yet.
    let script = "for try in $(seq 100); do \
                  said=$(ssh -o ControlPath=/tmp/hlrp-sh-ssh-$(id -u)/%C -O check ai 2>&1) && break; sleep 0.1; done; \
                  process=${said##*pid=}; kill -9 ${process%%)*}";
    let mut command = desk.cluster.on(machine, USER);
    run(command.args(["sh", "-c", script])).ended(0);
}

#[test]
fn a_log_over_a_connection_that_breaks_has_every_line_once() {
    let Some(desk) = Desk::new("cut-log") else {
        return;
    };
    desk.cluster.introduce();
    near::project(&desk);
    let job = near::one(&desk, &["experiment=counts"]);
    desk.until(&job, "RUNNING");
    let mut command = desk.cluster.on("mcml-hgx-h100-001", USER);
    command.args(["env", "-C", "/", "hlrp-sh", "logs", "-f", "--stream=out"]);
    let follow = Running::start(command.args(["--host", "ai", &job]));
    for pause in [1500, 700, 1300] {
        thread::sleep(Duration::from_millis(pause));
        cut(&desk, "mcml-hgx-h100-001");
    }
    let followed = follow.end_within(90);
    assert_eq!(followed.code(), 0, "{}", followed.err);
    let numbers = (1..=1200).map(|number| format!("number {number}\n"));
    let numbers: String = numbers.collect();
    let lines = followed
        .out
        .lines()
        .filter(|line| line.starts_with("number"));
    let lines: String = lines.map(|line| format!("{line}\n")).collect();
    assert!(lines == numbers, "{}\n{}", followed.out, followed.err);
    assert!(
        followed.err.contains("goes on where it stopped"),
        "{}",
        followed.err
    );
}

const SWEEP: [&str; 4] = [
    "submit",
    "experiment=sometimes",
    "point=0,1,2,3,4",
    "submit.array.min_points=100",
];

#[test]
fn a_submission_over_a_connection_that_breaks_is_made_once() {
    let Some(desk) = Desk::new("cut-submit") else {
        return;
    };
    desk.cluster.introduce();
    near::project(&desk);
    desk.file("project/mended", "");
    let from = |machine: &str| {
        let mut command = desk.cluster.on(machine, USER);
        let place = desk.place("project");
        command.args([
            "env", "-C", "/", "hlrp-sh", "remote", "ai", "-C", &place, "--",
        ]);
        command.args(SWEEP);
        command
    };
    let sent = Running::start(&mut from("mcml-dgx-a100-001"));
    within("nothing is queued", || {
        (!desk.queued().is_empty()).then_some(())
    });
    cut(&desk, "mcml-dgx-a100-001");
    let sent = sent.end_within(60).ended(0);
    let ids = |queued: &[String]| -> Vec<String> {
        let ids = queued.iter().filter_map(|line| line.split('|').next());
        ids.map(str::to_owned).collect()
    };
    let queued = ids(&desk.queued());
    assert_eq!(queued.len(), 5, "{queued:?}\n{}", sent.err);
    for id in &queued {
        let told = sent
            .out
            .lines()
            .filter(|line| line.starts_with(&format!("{id} ")));
        assert_eq!(told.count(), 1, "{}", sent.out);
    }
    // The client dies, too; the same command tells what came of it.
    let mut again = Running::start(&mut from("mcml-dgx-a100-001"));
    within("nothing more is queued", || {
        (desk.queued().len() > 5 || !again.is_running()).then_some(())
    });
    let group = nix::unistd::Pid::from_raw(again.front());
    let _ = nix::sys::signal::killpg(group, nix::sys::signal::Signal::SIGKILL);
    let _ = again.end_within(60);
    let told = run(&mut from("mcml-dgx-a100-001")).ended(0);
    assert!(told.err.contains("nothing is sent twice"), "{}", told.err);
    let all = ids(&desk.queued());
    assert_eq!(all.len(), 10, "{all:?}");
    for id in all.iter().filter(|id| !queued.contains(id)) {
        assert!(told.out.contains(id.as_str()), "{}", told.out);
    }
    for id in all {
        assert_eq!(desk.ended(&id), ["COMPLETED 0:0"]);
    }
}

#[test]
fn the_other_machines_jobs_and_quota_are_shown() {
    let Some(desk) = Desk::new("far-look") else {
        return;
    };
    desk.cluster.introduce();
    near::project(&desk);
    let job = near::one(&desk, &["experiment=quick"]);
    let look = |words: &[&str]| {
        let mut command = desk.cluster.on("mcml-hgx-a100-001", USER);
        run(command.args(["env", "-C", "/", "hlrp-sh"]).args(words))
    };
    let _ = desk.ended(&job);
    let said = look(&["jobs", "--host", "ai", "--json"]).ended(0).out;
    assert!(said.contains(&format!("\"id\":\"{job}\"")), "{said}");
    let said = look(&["--json", "status", &job, "--host=ai"]).ended(0).out;
    assert!(said.contains("COMPLETED"), "{said}");
    // Between two looks others make files.
    let words = |text: &str| text.replace(|c: char| c.is_ascii_digit() || c == '#' || c == '.', "");
    let said = look(&["quota", "--host", "ai"]);
    assert_eq!(words(&said.out), words(&desk.hlrp(&["quota"]).out));
    assert!(said.out.contains("file system /"), "{}", said.out);
    look(&["status", "99999999", "--host", "ai"]).ended(1);
    look(&["jobs", "--host", "ai", "--nonsense"]).ended(2);
}
