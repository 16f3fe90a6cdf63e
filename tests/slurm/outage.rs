//! What is told when Slurm is not there: the controller, munge, or the clients themselves. These tests run alone.

use super::desk::{Desk, SMALL};

/// A daemon that is stopped, and starts again whatever becomes of the test.
struct Stopped<'a> {
    desk: &'a Desk,
    name: &'static str,
}

impl<'a> Stopped<'a> {
    fn new(desk: &'a Desk, name: &'static str) -> Self {
        desk.cluster.daemon("stop", name);
        Self { desk, name }
    }
}

impl Drop for Stopped<'_> {
    fn drop(&mut self) {
        self.desk.cluster.daemon("start", self.name);
    }
}

/// Holds that each command says that Slurm is not there, with status 69, and quickly enough.
fn is_unreachable(desk: &Desk, word: &str) {
    super::submission::project(desk);
    let commands = [
        &["submit", "experiment=quick"][..],
        &["jobs"],
        &["status", "1"],
        &["cancel", "1"],
    ];
    // Slurm's clients try for a while before they give up, so all of them try at once.
    std::thread::scope(|scope| {
        for words in commands {
            scope.spawn(move || {
                let ran = desk.hlrp_in("project", words);
                assert_eq!(ran.code(), 69, "{words:?}\n{}\n{}", ran.out, ran.err);
                assert!(ran.err.contains(word), "{words:?}\n{}", ran.err);
            });
        }
    });
    let manifests = super::submission::manifests(desk);
    assert_eq!(manifests, [""; 0], "nothing is queued, nothing is kept");
}

/// In a session the clients fail as they do natively.
fn fails_as_natively(desk: &Desk) {
    let line = format!("sbatch {SMALL} -J {} --wrap true", desk.tag());
    let natively = desk.natively(&line);
    let guarded = desk.guarded(&line);
    assert_ne!(guarded.code(), 0, "{}", guarded.out);
    assert_eq!(
        guarded.code(),
        natively.code(),
        "{}\n{}",
        natively.err,
        guarded.err
    );
    assert_eq!(guarded.err, natively.err);
}

#[test]
fn a_stopped_controller_is_told() {
    let Some(desk) = Desk::new("no-controller") else {
        return;
    };
    {
        let _stopped = Stopped::new(&desk, "slurmctld");
        fails_as_natively(&desk);
        is_unreachable(&desk, "Unable to contact slurm controller");
    }
    assert_eq!(desk.queued(), [""; 0]);
}

#[test]
fn a_stopped_munge_is_told() {
    let Some(desk) = Desk::new("no-munge") else {
        return;
    };
    {
        let _stopped = Stopped::new(&desk, "munged");
        fails_as_natively(&desk);
        is_unreachable(&desk, "munge");
    }
    assert_eq!(desk.queued(), [""; 0]);
}

/// The watcher does not give up while the controller is away, and the race is decided all the same.
#[test]
fn a_race_goes_on_where_the_controller_restarts() {
    let Some(desk) = super::race::racing("race-restart") else {
        return;
    };
    let (lrz, mcml) = ("lrz-hgx-h100-94x4", "mcml-hgx-h100-94x4");
    let mut fillers = super::race::filled(&desk, mcml, "mcml");
    fillers.extend(super::race::filled(&desk, lrz, "normal"));
    let words = ["experiment=sleep8", "--clusters", "lrz,mcml"];
    let jobs = super::race::jobs_of(&super::race::race(&desk, &words).ended(0));
    desk.natively(&format!("scancel {}", fillers.join(" ")))
        .ended(0);
    {
        let _stopped = Stopped::new(&desk, "slurmctld");
        std::thread::sleep(std::time::Duration::from_secs(5));
    }
    let winner = super::race::owner(&desk);
    for job in &jobs {
        desk.ended(job);
    }
    assert_eq!(super::race::trained_once(&desk, "0"), winner);
}

/// The clients are hidden from one machine, by mounting an empty file over each.
#[test]
fn missing_clients_are_told() {
    let Some(desk) = Desk::new("no-clients") else {
        return;
    };
    super::submission::project(&desk);
    let hide = "for client in sbatch srun salloc scancel squeue sacct sinfo scontrol; do \
        mount --bind /dev/null /usr/bin/$client; done; \
        exec setpriv --reuid hlrp --regid hlrp --init-groups env HOME=/home/hlrp HLRP_DSS=/dss/group/hlrp ";
    for words in ["submit experiment=quick", "jobs", "cancel 1"] {
        let line = format!("{hide} /home/hlrp/.local/bin/hlrp-sh {words}");
        let mut command = desk.cluster.on("login01", "root");
        command.args(["env", "-C", &desk.place("project"), "unshare", "--mount"]);
        let ran = super::desk::run(command.args(["bash", "-c", &line]));
        assert_eq!(ran.code(), 69, "{words}\n{}\n{}", ran.out, ran.err);
    }
    assert_eq!(super::submission::manifests(&desk), [""; 0]);
}

/// What nobody confirms is a login node: a job that began before, too.
#[test]
fn without_a_controller_or_munge_every_machine_is_a_login_node() {
    let Some(desk) = Desk::new("no-word") else {
        return;
    };
    for name in ["slurmctld", "munged"] {
        let script = format!(
            "#!/bin/bash\nhlrp-sh context --json > before-{name}\nuntil [ -e go-{name} ]; do sleep 0.2; done\n\
             hlrp-sh context --json > without-{name}\ntouch done-{name}\n"
        );
        desk.file("job.sh", &script);
        let line = format!("sbatch {SMALL} -J {} -o job.out job.sh", desk.tag());
        let job = super::desk::submitted(&desk.natively(&line));
        let holds = |file: &str, class: &str| {
            let text = desk.read(file);
            text.contains(&format!("\"class\":\"{class}\""))
                || text.contains(&format!("\"class\": \"{class}\""))
        };
        crate::guard::running::within("the job begins", || {
            holds(&format!("before-{name}"), "compute").then_some(())
        });
        {
            let _stopped = Stopped::new(&desk, name);
            desk.file(&format!("go-{name}"), "");
            crate::guard::running::within("the job goes on", || {
                desk.path(&format!("done-{name}")).exists().then_some(())
            });
            let here = desk.hlrp(&["context", "--json"]);
            assert!(here.out.contains("login"), "{}", here.out);
        }
        let text = desk.read(&format!("without-{name}"));
        assert!(holds(&format!("without-{name}"), "login"), "{text}");
        desk.ended(&job);
    }
}
