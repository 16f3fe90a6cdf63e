//! Several clients' words of the same jobs.

use std::path::Path;

use hlrp_sh::slurm::query::{Exit, Known, Output, Phase, Source, State, merge};

use super::{ACCOUNTING, CONTROLLER, EARLY, LATE, MARK, accounted, id, named, queued, told};

fn all() -> Vec<hlrp_sh::slurm::query::Job> {
    let controller = told(CONTROLLER).into_iter().map(|detail| detail.job);
    merge(queued(LATE), controller.collect(), accounted(ACCOUNTING))
}

#[test]
fn the_queue_counts_and_accounting_adds() {
    let jobs = merge(queued(LATE), Vec::new(), accounted(ACCOUNTING));
    let failed = named(&jobs, "failed7");
    assert_eq!(
        (failed.source, failed.exit),
        (
            Source::Queue,
            Some(Exit {
                status: 7,
                signal: 0
            })
        )
    );
    let cancelled = named(&jobs, "canc");
    assert_eq!(cancelled.cancelled_by, Some(1001));
    assert!(cancelled.directory.is_some());
    // Accounting was asked later, when this one had been cancelled; the queue is what is.
    let running = jobs.iter().find(|job| job.id == id("65")).unwrap();
    assert_eq!(
        (running.state.clone(), running.exit),
        (State::from(Known::Running), None)
    );
    assert_eq!(running.cancelled_by, None);
}

#[test]
fn no_job_is_there_twice() {
    let jobs = all();
    for (index, job) in jobs.iter().enumerate() {
        let others = jobs.iter().skip(index + 1);
        assert!(others.clone().all(|other| other.id != job.id), "{}", job.id);
        let overlaps = |other: &&hlrp_sh::slurm::query::Job| {
            job.id.meets(&other.id) && job.state.is_waiting() && other.state.is_waiting()
        };
        assert_eq!(others.clone().find(overlaps), None, "{}", job.id);
    }
    let tasks: u64 = jobs
        .iter()
        .filter(|job| job.id.number == 70)
        .map(|job| job.count())
        .sum();
    assert_eq!(tasks, 15);
}

#[test]
fn a_group_that_a_task_left_is_the_same_group() {
    let record = |tasks: &str| {
        format!(
            "{MARK}|111_[{tasks}]|111|1001|hlrp|CANCELLED|p|q|0:00|1:00:00|N/A|N/A|N/A|1||None|c3\n"
        )
    };
    let line = "111_[0-4]|111|1001|hlrp|CANCELLED by 1001|0:0|00:00:00|01:00:00|None|2026-11-23T19:53:00|2026-11-23T19:52:00|p|q|1|None assigned|None|/home|c3\n";
    let jobs = merge(
        queued(&record("0-1,3-4")),
        Vec::new(),
        accounted(&line.replace('|', MARK)),
    );
    let [job] = jobs.as_slice() else {
        panic!("{jobs:?}");
    };
    assert_eq!(
        (job.id.to_string().as_str(), job.cancelled_by),
        ("111_[0-1,3-4]", Some(1001))
    );
}

#[test]
fn what_runs_is_first_and_what_ended_is_last() {
    let rank = |phase| match phase {
        Phase::Running | Phase::Ending => 0,
        Phase::Waiting | Phase::Unknown => 1,
        Phase::Done | Phase::Cancelled | Phase::Failed => 2,
    };
    for jobs in [all(), merge(queued(EARLY), Vec::new(), Vec::new())] {
        assert!(jobs.is_sorted_by_key(|job| rank(job.state.phase())));
        let ended: Vec<_> = jobs.iter().filter(|job| job.state.is_over()).collect();
        assert!(ended.is_sorted_by(|a, b| a.ended >= b.ended));
    }
}

#[test]
fn a_job_queued_again_has_nothing_of_its_earlier_run() {
    let now = format!("{MARK}|5|5|1001|u|PENDING|p|q|0:00|1:00:00|N/A|N/A|N/A|1||BeginTime|x\n");
    let line = "5|5|1001|u|NODE_FAIL|1:0|00:10:00|01:00:00|2026-01-01T00:00:00|2026-01-01T00:10:00|2026-01-01T00:00:00|p|q|1|n1|None|/home|x\n";
    let jobs = merge(
        queued(&now),
        Vec::new(),
        accounted(&line.replace('|', MARK)),
    );
    assert_eq!(jobs.len(), 1);
    assert_eq!((jobs[0].exit, jobs[0].ended.clone()), (None, None));
    assert!(jobs[0].state.is_waiting());
}

#[test]
fn the_output_of_a_job_that_only_accounting_knows_is_found() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    std::fs::write(root.join("job.sh"), "#!/bin/bash\n#SBATCH --output=logs/%x.%j.out\n#SBATCH -e 'logs/e.%j'\necho\n#SBATCH -o no\n").unwrap();
    let jobs = accounted(ACCOUNTING);
    let mut job = named(&jobs, "failed7").clone();
    job.directory = Some(root.to_owned());
    let of = |line: &str| Output::of_line(&job, Some(line));
    let path = |name: &str| Some(root.join(name));
    let output = of("sbatch job.sh a b");
    assert_eq!(
        (output.stdout, output.stderr),
        (path("logs/failed7.66.out"), path("logs/e.66"))
    );
    let output = of("sbatch --output=x%j job.sh");
    assert_eq!((output.stdout, output.is_guess), (path("x66"), false));
    let output = of("sbatch --wrap true");
    assert_eq!(
        (output.stdout.clone(), output.is_guess),
        (path("slurm-66.out"), true)
    );
    assert_eq!(output.stderr, output.stdout);
    let mut task = named(&jobs, "arr").clone();
    task.directory = Some(root.to_owned());
    let output = Output::of_line(&task, None);
    let task = task.id.task().unwrap();
    assert_eq!(output.stdout, path(&format!("slurm-70_{task}.out")));
}

#[test]
fn a_run_is_found_by_its_manifest() {
    let directory = tempfile::tempdir().unwrap();
    let run = directory.path().join("runs/2026_x");
    std::fs::create_dir_all(run.join("logs")).unwrap();
    let manifest = r#"{"schema":"x","points":[{"job":"65","overrides":["a=1"]},{"job":66,"overrides":["a=2"]}]}"#;
    std::fs::write(run.join("manifest.json"), manifest).unwrap();
    let jobs = accounted(ACCOUNTING);
    let mut job = named(&jobs, "failed7").clone();
    job.directory = Some(directory.path().to_owned());
    let line = format!("sbatch -o {}/logs/%j.out", run.display());
    let output = Output::of_line(&job, Some(&line));
    assert_eq!(output.run.as_deref(), Some(Path::new(&run)));
    assert_eq!(output.entry(&job).unwrap()["overrides"][0], "a=2");
    let manifest = r#"{"jobs":[{"script":"/a","state":{"is":"queued","job":"66"}},{"script":"/b","state":{"is":"queued","job":"67"}}]}"#;
    std::fs::write(run.join("manifest.json"), manifest).unwrap();
    assert_eq!(output.entry(&job).unwrap()["script"], "/a");
    std::fs::write(run.join("manifest.json"), "{").unwrap();
    assert_eq!(output.entry(&job), None);
}
