//! A place on the login node for one test: a directory of its own in the user's home, and what the user types there.

use std::cell::Cell;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::cluster::{Cluster, HOME, USER};
use crate::guard::running::{Ran, Running};

/// Options for a small job that starts at once.
pub const SMALL: &str = "-p lrz-cpu --qos=cpu -t 2 --mem=300";
/// All jobs that Slurm still knows.
const QUEUE: &str = "squeue -h -a -t all -o '%A|%j|%T'";
/// How long a command on the login node may take.
const PATIENCE: u64 = 90;
/// How long a job may take that does not wait for anything.
const JOB: Duration = Duration::from_secs(90);

/// One test's place on the login node.
pub struct Desk {
    pub cluster: Cluster,
    /// The directory, as this machine sees it.
    directory: TempDir,
    /// What is typed goes through `hlrp-sh remote ai`.
    is_far: bool,
}

thread_local! {
    static IS_FAR: Cell<bool> = const { Cell::new(false) };
}

/// Runs a test whose user sits at another machine.
pub fn from_afar(test: fn()) {
    IS_FAR.set(true);
    test();
}

impl Desk {
    /// Sits down; `None` where there can be no cluster, and the skip is said.
    pub fn new(name: &str) -> Option<Self> {
        let cluster = Cluster::join(name)?;
        let desks = cluster.path("home/desks");
        fs::create_dir_all(&desks).unwrap();
        cluster.give(&desks);
        let directory = tempfile::Builder::new()
            .prefix(&format!("{name}-"))
            .tempdir_in(&desks)
            .unwrap();
        cluster.give(directory.path());
        let is_far = IS_FAR.get();
        if is_far {
            cluster.introduce();
        }
        Some(Self {
            cluster,
            directory,
            is_far,
        })
    }

    /// Returns a word that only this test's jobs have in their names.
    pub fn tag(&self) -> String {
        let name = self.directory.path().file_name().unwrap();
        name.to_str().unwrap().to_owned()
    }

    /// Returns the place as the machines of the cluster see it.
    pub fn place(&self, name: &str) -> String {
        let place = format!("{HOME}/desks/{}/{name}", self.tag());
        place.trim_end_matches('/').to_owned()
    }

    /// Returns the place as this machine sees it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Makes a file of the user's; returns where the machines see it.
    pub fn file(&self, name: &str, text: &str) -> String {
        let path = self.path(name);
        let missing: Vec<&Path> = path
            .ancestors()
            .skip(1)
            .take_while(|directory| !directory.exists())
            .collect();
        for directory in missing.into_iter().rev() {
            fs::create_dir(directory).unwrap();
            self.cluster.give(directory);
        }
        fs::write(&path, text).unwrap();
        self.cluster.give(&path);
        self.place(name)
    }

    /// Puts a file or directory of `tests/slurm` here.
    pub fn material(&self, name: &str) -> String {
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/slurm");
        self.copy(&from, name);
        self.place(name)
    }

    /// Copies a tree that lies below `from`.
    pub fn copy(&self, from: &Path, name: &str) {
        let path = from.join(name);
        if !path.is_dir() {
            self.file(name, &fs::read_to_string(&path).unwrap());
            return;
        }
        for entry in path.read_dir().unwrap() {
            let entry = entry.unwrap().file_name();
            self.copy(from, &format!("{name}/{}", entry.to_str().unwrap()));
        }
    }

    /// Returns what a file holds; nothing where there is none.
    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_default()
    }

    /// Makes a directory of the user's outside the roots; returns it as the machines and as this machine see it.
    pub fn elsewhere(&self) -> (String, PathBuf) {
        let name = format!("dss/group/elsewhere-{}", self.tag());
        let path = self.cluster.path(&name);
        fs::create_dir(&path).unwrap();
        self.cluster.give(&path);
        (format!("/{name}"), path)
    }

    /// Returns a command of the user's on a machine, in this place.
    pub fn on(&self, machine: &str, words: &[&str]) -> Command {
        let mut command = self.cluster.on(machine, USER);
        command.args(["env", "-C", &self.place("")]).args(words);
        command
    }

    /// Runs a line natively on the login node, without the program under test.
    pub fn natively(&self, line: &str) -> Ran {
        run(&mut self.on("login01", &["bash", "-c", line]))
    }

    /// Runs a line on the login node in a session of the program under test.
    pub fn guarded(&self, line: &str) -> Ran {
        run(&mut self.on("login01", &["hlrp-sh", "-c", line]))
    }

    /// Runs the program under test on the login node.
    pub fn hlrp(&self, words: &[&str]) -> Ran {
        self.hlrp_in("", words)
    }

    /// Runs the program under test in a directory of this place.
    pub fn hlrp_in(&self, name: &str, words: &[&str]) -> Ran {
        if self.is_far {
            return run(&mut self.remote(name, words));
        }
        let mut command = self.cluster.on("login01", USER);
        command.args(["env", "-C", &self.place(name), "hlrp-sh"]);
        run(command.args(words))
    }

    /// Returns a command of the program under test on another machine, for this place on the login node.
    pub fn remote(&self, name: &str, words: &[&str]) -> Command {
        let place = self.place(name);
        let mut all = vec![
            "env", "-C", "/", "hlrp-sh", "remote", "ai", "-C", &place, "--",
        ];
        all.extend(words);
        let mut command = self.cluster.on("mcml-hgx-a100-001", USER);
        command.args(all);
        command
    }

    /// Runs a line over ssh in a session of the program under test.
    pub fn over_ssh(&self, line: &str) -> Ran {
        let mut command = Command::new("ssh");
        let quoted = line.replace('\'', r"'\''");
        command
            .arg("-F")
            .arg(self.cluster.path("ssh_config"))
            .arg("ai")
            .arg(format!(
                "cd {} && exec hlrp-sh -c '{quoted}'",
                self.place("")
            ));
        run(command.stdin(std::process::Stdio::null()))
    }

    /// Returns this test's jobs, those whose names begin with its word: `ID|NAME|STATE`.
    pub fn queued(&self) -> Vec<String> {
        let ran = self.natively(QUEUE).ended(0);
        self.own(&ran)
    }

    fn own(&self, queue: &Ran) -> Vec<String> {
        let tag = self.tag();
        let named = |line: &&str| line.split('|').nth(1).is_some_and(|n| n.starts_with(&tag));
        queue.out.lines().filter(named).map(str::to_owned).collect()
    }

    /// Returns the state and exit of a job and of its tasks: `COMPLETED 0:0`.
    pub fn states(&self, job: &str) -> Vec<String> {
        let said = self.natively(&format!("scontrol -o show job {job}")).out;
        let field = |line: &str, name: &str| {
            let mut fields = line.split_whitespace();
            fields
                .find_map(|field| field.strip_prefix(name))
                .unwrap_or_default()
                .to_owned()
        };
        let mut states: Vec<String> = said
            .lines()
            .map(|line| format!("{} {}", field(line, "JobState="), field(line, "ExitCode=")))
            .collect();
        states.sort();
        states
    }

    /// Waits until a job is in this state.
    pub fn until(&self, job: &str, state: &str) {
        self.wait(job, JOB, |states| {
            states.iter().all(|found| found.starts_with(state))
        });
    }

    /// Waits until a job and all of its tasks have ended; returns their states.
    pub fn ended(&self, job: &str) -> Vec<String> {
        self.ended_within(job, JOB)
    }

    /// Waits that long.
    pub fn ended_within(&self, job: &str, patience: Duration) -> Vec<String> {
        self.wait(job, patience, |states| {
            let is_alive = |state: &String| ALIVE.iter().any(|word| state.starts_with(word));
            !states.iter().any(is_alive)
        })
    }

    fn wait(
        &self,
        job: &str,
        patience: Duration,
        is_it: impl Fn(&[String]) -> bool,
    ) -> Vec<String> {
        let begin = Instant::now();
        loop {
            let states = self.states(job);
            assert!(!states.is_empty(), "Slurm does not know job {job}");
            if is_it(&states) {
                return states;
            }
            assert!(begin.elapsed() < patience, "job {job} stays {states:?}");
            thread::sleep(Duration::from_millis(300));
        }
    }
}

impl Drop for Desk {
    /// Nothing of this test's stays in the queue.
    fn drop(&mut self) {
        for line in self.own(&self.natively(QUEUE)) {
            let mut fields = line.split('|');
            if let (Some(job), Some(_), Some("PENDING" | "RUNNING")) =
                (fields.next(), fields.next(), fields.next())
            {
                let _ = self.on("login01", &["/usr/bin/scancel", job]).status();
            }
        }
    }
}

/// What a job is in that has not ended.
const ALIVE: [&str; 8] = [
    "COMPLETING",
    "CONFIGURING",
    "PENDING",
    "REQUEUED",
    "RUNNING",
    "STAGE_OUT",
    "SUSPENDED",
    "SIGNALING",
];

/// Runs a command and waits for its end.
pub fn run(command: &mut Command) -> Ran {
    Running::start(command).end_within(PATIENCE)
}

/// Returns the id of "Submitted batch job N".
pub fn submitted(ran: &Ran) -> String {
    let id = ran
        .out
        .trim_end()
        .strip_prefix("Submitted batch job ")
        .unwrap_or_else(|| panic!("no job: {}\n{}", ran.out, ran.err));
    assert!(id.chars().all(|c| c.is_ascii_digit()), "{id}");
    id.to_owned()
}
