//! A user and mount namespace in which only some trees can be written (guard level B).

use std::fs;
use std::io;
use std::os::fd::AsRawFd;
use std::path::Path;

use nix::fcntl::OFlag;
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};

/// What becomes of `/proc`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Proc {
    /// As everything else.
    ReadOnly,
    /// Written through, so that users can be mapped in namespaces inside.
    Writable,
}

/// Enters a new user and mount namespace with the caller's own ids, where everything but `writable` is read-only.
///
/// # Errors
/// What the kernel says: `EPERM` or `ENOSPC` where users may not make namespaces.
pub fn enter_read_only(writable: &[&Path], proc: Proc) -> io::Result<()> {
    let (uid, gid) = (nix::unistd::geteuid(), nix::unistd::getegid());
    unshare(CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWNS)?;
    fs::write("/proc/self/setgroups", "deny").or_else(ignore_missing)?;
    fs::write("/proc/self/uid_map", format!("{uid} {uid} 1"))?;
    fs::write("/proc/self/gid_map", format!("{gid} {gid} 1"))?;
    let none: Option<&str> = None;
    mount(none, "/", none, MsFlags::MS_REC | MsFlags::MS_PRIVATE, none)?;
    for tree in writable {
        mount(
            Some(*tree),
            *tree,
            none,
            MsFlags::MS_BIND | MsFlags::MS_REC,
            none,
        )?;
    }
    const AT_RECURSIVE: libc::c_int = 0x8000;
    set_read_only(Path::new("/"), true, AT_RECURSIVE)?;
    for tree in writable {
        set_read_only(tree, false, AT_RECURSIVE)?;
    }
    if proc == Proc::Writable {
        set_read_only(Path::new("/proc"), false, 0)?;
    }
    // The old working directory lies beneath the mounts just made.
    let cwd = std::env::current_dir()?;
    std::env::set_current_dir(cwd)?;
    drop_capabilities()
}

fn ignore_missing(error: io::Error) -> io::Result<()> {
    if error.kind() == io::ErrorKind::NotFound {
        Ok(())
    } else {
        Err(error)
    }
}

/// Sets or clears the read-only flag of a mount, or of all beneath it too, `mount_setattr(2)`.
fn set_read_only(path: &Path, read_only: bool, depth: libc::c_int) -> io::Result<()> {
    const SYS_MOUNT_SETATTR: libc::c_long = 442;
    const MOUNT_ATTR_RDONLY: u64 = 1;
    #[repr(C)]
    struct Attributes {
        set: u64,
        clear: u64,
        propagation: u64,
        user_namespace: u64,
    }
    let attributes = Attributes {
        set: if read_only { MOUNT_ATTR_RDONLY } else { 0 },
        clear: if read_only { 0 } else { MOUNT_ATTR_RDONLY },
        propagation: 0,
        user_namespace: 0,
    };
    let fd = super::file::open_path(path, OFlag::O_PATH)?;
    // SAFETY: `attributes` is live and of the size given; the path is an empty, static string.
    let code = unsafe {
        libc::syscall(
            SYS_MOUNT_SETATTR,
            fd.as_raw_fd(),
            c"".as_ptr(),
            depth | libc::AT_EMPTY_PATH,
            &raw const attributes,
            size_of::<Attributes>(),
        )
    };
    if code == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}

/// Gives up all capabilities of the namespace just made, so that modes bind again.
fn drop_capabilities() -> io::Result<()> {
    #[repr(C)]
    struct Header {
        version: u32,
        pid: i32,
    }
    const VERSION_3: u32 = 0x2008_0522;
    let header = Header {
        version: VERSION_3,
        pid: 0,
    };
    let nothing = [0_u32; 6];
    // SAFETY: header and data are live and of the sizes that version 3 demands.
    let code = unsafe { libc::syscall(libc::SYS_capset, &raw const header, nothing.as_ptr()) };
    if code == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}
