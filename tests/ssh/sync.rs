//! `hlrp-sh sync HOST`: a directory on two machines, where nothing is ever deleted.

use super::door::Door;
use crate::guard::bench::{Bench, has};
use crate::guard::running::{Ran, Running};

fn open(name: &str) -> Option<Door> {
    if !has("rsync", name) {
        return None;
    }
    let door = Door::with(name, Bench::new(), |_| "/bin/bash".into())?;
    for (file, text) in [
        ("a.py", "one\n"),
        ("deep/er/b.py", "two\n"),
        ("it's $x `y`.py", "odd\n"),
        (".gitignore", "*.log\n"),
        ("big.log", "left out\n"),
        (".git/config", "left out\n"),
        ("runs/1/out", "left out\n"),
    ] {
        door.bench.file(&format!("home/code/{file}"), text);
    }
    Some(door)
}

fn sync(door: &Door, words: &[&str]) -> Ran {
    let mut all = vec!["sync", "host"];
    all.extend(words);
    Running::start(&mut door.near(&all)).end()
}

/// Gives a file a time long ago.
fn old(door: &Door, file: &str) {
    let path = door.bench.path(file);
    let time = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000);
    let file = std::fs::File::options().write(true).open(path).unwrap();
    file.set_modified(time).unwrap();
}

#[test]
fn code_goes_there_and_back_and_nothing_is_lost() {
    let Some(door) = open("sync") else {
        return;
    };
    let read = |file: &str| door.bench.read(&format!("home/{file}"));
    let is_there = |file: &str| door.bench.path(&format!("home/{file}")).exists();
    // First only shown; nobody can be asked, so nothing goes.
    let shown = sync(&door, &["code", "--to", "far"]);
    assert_eq!(shown.code(), 1, "{}", shown.err);
    assert!(
        shown.err.contains("a.py") && shown.err.contains("4 would go over"),
        "{}",
        shown.err
    );
    assert!(!is_there("far"));
    sync(&door, &["code", "--to", "far", "--dry-run"]).ended(0);
    assert!(!is_there("far"));
    sync(&door, &["code", "--to", "far", "--yes"]).ended(0);
    assert_eq!(read("far/deep/er/b.py"), "two\n");
    assert_eq!(read("far/it's $x `y`.py"), "odd\n");
    for left in ["big.log", ".git", "runs"] {
        assert!(!is_there(&format!("far/{left}")), "{left}");
    }
    let again = sync(&door, &["code", "--to", "far", "--yes"]).ended(0);
    assert!(again.err.contains("nothing to do"), "{}", again.err);
    // What is replaced is retained there; what only the other side has, stays.
    door.bench.file("home/far/only-there", "x\n");
    old(&door, "home/far/a.py");
    door.bench.file("home/code/a.py", "changed here\n");
    sync(&door, &["code", "--to", "far", "--yes"]).ended(0);
    assert_eq!(read("far/a.py"), "changed here\n");
    assert_eq!(read("far/only-there"), "x\n");
    assert!(door.retained().contains(&"one\n".to_owned()));
    // What is newer there stays, but where it is asked for.
    old(&door, "home/code/a.py");
    door.bench.file("home/far/a.py", "newer there\n");
    sync(&door, &["code", "--to", "far", "--yes"]).ended(0);
    assert_eq!(read("far/a.py"), "newer there\n");
    sync(&door, &["code", "--to", "far", "--pull", "--yes"]).ended(0);
    assert_eq!(read("code/a.py"), "newer there\n");
    assert_eq!(read("code/only-there"), "x\n");
    assert!(door.retained().contains(&"changed here\n".to_owned()));
    assert_eq!(read("code/big.log"), "left out\n");
    old(&door, "home/code/a.py");
    door.bench.file("home/code/a.py", "older, and meant\n");
    old(&door, "home/code/a.py");
    sync(&door, &["code", "--to", "far", "--newer", "--yes"]).ended(0);
    assert_eq!(read("far/a.py"), "older, and meant\n");
}

#[test]
fn what_cannot_be_meant_is_told_before_anything_goes() {
    let Some(door) = open("sync-wrong") else {
        return;
    };
    for (words, told) in [
        (&["code/a.py"][..], "is no directory"),
        (&["."], "the whole home directory"),
        (&["/usr/share"], "not below home"),
        (&["missing"], "No such file"),
        (&["code", "--to", ""], "names a directory"),
    ] {
        let ran = sync(&door, words);
        assert!(ran.code() != 0, "{words:?}");
        assert!(ran.err.contains(told), "{words:?}: {}", ran.err);
    }
    let mut odd = door.near(&["sync", "-oProxyCommand=touch made", "code"]);
    assert!(Running::start(&mut odd).end().code() != 0);
    let outside = door.bench.path("outside");
    let outside = outside.to_str().unwrap();
    let ran = sync(&door, &["code", "--to", outside, "--yes"]);
    assert!(ran.code() != 0, "{}", ran.err);
    assert!(!door.bench.path("outside/a.py").exists());
    assert!(!door.bench.path("home/made").exists());
}
