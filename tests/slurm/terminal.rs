//! Slurm's interactive programs on a real terminal, in a session: Ctrl-C, a shell in a job, an allocation.

use std::os::unix::fs::MetadataExt;
use std::process::Command;

use super::desk::{Desk, SMALL};
use crate::cli::terminal::Terminal;

/// Opens a bash on the login node, on a terminal of its own.
fn open(desk: &Desk) -> Terminal {
    let mut command = Command::new("setsid");
    command
        .args(["--ctty", "--wait"])
        .arg(desk.cluster.path("bin/on"))
        .args(["login01", "-u", super::cluster::USER, "env", "-C"])
        .args([&desk.place(""), "PS1=ready> ", "TERM=dumb"])
        .args(["bash", "--norc", "--noprofile", "-i"])
        .current_dir("/");
    let home = desk.cluster.path("home").metadata().unwrap();
    Terminal::open(command, Some(home.uid()))
}

#[test]
fn control_c_ends_srun_and_its_task_is_told() {
    let Some(desk) = Desk::new("control-c") else {
        return;
    };
    desk.file(
        "task.sh",
        "trap 'echo told > told; exit 3' INT\necho u''p\nfor i in $(seq 100); do sleep 0.2; done\n",
    );
    let line = format!("srun {SMALL} -J {} bash task.sh", desk.tag());
    for before in ["", "hlrp-sh run -- ", "hlrp-sh -c '"] {
        let _ = std::fs::remove_file(desk.path("told"));
        let mut terminal = open(&desk);
        let after = if before.ends_with('\'') { "'" } else { "" };
        terminal.keys(&format!("{before}{line}{after}\n"));
        terminal.shows("up\r\n");
        // srun wants it twice within a second.
        terminal.keys("\x03");
        terminal.shows("one more within 1 sec");
        terminal.keys("\x03");
        terminal.shows("sending Ctrl-C");
        terminal.shows("ready> ");
        terminal.keys("echo sta''tus $?\n");
        terminal.shows("status ");
        let shown = terminal.close();
        assert!(!shown.contains("status 0\r\n"), "{before}: {shown}");
    }
    crate::guard::running::within("a job stays", || {
        let queued = desk.queued();
        let alive = |line: &String| line.ends_with("|RUNNING") || line.ends_with("|PENDING");
        (!queued.iter().any(alive)).then_some(())
    });
}

#[test]
fn a_shell_in_a_job_has_a_terminal_and_the_law() {
    let Some(desk) = Desk::new("pty") else {
        return;
    };
    desk.file("precious.txt", "there\n");
    desk.file("verb.py", "print(\"r\" + \"m\")\n");
    let mut terminal = open(&desk);
    terminal.keys(&format!(
        "hlrp-sh run -- srun {SMALL} -J {} --pty bash --norc --noprofile -i\n",
        desk.tag()
    ));
    terminal.keys("PS1='with''in> '\n");
    terminal.shows("within> ");
    terminal.keys("test -t 0 && echo a term''inal on $(uname -n)\n");
    terminal.shows("a terminal on cpu-001\r\n");
    terminal.keys("$(python3 verb.py) -f precious.txt; echo sta''tus $?\n");
    terminal.shows("status 1\r\n");
    terminal.keys("sleep 100\n");
    std::thread::sleep(std::time::Duration::from_millis(500));
    terminal.keys("\x03");
    terminal.shows("within> ");
    terminal.keys("exit 6\n");
    terminal.shows("ready> ");
    terminal.keys("echo af''ter $?\n");
    terminal.shows("after 6\r\n");
    terminal.close();
    assert_eq!(desk.read("precious.txt"), "there\n");
}

#[test]
fn an_allocation_holds_a_shell_on_the_login_node() {
    let Some(desk) = Desk::new("salloc") else {
        return;
    };
    let mut terminal = open(&desk);
    terminal.keys(&format!(
        "hlrp-sh run -- salloc {SMALL} -J {} bash --norc --noprofile -i\n",
        desk.tag()
    ));
    terminal.keys("PS1='with''in> '\n");
    terminal.shows("within> ");
    terminal.keys("uname -n; srun uname -n\n");
    terminal.shows("login01\r\n");
    terminal.shows("cpu-001\r\n");
    terminal.shows("within> ");
    terminal.keys("exit 5\n");
    terminal.shows("ready> ");
    terminal.keys("echo af''ter $?\n");
    terminal.shows("after 5\r\n");
    terminal.close();
}
