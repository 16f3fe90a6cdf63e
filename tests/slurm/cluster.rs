//! One cluster for all tests, started by the first that needs it.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::guard::bench::{is_root, skip};

/// The user who submits.
pub const USER: &str = "hlrp";
/// The user's home on every machine.
pub const HOME: &str = "/home/hlrp";

/// The running cluster, with the program under test in the user's `~/.local/bin`.
#[derive(Clone)]
pub struct Cluster {
    directory: PathBuf,
}

impl Cluster {
    /// Finds it or starts it; where there can be none, says the test's skip.
    pub fn join(name: &str) -> Option<Self> {
        if !is_root() {
            skip(name, "starting a Slurm needs root");
            return None;
        }
        if !may_make_machines() {
            skip(name, "this root may not make namespaces");
            return None;
        }
        let missing = output(&mut script("packages"));
        if !missing.is_empty() {
            let missing = missing.replace('\n', " ");
            skip(
                name,
                &format!("these packages are missing: {}", missing.trim()),
            );
            return None;
        }
        let directory = std::env::var_os("HLRP_CLUSTER").unwrap_or("/var/tmp/hlrp-cluster".into());
        let cluster = Self {
            directory: directory.into(),
        };
        let lock = File::create(cluster.directory.with_extension("lock")).unwrap();
        lock.lock().unwrap();
        if !cluster.path("run/up").exists() || !cluster.answers() {
            output(script("up").arg(&cluster.directory));
        }
        cluster.install();
        Some(cluster)
    }

    /// Returns a path below the cluster's directory, as this machine sees it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    /// Returns whether control groups end what uses too much memory.
    pub fn has_control_groups(&self) -> bool {
        let text = fs::read_to_string(self.path("etc/slurm.conf")).unwrap();
        text.contains("proctrack/cgroup")
    }

    /// Returns a command on one of its machines, with a clean environment.
    pub fn on(&self, machine: &str, user: &str) -> Command {
        let mut command = Command::new(self.path("bin/on"));
        command
            .args([machine, "-u", user])
            .current_dir("/")
            .stdin(Stdio::null());
        command
    }

    /// Lets the user reach the login node by ssh as `ai`, from every machine.
    pub fn introduce(&self) {
        let lock = File::create(self.directory.with_extension("ssh-lock")).unwrap();
        lock.lock().unwrap();
        let place = self.path("home/.ssh");
        let config = place.join("config");
        if config.exists() {
            return;
        }
        fs::create_dir_all(&place).unwrap();
        for (name, mode) in [("id", 0o600), ("known_hosts", 0o644)] {
            let copy = place.join(name);
            fs::copy(self.path("ssh").join(name), &copy).unwrap();
            fs::set_permissions(&copy, Permissions::from_mode(mode)).unwrap();
            self.give(&copy);
        }
        fs::set_permissions(&place, Permissions::from_mode(0o700)).unwrap();
        self.give(&place);
        let text = fs::read_to_string(self.path("ssh_config")).unwrap();
        let own = self.path("ssh").display().to_string();
        fs::write(&config, text.replace(&own, "~/.ssh")).unwrap();
        self.give(&config);
    }

    /// Stops or starts a daemon.
    pub fn daemon(&self, verb: &str, name: &str) {
        output(script("daemon").arg(&self.directory).args([verb, name]));
    }

    /// Gives a file or a directory to the user.
    pub fn give(&self, path: &Path) {
        let home = self.path("home").metadata().unwrap();
        chown(path, Some(home.uid()), Some(home.gid())).unwrap();
    }

    fn answers(&self) -> bool {
        let mut ping = self.on("login01", USER);
        ping.args(["scontrol", "-Q", "ping"]);
        ping.status().is_ok_and(|status| status.success())
    }

    /// Puts the program where the user finds it.
    fn install(&self) {
        let program = match std::env::var_os("HLRP_STATIC") {
            Some(path) => PathBuf::from(path),
            None => PathBuf::from(env!("CARGO_BIN_EXE_hlrp-sh")),
        };
        self.put(&program, ".local/bin/hlrp-sh");
    }

    /// Puts a program into a place of the user's home, for all tests.
    pub fn bring(&self, program: &Path, place: &str) {
        let lock = File::create(self.directory.with_extension("lock")).unwrap();
        lock.lock().unwrap();
        self.put(program, place);
    }

    /// In one rename: another test may be running it.
    fn put(&self, program: &Path, place: &str) {
        let status = program.metadata().unwrap();
        let version = format!(
            "{} {} {}",
            status.len(),
            status.mtime(),
            status.mtime_nsec()
        );
        let stamp = self.path(&format!("installed-{}", place.replace('/', "-")));
        if fs::read_to_string(&stamp).is_ok_and(|found| found == version) {
            return;
        }
        let (directories, name) = place.rsplit_once('/').unwrap();
        let mut directory = self.path("home");
        for part in directories.split('/') {
            directory.push(part);
            fs::create_dir_all(&directory).unwrap();
            self.give(&directory);
        }
        let fresh = directory.join(format!("{name}.new"));
        fs::copy(program, &fresh).unwrap();
        fs::set_permissions(&fresh, Permissions::from_mode(0o755)).unwrap();
        self.give(&fresh);
        fs::rename(&fresh, directory.join(name)).unwrap();
        fs::write(&stamp, version).unwrap();
    }
}

fn may_make_machines() -> bool {
    let mut unshare = Command::new("unshare");
    unshare.args([
        "--uts",
        "--mount",
        "--pid",
        "--fork",
        "--mount-proc",
        "true",
    ]);
    unshare.stdout(Stdio::null()).stderr(Stdio::null());
    unshare.status().is_ok_and(|status| status.success())
}

fn script(name: &str) -> Command {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cluster");
    Command::new(directory.join(name))
}

/// Returns what a program says; its daemons must not hold a pipe of the test's, so what it tells goes to a file.
fn output(command: &mut Command) -> String {
    let told = tempfile::NamedTempFile::new().unwrap();
    let output = command
        .stdin(Stdio::null())
        .stderr(told.reopen().unwrap())
        .output()
        .unwrap();
    let told = fs::read_to_string(told.path()).unwrap();
    assert!(output.status.success(), "{command:?}\n{told}");
    String::from_utf8(output.stdout).unwrap()
}
