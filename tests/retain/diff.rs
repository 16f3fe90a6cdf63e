//! What a session did is told: by its journal, and by the times of the files.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use hlrp_sh::retain::diff::Changes;
use hlrp_sh::retain::patch::Patch;
use hlrp_sh::retain::scan::{Found, Span, scan};
use hlrp_sh::retain::{Journal, Operation};

use super::{World, status, what};

fn changes(world: &World, found: Option<&Found>) -> Changes {
    let journals = Journal::read_all(&[world.root()]).unwrap();
    let session: Vec<&Journal> = journals.iter().filter(|one| one.session == "s1").collect();
    Changes::of(&session, found)
}

fn paths<'a>(list: impl IntoIterator<Item = &'a PathBuf>, world: &World) -> Vec<String> {
    let short = |path: &PathBuf| {
        path.strip_prefix(world.root())
            .unwrap()
            .display()
            .to_string()
    };
    list.into_iter().map(short).collect()
}

/// Waits until the clock that file times are taken from has moved on.
fn pause() -> SystemTime {
    std::thread::sleep(Duration::from_millis(30));
    let now = SystemTime::now();
    std::thread::sleep(Duration::from_millis(30));
    now
}

#[test]
fn every_kind_of_change_is_told() {
    let world = World::new();
    for name in [
        "edited",
        "removed",
        "replaced",
        "appended",
        "moved",
        "untouched",
        "edited and moved",
    ] {
        world.write(name, "before");
    }
    let from = pause();
    let store = world.store("s1");
    world.snapshot(&store, &world.path("edited"));
    world.write("edited", "after, longer");
    world.park(&store, &world.path("removed"), Operation::Delete);
    world.park(&store, &world.path("replaced"), Operation::Replace);
    world.write("replaced", "new");
    fs::write(world.path("appended"), "before and after").unwrap();
    world.snapshot(&store, &world.path("edited and moved"));
    for (old, new) in [("moved", "m1"), ("m1", "m2"), ("edited and moved", "e2")] {
        let found = status(&world.path(old));
        store.note(
            what(&world.path(old), &found, Operation::Rename),
            Some(&world.path(new)),
        );
        fs::rename(world.path(old), world.path(new)).unwrap();
    }
    world.write("new.txt", "12345");
    world.write("tree/a", "1");
    world.write("tree/b/c", "22");
    let found = scan(
        &[world.root()],
        &[],
        Span {
            from,
            to: SystemTime::now(),
        },
        &mut |_| {},
    );
    let changes = changes(&world, Some(&found));
    assert_eq!(
        paths(changes.created.iter().map(|made| &made.path), &world),
        ["new.txt", "tree"]
    );
    assert_eq!(
        (changes.created[1].entries, changes.created[1].size),
        (3, 3)
    );
    assert_eq!(
        paths(changes.changed.iter().map(|one| &one.path), &world),
        ["appended", "edited", "edited and moved"]
    );
    assert_eq!(changes.changed[2].now, Some(world.path("e2")));
    assert_eq!(
        paths(changes.removed.iter().map(|one| &one.path), &world),
        ["removed"]
    );
    assert_eq!(
        paths(changes.replaced.iter().map(|one| &one.path), &world),
        ["replaced"]
    );
    let moves: Vec<_> = changes
        .renamed
        .iter()
        .map(|one| (one.from.clone(), one.to.clone()))
        .collect();
    let expected = [("moved", "m2"), ("edited and moved", "e2")];
    assert_eq!(
        moves,
        expected.map(|(from, to)| (world.path(from), world.path(to)))
    );
}

#[test]
fn what_was_put_back_is_no_change() {
    let world = World::new();
    let path = world.write("a", "a");
    world.park(&world.store("s1"), &path, Operation::Delete);
    assert_eq!(changes(&world, None).removed.len(), 1);
    world.restore(&path).unwrap();
    let changes = changes(&world, None);
    assert!(changes.removed.is_empty() && changes.replaced.is_empty());
}

#[test]
fn stores_and_what_is_to_be_skipped_are_not_looked_into() {
    let world = World::new();
    let from = pause();
    world.write(".hlrp/retained/s1/x", "x");
    world.write("state/record", "x");
    let span = Span {
        from,
        to: SystemTime::now(),
    };
    let found = scan(&[world.root()], &[world.path("state")], span, &mut |_| {});
    assert!(found.made.is_empty(), "{:?}", found.made);
}

#[test]
fn text_is_compared_line_by_line_and_nothing_else_is() {
    let world = World::new();
    let (old, new) = (
        world.write("old", "a\nb\nc\n"),
        world.write("new", "a\nB\nc\n"),
    );
    let Patch::Text(text) = Patch::of(Some(&old), Some(&new), Path::new("/x/f")) else {
        panic!()
    };
    assert_eq!(
        text,
        "--- a/x/f\n+++ b/x/f\n@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n"
    );
    assert_eq!(
        Patch::of(Some(&old), Some(&old), &old),
        Patch::Text(String::new())
    );
    let Patch::Text(text) = Patch::of(None, Some(&new), &new) else {
        panic!()
    };
    assert!(text.starts_with("--- /dev/null\n"), "{text}");
    fs::write(&new, b"\x00\x01").unwrap();
    assert!(matches!(
        Patch::of(Some(&old), Some(&new), &new),
        Patch::None(_)
    ));
    assert!(matches!(
        Patch::of(Some(&old), Some(&world.root()), &new),
        Patch::None(_)
    ));
}
