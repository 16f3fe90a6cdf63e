//! A run directory that is used again: by its own run, by another, by two at once.

use std::fs;
use std::path::PathBuf;
use std::thread::sleep;
use std::time::Duration;

use crate::running::{Bench, Started, ended, whole};

#[test]
fn its_own_checkpoints_are_known_when_it_is_started_again() {
    let bench = Bench::new();
    let foreign = bench.run("other").join("checkpoints/step_0000007");
    let steps = |steps: u64| format!("training.max_steps={steps}");
    let keep = "training.checkpoint.keep=2";
    let flat = "training.scheduler.type=none";
    let train = |name: &str, count| {
        let (status, said) = ended(&mut bench.command(name, &[keep, flat, &steps(count)]));
        assert_eq!(status, 0, "{said}");
    };
    train("other", 7);
    train("few", 14);
    // Somebody put a checkpoint of another run there.
    let place = bench.run("few").join("checkpoints");
    fs::create_dir(place.join("step_0000003")).unwrap();
    for file in fs::read_dir(foreign).unwrap() {
        let file = file.unwrap().path();
        let name = file.file_name().unwrap();
        fs::copy(&file, place.join("step_0000003").join(name)).unwrap();
    }
    train("few", 21);
    train("few", 28);
    let left = ["step_0000003", "step_0000021", "step_0000028"];
    assert_eq!(bench.checkpoints("few"), left);
}

#[test]
fn a_run_directory_is_of_one_run_and_one_process() {
    let bench = Bench::new();
    let mut started = Started(bench.command("one", &[]).spawn().unwrap());
    while bench.lines_so_far("one") < 3 {
        assert!(started.0.try_wait().unwrap().is_none());
        sleep(Duration::from_millis(2));
    }
    let (status, said) = ended(&mut bench.command("one", &[]));
    assert_eq!(status, 1, "{said}");
    assert!(said.contains("another process trains"), "{said}");
    drop(started);
    let (status, said) = ended(&mut bench.command("one", &["seed=7"]));
    assert_eq!(status, 78, "{said}");
    assert!(said.contains("`seed` was 42 and is 7"), "{said}");
    whole(&bench, "one");
    // A directory that does not answer is not an empty one.
    fs::create_dir(bench.run("odd")).unwrap();
    fs::write(bench.run("odd").join("checkpoints"), "").unwrap();
    let (status, said) = ended(&mut bench.command("odd", &[]));
    assert_eq!(status, 1, "{said}");
    assert_eq!(bench.lines("odd").len(), 0);
}

#[test]
fn a_validation_that_fails_is_made_up_for() {
    let bench = Bench::new();
    let lines = whole(&bench, "unbroken");
    // Pictures have no place to go to.
    fs::create_dir(bench.run("stuck")).unwrap();
    let pictures = bench.run("stuck").join("validation");
    fs::write(&pictures, "").unwrap();
    let (status, said) = ended(&mut bench.command("stuck", &[]));
    assert_eq!(status, 1, "{said}");
    assert!(said.contains("step_0000025"), "{said}");
    assert_eq!(bench.lines("stuck").len(), 24);
    let saved = bench.checkpoints("stuck");
    assert_eq!(saved.last().unwrap(), "step_0000025");
    fs::remove_file(&pictures).unwrap();
    assert_eq!(whole(&bench, "stuck"), lines);
    assert!(pictures.join("step_0000025/codebook.png").exists());
}

#[test]
fn tensorboard_is_told_again_what_a_killed_run_had_told_it() {
    let bench = Bench::new();
    let rare = ["training.checkpoint.every_n_train_steps=20"];
    let mut started = Started(bench.command("told", &rare).spawn().unwrap());
    // Measured at 25, saved at 20.
    while bench.lines_so_far("told") < 26 {
        assert!(started.0.try_wait().unwrap().is_none());
        sleep(Duration::from_millis(2));
    }
    drop(started);
    let events = || -> Vec<PathBuf> {
        let entries = fs::read_dir(bench.run("told")).unwrap();
        let paths = entries.map(|entry| entry.unwrap().path());
        paths
            .filter(|path| path.to_string_lossy().contains("tfevents"))
            .collect()
    };
    let before = events();
    let (status, said) = ended(&mut bench.command("told", &rare));
    assert_eq!(status, 0, "{said}");
    let new = events().into_iter().find(|path| !before.contains(path));
    let bytes = fs::read(new.unwrap()).unwrap();
    let count = |name: &[u8]| {
        bytes
            .windows(name.len())
            .filter(|part| *part == name)
            .count()
    };
    // At 25 again, at 50 and at 60.
    assert_eq!(count(b"val/copy_first_frame"), 3);
    assert_eq!(count(b"val/codebook"), 3);
}
