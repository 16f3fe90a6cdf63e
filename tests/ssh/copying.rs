//! `scp`, `sftp` and `rsync` with our shell at the far end.

use super::door::Door;
use crate::guard::bench::has;

const BEFORE: &str = "what was there before\n";

fn open(name: &str) -> Option<Door> {
    let door = Door::open(name)?;
    door.bench.file("ssh/a.txt", "from here\n");
    door.bench.file("ssh/tree/one", "1\n");
    door.bench.file("ssh/tree/two", "2\n");
    Some(door)
}

#[test]
fn scp_copies_both_ways_and_keeps_what_it_replaces() {
    let Some(door) = open("ssh-scp") else {
        return;
    };
    let outside = format!("host:{}", door.bench.path("outside/a.txt").display());
    for (number, old) in [None, Some("-O")].into_iter().enumerate() {
        let scp = |from: &str, to: &str| {
            let mut arguments: Vec<&str> = old.into_iter().collect();
            arguments.extend(["-r", from, to]);
            door.runs("scp", &arguments)
        };
        let new = format!("new{number}.txt");
        scp("a.txt", &format!("host:{new}")).ended(0).said("");
        assert_eq!(door.bench.read(&format!("home/{new}")), "from here\n");
        scp("tree", "host:").ended(0);
        assert_eq!(door.bench.read("home/tree/two"), "2\n");
        scp(&format!("host:{new}"), "back.txt").ended(0).said("");
        assert_eq!(door.bench.read("ssh/back.txt"), "from here\n");
        scp("host:tree", &format!("back{number}")).ended(0);
        assert_eq!(door.bench.read(&format!("ssh/back{number}/one")), "1\n");
        let refused = scp("a.txt", &outside);
        assert!(refused.code() != 0 && !refused.err.is_empty());
        assert!(!door.bench.path("outside/a.txt").exists());
        // Into a directory the names come over the wire; what they replace is kept.
        let place = format!("place{number}");
        door.bench
            .file(&format!("home/{place}/a.txt"), &format!("old {number}\n"));
        scp("a.txt", &format!("host:{place}/")).ended(0);
        assert_eq!(
            door.bench.read(&format!("home/{place}/a.txt")),
            "from here\n"
        );
        let kept = door.retained();
        assert!(kept.contains(&format!("old {number}\n")), "{kept:?}");
    }
    // Where the name stands in the line, it is judged as `cp` is.
    let refused = door.runs("scp", &["-O", "a.txt", "host:notes.txt"]);
    assert!(refused.code() != 0);
    refused.told("fs.no-replace");
    assert_eq!(door.bench.read("home/notes.txt"), BEFORE);
    door.runs("scp", &["a.txt", "host:notes.txt"]).ended(0);
    assert!(door.retained().contains(&BEFORE.to_owned()));
}

#[test]
fn sftp_may_not_delete() {
    let Some(door) = open("ssh-sftp") else {
        return;
    };
    door.bench.file(
        "ssh/batch",
        "put a.txt b.txt\nmkdir d\nrename b.txt d/b.txt\nget d/b.txt c.txt\n-rm notes.txt\nls\n",
    );
    let ran = door.runs("sftp", &["-b", "batch", "host"]).ended(0);
    assert!(ran.out.contains("notes.txt"), "{}", ran.out);
    assert!(
        ran.err.contains("notes.txt: Permission denied"),
        "{}",
        ran.err
    );
    assert_eq!(door.bench.read("ssh/c.txt"), "from here\n");
    assert_eq!(door.bench.read("home/d/b.txt"), "from here\n");
    assert_eq!(door.bench.read("home/notes.txt"), BEFORE);
    door.bench.file("ssh/batch", "rm notes.txt\n");
    door.runs("sftp", &["-b", "batch", "host"]).ended(1);
    assert_eq!(door.bench.read("home/notes.txt"), BEFORE);
}

#[test]
fn rsync_goes_both_ways_and_deletes_nothing() {
    if !has("rsync", "ssh-rsync") {
        return;
    }
    let Some(door) = open("ssh-rsync") else {
        return;
    };
    door.rsync(&["tree/", "host:tree/"]).ended(0).said("");
    assert_eq!(door.bench.read("home/tree/two"), "2\n");
    door.bench.file("ssh/tree/one", "changed here\n");
    door.rsync(&["tree/", "host:tree/"]).ended(0);
    assert_eq!(door.bench.read("home/tree/one"), "changed here\n");
    door.bench.file("ssh/tree/one", "changed once more\n");
    door.bench.file("home/tree/one", "changed there\n");
    door.rsync(&["--inplace", "tree/", "host:tree/"]).ended(0);
    let kept = door.retained();
    assert!(
        kept.iter().any(|text| text == "changed there\n"),
        "{kept:?}"
    );
    std::fs::remove_file(door.bench.path("ssh/tree/two")).unwrap();
    let refused = door.rsync(&["--delete", "tree/", "host:tree/"]);
    assert!(refused.code() != 0);
    refused.told("fs.no-delete");
    assert_eq!(door.bench.read("home/tree/two"), "2\n");
    door.rsync(&["host:tree/", "back/"]).ended(0).said("");
    assert_eq!(door.bench.read("ssh/back/two"), "2\n");
    let refused = door.rsync(&["--remove-source-files", "host:tree/", "moved/"]);
    assert!(refused.code() != 0);
    refused.told("home/tree");
    assert_eq!(door.bench.read("home/tree/two"), "2\n");
    let outside = format!("host:{}/", door.bench.path("outside").display());
    let refused = door.rsync(&["tree/", &outside]);
    assert!(refused.code() != 0);
    refused.told("fs.outside-roots");
    assert!(!door.bench.path("outside/one").exists());
}
