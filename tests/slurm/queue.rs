//! What the session's `squeue` and its like print is what the real ones print, byte for byte.

use super::desk::{Desk, SMALL, submitted};

/// Columns that stand still while nothing happens.
const STILL: [&str; 7] = [
    "squeue -h --me -S i -o '%i|%F|%K|%T|%r|%P|%q|%N|%j'",
    "squeue --me -S i -o '%.18i %.9P %.40j %.8u %.2t %.6D %R'",
    "squeue -r --me -S i -o '%i %t'",
    "squeue --me -S i -O jobid:20,arraytaskid,name:60,state,reason:30,partition,timelimit",
    "squeue --me -S i -t PENDING -o '%i %T %r'",
    "squeue --me --long -S i | sed '1d; s/ [0-9:]* / /g'",
    "sinfo --version",
];

#[test]
fn squeue_prints_what_the_real_one_prints() {
    let Some(desk) = Desk::new("squeue") else {
        return;
    };
    let jobs = fill(&desk);
    for line in STILL {
        same(&desk, line);
    }
    for line in [
        format!("squeue -h -a -t all -j {jobs} -S i -o '%i|%T|%r|%j|%C|%m|%l|%V'"),
        format!("squeue -j {jobs} -S i -o '%i %T' --noheader --states=RUNNING"),
        format!("squeue -j {jobs} -S -i --Format=jobarrayid,statecompact"),
        format!("squeue -h -n {}-array -o '%F_%K'", desk.tag()),
    ] {
        let said = same(&desk, &line);
        assert!(!said.is_empty(), "{line}");
    }
}

/// `--json` tells all jobs of the cluster, so other tests' jobs move in it; this is tried until two native answers agree.
#[test]
fn squeue_prints_the_json_of_the_real_one() {
    let Some(desk) = Desk::new("squeue-json") else {
        return;
    };
    fill(&desk);
    let said = same(&desk, "squeue --json");
    assert!(said.contains(&format!("{}-array", desk.tag())));
}

#[test]
fn sacct_sinfo_and_scontrol_print_what_the_real_ones_print() {
    let Some(desk) = Desk::new("others") else {
        return;
    };
    let name = desk.tag();
    let line = format!("sbatch {SMALL} -J {name} -o /dev/null --wrap 'exit 7'");
    let job = submitted(&desk.natively(&line));
    assert_eq!(desk.ended(&job), ["FAILED 7:0"]);
    for line in [
        format!("sacct -nXP -j {job} -o JobID,State,ExitCode,Partition,QOS"),
        format!("sacct -j {job} --format=jobid%20,jobname%40,state,exitcode"),
        format!("scontrol -o show job {job}"),
        "scontrol show partition".to_owned(),
        "scontrol ping".to_owned(),
        "sinfo -N -h -o '%N %P %c %G'".to_owned(),
        "sinfo --summarize -o '%P %a %l'".to_owned(),
    ] {
        same(&desk, &line);
    }
}

/// Queues a pending job, a running one and an array; returns their ids with commas.
fn fill(desk: &Desk) -> String {
    let name = desk.tag();
    let rest = format!("{SMALL} -o /dev/null");
    let lines = [
        format!("sbatch {rest} -J '{name}-a | b' --hold --wrap true"),
        format!("sbatch {rest} -J {name}-running --wrap 'sleep 100'"),
        format!("sbatch {rest} -J {name}-array --hold -a 0-9,20%3 --wrap true"),
    ];
    let jobs = lines.map(|line| submitted(&desk.natively(&line).ended(0)));
    desk.until(&jobs[1], "RUNNING");
    jobs.join(",")
}

/// Runs a line natively, in a session, and natively again, until all three say the same: other tests' jobs come and go,
/// but what is always different never becomes the same.
fn same(desk: &Desk, line: &str) -> String {
    let mut last = String::new();
    for _ in 0..20 {
        let before = desk.natively(line);
        let guarded = desk.guarded(line);
        let after = desk.natively(line);
        let all = [&before, &guarded, &after].map(|ran| (ran.code(), &ran.out, &ran.err));
        if all[0] == all[1] && all[1] == all[2] {
            return guarded.out;
        }
        last = format!("{all:#?}");
    }
    panic!("{line}\n{last}");
}
