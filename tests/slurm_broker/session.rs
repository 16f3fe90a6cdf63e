//! A whole session with fake clients on its path: shim, supervisor and broker together.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use crate::guard::bench::{Bench, PATH, is_root, skip};
use crate::guard::running::{Ran, Running, children, within};

/// Tries everything that would take the door away, then goes through it.
const KEEPS: &str = r#"
import os, shutil, socket, subprocess
door = os.path.dirname(shutil.which("squeue"))
scratch = os.path.dirname(door)
rival = socket.socket(socket.AF_UNIX)
tries = [
    lambda: os.unlink(door + "/.hlrp-broker"),
    lambda: os.rename(door + "/.hlrp-broker", door + "/x"),
    lambda: os.rename(door + "/.hlrp-broker", scratch + "/x"),
    lambda: os.link(door + "/.hlrp-broker", scratch + "/x"),
    lambda: os.unlink(door + "/squeue"),
    lambda: os.rename(door, scratch + "/x"),
    lambda: os.rename(scratch, "/tmp/moved"),
    lambda: os.chmod(door, 0o700),
    lambda: os.chmod(door + "/.hlrp-broker", 0),
    lambda: os.symlink("/bin/true", door + "/x"),
    lambda: open(door + "/x", "x"),
    lambda: rival.bind(door + "/rival"),
]
for number, attempt in enumerate(tries):
    try:
        attempt()
        print("done", number)
    except OSError:
        pass
print(subprocess.run(["squeue"], capture_output=True, text=True).stdout, end="")
"#;

/// A bench whose machine has fake clients, and is a login node by them.
struct Cluster(Bench);

impl Cluster {
    /// Returns none where real clients, which are preferred, lie on the machine and the fakes cannot be root's.
    fn new(test: &str, fakes: &[(&str, &str)]) -> Option<Self> {
        if !is_root() && Path::new("/usr/bin/squeue").exists() {
            skip(
                test,
                "Slurm is installed, and only root can put fakes before it",
            );
            return None;
        }
        let bench = Bench::new();
        let directory = bench.path("clients");
        fs::create_dir(&directory).unwrap();
        for (name, script) in [("sbatch", "exit 1")].iter().chain(fakes) {
            let path = directory.join(name);
            fs::write(&path, format!("#!/bin/bash\n{script}\n")).unwrap();
            fs::set_permissions(&path, Permissions::from_mode(0o755)).unwrap();
        }
        Some(Self(bench))
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.0.shell(arguments);
        command.env("PATH", self.path());
        command
    }

    fn path(&self) -> String {
        format!("{}:{PATH}", self.0.path("clients").display())
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        Running::start(&mut self.command(arguments)).end()
    }

    /// Runs Python in a session.
    fn python(&self, text: &str) -> Ran {
        self.0.file("home/try.py", text);
        self.run(&["run", "--", "/usr/bin/python3", "try.py"])
    }
}

#[test]
fn a_name_on_the_path_is_the_real_client_run_outside() {
    let fake = "grep -q '^Seccomp:.0' /proc/self/status && echo outside \"$@\"; exit 4";
    let Some(cluster) = Cluster::new("slurm_broker", &[("squeue", fake)]) else {
        return;
    };
    cluster
        .run(&["-c", "squeue --me"])
        .ended(4)
        .said("outside --me\n");
    cluster
        .run(&["run", "--", "squeue", "x"])
        .ended(4)
        .said("outside x\n");
    let piped = "printf '%s\\n' a | xargs squeue | tr a-z A-Z";
    cluster.run(&["-c", piped]).ended(0).said("OUTSIDE A\n");
}

#[test]
fn a_client_that_dies_of_a_signal_takes_the_shim_with_it() {
    let Some(cluster) = Cluster::new("slurm_broker", &[("squeue", "kill -USR1 $$")]) else {
        return;
    };
    cluster.run(&["-c", "squeue; echo $?"]).said("138\n");
}

#[test]
fn a_client_in_a_root_is_not_the_brokers() {
    let Some(cluster) = Cluster::new("slurm_broker", &[("squeue", "echo real")]) else {
        return;
    };
    let forged = cluster
        .0
        .file("home/bin/squeue", "#!/bin/sh\ntouch ~/escaped\n");
    fs::set_permissions(&forged, Permissions::from_mode(0o755)).unwrap();
    let mut command = cluster.command(&["-c", "squeue"]);
    let path = format!(
        "{}:{}:{PATH}",
        forged.parent().unwrap().display(),
        cluster.0.path("clients").display()
    );
    command.env("PATH", path);
    Running::start(&mut command).end().ended(0).said("real\n");
    assert!(!cluster.0.path("home/escaped").exists());
}

#[test]
fn the_broker_cannot_be_moved_replaced_or_shut_out() {
    let Some(cluster) = Cluster::new("slurm_broker", &[("squeue", "echo real")]) else {
        return;
    };
    let ran = cluster.python(KEEPS);
    ran.ended(0).said("real\n");
}

#[test]
fn every_level_has_its_broker_and_keeps_it() {
    let Some(cluster) = Cluster::new("slurm_broker", &[("squeue", "echo real")]) else {
        return;
    };
    cluster.0.file("home/try.py", KEEPS);
    for hidden in [
        &[] as &[&str],
        &["--no-landlock"],
        &["--no-landlock", "--no-namespaces"],
    ] {
        let words = ["run", "--", "/usr/bin/python3", "try.py"];
        let mut command = cluster.0.hiding(hidden, &words);
        command.env("PATH", cluster.path());
        Running::start(&mut command).end().ended(0).said("real\n");
    }
}

#[test]
fn a_link_to_the_door_leads_to_the_same_broker_and_a_rival_nowhere() {
    let Some(cluster) = Cluster::new("slurm_broker", &[("squeue", "echo real")]) else {
        return;
    };
    let ran = cluster.python(
        r#"
import os, shutil, socket, subprocess, threading
door = os.path.dirname(shutil.which("squeue"))
mine = os.path.join(os.environ["TMPDIR"], "mine")
os.mkdir(mine)
os.symlink(door + "/squeue", mine + "/squeue")
os.symlink(door + "/.hlrp-broker", mine + "/.other")
link = socket.socket(socket.AF_UNIX)
link.connect(mine + "/.other")
link.close()
print(subprocess.run([mine + "/squeue"], capture_output=True, text=True).stdout, end="")
rival = socket.socket(socket.AF_UNIX)
rival.bind(mine + "/.hlrp-broker")
rival.listen()
answer = subprocess.run([mine + "/squeue"], capture_output=True, text=True)
print(answer.returncode, answer.stdout, end="")
"#,
    );
    // Of two sockets with one name only the one that the supervisor knows is reached.
    ran.ended(0).said("real\n69 ");
}

#[test]
fn a_killed_shim_takes_its_client_with_it_and_a_dead_broker_is_said_to_be_dead() {
    let Some(cluster) = Cluster::new(
        "slurm_broker",
        &[("squeue", "echo $$ > \"$HOME/client\"; exec sleep 60")],
    ) else {
        return;
    };
    let line = "squeue & shim=$!; while ! [ -s client ]; do sleep 0.02; done; kill -KILL $shim; wait $shim; echo $?; while ! [ -e go ]; do sleep 0.02; done; squeue; echo $?";
    let mut running = Running::start(&mut cluster.command(&["-c", line]));
    let note = cluster.0.path("home/client");
    let client = within("no client", || {
        let text = fs::read_to_string(&note).ok()?;
        text.trim().parse::<i32>().ok()
    });
    within("the client lives on", || {
        fs::read_link(format!("/proc/{client}/exe")).err()
    });
    assert!(running.is_running());
    // The broker is what else descends from the front; the supervisor came first.
    let front = running.front();
    let supervisor = running.members().0;
    let broker = broker_of(front, supervisor);
    Running::signal(broker, libc::SIGKILL);
    cluster.0.file("home/go", "");
    let ran = running.end();
    assert_eq!(ran.out, "137\n69\n", "{}", ran.err);
    assert!(ran.err.contains("does not answer"), "{}", ran.err);
}

/// Finds the broker: it has the supervisor's name, and was orphaned to the front or to whoever adopts orphans.
fn broker_of(front: i32, supervisor: i32) -> i32 {
    let beside = children(front)
        .into_iter()
        .find(|child| *child != supervisor);
    beside.unwrap_or_else(|| {
        let command = fs::read(format!("/proc/{supervisor}/cmdline")).unwrap();
        let processes = fs::read_dir("/proc").unwrap().flatten();
        let numbers = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
        numbers
            .filter(|process| ![front, supervisor].contains(process))
            .find(|process| {
                fs::read(format!("/proc/{process}/cmdline")).is_ok_and(|found| found == command)
            })
            .unwrap()
    })
}

#[test]
fn neither_key_nor_other_configuration_reaches_a_client() {
    let fake = "echo \"[$SLURM_JWT$SLURM_CONF$LD_LIBRARY_PATH$MUNGE_SOCKET]\"";
    let Some(cluster) = Cluster::new("slurm_broker", &[("squeue", fake)]) else {
        return;
    };
    let line = "SLURM_CONF=/x LD_LIBRARY_PATH=/x MUNGE_SOCKET=/x SLURM_JWT=x squeue; echo \"<$SLURM_JWT>\"";
    let mut command = cluster.command(&["-c", line]);
    command.env("SLURM_JWT", "secret");
    Running::start(&mut command).end().ended(0).said("[]\n<>\n");
}

#[test]
fn nothing_is_left_when_the_session_has_gone() {
    let Some(cluster) = Cluster::new("slurm_broker", &[("squeue", "echo real")]) else {
        return;
    };
    let ran = cluster.run(&["-c", "squeue; echo $TMPDIR"]).ended(0);
    let scratch = ran.out.lines().nth(1).unwrap().to_owned();
    within("the scratch stays", || {
        (!Path::new(&scratch).exists()).then_some(())
    });
}
