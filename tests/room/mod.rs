//! Sessions that run out of room, on real file systems that the tests mount for themselves.

use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use crate::guard::bench::{has, is_root, skip};

fn on_a_full_disk(kind: &str) {
    let name = format!("room {kind}");
    if !is_root() {
        return skip(&name, "mounting a file system needs root");
    }
    if !has("mkfs.ext4", &name) || !has("python3", &name) || !has("script", &name) {
        return;
    }
    let mounts = Command::new("unshare")
        .args(["--mount", "true"])
        .status()
        .unwrap();
    let loops = std::path::Path::new("/dev/loop-control").exists();
    let systems = std::fs::read_to_string("/proc/filesystems").unwrap_or_default();
    if !mounts.success() {
        return skip(&name, "this root may not make namespaces");
    }
    if !loops || !systems.contains("\text4") {
        return skip(&name, "this kernel does not offer ext4 on loop devices");
    }
    // Where the session's user can reach it.
    let place = tempfile::tempdir_in("/tmp").unwrap();
    let everybody = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(place.path(), everybody).unwrap();
    let program = place.path().join("hlrp-sh");
    std::fs::copy(env!("CARGO_BIN_EXE_hlrp-sh"), &program).unwrap();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/room/halt.sh");
    let ran = Command::new("bash")
        .args([script.as_ref(), program.as_os_str(), kind.as_ref()])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&ran.stdout);
    let complaint = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{said}\n{complaint}");
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
