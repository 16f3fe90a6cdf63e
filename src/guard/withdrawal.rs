//! How the processes beside a program let go of everything that is its caller's.

use nix::sys::signal::Signal;
use nix::unistd::{Pid, setpgid};

use crate::sys::{file, process};

/// Lets go of the terminal, the caller's descriptors and the foreground; signals stay blocked.
pub(super) fn withdraw() {
    let _ = setpgid(Pid::from_raw(0), Pid::from_raw(0));
    if let Ok(null) = file::open_at(file::cwd(), c"/dev/null", libc::O_RDWR, 0) {
        let _ = nix::unistd::dup2_stdin(&null);
        let _ = nix::unistd::dup2_stdout(&null);
        let _ = nix::unistd::dup2_stderr(&null);
    }
    file::close_handed_down();
    file::set_umask(0o077);
    let _ = process::become_undumpable();
    // Blocked signals still arrive in new threads' masks; those that would end or stop us are ignored for good.
    for signal in [
        Signal::SIGINT,
        Signal::SIGQUIT,
        Signal::SIGTSTP,
        Signal::SIGTTIN,
        Signal::SIGTTOU,
        Signal::SIGHUP,
        Signal::SIGTERM,
        Signal::SIGPIPE,
    ] {
        process::set_signal(signal, true);
    }
}
