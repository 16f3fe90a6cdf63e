//! The commands, from the outside.

use std::fs;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use hlrp_sh::retain::Operation;
use serde_json::Value;

use super::{World, read};

const OLD: &str = "20200101-000000-0a0b0c0d";

/// A home with a root's store in it, and the program.
struct Home {
    world: World,
}

impl Home {
    fn new() -> Self {
        Self {
            world: World::new(),
        }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hlrp-sh"));
        command
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("HOME", self.world.root());
        // Where there is a Slurm, home alone is no root.
        let dss = self.world.path("dss");
        fs::create_dir_all(&dss).unwrap();
        command
            .env("HLRP_DSS", dss)
            .current_dir(self.world.root())
            .args(arguments);
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments)
            .stdin(Stdio::null())
            .output()
            .unwrap()
    }

    fn json(&self, arguments: &[&str]) -> Vec<Value> {
        let output = self.run(arguments);
        let text = String::from_utf8(output.stdout).unwrap();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    fn gone(&self, name: &str, text: &str) -> PathBuf {
        let path = self.world.write(name, text);
        self.world
            .park(&self.world.store(OLD), &path, Operation::Delete);
        path
    }
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn what_is_retained_is_listed() {
    let home = Home::new();
    let output = home.run(&["retained"]);
    assert_eq!((code(&output), output.stdout.len()), (0, 0));
    let path = home.gone("a/b.txt", "hello");
    home.gone("c.txt", "c");
    let text = String::from_utf8(home.run(&["retained"]).stdout).unwrap();
    for word in [
        "when",
        "delete",
        path.to_str().unwrap(),
        "5 B",
        "git",
        OLD,
        "00000001",
    ] {
        assert!(text.contains(word), "{word}: {text}");
    }
    let lines = home.json(&["retained", "--json", "--path", "a"]);
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0]["schema"], "hlrp.retained/1");
    assert_eq!(lines[0]["path"], path.to_str().unwrap());
    assert_eq!(lines[0]["state"], "kept");
    assert!(
        home.json(&["retained", "--json", "--session", "other"])
            .is_empty()
    );
}

#[test]
fn a_file_is_restored_by_the_path_it_had() {
    let home = Home::new();
    let path = home.gone("a/b.txt", "hello");
    fs::remove_dir(home.world.path("a")).unwrap();
    let output = home.run(&["restore", "a/b.txt"]);
    assert_eq!(code(&output), 0, "{}", said(&output));
    assert_eq!(read(&path), "hello");
    assert_eq!(
        fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o644
    );
    let output = home.run(&["restore", "a/b.txt"]);
    assert_eq!(code(&output), 1);
    assert!(
        said(&output).contains("nothing is retained of"),
        "{}",
        said(&output)
    );
    assert_eq!(
        home.json(&["retained", "--json", "--gone"])[0]["state"],
        "restored"
    );
}

#[test]
fn what_a_restored_file_displaces_is_told_and_retained() {
    let home = Home::new();
    let path = home.gone("f", "old");
    fs::write(&path, "new").unwrap();
    let lines = home.json(&["restore", "f", "--json"]);
    assert_eq!(lines[0]["schema"], "hlrp.restored/1");
    let displaced = PathBuf::from(lines[0]["displaced"].as_str().unwrap());
    assert_eq!(
        (read(&path), read(&displaced)),
        ("old".to_owned(), "new".to_owned())
    );
    home.run(&["restore", "f"]);
    assert_eq!(read(&path), "new");
}

#[test]
fn versions_are_named_by_number_and_by_stored_name() {
    let home = Home::new();
    for text in ["one", "two", "three"] {
        home.gone("f", text);
    }
    assert_eq!(
        code(&home.run(&["restore", "f", "--version", "3", "--to", "first"])),
        0
    );
    assert_eq!(read(&home.world.path("first")), "one");
    let stored = format!("{OLD}/00000002");
    assert_eq!(code(&home.run(&["restore", "--stored", &stored])), 0);
    assert_eq!(read(&home.world.path("f")), "two");
    assert_eq!(code(&home.run(&["restore", "f", "--version", "9"])), 1);
    assert_eq!(code(&home.run(&["restore", "f", "--version", "0"])), 2);
    assert_eq!(code(&home.run(&["restore"])), 2);
    assert_eq!(code(&home.run(&["restore", "--all"])), 2);
}

#[test]
fn a_whole_session_is_undone() {
    let home = Home::new();
    for name in ["d/a", "d/b/c", "e"] {
        let path = home.world.write(name, name);
        let old = std::time::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
        fs::File::options()
            .write(true)
            .open(&path)
            .unwrap()
            .set_modified(old)
            .unwrap();
        home.world
            .park(&home.world.store(OLD), &path, Operation::Delete);
    }
    home.gone("passing", "made by the session");
    let output = home.run(&["restore", "--all", "--session", OLD]);
    assert_eq!(code(&output), 0, "{}", said(&output));
    for name in ["d/a", "d/b/c", "e"] {
        assert_eq!(read(&home.world.path(name)), name);
    }
    assert!(!home.world.path("passing").exists());
    assert!(
        said(&output).contains("1 names were left"),
        "{}",
        said(&output)
    );
}

#[test]
fn nothing_is_restored_where_the_law_forbids_it() {
    let home = Home::new();
    home.gone("f", "x");
    let elsewhere = World::new();
    let to = elsewhere.path("f");
    let output = home.run(&["restore", "f", "--to", to.to_str().unwrap()]);
    assert_eq!(code(&output), 77, "{}", said(&output));
    assert!(
        said(&output).contains("fs.outside-roots"),
        "{}",
        said(&output)
    );
    assert!(!to.exists());
}

#[test]
fn archiving_says_where_and_how_back() {
    let home = Home::new();
    home.world.write("runs/x y/log", "text");
    let output = home.run(&["archive", "runs/x y/"]);
    assert_eq!(code(&output), 0, "{}", said(&output));
    let to = String::from_utf8(output.stdout.clone()).unwrap();
    assert!(to.trim_end().ends_with("/runs/x y"), "{to}");
    assert_eq!(read(&Path::new(to.trim_end()).join("log")), "text");
    let back = said(&output)
        .lines()
        .find_map(|line| line.strip_prefix("back with: ").map(str::to_owned))
        .unwrap();
    assert!(
        Command::new("sh")
            .args(["-c", &back])
            .status()
            .unwrap()
            .success()
    );
    assert_eq!(read(&home.world.path("runs/x y/log")), "text");
}

#[test]
fn archiving_what_must_stay_is_denied() {
    let home = Home::new();
    home.gone("f", "x");
    home.world.write(".ssh/config", "x");
    home.world.write("ok", "x");
    for path in [
        ".",
        "dss",
        ".hlrp",
        ".hlrp/retained",
        ".ssh",
        ".ssh/config",
        "/etc/hosts",
        "missing",
    ] {
        let output = home.run(&["archive", path]);
        assert_ne!(code(&output), 0, "{path}: {}", said(&output));
        assert!(!said(&output).is_empty(), "{path}");
    }
    assert!(home.world.path(".ssh/config").exists() && home.world.path(".hlrp/retained").exists());
    let output = home.run(&["archive", "missing", "ok"]);
    assert_eq!(code(&output), 1);
    assert!(!home.world.path("ok").exists());
}

#[test]
fn nothing_is_freed_without_a_terminal() {
    let home = Home::new();
    home.gone("f", "x");
    let mut child = home
        .command(&["retained", "release", "--session", OLD])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It may have ended already.
    let _ = child.stdin.take().unwrap().write_all(b"1\n");
    let output = child.wait_with_output().unwrap();
    assert_eq!(code(&output), 77, "{}", said(&output));
    assert_eq!(code(&home.run(&["retained", "release"])), 2);
    assert_eq!(
        code(&home.run(&["retained", "release", "--session", OLD, "--yes"])),
        2
    );
    assert_eq!(home.json(&["retained", "--json"])[0]["state"], "kept");
}

/// Runs with a terminal on all three, types a line, and returns status and what was shown.
fn at_terminal(mut command: Command, line: &str) -> (i32, String) {
    let pty = nix::pty::openpty(None, None).unwrap();
    let end = |fd: &OwnedFd| Stdio::from(fd.try_clone().unwrap());
    command
        .stdin(end(&pty.slave))
        .stdout(end(&pty.slave))
        .stderr(end(&pty.slave));
    let mut child = command.spawn().unwrap();
    drop((command, pty.slave));
    let mut master = fs::File::from(pty.master);
    master.write_all(line.as_bytes()).unwrap();
    let mut shown = Vec::new();
    let mut chunk = [0; 4096];
    // EIO: the last that had the other end is gone.
    while let Ok(read @ 1..) = master.read(&mut chunk) {
        shown.extend_from_slice(&chunk[..read]);
    }
    let status = child.wait().unwrap().code().unwrap();
    (status, String::from_utf8_lossy(&shown).into_owned())
}

#[test]
fn a_person_frees_by_typing_the_number() {
    let home = Home::new();
    home.gone("f", "12345");
    home.gone("g", "123");
    let release = ["retained", "release", "--before", "2999-01-01"];
    for no in ["\n", "y\n", "yes\n", "1\n", "3\n", "\u{4}"] {
        let (status, shown) = at_terminal(home.command(&release), no);
        assert_eq!(status, 1, "{no:?}: {shown}");
        assert!(shown.contains("everything is kept"), "{shown}");
        assert_eq!(home.json(&["retained", "--json"]).len(), 2);
    }
    let mut agent = home.command(&release);
    agent.env("CLAUDECODE", "1");
    assert_eq!(at_terminal(agent, "2\n").0, 77);
    let (status, shown) = at_terminal(home.command(&release), "2\n");
    assert_eq!(status, 0, "{shown}");
    assert!(shown.contains("8 B"), "{shown}");
    assert!(home.json(&["retained", "--json"]).is_empty());
    assert_eq!(
        home.json(&["retained", "--json", "--gone"])[0]["state"],
        "released"
    );
    let record = home.json(&["audit", "--json", "--rule", "retained.release"]);
    assert_eq!(record.len(), 2);
    assert_eq!(code(&home.run(&["audit", "verify"])), 0);
    let (status, shown) = at_terminal(
        home.command(&["retained", "release", "--before", "2001-01-01"]),
        "0\n",
    );
    assert_eq!(
        (status, shown.contains("nothing that is retained")),
        (0, true),
        "{shown}"
    );
}

#[test]
fn a_sessions_changes_are_shown() {
    let home = Home::new();
    assert_eq!(code(&home.run(&["diff"])), 1);
    let path = home.world.write("notes.txt", "one\ntwo\n");
    home.world.snapshot(&home.world.store(OLD), &path);
    fs::write(&path, "one\n2\n").unwrap();
    home.gone("f", "x");
    let output = home.run(&["diff", "--patch"]);
    assert_eq!(code(&output), 0, "{}", said(&output));
    let text = String::from_utf8(output.stdout).unwrap();
    for word in ["changed", "notes.txt", "00000001", "-two", "+2"] {
        assert!(text.contains(word), "{word}: {text}");
    }
    let lines = home.json(&["diff", "--json", "--patch", "--no-scan", "--session", OLD]);
    assert_eq!(lines[0]["schema"], "hlrp.diff/1");
    assert_eq!(lines[0]["changed"][0]["stored"], "00000001");
    assert!(
        lines[0]["changed"][0]["patch"]
            .as_str()
            .unwrap()
            .contains("+2")
    );
    assert_eq!(code(&home.run(&["diff", "--session", "none"])), 1);
}

/// Runs a line inside the guard; `None` where this machine has none.
fn guarded(home: &Home, line: &str) -> Option<Output> {
    let output = home.run(&["-c", line]);
    if code(&output) == 125 {
        println!("skipped: {}", said(&output));
        return None;
    }
    Some(output)
}

#[test]
fn inside_the_guard_one_can_archive_and_restore_but_not_free() {
    let home = Home::new();
    let old = home.gone("old.txt", "from an earlier session");
    let path = home.world.write("a.txt", "before\n");
    home.world.write("b/c", "moves");
    let program = env!("CARGO_BIN_EXE_hlrp-sh");
    // In plain words it is refused before it runs; so a program asks, whose text nobody reads.
    let release = format!(
        "import subprocess, sys\nsys.exit(subprocess.call(['{program}', 'retained', 'release', '--session', '{OLD}']))\n"
    );
    home.world.write("free.py", &release);
    let lines = [
        "echo after > a.txt".to_owned(),
        format!("{program} archive b"),
        format!("{program} restore old.txt"),
        format!("{program} restore a.txt --session $(ls .hlrp/retained | tail -1)"),
        "python3 free.py".to_owned(),
    ];
    let Some(output) = guarded(&home, &lines.join("; ")) else {
        return;
    };
    assert_eq!(code(&output), 77, "{}", said(&output));
    assert!(
        said(&output).contains("inside a session"),
        "{}",
        said(&output)
    );
    assert_eq!(read(&old), "from an earlier session");
    assert_eq!(read(&path), "before\n");
    assert!(!home.world.path("b").exists());
    // The store has the earlier version still, and the one that restoring displaced.
    let kept = home.json(&["retained", "--json"]);
    assert!(kept.iter().any(|one| one["session"] == OLD), "{kept:?}");
    let lines = home.json(&["diff", "--json"]);
    let created = lines[0]["created"].to_string();
    assert!(
        created.contains("old.txt") && created.contains("_archive"),
        "{created}"
    );
}
