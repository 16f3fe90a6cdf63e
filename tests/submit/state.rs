//! What is recorded of the project's repository, with a real git: no program that it names is run.

use std::fs;
use std::path::Path;
use std::process::Command;

use hlrp_sh::slurm::submit::git::State;
use tempfile::TempDir;

fn git(repository: &Path, arguments: &[&str]) {
    let done = Command::new("git")
        .args(["-c", "user.name=a", "-c", "user.email=a@b", "-C"])
        .arg(repository)
        .args(arguments)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .output()
        .unwrap();
    assert!(done.status.success(), "{arguments:?}: {done:?}");
}

fn repository(format: &str) -> TempDir {
    let directory = TempDir::new().unwrap();
    let root = directory.path();
    git(root, &["init", "-q", &format!("--object-format={format}")]);
    fs::create_dir(root.join("below")).unwrap();
    fs::write(root.join("below/a.txt"), "one\n").unwrap();
    fs::write(root.join("b.txt"), "two\n").unwrap();
    git(root, &["add", "."]);
    git(root, &["commit", "-q", "-m", "first"]);
    directory
}

#[test]
fn commit_names_and_patch_are_recorded() {
    for format in ["sha1", "sha256"] {
        let directory = repository(format);
        let root = directory.path();
        let clean = State::of(root, 1 << 20).unwrap();
        assert_eq!((clean.status.as_str(), clean.diff.as_str()), ("", ""));
        fs::write(root.join("below/a.txt"), "other\n").unwrap();
        fs::write(root.join("new.txt"), "").unwrap();
        fs::write(root.join("ignored.txt"), "").unwrap();
        fs::write(root.join(".git/info/exclude"), "ignored.txt\n").unwrap();
        for place in [root.to_owned(), root.join("below")] {
            let state = State::of(&place, 1 << 20).unwrap();
            assert_eq!(state.commit, clean.commit);
            assert_eq!(state.status, " M below/a.txt\n?? new.txt\n");
            assert!(state.diff.contains("-one\n+other\n"), "{}", state.diff);
            assert!(!state.is_cut);
        }
        assert!(State::of(root, 40).unwrap().is_cut);
    }
}

#[test]
fn a_worktree_of_a_repository_is_read_as_one() {
    let directory = repository("sha1");
    let other = TempDir::new().unwrap();
    let tree = other.path().join("tree");
    git(
        directory.path(),
        &["worktree", "add", "-q", tree.to_str().unwrap()],
    );
    fs::write(tree.join("b.txt"), "changed\n").unwrap();
    let state = State::of(&tree, 1 << 20).unwrap();
    assert_eq!(state.status, " M b.txt\n");
    assert_eq!(State::of(directory.path(), 1 << 20).unwrap().status, "");
}

#[test]
fn where_there_is_no_repository_nothing_is_known() {
    let directory = TempDir::new().unwrap();
    assert_eq!(State::of(directory.path(), 1 << 20), None);
}

/// Every one of these runs a program in a plain `git status` or `git diff`.
#[test]
fn no_program_that_the_repository_names_is_run() {
    let directory = repository("sha1");
    let root = directory.path();
    let trap = root.join("trap");
    let program = format!("touch {}; cat", trap.display());
    let hook = root.join("hook.sh");
    fs::write(&hook, format!("#!/bin/sh\n{program}\n")).unwrap();
    git(root, &["update-index", "--add", "--chmod=+x", "hook.sh"]);
    git(root, &["commit", "-q", "-m", "hook"]);
    assert!(
        Command::new("chmod")
            .arg("+x")
            .arg(&hook)
            .status()
            .unwrap()
            .success()
    );
    for (key, value) in [
        ("filter.x.clean", program.as_str()),
        ("filter.x.required", "true"),
        ("filter.y.process", &program),
        ("diff.x.textconv", &program),
        ("diff.x.command", &program),
        ("diff.external", &program),
        ("core.fsmonitor", hook.to_str().unwrap()),
        ("core.hooksPath", root.to_str().unwrap()),
        ("core.pager", &program),
        ("core.sshCommand", &program),
    ] {
        git(root, &["config", key, value]);
    }
    let attributes = "a.txt filter=x diff=x\nb.txt filter=y diff=x\n";
    fs::write(root.join(".git/info/attributes"), attributes).unwrap();
    fs::write(root.join(".gitattributes"), attributes).unwrap();
    fs::write(root.join("below/a.txt"), "other\n").unwrap();
    fs::write(root.join("b.txt"), "changed\n").unwrap();
    let state = State::of(root, 1 << 20).unwrap();
    assert!(!trap.exists());
    assert!(state.diff.contains("-one\n+other\n"), "{}", state.diff);
    assert!(state.diff.contains("-two\n+changed\n"), "{}", state.diff);
    // The trap is one: git alone falls into it.
    let plain = Command::new("git")
        .arg("-C")
        .arg(root)
        .args(["status"])
        .output();
    assert!(plain.is_ok() && trap.exists());
}
