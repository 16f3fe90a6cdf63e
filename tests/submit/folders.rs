//! Run directories and names: never taken over, never the same.

use std::collections::BTreeSet;
use std::fs;

use hlrp_sh::slurm::submit::{folder, name};
use proptest::prelude::*;
use tempfile::TempDir;

#[test]
fn a_taken_directory_gets_a_number() {
    let directory = TempDir::new().unwrap();
    let wanted = directory.path().join("runs/x");
    let made: Vec<_> = (0..3).map(|_| folder::claim(&wanted).unwrap()).collect();
    let names: Vec<_> = made
        .iter()
        .map(|path| path.file_name().unwrap().to_str().unwrap())
        .collect();
    assert_eq!(names, ["x", "x_2", "x_3"]);
}

#[test]
fn many_at_once_get_one_each() {
    let directory = TempDir::new().unwrap();
    let wanted = directory.path().join("runs/x");
    let made: BTreeSet<_> = std::thread::scope(|scope| {
        let all: Vec<_> = (0..16)
            .map(|_| scope.spawn(|| folder::claim(&wanted).unwrap()))
            .collect();
        all.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert_eq!(made.len(), 16);
}

#[test]
fn no_file_is_written_over() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("script.sbatch");
    folder::put(&path, "one", 0o644).unwrap();
    let second = folder::put(&path, "two", 0o644).unwrap();
    assert_eq!(second.file_name().unwrap(), "script-2.sbatch");
    assert_eq!(fs::read_to_string(&path).unwrap(), "one");
}

proptest! {
    #[test]
    fn names_of_points_are_all_different(
        points in prop::collection::vec(prop::collection::vec("[a-c]{1,2}=[a-zA-Z0-9_./ '-]{0,12}", 1..3), 1..12)
    ) {
        let names = name::suffixes(&points);
        let unique: BTreeSet<String> = names.iter().map(|name| name.to_lowercase()).collect();
        prop_assert_eq!(unique.len(), points.len());
        for name in &names {
            prop_assert!(name.len() <= 130 && !name.contains(['/', ' ', '\'']), "{}", name);
        }
    }
}
