//! What holds of any text.

use hlrp_sh::slurm::query::pattern::{Facts, expand};
use hlrp_sh::slurm::query::{
    JobId, State, Tasks, cluster, job, merge, sacct, scontrol, squeue, time,
};
use proptest::prelude::*;

use super::MARK;

proptest! {
    #[test]
    fn a_name_is_read_as_it_was_given(
        name in "[^\u{0}]{0,60}",
        before in 1_u64..1_000_000,
    ) {
        let line = |id: u64, name: &str| format!(
            "{MARK}|{id}|{id}|7|u|RUNNING|p|q|0:01|1:00|N/A|N/A|N/A|1|n|None|{name}\n"
        );
        let text = line(before, &name) + &line(before + 1, "next");
        let (jobs, unread) = squeue::read(&text, MARK);
        prop_assert_eq!((jobs.len(), unread), (2, 0));
        prop_assert_eq!(&jobs[0].name, &name);
        prop_assert_eq!(&jobs[1].name, "next");
    }

    #[test]
    fn tasks_are_read_as_they_are_written(tasks in prop::collection::btree_set(0_u32..5000, 1..40)) {
        let mut list: Tasks = tasks.iter().copied().collect();
        list.tidy();
        let read: Tasks = list.to_string().parse().unwrap();
        prop_assert_eq!(&read, &list);
        prop_assert_eq!(read.count(), tasks.len() as u64);
        prop_assert!((0..5000).all(|task| read.contains(task) == tasks.contains(&task)));
    }

    #[test]
    fn spans_are_read_as_they_are_written(seconds in 0_u64..10_000_000_000) {
        prop_assert_eq!(time::span(&time::written(seconds)), Some(seconds));
    }

    #[test]
    fn nothing_that_slurm_could_say_stops_us(text in "(JobId=|[0-9]| |JobName=|UserId=|GroupId=|MCS_label=|Command=|StdOut=|[|_\\[\\],:%-]|\\PC|\n){0,200}") {
        let _ = scontrol::read(&text);
        let _ = sacct::read(&text, "|");
        let _ = squeue::read(&text, "1");
        let _ = cluster::sinfo(&text);
        let _ = cluster::partitions(&text);
        let _ = cluster::qos(&text);
        let _ = cluster::associations(&text);
        let _ = text.parse::<JobId>();
        let _ = State::read(&text);
        let _ = time::span(&text);
        let _ = time::moment(&text);
        let _ = job::first_node(&text);
        let _ = expand(&text, &Facts::default());
        let (jobs, _) = sacct::read(&text, "|");
        let _ = merge(jobs.clone(), jobs.clone(), jobs);
    }

    #[test]
    fn joining_loses_no_job(ids in prop::collection::vec((1_u64..20, prop::option::of(0_u32..4)), 1..30)) {
        let line = |(number, task): &(u64, Option<u32>)| {
            let id = task.map_or(number.to_string(), |task| format!("{number}_{task}"));
            let own = task.map_or(*number, |task| number * 100 + u64::from(task));
            format!("{id}|{own}|7|u|RUNNING|0:0|00:01|01:00|Unknown|Unknown|Unknown|p|q|1|n|None|/|x\n")
        };
        let text: String = ids.iter().map(line).collect();
        let (jobs, unread) = sacct::read(&text, "|");
        prop_assert_eq!((jobs.len(), unread), (ids.len(), 0));
        let joined = merge(Vec::new(), Vec::new(), jobs);
        let distinct: std::collections::BTreeSet<_> = ids.into_iter().collect();
        prop_assert_eq!(joined.len(), distinct.len());
    }
}
