//! Where in the line an action stands, and what a name resolves to on a real disk.

use hlrp_sh::bash::{Disk, Site, analyse, analyse_program};
use hlrp_sh::policy::{Action, Presence, Stage, Target};

use super::Fake;

/// Returns the piece of the line that the first deletion stands on.
fn deletion(line: &str) -> String {
    let analysis = analyse(line, &Fake::project());
    let found = analysis
        .actions
        .iter()
        .find(|found| matches!(found.action, Action::Delete { .. }))
        .unwrap();
    line[found.span.clone()].to_owned()
}

#[test]
fn a_span_is_bytes_of_the_outermost_line() {
    assert_eq!(deletion("echo ü🦀; rm foo"), "foo");
    assert_eq!(deletion("ls \"ü $(rm foo)\""), "foo");
    assert_eq!(deletion("ls `rm foo`"), "foo");
    assert_eq!(deletion("bash -c 'rm foo'"), "'rm foo'");
    assert_eq!(deletion("f() { rm foo; }; f"), "f");
    assert_eq!(deletion("bash clean.sh"), "bash clean.sh");
    assert_eq!(deletion("cat <(rm foo)"), "foo");
}

#[test]
fn what_was_followed_is_named() {
    let analysis = analyse("sudo bash -c 'eval \"rm foo\"'", &Fake::project());
    let found = analysis
        .actions
        .iter()
        .find(|found| matches!(found.action, Action::Delete { .. }))
        .unwrap();
    assert_eq!(found.via, ["sudo", "bash -c", "eval"]);
    assert_eq!(found.stage, Stage::Line);
    assert_eq!(found.site, Site::Here);
}

#[test]
fn exact_arguments_are_not_read_as_shell() {
    let words = ["echo", "$(rm foo)", ";", "rm", "foo"].map(str::to_owned);
    let analysis = analyse_program(&words, &Fake::project());
    assert_eq!(analysis.actions.len(), 1);
    let words = ["rm", "a b"].map(str::to_owned);
    let analysis = analyse_program(&words, &Fake::project());
    assert!(matches!(analysis.actions[1].action, Action::Delete { .. }));
}

#[test]
fn a_link_is_written_through_and_deleted_itself() {
    let base = tempfile::tempdir().unwrap();
    let base = std::fs::canonicalize(base.path()).unwrap();
    std::fs::create_dir_all(base.join("home/proj")).unwrap();
    std::fs::create_dir_all(base.join("outside")).unwrap();
    std::fs::write(base.join("outside/file"), "x").unwrap();
    let link = base.join("home/proj/link");
    std::os::unix::fs::symlink(base.join("outside/file"), &link).unwrap();
    std::os::unix::fs::symlink(base.join("outside"), base.join("home/proj/way")).unwrap();
    let world = Disk {
        cwd: base.join("home/proj"),
        home: base.join("home"),
        user: "me".into(),
        scratch: None,
    };
    let first = |line: &str| {
        let analysis = analyse(line, &world);
        analysis
            .actions
            .iter()
            .find_map(|found| match &found.action {
                Action::Write {
                    target: Target::Path(facts),
                    ..
                }
                | Action::Delete {
                    target: Target::Path(facts),
                    ..
                }
                | Action::Create {
                    target: Target::Path(facts),
                    ..
                } => Some(facts.clone()),
                _ => None,
            })
            .unwrap()
    };
    assert_eq!(first("echo x > link").path, base.join("outside/file"));
    assert_eq!(first("rm link").path, link);
    assert_eq!(first("rm way/file").path, base.join("outside/file"));
    assert_eq!(first("mkdir way/../new").path, base.join("new"));
    assert_eq!(first("touch new/../x").presence, Presence::Absent);
    assert_eq!(first("echo x > ~/y").path, base.join("home/y"));
}
