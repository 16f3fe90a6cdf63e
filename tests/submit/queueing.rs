//! Calls of sbatch, with an sbatch that is a fake: each crash point of a sweep, and what is
//! queued after it.

use std::cell::RefCell;
use std::path::PathBuf;

use hlrp_sh::slurm::submit::manifest::{Entry, Manifest, Progress};
use hlrp_sh::slurm::submit::queue::{Ended, Refused, queue};
use hlrp_sh::slurm::submit::resume::{Facts, decide};

use super::World;

/// A Slurm that remembers what it was asked for, and fails where it is told to.
#[derive(Default)]
struct FakeSlurm {
    jobs: RefCell<Vec<(u64, String)>>,
}

impl FakeSlurm {
    fn take(&self, entry: &Entry) -> Result<String, Refused> {
        let id = 100 + self.jobs.borrow().len() as u64;
        self.jobs.borrow_mut().push((id, entry.comment.clone()));
        Ok(format!("{id}\n"))
    }

    fn facts(&self) -> Facts {
        let mut facts = Facts::default();
        let lines = self
            .jobs
            .borrow()
            .iter()
            .map(|(id, comment)| format!("{id}|N/A|PENDING|{comment}\n"))
            .collect::<String>();
        facts.queue(&lines);
        facts.accounts("");
        facts
    }
}

fn five(world: &World) -> (Manifest, PathBuf) {
    let plan = world.plan(&["seed=1,2,3,4,5"]).unwrap();
    let manifest = Manifest::new(&plan, &world.path(), &[], "2026-01-31_12-00-00");
    let path = world.path().join("manifest.json");
    manifest.create(&path).unwrap();
    (manifest, path)
}

#[test]
fn wherever_it_breaks_every_point_is_queued_once_in_the_end() {
    for at in 0..5 {
        for has_reached_slurm in [false, true] {
            let world = World::new();
            let (mut manifest, path) = five(&world);
            let slurm = FakeSlurm::default();
            let mut calls = 0;
            let ended = queue(&mut manifest, &path, &[0, 1, 2, 3, 4], &mut |entry| {
                calls += 1;
                if calls - 1 == at {
                    if has_reached_slurm {
                        slurm.take(entry)?;
                    }
                    return Err(Refused::Unreachable("the connection broke".into()));
                }
                slurm.take(entry)
            });
            assert!(matches!(ended.unwrap(), Ended::At { entry, .. } if entry == at));
            let mut found = Manifest::load(&path).unwrap();
            assert_eq!(found, manifest);
            let verdict = decide(&mut found, &slurm.facts(), false);
            queue(&mut found, &path, &verdict.again, &mut |entry| {
                slurm.take(entry)
            })
            .unwrap();
            let mut comments: Vec<String> = slurm
                .jobs
                .borrow()
                .iter()
                .map(|(_, comment)| comment.clone())
                .collect();
            comments.sort();
            comments.dedup();
            assert_eq!(
                (comments.len(), slurm.jobs.borrow().len()),
                (5, 5),
                "broken at {at}"
            );
            assert!(found.jobs.iter().all(|entry| entry.job().is_some()));
        }
    }
}

#[test]
fn a_refusal_is_remembered_with_its_reason() {
    let world = World::new();
    let (mut manifest, path) = five(&world);
    let slurm = FakeSlurm::default();
    let ended = queue(
        &mut manifest,
        &path,
        &[0, 1, 2, 3, 4],
        &mut |entry| match entry.points[0] {
            2 => Err(Refused::No("invalid qos".into())),
            _ => slurm.take(entry),
        },
    );
    assert!(matches!(ended.unwrap(), Ended::At { entry: 2, .. }));
    let found = Manifest::load(&path).unwrap();
    assert_eq!(
        found.jobs[2].state,
        Progress::Refused {
            reason: "invalid qos".into()
        }
    );
    assert_eq!(found.jobs[1].job(), Some("101"));
    assert_eq!(found.jobs[3].state, Progress::Intended);
}

#[test]
fn a_manifest_is_whole_or_as_before() {
    let world = World::new();
    let (manifest, path) = five(&world);
    let before = std::fs::read(&path).unwrap();
    assert!(manifest.create(&path).is_err(), "it is never taken over");
    manifest.update(&path).unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), before);
    std::fs::write(&path, "{\"schema\": \"else\"").unwrap();
    assert!(Manifest::load(&path).is_err());
}
