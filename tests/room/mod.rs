//! Sessions that run out of room, on real file systems that the tests mount for themselves.

use std::ffi::OsStr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::guard::bench::{has, is_root, skip};

const HALT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/room/halt.sh");

/// A world for a script of these tests: a directory that the session's user can reach, with the program in it.
fn world(above: &str) -> (tempfile::TempDir, PathBuf) {
    let place = tempfile::tempdir_in(above).unwrap();
    let everybody = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(place.path(), everybody).unwrap();
    let program = place.path().join("hlrp-sh");
    std::fs::copy(env!("CARGO_BIN_EXE_hlrp-sh"), &program).unwrap();
    (place, program)
}

fn must_succeed(command: &mut Command) {
    let ran = command.output().unwrap();
    let said = String::from_utf8_lossy(&ran.stdout);
    let complaint = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{said}\n{complaint}");
}

fn may_mount(name: &str) -> bool {
    if !is_root() {
        skip(name, "mounting a file system needs root");
        return false;
    }
    has("mkfs.ext4", name) && has("python3", name) && has("script", name)
}

fn on_a_full_disk(kind: &str) {
    let name = format!("room {kind}");
    if !may_mount(&name) {
        return;
    }
    let mounts = Command::new("unshare")
        .args(["--mount", "true"])
        .status()
        .unwrap();
    let loops = Path::new("/dev/loop-control").exists();
    let systems = std::fs::read_to_string("/proc/filesystems").unwrap_or_default();
    if !mounts.success() {
        return skip(&name, "this root may not make namespaces");
    }
    if !loops || !systems.contains("\text4") {
        return skip(&name, "this kernel does not offer ext4 on loop devices");
    }
    let (_place, program) = world("/tmp");
    let halt = [HALT.as_ref(), program.as_os_str(), kind.as_ref()];
    must_succeed(Command::new("bash").args(halt));
}

#[test]
fn a_session_that_fills_a_disk_is_stopped_before_it_is_full_and_goes_on() {
    on_a_full_disk("slow");
}

#[test]
fn a_session_that_uses_up_the_inodes_is_stopped_before_and_goes_on() {
    on_a_full_disk("inodes");
}

#[test]
fn a_session_that_fills_a_disk_at_once_loses_nothing() {
    on_a_full_disk("fast");
}

/// Quotas of projects are a module that few kernels have at hand, so this one runs on a kernel of its own.
#[test]
fn a_session_that_fills_what_a_projects_quota_leaves_is_stopped_and_goes_on() {
    let name = "room project";
    let needed = ["linux.uml", "setquota", "insmod", "chattr"];
    if !may_mount(name) || !needed.iter().all(|program| has(program, name)) {
        return;
    }
    // That kernel has a `/tmp` of its own.
    let (place, program) = world("/var/tmp");
    let image = place.path().join("image");
    let file = std::fs::File::create_new(&image).unwrap();
    file.set_len(256 << 20).unwrap();
    let options = ["-q", "-O", "quota,project", "-E", "quotatype=prjquota"];
    must_succeed(Command::new("mkfs.ext4").args(options).arg(&image));
    let uml = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/room/uml.sh");
    let halt = [
        OsStr::new("bash"),
        HALT.as_ref(),
        program.as_os_str(),
        OsStr::new("project"),
    ];
    must_succeed(Command::new("bash").arg(uml).arg(image).args(halt));
}
