//! Archiving moves, and only what may move.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use hlrp_sh::retain::archive::{archive, destination};

use super::{World, read, status};

const DAY: &str = "2026-01-31";

#[test]
fn a_thing_moves_whole_to_its_dated_place() {
    let world = World::new();
    let file = world.write("runs/laq/ckpt.pt", "weights");
    let inode = status(&file).inode;
    let (_, to) = destination(&[world.root()], &world.path("runs/laq"), DAY).unwrap();
    let archived = archive(&world.path("runs/laq"), &to, None).unwrap();
    assert_eq!(archived.to, world.path("_archive/2026-01-31/runs/laq"));
    assert_eq!(status(&archived.to.join("ckpt.pt")).inode, inode);
    assert!(!world.path("runs/laq").exists());
}

#[test]
fn a_name_that_is_taken_gets_a_number() {
    let world = World::new();
    for expected in ["x", "x.1", "x.2"] {
        let path = world.write("x", expected);
        let (_, to) = destination(&[world.root()], &path, DAY).unwrap();
        let archived = archive(&path, &to, Some(&world.store("s1"))).unwrap();
        assert_eq!(
            archived.to,
            world.path("_archive/2026-01-31").join(expected)
        );
        assert_eq!(read(&archived.to), expected);
    }
}

#[test]
fn a_link_moves_itself_and_not_what_it_means() {
    let world = World::new();
    let file = world.write("data", "x");
    let link = world.path("link");
    symlink(&file, &link).unwrap();
    let (_, to) = destination(&[world.root()], &link, DAY).unwrap();
    let archived = archive(&link, &to, None).unwrap();
    assert!(fs::symlink_metadata(&archived.to).unwrap().is_symlink());
    assert!(file.exists());
}

#[test]
fn roots_stores_archives_and_other_peoples_things_stay() {
    let world = World::new();
    let roots = [world.root(), world.path("nested")];
    let stays = [
        world.root(),
        world.path("nested"),
        world.root().parent().unwrap().to_owned(),
        world.path(".hlrp"),
        world.path(".hlrp/retained/s1"),
        world.path("_archive"),
        world.path("_archive/2020-01-01/x"),
        Path::new("/etc/hosts").to_owned(),
        Path::new("/").to_owned(),
    ];
    for path in stays {
        assert!(destination(&roots, &path, DAY).is_err(), "{path:?}");
    }
    let (root, to) = destination(&roots, &world.path("nested/x"), DAY).unwrap();
    assert_eq!(
        (root, to),
        (
            world.path("nested"),
            world.path("nested/_archive/2026-01-31/x")
        )
    );
}

#[test]
fn from_another_file_system_a_file_is_copied_and_the_original_retained() {
    let world = World::new();
    let elsewhere = tempfile::TempDir::new_in("/dev/shm").unwrap();
    if status(&world.root()).device == status(elsewhere.path()).device {
        println!("skipped: there is one file system only");
        return;
    }
    let path = elsewhere.path().join("x");
    fs::write(&path, "text").unwrap();
    let to = world.path("_archive/2026-01-31/x");
    let archived = archive(&path, &to, Some(&world.store("s1"))).unwrap();
    assert_eq!(read(&archived.to), "text");
    assert_eq!(read(&archived.parked.unwrap()), "text");
    assert!(!path.exists());
    // A tree stays, and so does what no store takes.
    fs::create_dir(&path).unwrap();
    assert!(archive(&path, &to, Some(&world.store("s1"))).is_err());
    let lone = elsewhere.path().join("y");
    fs::write(&lone, "y").unwrap();
    assert!(archive(&lone, &world.path("_archive/y"), None).is_err());
    assert!(path.exists() && lone.exists());
}
