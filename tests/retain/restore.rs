//! Content, mode, times, attributes and links come back as they were.

use std::ffi::OsString;
use std::fs::{self, File, Permissions};
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use hlrp_sh::retain::Operation;
use hlrp_sh::retain::plan::{Plan, is_tree, versions};
use hlrp_sh::retain::restore::{Error, How};
use hlrp_sh::sys::file;
use hlrp_sh::sys::meta;
use hlrp_sh::sys::names;

use super::{World, read, status};

/// Gives a file a mode, a time and an attribute of its own.
fn dress(path: &Path, mode: u32) {
    let attribute = file::open_path(path, nix::fcntl::OFlag::O_RDONLY).unwrap();
    let set = meta::change_attribute(attribute.as_fd(), c"user.hlrp", Some(b"kept"), 0);
    // Some file systems have none.
    let _ = set;
    let time = UNIX_EPOCH + Duration::new(1_000_000_000, 123_456_789);
    File::options()
        .write(true)
        .open(path)
        .unwrap()
        .set_modified(time)
        .unwrap();
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

type Look = (Vec<u8>, u32, i64, i64, Vec<(std::ffi::CString, Vec<u8>)>);

/// What must be the same after coming back.
fn look(path: &Path) -> Look {
    let found = fs::symlink_metadata(path).unwrap();
    let fd = file::open_path(path, nix::fcntl::OFlag::O_PATH).unwrap();
    (
        fs::read(path).unwrap(),
        found.mode(),
        found.mtime(),
        found.mtime_nsec(),
        meta::attributes(fd.as_fd()).unwrap(),
    )
}

#[test]
fn a_removed_file_comes_back_with_mode_time_and_attributes() {
    for mode in [0o644, 0o4750, 0o400, 0o777, 0o600] {
        let world = World::new();
        let path = world.write("a/b.txt", "hello");
        dress(&path, mode);
        let before = look(&path);
        world.park(&world.store("s1"), &path, Operation::Delete);
        assert!(!path.exists());
        let restored = world.restore(&path).unwrap();
        assert_eq!((restored.how, restored.parked), (How::Moved, None));
        assert_eq!(look(&path), before, "{mode:o}");
        assert!(world.kept().iter().all(|kept| !kept.is_kept()));
    }
}

#[test]
fn an_edited_file_comes_back_and_the_edit_is_retained() {
    let world = World::new();
    let path = world.write("a.txt", "before");
    dress(&path, 0o640);
    let before = look(&path);
    world.snapshot(&world.store("s1"), &path);
    fs::write(&path, "after").unwrap();
    let restored = world.restore(&path).unwrap();
    assert_eq!(look(&path), before);
    assert_eq!(read(&restored.parked.unwrap()), "after");
    // And back again.
    world.restore(&path).unwrap();
    assert_eq!(read(&path), "after");
    world.restore(&path).unwrap();
    assert_eq!(look(&path), before);
}

#[test]
fn an_edit_that_changed_nothing_needs_no_restoring() {
    let world = World::new();
    let path = world.write("a.txt", "same");
    world.snapshot(&world.store("s1"), &path);
    let restored = world.restore(&path).unwrap();
    assert_eq!(restored.how, How::Unchanged);
    assert_eq!(world.kept().len(), 1);
}

#[test]
fn a_truncated_file_comes_back_as_the_very_file() {
    let world = World::new();
    let path = world.write("log", "long text");
    dress(&path, 0o664);
    let (before, inode) = (look(&path), status(&path).inode);
    world.swap(&world.store("s1"), &path);
    assert_eq!(read(&path), "");
    world.restore(&path).unwrap();
    assert_eq!(look(&path), before);
    assert_eq!(status(&path).inode, inode);
}

#[test]
fn hard_links_stay_linked() {
    let world = World::new();
    let path = world.write("one", "shared");
    let other = world.path("other");
    fs::hard_link(&path, &other).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o660)).unwrap();
    world.park(&world.store("s1"), &path, Operation::Delete);
    assert_eq!(fs::metadata(&other).unwrap().mode() & 0o7777, 0o660);
    world.restore(&path).unwrap();
    assert_eq!(status(&path).identity(), status(&other).identity());
    assert_eq!(fs::metadata(&path).unwrap().mode() & 0o7777, 0o660);
}

#[test]
fn links_empty_directories_and_pipes_come_back() {
    let world = World::new();
    let store = world.store("s1");
    let (link, directory, pipe) = (world.path("link"), world.path("dir"), world.path("pipe"));
    symlink("nowhere/at all", &link).unwrap();
    fs::create_dir(&directory).unwrap();
    fs::set_permissions(&directory, Permissions::from_mode(0o1770)).unwrap();
    names::make_node(
        file::cwd(),
        &file::c_path(&pipe).unwrap(),
        libc::S_IFIFO | 0o600,
        0,
    )
    .unwrap();
    for path in [&link, &directory, &pipe] {
        world.park(&store, path, Operation::Delete);
        assert!(path.symlink_metadata().is_err());
        world.restore(path).unwrap();
    }
    assert_eq!(fs::read_link(&link).unwrap(), Path::new("nowhere/at all"));
    assert_eq!(fs::metadata(&directory).unwrap().mode() & 0o7777, 0o1770);
    assert_eq!(status(&pipe).kind(), libc::S_IFIFO);
}

#[test]
fn hostile_names_come_back() {
    let names: [&[u8]; 5] = [b"\xff\xfe\x80", b"a\nb", b"-rf", b"\x1b[2J", b"  "];
    for name in names {
        let world = World::new();
        let path = world.path(OsString::from_vec(name.to_vec()));
        fs::write(&path, name).unwrap();
        world.park(&world.store("s1"), &path, Operation::Delete);
        world.restore(&path).unwrap();
        assert_eq!(fs::read(&path).unwrap(), name);
        // Where it went stands in the journal, to the byte.
        assert_eq!(world.kept()[0].back.as_ref(), Some(&path));
    }
}

#[test]
fn every_generation_can_be_had() {
    let world = World::new();
    let path = world.path("f");
    for generation in 0..6 {
        fs::write(&path, generation.to_string()).unwrap();
        world.park(
            &world.store(&format!("s{}", generation / 2)),
            &path,
            Operation::Delete,
        );
    }
    let kept = world.kept();
    assert_eq!(versions(&kept, &path, None).len(), 6);
    assert_eq!(versions(&kept, &path, Some("s1")).len(), 2);
    let to = world.path("third");
    world.restore_version(&path, 4, Some(&to), false).unwrap();
    assert_eq!(read(&to), "2");
    world.restore(&path).unwrap();
    assert_eq!(read(&path), "5");
    // Each further one displaces the one before, which stays retained.
    world.restore_version(&path, 2, None, false).unwrap();
    assert_eq!(world.kept().iter().filter(|kept| kept.is_kept()).count(), 4);
}

#[test]
fn what_stands_there_is_never_lost() {
    let world = World::new();
    let path = world.write("x", "old");
    world.park(&world.store("s1"), &path, Operation::Delete);
    // A whole directory took the name meanwhile.
    world.write("x/deep/file", "new");
    let restored = world.restore(&path).unwrap();
    assert_eq!(read(&path), "old");
    assert_eq!(read(&restored.parked.unwrap().join("deep/file")), "new");
    // And that one can come back too.
    world.restore(&path).unwrap();
    assert_eq!(read(&path.join("deep/file")), "new");
}

#[test]
fn a_place_that_is_taken_outside_of_every_root_stays() {
    let world = World::new();
    let elsewhere = World::new();
    let taken = elsewhere.write("taken", "theirs");
    let path = world.write("x", "mine");
    world.park(&world.store("s1"), &path, Operation::Delete);
    let fault = world
        .restore_version(&path, 1, Some(&taken), false)
        .unwrap_err();
    assert!(matches!(fault, Error::Taken { .. }), "{fault:?}");
    assert_eq!(read(&taken), "theirs");
    world.restore(&path).unwrap();
    assert_eq!(read(&path), "mine");
}

#[test]
fn parents_that_vanished_come_back_with_their_modes() {
    let world = World::new();
    let path = world.write("run/ckpt/last.pt", "weights");
    let directory = world.path("run/ckpt");
    fs::set_permissions(&directory, Permissions::from_mode(0o2750)).unwrap();
    let store = world.store("s1");
    world.park(&store, &path, Operation::Delete);
    world.park(&store, &directory, Operation::Delete);
    fs::remove_dir(world.path("run")).unwrap();
    world.restore(&path).unwrap();
    assert_eq!(read(&path), "weights");
    assert_eq!(fs::metadata(&directory).unwrap().mode() & 0o7777, 0o2750);
}

#[test]
fn a_directory_comes_back_with_everything_below_it() {
    let world = World::new();
    let names = ["d/a", "d/b/c", "d/b/e/f", "d/empty"];
    for name in &names[..3] {
        world.write(name, name);
    }
    fs::create_dir(world.path("d/empty")).unwrap();
    let store = world.store("s1");
    for name in ["d/b/e/f", "d/b/e", "d/b/c", "d/b", "d/a", "d/empty", "d"] {
        world.park(&store, &world.path(name), Operation::Delete);
    }
    let kept = world.kept();
    assert!(is_tree(&kept, &world.path("d"), None));
    assert!(!is_tree(&kept, &world.path("d/a"), None));
    let plan = Plan::new(&kept, Some(&world.path("d")), None);
    assert_eq!((plan.things.len(), plan.passing), (7, 0));
    let restorer = world.restorer(false);
    for one in &plan.things {
        restorer.restore(one, None, &kept).unwrap();
    }
    for name in &names[..3] {
        assert_eq!(read(&world.path(name)), *name);
    }
    assert!(world.path("d/empty").is_dir());
}

#[test]
fn a_session_is_undone_to_what_was_before_it() {
    let world = World::new();
    let session = "20200101-000000-0a0b0c0d";
    let store = world.store(session);
    let path = world.write("f", "first");
    dress(&path, 0o644);
    world.park(&store, &path, Operation::Delete);
    fs::write(&path, "second, made by the session").unwrap();
    world.park(&store, &path, Operation::Delete);
    let passing = world.write("tmp", "made by the session");
    world.park(&store, &passing, Operation::Delete);
    let kept = world.kept();
    let plan = Plan::new(&kept, None, Some(session));
    assert_eq!((plan.things.len(), plan.passing), (1, 1));
    assert_eq!(plan.things[0].stored, "00000001");
    world
        .restorer(false)
        .restore(plan.things[0], None, &kept)
        .unwrap();
    assert_eq!(read(&path), "first");
}

#[test]
fn inside_the_guard_things_come_back_as_copies() {
    let world = World::new();
    let (path, link) = (world.write("a.txt", "before"), world.path("l"));
    dress(&path, 0o640);
    symlink("target", &link).unwrap();
    let before = look(&path);
    let store = world.store("s1");
    world.park(&store, &path, Operation::Delete);
    world.park(&store, &link, Operation::Delete);
    for present in [None, Some("present")] {
        if let Some(text) = present {
            fs::write(&path, text).unwrap();
        }
        let restored = world.restore_version(&path, 1, None, true).unwrap();
        assert_eq!((restored.how, restored.parked), (How::Copied, None));
        assert_eq!(look(&path), before);
    }
    world.restore_version(&link, 1, None, true).unwrap();
    assert_eq!(fs::read_link(&link).unwrap(), Path::new("target"));
    let names: Vec<_> = fs::read_dir(world.root())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(names.len(), 3, "{names:?}");
    assert_eq!(world.kept().iter().filter(|kept| kept.is_kept()).count(), 2);
}

#[test]
fn another_file_system_gets_a_copy_and_the_store_keeps_its_own() {
    let (world, elsewhere) = (World::new(), tempfile::TempDir::new_in("/dev/shm").unwrap());
    if status(&world.root()).device == status(elsewhere.path()).device {
        println!("skipped: there is one file system only");
        return;
    }
    let path = world.write("a", "text");
    dress(&path, 0o640);
    let before = look(&path);
    world.park(&world.store("s1"), &path, Operation::Delete);
    let to = elsewhere.path().join("a");
    let restored = world.restore_version(&path, 1, Some(&to), false).unwrap();
    assert_eq!(restored.how, How::Copied);
    let after = look(&to);
    assert_eq!(
        (after.0, after.1, after.2, after.3),
        (before.0, before.1, before.2, before.3)
    );
    assert!(world.kept()[0].is_kept());
    // Nothing is left beside it, also where the name is taken and cannot be retained.
    assert!(world.restore_version(&path, 1, Some(&to), false).is_err() || look(&to).0 == b"text");
    assert_eq!(fs::read_dir(elsewhere.path()).unwrap().count(), 1);
}
