//! Where the program believes it is, on real login and compute nodes, whatever a user sets, and what it keeps off a
//! login node by effect.

use std::collections::BTreeMap;

use super::desk::{Desk, SMALL, submitted};

/// Situations of `situations.sh` in which nothing that is outside can be believed.
fn is_doubtful(name: &str) -> bool {
    name.starts_with("namespace") || name.starts_with("container")
}

fn classes(text: &str) -> BTreeMap<String, String> {
    let lines = text.lines().filter_map(|line| line.split_once(' '));
    lines
        .map(|(name, class)| (name.to_owned(), class.to_owned()))
        .collect()
}

#[test]
fn on_a_login_node_every_situation_is_login() {
    let Some(desk) = Desk::new("context-login") else {
        return;
    };
    desk.material("situations.sh");
    let ran = desk.natively("bash situations.sh $PWD/forge").ended(0);
    let found = classes(&ran.out);
    assert!(found.len() >= 22, "{}", ran.out);
    for (name, class) in &found {
        assert_eq!(class, "login None", "{name}\n{}", ran.out);
    }
}

#[test]
fn in_a_job_every_situation_is_compute_but_those_in_doubt() {
    let Some(desk) = Desk::new("context-job") else {
        return;
    };
    desk.material("situations.sh");
    for (before, log) in [("", "batch.out"), ("srun", "srun.out")] {
        let script = format!(
            "#!/bin/bash\n#SBATCH -J {}\n#SBATCH -o {log}\n{before} bash situations.sh $PWD/forge-{log}\n",
            desk.tag()
        );
        desk.file("job.sh", &script);
        let job = submitted(&desk.natively(&format!("sbatch {SMALL} job.sh")));
        desk.ended(&job);
        let text = desk.read(log);
        let found = classes(&text);
        assert!(found.len() >= 22, "{text}");
        for (name, class) in &found {
            let expected = match is_doubtful(name) {
                true => "login None".to_owned(),
                false => format!("compute {job}"),
            };
            assert_eq!(*class, expected, "{log}: {name}\n{text}");
        }
    }
}

#[test]
fn every_way_into_a_job_is_told_from_the_login_node() {
    let Some(desk) = Desk::new("context-ways") else {
        return;
    };
    let name = desk.tag();
    let class = "hlrp-sh context --json | grep -o '\"class\": *\"[a-z]*\"' | tr -dc a-z:";
    let asks = |line: &str| desk.natively(line).out.trim().to_owned();
    desk.file("class.sh", &format!("#!/bin/bash\n{class}\n"));
    assert_eq!(asks("bash class.sh"), "class:login");
    assert_eq!(
        asks(&format!("srun {SMALL} -J {name} bash class.sh")),
        "class:compute"
    );
    // salloc's command stays where it was typed.
    assert_eq!(
        asks(&format!("salloc {SMALL} -J {name} bash class.sh")),
        "class:login"
    );
    assert_eq!(
        asks(&format!("salloc {SMALL} -J {name} srun bash class.sh")),
        "class:compute"
    );
    let job = submitted(&desk.natively(&format!(
        "sbatch {SMALL} -J {name} --array=1-2 -o array-%a.out class.sh"
    )));
    desk.ended(&job);
    for task in 1..=2 {
        let said = desk.read(&format!("array-{task}.out"));
        assert_eq!(said.trim(), "class:compute");
    }
    let over_ssh = desk.over_ssh("bash class.sh");
    assert!(over_ssh.out.contains("class:login"), "{}", over_ssh.out);
}

/// The law of the user of one test only: a home of its own.
fn with_law(desk: &Desk, law: &str, line: &str) -> crate::guard::running::Ran {
    desk.file(".config/hlrp-sh/policy.toml", law);
    let home = format!("HOME={}", desk.place(""));
    let mut command = desk.on("login01", &["env", &home, "hlrp-sh", "-c", line]);
    super::desk::run(&mut command)
}

const TWO_SECONDS: &str = "schema = 1\n[limits]\nlogin.cpu_seconds = 2\n";

#[test]
fn what_uses_too_much_cpu_on_a_login_node_is_ended_and_told() {
    let Some(desk) = Desk::new("cpu") else {
        return;
    };
    desk.file("burn.py", "while True:\n    pass\n");
    let many = "import subprocess\nwhile True:\n    subprocess.run(['python3', '-c', \
        'import time\\nwhile time.process_time() < 0.3: pass'])\n";
    desk.file("many.py", many);
    let deaf =
        "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nwhile True:\n    pass\n";
    desk.file("deaf.py", deaf);
    for (line, status) in [
        ("python3 burn.py", 143),
        ("python3 many.py", 143),
        ("python3 deaf.py", 137),
    ] {
        let ran = with_law(&desk, TWO_SECONDS, line);
        assert_eq!(ran.code(), status, "{line}\n{}", ran.err);
        assert!(ran.err.contains("stopped  train.login-node"), "{}", ran.err);
        assert!(ran.err.contains("more than 2 s of CPU"), "{}", ran.err);
        assert!(ran.err.contains("srun"), "{}", ran.err);
    }
    let audit = with_law(&desk, TWO_SECONDS, "hlrp-sh audit");
    assert!(audit.out.contains("burn.py"), "{}{}", audit.out, audit.err);
    assert!(audit.out.contains("cpu"), "{}", audit.out);
}

/// What calls itself a shell, and leaves its parent, is counted all the same.
#[test]
fn a_program_by_the_name_of_a_shell_is_no_shell() {
    let Some(desk) = Desk::new("cpu-name") else {
        return;
    };
    desk.file(
        "burn.py",
        "import time\nwhile time.process_time() < 20:\n    pass\nopen('through', 'x')\n",
    );
    let line =
        "cp $(readlink -f $(command -v python3)) bash; (setsid ./bash < burn.py &); sleep 12; ls";
    let ran = with_law(&desk, TWO_SECONDS, line);
    assert!(ran.err.contains("stopped  train.login-node"), "{}", ran.err);
    assert!(!ran.out.contains("through"), "{}", ran.out);
}

/// Below the limit, however long it takes, and however many there are one after the other in a shell.
#[test]
fn light_work_on_a_login_node_stays_untouched() {
    let Some(desk) = Desk::new("light") else {
        return;
    };
    desk.file(
        "Makefile",
        "all: a b c d\n%:\n\tpython3 -c 'import time; time.sleep(1)'; touch made-$@\n",
    );
    let ran = with_law(
        &desk,
        TWO_SECONDS,
        "make -j4 && python3 -m venv --without-pip v && sleep 3 && echo fine",
    );
    assert_eq!(ran.code(), 0, "{}", ran.err);
    assert!(ran.out.contains("fine"), "{}", ran.out);
}

#[test]
fn a_shell_outlives_what_is_ended_in_it() {
    let Some(desk) = Desk::new("cpu-shell") else {
        return;
    };
    desk.file(
        "some.py",
        "import time\nwhile time.process_time() < 1.5:\n    pass\n",
    );
    desk.file("burn.py", "while True:\n    pass\n");
    // bash reads lines here; each is a command of its own.
    let typed = "python3 some.py\npython3 some.py\npython3 some.py\necho three\npython3 burn.py\necho still $?\n";
    desk.file("typed", typed);
    let ran = with_law(&desk, TWO_SECONDS, "exec bash < typed");
    assert!(ran.out.contains("three"), "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("still 143"), "{}{}", ran.out, ran.err);
}

#[test]
fn a_gpu_of_a_login_node_cannot_be_opened() {
    let Some(desk) = Desk::new("gpu") else {
        return;
    };
    let directory = desk.path("devices");
    std::fs::create_dir(&directory).unwrap();
    for name in ["gpu0", "other"] {
        let path = directory.join(name);
        let made = std::process::Command::new("mknod")
            .args(["-m", "666"])
            .arg(&path)
            .args(["c", "1", "3"])
            .status()
            .unwrap();
        assert!(made.success());
    }
    let law = format!(
        "schema = 1\n[guarded]\naccelerators = [\"{}/gpu*\"]\n",
        desk.place("devices")
    );
    let open = "import os, sys\nfor name in ('gpu0', 'other'):\n    for flags in (os.O_RDONLY, os.O_WRONLY, os.O_RDWR):\n        \
        try:\n            os.close(os.open('devices/' + name, flags)); print(name, flags, 'opened')\n        \
        except OSError as fault: print(name, flags, fault.errno)\n";
    desk.file("open.py", open);
    let ran = with_law(
        &desk,
        &law,
        "python3 open.py; cat /etc/hostname /proc/self/comm",
    );
    assert!(
        ran.out
            .contains("gpu0 0 13\ngpu0 1 1\ngpu0 2 1\nother 0 opened"),
        "{}",
        ran.out
    );
    assert!(ran.out.ends_with("cat\n"), "{}", ran.out);
    assert!(ran.err.contains("train.login-node"), "{}", ran.err);
    assert!(ran.err.contains("srun --gres=gpu:1"), "{}", ran.err);
}
