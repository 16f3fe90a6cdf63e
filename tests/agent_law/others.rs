//! Two sessions at once: neither reaches the other's scratch, processes, broker or files of state.

use std::fs;
use std::path::PathBuf;

use super::{Law, agent, world};
use crate::guard::bench::Bench;
use crate::guard::running::{Running, within};

/// Another session of the same user, while it runs.
struct Other {
    running: Running,
    scratch: PathBuf,
}

fn start(bench: &Bench) -> Other {
    let line = "echo kept > $TMPDIR/mine; echo $TMPDIR > where; mv where ready; exec sleep 60";
    let running = Running::start(&mut bench.shell(&["-c", line]));
    let scratch = within("the other session does not start", || {
        fs::read_to_string(bench.path("home/ready")).ok()
    });
    Other {
        running,
        scratch: scratch.trim().into(),
    }
}

#[test]
fn another_sessions_scratch_and_processes_are_out_of_reach() {
    let bench = world();
    let mut other = start(&bench);
    let law = Law::of(&bench);
    let (supervisor, program) = other.running.members();
    let scratch = other.scratch.display().to_string();
    let broker = other.scratch.join("bin/.hlrp-broker");
    let attempts = format!(
        r"
import ctypes, os, signal, socket
def attempt(name, *how):
    try: how[0](*how[1:]); print('done', name)
    except Exception as e: pass
scratch = '{scratch}'
attempt('write', lambda: open(scratch + '/mine', 'w').write('spoiled'))
attempt('append', lambda: open(scratch + '/mine', 'a').write('spoiled'))
attempt('create', lambda: open(scratch + '/planted', 'x'))
attempt('mkdir', os.mkdir, scratch + '/made')
attempt('unlink', os.unlink, scratch + '/mine')
attempt('rename', os.rename, scratch + '/mine', 'mine')
attempt('bring', os.rename, 'other.txt', scratch + '/other.txt')
attempt('chmod', os.chmod, scratch, 0o777)
attempt('link', os.symlink, '/', scratch + '/link')
def connect(path):
    s = socket.socket(socket.AF_UNIX); s.connect(path)
attempt('broker', connect, '{broker}')
for pid in ({supervisor}, {program}, {front}):
    attempt('kill', os.kill, pid, signal.SIGKILL)
    attempt('stop', os.kill, pid, signal.SIGSTOP)
    attempt('memory', lambda: open(f'/proc/{{pid}}/mem', 'r+b'))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.ptrace(16, pid, 0, 0) == 0: print('done ptrace')
",
        broker = broker.display(),
        front = other.running.front(),
    );
    let ran = agent(&bench, &["run", "--", "python3", "-c", &attempts]);
    assert_eq!(ran.out, "", "{}", ran.err);
    assert_eq!(
        fs::read_to_string(other.scratch.join("mine")).unwrap(),
        "kept\n"
    );
    assert_eq!(bench.read("home/other.txt"), "another\n");
    assert!(other.running.is_running());
    law.holds("another session", &bench);
    Running::signal(other.running.front(), libc::SIGTERM);
    other.running.end();
}

#[test]
fn another_session_is_not_undone_or_released_by_name() {
    let bench = world();
    let program = bench.program();
    let kept = bench.run(&["retained"]).ended(0).out;
    assert!(kept.contains("notes.txt"), "{kept}");
    let law = Law::of(&bench);
    for line in [
        format!(
            "{} retained release --session $(ls ~/.hlrp/retained)",
            program.display()
        ),
        format!(
            "{} archive ~/.hlrp ~/.config/hlrp-sh ~/.local/state/hlrp-sh",
            program.display()
        ),
        format!("{} archive ~/.claude/settings.json", program.display()),
    ] {
        agent(&bench, &["-c", &line]);
        agent(&bench, &["run", "--", "bash", "-c", &line]);
        law.holds(&line, &bench);
    }
    assert!(bench.run(&["retained"]).ended(0).out.contains("notes.txt"));
}
