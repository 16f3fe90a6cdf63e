//! An sshd of our own for one test: unprivileged, on loopback, with one user whose shell the test chooses.

use std::fmt::Write;
use std::fs::File;
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use crate::guard::bench::{Bench, NOBODY, PATH, has, is_root, skip};
use crate::guard::running::{Ran, Running, within};

/// Gives the machine another list of users, in a mount namespace of its own, and becomes an sshd that ends with us.
const START: &str = r#"
mount --bind "$1/passwd" /etc/passwd && mount --bind "$1/group" /etc/group || exit 1
shift
exec setpriv --pdeathsig KILL --inh-caps=-all --ambient-caps=-all "$@""#;

/// A machine that can be reached by ssh, as `host`.
pub struct Door {
    pub bench: Bench,
    sshd: Child,
}

impl Door {
    /// Opens one whose user's shell is ours.
    pub fn open(name: &str) -> Option<Self> {
        Self::with(name, Bench::new(), |bench| bench.program())
    }

    /// Opens one whose user has this shell.
    pub fn with(name: &str, bench: Bench, shell: impl Fn(&Bench) -> PathBuf) -> Option<Self> {
        let programs = bench.program();
        let programs = format!("{}:", programs.parent().unwrap().display());
        Self::start(name, bench, shell, &programs)
    }

    /// Opens one with bash as login shell, where our program is not.
    pub fn without_program(name: &str) -> Option<Self> {
        Self::start(name, Bench::new(), |_| "/bin/bash".into(), "")
    }

    fn start(
        name: &str,
        bench: Bench,
        shell: impl Fn(&Bench) -> PathBuf,
        programs: &str,
    ) -> Option<Self> {
        if !has("sshd", name) || !has("ssh", name) || !may_mount(name) {
            return None;
        }
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        bench.place("ssh");
        for key in ["ssh/host", "ssh/key"] {
            let mut command = bench.command("ssh-keygen");
            command.args(["-q", "-t", "ed25519", "-N", "", "-f"]);
            Running::start(command.arg(bench.path(key))).end().ended(0);
        }
        write(&bench, &shell(&bench), port, programs);
        let log = File::create(bench.path("ssh/log")).unwrap();
        let mut command = unshare();
        command
            .args(["sh", "-c", START, "sh"])
            .arg(bench.path("ssh"));
        if is_root() {
            let user = NOBODY.to_string();
            command.args(["--reuid", &user, "--regid", &user, "--clear-groups"]);
        }
        let mut sshd = command
            .args(["/usr/sbin/sshd", "-D", "-e", "-f"])
            .arg(bench.path("ssh/sshd_config"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        within("sshd does not answer", || {
            let ended = sshd.try_wait().unwrap();
            assert!(ended.is_none(), "{}", bench.read("ssh/log"));
            TcpStream::connect(("127.0.0.1", port)).ok()
        });
        Some(Self { bench, sshd })
    }

    /// Returns a client's command (`ssh`, `scp`, `sftp`) that knows the machine.
    pub fn client(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = self.bench.command(program);
        command
            .current_dir(self.bench.path("ssh"))
            .arg("-F")
            .arg(self.bench.path("ssh/ssh_config"))
            .args(arguments);
        command
    }

    /// Runs a client.
    pub fn runs(&self, program: &str, arguments: &[&str]) -> Ran {
        Running::start(&mut self.client(program, arguments)).end()
    }

    /// Runs a line there.
    pub fn line(&self, line: &str) -> Ran {
        self.runs("ssh", &["host", line])
    }

    /// Returns a command of a user on this side whose ssh knows the machine: our program with these arguments.
    pub fn near(&self, arguments: &[&str]) -> Command {
        self.near_by(&self.bench.program(), arguments)
    }

    /// The same, with another program.
    pub fn near_by(&self, program: &std::path::Path, arguments: &[&str]) -> Command {
        let known = self.bench.read("ssh/ssh_config");
        self.bench.file("home/.ssh/config", &known);
        let mut command = unshare();
        command
            .args(["sh", "-c", START, "sh"])
            .arg(self.bench.path("ssh"));
        if is_root() {
            let user = NOBODY.to_string();
            command.args(["--reuid", &user, "--regid", &user, "--clear-groups"]);
        }
        // The namespace is made by root, in `/`; the session is the user's, at home.
        command
            .args(["sh", "-c", "cd; exec \"$@\"", "sh"])
            .arg(program)
            .args(arguments)
            .env("HOME", self.bench.home())
            .env("HLRP_DSS", self.bench.path("group"))
            .env("XDG_RUNTIME_DIR", self.runtime())
            .env("LANG", "C.UTF-8")
            .stdin(Stdio::null());
        command
    }

    /// Returns the user's runtime directory on this side, where open connections have their sockets.
    fn runtime(&self) -> PathBuf {
        let runtime = self.bench.place("run");
        std::fs::set_permissions(&runtime, PermissionsExt::from_mode(0o700)).unwrap();
        runtime
    }

    /// Runs a line in a session on this side.
    pub fn session(&self, line: &str) -> Ran {
        Running::start(&mut self.near(&["-c", line])).end()
    }

    /// Runs rsync over it.
    pub fn rsync(&self, arguments: &[&str]) -> Ran {
        let mut command = self.bench.command("rsync");
        let config = self.bench.path("ssh/ssh_config");
        command
            .current_dir(self.bench.path("ssh"))
            .args(["-a", "-e"])
            .arg(format!("ssh -F {}", config.display()))
            .args(arguments);
        Running::start(&mut command).end()
    }

    /// Returns what the user's stores keep, all of it.
    pub fn retained(&self) -> Vec<String> {
        let mut texts = Vec::new();
        let store = self.bench.path("home/.hlrp/retained");
        for session in std::fs::read_dir(store).into_iter().flatten().flatten() {
            for file in std::fs::read_dir(session.path()).unwrap().flatten() {
                texts.push(String::from_utf8_lossy(&std::fs::read(file.path()).unwrap()).into());
            }
        }
        texts
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        let _ = self.sshd.kill();
        let _ = self.sshd.wait();
    }
}

/// Begins a command in a mount namespace of its own.
fn unshare() -> Command {
    let mut command = Command::new("unshare");
    command.env_clear().env("PATH", PATH).current_dir("/");
    if !is_root() {
        command.args(["--user", "--map-current-user", "--keep-caps"]);
    }
    command.arg("--mount");
    command
}

fn may_mount(name: &str) -> bool {
    let tried = unshare().arg("true").output();
    let may = tried.is_ok_and(|output| output.status.success());
    if !may && is_root() {
        skip(name, "this root may not make namespaces");
    } else if !may {
        skip(name, "user namespaces are not allowed here");
    }
    may
}

/// Writes the users, and the configuration of both sides.
fn write(bench: &Bench, shell: &std::path::Path, port: u16, programs: &str) {
    let (user, group) = if is_root() {
        (NOBODY, NOBODY)
    } else {
        (
            nix::unistd::getuid().as_raw(),
            nix::unistd::getgid().as_raw(),
        )
    };
    let (home, shell) = (bench.home(), shell.display());
    let home = home.display();
    bench.file(
        "ssh/passwd",
        &format!("root:x:0:0::/root:/bin/sh\nme:x:{user}:{group}::{home}:{shell}\n"),
    );
    // Without a group `tty` a terminal is the user's, as it was made.
    bench.file("ssh/group", &format!("root:x:0:\nme:x:{group}:\n"));
    let directory = bench.path("ssh");
    let directory = directory.display();
    let dss = bench.path("group");
    let mut text = String::new();
    for line in [
        format!("Port {port}"),
        "ListenAddress 127.0.0.1".into(),
        format!("HostKey {directory}/host"),
        format!("AuthorizedKeysFile {directory}/key.pub {directory}/forced"),
        "StrictModes no".into(),
        "UsePAM no".into(),
        "PidFile none".into(),
        "PrintMotd no".into(),
        "PrintLastLog no".into(),
        "Subsystem sftp /usr/lib/openssh/sftp-server".into(),
        format!(
            "SetEnv HLRP_DSS={} LANG=C.UTF-8 PATH={programs}{PATH}",
            dss.display()
        ),
    ] {
        writeln!(text, "{line}").unwrap();
    }
    bench.file("ssh/sshd_config", &text);
    let key = bench.read("ssh/host.pub");
    bench.file("ssh/known", &format!("[127.0.0.1]:{port} {key}"));
    let mut text = String::from("Host host\n");
    for line in [
        "HostName 127.0.0.1".into(),
        format!("Port {port}"),
        "User me".into(),
        format!("IdentityFile {directory}/key"),
        "IdentitiesOnly yes".into(),
        format!("UserKnownHostsFile {directory}/known"),
        "LogLevel ERROR".into(),
    ] {
        writeln!(text, "    {line}").unwrap();
    }
    bench.file("ssh/ssh_config", &text);
}
