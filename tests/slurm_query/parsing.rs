//! One client's words.

use std::path::Path;

use hlrp_sh::slurm::query::cluster;
use hlrp_sh::slurm::query::output::Output;
use hlrp_sh::slurm::query::pattern::{Facts, expand};
use hlrp_sh::slurm::query::state::accounted as state_of;
use hlrp_sh::slurm::query::{
    Exit, JobId, Known, Limit, Part, State, explain, lost_race, scontrol, squeue, time,
};

use super::{ACCOUNTING, CONTROLLER, EARLY, LATE, MARK, accounted, id, named, queued, told};

#[test]
fn the_queue_is_read_whatever_a_name_holds() {
    let jobs = queued(EARLY);
    assert_eq!(jobs.len(), 33);
    assert_eq!(named(&jobs, "long").name, "long|one");
    assert_eq!(named(&jobs, "ümläut").name, "ümläut \" name");
    let forged = named(&jobs, "nl");
    assert!(forged.name.contains('\n') && forged.name.ends_with("forged"));
    assert!(
        jobs.iter()
            .all(|job| job.user == "hlrp" && job.uid == Some(1001))
    );
    let waiting = named(&jobs, "begin");
    assert!(
        jobs.iter()
            .any(|job| job.state == State::from(Known::Completing))
    );
    assert_eq!(waiting.reason.as_deref(), Some("BeginTime"));
    let array = named(&jobs, "arr");
    assert_eq!(array.id.to_string(), "70_[2-3,7,10-19%2]");
    assert_eq!(array.count(), 13);
    assert_eq!(
        (array.started.clone(), array.limit),
        (None, Limit::Seconds(600))
    );
    let late = queued(LATE);
    let two = late.iter().find(|job| job.id == id("88")).unwrap();
    assert_eq!((two.node_count, two.nodes.as_str()), (Some(2), ""));
    assert!(two.expected.is_some());
    let day = late.iter().find(|job| job.id == id("77")).unwrap();
    assert_eq!(day.limit, Limit::Seconds(93_600));
}

#[test]
fn what_is_no_record_is_counted() {
    let text = format!(
        "{MARK}|x|1|2\n{MARK}|1|1|1001|u|RUNNING|p|q|0:01|INVALID|N/A|N/A|N/A|1|n|None|name\n"
    );
    let (jobs, unread) = squeue::read(&text, MARK);
    assert_eq!((jobs.len(), unread), (1, 1));
    assert_eq!(jobs[0].limit, Limit::Unknown);
    assert_eq!(squeue::read("", MARK), (Vec::new(), 0));
}

#[test]
fn accounting_is_read_whatever_a_name_holds() {
    let jobs = accounted(ACCOUNTING);
    assert_eq!(named(&jobs, "long").name, "long|one");
    let forged = named(&jobs, "nl");
    assert!(forged.name.ends_with("|forged"), "{:?}", forged.name);
    assert!(!jobs.iter().any(|job| job.user == "x"));
    assert_eq!(
        named(&jobs, "failed7").exit,
        Some(Exit {
            status: 7,
            signal: 0
        })
    );
    assert_eq!(named(&jobs, "oom").state, State::from(Known::OutOfMemory));
    let cancelled = named(&jobs, "canc");
    assert_eq!(cancelled.state, State::from(Known::Cancelled));
    assert_eq!(cancelled.cancelled_by, Some(1001));
    assert_eq!(named(&jobs, "timeout").state, State::from(Known::Timeout));
    let component = jobs.iter().find(|job| job.id == id("86+1")).unwrap();
    assert_eq!(component.number, 87);
    let lost = named(&jobs, "x UserId");
    assert!(lost_race(&lost.state, lost.exit));
}

#[test]
fn half_a_line_of_accounting_is_a_job_of_which_less_is_known() {
    let line = "66|66|1001|hlrp|COMPLETED|0:0|00:00:01|01:00:00|2026-11-23T19:33:24|2026-11-23T19:33:25|2026-11-23T19:33:24||Unknown|1|n|None|/home|x\n";
    let jobs = accounted(&line.replace('|', MARK));
    assert_eq!((jobs[0].partition.as_str(), jobs[0].qos.as_str()), ("", ""));
    assert_eq!(jobs[0].state, State::from(Known::Completed));
}

#[test]
fn the_controllers_detail_is_read_whatever_names_and_comments_hold() {
    let details = told(CONTROLLER);
    assert_eq!(details.len(), queued(LATE).len());
    let of = |text: &str| {
        let id = id(text);
        let found = details.iter().find(|detail| detail.job.id == id);
        found.unwrap_or_else(|| panic!("no job {text}"))
    };
    let forged = of("83");
    assert_eq!(forged.job.name, "x UserId=root(0) GroupId=z");
    assert_eq!(
        (forged.job.user.as_str(), forged.job.uid),
        ("hlrp", Some(1001))
    );
    assert!(lost_race(&forged.job.state, forged.job.exit));
    let commented = of("82");
    assert_eq!(commented.comment.as_deref(), Some("a UserId=root(0) b=c"));
    assert_eq!(commented.job.uid, Some(1001));
    let long = of("65");
    assert_eq!(
        long.stdout.as_deref(),
        Some("/home/hlrp/work/with space/long|one-65.out")
    );
    assert_eq!(
        long.stderr.as_deref(),
        Some("/home/hlrp/work/with space/long|one-65.err")
    );
    let task = of("70_1");
    assert_eq!(
        task.job.exit,
        Some(Exit {
            status: 1,
            signal: 0
        })
    );
    let output = Output::of(task);
    assert_eq!(
        output.stdout.as_deref(),
        Some(Path::new("/home/hlrp/work/a_70_0001.out"))
    );
    assert_eq!(output.stderr, output.stdout);
    assert!(matches!(of("70_[15-19%2]").job.id.part, Part::Tasks(_)));
    assert_eq!(of("86+0").job.name, "het2");
    assert_eq!(
        of("76").resources.as_deref(),
        Some("cpu=1,mem=1000M,node=1,billing=1,gres/gpu=1")
    );
}

#[test]
fn newer_shapes_of_the_controllers_detail_are_read() {
    let details = scontrol::read(include_str!("24.11-shapes.txt"));
    let [detail] = details.as_slice() else {
        panic!("{details:?}");
    };
    assert_eq!(detail.job.state, State::from(Known::Configuring));
    assert_eq!(detail.job.limit, Limit::Unlimited);
    assert_eq!(detail.job.elapsed, Some(86_401));
    assert_eq!(
        (detail.job.first_node().as_str(), detail.restarts),
        ("n01", Some(2))
    );
    assert_eq!(
        detail.command.as_deref(),
        Some("/home/me/my scripts/job.sh a b")
    );
    assert_eq!(
        detail.job.directory.as_deref(),
        Some(Path::new("/home/me/my work"))
    );
    assert_eq!(
        detail.resources.as_deref(),
        Some("cpu=8,mem=16G,node=1,billing=8")
    );
    let output = Output::of(detail);
    assert_eq!(
        output.stdout.as_deref(),
        Some(Path::new("/home/me/my work/train-n01.out"))
    );
}

#[test]
fn file_names_are_those_that_slurm_gives() {
    // Each was tried on 22.05, and the file was looked at.
    let facts = Facts {
        job: 34,
        array: 30,
        task: None,
        name: "wrap",
        user: "me",
        node: "cpu-001",
        ..Facts::default()
    };
    for (pattern, name) in [
        ("slurm-%j.out", "slurm-34.out"),
        (
            "p_%%_%5j_%.3j_%03A_%a_%z.out",
            "p_%_00034_%.3j_030_4294967294_%z.out",
        ),
        ("q%%x_%12345j", "q%x_0000000034"),
        ("%x\\ y_%%", "%x y_%%"),
        (
            "%%x_%j_%5j_%N_%n_%t_%u_%b_%s.out",
            "%x_34_00034_cpu-001_0_0_me_%b_batch.out",
        ),
        ("%03A-%J-%q.out", "030-34-%q.out"),
        ("100%", "100%"),
        ("ü%", "ü%"),
    ] {
        assert_eq!(expand(pattern, &facts), name, "{pattern}");
    }
    let task = Facts {
        task: Some(7),
        ..facts
    };
    assert_eq!(expand("a_%A_%4a.out", &task), "a_30_0007.out");
}

#[test]
fn ids_are_read_and_written() {
    for text in [
        "1",
        "123_4",
        "123_[4-10%2]",
        "123_[1,3,5-9:2]",
        "15+1",
        "7_[0-1,4,...]",
    ] {
        assert_eq!(id(text).to_string(), text);
    }
    // A list that was cut short in the middle of a number, or before its bracket.
    assert_eq!(
        id("38_[1-2,4-5,7,9,12-13,15,17-18,").to_string(),
        "38_[1-2,4-5,7,9,12-13,15,17-18,...]"
    );
    assert_eq!(id("7_[19%2]"), id("7_19"));
    for text in [
        "",
        "x",
        "1.batch",
        "-1",
        "+1",
        "1_",
        "1_x",
        "1_[",
        "1_[5-2]",
        "1_[1-4:0]",
        " 1",
        "1 2",
        "9999999999999999999999",
    ] {
        assert!(text.parse::<JobId>().is_err(), "{text}");
    }
    assert!(id("7").covers(&id("7_3")) && id("7_[2-9:2]").covers(&id("7_4")));
    assert!(!id("7_[2-9:2]").covers(&id("7_3")) && !id("7_3").covers(&id("7")));
    assert!(id("7_3").meets(&id("7")) && !id("7").meets(&id("8")));
}

#[test]
fn every_state_of_every_version_is_known_by_both_its_words() {
    for known in Known::ALL {
        assert_eq!(State::read(known.long()), State::from(*known));
        assert_eq!(State::read(known.short()), State::from(*known));
    }
    assert_eq!(State::read("OO"), State::from(Known::OutOfMemory));
    assert_eq!(
        State::read("CANCELLED,COMPLETING"),
        State::from(Known::Completing)
    );
    assert_eq!(
        State::read("HIBERNATING"),
        State::Other("HIBERNATING".to_owned())
    );
    assert!(!State::read("HIBERNATING").is_over());
    assert_eq!(
        state_of("CANCELLED by 1001"),
        (State::from(Known::Cancelled), Some(1001))
    );
    assert_eq!(state_of("COMPLETED"), (State::from(Known::Completed), None));
}

#[test]
fn spans_and_limits_are_read() {
    for (text, seconds) in [
        ("0:00", Some(0)),
        ("1:00", Some(60)),
        ("01:00:00", Some(3600)),
        ("2-00:00:00", Some(172_800)),
        ("00:00:01.500", Some(1)),
        ("INVALID", None),
        ("", None),
        ("1", None),
        ("1-02", None),
        ("1:2:3:4", None),
    ] {
        assert_eq!(time::span(text), seconds, "{text}");
    }
    assert_eq!(Limit::read("UNLIMITED"), Limit::Unlimited);
    assert_eq!(Limit::read("Partition_Limit"), Limit::Unknown);
    assert_eq!(time::moment("N/A"), None);
    assert_eq!(
        time::moment("1795468301").unwrap().to_string(),
        "2026-11-23T21:11:41.000Z"
    );
}

#[test]
fn an_end_is_explained() {
    let of = |state: Known, status, signal| {
        explain(&state.into(), Some(Exit { status, signal }), Some("you")).unwrap()
    };
    for (state, status, signal, piece) in [
        (Known::Failed, 7, 0, "status 7"),
        (Known::Failed, 0, 9, "SIGKILL (9)"),
        (Known::Failed, 76, 0, "lost the race"),
        (Known::Failed, 77, 0, "the policy denied it"),
        (Known::Failed, 127, 0, "not found"),
        (Known::Failed, 137, 0, "SIGKILL"),
        (Known::Failed, 0, 53, "output file"),
        (Known::Failed, 0, 200, "signal 200"),
        (Known::OutOfMemory, 0, 125, "memory"),
        (Known::Timeout, 0, 15, "time was up"),
        (Known::Cancelled, 0, 15, "by you"),
        (Known::NodeFail, 0, 1, "node"),
        (Known::Preempted, 0, 0, "higher rank"),
    ] {
        let text = of(state, status, signal);
        assert!(text.contains(piece), "{state:?}: {text}");
    }
    assert_eq!(explain(&Known::Running.into(), None, None), None);
}

#[test]
fn what_the_cluster_has_is_read() {
    let nodes = cluster::sinfo(include_str!("22.05/sinfo"));
    assert_eq!(nodes.len(), 7);
    assert_eq!(nodes[0].resources, ["gpu:4"]);
    assert_eq!(
        (nodes[0].count, nodes[0].limit),
        (2, Limit::Seconds(172_800))
    );
    assert!(nodes.iter().all(|one| one.is_up && !one.is_silent));
    let odd = cluster::sinfo(
        "gpu*|down|infinite|3|down*|8+|16000+|gpu:h100:4(S:0-1,3),nvme|n[1-3]\nnonsense\n",
    );
    assert_eq!(
        (odd.len(), odd[0].partition.as_str(), odd[0].state.as_str()),
        (1, "gpu", "down")
    );
    assert_eq!(odd[0].resources, ["gpu:h100:4(S:0-1,3)", "nvme"]);
    assert!(odd[0].is_silent && odd[0].limit == Limit::Unlimited);
    let partitions = cluster::partitions(include_str!("22.05/partitions"));
    assert_eq!(partitions.len(), 7);
    assert_eq!(
        partitions[0].qos.as_deref(),
        Some(&["normal".to_owned(), "mcml".to_owned()][..])
    );
    assert_eq!(
        (partitions[0].nodes, partitions[0].max_nodes),
        (Some(2), None)
    );
    assert!(partitions[0].accounts.is_none() && partitions[0].is_up && !partitions[0].is_default);
    let qos = cluster::qos(include_str!("22.05/qos"));
    let names: Vec<&str> = qos.iter().map(|qos| qos.name.as_str()).collect();
    assert_eq!(names, ["normal", "mcml", "cpu"]);
    let may = cluster::associations(include_str!("22.05/associations"));
    assert_eq!(may[0].qos, ["cpu", "mcml", "normal"]);
    assert_eq!(
        (may[0].account.as_str(), may[0].default_qos.as_deref()),
        ("pn57pi", Some("normal"))
    );
}
