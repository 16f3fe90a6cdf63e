//! What is wrong is said with file, line and the nearest name, and with the right status.

use super::{Project, err, small};

fn refused(project: &Project, arguments: &[&str], status: i32, words: &[&str]) {
    let output = project.compose(arguments);
    let said = err(&output);
    assert_eq!(output.status.code(), Some(status), "{arguments:?}: {said}");
    assert!(output.stdout.is_empty(), "{arguments:?}");
    for word in words {
        assert!(said.contains(word), "{arguments:?}: no `{word}` in {said}");
    }
    assert!(!said.contains("panicked"), "{said}");
}

#[test]
fn overrides_that_make_no_sense_are_a_matter_of_usage() {
    let project = small();
    refused(&project, &["seed=[1,2"], 2, &["seed=[1,2", "^", "hint: "]);
    refused(&project, &["seed"], 2, &["`=`"]);
    refused(&project, &["seed=nope(1)"], 2, &["no function `nope`"]);
    refused(&project, &["name=a\x07b"], 2, &["\\u{7}"]);
    refused(&project, &["name='a"], 2, &["not closed"]);
}

#[test]
fn names_that_are_not_there_come_with_the_nearest() {
    let project = small();
    refused(
        &project,
        &["sed=2"],
        78,
        &["`sed`", "did you mean `seed`?", "+sed=2"],
    );
    refused(
        &project,
        &["db.prt=2"],
        78,
        &["`prt`", "did you mean `port`?"],
    );
    refused(
        &project,
        &["db=mysq"],
        78,
        &["`db/mysq.yaml`", "did you mean `mysql`?", "postgres"],
    );
    refused(&project, &["sits=x"], 78, &["`sits`"]);
    refused(
        &project,
        &["site@x=postgres"],
        78,
        &["did you mean `site`?", "+site@x=postgres"],
    );
    refused(
        &project,
        &["--config-name", "confg", "--config-dir", "config"],
        78,
        &["`config`"],
    );
    refused(&project, &["~db=postgres"], 78, &["`db` is `mysql`"]);
    refused(&project, &["seed=1,2"], 78, &["sweep", "[1,2]"]);
}

#[test]
fn a_line_of_a_defaults_list_is_named() {
    for (list, words) in [
        (
            "- db: mysql\n  - nope: x",
            &["config.yaml:3", "no group `nope`"][..],
        ),
        (
            "- db: mysql\n  - db/postgre@x",
            &["config.yaml:3", "did you mean `postgres`?"],
        ),
        (
            "- db: ???",
            &["`db` must be chosen", "db=mysql", "postgres"],
        ),
        ("- db: 5", &["config.yaml:2", "an integer"]),
        (
            "- db: a\n    site: b",
            &["config.yaml:2", "`db` and `site`"],
        ),
        ("- 5", &["config.yaml:2", "an integer"]),
        ("- _self_\n  - _self_", &["`_self_` stands twice"]),
        ("- db: mysql\n  - db: postgres", &["`db` is chosen twice"]),
        ("- override db: mysql\n  - site: postgres", &["at the end"]),
        ("- db: ${nope}", &["${nope}"]),
    ] {
        let project = small();
        project.file("config.yaml", format!("defaults:\n  {list}\n").as_bytes());
        refused(&project, &[], 78, words);
    }
}

#[test]
fn circles_and_floods_end() {
    let project = Project::new(&[
        ("config.yaml", "defaults: [a]\n"),
        ("a.yaml", "defaults: [b]\n"),
        ("b.yaml", "defaults: [a]\n"),
    ]);
    refused(&project, &[], 78, &["a → b → a"]);
    let project = Project::new(&[("config.yaml", "defaults: [config]\n")]);
    refused(&project, &[], 78, &["circle"]);
    let project = Project::new(&[("config.yaml", "defaults: [l0]\n"), ("l40.yaml", "x: 1\n")]);
    for level in 0..40 {
        let next = level + 1;
        let text = format!("defaults: [l{next}@a, l{next}@b]\n");
        project.file(&format!("l{level}.yaml"), text.as_bytes());
    }
    refused(&project, &[], 78, &["more than"]);
    let project = Project::new(&[("config.yaml", "a: ${b}\nb: ${a}\n")]);
    refused(&project, &["--resolve"], 78, &["config.yaml:"]);
}

#[test]
fn files_that_cannot_be_read_are_named() {
    for (bytes, words) in [
        (&b"a: [1,\n"[..], "config.yaml:"),
        (b"a: 1\na: 2\n", "config.yaml:2"),
        (b"\xff\xfe\x00", "config.yaml"),
        (b"a: \x07\n", "config.yaml"),
        (b"5\n", "config.yaml"),
        (b"[1, 2]\n", "mapping"),
        (b"# @package a b\nx: 1\n", "line 1"),
        (b"defaults: {a: b}\n", "must be a list"),
        (b"a: ${b\n", "config.yaml"),
    ] {
        let project = small();
        project.file("config.yaml", bytes);
        refused(&project, &[], 78, &[words]);
    }
    let project = small();
    std::fs::create_dir(project.config().join("db/box.yaml")).unwrap();
    refused(&project, &["db=box"], 78, &["db/box"]);
    project.file("deep.yaml", "[".repeat(100_000).as_bytes());
    refused(
        &project,
        &["--config-name", "deep", "--config-dir", "config"],
        78,
        &["deep.yaml"],
    );
    project.file(
        "text.yaml",
        format!("a: {}1{}\n", "{a: ".repeat(5_000), "}".repeat(5_000)).as_bytes(),
    );
    refused(
        &project,
        &["--config-name", "text", "--config-dir", "config"],
        78,
        &["text.yaml"],
    );
}

#[test]
fn a_value_without_a_value_is_named_where_it_stands() {
    let project = Project::new(&[
        ("config.yaml", "defaults: [_self_, db: x]\na: 1\n"),
        (
            "db/x.yaml",
            "# made here\nport: ${oc.env:NO_SUCH_VARIABLE}\n",
        ),
    ]);
    refused(
        &project,
        &["--resolve"],
        78,
        &["db/x.yaml:2", "NO_SUCH_VARIABLE"],
    );
    assert!(project.yaml(&[]).contains("${oc.env:NO_SUCH_VARIABLE}"));
}

#[test]
fn odd_names_of_files_are_no_danger() {
    let project = small();
    project.file("db/a 'b\" \u{1b}[31m.yaml", b"kind: odd\n");
    refused(&project, &["db=nope"], 78, &["`db/nope.yaml`"]);
    let said = err(&project.compose(&["db=nope"]));
    assert!(!said.contains('\u{1b}'), "{said:?}");
    project.file("db/it's.yaml", b"kind: its\n");
    assert!(project.yaml(&["db=\"it's\""]).contains("kind: its"));
}
