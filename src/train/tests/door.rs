//! The front door beside a trainer that does not start: what needs no libtorch is done all the same.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output};

use crate::data::world::{Recipe, World};

/// Asks a copy of the front door that lies beside a trainer made of these lines.
fn ask(place: &Path, trainer: &str, arguments: &[&str]) -> Output {
    let door = place.join("hlrp-train");
    if !door.exists() {
        fs::copy(env!("CARGO_BIN_EXE_hlrp-train"), &door).unwrap();
    }
    let beside = place.join("hlrp-train-torch");
    fs::write(&beside, format!("#!/bin/sh\n{trainer}\n")).unwrap();
    fs::set_permissions(&beside, fs::Permissions::from_mode(0o755)).unwrap();
    Command::new(door).args(arguments).output().unwrap()
}

#[test]
fn data_and_help_need_no_trainer_that_starts() {
    let place = tempfile::tempdir().unwrap();
    let world = World::new(&Recipe::default());
    let root = world.root();
    let inspect = ["data", "inspect", root.to_str().unwrap()];
    for trainer in ["exit 127", "echo the trainer"] {
        let ran = ask(place.path(), trainer, &inspect);
        let said = String::from_utf8_lossy(&ran.stdout);
        assert!(ran.status.success() && said.contains("episodes"), "{ran:?}");
    }
    let ran = ask(place.path(), "exit 127", &["--help"]);
    let said = String::from_utf8_lossy(&ran.stdout);
    assert!(ran.status.success() && said.contains("Usage"), "{ran:?}");
    let ran = ask(place.path(), "echo the trainer", &["--help"]);
    assert_eq!(ran.stdout, b"the trainer\n");
    let ran = ask(place.path(), "exit 127", &["train"]);
    assert_eq!(ran.status.code(), Some(127));
}
