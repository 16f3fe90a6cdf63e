//! The claim of a race, without Slurm: whatever starts, dies, is queued again or is cancelled, and in
//! whatever order, one job trains at most, and one does unless a job died that had the run.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;
use std::sync::Barrier;

use hlrp_sh::slurm::race::claim::{self, Attempt, Racer, Standing};
use proptest::prelude::*;

fn place(run: &Path) -> std::path::PathBuf {
    claim::prepare(run).unwrap()
}

fn racer(member: u32, restarts: u32) -> Racer {
    Racer {
        member,
        job: 100 + u64::from(member),
        restarts,
        host: format!("node-{member}"),
    }
}

#[test]
fn of_many_that_start_at_once_one_has_the_run() {
    for round in 0..200 {
        let run = tempfile::tempdir().unwrap();
        let place = place(run.path());
        let count = 2 + round % 6;
        let barrier = Barrier::new(count);
        let standings: Vec<Standing> = std::thread::scope(|scope| {
            let started: Vec<_> = (0..count)
                .map(|member| {
                    let (place, barrier) = (&place, &barrier);
                    let member = u32::try_from(member).unwrap();
                    scope.spawn(move || {
                        barrier.wait();
                        claim::take(place, &racer(member, 0)).unwrap()
                    })
                })
                .collect();
            started.into_iter().map(|one| one.join().unwrap()).collect()
        });
        let owner = claim::owner(&place).unwrap().unwrap();
        for (member, standing) in (0_u32..).zip(standings) {
            let expected = match member == owner.member {
                true => Standing::Own { again: false },
                false => Standing::Lost(owner.clone()),
            };
            assert_eq!(standing, expected);
        }
    }
}

#[test]
fn who_has_the_run_has_it_still_after_a_requeue() {
    let run = tempfile::tempdir().unwrap();
    let place = place(run.path());
    let own = |again| Standing::Own { again };
    assert_eq!(claim::take(&place, &racer(0, 0)).unwrap(), own(false));
    assert_eq!(claim::take(&place, &racer(0, 1)).unwrap(), own(true));
    // Begun twice without a requeue between: a node that came back.
    assert_eq!(claim::take(&place, &racer(0, 1)).unwrap(), own(true));
    let lost = Standing::Lost(racer(0, 0));
    assert_eq!(claim::take(&place, &racer(1, 0)).unwrap(), lost);
    assert_eq!(claim::take(&place, &racer(1, 1)).unwrap(), lost);
    // The same number of another controller's is another job.
    let other = Racer {
        member: 1,
        ..racer(0, 1)
    };
    assert_eq!(claim::take(&place, &other).unwrap(), lost);
}

/// Over a network the answer of link(2) may be lost although it was done.
#[test]
fn what_stands_there_counts_and_not_what_linking_said() {
    let run = tempfile::tempdir().unwrap();
    let place = place(run.path());
    let attempt = Attempt::write(&place, &racer(0, 0)).unwrap();
    attempt.link().unwrap();
    let lost_answer = || Err(io::Error::from(io::ErrorKind::TimedOut));
    let own = Standing::Own { again: false };
    assert_eq!(attempt.settle(lost_answer()).unwrap(), own);
    let other = Attempt::write(&place, &racer(1, 0)).unwrap();
    let lost = Standing::Lost(racer(0, 0));
    assert_eq!(other.settle(lost_answer()).unwrap(), lost);
}

#[test]
fn where_nobody_can_tell_nobody_trains() {
    let run = tempfile::tempdir().unwrap();
    let place = place(run.path());
    let attempt = Attempt::write(&place, &racer(0, 0)).unwrap();
    // Nothing stands there, and linking says that it did not.
    let full = Err(io::Error::from_raw_os_error(nix::libc::ENOSPC));
    assert!(attempt.settle(full).is_err());
    for text in [
        "",
        "0 100 0 node-0",
        "0 100 0\n",
        "0 100 0 a b\n",
        "+0 100 0 a\n",
        "\u{0}",
    ] {
        let _ = fs::remove_file(place.join("claim"));
        fs::write(place.join("claim"), text).unwrap();
        assert!(claim::take(&place, &racer(0, 1)).is_err(), "{text:?}");
        assert!(claim::owner(&place).is_err(), "{text:?}");
    }
    let gone = run.path().join("gone");
    assert!(claim::take(&gone, &racer(0, 0)).is_err());
    assert_eq!(claim::owner(&gone).unwrap(), None);
}

#[test]
fn a_second_race_is_not_prepared_in_the_same_run() {
    let run = tempfile::tempdir().unwrap();
    place(run.path());
    assert!(claim::prepare(run.path()).is_err());
}

/// How far a job is.
enum Job {
    /// It waits.
    Queued,
    /// It runs, and has written its own file.
    Written(Attempt),
    /// It has tried to link it.
    Linked(Attempt, io::Result<()>),
    /// It trains.
    Training,
    /// It has ended its training.
    Trained,
    /// It found the run claimed.
    Lost,
    /// It died for good, or was cancelled.
    Gone,
}

#[derive(Clone, Debug)]
enum Event {
    /// A job goes one step further.
    Step(usize),
    /// A node dies, a job is preempted or requeued by hand.
    Requeue(usize),
    /// A job dies for good, or a person cancels it.
    Die(usize),
    /// The watcher looks at the claim, and cancels all that wait but its owner.
    Watch,
}

/// A race as it goes on.
struct Model {
    place: std::path::PathBuf,
    jobs: Vec<(Job, u32)>,
    trainers: BTreeSet<usize>,
    killed: BTreeSet<usize>,
    cancelled: BTreeSet<usize>,
}

impl Model {
    fn new(run: &Path, count: usize) -> Self {
        Self {
            place: place(run),
            jobs: (0..count).map(|_| (Job::Queued, 0)).collect(),
            trainers: BTreeSet::new(),
            killed: BTreeSet::new(),
            cancelled: BTreeSet::new(),
        }
    }

    fn step(&mut self, at: usize) {
        let (job, restarts) = &mut self.jobs[at];
        let me = racer(u32::try_from(at).unwrap(), *restarts);
        *job = match std::mem::replace(job, Job::Gone) {
            Job::Queued => Job::Written(Attempt::write(&self.place, &me).unwrap()),
            Job::Written(attempt) => {
                let linked = attempt.link();
                Job::Linked(attempt, linked)
            }
            Job::Linked(attempt, linked) => match attempt.settle(linked).unwrap() {
                Standing::Own { .. } => {
                    self.trainers.insert(at);
                    Job::Training
                }
                Standing::Lost(_) => Job::Lost,
            },
            Job::Training | Job::Trained => Job::Trained,
            ended @ (Job::Lost | Job::Gone) => ended,
        };
    }

    fn happen(&mut self, event: &Event) {
        let count = self.jobs.len();
        match event {
            Event::Step(at) => self.step(at % count),
            Event::Requeue(at) => {
                let (job, restarts) = &mut self.jobs[at % count];
                if !matches!(job, Job::Queued | Job::Trained | Job::Lost | Job::Gone) {
                    (*job, *restarts) = (Job::Queued, *restarts + 1);
                }
            }
            Event::Die(at) => {
                let at = at % count;
                if !matches!(self.jobs[at].0, Job::Trained | Job::Lost | Job::Gone) {
                    self.jobs[at].0 = Job::Gone;
                    self.killed.insert(at);
                }
            }
            Event::Watch => {
                let Some(owner) = claim::owner(&self.place).unwrap() else {
                    return;
                };
                let owner = usize::try_from(owner.member).unwrap();
                for (at, (job, _)) in self.jobs.iter_mut().enumerate() {
                    if at != owner && matches!(job, Job::Queued) {
                        *job = Job::Gone;
                        self.cancelled.insert(at);
                    }
                }
            }
        }
    }

    /// Lets all go on to their ends.
    fn finish(&mut self) {
        for at in 0..self.jobs.len() {
            for _ in 0..5 {
                self.step(at);
            }
        }
    }
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let event = prop_oneof![
        8 => (0_usize..8).prop_map(Event::Step),
        2 => (0_usize..8).prop_map(Event::Requeue),
        1 => (0_usize..8).prop_map(Event::Die),
        2 => Just(Event::Watch),
    ];
    prop::collection::vec(event, 0..60)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn whatever_happens_one_trains_at_most_and_none_is_lost_by_us(
        count in 2_usize..7,
        events in events(),
    ) {
        let run = tempfile::tempdir().unwrap();
        let mut model = Model::new(run.path(), count);
        for event in &events {
            model.happen(event);
            prop_assert!(model.trainers.len() < 2, "{:?} train", model.trainers);
        }
        model.finish();
        prop_assert!(model.trainers.len() < 2, "{:?} train", model.trainers);
        let trained = model.jobs.iter().filter(|(job, _)| matches!(job, Job::Trained)).count();
        let owner = claim::owner(&model.place).unwrap();
        match owner {
            Some(owner) => {
                let owner = usize::try_from(owner.member).unwrap();
                prop_assert!(!model.cancelled.contains(&owner), "the winner was cancelled");
                // It trained to its end, or something else than we ended it.
                prop_assert!(trained == 1 || model.killed.contains(&owner));
            }
            // Nobody claimed it: all were ended by others.
            None => prop_assert_eq!(model.killed.len(), count),
        }
    }
}
