//! The readers bear what crashes, other versions and strangers leave behind.

use std::fs;
use std::io::Write;

use hlrp_sh::retain::journal::{self, Entry, FILE, SCHEMA};
use hlrp_sh::retain::release::release;
use hlrp_sh::retain::{Journal, Operation, State};

use super::{World, read, status, what};

fn append(world: &World, session: &str, text: &str) {
    let path = world.store(session).directory().join(FILE);
    let mut file = fs::OpenOptions::new().append(true).open(path).unwrap();
    file.write_all(text.as_bytes()).unwrap();
}

#[test]
fn a_torn_last_line_hides_nothing_and_is_not_glued_to_the_next() {
    let world = World::new();
    let path = world.write("a", "a");
    world.park(&world.store("s1"), &path, Operation::Delete);
    append(&world, "s1", "{\"schema\":\"hlrp-sh/retai");
    let journals = Journal::read_all(&[world.root()]).unwrap();
    assert_eq!((journals[0].entries.len(), journals[0].unread), (1, 1));
    world.restore(&path).unwrap();
    let journals = Journal::read_all(&[world.root()]).unwrap();
    assert_eq!((journals[0].entries.len(), journals[0].unread), (2, 1));
    assert_eq!(world.kept()[0].state, State::Restored);
}

#[test]
fn lines_of_a_later_form_are_told_and_not_guessed_at() {
    let world = World::new();
    let path = world.write("a", "a");
    world.park(&world.store("s1"), &path, Operation::Delete);
    let line = read(&world.store("s1").directory().join(FILE));
    append(&world, "s1", &line.replace(SCHEMA, "hlrp-sh/retained/9"));
    append(&world, "s1", &line.replace("\"delete\"", "\"sublimate\""));
    append(&world, "s1", "\n\u{0}\n");
    let journals = Journal::read_all(&[world.root()]).unwrap();
    assert_eq!((journals[0].entries.len(), journals[0].unread), (1, 3));
}

#[test]
fn what_never_happened_is_not_listed() {
    let world = World::new();
    let path = world.write("a", "a");
    let store = world.store("s1");
    let found = status(&path);
    let parent = super::open(&world.root());
    use std::os::fd::AsFd;
    let missing = store.park(
        parent.as_fd(),
        c"nothing here",
        what(&path, &found, Operation::Delete),
    );
    assert!(missing.is_err());
    assert!(world.kept().is_empty());
    world.park(&store, &path, Operation::Delete);
    assert_eq!(world.kept().len(), 1);
}

#[test]
fn a_name_used_again_is_void_only_the_last_time() {
    let world = World::new();
    let path = world.write("a", "a");
    world.park(&world.store("s1"), &path, Operation::Delete);
    let line = read(&world.store("s1").directory().join(FILE));
    append(&world, "s1", &line);
    append(&world, "s1", &line.replace("\"delete\"", "\"void\""));
    assert_eq!(world.kept().len(), 1);
}

#[test]
fn what_somebody_took_from_the_store_is_missing() {
    let world = World::new();
    let path = world.write("a", "a");
    world.park(&world.store("s1"), &path, Operation::Delete);
    let kept = world.kept();
    fs::rename(kept[0].directory().join("00000001"), world.path("taken")).unwrap();
    let kept = world.kept();
    assert_eq!(kept[0].state, State::Missing);
    assert!(
        world
            .restorer(false)
            .restore(&kept[0], None, &kept)
            .is_err()
    );
}

#[test]
fn a_line_does_not_lead_out_of_the_store() {
    let world = World::new();
    let path = world.write("a", "a");
    let secret = world.write(".hlrp/retained/secret", "x");
    world.park(&world.store("s1"), &path, Operation::Delete);
    let line = read(&world.store("s1").directory().join(FILE));
    append(&world, "s1", &line.replace("00000001", "../secret"));
    assert_eq!(world.kept().len(), 1);
    assert!(secret.exists());
}

#[test]
fn roots_without_a_store_and_strange_things_in_one_are_passed_over() {
    let world = World::new();
    assert!(
        Journal::read_all(&[world.root(), world.path("nowhere")])
            .unwrap()
            .is_empty()
    );
    world.write(".hlrp/retained/a file", "x");
    fs::create_dir_all(world.path(".hlrp/retained/no journal")).unwrap();
    assert!(Journal::read_all(&[world.root()]).unwrap().is_empty());
}

#[test]
fn a_session_that_goes_on_uses_no_name_again() {
    let world = World::new();
    for text in ["one", "two"] {
        let path = world.write("f", text);
        world.park(&world.store("s1"), &path, Operation::Delete);
    }
    world.restore(&world.path("f")).unwrap();
    world.park(&world.store("s1"), &world.path("f"), Operation::Delete);
    let names: Vec<String> = world.kept().into_iter().map(|one| one.stored).collect();
    assert_eq!(names, ["00000001", "00000002", "00000003"]);
}

#[test]
fn sessions_are_read_in_the_order_of_time() {
    let world = World::new();
    for session in [
        "20300101-000000-a",
        "20100101-000000-z",
        "20200101-000000-m",
    ] {
        let path = world.write("f", session);
        world.park(&world.store(session), &path, Operation::Delete);
    }
    let journals = Journal::read_all(&[world.root()]).unwrap();
    let sessions: Vec<&str> = journals.iter().map(|one| one.session.as_str()).collect();
    assert_eq!(
        sessions,
        [
            "20100101-000000-z",
            "20200101-000000-m",
            "20300101-000000-a"
        ]
    );
    assert_eq!(journals[0].began(), 1_262_304_000);
}

#[test]
fn releasing_frees_one_thing_and_says_so() {
    let world = World::new();
    let store = world.store("s1");
    let (file, directory) = (world.write("f", "12345"), world.write("d/e", "123"));
    let other = world.write("other", "stays");
    world.park(&store, &file, Operation::Delete);
    world.park(&store, directory.parent().unwrap(), Operation::Replace);
    world.park(&store, &other, Operation::Delete);
    let kept = world.kept();
    assert_eq!(release(&kept[0]).unwrap(), 5);
    assert_eq!(release(&kept[1]).unwrap(), 3);
    assert!(release(&kept[0]).is_err());
    let states: Vec<State> = world.kept().iter().map(|one| one.state).collect();
    assert_eq!(states, [State::Released, State::Released, State::Kept]);
    world.restore(&other).unwrap();
    assert_eq!(read(&other), "stays");
}

#[test]
fn an_entry_writes_itself_and_reads_itself() {
    let world = World::new();
    let path = world.write("a", "a");
    world.park(&world.store("s1"), &path, Operation::Delete);
    let directory = world.store("s1").directory();
    let entry: Entry =
        serde_json::from_str(read(&directory.join(FILE)).lines().next().unwrap()).unwrap();
    journal::append(&mut journal::open(&directory, false).unwrap(), &entry).unwrap();
    let text = read(&directory.join(FILE));
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], lines[1]);
}
