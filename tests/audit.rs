//! The record finds whoever touches it.

use std::fs;
use std::path::{Path, PathBuf};

use hlrp_sh::audit::{Filter, Stamp, Trouble, Writer, read, verify};
use hlrp_sh::policy::{Action, Decision, Deletable, HostClass, Origin, Target, Verdict};
use tempfile::TempDir;

fn stamp(session: &str) -> Stamp {
    Stamp {
        session: session.to_owned(),
        origin: Origin::Agent("claude".to_owned()),
        class: HostClass::Login,
    }
}

fn delete(writer: &mut Writer, path: &str) {
    let action = Action::Delete {
        target: Target::path(path),
        what: Deletable::Path,
    };
    let verdict = Verdict {
        decision: Decision::Deny,
        rule: "fs.no-delete".into(),
        because: "".into(),
        instead: "".into(),
    };
    writer.action(&action, Some("rm"), &verdict).unwrap();
}

fn session(directory: &Path, name: &str, records: usize) {
    let mut writer = Writer::open(directory, stamp(name)).unwrap();
    for number in 0..records {
        delete(&mut writer, &format!("/home/me/file{number}"));
    }
    writer.finish().unwrap();
}

fn world() -> (TempDir, PathBuf) {
    let directory = TempDir::new().unwrap();
    session(directory.path(), "one", 5);
    session(directory.path(), "two", 3);
    let file = directory.path().join("one.jsonl");
    (directory, file)
}

fn troubles(directory: &Path) -> Vec<(usize, Trouble)> {
    let report = verify(directory).unwrap();
    report
        .findings
        .iter()
        .map(|one| (one.line, one.trouble))
        .collect()
}

fn change(file: &Path, change: impl FnOnce(&mut Vec<String>)) {
    let text = fs::read_to_string(file).unwrap();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    change(&mut lines);
    fs::write(file, lines.join("\n") + "\n").unwrap();
}

#[test]
fn an_untouched_record_is_sound() {
    let (directory, _) = world();
    let report = verify(directory.path()).unwrap();
    assert_eq!((report.sessions, report.records), (2, 8));
    assert!(report.findings.is_empty(), "{:?}", report.findings);
}

#[test]
fn an_edited_line_is_found() {
    let (directory, file) = world();
    change(&file, |lines| lines[2] = lines[2].replace("deny", "allow"));
    assert_eq!(troubles(directory.path()), [(3, Trouble::Edited)]);
}

#[test]
fn a_line_with_a_key_or_a_blank_more_is_found() {
    let (directory, file) = world();
    change(&file, |lines| {
        lines[1] = lines[1].replacen("{", "{\"x\":1,", 1)
    });
    change(&file, |lines| lines[3] = lines[3].replacen(":", ": ", 1));
    assert_eq!(
        troubles(directory.path()),
        [(2, Trouble::Edited), (4, Trouble::Edited)]
    );
}

#[test]
fn a_line_with_its_own_hash_computed_anew_is_found() {
    let (directory, file) = world();
    // Another session's intact line in place of this one's.
    let other = fs::read_to_string(directory.path().join("two.jsonl")).unwrap();
    let other: Vec<String> = other.lines().map(str::to_owned).collect();
    change(&file, |lines| lines[1] = other[1].clone());
    let found = troubles(directory.path());
    assert!(found.contains(&(2, Trouble::Edited)), "{found:?}");
}

#[test]
fn a_removed_line_is_found() {
    let (directory, file) = world();
    change(&file, |lines| drop(lines.remove(1)));
    assert_eq!(troubles(directory.path()), [(2, Trouble::Removed)]);
}

#[test]
fn removed_last_lines_are_found() {
    let (directory, file) = world();
    change(&file, |lines| lines.truncate(3));
    assert_eq!(troubles(directory.path()), [(0, Trouble::Cut)]);
}

#[test]
fn swapped_lines_are_found() {
    let (directory, file) = world();
    change(&file, |lines| lines.swap(1, 2));
    let found = troubles(directory.path());
    assert!(found.contains(&(3, Trouble::Reordered)), "{found:?}");
    assert!(verify(directory.path()).unwrap().is_tampered());
}

#[test]
fn a_missing_file_is_found() {
    let (directory, file) = world();
    fs::rename(&file, directory.path().join("one.elsewhere")).unwrap();
    assert_eq!(troubles(directory.path()), [(0, Trouble::Missing)]);
}

#[test]
fn a_session_taken_off_the_list_is_found() {
    let (directory, _) = world();
    let heads = directory.path().join("heads.jsonl");
    change(&heads, |lines| {
        lines.retain(|line| !line.contains("\"session\":\"two\""))
    });
    assert_eq!(troubles(directory.path()), [(0, Trouble::Unlisted)]);
    let (directory, _) = world();
    let heads = directory.path().join("heads.jsonl");
    change(&heads, |lines| {
        lines.retain(|line| !line.contains("\"session\":\"one\""))
    });
    let found = troubles(directory.path());
    assert!(found.contains(&(1, Trouble::Removed)), "{found:?}");
}

#[test]
fn a_line_torn_by_a_crash_is_told_as_such() {
    let (directory, file) = world();
    let mut writer = Writer::open(directory.path(), stamp("three")).unwrap();
    delete(&mut writer, "/home/me/a");
    delete(&mut writer, "/home/me/b");
    drop(writer);
    let torn = directory.path().join("three.jsonl");
    let text = fs::read(&torn).unwrap();
    fs::write(&torn, &text[..text.len() - 30]).unwrap();
    let report = verify(directory.path()).unwrap();
    assert!(!report.is_tampered(), "{:?}", report.findings);
    assert_eq!(
        troubles(directory.path()),
        [(2, Trouble::Torn), (0, Trouble::Open)]
    );
    // Going on after the crash keeps the chain, and the torn line.
    let mut writer = Writer::open(directory.path(), stamp("three")).unwrap();
    delete(&mut writer, "/home/me/c");
    writer.finish().unwrap();
    assert_eq!(troubles(directory.path()), [(2, Trouble::Torn)]);
    assert!(file.exists());
}

#[test]
fn several_writers_keep_one_chain() {
    let directory = TempDir::new().unwrap();
    let path = directory.path();
    drop(Writer::open(path, stamp("many")).unwrap());
    std::thread::scope(|scope| {
        for thread in 0..4 {
            scope.spawn(move || {
                let mut writer = Writer::open(path, stamp("many")).unwrap();
                for number in 0..20 {
                    delete(&mut writer, &format!("/home/me/{thread}/{number}"));
                }
            });
            scope.spawn(move || session(path, &format!("other{thread}"), 5));
        }
    });
    let report = verify(path).unwrap();
    assert!(!report.is_tampered(), "{:?}", report.findings);
    assert_eq!(report.records, 4 * 20 + 4 * 5);
}

#[test]
fn records_are_found_by_what_they_say() {
    let (directory, _) = world();
    let count = |filter: Filter| read(directory.path(), &filter).unwrap().len();
    assert_eq!(count(Filter::default()), 8);
    let session = Some("two".to_owned());
    assert_eq!(
        count(Filter {
            session,
            ..Filter::default()
        }),
        3
    );
    let rule = Some("fs.bulk".to_owned());
    assert_eq!(
        count(Filter {
            rule,
            ..Filter::default()
        }),
        0
    );
    let decision = Some(Decision::Deny);
    assert_eq!(
        count(Filter {
            decision,
            ..Filter::default()
        }),
        8
    );
    let since = Some("1h".parse().unwrap());
    assert_eq!(
        count(Filter {
            since,
            ..Filter::default()
        }),
        8
    );
    let since = Some("2999-01-01".parse().unwrap());
    assert_eq!(
        count(Filter {
            since,
            ..Filter::default()
        }),
        0
    );
}

#[test]
fn a_session_id_is_no_path() {
    let directory = TempDir::new().unwrap();
    for id in ["", "../x", "a/b", "heads"] {
        assert!(Writer::open(directory.path(), stamp(id)).is_err(), "{id}");
    }
}
