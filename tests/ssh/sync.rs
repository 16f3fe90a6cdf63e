//! `hlrp-sh sync`: code carried to another machine and back; nothing is ever deleted.

use super::door::Door;
use super::remote::{near, on_terminal};
use crate::guard::bench::{Bench, has};
use crate::guard::running::{Ran, Running};

fn open(name: &str) -> Option<Door> {
    if !has("rsync", name) {
        return None;
    }
    let door = Door::with(name, Bench::new(), |_| "/bin/bash".into())?;
    for (name, text) in [
        ("one", "new one\n"),
        ("sub/two", "2\n"),
        (".git/HEAD", "mine\n"),
        (".gitignore", "*.o\n"),
        ("x.o", "object\n"),
    ] {
        door.bench.file(&format!("home/tree/{name}"), text);
    }
    Some(door)
}

fn sync(door: &Door, words: &[&str]) -> Ran {
    let mut all = vec!["sync", "host"];
    all.extend(words);
    Running::start(&mut near(door, &all)).end()
}

/// Gives a file a time long ago.
fn old(door: &Door, file: &str) {
    let time = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000);
    let file = std::fs::File::options()
        .write(true)
        .open(door.bench.path(file));
    file.unwrap().set_modified(time).unwrap();
}

#[test]
fn what_is_newer_there_stays_until_it_is_asked_for() {
    let Some(door) = open("sync-newer") else {
        return;
    };
    door.bench.file("home/copy/one", "newer there\n");
    old(&door, "home/tree/one");
    sync(&door, &["tree", "--to", "copy", "--yes"]).ended(0);
    assert_eq!(door.bench.read("home/copy/one"), "newer there\n");
    sync(&door, &["tree", "--to", "copy", "--yes", "--newer"]).ended(0);
    assert_eq!(door.bench.read("home/copy/one"), "new one\n");
    assert!(door.retained().contains(&"newer there\n".to_owned()));
}

#[test]
fn what_is_replaced_is_kept_and_nothing_is_deleted() {
    let Some(door) = open("sync") else { return };
    let bench = &door.bench;
    bench.file("home/copy/one", "old one\n");
    old(&door, "home/copy/one");
    bench.file("home/copy/extra", "only there\n");
    bench.file("home/copy/.git/HEAD", "theirs\n");
    for words in [&["--dry-run"][..], &[]] {
        let ran = sync(&door, &[&["tree", "--to", "copy"], words].concat());
        assert_eq!(ran.code(), i32::from(words.is_empty()), "{}", ran.err);
        let lines: Vec<&str> = ran.out.lines().collect();
        let expected = ["new       .gitignore", "new       sub/two", "replaced  one"];
        assert_eq!(lines, expected, "{}", ran.err);
        assert_eq!(bench.read("home/copy/one"), "old one\n");
        assert!(!bench.path("home/copy/sub").exists());
    }
    sync(&door, &["tree", "--to", "copy", "--yes"])
        .ended(0)
        .told("in the store of host");
    for (name, text) in [
        ("one", "new one\n"),
        ("sub/two", "2\n"),
        ("extra", "only there\n"),
        (".git/HEAD", "theirs\n"),
    ] {
        assert_eq!(bench.read(&format!("home/copy/{name}")), text);
    }
    assert!(!bench.path("home/copy/x.o").exists());
    assert!(door.retained().contains(&"old one\n".to_owned()));
    sync(&door, &["tree", "--to", "copy", "--yes"])
        .ended(0)
        .said("")
        .told("nothing to carry");
    // And back.
    bench.file("home/copy/one", "changed there\n");
    old(&door, "home/tree/one");
    bench.file("home/tree/here", "only here\n");
    sync(&door, &["tree", "--to", "copy", "--pull", "--yes"])
        .ended(0)
        .told("in the store of this machine");
    assert_eq!(bench.read("home/tree/one"), "changed there\n");
    assert_eq!(bench.read("home/tree/extra"), "only there\n");
    assert_eq!(bench.read("home/tree/here"), "only here\n");
    assert_eq!(bench.read("home/tree/.git/HEAD"), "mine\n");
    assert!(door.retained().contains(&"new one\n".to_owned()));
    // A single file, to where nothing is yet.
    sync(&door, &["tree/one", "--to", "a/b/c", "--yes"]).ended(0);
    assert_eq!(bench.read("home/a/b/c"), "changed there\n");
    sync(&door, &["tree", "--to", "d/e/f", "--yes"]).ended(0);
    assert_eq!(bench.read("home/d/e/f/sub/two"), "2\n");
}

#[test]
fn odd_names_stay_what_they_are() {
    let Some(door) = open("sync-names") else {
        return;
    };
    let odd = "-e touch made;'$(touch made)' a:b*";
    door.bench.file(&format!("home/tree/{odd}/x"), "x\n");
    sync(&door, &["tree", "--to", "it's $(touch made) copy", "--yes"]).ended(0);
    let there = format!("home/it's $(touch made) copy/{odd}/x");
    assert_eq!(door.bench.read(&there), "x\n");
    let path = format!("tree/{odd}");
    sync(&door, &["--to=-x", "--yes", "--", &path]).ended(0);
    assert_eq!(door.bench.read("home/-x/x"), "x\n");
    for bad in [
        &["--to", "a\nb"][..],
        &["--to", "~"],
        &["--exclude", "a\nb", "--to", "x"],
    ] {
        let ran = sync(&door, &[&["tree", "--yes"], bad].concat());
        assert_eq!(ran.code(), 2, "{}", ran.err);
    }
    sync(&door, &["nothing", "--to", "x"]).ended(1);
    let mut command = near(&door, &["sync", "-e touch made", "tree"]);
    Running::start(&mut command).end().ended(2);
    assert!(!door.bench.path("home/made").exists());
}

#[test]
fn a_person_sees_it_before_it_is_done() {
    let Some(door) = open("sync-ask") else {
        return;
    };
    for (answer, is_done) in [("n\r", false), ("y\r", true)] {
        let command = near(&door, &["sync", "host", "tree", "--to", "copy"]);
        let mut terminal = on_terminal(&command);
        terminal.until("Carry 3 files to host?");
        terminal.keys(answer);
        assert_eq!(terminal.end(), Some(i32::from(!is_done)));
        assert_eq!(door.bench.path("home/copy/one").exists(), is_done);
    }
}
