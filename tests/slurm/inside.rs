//! Inside a job, and inside each of its tasks, the same law holds: nothing that was there goes, nothing is written
//! outside the roots, and the job's log says why.

use super::desk::{Desk, SMALL, submitted};

/// Deletes, in ways that nobody can read off a script: what can be is not even queued.
const DELETIONS: [(&str, &str); 3] = [
    ("rm", "$(python3 verb.py) -f precious.txt"),
    (
        "os-remove",
        "python3 -c 'import os; getattr(os, \"re\" + \"move\")(\"precious.txt\")'",
    ),
    ("a-program", "python3 delete.py"),
];
const DELETE: &str = "import os\nos.remove('precious.txt')\n";
const PRECIOUS: &str = "what was there before\n";

#[test]
fn a_job_deletes_nothing() {
    let Some(desk) = Desk::new("deletes") else {
        return;
    };
    deletes(&desk, "", SMALL);
}

#[test]
fn a_task_of_a_job_deletes_nothing() {
    let Some(desk) = Desk::new("task-deletes") else {
        return;
    };
    deletes(&desk, "srun", SMALL);
}

/// Submits each deletion natively, where it works, and in a session, where it does not.
fn deletes(desk: &Desk, before: &str, options: &str) {
    let name = desk.tag();
    desk.file("delete.py", DELETE);
    desk.file("verb.py", "print(\"r\" + \"m\")\n");
    for (word, line) in DELETIONS {
        let body = |log: &str| {
            format!(
                "#!/bin/bash\n#SBATCH -J {name}\n#SBATCH -o {log}\n{before} bash <<'END'\n{line}\nEND\necho \"ended $?\"\n"
            )
        };
        let log = format!("{word}-natively.out");
        desk.file("precious.txt", PRECIOUS);
        desk.file("job.sh", &body(&log));
        let job = submitted(&desk.natively(&format!("sbatch {options} job.sh")));
        desk.ended(&job);
        assert!(
            !desk.path("precious.txt").exists(),
            "{line}: {}",
            desk.read(&log)
        );

        let log = format!("{word}.out");
        desk.file("precious.txt", PRECIOUS);
        desk.file("job.sh", &body(&log));
        let job = submitted(&desk.guarded(&format!("sbatch {options} job.sh")));
        desk.ended(&job);
        let said = desk.read(&log);
        assert_eq!(desk.read("precious.txt"), PRECIOUS, "{line}: {said}");
        assert!(said.contains("fs.no-delete"), "{line}: {said}");
        assert!(said.contains("ended 1\n"), "{line}: {said}");
    }
}

#[test]
fn a_task_from_the_login_node_deletes_nothing() {
    let Some(desk) = Desk::new("srun-deletes") else {
        return;
    };
    desk.file("delete.py", DELETE);
    desk.file("precious.txt", PRECIOUS);
    let line = format!("srun {SMALL} -J {} python3 delete.py", desk.tag());
    let ran = desk.guarded(&line).ended(1);
    assert_eq!(desk.read("precious.txt"), PRECIOUS);
    assert!(ran.err.contains("fs.no-delete"), "{}", ran.err);
    desk.natively(&line).ended(0);
    assert!(!desk.path("precious.txt").exists());
}

#[test]
fn a_script_that_plainly_deletes_is_not_queued() {
    let Some(desk) = Desk::new("plainly") else {
        return;
    };
    let name = desk.tag();
    desk.file("precious.txt", PRECIOUS);
    let script = format!("#!/bin/bash\n#SBATCH -J {name}\nrm precious.txt\n");
    desk.file("job.sh", &script);
    for line in [
        format!("sbatch {SMALL} job.sh"),
        format!("sbatch {SMALL} < job.sh"),
        format!("sbatch {SMALL} -J {name} --wrap 'rm precious.txt'"),
        format!("srun {SMALL} -J {name} rm precious.txt"),
        format!("srun {SMALL} -J {name} bash -c 'rm precious.txt'"),
        format!("salloc {SMALL} -J {name} rm precious.txt"),
    ] {
        let ran = desk.guarded(&line);
        assert_eq!(ran.code(), 77, "{line}\n{}\n{}", ran.out, ran.err);
        assert!(ran.err.contains("fs.no-delete"), "{line}\n{}", ran.err);
    }
    assert_eq!(desk.queued(), [""; 0]);
    assert_eq!(desk.read("precious.txt"), PRECIOUS);
}

#[test]
fn nothing_is_written_outside_the_roots() {
    let Some(desk) = Desk::new("outside") else {
        return;
    };
    let name = desk.tag();
    let (elsewhere, path) = desk.elsewhere();
    desk.file("place.py", &format!("print('{elsewhere}')\n"));
    desk.file(
        "write.py",
        &format!("open('{elsewhere}/by-program', 'w')\n"),
    );
    let body = format!(
        "#!/bin/bash\n#SBATCH -J {name}\n#SBATCH -o job.out\nplace=$(python3 place.py)\necho x > $place/by-bash\n\
         python3 write.py\nsrun bash -c 'echo x > $0/by-task' $place\nsrun python3 write.py\necho done > in-the-roots\n"
    );
    desk.file("job.sh", &body);
    let job = submitted(&desk.guarded(&format!("sbatch {SMALL} job.sh")));
    assert_eq!(
        desk.ended(&job),
        ["COMPLETED 0:0"],
        "{}",
        desk.read("job.out")
    );
    let said = desk.read("job.out");
    assert_eq!(path.read_dir().unwrap().count(), 0, "{said}");
    assert!(said.matches("fs.outside-roots").count() >= 3, "{said}");
    assert_eq!(desk.read("in-the-roots"), "done\n");

    let job = submitted(&desk.natively(&format!("sbatch {SMALL} job.sh")));
    assert_eq!(desk.ended(&job), ["COMPLETED 0:0"]);
    assert_eq!(path.read_dir().unwrap().count(), 3);
    std::fs::remove_dir_all(path).unwrap();
}

/// In a job the raw clients do not reach Slurm, and the session's do.
#[test]
fn a_job_submits_through_its_own_broker() {
    let Some(desk) = Desk::new("nested") else {
        return;
    };
    let name = desk.tag();
    desk.file("precious.txt", PRECIOUS);
    desk.file("delete.py", DELETE);
    let body = format!(
        "#!/bin/bash\n#SBATCH -J {name}\n#SBATCH -o job.out\n\
         python3 -c 'import subprocess as s; print(\"raw\", s.run([\"/usr/bin/sbatch\", \"-J\", \"{name}-raw\"] + \"{SMALL} --wrap true\".split()).returncode)'\n\
         sbatch {SMALL} -J {name}-child -o child.out --wrap 'python3 delete.py'\nsqueue -h -j $SLURM_JOB_ID -o %T\n"
    );
    desk.file("job.sh", &body);
    let job = submitted(&desk.guarded(&format!("sbatch {SMALL} job.sh")));
    assert_eq!(
        desk.ended(&job),
        ["COMPLETED 0:0"],
        "{}",
        desk.read("job.out")
    );
    let said = desk.read("job.out");
    assert!(said.contains("raw 1\n"), "{said}");
    assert!(said.contains("\nRUNNING\n"), "{said}");
    let child = said
        .lines()
        .find_map(|line| line.strip_prefix("Submitted batch job "));
    let child = child.unwrap_or_else(|| panic!("{said}"));
    assert_eq!(
        desk.ended(child),
        ["FAILED 1:0"],
        "{}",
        desk.read("child.out")
    );
    assert_eq!(desk.read("precious.txt"), PRECIOUS);
    let raw = format!("{name}-raw");
    assert!(!desk.queued().iter().any(|line| line.contains(&raw)));
}

/// slurmstepd opens a job's output and complains into it before any guard stands: neither reaches what a link leads to.
#[test]
fn a_link_made_after_submission_leads_slurm_nowhere() {
    let Some(desk) = Desk::new("astray") else {
        return;
    };
    let name = desk.tag();
    let (elsewhere, path) = desk.elsewhere();
    let victim = path.join("victim");
    std::fs::write(&victim, PRECIOUS).unwrap();
    // Within `$'…'`.
    let gone = "gone\\';touch PWNED;#\\ntouch PWNED2\\n#";
    let line = format!(
        "sbatch {SMALL} -J {name} --hold --chdir=$'{gone}' --output={}/o.txt --wrap 'echo hi'",
        desk.place("")
    );
    let job = submitted(&desk.guarded(&line));
    std::os::unix::fs::symlink(format!("{elsewhere}/victim"), desk.path("o.txt")).unwrap();
    desk.natively(&format!("scontrol release {job}")).ended(0);
    // The directory's name goes over several lines, in the list of jobs too.
    let states = desk.ended(&job);
    assert_eq!(states.last().map(String::as_str), Some("FAILED 77:0"));
    assert_eq!(std::fs::read_to_string(&victim).unwrap(), PRECIOUS);
    let said = desk.hlrp(&["logs", "--err", &job]);
    assert!(!said.out.contains("hi"), "{}{}", said.out, said.err);
    std::fs::remove_dir_all(path).unwrap();
}

/// srun and scontrol open by name, outside the guard: they are given what the broker opened.
#[test]
fn what_a_client_writes_is_what_was_judged() {
    let Some(desk) = Desk::new("streams") else {
        return;
    };
    desk.file("precious", "there\n");
    desk.file("sub/x", "");
    // Of the session's own making, so that no line says what is tried.
    let lines = format!(
        "srun {SMALL} -o /dev/stdout echo evil 1< precious\n\
        srun {SMALL} -o /dev/stdin echo evil < precious\n\
        srun {SMALL} -o /proc/self/cwd/precious echo evil\n\
        ln -s precious 77; srun {SMALL} -n1 -o 77 echo evil\n\
        job=$(sbatch {SMALL} -J {} --parsable --hold -o /dev/null --wrap true)\n\
        scontrol write batch_script $job /proc/self/cwd/precious\n\
        scontrol write batch_script $job fresh.sh\n\
        scancel $job\n\
        umask 027; srun {SMALL} -n2 -o said.txt -e none bash -c 'echo good; echo bad >&2'\n",
        desk.tag()
    );
    desk.file("lines.sh", &lines);
    desk.file(
        "run.py",
        "import subprocess\nsubprocess.run(['bash', 'lines.sh'])\n",
    );
    let ran = desk.guarded("python3 run.py");
    assert_eq!(desk.read("precious"), "there\n", "{}", ran.err);
    assert_eq!(desk.read("said.txt"), "good\ngood\n", "{}", ran.err);
    assert!(desk.read("fresh.sh").starts_with("#!"), "{}", ran.err);
    use std::os::unix::fs::PermissionsExt;
    let mode = desk
        .path("said.txt")
        .metadata()
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o640);
}

/// Slurm empties the output of what it starts again, and nothing would guard it.
#[test]
fn a_job_that_no_session_submitted_is_not_started_again() {
    let Some(desk) = Desk::new("again") else {
        return;
    };
    let line = format!(
        "sbatch --parsable {SMALL} -J {} -o own.out --wrap 'echo results'",
        desk.tag()
    );
    let job = desk.natively(&line).ended(0).out.trim_end().to_owned();
    desk.ended(&job);
    let ran = desk.guarded(&format!("scontrol requeue {job}"));
    assert_eq!(ran.code(), 77, "{}", ran.err);
    assert_eq!(desk.read("own.out"), "results\n");
}
